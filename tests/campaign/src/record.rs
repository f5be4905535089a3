//! What came of every plan that was played with one program, kept in a file, so that a campaign that was interrupted, or is run in
//! slices, goes on where it ended.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::plan::Plan;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// No oracle found anything.
    Held,
    /// The write of the plan never came, as it may: see [`Plan::may_be_missed`].
    Missed,
    /// What the oracles found, or why the run did not come to its end.
    Failed(Vec<String>),
}

/// A run, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What was played.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub seconds: f64,
    /// The session in which it was played; absent in what an earlier version of the campaign wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
}

/// A campaign, or a slice of one, as far as it had come when a run was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// When it began, in seconds since the Unix epoch.
    pub began: u64,
    /// Seconds since then.
    pub lasted: u64,
    /// How many runs went side by side.
    pub workers: usize,
}

/// The runs of one program, in their order.
#[derive(Debug)]
pub struct Record {
    file: Option<PathBuf>,
    rows: Vec<Row>,
}

impl Record {
    /// One that is not kept.
    pub const fn unkept() -> Self {
        Self {
            file: None,
            rows: Vec::new(),
        }
    }

    /// One that is kept in a file of this folder, and begins anew: what was played before stays in the file, and is not known.
    ///
    /// # Errors
    /// As [`Self::resumed`].
    pub fn kept(folder: &Path, program: &Path) -> Result<Self> {
        let mut record = Self::resumed(folder, program)?;
        record.rows.clear();
        Ok(record)
    }

    /// The one in a file of this folder, with what was played before with the same program. Each program has a file of its own.
    ///
    /// # Errors
    /// If the program or the file cannot be read, or the folder not be made.
    pub fn resumed(folder: &Path, program: &Path) -> Result<Self> {
        let program =
            fs::read(program).with_context(|| format!("{} cannot be read", program.display()))?;
        let digest = hex::encode(Sha256::digest(program));
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        let file = folder.join(format!("record-{digest}.jsonl"));
        let text = if file.exists() {
            fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?
        } else {
            String::new()
        };
        // What another version of the campaign wrote is of no use.
        let rows = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        Ok(Self {
            file: Some(file),
            rows: rows.collect(),
        })
    }

    /// Takes in what came of a run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, row: Row) -> Result<()> {
        if let Some(file) = &self.file {
            let mut file = OpenOptions::new().create(true).append(true).open(file)?;
            // The line feed first: a campaign that was killed may have left half a line.
            write!(file, "\n{}", serde_json::to_string(&row)?)?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// All runs of a plan, the first one first.
    pub fn of<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.plan == *plan)
    }

    /// The sessions of the runs of these plans, each as far as it came; none of runs of which it is not known.
    pub fn sessions<'a>(&self, plans: impl Iterator<Item = &'a Plan>) -> Vec<Session> {
        let mut sessions = BTreeMap::new();
        for session in plans
            .flat_map(|plan| self.of(plan))
            .filter_map(|row| row.session)
        {
            let Session { began, lasted, .. } = session;
            let last: &mut Session = sessions.entry(began).or_insert(session);
            last.lasted = last.lasted.max(lasted);
        }
        sessions.into_values().collect()
    }

    /// Whether a plan need not be played again: it held, or cannot be met.
    pub fn is_settled(&self, plan: &Plan) -> bool {
        let last = self.of(plan).last();
        last.is_some_and(|row| !matches!(row.outcome, Outcome::Failed(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(plan: &Plan, outcome: Outcome) -> Row {
        Row {
            plan: plan.clone(),
            outcome,
            seconds: 1.0,
            session: None,
        }
    }

    #[test]
    fn a_session_lasts_as_long_as_the_last_of_its_runs_says() {
        let mut record = Record::unkept();
        let plans = ["S1", "S2", "S3", "S4"].map(Plan::reference);
        let sessions = [(10, 5), (10, 9), (70, 2)];
        for (plan, (began, lasted)) in plans.iter().zip(sessions) {
            let session = Session {
                began,
                lasted,
                workers: 4,
            };
            let of_it = Row {
                session: Some(session),
                ..row(plan, Outcome::Held)
            };
            record.add(of_it).unwrap();
        }
        let sessions = record.sessions(plans.iter());
        let lasted: Vec<u64> = sessions.iter().map(|session| session.lasted).collect();
        assert_eq!(lasted, [9, 2]);
        assert!(record.sessions(plans.last().into_iter()).is_empty());
    }

    #[test]
    fn a_row_of_an_earlier_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, "one").unwrap();
        let file = Record::kept(folder.path(), &program).unwrap().file.unwrap();
        fs::write(
            file,
            r#"{"plan":{"item":1,"scenario":"S1"},"outcome":"held","seconds":1.5}"#,
        )
        .unwrap();
        let plan = Plan {
            item: 1,
            ..Plan::reference("S1")
        };
        assert!(
            Record::resumed(folder.path(), &program)
                .unwrap()
                .is_settled(&plan)
        );
    }

    #[test]
    fn what_held_is_not_played_again_by_the_same_program() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let program = folder.path().join("program");
        fs::write(&program, "one").unwrap();
        let [held, failed, never] = ["S1", "S2", "S3"].map(Plan::reference);

        let mut record = Record::kept(&kept, &program).unwrap();
        record.add(row(&held, Outcome::Held)).unwrap();
        let found = Outcome::Failed(vec!["O1: it differs".to_owned()]);
        record.add(row(&failed, found)).unwrap();

        let mut record = Record::resumed(&kept, &program).unwrap();
        assert!(record.is_settled(&held));
        assert!(!record.is_settled(&failed));
        assert!(!record.is_settled(&never));
        record.add(row(&failed, Outcome::Held)).unwrap();
        assert!(record.is_settled(&failed));
        assert_eq!(record.of(&failed).count(), 2);

        assert!(!Record::kept(&kept, &program).unwrap().is_settled(&held));
        fs::write(&program, "another").unwrap();
        assert!(!Record::resumed(&kept, &program).unwrap().is_settled(&held));
    }

    #[test]
    fn half_a_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, "one").unwrap();
        let [first, cut, last] = ["S1", "S2", "S3"].map(Plan::reference);
        let mut record = Record::kept(folder.path(), &program).unwrap();
        record.add(row(&first, Outcome::Missed)).unwrap();
        record.add(row(&cut, Outcome::Held)).unwrap();
        let file = record.file.clone().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let (kept, _) = text.rsplit_once("outcome").unwrap();
        fs::write(&file, kept).unwrap();

        let mut record = Record::resumed(folder.path(), &program).unwrap();
        record.add(row(&last, Outcome::Held)).unwrap();

        let record = Record::resumed(folder.path(), &program).unwrap();
        let counts = [first, cut, last].map(|plan| record.of(&plan).count());
        assert_eq!(counts, [1, 0, 1]);
    }
}
