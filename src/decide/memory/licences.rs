//! How licences are asked for after refusals: the pool is finite, and no answer says how much is left.

use std::collections::{BTreeMap, BTreeSet};

use super::{Effect, Sent};
use crate::inventory::{Inventory, Licence, RepositoryId};

/// How many whole listings have to miss what had a licence before that counts as free.
const MISSED: u8 = 3;

/// What had a licence and is not listed: it may be there all the same, and its licence is none to give to another.
#[derive(Clone, Debug, Default)]
pub(super) struct Missing {
    held: BTreeSet<RepositoryId>,
    /// With the number of listings that missed it.
    missed: BTreeMap<RepositoryId, u8>,
}

impl Missing {
    /// Takes in a whole listing.
    pub(super) fn list(&mut self, listed: &Inventory) {
        for id in &self.held {
            self.missed.entry(*id).or_default();
        }
        self.missed.retain(|id, times| {
            *times += 1;
            listed.row(*id).is_none() && *times < MISSED
        });
        let rows = listed.repositories().iter();
        let held = rows.filter(|row| row.licence == Licence::Held);
        self.held = held.map(|row| row.id).collect();
    }

    /// These were given one since they were listed.
    pub(super) fn given(&mut self, ids: &[RepositoryId]) {
        self.held.extend(ids);
    }

    /// Its licence is gone by our own doing, or it with it.
    pub(super) fn forget(&mut self, removed: RepositoryId) {
        self.held.remove(&removed);
    }

    pub(super) fn count(&self) -> usize {
        self.missed.len()
    }

    /// See [`super::Memory::essence`].
    #[cfg(test)]
    pub(super) fn essence(&self) -> String {
        format!("{:?}{:?}", self.held, self.missed)
    }
}

/// How many licences one call asks for.
pub const ACTIVATION_BATCH: usize = 50;

/// After how many refused single activations none is sent before the next listing. Where licences are shown, what is asked for has
/// none, so that refusals tell of the pool. Elsewhere they may as well tell of licences that are there already.
fn refused_singles(effect: Effect) -> u32 {
    match effect {
        Effect::Shown => 2,
        Effect::Hidden => 20,
    }
}

/// What refusals tell of the pool.
#[derive(Clone, Debug, Default)]
pub(super) struct Activations {
    pace: Option<Pace>,
    /// With the place in the order of refusals.
    refused: BTreeMap<RepositoryId, u64>,
    refusals: u64,
}

#[derive(Clone, Copy, Debug)]
struct Pace {
    batch: usize,
    refused_singles: u32,
    listing: u64,
    /// The last failure was none of the pool, as far as the server said: fewer are asked for until one succeeds.
    failed: bool,
}

impl Pace {
    /// Whether it is still being found out how many are left: a listing that comes in between says nothing of that, and where each came
    /// sooner than the end of it, it would begin anew for ever.
    fn goes_on(self, listing: u64, enough: u32) -> bool {
        let is_halving = self.refused_singles < enough && self.batch < ACTIVATION_BATCH;
        self.failed || self.listing == listing || is_halving
    }
}

impl Activations {
    /// How many licences the next call may ask for; `None`: none before the next listing.
    pub(super) fn batch(&self, listing: u64, effect: Effect) -> Option<usize> {
        let enough = refused_singles(effect);
        match self.pace {
            Some(pace) if pace.failed => Some(pace.batch),
            Some(pace) if pace.goes_on(listing, enough) => {
                (pace.refused_singles < enough).then_some(pace.batch)
            }
            // The pool was empty: one call asks whether it still is.
            Some(pace) if pace.refused_singles >= enough => Some(1),
            Some(_) | None => Some(ACTIVATION_BATCH),
        }
    }

    /// Which refusal was the last that the licence met when it was asked for alone; `None`: it met none.
    pub(super) fn last_refusal(&self, id: RepositoryId) -> Option<u64> {
        self.refused.get(&id).copied()
    }

    /// What is gone is not asked for again.
    pub(super) fn forget_refusals(&mut self, is_gone: impl Fn(RepositoryId) -> bool) {
        self.refused.retain(|id, _| !is_gone(*id));
    }

    pub(super) fn note(&mut self, ids: &[RepositoryId], sent: &Sent, listing: u64, effect: Effect) {
        let fresh = Pace {
            batch: self.batch(listing, effect).unwrap_or(ACTIVATION_BATCH),
            refused_singles: 0,
            listing,
            failed: false,
        };
        let mut pace = self
            .pace
            .filter(|pace| pace.goes_on(listing, refused_singles(effect)))
            .unwrap_or(fresh);
        pace.listing = listing;
        pace.failed = matches!(sent, Sent::Failed(_));
        match sent {
            Sent::Confirmed => {
                for id in ids {
                    self.refused.remove(id);
                }
                pace.batch = pace.batch.saturating_mul(2).min(ACTIVATION_BATCH);
            }
            Sent::Refused(_) => {
                if let [single] = ids {
                    self.refusals += 1;
                    self.refused.insert(*single, self.refusals);
                    pace.refused_singles += 1;
                }
                pace.batch = pace.batch.min((ids.len() / 2).max(1));
            }
            Sent::Failed(_) => {
                if let [single] = ids {
                    self.refusals += 1;
                    self.refused.insert(*single, self.refusals);
                }
                pace.batch = pace.batch.min((ids.len() / 2).max(1));
            }
            Sent::Lost | Sent::NotDone | Sent::NotPermitted(_) => return,
        }
        let is_unhindered = pace.batch == ACTIVATION_BATCH && pace.refused_singles == 0;
        self.pace = (!is_unhindered).then_some(pace);
    }

