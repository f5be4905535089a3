//! A digest of names by their ids, from which each can be taken out again. Ids fall into buckets: where nothing is left once everything that
//! is listed was taken out, all has the name that it had; elsewhere anything may have another.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use k8s_openapi::jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// The most buckets: 4 KiB in status, and in ten thousand repositories a change concerns 20.
const MOST: usize = 512;
/// The fewest, so that what is new is seldom in a bucket with something else.
const FEWEST: usize = 64;
/// How many hexadecimal digits a bucket has.
const BUCKET: usize = 8;
/// An empty one, so that a small organization has a short status.
const EMPTY: char = 'z';
/// How many one has that misses something: those of its number, and those of an hour.
const PLACE: usize = 3;
const MISSING: usize = PLACE + 6;
const SECONDS_OF_AN_HOUR: i64 = 3_600;

/// What was taken out of a digest. What is in neither was not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOut<Id> {
    /// It was in, under the name that it has: nothing is left where it was.
    pub known: Vec<Id>,
    /// It may have had another name: something is left still, or nothing was and something is missing.
    pub in_doubt: Vec<Id>,
}

/// Of the names of repositories, or of plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    buckets: Vec<u32>,
    /// Buckets of which something is known that was not listed, each until the beginning of an hour since 1970: what is new in it until
    /// then may be that, under another name.
    missing: BTreeMap<usize, u32>,
}

impl Digest {
    /// Of nothing, in as many buckets as are good for so many names: a power of two, so that one more name seldom changes them all.
    pub fn sized(names: usize) -> Self {
        Self {
            buckets: vec![0; names.next_power_of_two().clamp(FEWEST, MOST)],
            missing: BTreeMap::new(),
        }
    }

    /// Puts in what is out, and takes out what is in; the order makes no difference.
    pub fn turn(&mut self, id: impl fmt::Display, name: &str) {
        let id = id.to_string();
        let place = place(&id, self.buckets.len());
        if let Some(bucket) = self.buckets.get_mut(place) {
            *bucket ^= digest(&id, name);
        }
    }

