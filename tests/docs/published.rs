//! What pages say while no version is published, and say no more once one is.

use crate::every::{all, text};

/// Page, and how the sentence begins.
const NOT_YET: &[(&str, &str)] = &[
    ("CHANGELOG.md", "Nothing is published yet."),
    ("README.md", "Version 0.1.0 is not released yet."),
    ("SECURITY.md", "Until the first version is released"),
    (
        "docs/faq.md",
        "Not yet: no image and no chart is published.",
    ),
    (
        "docs/tasks/install-with-argo-cd.md",
        "Version 0.1.0 is not released:",
    ),
    (
        "docs/tasks/install-with-flux.md",
        "Version 0.1.0 is not released:",
    ),
    (
        "docs/tasks/install-with-helm.md",
        "Version 0.1.0 is not released and no image is published:",
    ),
    (
        "docs/tasks/verify-a-release.md",
        "**Nothing is published yet.**",
    ),
];

/// Whether the changelog has a version that is released. A candidate is none.
fn is_released(changelog: &str) -> bool {
    let headings = changelog
        .lines()
        .filter_map(|line| line.strip_prefix("## "));
    let mut released = headings.filter(|heading| !heading.ends_with("(unreleased)"));
    released.any(|heading| {
        let version = heading.split(' ').next();
        version.is_some_and(|version| !version.contains('-'))
    })
}

#[test]
fn pages_say_that_nothing_is_published_as_long_as_nothing_is() {
    let is_released = is_released(&text("CHANGELOG.md"));
    let mut wrong = NOT_YET.to_vec();
    wrong.retain(|(page, sentence)| text(page).contains(sentence) == is_released);
    let what = if is_released {
        "a version is released: take these sentences out, and what they lead to (docs/releasing.md)"
    } else {
        "no version is released, and these sentences are gone"
    };
    assert_eq!(wrong, [("", ""); 0], "{what}");
}

#[test]
fn every_page_that_says_that_nothing_is_published_is_known() {
    let mut pages = all();
    pages.extend(["CHANGELOG.md", "SECURITY.md"].map(str::to_owned));
    pages.retain(|page| {
        let text = text(page).to_lowercase();
        let says = [
            "is not released",
            "(unreleased)",
            "published yet",
            "is published.",
        ];
        let is_known = NOT_YET.iter().any(|(known, _)| known == page);
        // That page says what is to be done about it.
        says.iter().any(|words| text.contains(words)) && !is_known && page != "docs/releasing.md"
    });
    assert_eq!(pages, [""; 0], "list them in tests/docs/published.rs");
}

#[test]
fn a_version_without_a_remark_is_released_and_a_candidate_is_not() {
    assert!(!is_released("# Changelog\n\n## 0.1.0 (unreleased)\n"));
    assert!(!is_released("## 0.1.0 (unreleased)\n\n## 0.1.0-rc.1\n"));
    assert!(is_released("## 0.2.0 (unreleased)\n\n## 0.1.0\n"));
    assert!(is_released("## 0.1.0 (2027-01-31)\n"));
}
