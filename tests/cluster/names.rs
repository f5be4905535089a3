//! Names as Git services really have them: groups, spaces, capitals, umlauts, two organizations of one name.

use uuid::Uuid;
use xopero_simulator::{
    Edit, Endpoint, State,
    builder::{self, organization, project, repository, state},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, annotated, plan, plan_of, resource},
};

#[tokio::test]
async fn gitlab_groups_are_selected_at_any_depth_or_at_one() {
    let state = state().licences(100).with(
        organization("harbour works")
            .gitlab()
            .plan("platform hourly")
            .plan("top level")
            .with_all([
                "website",
                "platform/api",
                "platform/tools/lint",
                "platform-x/other",
                "Platform/Größe Zwei",
            ]),
    );
    let world = World::with(state).await;
    let organization = resource(
        "XoperoOrganization",
        "harbour-works",
        "connectionRef: {name: xopero}\nname: Harbour Works\nprovider: GitLab\nresyncInterval: 1s\n",
    );
    let deep = plan_of(
        "harbour-works",
        "Platform Hourly",
        "repositories: {include: ['platform/**']}",
    );
    let flat = plan_of(
        "harbour-works",
        "top level",
        "repositories: {include: ['*', '*/größe ????']}",
    );
    world.apply(&(organization + &deep + &flat)).await;

    world.in_sync(Kind::Plan, "platform-hourly").await;
    world.in_sync(Kind::Plan, "top-level").await;
    let members = |plan: &str| world.members("harbour works", plan);
    assert_eq!(
        members("platform hourly"),
        ["Platform/Größe Zwei", "platform/api", "platform/tools/lint"]
    );
    assert_eq!(members("top level"), ["Platform/Größe Zwei", "website"]);
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

#[tokio::test]
async fn a_name_is_found_without_regard_to_case_and_two_spellings_are_ambiguous() {
    let state = state().licences(100).with(
        organization("Acme")
            .plan("NIGHTLY")
            .with("Überblick")
            .with("Tools")
            .with("tools"),
    );
    let world = World::with(state).await;
    let wants = "license: Active\nplans: [nightly]";
    let named = |resource_name: &str, name: &str| {
        resource(
            "XoperoRepository",
            resource_name,
            &format!("organizationRef: {{name: acme}}\nname: {name}\n{wants}"),
        )
    };
    world
        .apply(
            &(acme("")
                + &named("uberblick", "überblick")
                + &named("exact", "tools")
                + &named("unclear", "TOOLS")),
        )
        .await;

    world.in_sync(Kind::Repository, "uberblick").await;
    world.in_sync(Kind::Repository, "exact").await;
    let unclear = world
        .stalled(Kind::Repository, "unclear", "Ambiguous")
        .await;
    let message = unclear.message("Stalled");
    assert!(
        message.contains("Tools") && message.contains("tools"),
        "{message}"
    );
    assert_eq!(world.members("Acme", "NIGHTLY"), ["tools", "Überblick"]);
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

fn northwind() -> State {
    state().licences(100).with(
        organization("northwind")
            .azure_devops()
            .plan("Azure nightly")
            .project(project("Grain Mill"))
            .project(project("Customer Portal 2.0"))
            .project(project("Archive"))
            .with(repository("silo").project("Grain Mill"))
            .with(repository("portal").project("Customer Portal 2.0"))
            .with(repository("old").project("Archive")),
    )
}

fn azure_project(name: &str, which: &str) -> String {
    resource(
        "XoperoAzureProject",
        name,
        &format!("organizationRef: {{name: northwind}}\n{which}\nplans: [azure nightly]"),
    )
}

#[tokio::test]
async fn azure_projects_are_attached_by_name_and_by_id() {
    let world = World::with(northwind()).await;
    let id = world
        .simulator
        .project_id("northwind", "Customer Portal 2.0")
        .unwrap();
    let organization = yaml::organization("northwind", "AzureDevOps", "");
    world
        .apply(
            &(organization
                + &azure_project("grain", "name: grain mill")
                + &azure_project("portal", &format!("projectId: {id}"))),
        )
        .await;

    let grain = world.in_sync(Kind::Project, "grain").await;
    let portal = world.in_sync(Kind::Project, "portal").await;
    assert_eq!(portal.text("/status/projectId"), id.to_string());
    let grain_id = world
        .simulator
        .project_id("northwind", "Grain Mill")
        .unwrap();
    assert_eq!(grain.text("/status/projectId"), grain_id.to_string());
    assert_eq!(
        world
            .simulator
            .project_members("northwind", "Azure nightly")
            .unwrap(),
        ["Customer Portal 2.0", "Grain Mill"]
    );
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::AttachProject, 2)].into());
    world.end().await;
}

