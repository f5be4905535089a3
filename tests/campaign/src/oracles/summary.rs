//! O2, the summary: the writes that had an effect in Xopero ONE, and how often each was asked for.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use xopero_simulator::{Endpoint, Entry, State, ids, journal::Kind};

use crate::journal::{
    Event, Reached, What,
    xopero::{is_destructive, is_unseen},
};

/// One thing that can be written: the endpoint, and what it is about.
pub type Target = (Endpoint, String);

/// How often something was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Calls that reached Xopero ONE and were not refused.
    pub asked: usize,
    /// Calls that it refused, and that changed nothing.
    pub refused: usize,
    /// Those of them that no fault has had it refuse: there was nothing to do.
    pub in_vain: usize,
    /// Those of them that changed something.
    pub effective: usize,
    /// Those whose answer the operator never saw, or of which the answer does not tell.
    pub unknown: usize,
    /// Those that changed nothing because of a fault that kept what became of them open, before one that did.
    pub prevented: usize,
    /// Those that were carried out only after something else was asked.
    pub late: usize,
}

/// All writes of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary(pub BTreeMap<Target, Times>);

/// Which repositories hold a licence: calls that give several at once say only how many changed.
#[derive(Debug, Default)]
struct Licences(BTreeSet<Uuid>);

impl Summary {
    /// Of the calls among the events, from a state onwards; `open` are the numbers of the faults whose answers leave it open whether a
    /// call was carried out.
    ///
    /// # Errors
    /// If a call says that it changed what it cannot have changed.
    pub fn of(state: &State, events: &[Event], open: &BTreeSet<u64>) -> Result<Self, String> {
        let mut summary = Self::default();
        // Calls that a fault has kept from being carried out, of what none has changed since.
        let mut without: BTreeMap<Target, usize> = BTreeMap::new();
        let mut licences = Licences::of(state);
        let unseen = unseen(events);
        for event in events {
            let What::Called(entry) = &event.what else {
                continue;
            };
            let Some(endpoint) = entry.endpoint.filter(|endpoint| endpoint.is_write()) else {
                continue;
            };
            let is_left_open = entry.fault.is_some_and(|fault| open.contains(&fault));
            let is_unknown =
                unseen.contains(&entry.number) || entry.status().is_none() || is_left_open;
            let is_refused = entry.status().is_some_and(|status| status >= 400);
            for (target, is_effective) in targets(endpoint, entry, &mut licences)? {
                let target = (endpoint, target);
                let waiting = without.entry(target.clone()).or_default();
                let times = summary.0.entry(target).or_default();
                if is_refused && !is_effective {
                    times.refused += 1;
                    times.in_vain += usize::from(entry.fault.is_none());
                    continue;
                }
                times.asked += 1;
                times.effective += usize::from(is_effective);
                times.unknown += usize::from(is_unknown);
                times.late += usize::from(entry.applied_after.is_some());
                if is_effective {
                    times.prevented += std::mem::take(waiting);
                } else {
                    *waiting += usize::from(is_unknown && entry.fault.is_some());
                }
            }
        }
        Ok(summary)
    }

    /// What came after another one, which is the beginning of this.
    #[must_use]
    pub fn without(mut self, before: &Self) -> Self {
        for (target, earlier) in &before.0 {
            if let Some(times) = self.0.get_mut(target) {
                times.asked -= earlier.asked.min(times.asked);
                times.refused -= earlier.refused.min(times.refused);
                times.in_vain -= earlier.in_vain.min(times.in_vain);
                times.effective -= earlier.effective.min(times.effective);
                times.unknown -= earlier.unknown.min(times.unknown);
                times.prevented -= earlier.prevented.min(times.prevented);
                times.late -= earlier.late.min(times.late);
            }
        }
        self.0.retain(|_, times| *times != Times::default());
        self
    }

    /// But for the calls of some endpoints.
    #[must_use]
    pub fn but(&self, is_left_out: impl Fn(Endpoint) -> bool) -> Self {
        let kept = self
            .0
            .iter()
            .filter(|((endpoint, _), _)| !is_left_out(*endpoint));
        Self(
            kept.map(|(target, times)| (target.clone(), *times))
                .collect(),
        )
    }

    /// What is gone is not taken away again: only what was carried out late may be found gone. What is gone has lost its name, so
    /// this is told of each endpoint.
    fn in_vain(&self, reference: &Self) -> Vec<String> {
        let destructive = Endpoint::ALL.into_iter().filter(|of| is_destructive(*of));
        let sentences = destructive.filter_map(|endpoint| {
            let sum = |summary: &Self, count: fn(&Times) -> usize| -> usize {
                let of_it = summary.0.iter().filter(|((of, _), _)| *of == endpoint);
                of_it.map(|(_, times)| count(times)).sum()
            };
            let mine = sum(self, |times| times.in_vain);
            let theirs = sum(reference, |times| times.in_vain);
            let in_vain = mine.saturating_sub(theirs);
            let late = sum(self, |times| times.late);
            (in_vain > late).then(|| format!("{endpoint}: asked {in_vain} times for what was gone"))
        });
        sentences.collect()
    }

