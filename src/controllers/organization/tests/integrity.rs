//! From a listing to a decision, against the simulator, as a pass goes: whatever is wrong with a listing, nothing is removed by it,
//! the resource says that it is not trusted, and once it is healed the right removals are called for again.

mod scene;

use std::collections::BTreeSet;

use rstest::rstest;
use xopero_simulator::{
    Dialect, Edit, Effect, Endpoint, Fault, dialect::OrganizationPlans, faults::Status,
    state::Synchronization,
};

use self::scene::Scene;
use crate::{
    api::{Provider, Reason, conditions::Truth},
    decide::{Change, Decision, fixtures::in_sync},
};

/// Rows that a page holds, and pages that a listing has.
const ROWS: usize = 3;
const PAGES: usize = 5;
/// What the plan selects: the first nine; the other six are in it without anybody's asking for it.
const SELECTED: &str = "r0*";
const SURPLUS: usize = 6;

/// What a resource asks for by name waits, and says why.
#[track_caller]
fn assert_untrusted(decision: &Decision) {
    let mut verdicts = decision.verdicts.iter();
    let named = verdicts.find(|verdict| verdict.key.name == "r15").unwrap();
    assert_eq!(
        in_sync(&named.statements),
        (Truth::Unknown, Reason::InventoryUntrusted)
    );
}

/// Once more after healing, where the listing before was none that counts: two in a row have to call for what nobody names.
async fn heals(scene: &mut Scene) {
    scene.simulator.heal_all();
    scene.pass().await;
    let healed = scene.pass().await;
    assert!(healed.is_trusted());
    assert_eq!(healed.removals().len(), scene.due(), "after healing");
}

/// 12 corruptions × 5 pages, until healed; and a row that names another organization.
#[rstest]
#[case::empty(Effect::PageEmpty)]
#[case::short(Effect::PageShort(1))]
#[case::of_another_page(Effect::PageRepeats)]
#[case::row_twice(Effect::RowRepeats)]
#[case::not_found(Effect::PageVanishes)]
#[case::server_error(Status::code(500).into())]
#[case::html(Effect::Html)]
#[case::cut_short(Effect::Truncated)]
#[case::page_count_changes(Effect::PageCount(1))]
#[case::total_is_wrong(Effect::TotalEntries(-1))]
#[case::row_removed(Effect::RowRemovedBefore)]
#[case::row_inserted(Effect::RowAddedBefore)]
#[case::foreign(Effect::ForeignRow)]
#[tokio::test]
async fn a_corrupt_listing_removes_nothing_says_so_and_heals(
    #[case] effect: Effect,
    #[values(1, 2, 3, 4, 5)] page: usize,
) {
    let mut scene = Scene::new();
    let first = scene.pass().await;
    assert!(first.is_trusted());
    assert_eq!(
        first.removals().len(),
        1,
        "the named one; what is derived waits for a second listing"
    );
    let fault = Fault::on(Endpoint::ListRepositories, effect)
        .page(page)
        .until_healed();
    let fault = scene.simulator.inject(fault);

    let corrupt = scene.pass().await;

    assert!(scene.simulator.firings(fault) > 0, "it did not happen");
    if corrupt.is_trusted() {
        // What changed before the first page was read, or in a number that ends nothing, is a whole listing of what there is.
        let rows = scene.state.inventory.as_ref().unwrap().repositories();
        let listed: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        let there = scene.simulator.repositories("acme").unwrap();
        assert_eq!(listed, there.iter().map(|row| row.name.as_str()).collect());
        assert_eq!(corrupt.removals().len(), scene.due());
    } else {
        assert_eq!(corrupt.removals(), BTreeSet::new());
        let inventory = corrupt.status.inventory.as_ref().unwrap();
        assert!(inventory.reason.is_some(), "it is not said");
    }
    heals(&mut scene).await;
}

/// A server that counts wrongly, always alike, is believed in what it lists, and in nothing that is missing from that.
#[rstest]
#[tokio::test]
async fn a_number_of_rows_that_is_always_wrong_adds_everything_removes_nothing_and_says_so(
    #[values(-1, 1, 2)] difference: i64,
    #[values(Endpoint::ListOrganizations, Endpoint::ListRepositories)] listing: Endpoint,
) {
    let mut scene = Scene::new();
    let detach = Edit::Detach {
        organization: "acme".to_owned(),
        plan: "nightly".to_owned(),
        repository: "r01".to_owned(),
    };
    scene.simulator.edit(detach).unwrap();
    assert!(scene.pass().await.is_trusted());
    let fault = Fault::on(listing, Effect::TotalEntries(difference)).until_healed();
    scene.simulator.inject(fault);
    for _ in 0..3 {
        let passed = scene.pass().await;
        assert_eq!(passed.removals(), BTreeSet::new());
        let inventory = passed.status.inventory.as_ref().unwrap();
        assert_eq!(inventory.reason.as_deref(), Some("Uncounted"));
        let decision = passed.decision.unwrap();
        let attach = decision
            .additions
            .iter()
            .flat_map(crate::decide::Action::changes)
            .any(|change| matches!(change, Change::Attach(..)));
        assert!(attach, "{:?}", decision.additions);
        assert_untrusted(&decision);
    }
    heals(&mut scene).await;
}

