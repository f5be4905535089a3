//! The model of the Kubernetes store: the resources as declared, and their statuses.

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
    jiff::Timestamp,
};

use crate::{
    api::{Coverage, RemovalsStatus, annotations},
    decide::{Claim, ClaimKey, Life, OrganizationClaim, Remembered, Writes},
    inventory::Names,
};

/// One resource that claims something.
#[derive(Clone, Debug)]
pub(super) struct Object {
    /// What it declares and what its status remembers. Its life is told by the two below.
    pub(super) claim: Claim,
    /// Whether `xopero.dev/cleanup` is on it.
    pub(super) finalizer: bool,
    pub(super) deleting: bool,
}

impl Object {
    /// A resource as a fixture declares it.
    pub(super) fn of(claim: Claim) -> Self {
        Self {
            finalizer: claim.held_by_finalizer && claim.needs_cleanup(),
            deleting: claim.life != Life::Living,
            claim,
        }
    }

    /// A resource that was just declared: the finalizer comes later.
    pub(super) fn fresh(claim: Claim) -> Self {
        Self {
            finalizer: false,
            deleting: false,
            claim,
        }
    }

    /// The claim that the operator makes of it.
    pub(super) fn read(&self) -> Claim {
        let needs_cleanup = self.claim.needs_cleanup();
        let mut claim = self.claim.clone();
        claim.life = match (self.deleting, self.finalizer && needs_cleanup) {
            (false, _) => Life::Living,
            (true, true) => Life::Leaving,
            (true, false) => Life::Released,
        };
        claim.held_by_finalizer = self.finalizer || !needs_cleanup;
        let Remembered {
            plan,
            repository,
            project,
            attached_once: _,
            settings_sent: _,
            given_up: _,
        } = &claim.remembered;
        claim.accepted_once |= plan.is_some() || repository.is_some() || project.is_some();
        claim
    }

    fn metadata(&self) -> ObjectMeta {
        metadata(
            &self.claim.uid,
            self.claim.generation,
            self.deleting.then_some(self.claim.created),
            self.claim.paused,
        )
    }
}

/// The Kubernetes store.
#[derive(Clone, Debug)]
pub(super) struct Store {
    pub(super) organization: OrganizationClaim,
    pub(super) objects: Vec<Object>,
    /// `status.removals` of the organization.
    pub(super) removals: RemovalsStatus,
    /// The tokens in `status.removals.held`.
    pub(super) held: Vec<String>,
    /// `status.coverage` of the organization.
    pub(super) coverage: Option<Coverage>,
    /// `status.inventory.names` of the organization.
    pub(super) names: Option<Names>,
}

impl Store {
    /// A fresh look at the resource of that name; `None`: it is gone.
    pub(super) fn metadata(&self, key: &ClaimKey) -> Option<ObjectMeta> {
        let own = &self.organization;
        if own.key == *key {
            let paused = own.writes == Writes::Paused;
            return Some(metadata(&own.uid, own.generation, None, paused));
        }
        let object = self.objects.iter().find(|object| object.claim.key == *key);
        object.map(Object::metadata)
    }

    pub(super) fn object(&mut self, uid: &str) -> Option<&mut Object> {
        let mut objects = self.objects.iter_mut();
        objects.find(|object| &*object.claim.uid == uid)
    }

    /// Every claim, as it is this moment.
    pub(super) fn claims(&self) -> Vec<Claim> {
        self.objects.iter().map(Object::read).collect()
    }
}

#[expect(
    clippy::fn_params_excessive_bools,
    reason = "a fact of the annotation, in a test"
)]
fn metadata(uid: &str, generation: i64, deleted: Option<Timestamp>, paused: bool) -> ObjectMeta {
    let annotation = paused.then(|| (annotations::PAUSED.to_owned(), "true".to_owned()));
    ObjectMeta {
        uid: Some(uid.to_owned()),
        generation: Some(generation),
        deletion_timestamp: deleted.map(Time),
        annotations: Some(annotation.into_iter().collect()),
        ..ObjectMeta::default()
    }
}
