//! O6, effort: no more is asked than the work needs, and nothing is tried over and over.

use std::collections::BTreeMap;

use xopero_simulator::Endpoint;

use super::{listings, summary::Summary};
use crate::journal::{
    Event, Side, What,
    kubernetes::Reference,
    xopero::{endpoint, is_unseen},
};

/// How often one thing may be written beyond what the reference wrote, for each outcome that was unknown or refused.
const REPEATS: usize = 1;

/// How many writes more than in the reference a resource may see for each further process: it reports afresh.
const REPORTS: usize = 4;

/// The shortest time between two looks that nothing calls for, in milliseconds: the interval of every scenario, a tenth less.
const INTERVAL: u64 = 900;

/// Looks of each process beside those.
const LOOKS: usize = 2;

/// How a run is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Processes of the operator, the first included.
    pub processes: usize,
    /// Requests that were answered with an error, or not at all, because of the fault.
    pub disturbed: usize,
    /// How often a person has helped, which is reported on afresh.
    pub helped: usize,
}

impl Measure {
    /// For how many failures something may be tried again: what fails is tried no more often than it is looked.
    fn excused(self, events: &[Event]) -> usize {
        self.disturbed
            .min(intervals(events) + LOOKS * self.processes)
    }
}

/// So many intervals went by.
fn intervals(events: &[Event]) -> usize {
    let time = |event: Option<&Event>| event.map_or(0, |event| event.time);
    let lasted = time(events.last()).saturating_sub(time(events.first()));
    usize::try_from(lasted / INTERVAL).unwrap_or(usize::MAX)
}

/// What was too much, a sentence each.
pub fn violations(
    (events, summary): (&[Event], &Summary),
    (reference, reference_summary): (&[Event], &Summary),
    measure: Measure,
) -> Vec<String> {
    let Measure {
        processes, helped, ..
    } = measure;
    let disturbed = measure.excused(events);
    let mut found = Vec::new();
    for (target, times) in &summary.0 {
        let before = reference_summary.0.get(target).copied().unwrap_or_default();
        let unseen = if is_unseen(target.0) {
            processes - 1
        } else {
            0
        };
        let limit = before.asked + REPEATS * (times.unknown + disturbed + unseen);
        let tried = times.asked + times.refused;
        if tried > limit + before.refused {
            let (endpoint, name) = target;
            found.push(format!(
                "{endpoint} {name}: tried {tried} times, and {limit} are allowed"
            ));
        }
    }
    found.extend(readings(events, measure));
    let logins = |events: &[Event]| {
        let of_login = |event: &&Event| matches!(&event.what, What::Asked(asked) if endpoint(&asked.path) == Some(Endpoint::Login));
        events.iter().filter(of_login).count()
    };
    let limit = logins(reference) + (processes - 1) + disturbed + helped;
    if logins(events) > limit {
        found.push(format!(
            "{} logins, and {limit} are allowed",
            logins(events)
        ));
    }
    let (mine, theirs) = (writes(events), writes(reference));
    for (object, count) in &mine {
        let before = theirs.get(object).copied().unwrap_or_default();
        let limit = before + REPORTS * (processes + helped) + 2 * disturbed;
        if *count > limit {
            found.push(format!(
                "{object}: written {count} times, and {limit} are allowed"
            ));
        }
    }
    found
}

/// What was read more often than time and events call for: a look each interval, and one for each thing that was written, done or went
/// wrong. Each lists the organizations before and after, the plans once, and the repositories page by page.
fn readings(events: &[Event], measure: Measure) -> Vec<String> {
    let Measure {
        processes, helped, ..
    } = measure;
    let disturbed = measure.excused(events);
    let intervals = intervals(events);
    let is_cause = |event: &&Event| match &event.what {
        What::Asked(asked) => endpoint(&asked.path).is_some_and(Endpoint::is_write),
        What::Done(_) => true,
        What::Answered(_) | What::Watched(_) | What::Called(_) => false,
    };
    let causes = events.iter().filter(is_cause).count() + disturbed + helped;
    let looks = intervals + causes + LOOKS * processes;
    let count = |of: Endpoint| {
        let is_of_it = |event: &&Event| matches!(&event.what, What::Asked(asked) if endpoint(&asked.path) == Some(of));
        events.iter().filter(is_of_it).count()
    };
    let pages = |of: Endpoint| usize::try_from(listings::pages(events, of)).unwrap_or(usize::MAX);
    let (organizations, repositories) = (Endpoint::ListOrganizations, Endpoint::ListRepositories);
    let limits = [
        (organizations, 2 * looks * pages(organizations)),
        (Endpoint::ListPlans, looks),
        (repositories, looks * pages(repositories)),
    ];
    let too_often = limits.into_iter().filter(|(of, limit)| count(*of) > *limit);
    too_often
        .map(|(of, limit)| format!("{of}: asked {} times, and {limit} are allowed", count(of)))
        .collect()
}

/// Writes to Kubernetes by what they do and to whom.
fn writes(events: &[Event]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for event in events {
        if let What::Asked(asked) = &event.what
            && asked.side == Side::Kubernetes
            && Reference::of_asked(asked).is_counted_write()
        {
            *counts.entry(asked.key.as_str()).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::journal::Asked;

    /// Listings of plans, so many milliseconds apart.
    fn listings_of_plans(count: u64, apart: u64) -> Vec<Event> {
        let events = (0..count).map(|number| Event {
            number,
            time: number * apart,
            process: 1,
            what: What::Asked(Asked {
                side: Side::Xopero,
                method: "POST".to_owned(),
                path: Endpoint::ListPlans.path().to_owned(),
                query: String::new(),
                metadata_alone: false,
                body: Value::Null,
                key: String::new(),
            }),
        });
        events.collect()
    }

    #[test]
    fn a_look_each_interval_is_no_more_than_time_calls_for_and_ten_are() {
        let quiet = Measure {
            processes: 1,
            disturbed: 0,
            helped: 0,
        };
        assert_eq!(readings(&listings_of_plans(60, 1000), quiet), [""; 0]);
        assert_eq!(readings(&listings_of_plans(60, 100), quiet).len(), 1);
        let disturbed = Measure {
            disturbed: 60,
            ..quiet
        };
        assert_eq!(readings(&listings_of_plans(60, 500), disturbed), [""; 0]);
        // Not even where each fails.
        assert_eq!(readings(&listings_of_plans(60, 100), disturbed).len(), 1);
    }
}
