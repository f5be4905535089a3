//! When a pass reads Xopero ONE, what is noted of that, and how it waits where that failed.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tracing::warn;

use super::{
    super::{
        super::{chain::chain, failure::ReportError},
        declared,
        observe::{self, Came},
        owners::Owner,
        state::State,
        synchronize::is_synchronizing,
        waiting,
    },
    Listing, Pass,
};
use crate::{api::Reason, decide::Trouble, xopero::Origin};

impl Pass<'_> {
    /// Reads Xopero ONE when that is due. Says how long to wait where it failed.
    pub(super) async fn observe(
        &mut self,
        state: &mut State,
        interval: Duration,
        listing: Listing,
    ) -> Result<Option<Duration>, ReportError> {
        let is_due = listing == Listing::Now
            || state.inventory.is_none()
            || state.until_listing(interval).is_zero()
            || state.unread;
        if !is_due && !is_synchronizing(state) {
            return Ok(None);
        }
        let was_synchronizing = is_synchronizing(state);
        let read = if is_due {
            self.list(state).await
        } else {
            match observe::glance(&self.usable, state, &self.context.stop).await {
                Ok(Came::Through) if was_synchronizing && !is_synchronizing(state) => {
                    self.list(state).await
                }
                other => other,
            }
        };
        match read {
            // What was made before is still reported, by what is known.
            Ok(Came::Stopped) => Ok(state.inventory.is_none().then_some(interval)),
            Ok(Came::Through) => {
                state.answered();
                self.context.connections.note_use(&self.key, Ok(()));
                Ok(None)
            }
            Err(error) => {
                self.context.owners.note_tried(self.place);
                let reason = error.reason();
                if reason == Reason::OrganizationNotFound
                    && let Ok(origin) = Origin::parse(&self.usable.url)
                {
                    let name = &self.resource.spec.name;
                    self.context.owners.note_not_found(self.place, origin, name);
                }
                warn!(organization = %self.place, url = %self.usable.url, error = chain(&error), reason = %reason, "{} could not be observed", self.place);
                self.context
                    .connections
                    .note_use(&self.key, error.call().map_or(Ok(()), Err));
                let trouble = of_the_connection(error.trouble());
                state.fail(trouble.clone(), error.retry_after(), interval);
                state.unread = true;
                waiting::wait(self.context, self.place, self.resource, state, &trouble).await?;
                Ok(Some(state.until_retry()))
            }
        }
    }

    async fn list(&self, state: &mut State) -> Result<Came, observe::Error> {
        let scene = observe::Scene {
            context: self.context,
            place: self.place,
            resource: self.resource,
            usable: &self.usable,
            key: &self.key,
        };
        let begun = Instant::now();
        let observed = observe::observe(scene, state, state.asked).await;
        if matches!(observed, Ok(Came::Stopped)) {
            return observed;
        }
        let failure = observed.as_ref().err().map(observe::Error::reason);
        self.context.metrics.note_listing(begun.elapsed(), failure);
        let came = observed?;
        state.listing_began = Some(begun);
        let looks = &self.context.looks;
        looks.note_listed(self.place, &state.uid, SystemTime::now());
        Ok(came)
    }

    /// Stands for the organization that was found, in the mode that is declared now.
    pub(super) fn enter(&self, state: &State) {
        let Some(id) = state.id else { return };
        let owner = Owner {
            uid: state.uid.to_string(),
            created: declared::created(self.resource),
            mode: self.resource.spec.mode(),
            instance: Arc::clone(&self.usable.url),
        };
        for other in self.context.owners.enter(id, self.place, owner) {
            self.context.wake.organization(&other);
        }
    }
}

/// What is wrong with the connection is said by the connection; the organization waits for it.
fn of_the_connection(trouble: Trouble) -> Trouble {
    if ![Reason::LoginRejected, Reason::CertificateInvalid].contains(&trouble.reason) {
        return trouble;
    }
    let message = format!(
        "The connection cannot be used ({}): {}",
        trouble.reason, trouble.message
    );
    Trouble {
        reason: Reason::WaitingForConnection,
        message,
    }
}
