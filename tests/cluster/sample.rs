//! What the sample repositories of docs/gitops stand for in a test.

use xopero_simulator::{
    State,
    builder::{organization, plan, state},
};

use crate::{
    world::World,
    yaml::{EMAIL, PASSWORD},
};

/// A Xopero ONE with the organization and the plan that they name, and another plan.
pub(crate) fn xopero_one() -> State {
    state().licences(10).with(
        organization("acme")
            .plan(plan("Nightly"))
            .plan(plan("Weekly"))
            .with_all(["api", "web", "my-sandbox"]),
    )
}

/// The Secret that is not in Git.
pub(crate) fn account() -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: xopero-account\n  labels: {{xopero.dev/credentials: \"true\"}}\nstringData: {{email: {EMAIL}, password: {PASSWORD}}}\n"
    )
}

/// With this world's namespace and Xopero ONE for those of the example, and managed, as by somebody who has looked at the drift.
pub(crate) fn adapted(text: &str, world: &World) -> String {
    let namespace = format!("namespace: {}", world.namespace);
    text.replace("namespace: backup", &namespace)
        .replace("https://xopero.example.com", &world.url())
        .replace("mode: Observe", "mode: Manage")
}
