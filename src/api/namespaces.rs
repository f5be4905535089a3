//! From which namespaces a connection or an organization may be referenced.

#![expect(
    unreachable_pub,
    reason = "misfires on what derives KubeSchema: all of it is re-exported by api"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::api::{
    policies::{NamespacesFrom, Rights},
    schema,
};

/// From which namespaces organizations may use a connection.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.selector) == (has(self.from) && self.from == 'Selector')")
    .message("selector goes with from: Selector: write both, or leave selector out"))]
pub struct AllowedNamespaces {
    /// `Same`: only the namespace of this resource. `All`: every namespace. `Selector`: the namespaces whose
    /// labels match `selector`. `Same` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<NamespacesFrom>")]
    pub from: Option<NamespacesFrom>,

    /// The labels of the namespaces to allow, for example `matchLabels: {team: platform}`. Needed with
    /// `from: Selector`, refused otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::label_selector")]
    pub selector: Option<LabelSelector>,
}

/// From which namespaces plans, repositories and projects may name an organization, and what they may do there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.selector) == (has(self.from) && self.from == 'Selector')")
    .message("selector goes with from: Selector: write both, or leave selector out"))]
pub struct OrganizationAllowedNamespaces {
    /// `Same`: only the namespace of this resource. `All`: every namespace. `Selector`: the namespaces whose
    /// labels match `selector`. `Same` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<NamespacesFrom>")]
    pub from: Option<NamespacesFrom>,

    /// The labels of the namespaces to allow, for example `matchLabels: {team: platform}`. Needed with
    /// `from: Selector`, refused otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::label_selector")]
    pub selector: Option<LabelSelector>,

    /// What resources of other namespaces may do. `Add`: add repositories to plans and activate licences, with
    /// `membership: Additive`, `deletionPolicy: Retain` and without `settings`; whatever else they ask for is
    /// Stalled as `NotPermitted`. `Full`: all that resources of this namespace may do. `Add` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::words::<Rights>")]
    pub rights: Option<Rights>,
}
