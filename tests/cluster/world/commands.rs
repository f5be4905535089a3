//! What people type: kubectl and helm.

use super::World;
use crate::objects::Kind;

impl World {
    /// What kubectl prints, or complains about, in the namespace that the arguments name.
    pub(super) async fn run(
        &self,
        arguments: &[&str],
        input: Option<&str>,
    ) -> Result<String, String> {
        let output = self.control_plane.kubectl(arguments, input).await;
        output.expect("kubectl runs").into_result()
    }

    /// What kubectl prints in this world's namespace.
    pub(crate) async fn kubectl(&self, arguments: &[&str]) -> String {
        let done = self.try_kubectl(arguments, None).await;
        done.unwrap_or_else(|complaint| panic!("kubectl {}: {complaint}", arguments.join(" ")))
    }

    /// What kubectl prints in this world's namespace, or complains about.
    pub(crate) async fn try_kubectl(
        &self,
        arguments: &[&str],
        input: Option<&str>,
    ) -> Result<String, String> {
        let arguments = [&["--namespace", &self.namespace], arguments].concat();
        self.run(&arguments, input).await
    }

    /// What helm prints in this world's namespace, or complains about.
    pub(crate) async fn helm(&self, arguments: &[&str]) -> Result<String, String> {
        let arguments = [&["--namespace", &self.namespace], arguments].concat();
        let output = self.control_plane.helm(&arguments).await;
        output.expect("helm runs").into_result()
    }

    async fn try_apply(&self, manifests: &str) -> Result<String, String> {
        self.try_kubectl(&["apply", "-f", "-"], Some(manifests))
            .await
    }

    /// Applies as a user would.
    pub(crate) async fn apply(&self, manifests: &str) {
        if let Err(complaint) = self.try_apply(manifests).await {
            panic!("refused: {complaint}\n{manifests}");
        }
    }

    /// Applies where the manifests say.
    pub(crate) async fn apply_anywhere(&self, manifests: &str) {
        if let Err(complaint) = self.run(&["apply", "-f", "-"], Some(manifests)).await {
            panic!("refused: {complaint}\n{manifests}");
        }
    }

    /// The sentence with which the API server refuses it.
    pub(crate) async fn refused(&self, manifests: &str) -> String {
        match self.try_apply(manifests).await {
            Ok(applied) => panic!("not refused: {applied}\n{manifests}"),
            Err(complaint) => complaint,
        }
    }

    /// Deletes it without waiting until it is gone.
    pub(crate) async fn delete(&self, kind: Kind, name: &str) {
        self.kubectl(&["delete", kind.short(), name, "--wait=false"])
            .await;
    }

    /// Sets (`key=value`) or takes away (`key-`) an annotation.
    pub(crate) async fn annotate(&self, kind: Kind, name: &str, annotation: &str) {
        self.kubectl(&["annotate", "--overwrite", kind.short(), name, annotation])
            .await;
    }

    /// Asks the operator to look at it now.
    pub(crate) async fn request(&self, kind: Kind, name: &str, value: &str) {
        let annotation = format!("xopero.dev/reconcile-requested-at={value}");
        self.annotate(kind, name, &annotation).await;
    }
}
