//! Whether the watches of Kubernetes hear of what there is.

use crate::controllers::{
    metrics::{
        description::Description,
        sample::{Sample, count, number},
    },
    watches::{Hearing, Stored, Watchable},
};

static WATCHES: Description = Description::gauge(
    "watches",
    "Watches of a kind, one for each watched namespace or one for all, by state: listed, not_listed or failing",
    "Does it hear of changes? While a watch has not listed everything, nothing is removed.",
)
.by(&["kind", "state"]);

static FAILURES: Description = Description::counter(
    "watch_failures",
    "Attempts to list or watch that failed; each is tried again",
    "Is the API server hard to reach, or a right missing?",
)
.by(&["kind"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[&WATCHES, &FAILURES];

/// The samples of one kind.
pub(super) fn samples<K: Watchable>(stored: &Stored<K>) -> Vec<Sample> {
    let kind = K::kind(&());
    let Hearing {
        listed,
        not_listed,
        failing,
        failures,
    } = stored.hearing();
    let in_state = |state: &'static str, watches| {
        Sample::new(&WATCHES, [kind.clone(), state.into()], number(watches))
    };
    let failures = i64::try_from(failures).unwrap_or(i64::MAX);
    vec![
        in_state("listed", listed),
        in_state("not_listed", not_listed),
        in_state("failing", failing),
        Sample::new(&FAILURES, [kind.clone()], count(failures)),
    ]
}
