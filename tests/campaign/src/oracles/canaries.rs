//! O7, canaries: secrets appear nowhere, and nothing panics.

use serde_json::Value;

use crate::journal::{Event, Side, What};

/// What the log of an operator and its requests must not hold. `secrets` are looked for as they are.
pub fn violations(events: &[Event], log: &str, secrets: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret));
    for line in log.lines() {
        if line.contains("panicked at") {
            found.push(format!("the log tells of a panic: {line}"));
        }
        if holds(line) {
            found.push("the log holds a secret".to_owned());
        }
    }
    for event in events {
        let (what, body) = match &event.what {
            What::Asked(asked) if asked.side == Side::Kubernetes => (&asked.key, &asked.body),
            What::Asked(_)
            | What::Answered(_)
            | What::Watched(_)
            | What::Called(_)
            | What::Done(_) => {
                continue;
            }
        };
        if *body != Value::Null && holds(&body.to_string()) {
            found.push(format!("{}: {what} holds a secret", event.number));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::journal::Asked;

    fn patch(body: Value) -> Event {
        Event {
            number: 7,
            time: 1,
            process: 1,
            what: What::Asked(Asked {
                side: Side::Kubernetes,
                method: "PATCH".to_owned(),
                path: String::new(),
                query: String::new(),
                metadata_alone: false,
                body,
                key: "patch x".to_owned(),
            }),
        }
    }

    #[test]
    fn secrets_in_the_log_or_a_status_and_panics_are_found() {
        let secrets = ["canary"];
        let quiet = [patch(json!({"message": "all is well"}))];
        assert_eq!(violations(&quiet, "INFO all is well", &secrets), [""; 0]);
        let loud = [patch(
            json!([{"value": {"message": "wrong password canary"}}]),
        )];
        let log = "thread 'main' panicked at src/x.rs\nWARN canary";
        assert_eq!(violations(&loud, log, &secrets).len(), 3);
    }
}
