//! A namespace with a connection, and the controller of connections running for it in this process.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt as _, future};
use k8s_openapi::api::{core::v1::Secret, events::v1::Event};
use kube::{
    Api, Client,
    api::{ListParams, Patch, PatchParams},
    runtime::events::Reporter,
};
use serde_json::{Value, json};
use tokio::{sync::OnceCell, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use xopero_operator::{
    api::{Reason, XoperoConnection, XoperoConnectionStatus},
    controllers::{
        connection::{self, Context},
        connections::{Connected, Connections, Surroundings, Usable},
        events::Events,
        metrics::Metrics,
        observed,
        watches::{OwnStatus, watch},
    },
};
use xtask::{control_plane::ControlPlane, operator, wait::until_found};

/// Far more than anything here takes, also while the machine compiles.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

pub(super) const EMAIL: &str = "operator@example.com";

static INSTALLED: OnceCell<std::path::PathBuf> = OnceCell::const_new();

/// A namespace with the operator's rights.
pub(super) struct Place {
    pub(super) control_plane: ControlPlane,
    /// With all rights.
    pub(super) admin: Client,
    /// With the operator's.
    pub(super) operator: Client,
    pub(super) namespace: String,
}

impl Place {
    pub(super) async fn new(namespace: &str) -> Self {
        let control_plane = ControlPlane::shared().await.unwrap();
        let account = INSTALLED
            .get_or_init(async || {
                operator::install(&control_plane).await.unwrap();
                control_plane
                    .service_account_kubeconfig(operator::NAMESPACE, operator::ACCOUNT)
                    .await
                    .unwrap()
            })
            .await;
        let operator = control_plane.client_as(account).await.unwrap();
        let place = Self {
            admin: control_plane.client().await.unwrap(),
            operator,
            control_plane,
            namespace: namespace.to_owned(),
        };
        place
            .apply(&json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace },
            }))
            .await;
        place
    }

    pub(super) async fn apply(&self, object: &Value) {
        let input = object.to_string();
        let arguments = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
        let applied = self.control_plane.kubectl(&arguments, Some(&input)).await;
        applied.unwrap().success().unwrap();
    }

    /// Applies a connection with these fields of its spec beside the necessary ones.
    pub(super) async fn connect(&self, spec: &Value) -> XoperoConnection {
        let mut object = json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoConnection",
            "metadata": { "name": "acme", "namespace": self.namespace },
            "spec": {
                "url": "https://xopero.example.com",
                "credentialsSecretRef": { "name": "xopero" },
            },
        });
        for (key, value) in spec.as_object().unwrap() {
            object["spec"][key] = value.clone();
        }
        self.apply(&object).await;
        self.connections().get("acme").await.unwrap()
    }

    pub(super) async fn secret(&self, labels: Value, password: &str) -> Secret {
        self.apply(&json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "name": "xopero", "namespace": self.namespace, "labels": labels },
            "stringData": { "email": EMAIL, "password": password },
        }))
        .await;
        let secrets: Api<Secret> = Api::namespaced(self.admin.clone(), &self.namespace);
        secrets.get("xopero").await.unwrap()
    }

    pub(super) fn connections(&self) -> Api<XoperoConnection> {
        Api::namespaced(self.admin.clone(), &self.namespace)
    }

    pub(super) fn key(&self) -> observed::Place {
        observed::Place {
            namespace: self.namespace.clone(),
            name: "acme".to_owned(),
        }
    }

    pub(super) async fn annotate(&self, key: &str, value: Option<&str>) {
        let patch = json!({ "metadata": { "annotations": { key: value } } });
        self.connections()
            .patch("acme", &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
    }

    pub(super) async fn status(&self) -> XoperoConnectionStatus {
        let connection = self.connections().get("acme").await.unwrap();
        connection.status.unwrap_or_default()
    }

    /// The reasons of the events about the connection.
    pub(super) async fn events(&self) -> Vec<String> {
        let events: Api<Event> = Api::namespaced(self.admin.clone(), &self.namespace);
        let events = events.list(&ListParams::default()).await.unwrap();
        events
            .into_iter()
            .filter_map(|event| event.reason)
            .collect()
    }

    /// Starts the controller of connections for this namespace.
    pub(super) fn start(&self) -> Running {
        self.start_as(self.operator.clone())
    }

    pub(super) fn start_as(&self, client: Client) -> Running {
        let connections = Connections::new(Surroundings::default());
        let needed = Arc::new(Mutex::new(Some(Vec::new())));
        let stop = CancellationToken::new();
        let (_, watches) = watch(
            &client,
            std::slice::from_ref(&self.namespace),
            (|_| None, OwnStatus::Sleeps),
            |_| {},
        );
        let reporter = Reporter {
            controller: "xopero-operator".to_owned(),
            instance: None,
        };
        let asked = Arc::clone(&needed);
        let context = Context {
            events: Events::new(client.clone(), reporter),
            client,
            connections: connections.clone(),
            metrics: Arc::new(Metrics::default()),
            needed_by: Arc::new(move |_| future::ready(asked.lock().unwrap().clone()).boxed()),
            stop: stop.clone(),
        };
        let mut tasks = JoinSet::new();
        for watch in watches {
            tasks.spawn(connection::run(context.clone(), watch));
        }
        Running {
            key: self.key(),
            connections,
            needed,
            stop,
            tasks,
        }
    }
}

