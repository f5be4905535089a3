//! One whole reading of an organization: which it is, its plans and repositories, whose they are, and whether they are believed.

use std::time::Instant;

use k8s_openapi::jiff::Timestamp;
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    super::{
        connections::{Showing, Usable, reason_of},
        observed::Place,
    },
    Context,
    choose::{Meant, Unclear, choose, perhaps_not_listed},
    state::State,
    twins,
};
use crate::{
    api::{Reason, XoperoOrganization, conditions::ended},
    decide::{Noted, Trouble, counted},
    inventory::{
        Inventory, OrganizationId, display_name,
        trust::{Asked, Doubt, Expected},
    },
    xopero::{self, Client, Facts, Organization, Plan, RepositoryListing, ScopeProbe, Shown},
};

/// Why an organization could not be observed.
#[derive(Debug, Error)]
pub(super) enum Error {
    /// The call failed.
    #[error("{what} could not be read: {source}")]
    Call {
        what: &'static str,
        source: xopero::Error,
    },
    /// The name means no one organization.
    #[error(transparent)]
    Unclear(#[from] Unclear),
    /// The rows are not proved to be of this organization.
    #[error("{0}")]
    NotScoped(String),
}

impl Error {
    /// The word for the condition.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Unclear(unclear) => unclear.reason(),
            Self::NotScoped(_) => Reason::ListingNotScoped,
            Self::Call { source, .. } => reason_of(source.class().1),
        }
    }

    /// The call that failed, where one did.
    pub(super) fn call(&self) -> Option<&xopero::Error> {
        match self {
            Self::Call { source, .. } => Some(source),
            Self::Unclear(_) | Self::NotScoped(_) => None,
        }
    }

    /// How long the server asked to be left alone.
    pub(super) fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Call { source, .. } => source.retry_after(),
            Self::Unclear(_) | Self::NotScoped(_) => None,
        }
    }

    /// What is said in conditions.
    pub(super) fn trouble(&self) -> Trouble {
        let text = self.to_string();
        let mut characters = text.chars();
        let message = match characters.next() {
            Some(first) if !text.ends_with('.') => {
                format!("{}{}", first.to_uppercase(), characters.as_str())
            }
            Some(_) | None => text,
        };
        Trouble {
            reason: self.reason(),
            message: ended(message),
        }
    }
}

/// How far a reading came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// To its end.
    Through,
    /// The process ends, or leads no more: nobody acts on what is read from here on, and no more is asked for.
    Stopped,
}

fn reading(what: &'static str) -> impl FnOnce(xopero::Error) -> Error {
    move |source| Error::Call { what, source }
}

/// Reads the organization alone, between whole listings: whether it still synchronizes.
pub(super) async fn glance(
    usable: &Usable,
    state: &mut State,
    stop: &CancellationToken,
) -> Result<Came, Error> {
    let organizations = usable.client.organizations();
    let Some(organizations) = stop.run_until_cancelled(organizations).await else {
        return Ok(Came::Stopped);
    };
    let organizations = organizations.map_err(reading("the organizations"))?;
    let current = organizations
        .rows
        .into_iter()
        .find(|organization| Some(organization.id) == state.id);
    if let (Some(current), Some(inventory)) = (current, state.inventory.as_mut()) {
        inventory.observe_organization(current);
    }
    Ok(Came::Through)
}

/// What an observation is made of.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) context: &'a Context,
    pub(super) place: &'a Place,
    pub(super) resource: &'a XoperoOrganization,
    pub(super) usable: &'a Usable,
    pub(super) key: &'a Place,
}

