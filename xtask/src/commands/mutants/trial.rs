//! One mutant: the tests that reach it, quick ones first, until one fails.

use std::{mem, path::PathBuf, process::Stdio, time::Duration};

use anyhow::{Context, Result};
use tokio::{process, time};

use super::{
    places::Number,
    reach::{Reach, Test, library_tests},
};

/// What is tried at once, by the time it takes: most mutants are noticed by a test of milliseconds.
const FIRST: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(5)];

/// How much longer than without a mutant tests may take before they are taken to hang.
const PATIENCE: u32 = 10;

/// What starting a program may take on a busy machine.
const START: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Noticed,
    Survived,
}

/// What mutants are tried with.
#[derive(Debug)]
pub(super) struct Trials {
    /// The test program with all of them.
    pub(super) program: PathBuf,
    /// The folder of its sources.
    pub(super) copy: PathBuf,
    pub(super) reach: Reach,
}

impl Trials {
    /// Runs the tests that may notice this mutant.
    pub(super) async fn of(&self, number: Number) -> Result<Outcome> {
        let (reaching, others): (Vec<&Test>, Vec<&Test>) = self
            .reach
            .tests
            .iter()
            .partition(|test| test.reached.contains(&number));
        for batch in batches(reaching) {
            if self.fail(&batch, number).await? {
                return Ok(Outcome::Noticed);
            }
        }
        let reached_by_others = self.reach.by_unknown.contains(&number);
        if reached_by_others && self.fail(&others, number).await? {
            return Ok(Outcome::Noticed);
        }
        Ok(Outcome::Survived)
    }

    async fn fail(&self, tests: &[&Test], number: Number) -> Result<bool> {
        if tests.is_empty() {
            return Ok(false);
        }
        let takes: Duration = tests.iter().map(|test| test.takes).sum();
        let mut command = library_tests(&self.program, &self.copy);
        command
            .args(["--quiet", "--test-threads", "1", "--exact"])
            .args(tests.iter().map(|test| test.name.as_str()))
            .env("XOPERO_MUTANT", number.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut running = process::Command::from(command)
            .kill_on_drop(true)
            .spawn()
            .context("the tests cannot be started")?;
        let Ok(status) = time::timeout(takes * PATIENCE + START, running.wait()).await else {
            running.kill().await?;
            return Ok(true);
        };
        Ok(!status?.success())
    }
}

/// The tests as they come, in parts of which each takes longer.
fn batches(tests: Vec<&Test>) -> Vec<Vec<&Test>> {
    let mut batches = Vec::new();
    let mut batch = Vec::new();
    let mut limits = FIRST.into_iter();
    let mut limit = limits.next();
    let mut taken = Duration::ZERO;
    for test in tests {
        taken += test.takes;
        while let Some(most) = limit
            && taken > most
        {
            batches.push(mem::take(&mut batch));
            limit = limits.next();
        }
        batch.push(test);
    }
    batches.push(batch);
    batches
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn quick_tests_are_tried_before_slow_ones() {
        let test = |milliseconds: u64| Test {
            name: milliseconds.to_string(),
            reached: BTreeSet::new(),
            takes: Duration::from_millis(milliseconds),
        };
        let told = |milliseconds: &[u64]| {
            let tests: Vec<Test> = milliseconds.iter().copied().map(test).collect();
            batches(tests.iter().collect())
                .into_iter()
                .map(|batch| batch.into_iter().map(|test| test.name.clone()).collect())
                .collect::<Vec<Vec<String>>>()
        };
        assert_eq!(
            told(&[1, 200, 400, 3000, 9000, 9000]),
            [vec!["1", "200"], vec!["400", "3000"], vec!["9000", "9000"]]
        );
        assert_eq!(told(&[9000]), [vec![], vec![], vec!["9000"]]);
    }
}
