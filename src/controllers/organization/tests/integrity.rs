//! From a listing to a decision, against the simulator, as a pass goes: whatever is wrong with a listing, nothing is removed by it,
//! the resource says that it is not trusted, and once it is healed the right removals are called for again.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use k8s_openapi::jiff::Timestamp;
use rstest::rstest;
use serde_json::json;
use xopero_simulator::{
    Dialect, Edit, Effect, Endpoint, Fault, Simulator,
    builder::{organization, repository, state, user},
    dialect::OrganizationPlans,
    faults::Status,
    state::Synchronization,
};

use super::{
    super::{
        choose::choose,
        observe::{self, judged, read},
        report,
        state::State,
    },
    EMAIL, PASSWORD, client_of,
};
use crate::{
    api::{
        Provider, Reason, RepositoryLicense, XoperoOrganization, XoperoOrganizationStatus,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        Change, Claim, Decision, Input, Visibility, decide,
        fixtures::{in_sync, organization_claim, plan_claim, repository_claim},
    },
    inventory::trust::Asked,
    xopero::{Budget, Client, Hooks},
};

/// Rows that a page holds, and pages that a listing has.
const ROWS: usize = 3;
const PAGES: usize = 5;
/// What the plan selects: the first nine; the other six are in it without anybody's asking for it.
const SELECTED: &str = "r0*";
const SURPLUS: usize = 6;

/// One organization, the claims on it, and one process that passes over it.
struct Scene {
    simulator: Simulator,
    client: Client,
    resource: XoperoOrganization,
    claims: Vec<Claim>,
    state: State,
}

/// What a pass came to.
struct Passed {
    /// What it decided; nothing where the listing failed.
    decision: Option<Decision>,
    status: XoperoOrganizationStatus,
}

impl Passed {
    fn removals(&self) -> BTreeSet<Change> {
        let decision = self.decision.iter();
        let admitted = decision.flat_map(|decision| &decision.removals);
        admitted
            .flat_map(|admitted| admitted.changes.iter().copied())
            .collect()
    }

    fn is_trusted(&self) -> bool {
        self.status
            .inventory
            .as_ref()
            .is_some_and(|inventory| inventory.trusted)
    }
}

impl Scene {
    fn new() -> Self {
        Self::speaking(Dialect::default())
    }

    fn speaking(dialect: Dialect) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let mut acme = organization("acme").plan("nightly");
        for row in 1..=ROWS * PAGES {
            let name = format!("r{row:02}");
            acme = acme.with(repository(&name).licensed().in_plan("nightly"));
        }
        let world = state()
            .user(user(EMAIL, PASSWORD))
            .with(acme)
            .dialect(Dialect {
                page_size_cap: Some(ROWS),
                ..dialect
            });
        let simulator = Simulator::start(world).unwrap();
        let client = client_of(
            &simulator,
            Duration::from_secs(5),
            Arc::new(Budget::new(10_000, 8)),
            Hooks::default(),
        );
        let resource: XoperoOrganization = serde_json::from_value(json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoOrganization",
            "metadata": { "name": "acme", "namespace": "backup", "uid": "organization-acme", "generation": 1 },
            "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub", "removalLimit": 10 },
        }))
        .unwrap();
        let uid = Arc::from("organization-acme");
        Self {
            client,
            simulator,
            state: State::of(&resource, &uid),
            resource,
            claims: vec![
                plan_claim("nightly").include(&[SELECTED]).exclusive(),
                repository_claim("r15").license(RepositoryLicense::Inactive),
            ],
        }
    }

    /// What a pass does between its first call and what it would send.
    async fn pass(&mut self) -> Passed {
        let now = Timestamp::now();
        match self.observe().await {
            Ok(()) => {
                let decision = self.decide(now);
                let listing = self.state.listings;
                self.state.memory.note_decision(&decision, listing);
                let status =
                    report::decided(&self.resource, &self.state, &decision, &self.claims, now);
                self.state.said.status = status.clone();
                Passed {
                    decision: Some(decision),
                    status,
                }
            }
            Err(error) => {
                let trouble = error.trouble();
                let statement = Statement::new(
                    ConditionType::Reconciling,
                    Truth::True,
                    Reason::ApiUnavailable,
                    trouble.message,
                );
                let status = report::undecided(&self.resource, &self.state, statement, now);
                self.state.said.status = status.clone();
                Passed {
                    decision: None,
                    status,
                }
            }
        }
    }

    async fn observe(&mut self) -> Result<(), observe::Error> {
        self.state.listings += 1;
        let organizations = self.client.organizations().await;
        let organizations = organizations.map_err(|source| observe::Error::Call {
            what: "the organizations",
            source,
        })?;
        let before = choose(organizations, &self.resource.spec, &self.state.meant)?;
        self.state.id = Some(before.id);
        let read = read(&self.client, &before).await?;
        let inventory = judged(&mut self.state, (before, read), &self.resource, Asked::No);
        self.state.memory.note_listing(&inventory, Timestamp::now());
        self.state.inventory = Some(inventory);
        Ok(())
    }

    fn decide(&self, now: Timestamp) -> Decision {
        let mut own = organization_claim("acme");
        own.id = self.state.id.unwrap();
        decide(&Input {
            organization: &own,
            claims: &self.claims,
            visibility: &Visibility::Whole,
            inventory: self.state.inventory.as_ref().unwrap(),
            doubt: self.state.doubt,
            memory: &self.state.memory,
            ledger: &self.state.ledger,
            trouble: None,
            unconfirmed: None,
            now,
        })
    }

    /// What of the plan's surplus, and of the licence against which a claim is, is still there.
    fn due(&self) -> usize {
        let rows = self.simulator.repositories("acme").unwrap();
        let surplus = rows
            .iter()
            .filter(|row| row.name.as_str() > "r09" && row.name.starts_with('r'));
        surplus.count() + usize::from(rows.iter().any(|row| row.name == "r15"))
    }
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
        let verdicts = decision.verdicts;
        let named = verdicts
            .iter()
            .find(|verdict| verdict.key.name == "r15")
            .unwrap();
        assert_eq!(
            in_sync(&named.statements),
            (Truth::Unknown, Reason::InventoryUntrusted)
        );
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
        let verdicts = shrunk.decision.unwrap().verdicts;
        let named = verdicts
            .iter()
            .find(|verdict| verdict.key.name == "r15")
            .unwrap();
        assert_eq!(
            in_sync(&named.statements),
            (Truth::Unknown, Reason::InventoryUntrusted)
        );
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
