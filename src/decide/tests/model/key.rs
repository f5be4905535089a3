//! What of a system makes a difference from now on, as a number: two states of one key go on alike for ever. Times and numbers of
//! listings are told as far as rules ask for them, so that an endless run comes back to where it was.

use std::{
    fmt::{self, Write as _},
    hash::{DefaultHasher, Hash, Hasher},
};

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{
    monitor::Monitor,
    process::Process,
    store::{Object, Store},
    system::System,
};
use crate::{
    decide::{Claim, Ledger, OrganizationClaim, fixtures::World, tests::any::Brief},
    inventory::Inventory,
};

/// The longest that a removal counts.
const HOUR: SignedDuration = SignedDuration::from_mins(60);

impl System {
    pub(super) fn key(&self) -> u128 {
        let mut text = String::with_capacity(4_096);
        let told = self.tell(&mut text);
        debug_assert!(told.is_ok(), "a String takes everything");
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, &text).hash(&mut hasher);
            u128::from(hasher.finish())
        };
        half(1) << 64 | half(2)
    }

    fn tell(&self, text: &mut String) -> fmt::Result {
        // No `..`: what is not told would merge states that differ.
        let Self {
            consistency: _,
            store,
            world,
            lagging,
            late,
            process,
            monitor,
            now,
        } = self;
        self.tell_store(text, store)?;
        tell_world(text, world)?;
        tell_world(text, lagging)?;
        write!(text, "{late:?}")?;
        tell_process(text, process, *now)?;
        let Monitor {
            violation,
            by_limit,
            limits,
            used_tokens,
            lost,
            // Nothing is renamed in the small scope.
            names: _,
            renamed: _,
            recorded: _,
            renamed_plans: _,
            believable,
            short,
            removals: _,
        } = monitor;
        let recent: Vec<i64> = ages(by_limit.iter().copied(), *now).collect();
        let limits: Vec<(i64, usize)> = limits
            .iter()
            .map(|(at, limit)| (minutes(*at, *now).min(60), *limit))
            .collect();
        write!(
            text,
            "{violation:?}{recent:?}{limits:?}{used_tokens:?}{lost:?}{believable}{short:?}"
        )
    }

    fn tell_store(&self, text: &mut String, store: &Store) -> fmt::Result {
        let Store {
            organization,
            objects,
            removals,
            held,
            coverage,
            names,
        } = store;
        tell_organization(text, organization)?;
        for object in objects {
            tell_object(text, object)?;
        }
        tell_ledger(text, &Ledger::from(removals), self.now)?;
        write!(text, "{held:?}{coverage:?}{names:?}")
    }
}

fn tell_organization(text: &mut String, own: &OrganizationClaim) -> fmt::Result {
    let (limit, unclaimed) = (own.removal_limit, own.unclaimed);
    write!(
        text,
        "{} {:?} {limit} {unclaimed} {:?};",
        own.generation, own.writes, own.approvals
    )
}

fn tell_object(text: &mut String, object: &Object) -> fmt::Result {
    let Object {
        claim,
        finalizer,
        deleting,
    } = object;
    let Claim {
        generation,
        remembered,
        accepted_once,
        ..
    } = claim;
    write!(
        text,
        "{} {finalizer} {deleting} {generation} {accepted_once} {remembered:?};",
        Brief(claim)
    )
}

fn tell_world(text: &mut String, world: &World) -> fmt::Result {
    for row in world.repositories.values() {
        write!(
            text,
            "{}{:?}{:?}{:?};",
            row.name, row.licence, row.removed, row.plans
        )?;
    }
    write!(
        text,
        "{:?}{}",
        world.project_attachments,
        world.is_synchronizing()
    )
}

fn tell_inventory(text: &mut String, inventory: &Inventory) -> fmt::Result {
    for row in inventory.repositories() {
        write!(
            text,
            "{}{:?}{}{:?};",
            row.name, row.licence, row.removed, row.plans
        )?;
    }
    let counts = inventory.plans().values().map(|plan| plan.repository_count);
    let counts: Vec<_> = counts.collect();
    write!(
        text,
        "{counts:?}{:?}",
        inventory.organization().synchronizing
    )
}

fn tell_ledger(text: &mut String, ledger: &Ledger, now: Timestamp) -> fmt::Result {
    for (at, count) in ledger.records() {
        let since = now.duration_since(*at);
        if since < HOUR {
            write!(text, "{} {count};", since.as_secs())?;
        }
    }
    write!(
        text,
        "{} {:?} {:?}",
        ledger.approvals_used(),
        ledger.used_tokens(),
        ledger.approvals()
    )
}

fn tell_process(text: &mut String, process: &Process, now: Timestamp) -> fmt::Result {
    let Process {
        organization,
        objects,
        inventory,
        doubt,
        baseline,
        memory,
        ledger,
        coverage,
        listings,
        listed_at,
        trouble,
        wire,
        slice,
        turn,
        later,
        idle,
        seen,
        called_before,
        called,
    } = process;
    tell_organization(text, organization)?;
    for object in objects {
        tell_object(text, object)?;
    }
    if let Some(inventory) = inventory {
        tell_inventory(text, inventory)?;
    }
    memory.essence(
        text,
        inventory.as_ref().map_or(*listings, Inventory::listing),
        now,
    )?;
    tell_ledger(text, ledger, now)?;
    tell_world(text, seen)?;
    let since = listed_at.map(|at| now.duration_since(at).unsigned_abs() >= organization.resync);
    if let Some(slice) = slice {
        write!(text, "{:?}{:?}", slice.settings, slice.unseen)?;
    }
    write!(
        text,
        "{doubt:?}{baseline:?}{coverage:?}{since:?}{trouble}{wire:?}{turn:?}{later}{idle}{called_before:?}{called:?}"
    )
}

fn minutes(at: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(at).as_mins()
}

fn ages(times: impl Iterator<Item = Timestamp>, now: Timestamp) -> impl Iterator<Item = i64> {
    times
        .map(move |at| minutes(at, now))
        .filter(|age| *age < 60)
}
