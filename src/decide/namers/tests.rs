use super::*;
use crate::decide::{
    Memory,
    fixtures::{
        World, at, organization, plan_claim, plan_id, project_claim, project_id, repository,
        repository_id,
    },
    resolve::{Among, PlanNames},
};

fn namers(claims: &[Claim], inventory: &Inventory) -> Namers {
    let memory = Memory::default();
    let plans = PlanNames::new(inventory, &memory);
    let among = Among {
        now: at(0),
        inventory,
        memory: &memory,
        unlisted: &[],
    };
    let claims: Vec<&Claim> = claims.iter().collect();
    let named: Vec<_> = claims
        .iter()
        .map(|claim| Named::of(claim, among, &plans))
        .collect();
    Namers::gather(&claims, &named, inventory)
}

/// All that is left of the project is gone from the Git service; two plans have other repositories.
fn world() -> World {
    organization("acme")
        .with(repository("api").in_project("payments").gone_upstream())
        .with(repository("web").in_plan("nightly").in_plan("weekly"))
}

#[test]
fn a_project_of_which_nothing_is_left_stays_where_it_is_named() {
    let inventory = world().inventory();
    let namers = namers(
        &[project_claim("payments").in_plans(&["nightly"])],
        &inventory,
    );
    let stays = |plan| namers.protects_project(plan_id(plan), project_id("payments"), &inventory);
    assert!(stays("nightly"));
    assert!(!stays("weekly"));
}

#[test]
fn a_project_is_named_where_a_resource_names_it_for_a_plan() {
    let inventory = world().inventory();
    let named_by = |claim| namers(&[claim], &inventory).names_project(project_id("payments"));
    assert!(named_by(project_claim("payments").in_plans(&["nightly"])));
    assert!(!named_by(project_claim("payments")));
    assert!(!named_by(plan_claim("nightly").include(&["web"])));
}

#[test]
fn a_licence_that_nobody_speaks_of_is_kept_from_nobody() {
    let inventory = world().inventory();
    let row = inventory.row(repository_id("web")).unwrap();
    let namers = namers(&[], &inventory);
    assert_eq!(namers.older_for_licence(row), None);
    assert_eq!(namers.older_against_licence(row), None);
}
