//! `decide` alone: criterion measures it, and its estimates go into the table.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xtask::{say, workspace};

use super::{
    cargo, succeed,
    table::{Row, Target, Unit},
    target,
};

/// The benchmark's file, and its name for cargo.
const FILE: &str = "benches/decide.rs";
const NAME: &str = "decide";

/// Runs it, and reads what criterion has found.
pub(super) fn measure() -> Result<Vec<Row>> {
    if !workspace::root().join(FILE).exists() {
        bail!("there is no {FILE} to run");
    }
    say::line("criterion measures decide …");
    succeed(cargo([
        "bench",
        "--quiet",
        "--package",
        "xopero-operator",
        "--bench",
        NAME,
    ]))?;
    let mut found = Vec::new();
    estimates(&target().join("criterion"), &mut found)?;
    found.sort();
    if found.is_empty() {
        bail!(
            "criterion has left no estimates in {}",
            target().join("criterion").display()
        );
    }
    found.iter().map(|file| row(file)).collect()
}

/// Every `new/estimates.json` under the folder.
fn estimates(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            estimates(&path, found)?;
        } else if path.ends_with("new/estimates.json") {
            found.push(path);
        }
    }
    Ok(())
}

fn row(file: &Path) -> Result<Row> {
    let read = |file: &Path| -> Result<Value> {
        let text = fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        Ok(serde_json::from_str(&text)?)
    };
    let estimates = read(file)?;
    let described = read(&file.with_file_name("benchmark.json"))?;
    let name = described.get("full_id").and_then(Value::as_str);
    let mean = estimates.pointer("/mean/point_estimate");
    // Nanoseconds.
    let mean = mean
        .and_then(Value::as_f64)
        .context("criterion tells no mean")?;
    let name = name.context("criterion tells no name")?;
    Ok(Row {
        target: bound(name),
        ..Row::told(name, Unit::Milliseconds, mean / 1e6)
    })
}

/// By the name of the benchmark: whether its claims are one plan or a resource for each repository.
fn bound(name: &str) -> Target {
    if name.contains("plan") {
        Target::Below(10.0)
    } else if name.contains("resource") {
        Target::Below(50.0)
    } else {
        Target::None
    }
}
