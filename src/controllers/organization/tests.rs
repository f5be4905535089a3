//! Tests of several steps of a pass together.

mod forced;
mod gone;
mod integrity;
mod namespaces;
mod outage;
mod reading;

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
        watches::Stored,
    },
    Context, Shared, Wake,
};
use crate::{
    api::{XoperoConnection, XoperoOrganization, XoperoRepository},
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

/// What a process holds where these organizations and this claim are there; the API server takes every change and answers nothing
/// else.
async fn holding(
    organizations: Vec<XoperoOrganization>,
    claim: XoperoRepository,
) -> (Context, MockServer) {
    holding_connections(Vec::new(), organizations, claim).await
}

/// The same with these connections, as they are declared.
pub(super) async fn holding_connections(
    connections: Vec<XoperoConnection>,
    organizations: Vec<XoperoOrganization>,
    claim: XoperoRepository,
) -> (Context, MockServer) {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let server = MockServer::start().await;
    let taken = json!({ "apiVersion": "v1", "kind": "PartialObjectMetadata", "metadata": {} });
    Mock::given(method("PATCH"))
        .respond_with(ResponseTemplate::new(200).set_body_json(taken))
        .mount(&server)
        .await;
    let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
    let reporter = Reporter {
        controller: "test".to_owned(),
        instance: None,
    };
    let context = Context::begin(Shared {
        connections: Connections::new(Surroundings::default()),
        connection_resources: Stored::holding(connections.into_iter().map(Observed::Understood)),
        organizations: Stored::holding(organizations.into_iter().map(Observed::Understood)),
        plans: Stored::holding([]),
        repositories: Stored::holding([Observed::Understood(claim)]),
        projects: Stored::holding([]),
        labels: Arc::new(NamespaceLabels::Read(Reading::new(client.clone()))),
        sees_whole_cluster: true,
        verdicts: Arc::default(),
        wake: Wake::default(),
        events: Events::new(client.clone(), reporter),
        metrics: Arc::default(),
        stop: CancellationToken::new(),
        client,
    });
    (context, server)
}