/// A controller that runs.
pub(super) struct Running {
    pub(super) key: observed::Place,
    pub(super) connections: Connections,
    pub(super) needed: Arc<Mutex<Option<Vec<String>>>>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: JoinSet<()>,
}

impl Running {
    /// Waits until the connection is offered as `condition` has it, asking for a look again and again.
    pub(super) async fn until<T>(
        &self,
        what: &str,
        mut condition: impl FnMut(Connected) -> Option<T>,
    ) -> T {
        eventually(what, async || {
            self.connections.request(&self.key);
            condition(self.connections.get(&self.key))
        })
        .await
    }

    pub(super) async fn until_usable(&self) -> Usable {
        let usable = |connected| match connected {
            Connected::Usable(usable) => Some(usable),
            Connected::Waiting { .. } | Connected::Unread | Connected::Missing => None,
        };
        self.until("the connection is usable", usable).await
    }

    pub(super) async fn until_waiting(&self, expected: Reason) -> String {
        let waiting = |connected| match connected {
            Connected::Waiting { reason, message } if reason == expected => Some(message),
            Connected::Waiting { .. }
            | Connected::Usable(_)
            | Connected::Unread
            | Connected::Missing => None,
        };
        self.until(expected.as_str(), waiting).await
    }

    pub(super) fn need(&self, organizations: &[&str]) {
        let organizations = organizations.iter().map(|&name| name.to_owned()).collect();
        *self.needed.lock().unwrap() = Some(organizations);
        self.connections.request(&self.key);
    }

    /// Ends in order: what is under way is finished.
    pub(super) async fn stop(mut self) {
        self.stop.cancel();
        let ended = timeout(PATIENCE, async {
            while self.tasks.join_next().await.is_some() {}
        });
        ended.await.unwrap();
    }
}

pub(super) async fn eventually<T>(what: &str, condition: impl AsyncFnMut() -> Option<T>) -> T {
    let found = until_found(PATIENCE, condition).await;
    found.unwrap_or_else(|| panic!("{what}: not within {} s", PATIENCE.as_secs()))
}

/// The condition of that type as `Status:Reason`.
pub(super) fn condition(status: &XoperoConnectionStatus, type_: &str) -> Option<String> {
    let mut conditions = status.conditions.iter();
    let found = conditions.find(|condition| condition.type_ == type_)?;
    Some(format!("{}:{}", found.status, found.reason))
}

pub(super) async fn until_condition(
    place: &Place,
    type_: &str,
    expected: &str,
) -> XoperoConnectionStatus {
    eventually(&format!("{type_} is {expected}"), async || {
        let status = place.status().await;
        (condition(&status, type_).as_deref() == Some(expected)).then_some(status)
    })
    .await
}

pub(super) fn consent() -> Value {
    json!({ "xopero.dev/credentials": "true" })
}

pub(super) fn observed(generation: i64) -> XoperoConnectionStatus {
    XoperoConnectionStatus {
        observed_generation: Some(generation),
        ..XoperoConnectionStatus::default()
    }
}
