//! What of the memory makes a difference from now on, for the model checker: two memories of one essence decide alike for ever.
//! Numbers of listings and times are told as far as rules ask for them, so that an endless run comes back to where it was.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    sync::Arc,
};

use k8s_openapi::jiff::Timestamp;

use super::{Memory, failures::Lost, outcomes};
use crate::decide::Change;

/// As long as anything is remembered by its time alone.
const LONGEST_HOURS: i64 = 72;

impl Memory {
    /// Writes it down, as it is with this listing and at this time.
    pub(in crate::decide) fn essence(
        &self,
        text: &mut String,
        listing: u64,
        now: Timestamp,
    ) -> fmt::Result {
        // No `..`: what is remembered and not told would merge states that differ.
        let Self {
            // Of no account while the clock goes forward.
            latest: _,
            first_due,
            missing,
            confirmed,
            repeated,
            refused,
            lost,
            failing,
            sent_once,
            activations,
            licences_missing,
            settings,
            projects,
            may_be_renamed,
            followed,
            names,
            accepted,
            waits_ended,
            all_waits_ended,
            generations,
            given_up,
            not_permitted,
            approved,
        } = self;
        let mut ends: Vec<_> = waits_ended.iter().collect();
        ends.sort();
        for (change, first) in first_due {
            write!(text, "due {change:?} {};", *first < listing)?;
        }
        for (missed, first) in missing {
            write!(text, "missing {missed:?} {};", *first < listing)?;
        }
        for (change, confirmed) in confirmed {
            let old = age(confirmed.at, now, 24);
            let (before, ever) = (
                confirmed.listing < listing,
                confirmed.times_since(Timestamp::MIN),
            );
            write!(text, "made {change:?} {old} {before} {ever}")?;
            for (uid, ended) in &ends {
                write!(text, " {uid} {}", confirmed.times_since(**ended))?;
            }
        }
        for (change, refusal) in refused {
            let old = age(refusal.at, now, LONGEST_HOURS);
            write!(
                text,
                "refused {change:?} {old} {} {}",
                refusal.times, refusal.status
            )?;
            for (uid, ended) in &ends {
                write!(text, " {uid} {}", refusal.at >= **ended)?;
            }
        }
        write_lost(text, lost, &ends, (listing, now))?;
        failing.essence(text, listing, |at| age(at, now, LONGEST_HOURS))?;
        activations.essence(text, listing)?;
        text.push_str(&licences_missing.essence());
        names.essence(text, |at| age(at, now, LONGEST_HOURS))?;
        let mut known: Vec<_> = generations.iter().collect();
        known.sort();
        let denied: Vec<_> = not_permitted
            .iter()
            .filter(|(_, (at, _))| *at >= listing)
            .collect();
        write!(
            text,
            "{repeated:?}{sent_once:?}{settings:?}{projects:?}{may_be_renamed:?}{followed:?}{accepted:?}{given_up:?}{:?}{known:?}{denied:?}{approved:?}",
            all_waits_ended.map(|ended| age(ended, now, LONGEST_HOURS)),
        )
    }
}

fn write_lost(
    text: &mut String,
    lost: &BTreeMap<Change, Lost>,
    ends: &[(&Arc<str>, &Timestamp)],
    (listing, now): (u64, Timestamp),
) -> fmt::Result {
    for (change, lost) in lost {
        write!(
            text,
            "lost {change:?} {} {} {:?} {}",
            lost.awaited_listings(*change, listing),
            lost.times,
            lost.status,
            if lost.times > 1 {
                age(lost.at, now, LONGEST_HOURS)
            } else {
                0
            },
        )?;
        for (uid, ended) in ends {
            write!(text, " {uid} {}", lost.at >= **ended)?;
        }
    }
    Ok(())
}

/// In minutes; what is older than the rules ask for is one.
fn age(at: Timestamp, now: Timestamp, longest_hours: i64) -> i64 {
    let minutes = now.duration_since(at).as_mins();
    debug_assert!(outcomes::REMEMBERED.as_secs() <= LONGEST_HOURS.unsigned_abs() * 3_600);
    minutes.min(longest_hours * 60)
}
