//! What every workflow of GitHub's must say: which commit of an action it runs, and when it gives up.

use anyhow::Result;
use serde_json::{Map, Value};

/// What is wrong with one, a sentence each.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn complaints(name: &str, text: &str) -> Result<Vec<String>> {
    let workflow: Value = serde_saphyr::from_str(text)?;
    let jobs = workflow.get("jobs").and_then(Value::as_object);
    let mut found = Vec::new();
    for (job, says) in jobs.into_iter().flatten() {
        let place = format!("{name}, job {job}");
        // A job that is a workflow of its own has its limits there.
        if says.get("uses").is_none() && says.get("timeout-minutes").is_none() {
            found.push(format!(
                "{place}: without timeout-minutes it may hang for six hours"
            ));
        }
        let steps = says.get("steps").and_then(Value::as_array);
        let steps = steps.into_iter().flatten().filter_map(Value::as_object);
        for action in says.as_object().into_iter().chain(steps).filter_map(used) {
            if !is_pinned(action) {
                found.push(format!(
                    "{place}: {action} may be another tomorrow: pin it by the 40 digits of its commit"
                ));
            }
        }
    }
    Ok(found)
}

fn used(step: &Map<String, Value>) -> Option<&str> {
    step.get("uses")?.as_str()
}

/// By its commit, or in this repository.
fn is_pinned(action: &str) -> bool {
    action.starts_with("./")
        || action.rsplit_once('@').is_some_and(|(_, commit)| {
            commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
jobs:
  test:
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
      - uses: ./.github/actions/own
      - run: true
  shared:
    uses: o/r/.github/workflows/w.yml@de0fac2e4500dabe0009e67214ff5f5447ce83dd
";

    #[test]
    fn what_is_pinned_and_ends_is_fine() {
        assert_eq!(complaints("a.yml", GOOD).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_tag_a_short_commit_and_a_job_without_end_are_named() {
        let commit = "de0fac2e4500dabe0009e67214ff5f5447ce83dd";
        let tag = GOOD.replacen(commit, "v6", 1);
        let short = GOOD.replace(&format!("w.yml@{commit}"), "w.yml@de0fac2");
        let endless = GOOD.replace("    timeout-minutes: 10\n", "");
        for (text, named) in [
            (tag, "job test: actions/checkout@v6 "),
            (short, "job shared: o/r/.github/workflows/w.yml@de0fac2 "),
            (endless, "job test: without timeout-minutes"),
        ] {
            let found = complaints("a.yml", &text).unwrap();
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(named), "{found:?}");
        }
    }
}
