//! How one resource names another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{policies::CaBundleKind, schema};

/// Names a connection.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReference {
    /// The name of the `XoperoConnection`.
    #[schemars(schema_with = "schema::object_name")]
    pub name: String,

    /// Its namespace, for example `backup`. When absent, the namespace of this resource. Another namespace
    /// is served only if the connection's `allowedNamespaces` admits this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::namespace_name")]
    pub namespace: Option<String>,
}

/// Names an organization.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationReference {
    /// The name of the `XoperoOrganization`: the resource's own name, not the organization's name in Xopero ONE.
    #[schemars(schema_with = "schema::object_name")]
    pub name: String,

    /// Its namespace, for example `backup`. When absent, the namespace of this resource. Another namespace
    /// is served only if the organization's `allowedNamespaces` admits this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::namespace_name")]
    pub namespace: Option<String>,
}

impl ConnectionReference {
    /// The namespace meant by a resource that lives in `own`.
    pub fn namespace_or<'a>(&'a self, own: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(own)
    }
}

impl OrganizationReference {
    /// The namespace meant by a resource that lives in `own`.
    pub fn namespace_or<'a>(&'a self, own: &'a str) -> &'a str {
        self.namespace.as_deref().unwrap_or(own)
    }
}

/// Names the Secret with the account's e-mail and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CredentialsSecretReference {
    /// The name of the Secret, in the namespace of the connection.
    /// It is read only if it carries the label `xopero.dev/credentials: "true"`.
    #[schemars(schema_with = "schema::object_name")]
    pub name: String,

    /// The key of the Secret that holds the e-mail of the account. `email` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::data_key")]
    pub email_key: Option<String>,

    /// The key of the Secret that holds the password of the account. `password` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::data_key")]
    pub password_key: Option<String>,
}

/// Names a bundle of PEM certificates in the namespace of the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaBundleReference {
    /// `Secret` or `ConfigMap`. A Secret needs no label here: only PEM certificates are read from it.
    #[schemars(schema_with = "schema::words::<CaBundleKind>")]
    pub kind: CaBundleKind,

    /// The name of the Secret or `ConfigMap`, in the namespace of the connection.
    #[schemars(schema_with = "schema::object_name")]
    pub name: String,

    /// The key under which the certificates stand, for example `ca.crt`.
    #[schemars(schema_with = "schema::data_key")]
    pub key: String,
}
