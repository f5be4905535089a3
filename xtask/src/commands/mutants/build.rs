//! The one build: what does not build with its switch is left out of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::{say, workspace};

use super::{
    list::Mutant,
    places::Number,
    switch::{MODULE, MODULE_NAME, mutant_at, switched},
};
use crate::commands::cargo::cargo;

/// Packages that only the tests in `tests` use, and that are built from the operator.
const OF_OTHER_TESTS: [&str; 2] = ["xopero-campaign", "xtask"];

/// The compiler's word for a switch in what has to be known when it compiles.
const SWITCH_IN_CONSTANT: &str = "E0015";

/// A test program with mutants in it that can be switched on.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) program: PathBuf,
    pub(super) mutants: BTreeSet<Number>,
    /// Those that may build where nothing but they is changed, and only then.
    pub(super) alone: BTreeSet<Number>,
}

/// Builds the library's tests in this copy of the sources.
pub(super) fn build(copy: &Path, mutants: &[Mutant]) -> Result<Built> {
    lighten(&copy.join("Cargo.toml"))?;
    let library = copy.join("src/lib.rs");
    let text = fs::read_to_string(&library)?;
    fs::write(&library, format!("{text}mod {MODULE_NAME};\n"))?;
    fs::write(copy.join(format!("src/{MODULE_NAME}.rs")), MODULE)?;
    let mut left_out: BTreeMap<Number, String> = BTreeMap::new();
    loop {
        let sources = write(copy, mutants, &left_out)?;
        say::line(&format!(
            "Building with {} mutants …",
            sources.mutants.len()
        ));
        let told = told(copy)?;
        if let Some(program) = test_program(&told) {
            let alone = sources.unwritten.into_iter().chain(
                left_out
                    .into_iter()
                    .filter(|(_, code)| code == SWITCH_IN_CONSTANT)
                    .map(|(number, _)| number),
            );
            return Ok(Built {
                program,
                mutants: sources.mutants,
                alone: alone.collect(),
            });
        }
        let culprits: BTreeMap<Number, String> = errors(&told)
            .filter_map(|error| culprit(&error, &sources.texts))
            .collect();
        if culprits.is_empty() {
            let rendered =
                errors(&told).filter_map(|error| Some(error.get("rendered")?.as_str()?.to_owned()));
            bail!("this does not build:\n{}", rendered.collect::<String>());
        }
        left_out.extend(culprits);
    }
}

/// Takes the packages of other tests out of what the library's tests are built with.
pub(super) fn lighten(manifest: &Path) -> Result<()> {
    let text = fs::read_to_string(manifest)?;
    let is_light = |line: &&str| {
        let name = line.split_once(" = ").map(|(name, _)| name);
        !name.is_some_and(|name| OF_OTHER_TESTS.contains(&name))
    };
    let lines: Vec<&str> = text.lines().filter(is_light).collect();
    fs::write(manifest, lines.join("\n"))?;
    Ok(())
}

struct Sources {
    /// By file name as the compiler has it.
    texts: BTreeMap<String, String>,
    mutants: BTreeSet<Number>,
    /// What no switch can be written for.
    unwritten: BTreeSet<Number>,
}

fn write(copy: &Path, mutants: &[Mutant], left_out: &BTreeMap<Number, String>) -> Result<Sources> {
    let mut files: BTreeMap<&str, Vec<(Number, &Mutant)>> = BTreeMap::new();
    for (number, mutant) in mutants.iter().enumerate() {
        let of_file = files.entry(&mutant.file).or_default();
        if !left_out.contains_key(&number) {
            of_file.push((number, mutant));
        }
    }
    let mut sources = Sources {
        texts: BTreeMap::new(),
        mutants: BTreeSet::new(),
        unwritten: BTreeSet::new(),
    };
    for (file, mutants) in files {
        let source = fs::read_to_string(workspace::root().join(file))?;
        let (text, written) = switched(&source, &mutants).with_context(|| file.to_owned())?;
        fs::write(copy.join(file), &text)?;
        sources.texts.insert(file.to_owned(), text);
        let unwritten = mutants.iter().map(|(number, _)| *number);
        let unwritten = unwritten.filter(|number| !written.contains(number));
        sources.unwritten.extend(unwritten);
        sources.mutants.extend(written);
    }
    Ok(sources)
}

/// What cargo tells, a message a line.
fn told(copy: &Path) -> Result<Vec<Value>> {
    let output = cargo(["test", "--package", "xopero-operator", "--lib", "--no-run"])
        .arg("--message-format=json")
        .current_dir(copy)
        .env(
            "CARGO_TARGET_DIR",
            workspace::root().join("target/mutants-build"),
        )
        // Nobody looks at a backtrace.
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        // Much of what is written for the switches could be said in fewer words.
        .env("RUSTFLAGS", "--cap-lints=allow")
        .stderr(Stdio::inherit())
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = told
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    ensure!(
        !messages.is_empty(),
        "cargo told nothing ({})",
        output.status
    );
    Ok(messages)
}

fn test_program(told: &[Value]) -> Option<PathBuf> {
    told.iter().find_map(|message| {
        let is_it = message.pointer("/target/name")?.as_str()? == "xopero_operator"
            && message.pointer("/profile/test")?.as_bool()?;
        is_it.then_some(())?;
        Some(message.get("executable")?.as_str()?.into())
    })
}

fn errors(told: &[Value]) -> impl Iterator<Item = Value> {
    told.iter().filter_map(|message| {
        let message = message.get("message")?;
        (message.get("level")?.as_str()? == "error").then(|| message.clone())
    })
}

/// The mutant that this error is about, and the error's code: the first in which one of its places is, those first that the compiler
/// underlines.
fn culprit(error: &Value, texts: &BTreeMap<String, String>) -> Option<(Number, String)> {
    let mut spans: Vec<&Value> = error.get("spans")?.as_array()?.iter().collect();
    spans.sort_by_key(|span| span.get("is_primary").and_then(Value::as_bool) != Some(true));
    let number = spans.into_iter().find_map(|span| {
        let text = texts.get(span.get("file_name")?.as_str()?)?;
        let byte = usize::try_from(span.get("byte_start")?.as_u64()?).ok()?;
        mutant_at(text, byte)
    })?;
    let code = error.pointer("/code/code").and_then(Value::as_str);
    Some((number, code.unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_is_of_the_mutant_in_which_it_is_underlined() {
        let text = "a /*<3*/b/*3>*/ c /*<4*/d/*4>*/";
        let texts = BTreeMap::from([("src/a.rs".to_owned(), text.to_owned())]);
        let span = |letter: &str, is_primary: bool| json!({ "file_name": "src/a.rs", "byte_start": text.find(letter), "is_primary": is_primary });
        let about = |spans: &[Value]| {
            let error = json!({ "spans": spans, "code": { "code": "E0015" } });
            let (number, code) = culprit(&error, &texts)?;
            assert_eq!(code, SWITCH_IN_CONSTANT);
            Some(number)
        };
        assert_eq!(about(&[span("d", false), span("b", true)]), Some(3));
        assert_eq!(about(&[span("c", true), span("d", false)]), Some(4));
        assert_eq!(about(&[span("a", true)]), None);
    }
}
