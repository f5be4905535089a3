//! A person lets go what cannot be decoded, as anything else.

use serde_json::Value;
use xopero_simulator::builder::state;

use super::let_anything_in;
use crate::{
    objects::{Kind, Object},
    world::World,
};

/// One of each kind with its finalizer, and nothing that says what it means.
const BROKEN: &str = "
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {name: broken, finalizers: [xopero.dev/in-use]}
spec: {url: 7}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {name: broken, finalizers: [xopero.dev/in-use]}
spec: {connectionRef: {name: broken}, provider: 7}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoBackupPlan
metadata: {name: broken, finalizers: [xopero.dev/cleanup]}
spec: {organizationRef: {name: broken}, planName: 7}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {name: broken, finalizers: [xopero.dev/cleanup]}
spec: {organizationRef: {name: broken}, name: 7}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoAzureProject
metadata: {name: broken, finalizers: [xopero.dev/cleanup]}
spec: {organizationRef: {name: broken}, name: 7}
";

#[tokio::test]
async fn force_finalize_lets_each_kind_go_and_an_event_says_so() {
    let mut world = World::whole_cluster(state()).await;
    for plural in [
        "xoperoconnections",
        "xoperoorganizations",
        "xoperobackupplans",
        "xoperorepositories",
        "xoperoazureprojects",
    ] {
        let_anything_in(&world, plural).await;
    }
    world.apply(BROKEN).await;
    world.start_operator().await;
    for kind in Kind::ALL {
        world.delete(kind, "broken").await;
        let is_told = |object: &Object| {
            object.is_stalled("InvalidSpec")
                && object.number("/status/observedGeneration")
                    == object.number("/metadata/generation")
                && object.at("/metadata/deletionTimestamp").is_string()
        };
        world.wait_for(kind, "broken", "told so", is_told).await;
    }

    for kind in Kind::ALL {
        let forced = "xopero.dev/force-finalize=true";
        world.annotate(kind, "broken", forced).await;
        world.gone(kind, "broken").await;
    }
    world
        .eventually("an event of each says what is left behind", async || {
            let events = ["get", "events.events.k8s.io", "-o", "json"];
            let events: Value = serde_json::from_str(&world.kubectl(&events).await).unwrap();
            let events = events["items"].as_array().unwrap();
            events
                .iter()
                .filter(|event| event["reason"] == "LeftBehind" && event["type"] == "Warning")
                .count()
                == Kind::ALL.len()
        })
        .await;
    world.end().await;
}
