//! Kubeconfig files: how somebody reaches the API server, and as whom.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::certificates::Pair;

/// As whom the API server is asked.
pub(super) enum Identity<'a> {
    Certificate(&'a Pair),
    Token(&'a str),
}

/// How a cluster is reached: the `cluster` part of a kubeconfig.
#[derive(Clone, Debug)]
pub(super) struct Endpoint(Value);

impl Endpoint {
    pub(super) fn new(server: &str, authority: &str) -> Self {
        Self(json!({"server": server, "certificate-authority-data": STANDARD.encode(authority)}))
    }

    /// The cluster that the current context of `kubeconfig` names; `None` if there is none.
    pub(super) fn current_of(kubeconfig: &Value) -> Option<Self> {
        let context =
            named(kubeconfig, "contexts", kubeconfig.get("current-context")?)?.get("context")?;
        Some(Self(
            named(kubeconfig, "clusters", context.get("cluster")?)?
                .get("cluster")?
                .clone(),
        ))
    }

    /// The text of a kubeconfig. JSON is YAML, and both kubectl and kube read it.
    pub(super) fn kubeconfig(&self, identity: &Identity<'_>) -> String {
        let user = match identity {
            Identity::Certificate(pair) => json!({
                "client-certificate-data": STANDARD.encode(&pair.certificate),
                "client-key-data": STANDARD.encode(&pair.key),
            }),
            Identity::Token(token) => json!({"token": token}),
        };
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "xopero", "cluster": self.0}],
            "users": [{"name": "xopero", "user": user}],
            "contexts": [{"name": "xopero", "context": {"cluster": "xopero", "user": "xopero"}}],
            "current-context": "xopero",
        });
        format!("{config:#}\n")
    }
}

fn named<'a>(kubeconfig: &'a Value, list: &str, name: &Value) -> Option<&'a Value> {
    kubeconfig
        .get(list)?
        .as_array()?
        .iter()
        .find(|entry| entry.get("name") == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cluster_of_the_current_context_is_taken() {
        let kubeconfig = json!({
            "current-context": "second",
            "contexts": [
                {"name": "first", "context": {"cluster": "one", "user": "a"}},
                {"name": "second", "context": {"cluster": "two", "user": "b"}},
            ],
            "clusters": [
                {"name": "one", "cluster": {"server": "https://one"}},
                {"name": "two", "cluster": {"server": "https://two"}},
            ],
        });

        let text = Endpoint::current_of(&kubeconfig)
            .unwrap()
            .kubeconfig(&Identity::Token("t0ken"));
        let written: Value = serde_saphyr::from_str(&text).unwrap();

        assert_eq!(written["clusters"][0]["cluster"]["server"], "https://two");
        assert_eq!(written["users"][0]["user"]["token"], "t0ken");
    }
}
