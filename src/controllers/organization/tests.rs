//! Tests of several steps of a pass together.

mod begun;
mod declared;
mod elsewhere;
mod forced;
mod gathered;
mod gone;
mod in_use;
mod integrity;
mod last_look;
mod namespaces;
mod outage;
mod reading;
mod twins;
mod waiting;

use std::{sync::Arc, time::Duration};

use kube::{Client, Config, runtime::events::Reporter};
use secrecy::SecretString;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};
use xopero_simulator::Simulator;

use super::{
    super::{
        connections::{Connections, Surroundings},
        events::Events,
        namespaces::{NamespaceLabels, Reading},
        observed::Observed,
        watches::{Stored, Watchable},
    },
    Context, Shared, Wake,
};
use crate::{
    api::{XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository},
    xopero::{self, Authorities, Budget, Credentials, Hooks, Remembered, Settings},
};

/// The account of the simulators.
const EMAIL: &str = "operator@example.com";
const PASSWORD: &str = "right";

/// A client with the account.
fn client_of(
    simulator: &Simulator,
    timeout: Duration,
    budget: Arc<Budget>,
    hooks: Hooks,
) -> xopero::Client {
    let settings = Settings {
        url: simulator.url(),
        ca_bundle: None,
        timeout,
    };
    let credentials = Credentials {
        email: SecretString::from(EMAIL),
        password: SecretString::from(PASSWORD),
    };
    let surroundings = xopero::Surroundings {
        names: Arc::default(),
        budget,
        hooks,
        remembered: Remembered::default(),
        authorities: Authorities::default(),
    };
    xopero::Client::new(settings, credentials, surroundings).unwrap()
}

/// The resources that there are.
#[derive(Default)]
pub(super) struct There {
    pub(super) connections: Vec<XoperoConnection>,
    pub(super) organizations: Vec<XoperoOrganization>,
    pub(super) plans: Vec<XoperoBackupPlan>,
    pub(super) repositories: Vec<XoperoRepository>,
    /// `None`: each is read when it matters.
    pub(super) labels: Option<NamespaceLabels>,
}

impl There {
    /// What a process holds where these are there, and an API server that takes every patch.
    pub(super) async fn held(self) -> (Context, MockServer) {
        let (shared, server) = self.shared().await;
        (Context::begin(shared), server)
    }

    /// The same, of which something may be changed yet.
    pub(super) async fn shared(self) -> (Shared, MockServer) {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let server = MockServer::start().await;
        let taken = json!({ "apiVersion": "v1", "kind": "PartialObjectMetadata", "metadata": {} });
        Mock::given(method("PATCH"))
            .respond_with(ResponseTemplate::new(200).set_body_json(taken))
            .mount(&server)
            .await;
        let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
        let read = NamespaceLabels::Read(Reading::new(client.clone()));
        let reporter = Reporter {
            controller: "test".to_owned(),
            instance: None,
        };
        let shared = Shared {
            connections: Connections::new(Surroundings::default()),
            connection_resources: stored(self.connections),
            organizations: stored(self.organizations),
            plans: stored(self.plans),
            repositories: stored(self.repositories),
            projects: stored(Vec::new()),
            labels: Arc::new(self.labels.unwrap_or(read)),
            sees_whole_cluster: true,
            verdicts: Arc::default(),
            wake: Wake::default(),
            events: Events::new(client.clone(), reporter),
            metrics: Arc::default(),
            stop: CancellationToken::new(),
            client,
        };
        (shared, server)
    }
}

fn stored<K: Watchable>(resources: Vec<K>) -> Arc<Stored<K>> {
    Stored::holding(resources.into_iter().map(Observed::Understood))
}
