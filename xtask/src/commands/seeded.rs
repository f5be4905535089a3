//! `cargo xtask seeded`: do the tests bite? A copy of the sources is made, all bugs of `tests/seeded` are written into it, each behind
//! a switch of its own, and for each the test that is named for it must fail; with none switched on, all of them must pass.

mod table;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;
use xtask::{say, workspace};

use self::table::{Bug, Program, Tests, parse};
use super::{
    cargo::{cargo, succeed},
    sources::{copy_sources, git},
};

/// Read by the switch that the patch brings along.
const SWITCH: &str = "XOPERO_SEEDED_BUG";

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only these bugs
    bugs: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let folder = workspace::root().join("tests/seeded");
    let table = fs::read_to_string(folder.join("bugs.txt"))?;
    let mut bugs = parse(&table)?;
    if !arguments.bugs.is_empty() {
        for name in &arguments.bugs {
            ensure!(
                bugs.iter().any(|bug| bug.name == *name),
                "tests/seeded/bugs.txt has no bug {name:?}"
            );
        }
        bugs.retain(|bug| arguments.bugs.contains(&bug.name));
    }
    let copy = workspace::root().join("target/seeded");
    say::line(&format!(
        "The sources with all seeded bugs are in {}.",
        copy.display()
    ));
    copy_sources(&copy)?;
    apply(["--directory=target/seeded", "tests/seeded/bugs.patch"])?;
    share_control_plane(&copy)?;
    let programs = build(&copy)?;
    let all: BTreeSet<&Tests> = bugs.iter().map(|bug| &bug.tests).collect();
    for tests in all {
        let failed = failed(&programs, &copy, tests, None)?;
        ensure!(
            failed.is_empty(),
            "without any bug switched on these fail: {failed:?}"
        );
        say::line(&format!("  silent  {tests}, with no bug switched on"));
    }
    let mut missed = Vec::new();
    for Bug {
        name,
        happened,
        tests,
    } in &bugs
    {
        let began = Instant::now();
        let failed = failed(&programs, &copy, tests, Some(name))?;
        let seconds = began.elapsed().as_secs_f32();
        let (word, by) = match failed.first() {
            Some(first) => ("found", first),
            None => ("MISSED", &tests.to_string()),
        };
        say::line(&format!(
            "{word:>8}  {name} ({happened}), by {by}, {seconds:.1} s"
        ));
        if failed.is_empty() {
            missed.push(name.as_str());
        }
    }
    if missed.is_empty() {
        say::line(&format!("All {} seeded bugs were found.", bugs.len()));
        Ok(())
    } else {
        bail!("not found: {}", missed.join(", "))
    }
}

/// Whether the bugs can be seeded in the sources as they are.
pub(crate) fn fits() -> Result<()> {
    apply(["--check", "tests/seeded/bugs.patch"])
}

fn apply<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<()> {
    git(["apply"].into_iter().chain(arguments))
        .context("tests/seeded/bugs.patch does not fit the sources any more: mend its lines")?;
    Ok(())
}

/// The copy takes the API server of this workspace: its own would be built for it, and be the same.
fn share_control_plane(copy: &Path) -> Result<()> {
    let there = workspace::control_plane_target();
    fs::create_dir_all(&there)?;
    fs::create_dir_all(copy.join("target"))?;
    unix::fs::symlink(there, copy.join("target/control-plane"))?;
    Ok(())
}

/// Builds the tests of the copy once. In a folder of its own: cargo tells packages of two copies apart by their place in the
/// workspace, which is the same, and would take what was built of the one for the other.
fn build(copy: &Path) -> Result<BTreeMap<Program, PathBuf>> {
    let folder = workspace::root().join("target/seeded-build");
    let in_copy = || {
        let mut build = cargo(["test", "--package", "xopero-operator", "--no-run"]);
        build
            .args(["--lib", "--test", Program::Cluster.target()])
            .current_dir(copy)
            .env("CARGO_TARGET_DIR", &folder);
        build
    };
    succeed(in_copy())?;
    let told = in_copy()
        .arg("--message-format=json")
        .stderr(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&told.stdout);
    let built = |program: Program| {
        let path = test_program(&told, program).with_context(|| {
            let name = program.target();
            format!("cargo names no test program {name}")
        })?;
        Ok((program, path))
    };
    Program::ALL.into_iter().map(built).collect()
}