#[tokio::test]
async fn a_selector_of_projects_attaches_them_and_licenses_their_repositories() {
    let world = World::with(northwind()).await;
    let organization = yaml::organization("northwind", "AzureDevOps", "");
    let selector = "projects: {include: ['* mill', 'Customer*']}";
    world
        .apply(&(organization + &plan_of("northwind", "Azure nightly", selector)))
        .await;

    world.in_sync(Kind::Plan, "azure-nightly").await;
    assert_eq!(
        world
            .simulator
            .project_members("northwind", "Azure nightly")
            .unwrap(),
        ["Customer Portal 2.0", "Grain Mill"]
    );
    assert_eq!(world.licensed("northwind"), ["portal", "silo"]);
    world.quiet_for_three_resyncs().await;
    let expected = [(Endpoint::AttachProject, 2), (Endpoint::Activate, 1)];
    assert_eq!(world.writes(), expected.into());
    world.end().await;
}

#[tokio::test]
async fn projects_at_another_service_than_azure_are_stalled_with_what_to_write() {
    let world = World::with(state().with(organization("acme").plan("Nightly"))).await;
    let selector = "projects: {include: ['**']}";
    world.apply(&(acme("") + &plan("Nightly", selector))).await;

    let plan = world.stalled(Kind::Plan, "nightly", "InvalidSpec").await;
    assert!(
        plan.message("Stalled").contains("AzureDevOps"),
        "{}",
        plan.message("Stalled")
    );
    assert!(world.writes().is_empty());
    world.end().await;
}

#[tokio::test]
async fn two_organizations_of_one_name_are_told_apart_by_driver() {
    let id = Uuid::from_u128;
    let github = organization("acme")
        .id(id(1))
        .provider_driver(1)
        .plan(builder::plan("Nightly").id(id(11)))
        .with("on-github");
    let gitlab = organization("acme")
        .id(id(2))
        .gitlab()
        .provider_driver(2)
        .plan(builder::plan("Nightly").id(id(12)))
        .with("on-gitlab");
    let world = World::with(state().licences(10).with(github).with(gitlab)).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: ['**']}")))
        .await;

    let organization = world.stalled(Kind::Organization, "acme", "Ambiguous").await;
    let message = organization.message("Stalled");
    assert!(
        message.contains("driver") && message.contains('1') && message.contains('2'),
        "{message}"
    );
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    world.apply(&acme("driver: 1")).await;
    world.in_sync(Kind::Plan, "nightly").await;
    let state = world.simulator.state();
    let licensed = state
        .organizations
        .iter()
        .flat_map(|organization| &organization.repositories)
        .filter(|repository| repository.licensed)
        .map(|repository| repository.name.as_str())
        .collect::<Vec<_>>();
    assert_eq!(licensed, ["on-github"]);
    world.end().await;
}

#[tokio::test]
async fn a_renamed_plan_is_said_and_not_called_missing() {
    let state = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly")),
    );
    let world = World::with(state).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: ['**']}")))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;

    world
        .simulator
        .edit(Edit::RenamePlan {
            organization: "acme".to_owned(),
            plan: "Nightly".to_owned(),
            to: "Hourly".to_owned(),
        })
        .unwrap();
    let plan = world.stalled(Kind::Plan, "nightly", "PlanNotFound").await;
    let message = plan.message("Stalled");
    assert!(
        message.contains("is now called") && message.contains("Hourly"),
        "{message}"
    );
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn what_was_renamed_while_the_operator_was_not_there_is_removed_after_approval_alone() {
    let state = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("web").licensed().in_plan("Nightly"))
            .with(repository("web-api").licensed().in_plan("Nightly")),
    );
    let mut world = World::with(state).await;
    let exclusive = "repositories: {include: ['web*']}\nmembership: Exclusive";
    let organization = acme("");
    world
        .apply(&(organization.clone() + &plan("Nightly", exclusive)))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.stop_operator().await;
    world
        .simulator
        .rename_upstream("acme", "web-api", "payments")
        .unwrap();
    world.simulator.start_synchronization("acme").unwrap();

    for _ in 0..2 {
        world.start_operator().await;
        world.stalled(Kind::Plan, "nightly", "RemovalHeld").await;
        world.rounds(3).await;
        world.stop_operator().await;
    }
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    let shown = world.get(Kind::Organization, "acme").await.unwrap();
    let token = shown.text("/status/removals/held/0/token");
    let approval = format!("xopero.dev/approve-removals: \"{token}\"");
    world.apply(&annotated(&organization, &approval)).await;
    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["web"]);
    world.end().await;
}

#[tokio::test]
async fn two_plans_of_one_name_are_no_choice_of_spellings() {
    let two = organization("acme")
        .plan("Dup")
        .plan(builder::plan("Dup").id(Uuid::from_u128(7)));
    let world = World::with(state().with(two)).await;
    world.apply(&(acme("") + &plan("Dup", ""))).await;
    let shown = world.stalled(Kind::Plan, "dup", "Ambiguous").await;
    let message = shown.message("Stalled");
    assert!(message.contains("2 plans of the name \"Dup\""), "{message}");
    assert!(!message.contains("spellings"), "{message}");
    world.end().await;
}
