//! What is printed after the installation: its commands are run as they stand, in their order.

use std::time::Duration;

use xtask::{
    control_plane::{ControlPlane, Options},
    wait::until_holds,
};

use crate::helm::chart;

/// How long the kinds may take to be served. It is for what never comes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Each command in a text, in words.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let lines = joined
        .lines()
        .filter_map(|line| line.strip_prefix("  kubectl "));
    let words = lines.map(|line| line.split_whitespace().map(|word| word.replace('\'', "")));
    words.map(Iterator::collect).collect()
}

#[tokio::test]
async fn every_command_that_is_printed_after_the_installation_does_what_it_says() {
    // Never somebody's cluster, where a namespace of that name may be.
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let chart = chart();
    let install = [
        "install",
        "xopero-operator",
        chart.to_str().unwrap(),
        "--namespace",
        "xopero-system",
        "--create-namespace",
    ];
    let installed = control_plane.helm(&install).await.unwrap();
    let notes = installed.success().unwrap();
    // Until then kubectl would keep in mind that there are no such kinds.
    let kinds = ["api-resources", "--categories=xopero", "--output=name"];
    let are_served = until_holds(PATIENCE, async || {
        let kinds = control_plane.kubectl(&kinds, None).await.unwrap();
        kinds.success().unwrap().lines().count() == 5
    });
    assert!(are_served.await, "the five kinds are not served");
    let commands = commands(&notes);
    let verbs: Vec<_> = commands.iter().map(|words| words[0].as_str()).collect();
    assert_eq!(
        verbs,
        ["rollout", "create", "create", "label", "get"],
        "{notes}"
    );
    for words in &commands {
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words[0] == "rollout" {
            // No node is here on which it would come to an end.
            words.push("--watch=false");
        }
        let done = control_plane.kubectl(&words, None).await.unwrap();
        done.success()
            .unwrap_or_else(|complaint| panic!("{words:?}: {complaint:#}"));
    }
    let label = "--output=jsonpath={.metadata.labels}";
    let secret = [
        "get",
        "secret",
        "xopero-account",
        "--namespace=backup",
        label,
    ];
    let secret = control_plane.kubectl(&secret, None).await.unwrap();
    assert_eq!(
        secret.success().unwrap().trim(),
        r#"{"xopero.dev/credentials":"true"}"#
    );
}
