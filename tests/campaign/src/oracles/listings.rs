//! O6, of what is read: where nothing is to be done, each look reads every page once, the organizations before and after, and the plans.

use xopero_simulator::Endpoint;

use crate::journal::{Asked, Event, Side, What, xopero::endpoint};

/// Listings of plans in a look.
const PLANS: u64 = 1;

/// Listings of the organizations in a look: before and after.
const ORGANIZATIONS: u64 = 2;

/// Whole looks among the events that made another number of calls than there are pages, and the constant; a sentence each. There must
/// be one organization at most, and nothing may go wrong.
pub fn violations(events: &[Event]) -> Vec<String> {
    let repositories = pages(events, Endpoint::ListRepositories);
    let organizations = pages(events, Endpoint::ListOrganizations);
    let expected = repositories + ORGANIZATIONS * organizations + PLANS;
    let mut counts = Vec::new();
    for asked in asked(events) {
        let is_listing = endpoint(&asked.path).is_some_and(is_listing) && !is_probe(asked);
        if begins_repositories(asked) {
            counts.push(0);
        }
        if let Some(count) = counts.last_mut() {
            *count += u64::from(is_listing);
        }
    }
    // The last one may not be over.
    counts.pop();
    let wrong = counts.into_iter().filter(|count| *count != expected);
    wrong
        .map(|count| format!("a look made {count} calls of listings: {repositories} pages of repositories, {organizations} of organizations twice, and one of plans are {expected}"))
        .collect()
}

const fn is_listing(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::ListRepositories | Endpoint::ListOrganizations | Endpoint::ListPlans
    )
}

/// Whether it asks for the first page of repositories, as each look does once.
pub(crate) fn begins_repositories(asked: &Asked) -> bool {
    let is_first = asked.body.get("page").is_none_or(|page| page == 1);
    is_first && endpoint(&asked.path) == Some(Endpoint::ListRepositories) && !is_probe(asked)
}

/// Where rows do not say whose they are, one row of an organization that does not exist is asked for: whether it matters at all who is
/// asked about.
fn is_probe(asked: &Asked) -> bool {
    asked.body.get("limit").is_some_and(|limit| limit == 1)
}

fn asked(events: &[Event]) -> impl Iterator<Item = &Asked> {
    events.iter().filter_map(|event| match &event.what {
        What::Asked(asked) if asked.side == Side::Xopero => Some(asked),
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    })
}

/// How many pages a listing has, by what its answers said in whatever casing; one where none said it.
pub(super) fn pages(events: &[Event], of: Endpoint) -> u64 {
    let requests = events.iter().filter(|event| {
        matches!(&event.what, What::Asked(asked) if endpoint(&asked.path) == Some(of) && !is_probe(asked))
    });
    let requests: std::collections::BTreeSet<u64> = requests.map(|event| event.number).collect();
    let said = events.iter().filter_map(|event| match &event.what {
        What::Answered(answered) if requests.contains(&answered.request) => {
            let fields = answered.body.as_object()?;
            let mut said = fields
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case("pageCount"));
            said.next()?.1.as_u64()
        }
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    });
    said.max().unwrap_or_default().max(1)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::journal::{Answered, Reached};

    fn event(number: u64, what: What) -> Event {
        Event {
            number,
            time: number,
            process: 1,
            what,
        }
    }

    /// Listings, each with its page, and answered with two pages.
    fn look(calls: &[(Endpoint, u64)]) -> Vec<Event> {
        let numbers = (1_u64..).step_by(2);
        let events = numbers.zip(calls).flat_map(|(number, (of, page))| {
            let asked = What::Asked(Asked {
                side: Side::Xopero,
                method: "POST".to_owned(),
                path: of.path().to_owned(),
                query: String::new(),
                metadata_alone: false,
                body: json!({ "page": page }),
                key: String::new(),
            });
            let answered = What::Answered(Answered {
                request: number,
                status: Some(200),
                body: if *of == Endpoint::ListRepositories {
                    json!({"PageCount": 2})
                } else {
                    Value::Null
                },
                reached: Reached::Whole,
            });
            [event(number, asked), event(number + 1, answered)]
        });
        events.collect()
    }

    #[test]
    fn a_page_that_is_read_twice_is_found_and_the_last_look_need_not_be_whole() {
        use Endpoint::{ListOrganizations as O, ListPlans as P, ListRepositories as R};
        let whole = [(R, 1), (R, 2), (O, 1), (O, 1), (P, 1)];
        let [first, more @ ..] = whole;
        let once = look(&[whole.as_slice(), &[first]].concat());
        assert_eq!(violations(&once), [""; 0]);
        let mut probe = once.clone();
        if let Some(What::Asked(asked)) = probe.get_mut(2).map(|event| &mut event.what) {
            asked.body["limit"] = 1.into();
        }
        assert_eq!(violations(&probe).len(), 1, "a probe is no page");
        assert_eq!(pages(&probe[..4], R), 2, "by what is no probe");
        assert_eq!(pages(&probe[2..4], R), 1);
        let twice = look(&[&[first, (R, 2)], more.as_slice(), &[first]].concat());
        assert_eq!(violations(&twice).len(), 1, "{:?}", violations(&twice));
        assert_eq!(violations(&look(&whole)), [""; 0]);
    }
}
