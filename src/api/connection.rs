//! One Xopero ONE instance and the account used.

#![expect(
    unreachable_pub,
    reason = "misfires on what derives KubeSchema: all of it is re-exported by api"
)]

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use crate::api::{
    namespaces::AllowedNamespaces,
    policies::{NamespacesFrom, PlanSettingsPolicy},
    references::{CaBundleReference, CredentialsSecretReference},
    schema,
    status::{RefusedEndpoint, RejectedLogin},
};

/// Requests per second: the product writes each call to its own log, and is said to suffer from too many entries.
pub const DEFAULT_REQUESTS_PER_SECOND: u32 = 5;

/// Requests under way at one time.
pub const DEFAULT_REQUESTS_IN_FLIGHT: u32 = 4;

/// How long one request may take.
pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The key of the Secret with the e-mail.
pub const DEFAULT_EMAIL_KEY: &str = "email";

/// The key of the Secret with the password.
pub const DEFAULT_PASSWORD_KEY: &str = "password";

/// One Xopero ONE instance, and the account with which the operator works in it.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "xopero.dev",
    version = "v1alpha1",
    kind = "XoperoConnection",
    plural = "xoperoconnections",
    shortname = "xconn",
    category = "xopero",
    namespaced,
    status = "XoperoConnectionStatus",
    derive = "PartialEq",
    doc = "One Xopero ONE instance, and the account with which the operator works in it. Deleting it changes nothing in Xopero ONE."
)]
#[serde(rename_all = "camelCase")]
pub struct XoperoConnectionSpec {
    /// The address of the instance: `https://host` or `https://host:port`, for example
    /// `https://xopero.example.com`, without path, user or query. `http` is taken for localhost only. At most 512
    /// characters. After a change the operator signs in anew and lists everything again before it removes anything.
    #[schemars(schema_with = "schema::url")]
    pub url: String,

    /// The Secret with the e-mail and password of a user with the role System Administrator, in the namespace of this
    /// resource. Another e-mail or password is used within 15 seconds. Accounts with two-factor or single sign-on
    /// alone cannot be used.
    pub credentials_secret_ref: CredentialsSecretReference,

    /// How the certificate of the instance is verified. When absent, by the certificate authorities of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,

    /// From which namespaces organizations may use this connection. When absent, only from its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_namespaces: Option<AllowedNamespaces>,

    /// How hard the instance may be asked. All organizations of the connection share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Requests>,

    /// Whether `settings` of plans are sent: `Forbidden` or `Allowed`. `Forbidden` when absent, because it is not
    /// documented whether Xopero ONE keeps the settings that a change leaves out. Try it on a cloned plan first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<PlanSettingsPolicy>")]
    pub plan_settings: Option<PlanSettingsPolicy>,
}

/// How the certificate of the instance is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// PEM certificates of the authorities to trust, beside those of the system: for an instance whose certificate no
    /// public authority signed. A change is used within 15 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle_ref: Option<CaBundleReference>,
}

/// How hard the instance may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// The most requests in a second, from 1 to 1000. 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub per_second: Option<u32>,

    /// The most requests under way at one time, from 1 to 64. 4 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub in_flight: Option<u32>,

    /// How long one request may take before it counts as failed, for example `10s`. From 1 to 15 seconds; 10 seconds
    /// when absent. A write that times out is looked up again before it is repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::request_timeout")]
    pub timeout: Option<kube::core::Duration>,
}

impl XoperoConnectionSpec {
    /// The most requests in a second.
    pub fn requests_per_second(&self) -> u32 {
        self.requests
            .as_ref()
            .and_then(|requests| requests.per_second)
            .unwrap_or(DEFAULT_REQUESTS_PER_SECOND)
    }

    /// The most requests under way at one time.
    pub fn requests_in_flight(&self) -> u32 {
        self.requests
            .as_ref()
            .and_then(|requests| requests.in_flight)
            .unwrap_or(DEFAULT_REQUESTS_IN_FLIGHT)
    }

    /// How long one request may take.
    pub fn request_timeout(&self) -> Duration {
        let declared = self.requests.as_ref().and_then(|requests| requests.timeout);
        declared.map_or(DEFAULT_REQUEST_TIMEOUT, Duration::from)
    }

    /// From which namespaces organizations may use this connection.
    pub fn namespaces_from(&self) -> NamespacesFrom {
        self.allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.from)
            .unwrap_or(NamespacesFrom::Same)
    }

    /// Whether settings of plans are sent.
    pub fn plan_settings(&self) -> PlanSettingsPolicy {
        self.plan_settings.unwrap_or(PlanSettingsPolicy::Forbidden)
    }
}

impl CredentialsSecretReference {
    /// The key with the e-mail.
    pub fn email_key(&self) -> &str {
        self.email_key.as_deref().unwrap_or(DEFAULT_EMAIL_KEY)
    }

    /// The key with the password.
    pub fn password_key(&self) -> &str {
        self.password_key.as_deref().unwrap_or(DEFAULT_PASSWORD_KEY)
    }
}

/// What is known of the instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct XoperoConnectionStatus {
    /// The generation of the resource that the conditions speak of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// `Ready`; `Reconciling`, `Stalled` and `Paused` while they are true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::conditions")]
    pub conditions: Vec<Condition>,

    /// The value of the annotation `xopero.dev/reconcile-requested-at` last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,

    /// The resourceVersion of the Secret in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_version: Option<String>,

    /// The names of the organizations that the account sees, at most 100, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<String>,

    /// How many organizations the account sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organizations_total: Option<i64>,

    /// The login that was rejected. While it stands here nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_login: Option<RejectedLogin>,

    /// The endpoints that refuse the account, at most 100, sorted. They are tried again a day later, when e-mail or password change, or after
    /// `xopero.dev/reconcile-requested-at` on the connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_endpoints: Vec<RefusedEndpoint>,

    /// The facts that this instance does not show, for example whether a repository holds a licence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_shown: Vec<String>,
}

impl XoperoConnectionStatus {
    /// The most names in `organizations`.
    pub const MAX_ORGANIZATIONS: usize = 100;

    /// The most entries in `refused_endpoints`. What is left out costs one call each after a restart, and no login.
    pub const MAX_REFUSED_ENDPOINTS: usize = 100;
}