/// How many of the cells above end in a listing that counts is known: more would mean that corruptions pass for listings.
#[tokio::test]
async fn a_corruption_passes_for_a_listing_only_where_it_is_none() {
    let mut counted = 0;
    for effect in [
        Effect::PageEmpty,
        Effect::PageShort(1),
        Effect::RowRemovedBefore,
        Effect::PageCount(1),
    ] {
        for page in 1..=PAGES {
            let mut scene = Scene::new();
            scene.pass().await;
            let fault = Fault::on(Endpoint::ListRepositories, effect.clone()).page(page);
            scene.simulator.inject(fault.until_healed());
            counted += usize::from(scene.pass().await.is_trusted());
        }
    }
    assert_eq!(
        counted, 1,
        "a row that is removed before the first page is read"
    );
}

/// Rule 8: a plan counts only if the organization's own list holds it, where that is shown.
#[rstest]
#[case::held(OrganizationPlans::Shown, 1, false)]
#[case::not_shown(OrganizationPlans::Hidden, 1, false)]
#[case::not_held(OrganizationPlans::Empty, 0, true)]
#[tokio::test]
async fn a_plan_that_the_organization_does_not_hold_is_known_to_be_listed_and_is_not_touched(
    #[case] organization_plans: OrganizationPlans,
    #[case] plans: usize,
    #[case] unowned: bool,
) {
    let mut scene = Scene::speaking(Dialect {
        organization_plans,
        ..Dialect::default()
    });
    scene.pass().await;
    let passed = scene.pass().await;
    let inventory = scene.state.inventory.as_ref().unwrap();
    assert_eq!(inventory.plans().len(), plans);
    assert_eq!(inventory.lists_unowned_plan("Nightly"), unowned);
    let detached = passed.removals().len() > 1;
    assert_eq!(detached, plans > 0, "{:?}", passed.removals());
}

/// A listing that is whole in itself, and shorter than the removal limit explains.
#[tokio::test]
async fn a_listing_that_shrank_removes_nothing_says_so_and_is_believed_the_third_time() {
    let mut scene = Scene::new();
    scene.pass().await;
    for row in 1..=11 {
        scene
            .simulator
            .remove_repository("acme", &format!("r{row:02}"))
            .unwrap();
    }
    for _ in 0..2 {
        let shrunk = scene.pass().await;
        assert_eq!(shrunk.removals(), BTreeSet::new());
        assert!(!shrunk.is_trusted());
        assert_untrusted(&shrunk.decision.unwrap());
    }
    let third = scene.pass().await;
    assert!(third.is_trusted());
    assert_eq!(
        third.removals().len(),
        1,
        "the licence that a claim is against"
    );
}

/// The organization begins to synchronize while its rows are read, and ends.
#[rstest]
#[tokio::test]
async fn a_synchronization_that_begins_midway_removes_nothing_says_so_and_heals(
    #[values(1, 3, 5)] page: usize,
) {
    let mut scene = Scene::new();
    scene.pass().await;
    scene
        .simulator
        .set_synchronization(Synchronization::UntilReleased)
        .unwrap();
    let begin = Edit::StartSynchronization {
        organization: "acme".to_owned(),
    };
    let fault = Fault::on(Endpoint::ListRepositories, Effect::from(begin)).page(page);
    scene.simulator.inject(fault);

    let read_meanwhile = scene.pass().await;

    assert_eq!(read_meanwhile.removals(), BTreeSet::new());
    assert!(!read_meanwhile.is_trusted());
    let verdicts = read_meanwhile.decision.unwrap().verdicts;
    for verdict in verdicts {
        assert_eq!(
            in_sync(&verdict.statements),
            (Truth::Unknown, Reason::InventoryUntrusted)
        );
    }
    scene.simulator.release_synchronization("acme").unwrap();
    heals(&mut scene).await;
    assert_eq!(scene.due(), SURPLUS + 1);
}

#[tokio::test]
async fn a_row_without_a_project_hides_it_where_the_git_service_has_projects() {
    use Provider::{AzureDevOps, Bitbucket, GitHub, GitLab};
    for provider in [GitHub, GitLab, Bitbucket, AzureDevOps] {
        let mut scene = Scene::new();
        scene.resource.spec.provider = provider;
        scene.observe().await.unwrap();
        let inventory = scene.state.inventory.unwrap();
        let hides = inventory.repositories()[0].hides_project();
        assert_eq!(hides, [Bitbucket, AzureDevOps].contains(&provider));
    }
}
