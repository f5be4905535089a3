//! Child processes are ended in order, whatever they are doing.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{process::Command, time::Duration};

use tempfile::tempdir;
use xtask::process::Process;

const PATIENCE: Duration = Duration::from_secs(30);

fn sleeping(log: &std::path::Path) -> Process {
    let mut command = Command::new("sleep");
    command.arg("600");
    Process::spawn("sleep", &command, log).unwrap()
}

/// Between the signal that ends a process and the one that thaws it there is a moment in which the process ends; many are tried, as
/// nothing can hold it there.
#[test]
fn a_process_that_ends_at_the_first_signal_is_stopped_in_order() {
    let folder = tempdir().unwrap();
    let processes: Vec<Process> = (0..200)
        .map(|_| sleeping(&folder.path().join("log")))
        .collect();

    for process in &processes {
        process.stop(PATIENCE).unwrap();
    }
}

#[test]
fn a_frozen_process_is_stopped_and_one_that_has_ended_may_be_stopped_again() {
    let folder = tempdir().unwrap();
    let process = sleeping(&folder.path().join("log"));
    process.freeze().unwrap();

    let first = process.stop(PATIENCE).unwrap();
    let second = process.stop(PATIENCE).unwrap();

    assert_eq!(first, second);
    assert!(
        process
            .freeze()
            .unwrap_err()
            .to_string()
            .contains("ended already")
    );
}
