//! The share of the campaign that runs with every test: what is most dangerous, on a real API server. All of it is run by
//! `cargo xtask campaign --all`.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure")]

use std::path::Path;

use xopero_campaign::{
    campaign::{self, Choice},
    catalogue::Item,
    gate::{Fault, Position, When},
    journal::xopero::is_destructive,
    plan::Plan,
    record::Record,
    run::Stage,
    scenario::{self, Scenario},
};
use xopero_simulator::Endpoint;
use xtask::{
    control_plane::{ControlPlane, Options},
    workspace,
};

/// What takes something away, killed before it is sent, where its answer is lost and once that has come, also once more at the next start.
fn is_a_crash_at_a_removal(plan: &Plan) -> bool {
    plan.traps.iter().any(|trap| {
        let crashes = Position::ALL.map(Fault::Crash);
        let key = match &trap.when {
            When::Key(key) | When::VerbAndResource(key) => key.as_str(),
            When::ListIn { .. } | When::AnyWrite => "",
        };
        let word = key.split(' ').next().unwrap_or_default();
        crashes.contains(&trap.fault) && endpoint(word).is_some_and(is_destructive)
    })
}

/// What takes something away and is lost, carried out twice, or late: after the next call, after the next listing, or once the next process
/// has listed what is there.
fn is_a_removal_of_unknown_outcome(plan: &Plan) -> bool {
    let mut faults = plan.xopero.iter();
    faults.any(|fault| fault.endpoint.is_some_and(is_destructive))
}

fn endpoint(name: &str) -> Option<Endpoint> {
    let mut all = Endpoint::ALL.into_iter();
    all.find(|endpoint| endpoint.name() == name)
}

/// The scenarios in which something is taken away, with how many such writes each has at least.
fn taking_away() -> Vec<Scenario> {
    let mut scenarios = scenario::all();
    scenarios.retain(|scenario| scenario.floor.destructive > 0);
    scenarios
}

fn removals() -> usize {
    let scenarios = taking_away();
    scenarios
        .iter()
        .map(|scenario| scenario.floor.destructive)
        .sum()
}

/// Plays what is chosen of an item; returns how many runs there were. All must keep what the operator promises.
async fn play(item: Item, scenarios: Vec<Scenario>, share: fn(&Plan) -> bool) -> usize {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_xopero-operator"));
    let kept = workspace::root().join("target/campaign");
    let stage = Stage::on(control_plane.clone(), program, &kept)
        .await
        .unwrap();
    let choice = Choice {
        items: vec![item],
        scenarios,
        from: 1,
        share,
        words: Vec::new(),
        workers: 8,
    };

    let mut record = Record::unkept();
    let (tallies, _) = campaign::run(&stage, &choice, &mut record).await.unwrap();

    let failed: Vec<&String> = tallies.iter().flat_map(|tally| &tally.failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    control_plane.stop().await.unwrap();
    tallies.iter().map(|tally| tally.tried).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_a_removal_costs_nothing_and_removes_nothing_more() {
    let tried = play(Item::Crashes, taking_away(), is_a_crash_at_a_removal).await;
    // Each before, lost and after, and before with a second crash.
    assert!(tried >= 4 * removals(), "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_of_which_nobody_knows_what_became_costs_nothing_and_removes_nothing_more() {
    let tried = play(
        Item::UnknownOutcomes,
        taking_away(),
        is_a_removal_of_unknown_outcome,
    )
    .await;
    // Each lost, late in three ways, and twice.
    assert!(tried >= 5 * removals(), "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_waited_for_and_nothing_is_removed_by_what_was_not_told() {
    let late = scenario::named("S10").unwrap();
    let tried = play(Item::BadKubernetes, vec![late], |_| true).await;
    // Five watches that are silent, five lists that come late, and five from the past.
    assert_eq!(tried, 15);
}
