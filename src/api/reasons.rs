//! Every reason that a condition can have. The list is closed: a new one is added here first.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::api::conditions::{ConditionType, Truth};

/// Where a reason may stand. `Ready` is not listed with those of `Reconciling` and `Stalled`: it is False with the same.
type Uses = &'static [(ConditionType, Truth)];

/// Shorthands for the table below.
const READY: (ConditionType, Truth) = (ConditionType::Ready, Truth::True);
const RECONCILING: (ConditionType, Truth) = (ConditionType::Reconciling, Truth::True);
const STALLED: (ConditionType, Truth) = (ConditionType::Stalled, Truth::True);
const NOT_READY: (ConditionType, Truth) = (ConditionType::Ready, Truth::False);
const READY_UNKNOWN: (ConditionType, Truth) = (ConditionType::Ready, Truth::Unknown);
const IN_SYNC: (ConditionType, Truth) = (ConditionType::InSync, Truth::True);
const NOT_IN_SYNC: (ConditionType, Truth) = (ConditionType::InSync, Truth::False);
const IN_SYNC_UNKNOWN: (ConditionType, Truth) = (ConditionType::InSync, Truth::Unknown);
const PAUSED: (ConditionType, Truth) = (ConditionType::Paused, Truth::True);
const HEALTHY: (ConditionType, Truth) = (ConditionType::BackupHealthy, Truth::True);
const UNHEALTHY: (ConditionType, Truth) = (ConditionType::BackupHealthy, Truth::False);
const HEALTH_UNKNOWN: (ConditionType, Truth) = (ConditionType::BackupHealthy, Truth::Unknown);
const PROTECTED: (ConditionType, Truth) = (ConditionType::Protected, Truth::True);
const UNPROTECTED: (ConditionType, Truth) = (ConditionType::Protected, Truth::False);
const PROTECTION_UNKNOWN: (ConditionType, Truth) = (ConditionType::Protected, Truth::Unknown);

/// Defines [`Reason`] from one table: the word, what a reader may conclude, and where it may stand.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident: [$($use:ident),+]),+ $(,)?) => {
        /// Why a condition is as it is. Also the reason of events and the label of metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands in a condition.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }

            /// What a reader may conclude, for the reference page.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }

            /// The conditions, with their status, that may have this reason.
            pub const fn used_for(self) -> Uses {
                match self {
                    $(Self::$variant => &[$($use),+],)+
                }
            }
        }
    };
}

