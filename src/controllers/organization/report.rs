//! What the organization's own status says, and what is published of its claims.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::jiff::Timestamp;
use kube::Api;
use tracing::info;

use super::{
    super::{
        deletion::deleting,
        observed::{Observed, Place},
        status::{self, LastStatus, Written, write_status},
        verdicts::{Waiting, Weight, Word},
    },
    Context,
    state::State,
};
use crate::{
    api::{
        HeldRemovals, InventoryStatus, Reason, XoperoOrganization, XoperoOrganizationStatus,
        annotations,
        conditions::{ConditionType, Statement, Truth, assemble},
    },
    decide::{Claim, ClaimKey, Decision, OrganizationReport, Standing, Verdict, about},
    inventory::trust::LISTING_FAILED,
};

/// How many names of held removals stand in one line of the log.
const NAMES_A_LINE: usize = 50;

/// Publishes the verdicts: all of them at the end of a pass, before that only those that will not change. In a pass that takes long those
/// as well that what was said last is not true of any more: once, as their counts are of no account meanwhile.
pub(super) fn publish(context: &Context, verdicts: &[Verdict], claims: &[Claim], when: When) {
    let strangers: BTreeMap<&ClaimKey, Word> = claims
        .iter()
        .filter_map(|claim| Some((&claim.key, not_allowed(claim)?)))
        .collect();
    let said = verdicts
        .iter()
        .filter(|verdict| match when {
            When::Early => verdict.settled,
            When::Meanwhile => verdict.settled || was_settled(context, verdict),
            When::AtTheEnd => true,
        })
        .filter(|verdict| !strangers.contains_key(&verdict.key));
    context.verdicts.publish_decided(said);
    let words = strangers.into_iter().map(|(key, word)| (key.clone(), word));
    context.verdicts.publish(words);
}

/// Whether a claim was said to be settled. One of which nothing was said yet is told at the end: nobody takes it for done.
fn was_settled(context: &Context, verdict: &Verdict) -> bool {
    let word = context.verdicts.get(&verdict.key, &verdict.uid);
    matches!(word, Some(Word::Decided(said)) if said.settled)
}

/// What is said of a claim whose namespace may not refer to the organization: the same, to the letter, as where there is none.
fn not_allowed(claim: &Claim) -> Option<Word> {
    let (Standing::NotAllowed { message } | Standing::NotKnownToBeAllowed { message }) =
        &claim.standing
    else {
        return None;
    };
    Some(Word::Waiting(Arc::new(Waiting {
        uid: Arc::clone(&claim.uid),
        generation: claim.generation,
        reason: Reason::WaitingForOrganization,
        message: message.clone(),
        weight: if claim.was_never_accepted() {
            Weight::NoOrganization
        } else {
            Weight::OverReady
        },
    })))
}

/// Where in a pass something is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// While it is young.
    Early,
    /// While it goes on: it takes long.
    Meanwhile,
    /// When it ends.
    AtTheEnd,
}

/// Tells every claim that could not be decided on what is waited for. One that was decided on keeps what was said.
pub(super) fn publish_waiting(
    context: &Context,
    claims: &[Claim],
    (reason, message, weight): (Reason, &str, Weight),
) {
    // Another resource of the organization speaks to its own.
    let own = claims
        .iter()
        .filter(|claim| claim.standing != Standing::Beside);
    let said = own.filter_map(|claim| {
        if let Some(word) = not_allowed(claim) {
            return Some((claim.key.clone(), word));
        }
        let decided = matches!(
            context.verdicts.get(&claim.key, &claim.uid),
            Some(Word::Decided(verdict)) if verdict.generation == claim.generation && verdict.settled
        );
        let leaving = claim.life == crate::decide::Life::Leaving;
        if decided && !leaving && weight == Weight::UnderReady {
            return None;
        }
        let waiting = Waiting {
            uid: Arc::clone(&claim.uid),
            generation: claim.generation,
            reason,
            message: message.to_owned(),
            weight,
        };
        Some((claim.key.clone(), Word::Waiting(Arc::new(waiting))))
    });
    context.verdicts.publish(said);
}

/// The status after a decision.
pub(super) fn decided(
    resource: &XoperoOrganization,
    state: &State,
    decision: &Decision,
    claims: &[Claim],
    now: Timestamp,
) -> XoperoOrganizationStatus {
    // No `..`: a new field must not go unreported.
    let OrganizationReport {
        coverage,
        statements,
        drift,
        held,
    } = &decision.organization;
    let generation = resource.metadata.generation.unwrap_or_default();
    let before = &state.said.status;
    let mut removals = state.ledger.recorded();
    let said = held.iter().map(|held| {
        let names = held.changes.iter().map(|change| spoken(*change, state));
        HeldRemovals::of(
            &resource_of(&held.uid, claims, resource),
            held.token.clone(),
            names,
        )
    });
    removals.held = HeldRemovals::bounded(said);
    let known = state.coverage();
    let known = known.map(|known| (known, before.unprotected.clone()));
    let (coverage, unprotected) = coverage.recorded(state.doubt, known);
    let statements = statements.iter().cloned();
    let statements = statements.map(|statement| while_deleting(resource, state, statement));
    XoperoOrganizationStatus {
        observed_generation: Some(generation),
        conditions: assemble(&before.conditions, statements.collect(), generation, now),
        last_handled_reconcile_at: before.last_handled_reconcile_at.clone(),
        organization_id: state.id.map(|id| id.to_string()),
        driver: state.meant.driver,
        namesakes: state.meant.namesakes(),
        instance_url: state.instance.as_deref().map(str::to_owned),
        coverage: Some(coverage),
        unprotected,
        inventory: Some(InventoryStatus {
            trusted: state.doubt.is_none(),
            reason: state.doubt.map(|doubt| doubt.as_str().to_owned()),
            names: state.memory.names().map(|names| names.to_string()),
        }),
        removals: Some(removals)
            .filter(|removals| *removals != crate::api::RemovalsStatus::default()),
        drift: drift.clone(),
        last_sync_at: before.last_sync_at.clone(),
    }
}

