//! The resource that a removal is made for, as it was decided on. Caches are late: it is looked at afresh before each removal,
//! and what it has become since is compared here.

use std::sync::Arc;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Admitted, Claim, ClaimKey, Life};
use crate::api::annotations::is_paused;

/// The resource that a removal is made for, as it was decided on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Which resource it is.
    pub key: ClaimKey,
    /// Its uid: a resource of the same name made anew asked for nothing.
    pub uid: Arc<str>,
    /// The generation that was decided on.
    pub generation: i64,
    /// Whether it was being deleted.
    pub deleting: bool,
}

impl Owner {
    /// Whose removals these are: a claim's, or those of the organization itself, which is `own`. `None`: it is not there any more.
    pub fn of(admitted: &Admitted, claims: &[Claim], own: Self) -> Option<Self> {
        let Some(claim) = claims.iter().find(|claim| claim.uid == admitted.uid) else {
            return Some(own).filter(|own| own.uid == admitted.uid);
        };
        Some(Self {
            key: claim.key.clone(),
            uid: Arc::clone(&claim.uid),
            generation: claim.generation,
            deleting: claim.life != Life::Living,
        })
    }

    /// Compares it with what it is now.
    ///
    /// # Errors
    /// Where it is not what was decided on: in words for the log.
    pub fn is_still(&self, now: &ObjectMeta) -> Result<(), &'static str> {
        if now.uid.as_deref() != Some(&*self.uid) {
            return Err("another object has its name");
        }
        if now.generation != Some(self.generation) {
            return Err("its specification changed");
        }
        if now.deletion_timestamp.is_some() != self.deleting {
            return Err("it is being deleted now");
        }
        if is_paused(now) {
            return Err("it is paused now");
        }
        Ok(())
    }
}