/// Reads everything. What is known of the organization is replaced only if all of it could be read.
pub(super) async fn observe(
    scene: Scene<'_>,
    state: &mut State,
    asked: Asked,
) -> Result<Came, Error> {
    let Scene {
        context,
        place,
        resource,
        usable,
        key,
    } = scene;
    let started = Instant::now();
    let known = state
        .id
        .or_else(|| twins::recorded(context, place, resource));
    let stop = &context.stop;
    let Some(before) = stop.run_until_cancelled(find(scene, state)).await else {
        return Ok(Came::Stopped);
    };
    let before = before?;
    if state.id != Some(before.id) {
        if known.is_some_and(|known| known != before.id) {
            let note = format!(
                "The organization {:?} has another id in Xopero ONE now, {}, as after it was added anew there: what was known of it is dropped, and removals wait for two listings again.",
                display_name(&before.name),
                before.id
            );
            info!(organization = %place, "{note}");
            context
                .warn(resource, "OrganizationReplaced", "Observe", &note)
                .await;
        }
        state.forget_organization(Some(before.id));
        context.looks.forget(place);
    }
    let rest = async {
        let read = read(&usable.client, &before).await?;
        prove_scope(context, usable, before.id, read.listing.facts).await?;
        Ok::<_, Error>(read)
    };
    let Some(read) = stop.run_until_cancelled(rest).await else {
        return Ok(Came::Stopped);
    };
    let read = read?;
    let showing = Showing {
        facts: read.listing.facts,
        counted: read.is_counted,
        provider: resource.spec.provider,
    };
    context.connections.note_not_shown(key, place, showing);
    let doubt = state.doubt;
    // One that failed is none: after a lost answer two have to show the same.
    state.listings += 1;
    let inventory = judged(state, (before, read), resource, asked);
    log_doubt(place, doubt, state.doubt);
    take_in(scene, state, inventory).await;
    state.note_listed();
    tracing::debug!(organization = %place, duration_ms = started.elapsed().as_millis(), "Listed {place}");
    Ok(Came::Through)
}

/// What was read of an organization, itself at last.
pub(super) struct Read {
    plans: Vec<Plan>,
    /// The names of those that are not the organization's own.
    unowned_plans: Vec<String>,
    listing: RepositoryListing,
    after: Organization,
    /// Whether as many organizations, plans and repositories came as were announced.
    is_counted: bool,
}

/// Reads the plans and the repositories, and then the organization again.
pub(super) async fn read(client: &Client, before: &Organization) -> Result<Read, Error> {
    let plans = client
        .plans(before.id)
        .await
        .map_err(reading("the plans"))?;
    // Plans do not say whose they are; the organization does.
    let plans_are_counted = plans.counted;
    let (plans, unowned): (Vec<Plan>, Vec<Plan>) = plans
        .rows
        .into_iter()
        .partition(|plan| (before.plans.as_ref()).is_none_or(|own| own.contains(&plan.id)));
    let unowned_plans = unowned.into_iter().map(|plan| plan.name).collect();
    let listing = client
        .repositories(before.id)
        .await
        .map_err(reading("the repositories"))?;
    let organizations = client
        .organizations()
        .await
        .map_err(reading("the organizations"))?;
    let all = organizations.counted;
    let after = organizations
        .rows
        .into_iter()
        .find(|organization| organization.id == before.id);
    let after = after.ok_or_else(|| {
        if all {
            Unclear::NotFound(format!(
                "The organization {:?} was no longer listed when its repositories had been read.",
                display_name(&before.name)
            ))
        } else {
            Unclear::Uncounted(perhaps_not_listed(&before.name))
        }
    })?;
    let is_counted = plans_are_counted && listing.counted && all;
    Ok(Read {
        plans,
        unowned_plans,
        listing,
        after,
        is_counted,
    })
}

/// The inventory of what was read, and whether it is believed.
pub(super) fn judged(
    state: &mut State,
    (before, read): (Organization, Read),
    resource: &XoperoOrganization,
    asked: Asked,
) -> Inventory {
    let Read {
        plans,
        unowned_plans,
        listing,
        after,
        is_counted,
    } = read;
    let inventory = Inventory::new(after, plans, listing.rows, state.listings)
        .with_unowned_plans(unowned_plans);
    let inventory = if is_counted {
        inventory
    } else {
        inventory.uncounted()
    };
    let inventory = if resource.spec.provider.keeps_all_in_projects() {
        inventory.with_everything_in_projects()
    } else {
        inventory
    };
    let coverage = state.coverage();
    let limit = resource.spec.removal_limit();
    let expected = coverage.map(|coverage| Expected::of(coverage, limit));
    state.doubt = state.baseline.doubt(expected, &before, &inventory, asked);
    inventory
}

