//! O3, of what was listed: nothing is taken away while the last that was read of a listing is an answer that a fault had spoilt.

use std::collections::{BTreeMap, BTreeSet};

use xopero_simulator::Endpoint;

use crate::journal::{Event, What, xopero::is_destructive};

/// Removals that were asked for before a listing with a spoilt answer was read again, a sentence each. `faults` are the numbers of
/// those that spoil an answer.
pub fn violations(events: &[Event], faults: &BTreeSet<u64>) -> Vec<String> {
    // The pages that were spoilt, and not read again: one by itself, or all of them anew.
    let mut spoilt: BTreeMap<(Endpoint, usize), u64> = BTreeMap::new();
    let mut found = Vec::new();
    for event in events {
        let What::Called(entry) = &event.what else {
            continue;
        };
        let Some(endpoint) = entry.endpoint else {
            continue;
        };
        let page = entry.page.unwrap_or(1);
        let is_listing = !endpoint.is_write() && endpoint != Endpoint::Login;
        if entry.fault.is_some_and(|fault| faults.contains(&fault)) && is_listing {
            spoilt.insert((endpoint, page), event.number);
        } else if is_listing {
            spoilt.retain(|(of, at), _| *of != endpoint || (*at != page && page != 1));
        } else if is_destructive(endpoint)
            && let Some(((listing, page), number)) = spoilt.first_key_value()
        {
            found.push(format!(
                "{}: {endpoint} was asked for after page {page} of {listing} was answered wrongly ({number}), and before it was read again",
                event.number
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use xopero_simulator::{Answer, Entry};

    use super::*;

    fn call(number: u64, endpoint: Endpoint, page: usize, fault: Option<u64>) -> Event {
        Event {
            number,
            time: number,
            process: 1,
            what: What::Called(Box::new(Entry {
                number,
                time: number,
                endpoint: Some(endpoint),
                path: endpoint.path().to_owned(),
                targets: Vec::new(),
                page: Some(page),
                user: None,
                authorization: true,
                request: Value::Null,
                answer: Answer::Status(200),
                changes: 0,
                applied_after: None,
                fault,
                in_flight: 1,
                beside_another_login: false,
            })),
        }
    }

    /// How many removals are blamed: pages of the listing of repositories with the fault or not, and then a removal.
    fn blamed(pages: &[(usize, Option<u64>)]) -> usize {
        let listed = (1..).zip(pages);
        let mut events: Vec<Event> = listed
            .map(|(number, (page, fault))| call(number, Endpoint::ListRepositories, *page, *fault))
            .collect();
        events.push(call(99, Endpoint::DetachRepository, 1, None));
        violations(&events, &BTreeSet::from([7])).len()
    }

    #[test]
    fn a_removal_waits_until_a_spoilt_page_is_read_again_or_all_are() {
        assert_eq!(blamed(&[(1, None), (2, None)]), 0);
        assert_eq!(blamed(&[(1, None), (2, Some(7))]), 1);
        assert_eq!(blamed(&[(1, None), (2, Some(7)), (3, None)]), 1);
        assert_eq!(blamed(&[(1, None), (2, Some(7)), (2, None)]), 0);
        assert_eq!(blamed(&[(1, None), (2, Some(7)), (1, None)]), 0);
        assert_eq!(
            blamed(&[(1, None), (2, Some(8))]),
            0,
            "one that spoils nothing"
        );
    }

    #[test]
    fn another_listing_does_not_make_up_for_it() {
        let events = [
            call(1, Endpoint::ListPlans, 1, Some(7)),
            call(2, Endpoint::ListRepositories, 1, None),
            call(3, Endpoint::Deactivate, 1, None),
        ];
        assert_eq!(violations(&events, &BTreeSet::from([7])).len(), 1);
    }
}
