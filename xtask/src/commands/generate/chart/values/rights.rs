//! What the operator and people may do, and the definitions that this is about.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Crds {
    /// Whether the CustomResourceDefinitions are installed and upgraded with the release. Switch it off where something else does
    /// that, as for a second release in one cluster.
    enabled: bool,
    /// Whether the definitions, and so all resources, stay when the release is uninstalled.
    keep: bool,
    /// More annotations of the definitions.
    annotations: BTreeMap<String, String>,
}

impl Default for Crds {
    fn default() -> Self {
        Self {
            enabled: true,
            keep: true,
            annotations: BTreeMap::new(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rbac {
    /// Whether the roles of the operator are created. Where others create them, `helm template --show-only templates/rbac.yaml` prints
    /// what they must allow.
    create: bool,
    /// Whether the five kinds are added to Kubernetes' own roles: `view` may read them, `edit` may also write plans, repositories and
    /// projects, `admin` connections and organizations as well. Never with `watchNamespaces`, since these roles are cluster-wide.
    aggregate: bool,
}

impl Default for Rbac {
    fn default() -> Self {
        Self {
            create: true,
            aggregate: true,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ServiceAccount {
    /// Whether the ServiceAccount is created.
    create: bool,
    /// The name of the ServiceAccount. Empty: that of the Deployment; where it is not created, the name must be written.
    name: String,
    /// Annotations of the ServiceAccount.
    annotations: BTreeMap<String, String>,
}

impl Default for ServiceAccount {
    fn default() -> Self {
        Self {
            create: true,
            name: String::new(),
            annotations: BTreeMap::new(),
        }
    }
}
