//! The share of the campaign that runs with every test: what is most dangerous, on a real API server. All of it is run by
//! `cargo xtask campaign --all`.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure")]

use std::path::Path;

use xopero_campaign::{
    campaign::{self, Choice},
    catalogue::Item,
    gate::When,
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

/// What takes something away: killed before it is sent, where its answer is lost and once that has come, also once more at the next start;
/// and lost, carried out twice, or late: after the next call, after the next listing, or once the next process has listed.
fn is_at_a_removal(plan: &Plan) -> bool {
    let crashes = plan.traps.iter().filter_map(|trap| match &trap.when {
        When::Key(key) => endpoint(key.split(' ').next()?),
        When::VerbAndResource(_) | When::ListIn { .. } | When::AnyWrite => None,
    });
    let unknown = plan.xopero.iter().filter_map(|fault| fault.endpoint);
    crashes.chain(unknown).any(is_destructive)
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

/// Plays what is chosen of the items; returns how many runs there were of each. All must keep what the operator promises.
async fn play(items: &[Item], scenarios: Vec<Scenario>, share: fn(&Plan) -> bool) -> Vec<usize> {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_xopero-operator"));
    let kept = workspace::root().join("target/campaign");
    let stage = Stage::on(control_plane.clone(), program, &kept)
        .await
        .unwrap();
    let choice = Choice {
        items: items.to_vec(),
        scenarios,
        from: 1,
        share,
        words: Vec::new(),
        workers: 10,
    };

    let mut record = Record::unkept();
    let (tallies, _) = campaign::run(&stage, &choice, &mut record).await.unwrap();

    let failed: Vec<&String> = tallies.iter().flat_map(|tally| &tally.failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    control_plane.stop().await.unwrap();
    tallies.iter().map(|tally| tally.tried).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_cut_short_or_of_unknown_outcome_costs_nothing_and_removes_nothing_more()
{
    let items = [Item::Crashes, Item::UnknownOutcomes];
    let tried = play(&items, taking_away(), is_at_a_removal).await;
    let [crashes, unknown] = tried[..] else {
        panic!("{tried:?}")
    };
    // Each before, lost and after, and before with a second crash.
    assert!(crashes >= 4 * removals(), "{crashes}");
    // Each lost, late in three ways, and twice.
    assert!(unknown >= 5 * removals(), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_waited_for_and_nothing_is_removed_by_what_was_not_told() {
    let late = scenario::named("S10").unwrap();
    let tried = play(&[Item::BadKubernetes], vec![late], |_| true).await;
    // Five watches that are silent, five lists that come late, and five from the past.
    assert_eq!(tried, [15]);
}
