//! Which folder of `src` may know which: the architecture, checked in the source text.
//!
//! The crate has no crate boundaries inside, so the compiler does not say when `decide` begins to call a client. This does.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, anyhow};

use self::paths::{Beginning, paths};

mod paths;

/// What a folder may use.
struct Rule {
    folder: &'static str,
    /// Other folders of `src`.
    folders: &'static [&'static str],
    /// Crates that it must not name.
    forbidden_crates: &'static [&'static str],
}

const KUBERNETES: &[&str] = &["kube", "k8s_openapi"];

/// The whole architecture. `decide` gets the ids of `xopero` through `inventory`.
const RULES: &[Rule] = &[
    Rule {
        folder: "api",
        folders: &[],
        forbidden_crates: &[],
    },
    Rule {
        folder: "xopero",
        folders: &[],
        forbidden_crates: KUBERNETES,
    },
    Rule {
        folder: "inventory",
        folders: &["api", "xopero"],
        forbidden_crates: &["kube"],
    },
    Rule {
        folder: "decide",
        folders: &["api", "inventory"],
        forbidden_crates: &["kube", "tokio", "reqwest"],
    },
    Rule {
        folder: "controllers",
        folders: &["api", "xopero", "inventory", "decide", "runtime"],
        forbidden_crates: &[],
    },
    Rule {
        folder: "runtime",
        folders: &["api", "xopero", "inventory", "decide", "controllers"],
        forbidden_crates: &[],
    },
];

/// A file of the package.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// Below `src`, with `/`.
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
}

/// What breaks the rules, one sentence each.
///
/// # Errors
/// If a text is not Rust.
pub(crate) fn violations(sources: &[Source<'_>]) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for source in sources {
        let Some(folder) = folder_of(source.path) else {
            continue;
        };
        let Some(rule) = RULES.iter().find(|rule| rule.folder == folder) else {
            found.insert(format!("src/{}: {folder:?} is no folder of the architecture; put it into one, or say in xtask/src/arrows.rs what it may use", source.path));
            continue;
        };
        for beginning in paths(source).map_err(|error| anyhow!("src/{}: {error}", source.path))? {
            match judge(rule, &beginning) {
                Verdict::Fine => {}
                Verdict::Uses(other) => {
                    uses.entry(rule.folder).or_default().insert(other);
                }
                Verdict::Breaks(sentence) => {
                    found.insert(format!("src/{}: {sentence}", source.path));
                }
            }
        }
    }
    found.extend(cycles(&uses));
    Ok(found)
}

enum Verdict {
    Fine,
    /// Another folder, by right.
    Uses(&'static str),
    Breaks(String),
}

fn judge(rule: &Rule, beginning: &Beginning) -> Verdict {
    let Rule {
        folder,
        folders,
        forbidden_crates,
    } = rule;
    match beginning {
        Beginning::InCrate(other) if other == folder => Verdict::Fine,
        Beginning::InCrate(other) => match RULES.iter().find(|rule| rule.folder == other) {
            Some(other) if folders.contains(&other.folder) => Verdict::Uses(other.folder),
            Some(_) => Verdict::Breaks(format!(
                "{folder} must not use crate::{other}; it may use {}",
                list(folders)
            )),
            // An item of lib.rs may come from anywhere.
            None => Verdict::Breaks(format!(
                "crate::{other} hides which folder it comes from; name the folder"
            )),
        },
        Beginning::Name(name) if forbidden_crates.contains(&name.as_str()) => {
            Verdict::Breaks(format!("{folder} must not know the crate {name}"))
        }
        Beginning::Name(_) => Verdict::Fine,
    }
}

/// The folder that a file of `src` belongs to; `None` for `lib.rs` and `main.rs`, which only hold the rest together.
fn folder_of(path: &str) -> Option<&str> {
    match path.split_once('/') {
        Some((folder, _)) => Some(folder),
        None => path
            .strip_suffix(".rs")
            .filter(|name| !["lib", "main"].contains(name)),
    }
}

fn cycles(uses: &BTreeMap<&str, BTreeSet<&str>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in uses.keys() {
        let mut reached = BTreeSet::new();
        let mut next = vec![*folder];
        while let Some(other) = next.pop() {
            next.extend(
                uses.get(other)
                    .into_iter()
                    .flatten()
                    .filter(|other| reached.insert(**other)),
            );
        }
        if reached.contains(folder) {
            let others = reached
                .iter()
                .filter(|other| *other != folder)
                .copied()
                .collect::<Vec<_>>();
            found.insert(format!(
                "src/{folder} uses itself, by way of {}: folders form no cycles",
                list(&others)
            ));
        }
    }
    found
}

fn list(folders: &[&str]) -> String {
    if folders.is_empty() {
        "no other folder".to_owned()
    } else {
        folders.join(", ")
    }
}

#[cfg(test)]
mod tests;
