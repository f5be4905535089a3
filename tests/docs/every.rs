//! No page is forgotten.

use std::{fs, path::Path};

use serde_json::Value;
use xtask::workspace;

use crate::{
    not_run,
    page::{Step, manifests, pictures, steps},
    pages::PAGES,
};

/// All pages that users read, by their paths in the repository.
fn all() -> Vec<String> {
    let mut pages = vec![
        "README.md".to_owned(),
        "charts/xopero-operator/README.md".to_owned(),
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

fn text(page: &str) -> String {
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