async fn find(scene: Scene<'_>, state: &mut State) -> Result<Organization, Error> {
    let Scene {
        context,
        place,
        resource,
        usable,
        key,
    } = scene;
    let organizations = usable
        .client
        .organizations()
        .await
        .map_err(reading("the organizations"))?;
    let names = organizations
        .rows
        .iter()
        .map(|organization| display_name(&organization.name));
    context.connections.note_organizations(key, names);
    if state.meant.id.is_none()
        && let Some(recorded) = twins::recorded(context, place, resource)
    {
        state.meant = Meant::recorded(recorded, resource.status.as_ref());
    }
    let lowered = resource.spec.name.to_lowercase();
    let alike = organizations.rows.iter();
    let alike = alike.filter(|row| row.name.to_lowercase() == lowered);
    let alike: Vec<OrganizationId> = alike.map(|row| row.id).collect();
    let found = choose(organizations, &resource.spec, &state.meant)?;
    state.meant.found(&found, alike);
    Ok(found)
}

/// Rows that say whose they are prove it themselves: the client voids a listing with a foreign one. Elsewhere an organization
/// that does not exist must have no repositories.
async fn prove_scope(
    context: &Context,
    usable: &Usable,
    listed: OrganizationId,
    facts: Facts,
) -> Result<(), Error> {
    if facts.organization == Shown::OnEveryRow || context.scopes.is_proved(usable) {
        return Ok(());
    }
    match usable.client.repositories_of_nobody(listed).await.map_err(reading("whether listings are of one organization"))? {
        ScopeProbe::Scoped => {
            context.scopes.prove(usable);
            Ok(())
        }
        ScopeProbe::NotScoped => Err(Error::NotScoped(
            "This Xopero ONE answers with repositories of other organizations than the one asked for, so nothing is \
             written. It seems to call the field organizationId otherwise: start the operator with --wire-names and the \
             line request.repositories.organizationId: <its name>."
                .to_owned(),
        )),
    }
}

async fn take_in(scene: Scene<'_>, state: &mut State, inventory: Inventory) {
    let Scene {
        context, resource, ..
    } = scene;
    let Noted { renamed, harm } = state.memory.note_listing(&inventory, Timestamp::now());
    if !renamed.is_empty() {
        let note = format!("Renamed: {}.", counted(renamed.iter().map(String::as_str)));
        context
            .announce(resource, "Renamed", "Observe", &note)
            .await;
    }
    for sentence in harm {
        context
            .warn(resource, "SettingsDidMore", "Observe", &sentence)
            .await;
    }
    state.inventory = Some(inventory);
}

/// Why the listing is not believed, once for as long as it is so.
fn log_doubt(place: &Place, before: Option<Doubt>, doubt: Option<Doubt>) {
    if doubt == before {
        return;
    }
    let said = doubt.map(|doubt| (doubt.as_str(), doubt.sentence()));
    match (said, before) {
        // It comes after every synchronization that was asked for, and is over with the next listing.
        (Some((word, sentence)), _) if doubt == Some(Doubt::Synchronizing) => {
            info!(organization = %place, doubt = word, "The listing of {place} is not trusted: {sentence}");
        }
        (Some((word, sentence)), _) => {
            warn!(organization = %place, doubt = word, "The listing of {place} is not trusted: {sentence}");
        }
        (None, None | Some(Doubt::Synchronizing)) => {}
        (None, Some(_)) => {
            info!(organization = %place, "The listing of {place} is trusted again");
        }
    }
}
