//! What may happen.

use std::fmt;

use crate::{
    api::{DeletionPolicy, Unclaimed},
    decide::{Claim, Writes, tests::any::Brief},
};

/// How far reads are behind what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consistency {
    /// A watch tells everything at once, and a listing shows every write.
    Current,
    /// Each resource is told of on its own, some time later or not before the next change of it; listings may miss our last write.
    Behind,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The process takes its next step: it reads where that is due, decides, and sends a slice or reports.
    Pass(Reading, Counting),
    /// What is on the wire is answered, time goes by until the next listing is due, and the process takes that step.
    Relist(Reading),
    /// A repository gets another name, and the next listing misses it: nobody sees it change.
    RenameUnseen(usize, usize),
    /// Xopero ONE answers what was sent first.
    Answer(Fate),
    /// The process goes on, with every answer, until it has nothing to do.
    Run,
    /// A write that nobody waits for any more is applied.
    Land,
    /// The process ends and another begins.
    Crash,
    /// So many minutes go by.
    Tick(u64),
    /// A watch tells of a resource: the organization itself after the last of them.
    Deliver(usize),
    /// Somebody edits a resource.
    Edit(Edit),
    /// Somebody works in the console of Xopero ONE, or the Git service changes.
    Elsewhere(Elsewhere),
}

/// What a listing shows, if one is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Whole,
    /// It fails: nothing is decided.
    Fails,
    /// The organization synchronizes while it is read.
    Synchronizing,
    /// It looks whole and misses a row.
    Without(usize),
    /// It looks whole and shows no row at all.
    Empty,
    /// It does not show our last write.
    Lags,
}

/// Whether the status takes what is counted before removals are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    Taken,
    Fails,
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Confirmed,
    Refused,
    NotDone,
    /// It was not applied, and nobody knows.
    LostBefore,
    /// It was applied, and nobody knows.
    LostAfter,
    /// Nobody knows, and it is applied some time later, or never.
    Late,
}

/// A claim that is declared in a run, told in few words.
#[derive(Clone)]
pub(super) struct Declared(pub(super) Claim);

impl fmt::Debug for Declared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({})", Brief(&self.0))
    }
}

/// An edit of a resource, by its place in the store.
#[derive(Clone, Debug)]
pub(super) enum Edit {
    Declare(Box<Declared>),
    Delete(usize),
    /// Deleted and made anew under the same name.
    Recreate(usize),
    Pause(usize),
    Membership(usize),
    Policy(usize, DeletionPolicy),
    /// Its patterns cannot be evaluated, or can be again.
    Break(usize),
    /// What the organization writes.
    Mode(Writes),
    Limit(usize),
    Unclaimed(Unclaimed),
    /// Every token that the status shows is approved.
    Approve,
}

/// Two edits are the same if they read the same.
impl PartialEq for Edit {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

impl Eq for Edit {}

/// What happens in Xopero ONE without us. Rows and plans by their place in the tables of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    Attach(usize, usize),
    Detach(usize, usize),
    License(usize),
    Unlicense(usize),
    Vanish(usize),
    Appear(usize),
    MarkRemoved(usize),
    Rename(usize, usize),
    RenamePlan(usize, usize),
    BeginToSynchronize,
    EndToSynchronize,
}

/// What a repository may be called by and by: what is selected by other patterns, by a resource of its own, or by nobody.
pub(super) const NAMES: [&str; 6] = ["api-0", "old-1", "api-7", "web-7", "old-7", "else"];

/// The same of a plan.
pub(super) const PLAN_NAMES: [&str; 4] = ["nightly", "weekly", "hourly", "daily"];
