//! `cargo xtask mutants`: changes the rules line by line, and tells which change no test notices.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Result;
use clap::Args;
use xtask::{say, workspace};

use super::{
    cargo::{cargo, succeed},
    sources::copy_sources,
};

/// Where a removal is decided on or stopped.
const GUARDS: &[&str] = &[
    "src/inventory/trust.rs",
    "src/decide/owner.rs",
    "src/decide/basis.rs",
    "src/decide/removals.rs",
    "src/decide/ledger.rs",
    "src/decide/ledger/status.rs",
    "src/decide/answer.rs",
    "src/decide/named.rs",
    "src/decide/namers.rs",
    "src/decide/namers/claimants.rs",
    "src/decide/unclaimed.rs",
    "src/decide/order.rs",
    "src/decide/memory/names.rs",
    "src/inventory/names.rs",
];

/// Where the layers above the rules keep a write from being sent, a claim from being missed, or a listing from being believed.
const GUARDS_OF_LAYERS: &[&str] = &[
    "src/runtime/lease/decision.rs",
    "src/runtime/lease/fence.rs",
    "src/xopero/paging.rs",
    "src/xopero/client/writes.rs",
    "src/controllers/admission.rs",
    "src/controllers/claims.rs",
    "src/controllers/namespaces.rs",
    "src/controllers/deletion.rs",
    "src/controllers/finalizers.rs",
    "src/controllers/in_use.rs",
    "src/controllers/watches/hearing.rs",
    "src/controllers/watches/unheard.rs",
    "src/controllers/observed/legible.rs",
    "src/controllers/claim/missing.rs",
    "src/controllers/claim/released.rs",
    "src/controllers/claim/cleaned_up.rs",
    "src/controllers/connections/memory.rs",
    "src/controllers/organization/declared.rs",
    "src/controllers/organization/fresh_look.rs",
    "src/controllers/organization/gather.rs",
    "src/controllers/organization/hour.rs",
    "src/controllers/organization/in_use.rs",
    "src/controllers/organization/last_look.rs",
    "src/controllers/organization/owners.rs",
    "src/controllers/organization/scopes.rs",
    "src/controllers/organization/twins.rs",
];

/// The tests of the rules, without the model's small scope, which is the slow part.
const TESTS_OF_RULES: &[&str] = &[
    "decide::",
    "inventory::",
    "--skip",
    "decide::tests::model::scope",
];

/// The tests of those layers.
const TESTS_OF_LAYERS: &[&str] = &["controllers::", "runtime::", "xopero::"];

/// Seconds after which the tests of a mutant are taken to hang. They take twenty on two cores.
const TIMEOUT: &str = "240";

/// Cases of each property: what only every hundredth would notice is not what guards a removal. With fewer, chance decides whether the
/// model's runs remove enough to be believed.
const CASES: &str = "100";

/// What the cases are drawn from: with others for each mutant, a failure may be chance.
const SEED: &str = "1";

/// Packages that only the tests in `tests` use, and that are built from the operator: without them a mutant is built once and not twice.
const OF_OTHER_TESTS: [&str; 2] = ["xopero-campaign", "xtask"];

/// Modules of the library that the rules know nothing of.
const OF_OTHER_LAYERS: [&str; 2] = ["controllers", "runtime"];

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// All of `src/decide` and `src/inventory`, not the guards alone: many hours
    #[arg(long)]
    all: bool,
    /// The guards of the layers above the rules; with these, every mutant is a build of the whole library
    #[arg(long, conflicts_with = "all")]
    layers: bool,
    /// Only this file, and others for which it is given again
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "layers"])]
    file: Vec<String>,
    /// One part of several, such as 0/8, so that it can be done in slices
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// Leave out what was found before: to go on, or to try again what survived
    #[arg(long)]
    resume: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let Arguments {
        all,
        layers,
        file,
        shard,
        resume,
    } = arguments;
    if !is_installed() {
        say::line("cargo-mutants is built first, once.");
        succeed(cargo(["install", "--locked", "cargo-mutants"]))?;
    }
    let root = workspace::root();
    let copy = root.join("target/mutants");
    copy_sources(&copy)?;
    lighten(&copy.join("Cargo.toml"))?;
    let files: Vec<&str> = match (all, layers, file.as_slice()) {
        (true, ..) => vec!["src/decide/**", "src/inventory/**"],
        (false, true, _) => GUARDS_OF_LAYERS.to_vec(),
        (false, false, []) => GUARDS.to_vec(),
        (false, false, files) => files.iter().map(String::as_str).collect(),
    };
    let tests = if files.iter().all(|file| is_of_rules(file)) {
        leave_out_layers(&copy.join("src/lib.rs"))?;
        TESTS_OF_RULES
    } else {
        TESTS_OF_LAYERS
    };
    say::line(
        "Every mutant is a build of its own: a quarter of a minute each, a minute for those of the layers. What survives is in \
         target/mutants.out/missed.txt.",
    );
    let mut mutants = cargo([
        "mutants",
        "--package",
        "xopero-operator",
        "--in-place",
        "--timeout",
        TIMEOUT,
        // All are tested where they stand.
        "--cargo-arg=--lib",
    ]);
    mutants
        .arg("--output")
        .arg(root.join("target"))
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", root.join("target/mutants-build"))
        // Nobody looks at a backtrace.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("PROPTEST_CASES", CASES)
        .env("PROPTEST_RNG_SEED", SEED)
        // How small a failure can be made is of no use here.
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    for file in files {
        mutants.args(["--file", file]);
    }
    for tests in ["**/tests/**", "**/tests.rs", "**/fixtures/**"] {
        mutants.args(["--exclude", tests]);
    }
    if let Some(shard) = shard {
        mutants.args(["--shard", shard]);
    }
    if *resume {
        mutants.arg("--iterate");
    }
    mutants.args(["--", "--"]).args(tests);
    succeed(mutants)
}

/// Takes the packages of other tests out of what the operator's own tests are built with.
fn lighten(manifest: &Path) -> Result<()> {
    let text = fs::read_to_string(manifest)?;
    let is_light = |line: &&str| {
        let name = line.split_once(" = ").map(|(name, _)| name);
        !name.is_some_and(|name| OF_OTHER_TESTS.contains(&name))
    };
    let lines: Vec<&str> = text.lines().filter(is_light).collect();
    fs::write(manifest, lines.join("\n"))?;
    Ok(())
}

fn is_of_rules(file: &str) -> bool {
    ["src/decide", "src/inventory"]
        .iter()
        .any(|rules| file.starts_with(rules))
}

/// Takes the modules out that stand above the rules: they would be built for every mutant, and test nothing of it.
fn leave_out_layers(library: &Path) -> Result<()> {
    let text = fs::read_to_string(library)?;
    let declarations = OF_OTHER_LAYERS.map(|module| format!("pub mod {module};"));
    let is_below = |line: &&str| !declarations.iter().any(|declaration| declaration == line);
    let lines: Vec<&str> = text.lines().filter(is_below).collect();
    fs::write(library, lines.join("\n"))?;
    Ok(())
}

fn is_installed() -> bool {
    Command::new("cargo-mutants")
        .args(["mutants", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