/// Where cargo, which tells a message a line, has put it.
fn test_program(told: &str, program: Program) -> Option<PathBuf> {
    let messages = told
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let is_it = |message: &Value| {
        message.pointer("/target/name").and_then(Value::as_str) == Some(program.target())
            && message.pointer("/profile/test") == Some(&Value::Bool(true))
    };
    let mut paths = messages.filter(is_it).filter_map(|message| {
        let path = message.get("executable")?.as_str()?;
        Some(PathBuf::from(path))
    });
    paths.next()
}

/// The tests that fail. A failure is not kept and not made smaller: that it fails is all that is asked.
fn failed(
    programs: &BTreeMap<Program, PathBuf>,
    copy: &Path,
    tests: &Tests,
    bug: Option<&str>,
) -> Result<Vec<String>> {
    let program = programs.get(&tests.program).context("it is not built")?;
    let mut command = Command::new(program);
    command
        .arg(&tests.filter)
        .current_dir(copy)
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("RUST_BACKTRACE", "0")
        .env_remove(SWITCH)
        .envs(bug.map(|name| (SWITCH, name)));
    let output = command.output().context("the tests cannot be started")?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(
        !told.contains("running 0 tests"),
        "{tests} names no test: correct tests/seeded/bugs.txt"
    );
    judged(&told, output.status).with_context(|| format!("{tests} ended otherwise"))
}

/// The tests that failed, by what the test program told. A program that ends badly without a test that failed, or well with one,
/// found nothing: it crashed, or was killed.
fn judged(told: &str, status: ExitStatus) -> Result<Vec<String>> {
    let failed: Vec<String> = told
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"))
        .map(str::to_owned)
        .collect();
    ensure!(
        status.success() == failed.is_empty(),
        "the test program ended with {status}, and these tests failed: {failed:?}"
    );
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_program_is_none_of_the_other_things_that_are_built() {
        let built = |name: &str, test: bool, path: Value| {
            let message = serde_json::json!({
                "target": { "name": name }, "profile": { "test": test }, "executable": path,
            });
            message.to_string()
        };
        let told = [
            "not a message".to_owned(),
            built("xopero_operator", false, Value::Null),
            built("xopero-operator", false, "/bin".into()),
            built("xopero_operator", true, "/library".into()),
            built("cluster", true, "/cluster".into()),
        ]
        .join("\n");
        let paths = Program::ALL.map(|program| test_program(&told, program));
        assert_eq!(
            paths,
            ["/library", "/cluster"].map(|path| Some(path.into()))
        );
        assert_eq!(test_program("", Program::Cluster), None);
    }

    #[test]
    fn only_a_test_that_failed_finds_a_bug() {
        use std::os::unix::process::ExitStatusExt as _;

        let told = "running 2 tests\ntest a::b ... ok\ntest a::c ... FAILED\n";
        let failed = judged(told, ExitStatus::from_raw(101 << 8)).unwrap();
        assert_eq!(failed, ["a::c"]);
        let quiet = "running 1 test\ntest a::b ... ok\n";
        assert!(judged(quiet, ExitStatus::from_raw(0)).unwrap().is_empty());
        // Killed, and ended badly before any test did.
        assert!(judged("running 1 test\n", ExitStatus::from_raw(9)).is_err());
        assert!(judged("", ExitStatus::from_raw(101 << 8)).is_err());
    }

    #[test]
    fn every_bug_of_the_table_has_its_switch_in_the_patch_and_every_switch_its_line() {
        let folder = workspace::root().join("tests/seeded");
        let table = fs::read_to_string(folder.join("bugs.txt")).unwrap();
        let patch = fs::read_to_string(folder.join("bugs.patch")).unwrap();
        let named: BTreeSet<String> = parse(&table)
            .unwrap()
            .into_iter()
            .map(|bug| bug.name)
            .collect();
        let switches: BTreeSet<String> = patch
            .split("seeded::is(\"")
            .skip(1)
            .filter_map(|after| Some(after.split_once('"')?.0.to_owned()))
            .collect();
        assert_eq!(named, switches);
        assert!(named.len() >= 38);
    }
}
