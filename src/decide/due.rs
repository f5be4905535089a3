//! One change that a claim calls for, and what holds it back. A reason not to act is a value.

use super::{Change, namers::Rank};
use crate::{api::Reason, inventory::trust::Doubt};

/// Why a change that is due is not sent now. All changes of one claim with the same hold are said in one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// Another claim wants the contrary; its rank in the order of age.
    Conflict(Rank),
    /// A claim on another organization that the plan serves too is older and sets it otherwise; its place among those.
    SetElsewhere(u32),
    /// A claim on another organization is older and may set the plan otherwise, as far as is known; its place among those.
    MayBeSetElsewhere(u32),
    /// The resource is paused.
    Paused,
    /// The organization is paused, or in conflict itself.
    Organization,
    /// The finalizer that the policy needs is not on yet.
    Finalizer,
    /// The repository has no licence yet.
    WaitsForLicence,
    /// `licenses.limit` is reached.
    LicenseLimit,
    /// The pool of licences is empty, as far as refusals tell.
    LicensesExhausted,
    /// Another claim may mean it, and Xopero ONE does not show whether it does; its rank in the order of age.
    MayBeMeant(Rank),
    /// Licences that are not shown were refused one after the other; the next ones are asked for after the next listing.
    OthersRefused,
    /// The server refused it, with this status.
    Refused(u16),
    /// It went wrong, or others like it did: with this status, or without an answer. It is repeated later.
    Failed(Option<u16>),
    /// It was confirmed and is due again; it is repeated later.
    Repeats,
    /// It was confirmed again and again and never stayed.
    NotKept,
    /// The answer was lost; the organization is listed before it is repeated.
    AwaitsListing,
    /// The account may not call the endpoint.
    NotPermitted,
    /// The listing is not trusted for removals.
    Untrusted(Doubt),
    /// Not every claim can be seen.
    ClaimsNotVisible,
    /// A second whole listing must call for it.
    SecondListing,
    /// The repository goes into another plan first.
    AttachFirst,
    /// More is due than the removal limit, or it always needs approval.
    RemovalHeld,
    /// It fits the limit, but not what is left of the hour.
    RemovalPaced,
    /// An earlier step of the same clean-up comes first.
    Order,
    /// Settings are sent once a change; what is different now was changed by somebody else.
    SentBefore,
    /// The connection does not allow settings to be sent, or these cannot be.
    SettingsNotAllowed,
}

impl Hold {
    /// The word in `status.drift[].held`; none where the change is merely under way.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Conflict(_) | Self::SetElsewhere(_) => Some(Reason::Conflict.as_str()),
            Self::MayBeMeant(_) => Some(Reason::NotVisible.as_str()),
            Self::Paused => Some("Paused"),
            Self::Organization => Some(Reason::WaitingForOrganization.as_str()),
            Self::WaitsForLicence => Some(Reason::WaitingForLicense.as_str()),
            Self::LicenseLimit => Some(Reason::LicenseLimitReached.as_str()),
            Self::LicensesExhausted => Some(Reason::LicensesExhausted.as_str()),
            Self::Refused(_) => Some(Reason::Refused.as_str()),
            Self::Failed(_) | Self::AwaitsListing => Some(Reason::ApiUnavailable.as_str()),
            Self::NotKept | Self::SentBefore => Some(Reason::NotKept.as_str()),
            Self::SettingsNotAllowed => Some(Reason::SettingsNotAllowed.as_str()),
            Self::NotPermitted => Some(Reason::PermissionMissing.as_str()),
            Self::Untrusted(_) => Some(Reason::InventoryUntrusted.as_str()),
            Self::ClaimsNotVisible => Some(Reason::ClaimsNotVisible.as_str()),
            Self::RemovalHeld => Some(Reason::RemovalHeld.as_str()),
            Self::RemovalPaced => Some(Reason::RemovalPaced.as_str()),
            Self::MayBeSetElsewhere(_)
            | Self::Finalizer
            | Self::OthersRefused
            | Self::Repeats
            | Self::SecondListing
            | Self::AttachFirst
            | Self::Order => None,
        }
    }
}

/// What a change is based on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// It adds.
    Addition,
    /// A resource asks for this removal.
    Named,
    /// Nobody asks for the contrary.
    Derived,
}

/// One change that a claim calls for.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    /// What is to change.
    pub change: Change,
    /// What it is based on.
    pub ground: Ground,
    /// What holds it back; `None`: it is sent.
    pub hold: Option<Hold>,
}

impl Due {
    /// Whether what a resource asks for by name waits for something that no work of ours brings about.
    pub(super) fn waits_for_others(&self) -> bool {
        self.ground == Ground::Named
            && matches!(
                self.hold,
                Some(Hold::MayBeMeant(_) | Hold::Untrusted(_) | Hold::ClaimsNotVisible)
            )
    }
}
