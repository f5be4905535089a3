//! The model of one operator process: what it was told, what it holds, and what it has on the wire.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use k8s_openapi::jiff::Timestamp;

use super::store::{Object, Store};
use crate::{
    api::Coverage,
    decide::{
        Action, Change, Claim, Decision, Ledger, Memory, OrganizationClaim, Turn, fixtures::World,
    },
    inventory::{
        Inventory,
        trust::{Baseline, Doubt},
    },
};

/// One operator process. It ends by forgetting all of this.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// What the watches told.
    pub(super) organization: OrganizationClaim,
    pub(super) objects: Vec<Object>,
    pub(super) inventory: Option<Inventory>,
    pub(super) doubt: Option<Doubt>,
    pub(super) baseline: Baseline,
    pub(super) memory: Memory,
    pub(super) ledger: Ledger,
    /// What the status said last of coverage.
    pub(super) coverage: Option<Coverage>,
    pub(super) listings: u64,
    pub(super) listed_at: Option<Timestamp>,
    /// Whether the last attempt to read or to write failed.
    pub(super) trouble: bool,
    /// What was sent and is not answered.
    pub(super) wire: VecDeque<Action>,
    /// The decision that sent it.
    pub(super) slice: Option<Arc<Decision>>,
    /// What comes next in this pass, where both are due.
    pub(super) turn: Turn,
    /// Whether an answer of this slice ended the pass.
    pub(super) later: bool,
    /// Whether nothing is left to do before time passes or something happens.
    pub(super) idle: bool,
    /// What the last listing showed, with our confirmed writes since. For the monitor alone.
    pub(super) seen: World,
    /// The derived removals that the last decision by the listing before called for, and by this one. For the monitor alone.
    pub(super) called_before: BTreeSet<Change>,
    pub(super) called: BTreeSet<Change>,
}

impl Process {
    /// It begins with what the store holds: a first list is never behind.
    pub(super) fn begin(store: &Store, nothing: World) -> Self {
        Self {
            organization: store.organization.clone(),
            objects: store.objects.clone(),
            inventory: None,
            doubt: None,
            baseline: Baseline::default(),
            memory: Memory::begun(store.names.clone()),
            ledger: Ledger::from(&store.removals),
            coverage: store.coverage,
            listings: 0,
            listed_at: None,
            trouble: false,
            wire: VecDeque::new(),
            slice: None,
            turn: Turn::default(),
            later: false,
            idle: false,
            seen: nothing,
            called_before: BTreeSet::new(),
            called: BTreeSet::new(),
        }
    }

    /// Every claim, as the watches told it.
    pub(super) fn claims(&self) -> Vec<Claim> {
        self.objects.iter().map(Object::read).collect()
    }
}
