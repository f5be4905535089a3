//! A last look before each removal of a step, once it has its turn: it may have waited for that while the world went on.

use std::sync::OnceLock;

use tracing::{info, warn};

use super::{
    super::{chain::chain, claims::SettingsRights, observed::Place},
    Context,
    fresh_look::{NotMade, is_as_begun, is_unchanged},
    gather::{Gathered, gather},
};
use crate::{
    api::XoperoOrganization,
    decide::{Basis, ClaimKind, Owner},
    inventory::OrganizationId,
};

/// What a step of removals was decided on.
pub(super) struct LastLook<'a> {
    context: &'a Context,
    place: &'a Place,
    resource: &'a XoperoOrganization,
    id: OrganizationId,
    settings: SettingsRights<'a>,
    /// Whose removals they are.
    owner: Owner,
    /// What is declared.
    basis: Basis<'a>,
    /// What came in the way first.
    hindrance: OnceLock<NotMade>,
}

impl<'a> LastLook<'a> {
    /// At what `owner` asks to be removed.
    pub(super) fn at(
        (context, place, resource): (&'a Context, &'a Place, &'a XoperoOrganization),
        (id, settings): (OrganizationId, SettingsRights<'a>),
        owner: Owner,
        gathered: &'a Gathered,
    ) -> Self {
        Self {
            context,
            place,
            resource,
            id,
            settings,
            owner,
            basis: Basis::of(&gathered.claims, &gathered.visibility),
            hindrance: OnceLock::new(),
        }
    }

    /// Whether all there is to know of is known.
    ///
    /// # Errors
    /// Where a resource is not, or cannot be looked for.
    pub(super) async fn hears(&self) -> Result<(), NotMade> {
        self.context.heard.of_all(self.context).await
    }

    /// Whether a removal may be made now. Why not is in the log.
    pub(super) async fn lets(&self) -> bool {
        match self.look().await {
            Ok(()) => true,
            Err(hindrance) => {
                self.tell(&hindrance);
                // One is as good as another to tell how to go on.
                let _is_first = self.hindrance.set(hindrance);
                false
            }
        }
    }

    /// What came in the way of any of them.
    pub(super) fn hindrance(self) -> Option<NotMade> {
        self.hindrance.into_inner()
    }

    async fn look(&self) -> Result<(), NotMade> {
        self.hears().await?;
        is_unchanged(&self.owner, &self.context.client).await?;
        let Self {
            context,
            place,
            resource,
            id,
            settings,
            ..
        } = *self;
        if !is_as_begun(context, place, resource) {
            return Err(NotMade::Changed(format!("{place} has changed")));
        }
        let now = gather(context, (place, resource), (Some(id), None), settings).await;
        let owner = &self.owner;
        if owner.key.kind != ClaimKind::Organization
            && now.claims.iter().all(|claim| claim.uid != owner.uid)
        {
            return Err(NotMade::Changed(format!("{} is gone", owner.key)));
        }
        let is_still = self.basis.is_still(&now.claims, &now.visibility);
        is_still.map_err(NotMade::Declared)
    }

    pub(super) fn tell(&self, hindrance: &NotMade) {
        let (organization, owner) = (self.place, &self.owner.key);
        match hindrance {
            NotMade::Changed(why) | NotMade::Declared(why) => {
                info!(%organization, %owner, why, "A removal for {owner} was not made in {organization}: what it was decided on is not so any more: {why}");
            }
            NotMade::NotRead(error) => {
                let why = chain(error);
                warn!(%organization, %owner, error = why, "A removal for {owner} was not made in {organization}: what it was decided on could not be looked at once more: {why}");
            }
        }
    }
}
