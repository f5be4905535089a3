//! The simulated Xopero ONE of these tests, and the samples of the documentation as they are applied to it.

use std::{collections::BTreeSet, fs, path::PathBuf};

use xopero_simulator::{Endpoint, Simulator, Watched, builder::user, state::Synchronization};
use xtask::workspace;

/// Another account than that of the samples.
pub(crate) const SPARE_EMAIL: &str = "spare@example.com";

/// The world of the demo, over TLS by an authority that no image knows.
pub(crate) fn start() -> Simulator {
    let file = workspace::root().join("tests/simulator/data/demo.yaml");
    let (_, state) = Watched::read(&file).unwrap();
    // At once, so that who has asked for one sees what it brings.
    let state = state.synchronization(Synchronization::default());
    Simulator::start_tls(state.user(user(SPARE_EMAIL, "one"))).unwrap()
}

/// `docs/samples` for this instance, and not as slow as they are kind: down to the organizations, and what is declared in these.
pub(crate) fn samples(simulator: &Simulator) -> (String, String) {
    let folder = workspace::root().join("docs/samples");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let text = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        text.replace("http://127.0.0.1:8080", &simulator.url())
            .replace("change-me", "demo-password")
            .replace("perSecond: 5", "perSecond: 1000")
    };
    let claims = files
        .iter()
        .position(|file| file.ends_with("30-plans.yaml"))
        .unwrap();
    let joined = |files: &[PathBuf]| files.iter().map(text).collect::<Vec<_>>().join("\n---\n");
    (joined(&files[..claims]), joined(&files[claims..]))
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