/// The status when nothing could be decided. What was known stays.
pub(super) fn undecided(
    resource: &XoperoOrganization,
    state: &State,
    statement: Statement,
    now: Timestamp,
) -> XoperoOrganizationStatus {
    let generation = resource.metadata.generation.unwrap_or_default();
    let mut status = state.said.status.clone();
    let mut statements = vec![
        Statement::new(
            ConditionType::InSync,
            Truth::Unknown,
            Reason::NotObserved,
            "What is declared was not compared with Xopero ONE: another condition says why.",
        ),
        while_deleting(resource, state, statement),
    ];
    if let Some(protected) = kept(&status, ConditionType::Protected) {
        statements.push(protected);
    }
    if annotations::is_paused(&resource.metadata) {
        statements.push(while_deleting(resource, state, paused()));
    }
    status.conditions = assemble(&status.conditions, statements, generation, now);
    status.observed_generation = Some(generation);
    status
}

fn paused() -> Statement {
    let message = "The organization is paused by xopero.dev/paused: nothing is written.";
    Statement::new(
        ConditionType::Paused,
        Truth::True,
        Reason::Requested,
        message,
    )
}

/// What was listed last is not believed while nothing can be listed.
pub(super) fn distrust(status: &mut XoperoOrganizationStatus) {
    if let Some(inventory) = status.inventory.as_mut() {
        inventory.trusted = false;
        inventory.reason = Some(LISTING_FAILED.to_owned());
    }
}

/// What is said of an organization that is being deleted tells who holds it as well.
pub(super) fn while_deleting(
    resource: &XoperoOrganization,
    state: &State,
    statement: Statement,
) -> Statement {
    match &resource.metadata.deletion_timestamp {
        Some(_) => deleting(statement, state.needed_by.as_deref()),
        None => statement,
    }
}

fn kept(status: &XoperoOrganizationStatus, type_: ConditionType) -> Option<Statement> {
    let condition = crate::api::conditions::find(&status.conditions, type_)?;
    Some(Statement::new(
        type_,
        Truth::parse(&condition.status)?,
        Reason::parse(&condition.reason)?,
        condition.message.clone(),
    ))
}

/// Writes the status, and remembers what was written, until the store shows it. After that it is the store that counts, so that a
/// status that somebody wiped is written again.
pub(super) async fn write(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
    next: XoperoOrganizationStatus,
) -> Result<Written, status::Error> {
    let api: Api<XoperoOrganization> = Api::namespaced(context.client.clone(), &place.namespace);
    let stored = context.organizations.get(place);
    let stored = stored.as_deref().and_then(Observed::understood);
    let cached = stored.and_then(|stored| stored.status.as_ref());
    let metadata = &stored.unwrap_or(resource).metadata;
    let shown = state.said.shown(cached, metadata);
    let written = write_status(&api, resource, shown, &next).await?;
    if matches!(written, Written::Changed { .. }) {
        context.metrics.note_status_write("XoperoOrganization");
    }
    if written != Written::Gone {
        state.said = LastStatus::then(Some(&state.said), next, written);
    }
    Ok(written)
}

/// Counts removals in status before they are made.
pub(super) async fn write_ledger(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
) -> Result<Written, status::Error> {
    let mut next = state.said.status.clone();
    let mut removals = state.ledger.recorded();
    removals.held = next
        .removals
        .take()
        .map(|removals| removals.held)
        .unwrap_or_default();
    next.removals = Some(removals);
    write(context, place, resource, state, next).await
}

/// The full list of held removals, once, so that a person can read what a token approves.
pub(super) fn log_held(
    place: &Place,
    state: &mut State,
    decision: &Decision,
    claims: &[Claim],
    own: &XoperoOrganization,
) -> Vec<String> {
    let mut announced = Vec::new();
    let tokens: std::collections::BTreeSet<String> = decision
        .held
        .iter()
        .map(|held| held.token.clone())
        .collect();
    for held in decision
        .held
        .iter()
        .filter(|held| !state.logged.contains(&held.token))
    {
        let mut names: Vec<String> = held
            .changes
            .iter()
            .map(|change| spoken(*change, state))
            .collect();
        names.sort_unstable();
        let resource = resource_of(&held.uid, claims, own);
        for line in names.chunks(NAMES_A_LINE) {
            let names = line.join(", ");
            info!(organization = %place, token = %held.token, resource, "Removals held under {}: {names}", held.token);
        }
        announced.push(format!(
            "{} removals for {resource} wait for approval: see its condition, or status.removals.held.",
            held.changes.len()
        ));
    }
    state.logged = tokens;
    announced
}

fn resource_of(uid: &Arc<str>, claims: &[Claim], own: &XoperoOrganization) -> String {
    let claim = claims
        .iter()
        .find(|claim| claim.uid == *uid)
        .map(|claim| claim.key.clone());
    let key = claim.unwrap_or_else(|| super::owners::key(&Place::of(own)));
    let ClaimKey {
        kind,
        namespace,
        name,
    } = key;
    format!("{} {namespace}/{name}", kind.as_str())
}

fn spoken(change: crate::decide::Change, state: &State) -> String {
    let Some(inventory) = &state.inventory else {
        return change.to_string();
    };
    let action = change.as_str(crate::decide::Service::Git);
    format!("{action} {}", about(change, inventory))
}
