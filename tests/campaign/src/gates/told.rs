//! What has passed, for who reads the failure of a test.

use serde_json::Value;

use crate::journal::{Event, What};

/// How much of an event is shown, in characters.
const LINE: usize = 400;

/// An event in a line; none for listings of Xopero ONE, Leases and answers.
pub(super) fn line(event: &Event) -> Option<String> {
    let Event { number, what, .. } = event;
    let told = match what {
        What::Asked(asked) if asked.key.contains("leases") || asked.key.starts_with("list") => {
            return None;
        }
        What::Asked(asked) => {
            let body = if asked.body.is_null() {
                String::new()
            } else {
                asked.body.to_string()
            };
            format!("{} {body}", asked.key)
        }
        What::Watched(watched) => {
            let at = |pointer: &str| watched.line.pointer(pointer).unwrap_or(&Value::Null);
            format!(
                "watched {} {} {} {} {}",
                at("/type"),
                at("/object/kind"),
                at("/object/metadata/name"),
                at("/object/metadata/resourceVersion"),
                at("/object/status/conditions")
            )
        }
        What::Done(deed) => format!("{deed:?}"),
        What::Answered(_) | What::Called(_) => return None,
    };
    let told: String = told.chars().take(LINE).collect();
    Some(format!("{number:>5} {told}\n"))
}
