//! With Retain a resource goes at once, whatever else is the matter, and nothing changes in Xopero ONE then or later.

use rstest::rstest;

use super::{REPOSITORY, cleanup, one, protected, table::cleaned_up};
use crate::{objects::Kind, world::World, yaml::acme};

/// What else is the matter, while an operator runs that could remove something.
#[derive(Clone, Copy, Debug)]
enum Matter {
    Nothing,
    ConnectionGone,
    OrganizationGone,
    NoRemovalLeft,
    NamespaceGoes,
}

#[rstest]
#[tokio::test]
async fn a_retained_resource_goes_at_once_and_nothing_is_written(
    #[values(
        Matter::Nothing,
        Matter::ConnectionGone,
        Matter::OrganizationGone,
        Matter::NoRemovalLeft,
        Matter::NamespaceGoes
    )]
    matter: Matter,
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one("Retain"))).await;
    world.in_sync(Kind::Repository, "web").await;
    let namespace = world.namespace.clone();
    let is_looked_at = match matter {
        Matter::Nothing => true,
        Matter::NoRemovalLeft => {
            world.apply(&acme("removalLimit: 0")).await;
            true
        }
        Matter::ConnectionGone => {
            world.kubectl(&["delete", "xconn", "xopero"]).await;
            false
        }
        Matter::OrganizationGone => {
            world.kubectl(&["delete", "xorg", "acme"]).await;
            false
        }
        Matter::NamespaceGoes => {
            let delete = ["delete", "namespace", &namespace, "--timeout=100s"];
            world.kubectl(&delete).await;
            false
        }
    };
    if world.get(Kind::Repository, "web").await.is_some() {
        world.delete(Kind::Repository, "web").await;
    }
    world.gone(Kind::Repository, "web").await;
    if is_looked_at {
        world.rounds(3).await;
    }
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

/// A Secret that something else holds on to outlives what needs it.
#[rstest]
#[tokio::test]
async fn in_a_namespace_that_goes_clean_up_is_done_while_the_secret_is_there(
    #[values("Detach", "Deactivate", "Remove")] policy: &str,
) {
    let world = World::with(protected()).await;
    world.apply(&(acme("") + &one(policy))).await;
    cleanup(&world, Kind::Repository, "web").await;
    let hold = r#"{"metadata":{"finalizers":["example.com/held"]}}"#;
    let patch = ["patch", "secret", "account", "--type=merge", "-p"];
    world.kubectl(&[&patch[..], &[hold]].concat()).await;
    let namespace = world.namespace.clone();
    let delete = ["delete", "namespace", &namespace, "--wait=false"];
    world.kubectl(&delete).await;
    cleaned_up(&world, &REPOSITORY, policy).await;
    world.gone(Kind::Organization, "acme").await;
    world.gone(Kind::Connection, "xopero").await;

    let free = r#"{"metadata":{"finalizers":null}}"#;
    world.kubectl(&[&patch[..], &[free]].concat()).await;
    world
        .eventually("the namespace is gone", async || {
            let asked = ["get", "namespace", &namespace, "--ignore-not-found"];
            world.kubectl(&asked).await.is_empty()
        })
        .await;
    world.end().await;
}

/// It was never accepted: there is no such organization, or none for its namespace. Nothing was done for it that could be undone.
#[tokio::test]
async fn what_was_never_accepted_goes_at_once_whatever_its_policy_says() {
    let mut world = World::whole_cluster(protected()).await;
    world.kubectl(&["create", "namespace", "stranger"]).await;
    world.start_operator().await;
    let home = world.namespace.clone();
    let connection = crate::yaml::connection(world.url());
    world
        .apply(&(crate::yaml::secret() + &connection + &acme("") + &one("Detach")))
        .await;
    world.in_sync(Kind::Repository, "web").await;
    let elsewhere = |name: &str, organization: &str| {
        one("Detach")
            .replace(
                "name: web}",
                &format!("name: {name}, namespace: stranger}}"),
            )
            .replace(
                "organizationRef: {name: acme}",
                &format!("organizationRef: {organization}"),
            )
    };
    let there = format!("{{name: acme, namespace: {home}}}");
    let both = elsewhere("not-allowed", &there) + &elsewhere("no-organization", "{name: acme}");
    world.apply_anywhere(&both).await;
    let waiting = [
        "wait",
        "xrepo",
        "--all",
        "--namespace=stranger",
        "--timeout=100s",
    ];
    let waiting = [&waiting[..], &["--for=jsonpath={.status.conditions[?(@.type==\"Reconciling\")].reason}=WaitingForOrganization"]].concat();
    world.kubectl(&waiting).await;
    let delete = ["delete", "namespace", "stranger", "--timeout=100s"];
    world.kubectl(&delete).await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}