    /// What this one did otherwise than the reference, a sentence each. `processes`: of the operator, the first included.
    pub fn violations(&self, reference: &Self, processes: usize) -> Vec<String> {
        let mut found = self.in_vain(reference);
        let both: BTreeSet<&Target> = self.0.keys().chain(reference.0.keys()).collect();
        for target in both {
            let of = |summary: &Self| summary.0.get(target).copied().unwrap_or_default();
            let (mine, theirs) = (of(self), of(reference));
            let (endpoint, name) = target;
            // A synchronization begins anew each time, and nothing shows afterwards whether it was that one.
            let again = if *endpoint == Endpoint::Sync {
                mine.unknown + processes.saturating_sub(1)
            } else {
                0
            };
            if !(theirs.effective..=theirs.effective + again).contains(&mine.effective) {
                found.push(format!(
                    "{endpoint} {name}: effective {} times, and {} times in the reference",
                    mine.effective, theirs.effective
                ));
            }
            let repeats = mine.asked.saturating_sub(theirs.asked);
            let allowed = if is_unseen(*endpoint) {
                mine.unknown + processes.saturating_sub(1)
            } else if is_destructive(*endpoint) {
                // A process that begins knows nothing of what the former one has sent: it asks for what it still sees, which is the
                // same thing twice and has no effect where the first call is carried out in between.
                mine.prevented + mine.late.min(processes.saturating_sub(1))
            } else {
                mine.unknown
            };
            if repeats > allowed {
                found.push(format!(
                    "{endpoint} {name}: asked {} times, {} times in the reference, and {} outcomes were unknown",
                    mine.asked, theirs.asked, mine.unknown
                ));
            }
        }
        found
    }
}

/// The numbers of calls, as Xopero ONE took them, whose answer did not reach the operator.
fn unseen(events: &[Event]) -> BTreeSet<u64> {
    let mut unseen = BTreeSet::new();
    for (index, event) in events.iter().enumerate() {
        let What::Asked(asked) = &event.what else {
            continue;
        };
        let after = events.get(index..).unwrap_or_default();
        let reached = after.iter().find_map(|later| match &later.what {
            What::Answered(answered) if answered.request == event.number => Some(answered.reached),
            What::Answered(_)
            | What::Asked(_)
            | What::Watched(_)
            | What::Called(_)
            | What::Done(_) => None,
        });
        if reached == Some(Reached::Whole) {
            continue;
        }
        let call = after.iter().find_map(|later| match &later.what {
            What::Called(entry) if entry.path == asked.path && entry.request == asked.body => {
                Some(later.number)
            }
            What::Called(_)
            | What::Answered(_)
            | What::Asked(_)
            | What::Watched(_)
            | What::Done(_) => None,
        });
        unseen.extend(call);
    }
    unseen
}

/// What a call was about, one by one, and whether it changed each.
fn targets(
    endpoint: Endpoint,
    entry: &Entry,
    licences: &mut Licences,
) -> Result<Vec<(String, bool)>, String> {
    if endpoint != Endpoint::Activate && endpoint != Endpoint::Deactivate {
        let names = entry
            .targets
            .iter()
            .filter(|target| target.kind != Kind::Organization)
            .map(|target| target.name.clone().unwrap_or_else(|| target.id.to_string()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        return Ok(vec![(names.join(", "), entry.changed())]);
    }
    let mut found = Vec::new();
    let mut changes = 0;
    for target in &entry.targets {
        let differs = if endpoint == Endpoint::Activate {
            !licences.0.contains(&target.id)
        } else {
            licences.0.contains(&target.id)
        };
        let is_effective = differs && entry.changed();
        if is_effective && endpoint == Endpoint::Activate {
            licences.0.insert(target.id);
        } else if is_effective {
            licences.0.remove(&target.id);
        }
        changes += u64::from(is_effective);
        let name = target.name.clone().unwrap_or_else(|| target.id.to_string());
        found.push((name, is_effective));
    }
    // Applied late or twice, a call counts its changes all the same.
    if changes == entry.changes {
        Ok(found)
    } else {
        Err(format!(
            "{}: {endpoint} says {} changes, and there can have been {changes}",
            entry.number, entry.changes
        ))
    }
}

impl Licences {
    fn of(state: &State) -> Self {
        let mut held = BTreeSet::new();
        for organization in &state.organizations {
            for repository in organization
                .repositories
                .iter()
                .filter(|found| found.licensed)
            {
                let project = repository.project.as_deref();
                let derived = || ids::repository(&organization.name, project, &repository.name);
                held.insert(repository.id.unwrap_or_else(derived));
            }
        }
        Self(held)
    }
}

#[cfg(test)]
mod tests;
