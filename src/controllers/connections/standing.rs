//! What a look at a connection brings, and how the connection stands after it.

use super::{instance::Organizations, memory::Compared, trouble::Trouble};
use crate::{
    api::{RefusedEndpoint, RejectedLogin},
    controllers::credentials::{AccountAt, BundleAt, Defect},
    xopero::{BudgetUse, Origin, TokenTimes},
};

/// What the process holds of a connection and no status says, because it moves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controllers) struct Measured {
    /// The times of the token in use.
    pub(in crate::controllers) token: Option<TokenTimes>,
    /// How much of the limits is used.
    pub(in crate::controllers) budget: BudgetUse,
}

/// What was read the last time, so that it need not be read again.
#[derive(Clone, Debug, Default)]
pub(in crate::controllers) struct Sources {
    pub(in crate::controllers) account: Option<AccountAt>,
    pub(in crate::controllers) bundle: Option<BundleAt>,
}

/// What a look at the connection brought.
#[derive(Debug)]
pub(in crate::controllers) enum Read {
    /// A person asked that nothing be read.
    Paused,
    /// Nothing was read, because the connection may not lead where it leads.
    Refused(Trouble),
    /// What it is made from.
    Found(Box<Found>),
}

/// What a connection is made from.
#[derive(Debug)]
pub(in crate::controllers) struct Found {
    pub(in crate::controllers) origin: Origin,
    pub(in crate::controllers) account: Result<AccountAt, Defect>,
    pub(in crate::controllers) bundle: Option<Result<BundleAt, Defect>>,
}

/// How a connection stands, for its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controllers) struct Standing {
    pub(in crate::controllers) health: Health,
    /// How the account compares to the one before.
    pub(in crate::controllers) account: Option<Compared>,
    pub(in crate::controllers) credentials_version: Option<String>,
    pub(in crate::controllers) rejected_login: Option<RejectedLogin>,
    pub(in crate::controllers) refused_endpoints: Vec<RefusedEndpoint>,
    pub(in crate::controllers) organizations: Option<Organizations>,
    pub(in crate::controllers) not_shown: Vec<String>,
}

/// Whether the connection can be used, and works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controllers) enum Health {
    /// A person asked for a pause.
    Paused,
    /// It cannot be used, or does not work.
    Troubled(Trouble),
    /// Nothing speaks against it; whether the account is good is not known yet.
    Untried,
    /// It works.
    Accepted,
}
