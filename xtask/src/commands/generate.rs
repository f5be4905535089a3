//! `cargo xtask generate`: the files that are made from the code, committed and checked.

use std::{fs, io, path::Path};

use anyhow::{Context, Result, bail};
use clap::Args;
use xopero_operator::{api, controllers::metrics};
use xtask::{say, workspace};

mod chart;
mod manifest;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail and show the difference if a file is not what the code says
    #[arg(long)]
    check: bool,
}

/// A file that is made from the code.
struct Generated {
    /// Below the workspace's folder.
    path: String,
    contents: String,
}

/// Folders that hold nothing but generated files, so that one too many is noticed, too.
const FOLDERS: &[&str] = &["crds", "docs/reference", chart::DEFINITIONS];

fn files() -> Result<Vec<Generated>> {
    let definitions = api::crds().into_iter().map(|crd| {
        let path = format!("crds/{}", api::crd_file_name(&crd));
        Ok(Generated {
            path,
            contents: api::crd_yaml(&crd)?,
        })
    });
    let pages = api::reference::pages().into_iter().map(|page| {
        let api::reference::Page { file_name, text } = page;
        Ok(Generated {
            path: format!("docs/reference/{file_name}"),
            contents: text,
        })
    });
    let rights = Generated {
        path: manifest::PATH.to_owned(),
        contents: manifest::text()?,
    };
    let metrics = Generated {
        path: "docs/reference/metrics.md".to_owned(),
        contents: metrics::page(),
    };
    let chart = chart::files()?.into_iter().map(Ok);
    definitions
        .chain(pages)
        .chain([Ok(rights), Ok(metrics)])
        .chain(chart)
        .collect()
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments { check } = arguments;
    if *check { self::check() } else { write() }
}

/// Fails if a file is not what the code says.
pub(super) fn check() -> Result<()> {
    let files = files()?;
    let mut stale = left_over(&files)?;
    for Generated { path, contents } in files {
        let committed = committed(&workspace::root().join(&path))?;
        if committed != contents {
            say::line(&difference(&path, &committed, &contents));
            stale.push(path);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "not what the code says: {}; run `cargo xtask generate` and commit the result",
        stale.join(", ")
    )
}

fn write() -> Result<()> {
    let files = files()?;
    for path in left_over(&files)? {
        fs::remove_file(workspace::root().join(&path))
            .with_context(|| format!("{path} cannot be removed"))?;
        say::line(&format!("removed {path}"));
    }
    for Generated { path, contents } in files {
        let file = workspace::root().join(&path);
        // An untouched file keeps its time, so nothing is built again.
        if committed(&file)? == contents {
            continue;
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, contents).with_context(|| format!("{path} cannot be written"))?;
        say::line(&format!("wrote {path}"));
    }
    Ok(())
}

/// Files in the folders of generated ones that the code does not make (any more).
fn left_over(files: &[Generated]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in FOLDERS {
        let entries = match fs::read_dir(workspace::root().join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other.with_context(|| format!("{folder} cannot be listed"))?,
        };
        for entry in entries {
            let path = format!("{folder}/{}", entry?.file_name().to_string_lossy());
            if !files.iter().any(|file| file.path == path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// As [`committed`], below the workspace's folder.
fn committed_in_workspace(path: &str) -> Result<String> {
    committed(&workspace::root().join(path))
}

/// Empty if the file does not exist yet.
fn committed(file: &Path) -> Result<String> {
    match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        other => other.with_context(|| format!("{} cannot be read", file.display())),
    }
}

/// How many lines of a difference are shown: enough to recognize a change, and not a whole new file.
const SHOWN: usize = 40;

/// The lines that differ, without what both have in common at the beginning and at the end.
fn difference(path: &str, committed: &str, generated: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (committed.lines().collect(), generated.lines().collect());
    let start = old
        .iter()
        .zip(&new)
        .take_while(|(old, new)| old == new)
        .count();
    let (old, new) = (
        old.get(start..).unwrap_or_default(),
        new.get(start..).unwrap_or_default(),
    );
    let end = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let removed = old
        .iter()
        .take(old.len() - end)
        .map(|line| format!("-{line}"));
    let added = new
        .iter()
        .take(new.len() - end)
        .map(|line| format!("+{line}"));
    let mut lines = vec![format!("{path}, from line {}:", start + 1)];
    lines.extend(removed.chain(added));
    if let Some(more) = lines.len().checked_sub(SHOWN + 1).filter(|more| *more > 0) {
        lines.truncate(SHOWN + 1);
        lines.push(format!("… and {more} more lines"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let shown = difference("crds/a.yaml", "one\ntwo\nthree\n", "one\n2\nzwei\nthree\n");

        assert_eq!(shown, "crds/a.yaml, from line 2:\n-two\n+2\n+zwei");
    }

    #[test]
    fn a_long_difference_is_cut() {
        let shown = difference("crds/a.yaml", "", &"line\n".repeat(50));

        assert_eq!(shown.lines().count(), 1 + 40 + 1);
        assert!(shown.ends_with("… and 10 more lines"), "{shown}");
    }
}
