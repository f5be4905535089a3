//! What is remembered of an account: whether its login was rejected, and what it may not do.
//!
//! In the process it is told by the account itself, across restarts by the uid and resourceVersion of the Secret.

use std::time::SystemTime;

use k8s_openapi::jiff::Timestamp;

use crate::{
    api::{
        CredentialsSecretReference, RefusedEndpoint, RejectedLogin, XoperoConnectionStatus,
        whole_seconds,
    },
    controllers::credentials::{AccountDigest, Version},
    xopero::{Endpoint, OrganizationId, Refusal, Remembered},
};

/// What is known of the account in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Memory {
    account: AccountDigest,
    /// The writing of the Secret that held it last.
    pub(super) version: Version,
    /// Where in the Secret it stands.
    reference: CredentialsSecretReference,
    pub(super) url: String,
    pub(super) remembered: Remembered,
}

/// How the account compares to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controllers) enum Compared {
    /// There was none before in this process.
    First,
    /// The same, though perhaps in another writing of the Secret.
    Same,
    /// The same, at another instance: there it may be good.
    Elsewhere,
    /// Another e-mail or password.
    Other,
}

impl Memory {
    /// What is remembered now that this account was read, and how it compares to what was remembered `before`.
    /// `reported` is what the status said when the process first saw the connection, as far as that goes on to hold.
    pub(super) fn recall(
        before: Option<Self>,
        (account, version): (AccountDigest, &Version),
        reference: &CredentialsSecretReference,
        url: &str,
        reported: Option<&XoperoConnectionStatus>,
    ) -> (Self, Compared) {
        let (compared, remembered) = match before {
            None => (
                Compared::First,
                reported.map_or_else(Remembered::default, |status| {
                    restore(status, version, reference, url)
                }),
            ),
            Some(before) if before.account != account => (Compared::Other, Remembered::default()),
            Some(before) if before.url != url => (Compared::Elsewhere, Remembered::default()),
            Some(before) => (Compared::Same, before.remembered),
        };
        let memory = Self {
            account,
            version: version.clone(),
            reference: reference.clone(),
            url: url.to_owned(),
            remembered,
        };
        (memory, compared)
    }

    /// What the status says of a rejected login.
    pub(super) fn rejected_login(&self) -> Option<RejectedLogin> {
        let Version {
            uid,
            resource_version,
        } = self.version.clone();
        self.remembered.login_rejected.then_some(RejectedLogin {
            secret_uid: uid,
            secret_resource_version: resource_version,
            email_key: Some(self.reference.email_key().to_owned()),
            password_key: Some(self.reference.password_key().to_owned()),
            url: Some(self.url.clone()),
        })
    }

    /// What the status says of refused endpoints.
    pub(super) fn refused_endpoints(&self) -> Vec<RefusedEndpoint> {
        let refused = self.remembered.refused.iter();
        let mut refused: Vec<RefusedEndpoint> = refused
            .filter_map(|refusal| {
                let Refusal {
                    endpoint,
                    organization,
                    since,
                } = refusal;
                Some(RefusedEndpoint {
                    endpoint: endpoint.as_str().to_owned(),
                    organization_id: organization.map(|id| id.to_string()),
                    // A time that Kubernetes cannot hold is none of this century.
                    since: whole_seconds(Timestamp::try_from(*since).ok()?),
                })
            })
            .collect();
        refused.sort_unstable();
        refused.truncate(XoperoConnectionStatus::MAX_REFUSED_ENDPOINTS);
        refused
    }
}

/// What of a status for another spec goes on to hold: that a login was rejected, which says itself of which account and by whom. One login
/// more may lock the account.
pub(super) fn beyond_the_spec(status: &XoperoConnectionStatus) -> XoperoConnectionStatus {
    let rejected = status.rejected_login.clone();
    XoperoConnectionStatus {
        rejected_login: rejected.filter(|rejected| rejected.url.is_some()),
        ..XoperoConnectionStatus::default()
    }
}

/// What a status remembers, if the Secret has not been written since.
fn restore(
    status: &XoperoConnectionStatus,
    version: &Version,
    reference: &CredentialsSecretReference,
    url: &str,
) -> Remembered {
    let is = |said: &Option<String>, now: &str| said.as_deref().is_none_or(|said| said == now);
    let login_rejected = status.rejected_login.as_ref().is_some_and(|rejected| {
        rejected.secret_uid == version.uid
            && rejected.secret_resource_version == version.resource_version
            && is(&rejected.email_key, reference.email_key())
            && is(&rejected.password_key, reference.password_key())
            && is(&rejected.url, url)
    });
    let same = status.credentials_version.as_deref() == Some(version.resource_version.as_str());
    let refused = status.refused_endpoints.iter().filter(|_| same);
    Remembered {
        login_rejected,
        refused: refused
            .filter_map(|refused| {
                let RefusedEndpoint {
                    endpoint,
                    organization_id,
                    since,
                } = refused;
                let organization = match organization_id {
                    None => None,
                    // What is no id must not be taken for a refusal of all.
                    Some(id) => Some(OrganizationId::parse(id)?),
                };
                Some(Refusal {
                    endpoint: Endpoint::parse(endpoint)?,
                    organization,
                    since: SystemTime::from(since.0),
                })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
