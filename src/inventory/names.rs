//! Under which names ids were known, in few bytes: status keeps them, so that a name that changed while nobody looked is noticed.
//!
//! Ids fall into buckets, and of each bucket a digest of its ids and names is kept. What stands in a bucket that is as it was has
//! the name that it had; in one that is not, anything may have another name.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use sha2::{Digest as _, Sha256};

use super::{Inventory, PlanId, Repository, RepositoryId};

/// The most buckets of repositories: 4 KiB in status, and in ten thousand repositories a change concerns 20.
const MOST: usize = 512;
/// The fewest, so that what is new is seldom in a bucket with something else. There are few plans, and no more buckets of them.
const FEWEST: usize = 64;
/// How many hexadecimal digits a bucket has.
const DIGITS: usize = 8;

/// The names of an organization's repositories and plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    repositories: Buckets,
    plans: Buckets,
}

impl Names {
    /// Those of the inventory.
    pub fn of(inventory: &Inventory) -> Self {
        Self {
            repositories: Buckets::of(named_repositories(inventory)),
            plans: Buckets::with(FEWEST, named_plans(inventory)),
        }
    }

    /// The same, with those of these ids noted as unknown, so that they are unknown again after a restart.
    #[must_use]
    pub fn unsure_of(
        mut self,
        repositories: impl Iterator<Item = RepositoryId>,
        plans: impl Iterator<Item = PlanId>,
    ) -> Self {
        self.repositories.spoil(repositories);
        self.plans.spoil(plans);
        self
    }

    /// The same without a repository that is gone: nothing else in its bucket is in doubt for that.
    pub fn forget(&mut self, repository: &Repository) {
        self.repositories.turn(repository.id, &repository.spelled());
    }

    /// Reads what status holds. `None` if it is nothing of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (repositories, plans) = text.split_once('-')?;
        Some(Self {
            repositories: Buckets::parse(repositories)?,
            plans: Buckets::parse(plans)?,
        })
    }

    /// Where anything may have another name by now.
    pub fn unlike(&self, now: &Inventory) -> Unlike {
        Unlike {
            repositories: self.repositories.unlike(named_repositories(now)),
            plans: self.plans.unlike(named_plans(now)),
        }
    }
}

/// The buckets that are not as they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlike {
    repositories: Places,
    plans: Places,
}

impl Unlike {
    /// Whether this repository may have had another name.
    pub fn concerns_repository(&self, id: RepositoryId) -> bool {
        self.repositories.concern(id)
    }

    /// Whether this plan may have had another name.
    pub fn concerns_plan(&self, id: PlanId) -> bool {
        self.plans.concern(id)
    }

    /// What was as it was in one of two listings is known.
    pub fn narrow(&mut self, other: &Self) {
        self.repositories.narrow(&other.repositories);
        self.plans.narrow(&other.plans);
    }

    /// Whether everything is as it was.
    pub fn is_empty(&self) -> bool {
        self.repositories.places.is_empty() && self.plans.places.is_empty()
    }
}

/// Some of so many buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Places {
    places: BTreeSet<usize>,
    count: usize,
}

impl Places {
    fn narrow(&mut self, other: &Self) {
        self.places.retain(|place| other.places.contains(place));
    }

    fn concern(&self, id: impl fmt::Display) -> bool {
        self.places.contains(&place(&id.to_string(), self.count))
    }
}

/// As it stands in status.
impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.repositories, self.plans)
    }
}

/// With their projects, whose names patterns are compared with as well.
fn named_repositories(
    inventory: &Inventory,
) -> impl ExactSizeIterator<Item = (RepositoryId, Cow<'_, str>)> + Clone {
    let rows = inventory.repositories().iter();
    rows.map(|repository| (repository.id, repository.spelled()))
}

fn named_plans(
    inventory: &Inventory,
) -> impl ExactSizeIterator<Item = (PlanId, Cow<'_, str>)> + Clone {
    let plans = inventory.plans().values();
    plans.map(|plan| (plan.id, plan.name.as_str().into()))
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Buckets(Vec<u32>);

impl Buckets {
    /// As many as there are names, in a power of two, so that one more name seldom changes them all.
    fn of<'a, Id: fmt::Display>(named: impl ExactSizeIterator<Item = (Id, Cow<'a, str>)>) -> Self {
        let count = named.len().next_power_of_two().clamp(FEWEST, MOST);
        Self::with(count, named)
    }

    fn with<'a, Id: fmt::Display>(
        count: usize,
        named: impl Iterator<Item = (Id, Cow<'a, str>)>,
    ) -> Self {
        let mut buckets = Self(vec![0; count]);
        for (id, name) in named {
            buckets.turn(id, &name);
        }
        buckets
    }

    /// Puts in what is out, and takes out what is in; the order makes no difference.
    fn turn(&mut self, id: impl fmt::Display, name: &str) {
        let id = id.to_string();
        let place = place(&id, self.0.len());
        if let Some(bucket) = self.0.get_mut(place) {
            *bucket ^= digest(&id, name);
        }
    }

    fn spoil<Id: fmt::Display>(&mut self, unsure: impl Iterator<Item = Id>) {
        let count = self.0.len();
        let places: BTreeSet<usize> = unsure.map(|id| place(&id.to_string(), count)).collect();
        for place in places {
            if let Some(bucket) = self.0.get_mut(place) {
                *bucket = !*bucket;
            }
        }
    }

    fn unlike<'a, Id: fmt::Display>(
        &self,
        named: impl Iterator<Item = (Id, Cow<'a, str>)>,
    ) -> Places {
        let Self(before) = self;
        let count = before.len();
        let Self(now) = Self::with(count, named);
        let pairs = before.iter().zip(&now).enumerate();
        Places {
            places: pairs
                .filter(|(_, (before, now))| before != now)
                .map(|(place, _)| place)
                .collect(),
            count,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let count = text.len() / DIGITS;
        let buckets: Option<Vec<u32>> = (0..count)
            .map(|at| {
                let digits = text.get(at * DIGITS..(at + 1) * DIGITS)?;
                u32::from_str_radix(digits, 16).ok()
            })
            .collect();
        let buckets = buckets?;
        let whole = text.len() == count * DIGITS && count.is_power_of_two() && count <= MOST;
        whole.then_some(Self(buckets))
    }
}

