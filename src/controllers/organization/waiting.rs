//! What an organization and its claims say while nothing can be decided.

use k8s_openapi::jiff::Timestamp;

use super::{
    super::{claims::SettingsRights, failure::ReportError, observed::Place},
    Context,
    gather::gather,
    report,
    state::State,
};
use crate::{
    api::{
        Reason, XoperoOrganization,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{Claim, Standing, Trouble},
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
    let gathered = gather(
        context,
        place,
        resource,
        state.id,
        SettingsRights::Forbidden,
    )
    .await;
    let own: Vec<Claim> = gathered
        .claims
        .into_iter()
        .filter(|claim| claim.standing != Standing::Beside)
        .collect();
    tell_claims(context, place, &own, trouble);
    Ok(())
}

/// Tells the claims what is waited for.
pub(super) fn tell_claims(context: &Context, place: &Place, claims: &[Claim], trouble: &Trouble) {
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
    report::publish_waiting(context, claims, reason, &message);
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