reasons! {
    /// Xopero ONE has what is declared.
    Converged: [READY],
    /// In Observe mode: Xopero ONE was read, and `InSync` tells how it differs.
    Observed: [READY],
    /// It is not known: nothing was listed yet, the last listing failed, what is declared could not be compared (`Stalled` or
    /// `Reconciling` says why), or Xopero ONE does not show how the last run went.
    NotObserved: [READY_UNKNOWN, IN_SYNC_UNKNOWN, HEALTH_UNKNOWN],

    /// Work is under way, and goes on by itself.
    Pending: [RECONCILING, NOT_READY],
    /// The connection is not there, not ready, or does not admit this namespace.
    WaitingForConnection: [RECONCILING, NOT_READY],
    /// The organization is not there, not ready, or does not admit this namespace.
    WaitingForOrganization: [RECONCILING, NOT_READY],
    /// The Secret, or the object with the certificates, is not there yet.
    WaitingForSecret: [RECONCILING, NOT_READY],
    /// Xopero ONE is reading the Git service; the listing is not complete before that.
    WaitingForSync: [RECONCILING, NOT_READY],
    /// A repository is attached only once its licence is confirmed.
    WaitingForLicense: [RECONCILING, NOT_READY],
    /// The instance asked to be left alone for a while.
    RateLimited: [RECONCILING, NOT_READY],
    /// The instance cannot be reached or answers with an error that may pass.
    ApiUnavailable: [RECONCILING, NOT_READY],
    /// Removals fit `removalLimit` but not what is left of the hour: they follow by themselves.
    RemovalPaced: [RECONCILING, NOT_READY],
    /// The resource is being deleted, and its clean-up is not done yet. The message says what it waits for.
    Deleting: [RECONCILING, NOT_READY],

    /// A person asked for a pause with `xopero.dev/paused`.
    Requested: [PAUSED],

    /// The resource says something that cannot be understood or carried out.
    InvalidSpec: [STALLED, NOT_READY],
    /// The Secret is there but lacks a key, or holds no text.
    SecretInvalid: [STALLED, NOT_READY],
    /// The Secret does not carry the label `xopero.dev/credentials: "true"`.
    SecretNotConsenting: [STALLED, NOT_READY],
    /// The instance's certificate is not accepted (it has expired, is for another name, or its authority is not known), or the bundle
    /// of certificates cannot be used.
    CertificateInvalid: [STALLED, NOT_READY],
    /// Xopero ONE refused the e-mail and password. Nothing is sent until they change.
    LoginRejected: [STALLED, NOT_READY],
    /// The resource asks for what its namespace may not have. On a connection: the host is not in `allowedHosts`, or the operator may
    /// not read the Secret.
    NotPermitted: [STALLED, NOT_READY],
    /// The account lacks a permission in Xopero ONE.
    PermissionMissing: [STALLED, NOT_READY],
    /// The instance has no organization of that name, or does not show it to the account.
    OrganizationNotFound: [STALLED, NOT_READY],
    /// The organization has no plan of that name.
    PlanNotFound: [STALLED, NOT_READY],
    /// The organization has no repository of that name.
    RepositoryNotFound: [STALLED, NOT_READY],
    /// The organization has no project of that name.
    ProjectNotFound: [STALLED, NOT_READY],
    /// Several things have that name; the message names them.
    Ambiguous: [STALLED, NOT_READY],
    /// An older resource says the contrary and keeps what is in dispute.
    Conflict: [STALLED, NOT_READY],
    /// A person has to approve: more removals are due than `removalLimit` allows, a last copy may go, or they may follow from a changed
    /// name.
    RemovalHeld: [STALLED, NOT_READY],
    /// `licenses.limit` of the organization is reached.
    LicenseLimitReached: [STALLED, NOT_READY],
    /// Xopero ONE refuses to activate further licences.
    LicensesExhausted: [STALLED, NOT_READY],
    /// The connection does not allow `settings`, or they name an id.
    SettingsNotAllowed: [STALLED, NOT_READY],
    /// A listing is not proved to be of the organization asked for. Nothing is written.
    ListingNotScoped: [STALLED, NOT_READY],
    /// The instance answers in a way that is not understood.
    AnswerNotUnderstood: [STALLED, NOT_READY],
    /// Xopero ONE refused an action for this item.
    Refused: [STALLED, NOT_READY],
    /// What was done was undone by something else, three times over.
    NotKept: [STALLED, NOT_READY, NOT_IN_SYNC],

    /// Xopero ONE equals what is declared.
    AsDeclared: [IN_SYNC],
    /// The patterns of the plan match nothing.
    NothingMatched: [IN_SYNC, NOT_IN_SYNC],
    /// There are differences; `status.drift` names them.
    Drift: [NOT_IN_SYNC],
    /// There are differences that are not removed for now; `status.drift` or `Stalled` says why.
    Held: [NOT_IN_SYNC],
    /// Xopero ONE does not show what would have to be compared.
    NotVisible: [IN_SYNC_UNKNOWN, PROTECTION_UNKNOWN],
    /// The last listing cannot be relied upon: some of what is there may be missing from it.
    InventoryUntrusted: [IN_SYNC_UNKNOWN, PROTECTION_UNKNOWN],
    /// A resource that might name it cannot be seen or read, or may be in a namespace that is not watched; nothing is removed for its
    /// absence. While a kind was never listed since the operator began, or its watch fails, nothing is removed at all. The message says which.
    ClaimsNotVisible: [IN_SYNC_UNKNOWN],

    /// The last run of the plan succeeded and is recent enough.
    BackedUp: [HEALTHY],
    /// The last run of the plan had errors, or backed nothing up.
    BackupFailed: [UNHEALTHY],
    /// The last run of the plan is older than `freshness.maxAge`.
    BackupTooOld: [UNHEALTHY],
    /// The plan has never finished a run.
    NeverBackedUp: [UNHEALTHY],

    /// All that `protection` demands is licensed and in a plan.
    AllProtected: [PROTECTED],
    /// Something that `protection` demands is not licensed or in no plan; `status.unprotected` names it.
    Unprotected: [UNPROTECTED],
}

impl Reason {
    /// Whether a condition of that type and status may have this reason.
    pub fn fits(self, type_: ConditionType, truth: Truth) -> bool {
        self.used_for().contains(&(type_, truth))
    }

    /// The condition by which it hinders: there is no reason both of what stalls and of what is waited for.
    pub fn hindrance(self) -> ConditionType {
        if self.fits(ConditionType::Stalled, Truth::True) {
            ConditionType::Stalled
        } else {
            ConditionType::Reconciling
        }
    }

    /// The reason of that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == word)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reconciles_or_stalls_is_why_a_resource_is_not_ready() {
        for reason in Reason::ALL {
            let abnormal =
                reason.used_for().contains(&RECONCILING) || reason.used_for().contains(&STALLED);
            assert_eq!(reason.used_for().contains(&NOT_READY), abnormal, "{reason}");
        }
    }

    #[test]
    fn no_reason_both_reconciles_and_stalls() {
        for reason in Reason::ALL {
            assert!(
                !(reason.fits(ConditionType::Reconciling, Truth::True)
                    && reason.fits(ConditionType::Stalled, Truth::True))
            );
        }
    }

    #[test]
    fn a_word_names_one_reason() {
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(*reason));
        }
        assert_eq!(Reason::parse("Reconciled"), None);
    }
}
