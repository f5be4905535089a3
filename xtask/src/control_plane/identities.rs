//! Kubeconfigs for others than whoever started it: service accounts, holders of a token, people.

use std::path::PathBuf;

use anyhow::{Context, Result};
use k8s_openapi::api::{
    authentication::v1::{TokenRequest, TokenRequestSpec},
    core::v1::ServiceAccount,
};
use kube::{Api, api::PostParams};

use super::{ControlPlane, kubeconfig::Identity};

/// How long the token of a service account is good for: longer than any test or demo runs.
const TOKEN_SECONDS: i64 = 24 * 60 * 60;

impl ControlPlane {
    /// The kubeconfig of a service account, with a token that the API server issued for it, good for a day.
    ///
    /// # Errors
    /// If the account does not exist or the API server does not answer.
    pub async fn service_account_kubeconfig(&self, namespace: &str, name: &str) -> Result<PathBuf> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client().await?, namespace);
        let spec = TokenRequestSpec {
            expiration_seconds: Some(TOKEN_SECONDS),
            ..TokenRequestSpec::default()
        };
        let request = TokenRequest {
            spec,
            ..TokenRequest::default()
        };
        let answer = accounts
            .create_token_request(name, &PostParams::default(), &request)
            .await
            .with_context(|| {
                format!("no token for the service account {name:?} in namespace {namespace:?}")
            })?;
        let token = answer
            .status
            .context("the API server issued no token")?
            .token;
        self.kubeconfig_for_token(&format!("{namespace}-{name}"), &token)
    }

    /// A kubeconfig that shows `token`, written to `NAME.kubeconfig` in [`ControlPlane::folder`].
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn kubeconfig_for_token(&self, name: &str, token: &str) -> Result<PathBuf> {
        let text = self.inner.endpoint.kubeconfig(&Identity::Token(token));
        self.inner
            .directory
            .write(&format!("{name}.kubeconfig"), &text)
    }

    /// The kubeconfig of a person: the API server takes its bearer for `user`, a member of `group`.
    ///
    /// # Errors
    /// If it cannot be written, or the cluster is an existing one, whose authority is not ours.
    pub fn kubeconfig_for_user(&self, user: &str, group: Option<&str>) -> Result<PathBuf> {
        let pair = self.inner.own()?.client_certificate(user, group)?;
        let text = self
            .inner
            .endpoint
            .kubeconfig(&Identity::Certificate(&pair));
        self.inner
            .directory
            .write(&format!("{user}.kubeconfig"), &text)
    }
}
