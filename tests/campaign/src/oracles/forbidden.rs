//! What the operator asks of the API server it has a right to.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::journal::{Answered, Asked, Event, Side, What, kubernetes::Reference};

/// What the operator asked of the API server with its own account, and has no right to.
pub fn violations(events: &[Event]) -> Vec<String> {
    const FORBIDDEN: u16 = 403;
    let mut open: BTreeMap<u64, &Asked> = BTreeMap::new();
    let mut found = Vec::new();
    for event in events {
        match &event.what {
            What::Asked(asked) if asked.side == Side::Kubernetes => {
                open.insert(event.number, asked);
            }
            What::Answered(answered) => {
                let Some(asked) = open.remove(&answered.request) else {
                    continue;
                };
                if answered.status == Some(FORBIDDEN) && !is_of_an_ending_namespace(answered) {
                    let namespace = Reference::of_asked(asked).namespace;
                    let key = &asked.key;
                    found.push(format!("{key} in {namespace:?}: forbidden"));
                }
            }
            What::Asked(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {}
        }
    }
    found
}

/// Nothing is created in a namespace that is being deleted, whoever asks: no right would help.
fn is_of_an_ending_namespace(answered: &Answered) -> bool {
    let cause = answered.body.pointer("/details/causes/0/reason");
    cause.and_then(Value::as_str) == Some("NamespaceTerminating")
}
