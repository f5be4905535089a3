//! What came of every plan that was played with one program, kept in a file, so that a campaign that was interrupted, or is run in
//! slices, goes on where it ended.

use std::{
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
    /// The program under test, by what is in it.
    program: String,
    /// What was played.
    pub plan: Plan,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub seconds: f64,
}

/// The runs of one program, in their order.
#[derive(Debug)]
pub struct Record {
    file: Option<PathBuf>,
    program: String,
    rows: Vec<Row>,
}

impl Record {
    /// One that is not kept.
    pub const fn unkept() -> Self {
        Self {
            file: None,
            program: String::new(),
            rows: Vec::new(),
        }
    }

    /// One that is kept in this file, and begins anew: what was played before stays in the file, and is not known.
    ///
    /// # Errors
    /// As [`Self::resumed`].
    pub fn kept(file: &Path, program: &Path) -> Result<Self> {
        let mut record = Self::resumed(file, program)?;
        record.rows.clear();
        Ok(record)
    }

    /// The one in this file, with what was played before with the same program. Runs of other programs are taken out of the file.
    ///
    /// # Errors
    /// If the program or the file cannot be read, or the file not be written.
    pub fn resumed(file: &Path, program: &Path) -> Result<Self> {
        let program = fs::read(program)
            .with_context(|| format!("{} cannot be read", program.display()))
            .map(|bytes| hex::encode(Sha256::digest(bytes)))?;
        let text = if file.exists() {
            fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?
        } else {
            String::new()
        };
        // A campaign that was killed may have left half a line; and what another version of it wrote is of no use.
        let mut rows: Vec<Row> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        rows.retain(|row| row.program == program);
        let lines = rows.iter().map(line).collect::<Result<String>>()?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        if lines != text {
            fs::write(file, lines)
                .with_context(|| format!("{} cannot be written", file.display()))?;
        }
        Ok(Self {
            file: Some(file.to_owned()),
            program,
            rows,
        })
    }

    /// Takes in what came of a run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn add(&mut self, plan: Plan, outcome: Outcome, seconds: f64) -> Result<()> {
        let row = Row {
            program: self.program.clone(),
            plan,
            outcome,
            seconds,
        };
        if let Some(file) = &self.file {
            let mut file = OpenOptions::new().create(true).append(true).open(file)?;
            file.write_all(line(&row)?.as_bytes())?;
        }
        self.rows.push(row);
        Ok(())
    }

    /// All runs of a plan, the first one first.
    pub fn of<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(move |row| row.plan == *plan)
    }

    /// Whether a plan need not be played again: it held, or cannot be met.
    pub fn is_settled(&self, plan: &Plan) -> bool {
        let last = self.of(plan).last();
        last.is_some_and(|row| !matches!(row.outcome, Outcome::Failed(_)))
    }
}

fn line(row: &Row) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string(row)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_held_is_not_played_again_by_the_same_program() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept/runs.jsonl");
        let program = folder.path().join("program");
        fs::write(&program, "one").unwrap();
        let [held, failed, never] = ["S1", "S2", "S3"].map(Plan::reference);

        let mut record = Record::kept(&file, &program).unwrap();
        record.add(held.clone(), Outcome::Held, 1.0).unwrap();
        let found = Outcome::Failed(vec!["O1: it differs".to_owned()]);
        record.add(failed.clone(), found, 2.0).unwrap();

        let mut record = Record::resumed(&file, &program).unwrap();
        assert!(record.is_settled(&held));
        assert!(!record.is_settled(&failed));
        assert!(!record.is_settled(&never));
        record.add(failed.clone(), Outcome::Held, 2.0).unwrap();
        assert!(record.is_settled(&failed));
        assert_eq!(record.of(&failed).count(), 2);

        assert!(!Record::kept(&file, &program).unwrap().is_settled(&held));
        fs::write(&program, "another").unwrap();
        assert!(!Record::resumed(&file, &program).unwrap().is_settled(&held));
    }

    #[test]
    fn half_a_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let (file, program) = (
            folder.path().join("runs.jsonl"),
            folder.path().join("program"),
        );
        fs::write(&program, "one").unwrap();
        let plan = Plan::reference("S1");
        let mut record = Record::kept(&file, &program).unwrap();
        record.add(plan.clone(), Outcome::Missed, 1.0).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let (half, _) = text.split_once("outcome").unwrap();
        fs::write(&file, format!("{text}{half}")).unwrap();
        let record = Record::resumed(&file, &program).unwrap();
        assert_eq!(record.of(&plan).count(), 1);
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}
