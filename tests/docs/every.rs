//! No page is forgotten.

use std::{fs, path::Path};

use xtask::workspace;

use crate::{
    not_run,
    page::{Step, steps},
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

#[test]
fn every_page_with_commands_is_run() {
    let mut forgotten = all();
    forgotten.retain(|page| {
        let text = fs::read_to_string(workspace::root().join(page)).unwrap();
        let steps = steps(&text);
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
