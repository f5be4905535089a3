//! No page is forgotten.

use std::{fs, path::Path};

use serde_json::Value;
use xtask::workspace;

use crate::{
    not_run,
    page::{Step, in_one_line, manifests, pictures, quoted, steps},
    pages::PAGES,
};

/// What the commands of these pages begin with.
const PROGRAMS: &[&str] = &[
    "argocd",
    "cargo",
    "cosign",
    "curl",
    "docker",
    "flux",
    "git",
    "helm",
    "kind",
    "kubectl",
    "openssl",
    "promtool",
    "xopero-operator",
];

/// All pages that users read, by their paths in the repository.
pub(crate) fn all() -> Vec<String> {
    let mut pages = vec![
        "README.md".to_owned(),
        "charts/xopero-operator/README.md".to_owned(),
        "tests/simulator/README.md".to_owned(),
    ];
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(workspace::root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if Path::new(&path).extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

pub(crate) fn text(page: &str) -> String {
    fs::read_to_string(workspace::root().join(page)).unwrap()
}

#[test]
fn every_page_with_commands_is_run() {
    let mut forgotten = all();
    forgotten.retain(|page| {
        let steps = steps(&text(page));
        let has_commands = steps.iter().any(|step| matches!(step, Step::Run(_)));
        has_commands
            && !PAGES.iter().any(|read| Path::new(page).starts_with(read))
            && !not_run::is_all(page, &steps)
    });
    assert_eq!(
        forgotten, [""; 0],
        "run them in tests/docs/pages, or list their commands in tests/docs/not_run.rs"
    );
}

/// What a reader would type.
fn commands(page: &str) -> impl Iterator<Item = String> {
    steps(&text(page))
        .into_iter()
        .filter_map(|step| match step {
            Step::Run(command) => Some(in_one_line(&command.text)),
            Step::Write { .. } => None,
        })
}

/// Within a sentence nothing is run: a command there only repeats one of a block, on whatever page.
#[test]
fn a_command_within_a_sentence_stands_in_a_block_as_well() {
    let is_command = |words: &str| {
        let mut words = words.split(' ').skip_while(|word| word.contains('='));
        let is_program = words
            .next()
            .is_some_and(|program| PROGRAMS.contains(&program));
        is_program && words.count() >= 3
    };
    let pages = all();
    let run: Vec<_> = pages.iter().flat_map(|page| commands(page)).collect();
    let mut hidden = Vec::new();
    for page in &pages {
        for words in quoted(&text(page)) {
            let is_run = run.iter().any(|command| command.contains(&words));
            if is_command(&words) && !is_run && !not_run::is_listed(page, &words) {
                hidden.push(format!("{page}: {words}"));
            }
        }
    }
    assert_eq!(
        hidden, [""; 0],
        "write them as blocks, or list them in tests/docs/not_run.rs"
    );
}

#[test]
fn every_verb_of_xtask_exists() {
    for page in all() {
        let words = commands(&page).chain(quoted(&text(&page)));
        for verb in words.filter_map(|words| words.strip_prefix("cargo xtask ").map(str::to_owned))
        {
            let verb = verb.split(' ').next().unwrap().replace('-', "_");
            let file = format!("xtask/src/commands/{verb}.rs");
            assert!(workspace::root().join(&file).exists(), "{page}: {file}");
        }
    }
}

/// A block without a language is looked at here: a command of a program that nobody has thought of is not taken for one.
#[test]
fn what_is_not_run_is_no_command() {
    let mut found: Vec<_> = all()
        .iter()
        .flat_map(|page| {
            let text = text(page);
            let lines = pictures(&text).into_iter();
            lines
                .map(|line| line.split_whitespace().next().unwrap().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    found.sort();
    // A table of files, a query for Prometheus, and the drawing in Architecture.
    assert_eq!(
        found,
        ["Kubernetes", "clusters/production/backup.yaml", "sum"]
    );
}

#[test]
fn every_manifest_can_be_read() {
    for page in all() {
        for manifest in manifests(&text(&page)) {
            for document in manifest.split("\n---\n") {
                let read: Result<Value, _> = serde_saphyr::from_str(document);
                read.unwrap_or_else(|error| panic!("{page}: {error}\n{document}"));
            }
        }
    }
}