    /// What makes a difference with this listing: see [`super::essence`].
    #[cfg(test)]
    pub(super) fn essence(&self, text: &mut String, listing: u64) -> std::fmt::Result {
        use std::fmt::Write as _;

        let mut order: Vec<_> = self
            .refused
            .iter()
            .map(|(id, refusal)| (refusal, id))
            .collect();
        order.sort();
        let ids: Vec<_> = order.into_iter().map(|(_, id)| id).collect();
        let pace = self.pace.map(|pace| {
            (
                pace.batch,
                pace.refused_singles,
                pace.listing == listing,
                pace.failed,
            )
        });
        write!(text, "licences {ids:?} {pace:?};")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// What became of calls for so many licences each, within the first listing.
    fn after(calls: &[(u128, Sent)]) -> Activations {
        let mut activations = Activations::default();
        for (count, sent) in calls {
            let ids: Vec<_> = (1..=*count).map(RepositoryId::numbered).collect();
            activations.note(&ids, sent, 1, Effect::Shown);
        }
        activations
    }

    const REFUSED: Sent = Sent::Refused(400);
    const FAILED: Sent = Sent::Failed(500);

    #[rstest]
    //                                                                          at once   by the next listing
    #[case::at_first(           &[],                                            Some(50), Some(50))]
    #[case::a_refused_batch(    &[(50, REFUSED)],                               Some(25), Some(25))]
    #[case::one_that_is_refused(&[(1, REFUSED)],                                Some(1),  Some(1))]
    #[case::some_after_a_batch( &[(50, REFUSED), (25, Sent::Confirmed)],        Some(50), Some(50))]
    #[case::another(            &[(1, REFUSED), (1, REFUSED)],                  None,     Some(1))]
    #[case::a_batch_that_failed(&[(50, FAILED)],                                Some(25), Some(25))]
    #[case::one_that_failed(    &[(1, FAILED)],                                 Some(1),  Some(1))]
    #[case::then_one_is_given(  &[(50, FAILED), (25, Sent::Confirmed)],         Some(50), Some(50))]
    fn refusals_and_failures_tell_how_many_are_asked_for(
        #[case] calls: &[(u128, Sent)],
        #[case] at_once: Option<usize>,
        #[case] later: Option<usize>,
    ) {
        let activations = after(calls);
        assert_eq!(activations.batch(1, Effect::Shown), at_once);
        assert_eq!(activations.batch(2, Effect::Shown), later);
    }

    /// Each call takes so long that the organization is listed before the next.
    #[test]
    fn an_empty_pool_is_found_out_though_each_call_meets_another_listing() {
        let mut activations = Activations::default();
        let mut batches = Vec::new();
        for listing in 1..20 {
            let Some(batch) = activations.batch(listing, Effect::Shown) else {
                break;
            };
            batches.push(batch);
            let ids: Vec<_> = (1..=batch as u128).map(RepositoryId::numbered).collect();
            activations.note(&ids, &REFUSED, listing, Effect::Shown);
            if batch == 1 && activations.batch(listing, Effect::Shown).is_none() {
                break;
            }
        }
        assert_eq!(batches, [50, 25, 12, 6, 3, 1, 1]);
    }

    #[test]
    fn what_is_given_meanwhile_makes_no_refusal_uncounted() {
        let given = (50, Sent::Confirmed);
        let mut calls = vec![(1, REFUSED)];
        calls.extend(std::iter::repeat_n(given, 6));
        assert_eq!(after(&calls).batch(1, Effect::Shown), Some(50));
        calls.push((1, REFUSED));
        assert_eq!(after(&calls).batch(1, Effect::Shown), None);
    }

    /// Once as many are asked for as ever, the next listing tells what is left to ask for.
    #[test]
    fn what_was_refused_before_all_was_given_counts_no_more_by_the_next_listing() {
        let mut calls = vec![(1, REFUSED)];
        calls.extend(std::iter::repeat_n((50, Sent::Confirmed), 6));
        let mut activations = after(&calls);
        assert_eq!(activations.batch(2, Effect::Shown), Some(50));
        let one = [RepositoryId::numbered(1)];
        activations.note(&one, &REFUSED, 2, Effect::Shown);
        assert_eq!(activations.batch(2, Effect::Shown), Some(1));
    }

    /// A row tells by now that there is a licence, which it did not while they were refused.
    #[test]
    fn after_a_failure_it_goes_on_however_many_were_refused() {
        let mut activations = Activations::default();
        let one = [RepositoryId::numbered(1)];
        for sent in [REFUSED, REFUSED, REFUSED, FAILED] {
            activations.note(&one, &sent, 1, Effect::Hidden);
        }
        assert_eq!(activations.batch(2, Effect::Shown), Some(1));
    }

    #[rstest]
    #[case::refused(&REFUSED)]
    #[case::failed(&FAILED)]
    fn what_went_wrong_alone_last_comes_last(#[case] sent: &Sent) {
        let [one, two, three] = [1, 2, 3].map(RepositoryId::numbered);
        let mut activations = Activations::default();
        for id in [two, one] {
            activations.note(&[id], sent, 1, Effect::Shown);
        }
        let mut order = [one, two, three];
        order.sort_by_key(|id| activations.last_refusal(*id));
        assert_eq!(order, [three, two, one]);
    }
}
