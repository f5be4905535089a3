//! O5, quiescence: what has converged is left alone.

use crate::{
    gate::trap,
    journal::{Event, Side, What},
};

/// The writes among the events, Leases and events of Kubernetes aside; there must be none once all has converged.
pub fn writes(events: &[Event]) -> Vec<String> {
    let writes = events.iter().filter_map(|event| match &event.what {
        What::Asked(asked) if trap::is_write(asked) => {
            Some(format!("{}: {}", event.number, asked.key))
        }
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    });
    writes.collect()
}

/// Those of them that write to Xopero ONE.
pub fn external_writes(events: &[Event]) -> Vec<String> {
    let external = events
        .iter()
        .filter(|event| matches!(&event.what, What::Asked(asked) if asked.side == Side::Xopero));
    writes(&external.cloned().collect::<Vec<_>>())
}

/// All calls of Xopero ONE among the events, reading ones as well.
pub fn calls(events: &[Event]) -> Vec<String> {
    let calls = events.iter().filter_map(|event| match &event.what {
        What::Asked(asked) if asked.side == Side::Xopero => {
            Some(format!("{}: {}", event.number, asked.key))
        }
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    });
    calls.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::journal::Asked;

    fn asked(side: Side, method: &str, path: &str) -> Event {
        Event {
            number: 1,
            time: 1,
            process: 1,
            what: What::Asked(Asked {
                side,
                method: method.to_owned(),
                path: path.to_owned(),
                query: String::new(),
                metadata_alone: false,
                body: Value::Null,
                key: path.rsplit('/').next().unwrap_or_default().to_owned(),
            }),
        }
    }

    #[test]
    fn reads_and_leases_are_quiet_and_writes_are_not() {
        let kubernetes = |method, resource: &str| {
            let path = format!("/apis/g/v1/namespaces/n/{resource}/x");
            asked(Side::Kubernetes, method, &path)
        };
        let xopero =
            |endpoint: xopero_simulator::Endpoint| asked(Side::Xopero, "POST", endpoint.path());
        let quiet = [
            kubernetes("GET", "xoperobackupplans"),
            kubernetes("PUT", "leases"),
            kubernetes("PATCH", "events"),
            xopero(xopero_simulator::Endpoint::ListPlans),
        ];
        assert_eq!(writes(&quiet), [""; 0]);
        let loud = [
            kubernetes("PATCH", "xoperobackupplans"),
            xopero(xopero_simulator::Endpoint::Sync),
        ];
        assert_eq!(writes(&loud), ["1: x", "1: sync"]);
        assert_eq!(external_writes(&loud), ["1: sync"]);
        assert_eq!(calls(&quiet).len(), 1, "a listing is a call");
    }
}
