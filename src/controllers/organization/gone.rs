//! What is forgotten when a resource is gone.

use std::sync::Arc;

use kube::ResourceExt;

use super::{
    super::{
        claims::{Claiming, refers_to},
        connections::connection_of,
        observed::{Observed, Place},
    },
    Context,
    choose::Meant,
    state::State,
};
use crate::decide::{ClaimKey, ClaimKind};

impl Context {
    /// An organization is gone: so is what was known of it, and what was said of its claims. A pass over it that is under way comes
    /// to its end first: it would enter and say all of that once more, and nobody would take it back.
    pub async fn forget(&self, place: &Place) {
        let kept = self.states.of(place);
        let mut state = kept.lock().await;
        // Another one of the name may be there by now, and have been passed over.
        let uid = self.organizations.get(place).and_then(|there| there.uid());
        let is_of_another = |state: &State| uid.as_deref().is_some_and(|uid| *state.uid == *uid);
        if state.as_ref().is_some_and(is_of_another) {
            return;
        }
        *state = None;
        self.forget_known(place);
        drop(state);
        self.states.release(place, kept);
    }

    /// The organization cannot be decoded any more: what was said of its claims is taken back, so that they say that. What is known of it
    /// is kept for when it can be.
    pub(super) async fn take_back(&self, place: &Place) {
        let kept = self.states.of(place);
        let locked = kept.lock().await;
        let keys = self.claims_of(place);
        self.verdicts.withdraw(&keys);
        self.verdicts.tell(&keys);
        drop(locked);
        self.states.release(place, kept);
    }

    /// Whether this very organization is there: it may have gone while its pass waited for its turn.
    pub(super) fn is_there(&self, place: &Place, uid: &str) -> bool {
        let there = self.organizations.get(place);
        there.is_some_and(|there| there.uid().as_deref() == Some(uid))
    }

    /// What was known of the organization at that place. To be called with its state locked.
    pub(super) fn forget_known(&self, place: &Place) {
        self.leave(place);
        let keys = self.claims_of(place);
        self.verdicts.withdraw(&keys);
        // Also those of which nothing was said: they now wait for an organization that is not there.
        self.verdicts.tell(&keys);
    }

    /// The connection leads to another Xopero ONE now. The resource stands for no organization of the one before any more: who waited for
    /// it there comes back, and what was known is void.
    pub(super) fn leave_instance(&self, place: &Place, state: &mut State) {
        state.forget_organization(None);
        state.meant = Meant::default();
        state.instance = None;
        self.leave(place);
    }

    fn leave(&self, place: &Place) {
        self.looks.forget(place);
        let all = self.organizations.all();
        let used = all.iter().filter_map(|observed| connection_of(observed));
        self.connections.forget_user(place, &used.collect());
        let twins = self.owners.leave(place);
        let with_the_same_plans = self.plan_settings.leave(place);
        for other in twins.iter().chain(&with_the_same_plans) {
            self.wake.organization(other);
        }
    }

    /// Drops what was said of claims, and compiled for plans and organizations, that are gone.
    pub fn tidy(&self) {
        self.verdicts
            .retain(|key, uid| self.uid_of(key).as_deref() == Some(uid));
        self.selectors.retain(|place| {
            self.plans.get(place).is_some() || self.organizations.get(place).is_some()
        });
    }

    fn uid_of(&self, key: &ClaimKey) -> Option<String> {
        let place = Place {
            namespace: key.namespace.clone(),
            name: key.name.clone(),
        };
        match key.kind {
            ClaimKind::Organization => self.organizations.get(&place)?.uid(),
            ClaimKind::BackupPlan => self.plans.get(&place)?.uid(),
            ClaimKind::Repository => self.repositories.get(&place)?.uid(),
            ClaimKind::AzureProject => self.projects.get(&place)?.uid(),
        }
    }

    fn claims_of(&self, place: &Place) -> Vec<ClaimKey> {
        let mut all = keys(&self.plans.all(), place);
        all.extend(keys(&self.repositories.all(), place));
        all.extend(keys(&self.projects.all(), place));
        all
    }
}

fn keys<K: Claiming>(resources: &[Arc<Observed<K>>], place: &Place) -> Vec<ClaimKey> {
    resources
        .iter()
        .filter(|observed| refers_to(observed, place))
        .map(|observed| {
            let Place { namespace, name } = Place::of(&**observed);
            ClaimKey {
                kind: K::KIND,
                namespace,
                name,
            }
        })
        .collect()
}
