//! The commands of the documentation that no test can run, each with the reason.

use std::fs;

use xtask::workspace;

use crate::page::{Step, in_one_line, quoted, steps};

/// Page, how the command begins, why not.
const NOT_RUN: &[(&str, &str, &str)] = &[
    (
        "README.md",
        "cargo xtask demo",
        "the story of the demo; what it shows at its end is run here",
    ),
    (
        "README.md",
        "cargo xtask test",
        "it runs this; .ci/run runs it",
    ),
    (
        "charts/xopero-operator/README.md",
        "helm template --show-only",
        "it is no more than a part: name, chart and values are the reader's",
    ),
    (
        "docs/getting-started.md",
        "cargo build --release",
        "cargo builds the program before its tests; here it lies where this puts it",
    ),
    (
        "docs/architecture.md",
        "cargo xtask test WORD",
        "it would run this again",
    ),
    (
        "docs/promises.md",
        "cargo xtask test ",
        "it would run this again",
    ),
    (
        "docs/tasks/multi-tenancy.md",
        "cargo xtask test NAME",
        "it would run this again",
    ),
    (
        "docs/performance.md",
        "cargo xtask bench",
        "measuring takes minutes, and the machine for itself",
    ),
    (
        "docs/releasing.md",
        "cargo xtask generate",
        "cargo xtask check looks whether it would change anything",
    ),
    (
        "docs/releasing.md",
        "cargo test --test docs",
        "it would run this again",
    ),
    ("docs/releasing.md", "git ", "it would release a version"),
    (
        "docs/reliability.md",
        "cargo xtask campaign",
        "it takes hours; tests/reliability runs a part of it",
    ),
    (
        "docs/reliability-model.md",
        "cargo xtask model",
        "it takes an hour",
    ),
    (
        "docs/reliability-model.md",
        "cargo test --lib decide::tests::model",
        "cargo xtask test runs these tests among all",
    ),
    (
        "docs/reliability-model.md",
        "cargo install --locked cargo-bolero",
        "it installs a program for a toolchain that nothing else here needs",
    ),
    (
        "docs/reliability-model.md",
        "cargo +nightly bolero",
        "it needs that program, and ends when it is told to; each test run tries the same targets for a moment",
    ),
    (
        "docs/reliability-model.md",
        "cargo xtask seeded",
        "it builds everything anew, in a folder of its own",
    ),
    (
        "docs/reliability-model.md",
        "cargo xtask mutants",
        "each mutant is a build of its own: it takes hours",
    ),
    (
        "docs/tasks/install-with-helm.md",
        "docker ",
        "no docker and no registry; xtask check reads the Dockerfile",
    ),
    (
        "docs/tasks/install-with-helm.md",
        "kind load ",
        "it loads what docker has built, into nodes that are containers",
    ),
    (
        "docs/tasks/install-with-argo-cd.md",
        "docker ",
        "no docker and no registry; xtask check reads the Dockerfile",
    ),
    (
        "docs/tasks/install-with-flux.md",
        "docker ",
        "no docker and no registry; xtask check reads the Dockerfile",
    ),
    (
        "docs/runbooks/XoperoOperatorDown.md",
        "kubectl logs NAME -n NAMESPACE --previous",
        "the kubelet of these tests keeps no container that has ended",
    ),
    (
        "docs/runbooks/XoperoOperatorDown.md",
        "kubectl port-forward",
        "pods have no network of their own here",
    ),
    (
        "docs/tasks/verify-a-release.md",
        "cosign verify",
        "nothing is published yet",
    ),
    (
        "docs/tasks/verify-a-release.md",
        "helm install",
        "nothing is published yet; the chart's own tests install it from this checkout",
    ),
    (
        "docs/tasks/watch-it.md",
        "leader=",
        "the operator of these tests is alone, and has no Lease",
    ),
    (
        "docs/tasks/watch-it.md",
        "kubectl port-forward",
        "pods have no network of their own here",
    ),
    (
        "tests/simulator/README.md",
        "cargo run -p xopero-simulator",
        "it would build in the middle of a test; what it starts is started by the test, from the same file",
    ),
];

/// Whether it is not run.
pub(crate) fn is_listed(page: &str, command: &str) -> bool {
    NOT_RUN
        .iter()
        .any(|(other, begins, _)| *other == page && command.starts_with(begins))
}

/// Whether a page with these commands is done with by the list alone.
pub(crate) fn is_all(page: &str, steps: &[Step]) -> bool {
    let mut commands = steps.iter().filter_map(|step| match step {
        Step::Run(command) => Some(command),
        Step::Write { .. } => None,
    });
    commands.all(|command| is_listed(page, &command.text))
}

#[test]
fn what_is_listed_is_there() {
    for (page, begins, reason) in NOT_RUN {
        let text = fs::read_to_string(workspace::root().join(page)).unwrap();
        let in_blocks = steps(&text).into_iter().filter_map(|step| match step {
            Step::Run(command) => Some(in_one_line(&command.text)),
            Step::Write { .. } => None,
        });
        let is_there = in_blocks
            .chain(quoted(&text))
            .any(|command| command.starts_with(begins));
        assert!(is_there, "{page} says {begins:?} no more ({reason})");
    }
}

#[test]
fn ci_runs_all_tests() {
    let ci = fs::read_to_string(workspace::root().join(".ci/run")).unwrap();
    assert!(
        ci.lines()
            .any(|line| line == "step 'test' cargo xtask test")
    );
}
