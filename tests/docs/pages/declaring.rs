//! Pages on which something is declared.

use xopero_simulator::{
    State,
    builder::{organization, plan, state},
};

use super::start::demo;
use crate::{
    reader::Reader,
    world::{World, acme},
};

/// An organization of the demo, looked at every second.
fn organization_of_the_demo(resource: &str, name: &str, provider: &str) -> String {
    acme("")
        .replace(
            "name: acme, namespace",
            &format!("name: {resource}, namespace"),
        )
        .replace("name: acme", &format!("name: {name}"))
        .replace("GitHub", provider)
}

fn acme_with(repositories: &[&str]) -> State {
    let repositories = repositories.iter().copied();
    state()
        .licences(10)
        .with(organization("acme").plan("Nightly").with_all(repositories))
}

pub(super) async fn azure_devops_projects(page: &'static str) {
    let world = World::connected(demo()).await;
    let northwind = organization_of_the_demo("northwind-mills", "Northwind Mills", "AzureDevOps");
    world.declare(&northwind).await;
    Reader::of(page, &world).finish().await;
    let members = world
        .simulator
        .project_members("Northwind Mills", "Azure nightly");
    for project in ["Customer Portal 2.0", "Mill Control Systems"] {
        assert!(
            members
                .as_ref()
                .unwrap()
                .iter()
                .any(|member| member == project),
            "{members:?}"
        );
    }
}

pub(super) async fn gitlab_groups(page: &'static str) {
    let world = World::connected(demo()).await;
    world
        .declare(&organization_of_the_demo(
            "harbour-works",
            "harbour-works",
            "GitLab",
        ))
        .await;
    Reader::of(page, &world).finish().await;
    let members = world
        .simulator
        .members("harbour-works", "platform hourly")
        .unwrap();
    assert!(
        members
            .iter()
            .any(|member| member == "platform/storage/blocks"),
        "{members:?}"
    );
}

pub(super) async fn licences(page: &'static str) {
    let state = acme_with(&["api", "web"]);
    let world = World::connected(state).await;
    world.simulator.license("acme", "api").unwrap();
    let mut reader = Reader::of(page, &world);
    reader
        .through("kubectl get xorg acme --namespace backup -o jsonpath='{.status.coverage")
        .await;
    let observe = r#"{"spec":{"mode":"Observe","resyncInterval":"1s","licenses":{"unclaimed":"Deactivate"}}}"#;
    world
        .kubectl(&format!(
            "patch xorg acme --namespace backup --type merge -p {observe}"
        ))
        .await;
    world
        .wait("jsonpath={.status.drift.total}=1 xorg/acme")
        .await;
    reader.finish().await;
}

pub(super) async fn onboard_one_repository(page: &'static str) {
    let world = World::connected(acme_with(&["api", "web"])).await;
    world.declare(&acme("")).await;
    Reader::of(page, &world).finish().await;
    assert_eq!(world.members("Nightly"), ["api"]);
}

pub(super) async fn plan_settings(page: &'static str) {
    let acme_in_xopero = organization("acme")
        .plan(plan("Nightly (clone)"))
        .with("api");
    let world = World::connected(state().licences(10).with(acme_in_xopero)).await;
    world.declare(&acme("")).await;
    Reader::of(page, &world).finish().await;
    let state = world.simulator.state();
    assert!(state.organizations[0].plans[0].include_metadata);
}

pub(super) async fn protect_everything_new(page: &'static str) {
    let world = World::connected(acme_with(&["api", "web", "my-sandbox"])).await;
    Reader::of(page, &world).finish().await;
    assert_eq!(world.members("Nightly"), ["api", "web"]);
}