    /// Takes out what is seen for the first time, where something is left.
    pub fn take_out<Id: fmt::Display + Copy>(
        &mut self,
        first_seen: &[(Id, Cow<'_, str>)],
        now: Timestamp,
    ) -> TakenOut<Id> {
        let before = self.buckets.clone();
        for (id, name) in first_seen {
            self.turn(id, name);
        }
        for (bucket, before) in self.buckets.iter_mut().zip(&before) {
            if *before == 0 {
                *bucket = 0;
            }
        }
        let is_left = |buckets: &[u32], place| buckets.get(place).is_some_and(|left| *left != 0);
        let mut taken = TakenOut {
            known: Vec::new(),
            in_doubt: Vec::new(),
        };
        for (id, _) in first_seen {
            let place = place(&id.to_string(), before.len());
            match (is_left(&before, place), is_left(&self.buckets, place)) {
                (true, false) => taken.known.push(*id),
                (true, true) => taken.in_doubt.push(*id),
                (false, _) if self.misses(place, now) => taken.in_doubt.push(*id),
                (false, _) => {}
            }
        }
        // All that is left of one that was spoiled: who is unsure again says so again.
        for bucket in &mut self.buckets {
            if *bucket == !0 {
                *bucket = 0;
            }
        }
        taken
    }

    fn misses(&self, place: usize, now: Timestamp) -> bool {
        let until = self.missing.get(&place);
        until.is_some_and(|hour| now.as_second() < i64::from(*hour) * SECONDS_OF_AN_HOUR)
    }

    /// Whether it may be of what is left, or of what is missing.
    pub fn may_know(&self, id: impl fmt::Display, now: Timestamp) -> bool {
        let place = place(&id.to_string(), self.buckets.len());
        self.misses(place, now) || self.buckets.get(place).is_some_and(|left| *left != 0)
    }

    /// Notes that this one is known and was not listed, and may be forgotten then.
    pub fn miss(&mut self, id: impl fmt::Display, until: Timestamp) {
        let place = place(&id.to_string(), self.buckets.len());
        self.miss_at(place, hour_after(until));
    }

    fn miss_at(&mut self, place: usize, hour: u32) {
        let noted = self.missing.entry(place).or_default();
        *noted = (*noted).max(hour);
    }

    /// Forgets then whatever is missing: another process may have had a clock that is ahead.
    pub fn miss_no_longer(&mut self, until: Timestamp) {
        for hour in self.missing.values_mut() {
            *hour = (*hour).min(hour_after(until));
        }
    }

    /// Notes as missing what another one misses, and until then what is left of it.
    pub fn inherit(&mut self, former: &Self, left_until: Timestamp, now: Timestamp) {
        let left = (0..).zip(&former.buckets).filter(|(_, left)| **left != 0);
        let left = left.map(|(place, _)| (place, hour_after(left_until)));
        let missing = former.missing.iter().map(|(place, hour)| (*place, *hour));
        let missing = missing.filter(|(place, _)| former.misses(*place, now));
        // Where one has more buckets, some of its are one of the other's.
        let fewer = self.buckets.len().min(former.buckets.len());
        for (of_former, hour) in left.chain(missing) {
            for place in (of_former % fewer..self.buckets.len()).step_by(fewer) {
                self.miss_at(place, hour);
            }
        }
    }

    /// Nothing is left, whatever was.
    pub fn give_up(&mut self) {
        self.buckets.fill(0);
    }

    /// Whether nothing is left, and nothing missing.
    pub fn is_settled(&self, now: Timestamp) -> bool {
        let mut places = self.missing.keys();
        self.buckets.iter().all(|left| *left == 0) && !places.any(|place| self.misses(*place, now))
    }

    /// Notes these as unknown, so that they are unknown again after a restart.
    pub fn spoil<Id: fmt::Display>(&mut self, unsure: impl Iterator<Item = Id>) {
        let count = self.buckets.len();
        let places: BTreeSet<usize> = unsure.map(|id| place(&id.to_string(), count)).collect();
        for place in places {
            if let Some(bucket) = self.buckets.get_mut(place) {
                *bucket = !*bucket;
            }
        }
    }

    /// Reads what status holds. `None` if it is nothing of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (buckets, missing) = text.split_once('.').unwrap_or((text, ""));
        let buckets = buckets_of(buckets)?;
        let count = buckets.len();
        let missing = chunks(missing, MISSING)?.into_iter().map(|text| {
            let place = usize::try_from(number(text.get(..PLACE)?)?).ok()?;
            let hour = number(text.get(PLACE..)?)?;
            (place < count).then_some((place, hour))
        });
        let missing = missing.collect::<Option<_>>()?;
        (count.is_power_of_two() && count <= MOST).then_some(Self { buckets, missing })
    }

    /// See [`crate::decide::Memory::essence`].
    #[cfg(test)]
    pub(super) fn essence(&self, age: impl Fn(Timestamp) -> i64) -> String {
        let Self { buckets, missing } = self;
        let age = |hour: &u32| {
            let at = Timestamp::from_second(i64::from(*hour) * SECONDS_OF_AN_HOUR);
            age(at.unwrap_or_default())
        };
        let missing = missing.iter().map(|(place, hour)| (place, age(hour)));
        format!("{buckets:x?}{:?}", missing.collect::<Vec<_>>())
    }
}

/// As it stands in status.
impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buckets = self.buckets.iter();
        buckets.try_for_each(|bucket| match bucket {
            0 => write!(formatter, "{EMPTY}"),
            _ => write!(formatter, "{bucket:0BUCKET$x}"),
        })?;
        if !self.missing.is_empty() {
            formatter.write_str(".")?;
        }
        let mut missing = self.missing.iter();
        missing.try_for_each(|(place, hour)| write!(formatter, "{place:0PLACE$x}{hour:06x}"))
    }
}

fn buckets_of(mut text: &str) -> Option<Vec<u32>> {
    let mut buckets = Vec::new();
    while !text.is_empty() {
        let (bucket, rest) = if let Some(rest) = text.strip_prefix(EMPTY) {
            (0, rest)
        } else {
            let (digits, rest) = text.split_at_checked(BUCKET)?;
            (number(digits)?, rest)
        };
        buckets.push(bucket);
        text = rest;
    }
    Some(buckets)
}

/// The text in parts of so many digits.
fn chunks(text: &str, digits: usize) -> Option<Vec<&str>> {
    let count = text.len() / digits;
    let parts = (0..count).map(|at| text.get(at * digits..(at + 1) * digits));
    let parts: Option<Vec<&str>> = parts.collect();
    parts.filter(|_| text.len() == count * digits)
}

fn number(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok()
}

fn hour_after(time: Timestamp) -> u32 {
    let hour = time.as_second().div_euclid(SECONDS_OF_AN_HOUR) + 1;
    // Six digits reach for two thousand years.
    u32::try_from(hour).unwrap_or_default().min(0xff_ffff)
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
        .first_chunk()
        .map_or(0, |first| u32::from_be_bytes(*first))
}

#[cfg(test)]
mod tests;
