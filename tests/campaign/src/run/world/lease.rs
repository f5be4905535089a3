//! The Lease of two replicas: one of its own for each run.

use std::time::Duration;

use anyhow::Result;
use k8s_openapi::api::{
    coordination::v1::Lease,
    rbac::v1::{PolicyRule, Role, RoleBinding, RoleRef, Subject},
};
use kube::{
    Api, Client,
    api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams},
};
use serde_json::json;
use xtask::operator::{ACCOUNT, NAMESPACE};

use super::World;
use crate::oracles::one_writer::Terms;

/// Short enough to wait for, and long enough for a busy machine to renew in time.
pub(in crate::run) const DURATION: Duration = Duration::from_secs(9);

/// What both keep to; the last is the `requests.timeout` of the connection of two replicas.
pub(in crate::run) const TERMS: Terms = Terms {
    duration: DURATION,
    timeout: Duration::from_secs(3),
};

const OTHER_TIMES: [&str; 2] = ["--lease-renew-deadline=7s", "--lease-renew-interval=2s"];

/// Who has stolen it.
const THIEF: &str = "thief";

/// What a replica is started with.
pub(super) fn arguments(name: &str) -> Vec<String> {
    let seconds = DURATION.as_secs();
    let mut arguments = vec![
        "--leader-election".to_owned(),
        format!("--lease-name={name}"),
        format!("--lease-duration={seconds}s"),
    ];
    arguments.extend(OTHER_TIMES.map(str::to_owned));
    arguments
}

/// Gives the operator the rights on a Lease of this name that it has on its own.
pub(super) async fn allow(client: &Client, name: &str) -> Result<()> {
    let metadata = ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    };
    let text = str::to_owned;
    let role = Role {
        metadata: metadata.clone(),
        rules: Some(vec![PolicyRule {
            api_groups: Some(vec![text("coordination.k8s.io")]),
            resources: Some(vec![text("leases")]),
            resource_names: Some(vec![text(name)]),
            verbs: vec![text("get"), text("update")],
            ..PolicyRule::default()
        }]),
    };
    let binding = RoleBinding {
        metadata,
        role_ref: RoleRef {
            api_group: text("rbac.authorization.k8s.io"),
            kind: text("Role"),
            name: text(name),
        },
        subjects: Some(vec![Subject {
            kind: text("ServiceAccount"),
            name: text(ACCOUNT),
            namespace: Some(text(NAMESPACE)),
            ..Subject::default()
        }]),
    };
    let parameters = PostParams::default();
    Api::namespaced(client.clone(), NAMESPACE)
        .create(&parameters, &role)
        .await?;
    Api::namespaced(client.clone(), NAMESPACE)
        .create(&parameters, &binding)
        .await?;
    Ok(())
}

impl World {
    fn leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.0.clone(), NAMESPACE)
    }

    /// Deletes the Lease.
    pub(in crate::run) async fn delete_lease(&self) -> Result<()> {
        let parameters = DeleteParams::default();
        self.leases().delete(&self.namespace, &parameters).await?;
        self.note("deleted the Lease".to_owned());
        Ok(())
    }

    /// Writes another holder into the Lease, who does nothing with it.
    pub(in crate::run) async fn steal_lease(&self) -> Result<()> {
        let patch = Patch::Merge(json!({"spec": {"holderIdentity": THIEF}}));
        let parameters = PatchParams::default();
        self.leases()
            .patch(&self.namespace, &parameters, &patch)
            .await?;
        self.note("stole the Lease".to_owned());
        Ok(())
    }

    /// The API server stands still meanwhile. The campaign itself asks nothing.
    pub(in crate::run) async fn freeze_api_server(
        &self,
        meanwhile: impl Future<Output = ()>,
    ) -> Result<()> {
        let _nobody_asks = self.answers.write().await;
        self.control_plane.freeze()?;
        self.note("froze the API server".to_owned());
        meanwhile.await;
        self.note("thawed the API server".to_owned());
        self.control_plane.thaw()
    }
}
