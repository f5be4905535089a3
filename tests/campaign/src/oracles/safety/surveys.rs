//! What there was of each kind, as lists of metadata showed it: what the operator was told of its own accord has to hold all of that before
//! anything is removed.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view::{Key, View, kind_of};
use crate::journal::kubernetes::Reference;

/// How long before a removal they may have been looked for, in milliseconds: one look serves those of a moment.
const LATELY: u64 = 30_000;

/// The kinds that may spare what is to be removed.
const KINDS: [&str; 4] = [
    "XoperoOrganization",
    "XoperoBackupPlan",
    "XoperoRepository",
    "XoperoAzureProject",
];

/// The last list of metadata of each kind, in each namespace that was asked for.
#[derive(Debug, Default)]
pub(super) struct Surveys {
    last: BTreeMap<(&'static str, String), Survey>,
}

#[derive(Debug)]
struct Survey {
    /// When it was answered, in milliseconds since the Unix epoch.
    time: u64,
    /// The uid and the generation of each object.
    objects: BTreeMap<Key, (String, i64)>,
}

impl Surveys {
    /// The answer to a list of metadata, or to a further page of it.
    pub(super) fn taken(
        &mut self,
        time: u64,
        (reference, query): (&Reference, &str),
        body: &Value,
    ) {
        let Some(kind) = kind_of(&reference.resource) else {
            return;
        };
        let of = (kind, reference.namespace.clone());
        let survey = self.last.entry(of).or_insert_with(|| Survey {
            time,
            objects: BTreeMap::new(),
        });
        survey.time = time;
        if !query.contains("continue=") {
            survey.objects.clear();
        }
        let items = body.get("items").and_then(Value::as_array);
        for item in items.into_iter().flatten() {
            let text = |pointer: &str| {
                let text = item.pointer(pointer).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            let key = (
                kind.to_owned(),
                text("/metadata/namespace"),
                text("/metadata/name"),
            );
            let generation = item.pointer("/metadata/generation").and_then(Value::as_i64);
            let seen = (text("/metadata/uid"), generation.unwrap_or_default());
            survey.objects.insert(key, seen);
        }
    }

    /// What is gone is not missed.
    pub(super) fn gone(&mut self, key: &Key) {
        for survey in self.last.values_mut() {
            survey.objects.remove(key);
        }
    }

    /// A kind of which all was shown anew, in that namespace, or everywhere.
    pub(super) fn listed(&mut self, kind: &str, namespace: &str) {
        for survey in self.last.values_mut() {
            survey.objects.retain(|(of, place, _), _| {
                of != kind || !(namespace.is_empty() || place == namespace)
            });
        }
    }

    /// Whether each kind was looked through lately at that time, and all that was there then was shown.
    pub(super) fn are_shown(&self, view: &View, time: u64) -> Result<(), String> {
        for kind in KINDS {
            let mut of_kind = self.last.iter().filter(|((of, _), _)| *of == kind);
            if !of_kind.any(|(_, survey)| survey.time + LATELY > time) {
                return Err(format!("no {kind} was looked for lately"));
            }
        }
        let mut all = self.last.values().flat_map(|survey| &survey.objects);
        let unknown = all.find(|(key, (uid, generation))| !view.shows(key, (uid, *generation)));
        match unknown {
            None => Ok(()),
            Some(((kind, _, name), _)) => {
                Err(format!("{kind} {name} was there, and was not shown"))
            }
        }
    }
}
