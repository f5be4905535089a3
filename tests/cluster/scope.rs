//! A server that does not look at the organization that it is asked for answers with everybody's repositories.

use std::{collections::BTreeMap, fs};

use xopero_simulator::{
    Dialect, Endpoint, State,
    builder::{organization, state},
    dialect::{UnknownNames, UnknownOrganization, Visibility},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan},
};

/// The field is called something else.
fn two_organizations(unknown_names: UnknownNames) -> State {
    let names = BTreeMap::from([(
        "request.listRepositories.organizationId".to_owned(),
        Some("gitOrganizationId".to_owned()),
    )]);
    let dialect = Dialect {
        names,
        unknown_names,
        ..Dialect::default()
    };
    state()
        .licences(100)
        .dialect(dialect)
        .with(
            organization("acme")
                .plan("Nightly")
                .with_all(["api", "web"]),
        )
        .with(organization("umbrella").with_all(["secret-1", "secret-2"]))
}

fn everything() -> String {
    acme("") + &plan("Nightly", "repositories: {include: ['**']}")
}

#[tokio::test]
async fn where_the_organization_is_ignored_nothing_is_written_and_the_wire_name_to_change_is_said()
{
    let world = World::with(two_organizations(UnknownNames::Ignored)).await;
    world.apply(&everything()).await;

    let organization = world
        .stalled(Kind::Organization, "acme", "ListingNotScoped")
        .await;
    let message = organization.message("Stalled");
    assert!(
        message.contains("request.repositories.organizationId"),
        "{message}"
    );
    assert!(message.contains("--wire-names"), "{message}");
    let looks = world.calls(Endpoint::ListRepositories);
    world
        .eventually("three more looks", async || {
            world.calls(Endpoint::ListRepositories) >= looks + 4
        })
        .await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    let plan = world.get(Kind::Plan, "nightly").await.unwrap();
    assert_eq!(plan.says("Ready"), "False WaitingForOrganization");
    assert!(plan.message("Ready").contains("--wire-names"), "{plan}");
    world.end().await;
}

#[tokio::test]
async fn the_right_wire_name_cures_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(
        &file,
        "request.repositories.organizationId: gitOrganizationId\n",
    )
    .unwrap();
    let mut world = World::bare(two_organizations(UnknownNames::Ignored)).await;
    world.argument(format!("--wire-names={}", file.path().display()));
    world.start_operator().await;
    let url = world.url();
    world
        .apply(&(crate::yaml::secret() + &crate::yaml::connection(url) + &everything()))
        .await;

    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    assert!(world.licensed("umbrella").is_empty());
    world.end().await;
}

/// Rows do not say whose they are, and the server fails where it is asked about an organization that does not exist.
#[tokio::test]
async fn a_server_that_fails_about_an_organization_that_does_not_exist_is_worked_with() {
    let dialect = Dialect {
        repository_organization: Visibility::Hidden,
        unknown_organization: UnknownOrganization::ServerError,
        ..Dialect::default()
    };
    let acme_alone = organization("acme")
        .plan("Nightly")
        .with_all(["api", "web"]);
    let state = state().licences(100).dialect(dialect).with(acme_alone);
    let world = World::with(state).await;
    world.apply(&everything()).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    world.end().await;
}

#[tokio::test]
async fn where_the_listing_is_refused_the_wire_name_to_change_is_said() {
    let world = World::with(two_organizations(UnknownNames::Refused)).await;
    world.apply(&everything()).await;
    let organization = world.stalled(Kind::Organization, "acme", "Refused").await;
    let message = organization.message("Stalled");
    for words in [
        "status 400",
        "request.repositories.organizationId",
        "--wire-names",
    ] {
        assert!(message.contains(words), "{words} is not in: {message}");
    }
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}
