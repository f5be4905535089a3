//! What was last written, for as long as a cache does not show it yet. A status decided on what a cache still shows would be written
//! once more, with other times.

use std::time::{Duration, Instant};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::Written;

/// No watch is behind for longer: the API server ends it before, and a new one begins with what is there.
const MOST_BEHIND: Duration = Duration::from_mins(5);

/// The status that was last said of an object.
#[derive(Clone, Debug)]
pub struct LastStatus<S> {
    /// The status.
    pub status: S,
    /// Our write of it; `None` if it was there already.
    write: Option<Write>,
}

#[derive(Clone, Copy, Debug)]
struct Write {
    /// The version that the object had with it.
    version: u64,
    at: Instant,
}

impl<S> LastStatus<S> {
    /// One that was there already.
    pub const fn found(status: S) -> Self {
        Self {
            status,
            write: None,
        }
    }

    /// Takes note of what became of the next status.
    #[must_use]
    pub fn then(before: Option<&Self>, status: S, written: Written) -> Self {
        let write = match written {
            Written::Changed { version } => version.map(|version| Write {
                version,
                at: Instant::now(),
            }),
            Written::Same | Written::Gone => before.and_then(|before| before.write),
        };
        Self { status, write }
    }

    /// What the object shows: what was said, where a cache shows an older version of it, else what the cache holds, since somebody
    /// else may have changed it. `metadata` is the cache's.
    pub fn shown<'status>(
        &'status self,
        cached: Option<&'status S>,
        metadata: &ObjectMeta,
    ) -> Option<&'status S> {
        if self.is_ahead_of(metadata) {
            Some(&self.status)
        } else {
            cached
        }
    }

    /// Whether a cache shows an older version of the object than the one that was written.
    pub fn is_ahead_of(&self, metadata: &ObjectMeta) -> bool {
        let older = |write: Write| version(metadata).is_some_and(|version| version < write.version);
        self.is_recent() && self.write.is_some_and(older)
    }

    /// Whether a cache may still be behind it.
    pub fn is_recent(&self) -> bool {
        self.write
            .is_some_and(|write| write.at.elapsed() < MOST_BEHIND)
    }
}

/// The version of an object; those of one resource can be compared as numbers. One that cannot is taken for a newer one.
pub(in crate::controllers) fn version(metadata: &ObjectMeta) -> Option<u64> {
    metadata.resource_version.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const CACHED: Option<&str> = Some("of the cache");

    fn at(version: &str) -> ObjectMeta {
        ObjectMeta {
            resource_version: Some(version.to_owned()),
            ..ObjectMeta::default()
        }
    }

    fn written(version: Option<u64>) -> LastStatus<&'static str> {
        LastStatus::then(None, "said", Written::Changed { version })
    }

    #[rstest]
    #[case::before_it("9", "said")]
    #[case::long_before_it("1", "said")]
    #[case::it("10", "of the cache")]
    #[case::after_it("11", "of the cache")]
    #[case::far_after_it("100", "of the cache")]
    #[case::no_number("unreadable", "of the cache")]
    fn what_was_written_is_shown_until_a_cache_shows_that_version(
        #[case] version: &str,
        #[case] shown: &str,
    ) {
        let last = written(Some(10));
        assert_eq!(last.shown(CACHED.as_ref(), &at(version)), Some(&shown));
    }

    #[test]
    fn a_status_that_somebody_wiped_later_is_not_taken_for_what_was_said() {
        assert_eq!(written(Some(10)).shown(None, &at("11")), None);
    }

    #[test]
    fn what_was_there_already_or_has_no_version_is_what_the_cache_shows() {
        for last in [LastStatus::found("said"), written(None)] {
            assert_eq!(last.shown(CACHED.as_ref(), &at("1")), CACHED.as_ref());
        }
    }

    #[test]
    fn a_watch_that_is_silent_for_too_long_is_believed() {
        let mut last = written(Some(10));
        last.write = last.write.map(|write| Write {
            at: write.at.checked_sub(MOST_BEHIND).unwrap(),
            ..write
        });
        assert!(!last.is_recent());
        assert_eq!(last.shown(CACHED.as_ref(), &at("9")), CACHED.as_ref());
    }

    #[test]
    fn only_a_write_makes_the_cache_late_again() {
        let same = LastStatus::then(Some(&written(Some(10))), "next", Written::Same);
        assert!(same.is_ahead_of(&at("9")) && !same.is_ahead_of(&at("10")));
        let version = Some(20);
        let changed = LastStatus::then(Some(&same), "next", Written::Changed { version });
        assert!(changed.is_ahead_of(&at("19")));
    }
}
