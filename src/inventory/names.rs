//! Under which names ids were known, in few bytes: status keeps them, so that a name that changed while nobody looked is noticed.
//!
//! Ids fall into buckets, and of each bucket a digest of its ids and names is kept, from which each of them can be taken out again.
//! Where nothing is left once everything that is listed was taken out, all has the name that it had; elsewhere anything may have another.

use std::{borrow::Cow, collections::BTreeSet, fmt};

use k8s_openapi::jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{PlanId, RepositoryId};

/// The most buckets of repositories: 4 KiB in status, and in ten thousand repositories a change concerns 20.
const MOST: usize = 512;
/// The fewest, so that what is new is seldom in a bucket with something else. There are few plans, and no more buckets of them.
const FEWEST: usize = 64;
/// How many hexadecimal digits a bucket has.
const DIGITS: usize = 8;

/// The names of an organization's repositories and plans. A repository's is spelled with its project, because patterns see both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    repositories: Buckets,
    plans: Buckets,
    unlisted: Option<Unlisted>,
}

/// What of the names was not listed last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unlisted {
    /// When it is to be forgotten.
    until: Timestamp,
    /// Of all buckets together, so that who begins knows whether something else is missing as well.
    digest: u32,
}

impl Names {
    /// None, in as many buckets as are good for so many repositories.
    pub fn none(repositories: usize) -> Self {
        Self {
            repositories: Buckets::empty(repositories),
            plans: Buckets::empty(FEWEST),
            unlisted: None,
        }
    }

    /// The same with these names.
    #[must_use]
    pub fn and<'a>(
        mut self,
        repositories: impl Iterator<Item = (RepositoryId, Cow<'a, str>)>,
        plans: impl Iterator<Item = (PlanId, Cow<'a, str>)>,
    ) -> Self {
        repositories.for_each(|(id, name)| self.repositories.turn(id, &name));
        plans.for_each(|(id, name)| self.plans.turn(id, &name));
        self
    }

    /// What is left where there was something, once these were taken out of it.
    #[must_use]
    pub fn without<'a>(
        &self,
        repositories: impl Iterator<Item = (RepositoryId, Cow<'a, str>)>,
        plans: impl Iterator<Item = (PlanId, Cow<'a, str>)>,
    ) -> Self {
        Self {
            repositories: self.repositories.without(repositories),
            plans: self.plans.without(plans),
            unlisted: self.unlisted,
        }
    }

    /// Where something of its bucket is left: that it is not the only one with another name.
    pub fn note_rename(&mut self, id: RepositoryId, old: &str, new: &str) {
        if self.concern_repository(id) {
            self.repositories.turn(id, old);
            self.repositories.turn(id, new);
        }
    }

    /// The same of a plan.
    pub fn note_rename_of_plan(&mut self, id: PlanId, old: &str, new: &str) {
        if self.concern_plan(id) {
            self.plans.turn(id, old);
            self.plans.turn(id, new);
        }
    }

    /// Takes out a repository that is in it under this name.
    pub fn forget(&mut self, id: RepositoryId, name: &str) {
        self.repositories.turn(id, name);
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

    /// The same, without what is left in a bucket of [`Names::unsure_of`] alone: who is unsure of it again notes it again.
    #[must_use]
    pub fn without_unsure(mut self) -> Self {
        self.repositories.clean();
        self.plans.clean();
        self
    }

    /// Whether something of this repository's bucket is left, so that it may have had another name.
    pub fn concern_repository(&self, id: RepositoryId) -> bool {
        self.repositories.concern(id)
    }

    /// The same of this plan.
    pub fn concern_plan(&self, id: PlanId) -> bool {
        self.plans.concern(id)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.repositories.is_empty() && self.plans.is_empty()
    }

    /// When what is left is to be forgotten, if it is exactly what was said to be missing.
    pub fn until(&self) -> Option<Timestamp> {
        let unlisted = self.unlisted?;
        (unlisted.digest == self.digest()).then_some(unlisted.until)
    }

    /// The same, with what of it is missing from the last listing, and when that is to be forgotten.
    #[must_use]
    pub fn noting_unlisted(mut self, missing: &Self, until: Option<Timestamp>) -> Self {
        let digest = missing.digest();
        self.unlisted = until.map(|until| Unlisted { until, digest });
        self
    }

    /// See [`crate::decide::Memory::essence`].
    #[cfg(test)]
    pub(crate) fn essence(&self, age: impl Fn(Timestamp) -> i64) -> String {
        let Self {
            repositories,
            plans,
            unlisted,
        } = self;
        let unlisted = unlisted.map(|unlisted| (age(unlisted.until), unlisted.digest));
        format!("{repositories}-{plans}{unlisted:?}")
    }

    fn digest(&self) -> u32 {
        self.repositories.digest() ^ self.plans.digest()
    }

    /// Reads what status holds. `None` if it is nothing of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let repositories = Buckets::parse(parts.next()?)?;
        let plans = Buckets::parse(parts.next()?)?;
        let unlisted = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some(until), Some(digest), None) => Some(Unlisted {
                until: Timestamp::from_second(i64::from_str_radix(until, 16).ok()?).ok()?,
                digest: u32::from_str_radix(digest, 16).ok()?,
            }),
            (Some(_), ..) => return None,
        };
        Some(Self {
            repositories,
            plans,
            unlisted,
        })
    }
}

/// As it stands in status.
impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.repositories, self.plans)?;
        if let Some(Unlisted { until, digest }) = self.unlisted {
            write!(formatter, "-{:x}-{digest:x}", until.as_second())?;
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Buckets(Vec<u32>);

impl Buckets {
    /// As many as are good for so many names: a power of two, so that one more name seldom changes them all.
    fn empty(names: usize) -> Self {
        Self(vec![0; names.next_power_of_two().clamp(FEWEST, MOST)])
    }

    /// Puts in what is out, and takes out what is in; the order makes no difference.
    fn turn(&mut self, id: impl fmt::Display, name: &str) {
        let id = id.to_string();
        let place = place(&id, self.0.len());
        if let Some(bucket) = self.0.get_mut(place) {
            *bucket ^= digest(&id, name);
        }
    }

    /// In a bucket that is empty is nothing that could be under another name now.
    fn without<'a, Id: fmt::Display>(
        &self,
        named: impl Iterator<Item = (Id, Cow<'a, str>)>,
    ) -> Self {
        let mut rest = self.clone();
        named.for_each(|(id, name)| rest.turn(id, &name));
        for (bucket, before) in rest.0.iter_mut().zip(&self.0) {
            if *before == 0 {
                *bucket = 0;
            }
        }
        rest
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

    /// What is left of a bucket that was spoiled, once all that is in it was taken out.
    fn clean(&mut self) {
        for bucket in &mut self.0 {
            if *bucket == !0 {
                *bucket = 0;
            }
        }
    }

    fn concern(&self, id: impl fmt::Display) -> bool {
        let place = place(&id.to_string(), self.0.len());
        self.0.get(place).is_some_and(|bucket| *bucket != 0)
    }

    fn digest(&self) -> u32 {
        self.0.iter().fold(0, |sum, bucket| sum ^ bucket)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|bucket| *bucket == 0)
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
mod tests;
