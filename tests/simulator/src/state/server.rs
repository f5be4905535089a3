//! Who may sign in, and how long a synchronization takes.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::duration;

/// An account. By default a System Administrator with the DevOps permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct User {
    /// Derived from the e-mail when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The e-mail to sign in with; casing does not matter.
    pub email: String,
    /// The password to sign in with.
    pub password: Password,
    /// Roles and permissions, frozen into each token at sign-in.
    #[serde(default = "administrator")]
    pub roles: Vec<String>,
    /// An account with a second factor cannot sign in with e-mail and password alone.
    #[serde(default)]
    pub second_factor: bool,
}

/// The roles of a user that names none.
pub(crate) fn administrator() -> Vec<String> {
    vec![
        super::SYSTEM_ADMINISTRATOR.to_owned(),
        super::DEVOPS_MANAGEMENT.to_owned(),
    ]
}

/// A password that `Debug` does not show. A state file does, since it is read back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// A password as it is typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether `text` is this password.
    pub fn is(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(***)")
    }
}

/// How long an organization shows `synchronizationInProgress`. In YAML a duration (`2s`) or `untilReleased`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Synchronization {
    /// So long; zero ends it at once.
    Lasts(Duration),
    /// Until an edit releases it, which makes a test independent of time.
    UntilReleased,
}

const UNTIL_RELEASED: &str = "untilReleased";

impl Default for Synchronization {
    fn default() -> Self {
        Self::Lasts(Duration::ZERO)
    }
}

impl TryFrom<String> for Synchronization {
    type Error = duration::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == UNTIL_RELEASED {
            return Ok(Self::UntilReleased);
        }
        duration::parse(&text).map(Self::Lasts)
    }
}

impl From<Synchronization> for String {
    fn from(synchronization: Synchronization) -> Self {
        match synchronization {
            Synchronization::Lasts(duration) => humantime::format_duration(duration).to_string(),
            Synchronization::UntilReleased => UNTIL_RELEASED.to_owned(),
        }
    }
}
