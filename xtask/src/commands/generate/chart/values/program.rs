//! What the operator is told at its start.

use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExtraCaBundle {
    /// Certificates of authorities in PEM.
    #[schemars(regex(pattern = r"^\s*$|-----BEGIN CERTIFICATE-----"))]
    pem: String,
    /// The name of a `ConfigMap` in the namespace of the release, for example one that trust-manager writes. It is read when a pod
    /// starts.
    config_map: String,
    /// The key in `extraCABundle.configMap`.
    #[schemars(length(min = 1))]
    key: String,
}

impl Default for ExtraCaBundle {
    fn default() -> Self {
        Self {
            pem: String::new(),
            config_map: String::new(),
            key: "ca.crt".to_owned(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ProxySecret {
    /// The name of a Secret with the address of the proxy, instead of `proxy`. Empty: none is read.
    name: String,
    /// The key in that Secret.
    #[schemars(length(min = 1))]
    key: String,
}

impl Default for ProxySecret {
    fn default() -> Self {
        Self {
            name: String::new(),
            key: "proxy".to_owned(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Log {
    /// How much is logged: `error`, `warn`, `info`, `debug` or `trace` of the operator itself; or levels for parts of the program,
    /// such as `info,kube=debug,hyper=debug`.
    #[schemars(length(min = 1))]
    level: String,
    /// How it is logged. `json`: one object a line. `text`: lines to read.
    format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Json,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "of the values that may be written only one is the default"
)]
enum LogFormat {
    Json,
    Text,
}
