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

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use rstest::rstest;

    use super::*;
    use crate::{
        api::annotations::PAUSED,
        decide::{
            By, Change, ClaimKind,
            fixtures::{at, plan_claim, repository_id},
        },
    };

    fn own() -> Owner {
        Owner {
            key: ClaimKey {
                kind: ClaimKind::Organization,
                namespace: "backup".to_owned(),
                name: "acme".to_owned(),
            },
            uid: "own".into(),
            generation: 4,
            deleting: false,
        }
    }

    fn now(change: impl FnOnce(&mut ObjectMeta)) -> ObjectMeta {
        let mut metadata = ObjectMeta {
            uid: Some("own".to_owned()),
            generation: Some(4),
            ..ObjectMeta::default()
        };
        change(&mut metadata);
        metadata
    }

    #[rstest]
    #[case::the_same(now(|_| {}), true)]
    #[case::of_the_same_name(now(|now| now.uid = Some("another".to_owned())), false)]
    #[case::edited(now(|now| now.generation = Some(5)), false)]
    #[case::deleted(now(|now| now.deletion_timestamp = Some(Time(at(0)))), false)]
    #[case::paused(now(|now| now.annotations = Some([(PAUSED.to_owned(), "true".to_owned())].into())), false)]
    #[case::nobody(ObjectMeta::default(), false)]
    fn it_is_still_what_was_decided_on_or_nothing_is_removed_for_it(
        #[case] now: ObjectMeta,
        #[case] still: bool,
    ) {
        assert_eq!(own().is_still(&now).is_ok(), still);
    }

    #[rstest]
    #[case::a_claim("BackupPlan-nightly", Some("BackupPlan-nightly"))]
    #[case::the_organization("own", Some("own"))]
    #[case::nobody_any_more("gone", None)]
    fn removals_are_those_of_a_claim_or_of_the_organization(
        #[case] uid: &str,
        #[case] expected: Option<&str>,
    ) {
        let claim = plan_claim("nightly").leaving();
        let claim_uid = Arc::clone(&claim.uid);
        let uid = if uid.contains("nightly") {
            claim_uid
        } else {
            uid.into()
        };
        let admitted = Admitted {
            uid: Arc::clone(&uid),
            changes: [Change::Deactivate(repository_id("api"))].into(),
            later: std::collections::BTreeSet::new(),
            by: By::Limit,
        };
        let owner = Owner::of(&admitted, &[claim], own());
        assert_eq!(
            owner.as_ref().map(|owner| &*owner.uid),
            expected.map(|_| &*uid)
        );
        let deleting = owner.map(|owner| owner.deleting);
        assert_eq!(deleting, expected.map(|name| name.contains("nightly")));
    }
}
