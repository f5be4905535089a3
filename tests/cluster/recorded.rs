//! Every state in which the tests have seen a resource, kept as a file: `tests/gitops` has the engines of Argo CD and Flux judge them.

#![expect(
    clippy::expect_used,
    reason = "a state that cannot be kept would be missing there"
)]

use std::{
    collections::BTreeSet,
    env, fs,
    path::PathBuf,
    sync::{LazyLock, Mutex, PoisonError},
};

use regex::Regex;
use serde_json::{Value, json};

use crate::objects::Object;

/// Names the folder; without it nothing is kept. `cargo xtask test` sets it.
const VARIABLE: &str = "XOPERO_RECORD_OBJECTS";

static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| env::var_os(VARIABLE).map(Into::into));
static KEPT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keeps it, unless a resource of its kind was seen in the same state before.
pub(crate) fn keep(object: &Object) {
    let Some(folder) = &*FOLDER else { return };
    let state = state(object);
    // The lock is held until the file is there, so that no other thread writes it, too.
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.insert(state.clone()) {
        let text = serde_saphyr::to_string(&masked(object)).expect("a resource is YAML");
        fs::create_dir_all(folder).expect("the folder can be made");
        fs::write(folder.join(format!("{state}.yaml")), replaced(text)).expect("a file");
    }
}

/// All that an engine may look at: the kind, whether it is being deleted, whether its spec was seen, and every condition.
fn state(object: &Object) -> String {
    let mut parts = vec![object.text("/kind").to_owned()];
    if !object.at("/metadata/deletionTimestamp").is_null() {
        parts.push("deleting".to_owned());
    }
    if object.number("/status/observedGeneration") != Some(object.generation()) {
        parts.push("unobserved".to_owned());
    }
    for condition in object.conditions() {
        let words = [condition.type_, condition.status, condition.reason];
        parts.push(words.join("-"));
    }
    parts.join(".")
}

/// Without what differs from run to run and no engine looks at.
fn masked(object: &Object) -> Value {
    let mut masked = object.0.clone();
    if let Some(metadata) = masked.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        metadata.insert("resourceVersion".to_owned(), json!("1"));
        let uid = "00000000-0000-4000-8000-000000000000";
        metadata.insert("uid".to_owned(), json!(uid));
        let annotations = metadata
            .get_mut("annotations")
            .and_then(Value::as_object_mut);
        if let Some(annotations) = annotations {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    masked
}

/// The same text as if every test ran at one time, in one namespace and against one port.
fn replaced(text: String) -> String {
    let masks = [
        (
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
            "2026-01-01T00:00:00Z",
        ),
        (r"test-\d+-\d+", "backup"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:8080"),
    ];
    masks.into_iter().fold(text, |text, (pattern, mask)| {
        let pattern = Regex::new(pattern).expect("a pattern");
        pattern.replace_all(&text, mask).into_owned()
    })
}