impl fmt::Display for Buckets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(buckets) = self;
        buckets
            .iter()
            .try_for_each(|bucket| write!(formatter, "{bucket:0DIGITS$x}"))
    }
}

/// FNV-1a, which is the same in every version of this program.
fn place(id: &str, count: usize) -> usize {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let hash = usize::try_from(hash).unwrap_or_default();
    hash.checked_rem(count).unwrap_or_default()
}

fn digest(id: &str, name: &str) -> u32 {
    let text = format!("{id}\n{name}");
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(4)
        .fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Named = Vec<(u16, String)>;

    fn borrowed(named: &Named) -> impl ExactSizeIterator<Item = (u16, Cow<'_, str>)> + Clone {
        named.iter().map(|(id, name)| (*id, name.as_str().into()))
    }

    impl Buckets {
        fn changed<'a>(
            &self,
            named: impl Iterator<Item = (u16, Cow<'a, str>)> + Clone,
        ) -> BTreeSet<u16> {
            let unlike = self.unlike(named.clone());
            named
                .map(|(id, _)| id)
                .filter(|id| unlike.concern(id))
                .collect()
        }
    }

    fn kept(named: &Named) -> Buckets {
        let text = Buckets::of(borrowed(named)).to_string();
        Buckets::parse(&text).unwrap()
    }

    fn names(count: u16) -> Named {
        (0..count).map(|id| (id, format!("r{id}"))).collect()
    }

    proptest! {
        #[test]
        fn a_name_that_changed_is_noticed_whatever_else_did(
            count in 1_u16..2_000,
            renamed in any::<prop::sample::Index>(),
            gone in any::<prop::sample::Index>(),
            new in 0_u16..50,
        ) {
            let before = kept(&names(count));
            let mut now = names(count);
            let id = {
                let row = renamed.get(&now).0;
                now[usize::from(row)].1.push_str("-new");
                row
            };
            let gone = gone.index(now.len());
            if now[gone].0 != id {
                now.remove(gone);
            }
            now.extend((0..new).map(|more| (10_000 + more, format!("new-{more}"))));
            now.reverse();
            prop_assert!(before.changed(borrowed(&now)).contains(&id));
        }

        #[test]
        fn what_did_not_change_is_known_in_any_order(count in 0_u16..2_000) {
            let mut now = names(count);
            now.reverse();
            prop_assert_eq!(kept(&names(count)).changed(borrowed(&now)), BTreeSet::new());
        }

        #[test]
        fn anything_may_stand_in_a_status(text in ".*") {
            if let Some(names) = Names::parse(&text) {
                prop_assert_eq!(names.to_string(), text.to_lowercase());
            }
        }
    }

    #[test]
    fn of_ten_thousand_few_are_in_doubt_for_one_and_status_holds_four_kilobytes() {
        let before = kept(&names(10_000));
        let mut now = names(10_000);
        now[77].1.push_str("-new");
        let changed = before.changed(borrowed(&now));
        assert!((1..60).contains(&changed.len()), "{}", changed.len());
        assert_eq!(before.to_string().len(), 4_096);
    }

    #[test]
    fn one_more_beside_a_few_puts_no_other_in_doubt() {
        let before = kept(&names(1));
        for new in 1..50 {
            let now = [names(1), vec![(new, "new".to_owned())]].concat();
            let changed = before.changed(borrowed(&now));
            let in_doubt = changed.contains(&0);
            assert_eq!(
                in_doubt,
                place("0", FEWEST) == place(&new.to_string(), FEWEST)
            );
        }
    }

    #[test]
    fn what_an_older_operator_wrote_in_fewer_buckets_is_compared_in_as_many() {
        let before = Buckets::parse(&Buckets::with(2, borrowed(&names(3))).to_string()).unwrap();
        assert_eq!(before.changed(borrowed(&names(3))), BTreeSet::new());
        let mut now = names(3);
        now[1].1.push_str("-new");
        assert!(before.changed(borrowed(&now)).contains(&1));
    }

    #[test]
    fn what_was_unsure_is_unsure_again() {
        let now = names(40);
        let mut before = Buckets::of(borrowed(&now));
        before.spoil([7, 9].into_iter());
        let changed = before.changed(borrowed(&now));
        assert!(changed.is_superset(&BTreeSet::from([7, 9])), "{changed:?}");
        assert!(changed.len() < 10, "{changed:?}");
    }
}
