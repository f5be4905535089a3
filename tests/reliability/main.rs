//! The share of the campaign that runs with every test: what is most dangerous, on a real API server. All of it is run by
//! `cargo xtask campaign --all`.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure")]

use std::path::Path;

use xopero_campaign::{
    campaign::{self, Choice},
    catalogue::Item,
    gate::{Fault, Position},
    plan::Plan,
    record::Record,
    run::Stage,
    scenario,
};
use xtask::{
    control_plane::{ControlPlane, Options},
    workspace,
};

/// Crashes around what takes something away: where it was not sent, and where its answer was lost.
fn around_a_removal(plan: &Plan) -> bool {
    plan.traps.iter().any(|trap| {
        let crashes = [Position::Before, Position::Lost].map(Fault::Crash);
        crashes.contains(&trap.fault) && when(plan).contains("detach")
    })
}

fn when(plan: &Plan) -> String {
    let title = plan.title();
    title.to_lowercase()
}

/// Plays what is chosen of an item; returns how many runs there were. All must keep what the operator promises.
async fn play(item: Item, scenarios: &[&str], share: fn(&Plan) -> bool) -> usize {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_xopero-operator"));
    let kept = workspace::root().join("target/campaign");
    let stage = Stage::on(control_plane.clone(), program, &kept)
        .await
        .unwrap();
    let scenarios = scenarios.iter().map(|name| scenario::named(name).unwrap());
    let choice = Choice {
        items: vec![item],
        scenarios: scenarios.collect(),
        from: 1,
        share,
        words: Vec::new(),
        workers: 8,
    };

    let mut record = Record::unkept();
    let tallies = campaign::run(&stage, &choice, &mut record).await.unwrap();

    let failed: Vec<&String> = tallies.iter().flat_map(|tally| &tally.failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    control_plane.stop().await.unwrap();
    tallies.iter().map(|tally| tally.tried).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_a_removal_costs_nothing_and_removes_nothing_more() {
    let tried = play(Item::Crashes, &["S2", "S4"], around_a_removal).await;
    // Nine removals, each before, lost, and before with a second crash.
    assert_eq!(tried, 27);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_is_waited_for_and_nothing_is_removed_by_what_was_not_told() {
    let tried = play(Item::BadKubernetes, &["S10"], |_| true).await;
    // Five watches that are silent, and three lists that come late.
    assert_eq!(tried, 8);
}
