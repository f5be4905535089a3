//! Tests of several steps of a pass together.

mod gone;
mod integrity;
mod namespaces;
mod outage;

use std::sync::Arc;

use kube::{Client, Config, runtime::events::Reporter};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

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
use crate::api::{XoperoOrganization, XoperoRepository};

/// What a process holds where these organizations and this claim are there; the API server takes every change and answers nothing
/// else.
async fn holding(
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
        connection_resources: Stored::holding([]),
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
