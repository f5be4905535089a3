//! What an organization and its claims say while nothing can be decided.

use k8s_openapi::jiff::Timestamp;

use super::{
    super::{claims::SettingsRights, failure::ReportError, observed::Place, verdicts::Weight},
    Context,
    gather::gather,
    report,
    state::State,
    twins,
};
use crate::{
    api::{
        Reason, XoperoOrganization,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{Claim, Trouble},
};

/// A new organization says at once that it is looked at: a first pass may take long.
pub(super) async fn say_begun(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
) -> Result<(), ReportError> {
    if !state.said.status.conditions.is_empty() {
        return Ok(());
    }
    let message = "The organization is about to be read.";
    let statement = Statement::new(
        ConditionType::Reconciling,
        Truth::True,
        Reason::Pending,
        message,
    );
    let next = report::undecided(resource, state, statement, Timestamp::now());
    report::write(context, place, resource, state, next).await?;
    Ok(())
}

/// Nothing can be decided: the organization and its claims say what is waited for.
pub(super) async fn wait(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
    trouble: &Trouble,
) -> Result<(), ReportError> {
    let mut next = report::undecided(resource, state, hindered(trouble), Timestamp::now());
    report::distrust(&mut next);
    report::write(context, place, resource, state, next).await?;
    state.note_spoken_of(resource);
    let (own, known) = ((place, resource), (state.id, None));
    let gathered = gather(context, own, known, SettingsRights::Forbidden).await;
    tell_claims(context, (place, resource, state), &gathered.claims, trouble);
    Ok(())
}

/// Tells the organization's own claims what is waited for.
pub(super) fn tell_claims(
    context: &Context,
    (place, resource, state): (&Place, &XoperoOrganization, &State),
    claims: &[Claim],
    trouble: &Trouble,
) {
    let is_unavailable = [Reason::ApiUnavailable, Reason::RateLimited].contains(&trouble.reason);
    let (reason, message) = if is_unavailable {
        (trouble.reason, trouble.message.clone())
    } else {
        let message = format!(
            "XoperoOrganization {place} cannot be observed ({}): {}",
            trouble.reason, trouble.message
        );
        (Reason::WaitingForOrganization, message)
    };
    let seen_in = state.said.status.instance_url.as_deref();
    let leads_elsewhere = |there: &str| twins::leads_elsewhere(context, (resource, place), there);
    // That there is none is an answer.
    let is_gone = trouble.reason == Reason::OrganizationNotFound;
    let weight = if is_gone || seen_in.is_some_and(leads_elsewhere) {
        Weight::OverReady
    } else {
        Weight::UnderReady
    };
    report::publish_waiting(context, claims, (reason, &message, weight));
}

/// What is waited for was said; what a person does meanwhile is followed all the same: an edit, a pause, a deletion.
pub(super) async fn say_meanwhile(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
    trouble: &Trouble,
) -> Result<(), ReportError> {
    if state.has_spoken_of(resource) {
        return Ok(());
    }
    let next = report::undecided(resource, state, hindered(trouble), Timestamp::now());
    report::write(context, place, resource, state, next).await?;
    state.note_spoken_of(resource);
    Ok(())
}

fn hindered(trouble: &Trouble) -> Statement {
    let Trouble { reason, message } = trouble;
    Statement::new(reason.hindrance(), Truth::True, *reason, message.clone())
}
