//! What an organization and its claims say while nothing can be decided.

use k8s_openapi::jiff::Timestamp;

use super::{
    super::{claims::SettingsRights, failure::ReportError, observed::Place},
    Context,
    gather::gather,
    observe::Stalls,
    report,
    state::State,
};
use crate::{
    api::{
        Reason, XoperoOrganization, annotations,
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
    (trouble, stalls): (&Trouble, Stalls),
) -> Result<(), ReportError> {
    let type_ = match stalls {
        Stalls::Yes => ConditionType::Stalled,
        Stalls::No => ConditionType::Reconciling,
    };
    let statement = Statement::new(type_, Truth::True, trouble.reason, trouble.message.clone());
    let mut next = report::undecided(resource, state, statement, Timestamp::now());
    if annotations::is_paused(&resource.metadata) {
        next.conditions = paused(&next.conditions, resource, state);
    }
    report::write(context, place, resource, state, next).await?;
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

fn paused(
    conditions: &[k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition],
    resource: &XoperoOrganization,
    state: &State,
) -> Vec<k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition> {
    let message = "The organization is paused by xopero.dev/paused: nothing is written.";
    let statement = Statement::new(
        ConditionType::Paused,
        Truth::True,
        Reason::Requested,
        message,
    );
    let statements = vec![report::while_deleting(resource, state, statement)];
    let generation = resource.metadata.generation.unwrap_or_default();
    crate::api::conditions::assemble(conditions, statements, generation, Timestamp::now())
}
