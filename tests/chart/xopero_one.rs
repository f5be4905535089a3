//! The simulated Xopero ONE of these tests, and the samples of the documentation as they are applied to it.

use std::collections::BTreeSet;

use xopero_simulator::{Endpoint, Simulator, State, builder::user, state::Synchronization};
use xtask::samples::filled_in;

/// The account of the samples.
const EMAIL: &str = "operator@example.com";

/// Another account than that of the samples.
pub(crate) const SPARE_EMAIL: &str = "spare@example.com";

/// The world of the demo, over TLS by an authority that no image knows.
pub(crate) fn start() -> Simulator {
    let state = State::from_yaml(include_str!("../simulator/data/demo.yaml")).unwrap();
    // At once, so that who has asked for one sees what it brings.
    let state = state.synchronization(Synchronization::default());
    Simulator::start_tls(state.user(user(SPARE_EMAIL, "one"))).unwrap()
}

/// `docs/samples` for this instance, and not as slow as they are kind: down to the organizations, and what is declared in these.
pub(crate) fn samples(simulator: &Simulator) -> (String, String) {
    let all = filled_in(&simulator.url(), EMAIL, "demo-password").unwrap();
    let is_claims = |(name, _): &(String, String)| name == "30-plans.yaml";
    let claims = all.iter().position(is_claims).unwrap();
    let joined = |part: &[(String, String)]| {
        let texts = part
            .iter()
            .map(|(_, text)| text.replace("perSecond: 5", "perSecond: 1000"));
        texts.collect::<Vec<_>>().join("\n---\n")
    };
    (joined(&all[..claims]), joined(&all[claims..]))
}

/// What every organization holds, in words: repositories with licences and plans.
pub(crate) fn contents(simulator: &Simulator) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for organization in ["kubernetes-sigs", "harbour-works", "Northwind Mills"] {
        for repository in simulator.repositories(organization).unwrap() {
            all.insert(format!("{organization}: {repository:?}"));
        }
    }
    all
}

/// How many changes calls have made in it so far; that it read a Git service again is none.
pub(crate) fn changes(simulator: &Simulator) -> u64 {
    let entries = simulator.journal();
    let kept = entries
        .iter()
        .filter(|entry| entry.endpoint != Some(Endpoint::Sync));
    kept.map(|entry| entry.changes).sum()
}
