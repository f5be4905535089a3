//! Connections, with the operator's own permissions and no more.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures::future::join_all;
use k8s_openapi::api::{core::v1::Secret, events::v1::Event};
use kube::{
    Api, Client,
    api::{DeleteParams, ListParams, Patch, PatchParams},
    runtime::events::{Recorder, Reporter},
};
use serde_json::{Value, json};
use tokio::{
    sync::OnceCell,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use xopero_operator::{
    api::{Reason, XoperoConnection, XoperoConnectionStatus, annotations::IN_USE},
    controllers::{
        connection::{self, Context},
        connections::{Connected, ConnectionKey, Connections, Surroundings, Usable},
        finalizers::{self, Outcome},
        metrics::Metrics,
        status::{Written, write_status},
        watches::watch,
    },
};
use xopero_simulator::{
    Simulator,
    builder::{organization, state, user},
};
use xtask::{control_plane::ControlPlane, operator};

/// Far more than anything here takes, also while the machine compiles.
const PATIENCE: Duration = Duration::from_mins(1);

const EMAIL: &str = "operator@example.com";

static INSTALLED: OnceCell<std::path::PathBuf> = OnceCell::const_new();

/// A namespace with the operator's rights.
struct Place {
    control_plane: ControlPlane,
    /// With all rights.
    admin: Client,
    /// With the operator's.
    operator: Client,
    namespace: String,
}

impl Place {
    async fn new(namespace: &str) -> Self {
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

    async fn apply(&self, object: &Value) {
        let input = object.to_string();
        let arguments = ["apply", "--server-side", "--force-conflicts", "-f", "-"];
        let applied = self.control_plane.kubectl(&arguments, Some(&input)).await;
        applied.unwrap().success().unwrap();
    }

    /// Applies a connection with these fields of its spec beside the necessary ones.
    async fn connect(&self, spec: &Value) -> XoperoConnection {
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

    async fn secret(&self, labels: Value, password: &str) -> Secret {
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

    fn connections(&self) -> Api<XoperoConnection> {
        Api::namespaced(self.admin.clone(), &self.namespace)
    }

    fn key(&self) -> ConnectionKey {
        ConnectionKey {
            namespace: self.namespace.clone(),
            name: "acme".to_owned(),
        }
    }

    async fn annotate(&self, key: &str, value: Option<&str>) {
        let patch = json!({ "metadata": { "annotations": { key: value } } });
        self.connections()
            .patch("acme", &PatchParams::default(), &Patch::Merge(patch))
            .await
            .unwrap();
    }

    async fn status(&self) -> XoperoConnectionStatus {
        let connection = self.connections().get("acme").await.unwrap();
        connection.status.unwrap_or_default()
    }

    /// The reasons of the events about the connection.
    async fn events(&self) -> Vec<String> {
        let events: Api<Event> = Api::namespaced(self.admin.clone(), &self.namespace);
        let events = events.list(&ListParams::default()).await.unwrap();
        events
            .into_iter()
            .filter_map(|event| event.reason)
            .collect()
    }

    /// Starts the controller of connections for this namespace.
    fn start(&self) -> Running {
        self.start_as(self.operator.clone())
    }

    fn start_as(&self, client: Client) -> Running {
        let connections = Connections::new(Surroundings::default());
        let needed = Arc::new(Mutex::new(Some(Vec::new())));
        let stop = CancellationToken::new();
        let (_, watches) = watch(
            &client,
            std::slice::from_ref(&self.namespace),
            |_| None,
            |_| {},
        );
        let reporter = Reporter {
            controller: "xopero-operator".to_owned(),
            instance: None,
        };
        let asked = Arc::clone(&needed);
        let context = Context {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            connections: connections.clone(),
            metrics: Arc::new(Metrics::default()),
            needed_by: Arc::new(move |_| asked.lock().unwrap().clone()),
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
struct Running {
    key: ConnectionKey,
    connections: Connections,
    needed: Arc<Mutex<Option<Vec<String>>>>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Running {
    /// Waits until the connection is offered as `condition` has it, asking for a look again and again.
    async fn until<T>(&self, what: &str, mut condition: impl FnMut(Connected) -> Option<T>) -> T {
        eventually(what, async || {
            self.connections.request(&self.key);
            condition(self.connections.get(&self.key))
        })
        .await
    }

    async fn until_usable(&self) -> Usable {
        let usable = |connected| match connected {
            Connected::Usable(usable) => Some(usable),
            Connected::Waiting { .. } | Connected::Unread | Connected::Missing => None,
        };
        self.until("the connection is usable", usable).await
    }

    async fn until_waiting(&self, expected: Reason) -> String {
        let waiting = |connected| match connected {
            Connected::Waiting { reason, message } if reason == expected => Some(message),
            Connected::Waiting { .. }
            | Connected::Usable(_)
            | Connected::Unread
            | Connected::Missing => None,
        };
        self.until(expected.as_str(), waiting).await
    }

    fn need(&self, organizations: &[&str]) {
        let organizations = organizations.iter().map(|&name| name.to_owned()).collect();
        *self.needed.lock().unwrap() = Some(organizations);
        self.connections.request(&self.key);
    }

    /// Ends in order: what is under way is finished.
    async fn stop(mut self) {
        self.stop.cancel();
        let ended = timeout(PATIENCE, async {
            while self.tasks.join_next().await.is_some() {}
        });
        ended.await.unwrap();
    }
}

async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: not within {} s",
            PATIENCE.as_secs()
        );
        sleep(Duration::from_millis(50)).await;
    }
}

/// The condition of that type as `Status:Reason`.
fn condition(status: &XoperoConnectionStatus, type_: &str) -> Option<String> {
    let mut conditions = status.conditions.iter();
    let found = conditions.find(|condition| condition.type_ == type_)?;
    Some(format!("{}:{}", found.status, found.reason))
}

async fn until_condition(place: &Place, type_: &str, expected: &str) -> XoperoConnectionStatus {
    eventually(&format!("{type_} is {expected}"), async || {
        let status = place.status().await;
        (condition(&status, type_).as_deref() == Some(expected)).then_some(status)
    })
    .await
}

fn consent() -> Value {
    json!({ "xopero.dev/credentials": "true" })
}

fn observed(generation: i64) -> XoperoConnectionStatus {
    XoperoConnectionStatus {
        observed_generation: Some(generation),
        ..XoperoConnectionStatus::default()
    }
}

#[tokio::test]
async fn the_status_of_another_object_is_not_written() {
    let place = Place::new("status-of-another").await;
    let api = Api::namespaced(place.operator.clone(), &place.namespace);
    let connection = place.connect(&json!({})).await;

    let written = write_status(&api, &connection, &observed(1)).await.unwrap();
    assert_eq!(written, Written::Changed);
    let read = api.get("acme").await.unwrap();
    let version = read.metadata.resource_version.clone();
    assert_eq!(
        write_status(&api, &read, &observed(1)).await.unwrap(),
        Written::Same
    );
    assert_eq!(
        api.get("acme").await.unwrap().metadata.resource_version,
        version
    );

    let mut another = read.clone();
    another.metadata.uid = Some("7e0c0a4e-0000-4000-8000-000000000000".to_owned());
    let written = write_status(&api, &another, &observed(2)).await.unwrap();
    assert_eq!(written, Written::Gone);
    assert_eq!(place.status().await, observed(1));

    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(
        write_status(&api, &read, &observed(2)).await.unwrap(),
        Written::Gone
    );
}

#[tokio::test]
async fn a_status_that_the_definition_refuses_is_an_error_and_not_gone() {
    let place = Place::new("status-refused").await;
    let api = Api::namespaced(place.operator.clone(), &place.namespace);
    let connection = place.connect(&json!({})).await;
    let names = vec!["x".to_owned(); 101];
    let status = XoperoConnectionStatus {
        conditions: serde_json::from_value(json!([{
            "type": "Ready", "status": "Perhaps", "reason": "Converged", "message": "m",
            "lastTransitionTime": "2026-11-25T00:00:00Z",
        }]))
        .unwrap(),
        organizations: names,
        ..XoperoConnectionStatus::default()
    };
    write_status(&api, &connection, &status).await.unwrap_err();
}

#[tokio::test]
async fn finalizers_of_many_writers_at_once_are_all_there_and_all_go() {
    let place = Place::new("finalizer-races").await;
    let api: Api<XoperoConnection> = Api::namespaced(place.operator.clone(), &place.namespace);
    // All of them know the object as it was before any finalizer.
    let stale = place.connect(&json!({})).await;
    let names = ["a", "b", "c"].map(|name| format!("xopero.dev/{name}"));

    let put_on = join_all(names.iter().map(|name| finalizers::add(&api, &stale, name))).await;
    for outcome in put_on {
        assert_eq!(outcome.unwrap(), Outcome::Changed);
    }
    let finalizers = async || {
        let mut list = api
            .get("acme")
            .await
            .unwrap()
            .metadata
            .finalizers
            .unwrap_or_default();
        list.sort();
        list
    };
    assert_eq!(finalizers().await, names);
    // The cache does not show it yet: it is there once, all the same.
    assert_eq!(
        finalizers::add(&api, &stale, &names[0]).await.unwrap(),
        Outcome::Same
    );
    assert_eq!(finalizers().await, names);

    let stale = api.get("acme").await.unwrap();
    let taken_off = join_all(
        names
            .iter()
            .map(|name| finalizers::remove(&api, &stale, name)),
    )
    .await;
    for outcome in taken_off {
        assert_eq!(outcome.unwrap(), Outcome::Changed);
    }
    assert!(finalizers().await.is_empty());
}

#[tokio::test]
async fn no_finalizer_is_put_on_what_is_being_deleted_or_gone() {
    let place = Place::new("finalizer-too-late").await;
    let api: Api<XoperoConnection> = Api::namespaced(place.operator.clone(), &place.namespace);
    let stale = place.connect(&json!({})).await;
    finalizers::add(&api, &stale, "xopero.dev/other")
        .await
        .unwrap();
    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();

    // Neither with a cache that does not know yet, nor with one that does.
    assert_eq!(
        finalizers::add(&api, &stale, IN_USE).await.unwrap(),
        Outcome::Deleting
    );
    let deleted = api.get("acme").await.unwrap();
    assert_eq!(
        finalizers::add(&api, &deleted, IN_USE).await.unwrap(),
        Outcome::Deleting
    );

    let outcome = finalizers::remove(&api, &deleted, "xopero.dev/other")
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::Changed);
    assert_eq!(api.get_opt("acme").await.unwrap(), None);
    assert_eq!(
        finalizers::add(&api, &stale, IN_USE).await.unwrap(),
        Outcome::Gone
    );
    assert_eq!(
        finalizers::remove(&api, &deleted, "xopero.dev/other")
            .await
            .unwrap(),
        Outcome::Gone
    );
    // Another object of the same name is left alone.
    let another = place.connect(&json!({})).await;
    assert_eq!(
        finalizers::add(&api, &stale, IN_USE).await.unwrap(),
        Outcome::Gone
    );
    assert_eq!(another.metadata.finalizers, None);
    assert_eq!(api.get("acme").await.unwrap().metadata.finalizers, None);
}

#[tokio::test]
async fn a_connection_waits_for_its_secret_and_for_its_consent() {
    let place = Place::new("consent").await;
    place.connect(&json!({})).await;
    let running = place.start();
    until_condition(&place, "Reconciling", "True:WaitingForSecret").await;

    place.secret(json!({}), "p").await;
    let message = running.until_waiting(Reason::SecretNotConsenting).await;
    until_condition(&place, "Stalled", "True:SecretNotConsenting").await;
    eventually("an event says so", async || {
        place
            .events()
            .await
            .contains(&"SecretNotConsenting".to_owned())
            .then_some(())
    })
    .await;
    // The way out that it names is one.
    let command = message
        .split("kubectl ")
        .nth(1)
        .unwrap()
        .split(". ")
        .next()
        .unwrap();
    let arguments: Vec<&str> = command.split_whitespace().collect();
    let labelled = place.control_plane.kubectl(&arguments, None).await.unwrap();
    labelled.success().unwrap();

    running.until_usable().await;
    let status = until_condition(&place, "Ready", "True:Converged").await;
    assert_eq!(condition(&status, "Stalled"), None);
    let text = serde_json::to_string(&place.connections().get("acme").await.unwrap()).unwrap();
    assert!(!text.contains(EMAIL), "{text}");

    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    running
        .until("it is forgotten", |connected| {
            matches!(connected, Connected::Missing).then_some(())
        })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn a_changed_password_is_used_within_fifteen_seconds_and_a_label_changes_nothing() {
    let world = state()
        .user(user(EMAIL, "first"))
        .with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let place = Place::new("rotation").await;
    let first = place.secret(consent(), "first").await;
    place.connect(&json!({ "url": simulator.url() })).await;
    let running = place.start();
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    let status = until_condition(&place, "Ready", "True:Converged").await;
    assert_eq!(status.credentials_version, first.metadata.resource_version);

    let labelled = place
        .secret(
            json!({ "xopero.dev/credentials": "true", "team": "platform" }),
            "first",
        )
        .await;
    eventually("the status follows the Secret", async || {
        running.connections.request(&running.key);
        let version = place.status().await.credentials_version;
        (version == labelled.metadata.resource_version).then_some(())
    })
    .await;
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    assert_eq!(
        simulator.summary().logins,
        1,
        "the token is used for its whole life"
    );

    simulator.set_password(EMAIL, "second").unwrap();
    place.secret(consent(), "second").await;
    let changed = Instant::now();
    // Nobody asks for a look here.
    eventually("the new password is used", async || {
        let Connected::Usable(usable) = running.connections.get(&running.key) else {
            return None;
        };
        usable.client.organizations().await.unwrap();
        (simulator.summary().logins == 2).then_some(())
    })
    .await;
    let took = changed.elapsed();
    assert!(took < Duration::from_secs(15), "it took {took:?}");
    eventually("an event says so", async || {
        place
            .events()
            .await
            .contains(&"CredentialsChanged".to_owned())
            .then_some(())
    })
    .await;
    running.stop().await;
}

#[tokio::test]
async fn a_rejected_login_stops_every_call_across_restarts() {
    let world = state()
        .user(user(EMAIL, "right"))
        .with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let place = Place::new("rejected").await;
    place.secret(consent(), "wrong").await;
    place.connect(&json!({ "url": simulator.url() })).await;
    let running = place.start();
    let error = running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap_err();
    running.connections.note_use(&running.key, Err(&error));
    until_condition(&place, "Stalled", "True:LoginRejected").await;
    let before = place.connections().get("acme").await.unwrap();
    running.stop().await;

    let restarted = place.start();
    restarted.until_waiting(Reason::LoginRejected).await;
    restarted.stop().await;
    // A restart that finds everything as it was writes nothing.
    assert_eq!(place.connections().get("acme").await.unwrap(), before);
    assert_eq!(simulator.summary().logins, 1);
    assert_eq!(
        place
            .events()
            .await
            .iter()
            .filter(|reason| *reason == "LoginRejected")
            .count(),
        1
    );

    let again = place.start();
    again.until_waiting(Reason::LoginRejected).await;
    place.secret(consent(), "right").await;
    again
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    let status = until_condition(&place, "Ready", "True:Converged").await;
    assert_eq!(status.rejected_login, None);
    again.stop().await;
}

#[tokio::test]
async fn an_instance_of_its_own_authority_is_trusted_by_its_bundle() {
    let world = state().user(user(EMAIL, "p")).with(organization("acme"));
    let simulator = Simulator::start_tls(world).unwrap();
    let place = Place::new("bundle").await;
    place.secret(consent(), "p").await;
    let bundle = json!({ "caBundleRef": { "kind": "ConfigMap", "name": "ca", "key": "ca.crt" } });
    place
        .connect(&json!({ "url": simulator.url(), "tls": bundle }))
        .await;
    let running = place.start();
    running.until_waiting(Reason::WaitingForSecret).await;
    let map = |text: &str| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": { "name": "ca", "namespace": place.namespace },
            "data": { "ca.crt": text },
        })
    };
    place.apply(&map("no certificate")).await;
    running.until_waiting(Reason::CertificateInvalid).await;
    until_condition(&place, "Stalled", "True:CertificateInvalid").await;
    place.apply(&map(simulator.ca_pem().unwrap())).await;
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_is_needed_is_kept_and_works_until_it_is_not() {
    let place = Place::new("in-use").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({})).await;
    let running = place.start();
    running.until_usable().await;
    let finalizers = async || {
        let connection = place.connections().get_opt("acme").await.unwrap();
        connection.map(|connection| connection.metadata.finalizers.unwrap_or_default())
    };
    assert_eq!(finalizers().await, Some(vec![]), "nobody needs it");

    running.need(&["in-use/o1"]);
    eventually("the finalizer is on", async || {
        (finalizers().await? == [IN_USE]).then_some(())
    })
    .await;
    running.need(&[]);
    eventually("the finalizer is off", async || {
        finalizers().await?.is_empty().then_some(())
    })
    .await;
    running.need(&["in-use/o1"]);
    eventually("the finalizer is on", async || {
        (finalizers().await? == [IN_USE]).then_some(())
    })
    .await;

    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    let status = until_condition(&place, "Reconciling", "True:Deleting").await;
    assert!(status.conditions[0].message.contains("in-use/o1"));
    // Not known is not "nobody".
    *running.needed.lock().unwrap() = None;
    assert!(running.until_usable().await.deleting);
    assert_eq!(finalizers().await, Some(vec![IN_USE.to_owned()]));
    running.need(&[]);
    eventually("it is gone", async || {
        finalizers().await.is_none().then_some(())
    })
    .await;
    running
        .until("it is forgotten", |connected| {
            matches!(connected, Connected::Missing).then_some(())
        })
        .await;
    running.stop().await;
}

#[tokio::test]
async fn force_finalize_lets_a_needed_connection_go_and_names_who_is_left() {
    let place = Place::new("force-finalize").await;
    place.connect(&json!({})).await;
    let running = place.start();
    running.need(&["force-finalize/o1"]);
    eventually("the finalizer is on", async || {
        let connection = place.connections().get("acme").await.unwrap();
        (connection.metadata.finalizers? == [IN_USE]).then_some(())
    })
    .await;
    place
        .connections()
        .delete("acme", &DeleteParams::default())
        .await
        .unwrap();
    place
        .annotate("xopero.dev/force-finalize", Some("true"))
        .await;
    eventually("it is gone", async || {
        place
            .connections()
            .get_opt("acme")
            .await
            .unwrap()
            .is_none()
            .then_some(())
    })
    .await;
    let events: Api<Event> = Api::namespaced(place.admin.clone(), &place.namespace);
    let events = events.list(&ListParams::default()).await.unwrap();
    let said = events.iter().any(|event| {
        event.reason.as_deref() == Some("LeftBehind")
            && event.type_.as_deref() == Some("Warning")
            && event
                .note
                .as_deref()
                .is_some_and(|note| note.contains("force-finalize/o1"))
    });
    assert!(said, "{events:?}");
    running.stop().await;
}

#[tokio::test]
async fn nothing_is_read_for_a_paused_connection_and_its_client_lives_on() {
    let world = state().user(user(EMAIL, "p")).with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let place = Place::new("paused").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({ "url": simulator.url() })).await;
    let running = place.start();
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    until_condition(&place, "Ready", "True:Converged").await;
    place.annotate("xopero.dev/paused", Some("true")).await;
    running.until_waiting(Reason::Requested).await;
    let status = until_condition(&place, "Paused", "True:Requested").await;
    assert_eq!(
        condition(&status, "Ready").as_deref(),
        Some("True:Converged")
    );
    place.annotate("xopero.dev/paused", None).await;
    running
        .until_usable()
        .await
        .client
        .organizations()
        .await
        .unwrap();
    assert_eq!(simulator.summary().logins, 1);
    running.stop().await;
}

#[tokio::test]
async fn without_the_right_to_read_secrets_a_connection_says_which_right_is_missing() {
    let place = Place::new("no-secrets").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({})).await;
    let rights = json!([
        { "apiGroups": ["xopero.dev"], "resources": ["xoperoconnections"], "verbs": ["get", "list", "watch", "patch"] },
        { "apiGroups": ["xopero.dev"], "resources": ["xoperoconnections/status"], "verbs": ["get", "patch"] },
    ]);
    let metadata = json!({ "name": "no-secrets", "namespace": place.namespace });
    place
        .apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": metadata, "rules": rights,
        }))
        .await;
    place
        .apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": metadata,
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "no-secrets" },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "no-secrets" }],
        }))
        .await;
    let kubeconfig = place
        .control_plane
        .kubeconfig_for_user("no-secrets", None)
        .unwrap();
    let running = place.start_as(place.control_plane.client_as(&kubeconfig).await.unwrap());
    let message = running.until_waiting(Reason::NotPermitted).await;
    assert!(
        message.contains("the verb get on secrets in namespace \"no-secrets\""),
        "{message}"
    );
    until_condition(&place, "Stalled", "True:NotPermitted").await;
    running.stop().await;
}

#[tokio::test]
async fn secrets_and_config_maps_are_got_by_name_and_never_listed_or_watched() {
    let place = Place::new("get-only").await;
    place.secret(consent(), "p").await;
    place.connect(&json!({})).await;
    let running = place.start();
    running.until_usable().await;
    running.stop().await;
    let Some(log) = place.control_plane.audit_log() else {
        panic!("only a control plane of our own keeps an audit log")
    };
    let operator = format!(
        "system:serviceaccount:{}:{}",
        operator::NAMESPACE,
        operator::ACCOUNT
    );
    let verbs = eventually("the log shows it", async || {
        let log = std::fs::read_to_string(&log).unwrap();
        let entries = log
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ours = entries.filter(|entry| {
            entry["user"]["username"] == operator.as_str()
                && ["secrets", "configmaps"]
                    .contains(&entry["objectRef"]["resource"].as_str().unwrap_or_default())
        });
        let mut verbs: Vec<String> = ours
            .map(|entry| entry["verb"].as_str().unwrap_or_default().to_owned())
            .collect();
        verbs.sort();
        verbs.dedup();
        (!verbs.is_empty()).then_some(verbs)
    })
    .await;
    assert_eq!(verbs, ["get"]);
}
