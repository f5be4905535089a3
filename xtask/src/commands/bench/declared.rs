//! What Xopero ONE holds and what is declared: one organization, its repositories in no plan and without a licence, and either
//! one plan that takes them all or a resource for each.

use std::{fmt::Debug, time::Duration};

use anyhow::{Context, Result};
use futures::{TryStreamExt, stream};
use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::{
    Api, Client, Resource,
    api::{Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use xopero_operator::api::{
    XoperoBackupPlan, XoperoConnection, XoperoOrganization, XoperoRepository,
};

use super::scenario::{Kind, Size};

/// The namespace of everything that is declared.
pub(super) const NAMESPACE: &str = "bench";

/// The organization, its resource and the connection's.
pub(super) const ORGANIZATION: &str = "acme";

const CONNECTION: &str = "xopero";
const PLAN: &str = "Nightly";
const EMAIL: &str = "operator@example.com";
const PASSWORD: &str = "bench-password";

/// How many resources are created at once.
const CONCURRENCY: usize = 16;

/// What the simulator begins with.
pub(super) fn state(size: Size) -> Value {
    let repositories: Vec<String> = (0..size.repositories).map(name).collect();
    json!({
        "users": [{"email": EMAIL, "password": PASSWORD}],
        "answerTime": milliseconds(size.answer_time),
        "organizations": [{
            "name": ORGANIZATION,
            "provider": "gitHub",
            "plans": [{"name": PLAN}],
            "repositories": repositories,
        }],
    })
}

/// Creates everything that is declared.
pub(super) async fn create(client: &Client, url: &str, kind: Kind, size: Size) -> Result<()> {
    let namespace = json!({"metadata": {"name": NAMESPACE}});
    Api::<Namespace>::all(client.clone())
        .create(&PostParams::default(), &serde_json::from_value(namespace)?)
        .await?;
    let secret = json!({
        "metadata": {"name": "account", "labels": {"xopero.dev/credentials": "true"}},
        "stringData": {"email": EMAIL, "password": PASSWORD},
    });
    one::<Secret>(client, secret).await?;
    let connection = json!({
        "url": url,
        "credentialsSecretRef": {"name": "account"},
        "requests": {"perSecond": size.per_second, "inFlight": size.in_flight},
    });
    one::<XoperoConnection>(client, resource(CONNECTION, &connection)).await?;
    let organization = json!({
        "connectionRef": {"name": CONNECTION},
        "name": ORGANIZATION,
        "provider": "GitHub",
    });
    one::<XoperoOrganization>(client, resource(ORGANIZATION, &organization)).await?;
    match kind {
        Kind::Plan => {
            let plan = json!({
                "organizationRef": {"name": ORGANIZATION},
                "planName": PLAN,
                "repositories": {"include": ["**"]},
            });
            one::<XoperoBackupPlan>(client, resource("everything", &plan)).await
        }
        Kind::Resources => {
            stream::iter((0..size.repositories).map(Ok))
                .try_for_each_concurrent(CONCURRENCY, async |number| {
                    let name = name(number);
                    let repository = json!({
                        "organizationRef": {"name": ORGANIZATION},
                        "name": name,
                        "license": "Active",
                        "plans": [PLAN],
                    });
                    one::<XoperoRepository>(client, resource(&name, &repository)).await
                })
                .await
        }
    }
}

/// Lets the organization be read again after `interval`.
pub(super) async fn resync_after(
    client: &Client,
    interval: Duration,
) -> Result<XoperoOrganization> {
    let api: Api<XoperoOrganization> = Api::namespaced(client.clone(), NAMESPACE);
    let patch = json!({"spec": {"resyncInterval": milliseconds(interval)}});
    let patched = api
        .patch(ORGANIZATION, &PatchParams::default(), &Patch::Merge(patch))
        .await?;
    Ok(patched)
}

async fn one<K>(client: &Client, object: Value) -> Result<()>
where
    K: Resource<DynamicType = (), Scope = kube::core::NamespaceResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(client.clone(), NAMESPACE);
    let object: K = serde_json::from_value(object)?;
    api.create(&PostParams::default(), &object)
        .await
        .with_context(|| format!("{} {:?} is refused", K::kind(&()), object.meta().name))?;
    Ok(())
}

fn resource(name: &str, spec: &Value) -> Value {
    json!({"metadata": {"name": name}, "spec": spec})
}

/// Names as long as those that people give.
fn name(number: u32) -> String {
    format!("platform-service-{number:06}")
}

fn milliseconds(duration: Duration) -> String {
    format!("{}ms", duration.as_millis())
}
