//! What a user of kubectl meets.

use xopero_simulator::builder::{organization, state};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan, repository},
};

async fn world() -> World {
    let state = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with_all(["api", "web"]),
    );
    let world = World::with(state).await;
    let claims = plan("Nightly", "repositories: {include: [api]}")
        + &repository("web", "license: Active\nplans: [Nightly]");
    world.apply(&(acme("") + &claims)).await;
    world
}

#[tokio::test]
async fn kubectl_wait_ends_when_what_is_declared_is_in_force() {
    let world = world().await;
    world
        .kubectl(&[
            "wait",
            "--for=condition=Ready",
            "--timeout=120s",
            "xplan/nightly",
            "xrepo/web",
        ])
        .await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world
        .kubectl(&[
            "wait",
            "--for=condition=Ready",
            "--timeout=120s",
            "xorg/acme",
            "xconn/xopero",
        ])
        .await;
    world
        .kubectl(&[
            "wait",
            "--for=condition=InSync",
            "--timeout=120s",
            "xplan",
            "--all",
        ])
        .await;
    world.end().await;
}

#[tokio::test]
async fn kubectl_get_shows_all_kinds_with_what_matters_in_columns() {
    let world = world().await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "web").await;
    world.in_sync(Kind::Organization, "acme").await;
    world.ready(Kind::Connection, "xopero").await;

    let shown = world.kubectl(&["get", "xopero"]).await;
    for name in [
        "xoperoconnection.xopero.dev/xopero",
        "xoperoorganization.xopero.dev/acme",
        "xoperobackupplan.xopero.dev/nightly",
        "xoperorepository.xopero.dev/web",
    ] {
        let line = shown.lines().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("{name} is not shown:\n{shown}"));
        assert!(
            line.contains("True") && line.contains("Converged"),
            "{line}"
        );
    }
    let plans = world.kubectl(&["get", "xplan"]).await;
    let header = plans.lines().next().unwrap();
    for column in ["NAME", "READY", "REASON", "AGE"] {
        assert!(header.contains(column), "{header}");
    }
    let wide = world.kubectl(&["get", "xplan", "-o", "wide"]).await;
    assert!(wide.contains("Everything declared is in force."), "{wide}");
    world.end().await;
}

#[tokio::test]
async fn kubectl_explain_is_the_manual() {
    let world = World::bare(state()).await;
    let explained = world.kubectl(&["explain", "xplan.spec.repositories"]).await;
    for field in ["include", "exclude", "includeRegex", "excludeRegex"] {
        assert!(explained.contains(field), "{explained}");
    }
    for (field, words) in [
        ("xplan.spec.deletionPolicy", ["Retain", "Detach"]),
        ("xorg.spec.removalLimit", ["60 minutes", "10"]),
        ("xorg.spec.mode", ["Observe", "Manage"]),
        ("xconn.spec.planSettings", ["Forbidden", "Allowed"]),
        ("xrepo.spec.license", ["Active", "Inactive"]),
        ("xproj.spec.projectId", ["name", "projectId"]),
    ] {
        let explained = world.kubectl(&["explain", field]).await;
        for word in words {
            assert!(explained.contains(word), "{word} is not in {explained}");
        }
    }
}

#[tokio::test]
async fn the_operator_never_writes_spec_labels_or_annotations() {
    let world = world().await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.in_sync(Kind::Repository, "web").await;
    for (kind, name) in [
        (Kind::Connection, "xopero"),
        (Kind::Organization, "acme"),
        (Kind::Plan, "nightly"),
        (Kind::Repository, "web"),
    ] {
        let object = world.get(kind, name).await.unwrap();
        assert_eq!(object.generation(), 1, "{object}");
        let fields = object.at("/metadata/managedFields").as_array().unwrap();
        for manager in fields {
            let of_status = manager.get("subresource") == Some(&"status".into());
            let of_kubectl = manager.get("manager") == Some(&"kubectl-client-side-apply".into());
            assert!(of_status || of_kubectl, "{manager}");
        }
        assert_eq!(object.at("/metadata/finalizers"), &serde_json::Value::Null);
    }
    world.end().await;
}
