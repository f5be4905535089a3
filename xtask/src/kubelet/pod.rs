//! What a kubelet makes of a pod before it starts its container: volumes become files, variables and arguments get their values. The
//! image becomes the program, and the pod's own network a free port of this machine; nothing else is changed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use k8s_openapi::api::{
    authentication::v1::{BoundObjectReference, TokenRequest, TokenRequestSpec},
    core::v1::{
        ConfigMap, Container, EnvVar, KeyToPath, Pod, Secret, ServiceAccount, Volume,
        VolumeProjection,
    },
};
use kube::{Api, Client, ResourceExt, api::PostParams};
use serde_json::json;

use crate::control_plane::ControlPlane;

/// Where every client of Kubernetes looks for the account of its pod.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// A pod on its way to be started.
pub(super) struct Kubelets<'a> {
    pub(super) control_plane: &'a ControlPlane,
    pub(super) client: &'a Client,
    pub(super) pod: &'a Pod,
    /// Of this pod alone.
    pub(super) folder: &'a Path,
    /// What the image holds.
    pub(super) program: &'a Path,
}

impl Kubelets<'_> {
    /// The command of its one container; `None` as long as a file of it is not there.
    pub(super) async fn command(&self) -> Option<Command> {
        // Every namespace has it, and a new one a moment later.
        let maps: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace());
        maps.get_opt("kube-root-ca.crt").await.unwrap()?;
        let spec = self.pod.spec.as_ref().unwrap();
        for volume in spec.volumes.iter().flatten() {
            self.volume(volume).await;
        }
        let [container] = spec.containers.as_slice() else {
            panic!("one container is all that these pods have")
        };
        let mounts = self.mounts(container);
        let environment = self.environment(container).await;
        // The image has an entrypoint, and no shell.
        assert_eq!(container.command, None);
        let mut command = Command::new(self.program);
        for argument in container.args.iter().flatten() {
            let argument = in_place(&expanded(argument, &environment), &mounts);
            command.arg(on_a_free_port(&argument, container));
        }
        for (name, value) in &environment {
            command.env(name, value);
        }
        if let Some(account) = mounts.get(ACCOUNT) {
            command.env("KUBECONFIG", self.kubeconfig(account));
        }
        // Two replicas a test on few cores.
        command.env("TOKIO_WORKER_THREADS", "2");
        Some(command)
    }

    fn namespace(&self) -> String {
        self.pod.namespace().unwrap()
    }

    fn place(&self, volume: &str) -> PathBuf {
        self.folder.join("volumes").join(volume)
    }

    async fn volume(&self, volume: &Volume) {
        let folder = self.place(&volume.name);
        fs::create_dir_all(&folder).unwrap();
        if let Some(source) = &volume.config_map {
            self.config_map(&source.name, source.items.as_deref(), &folder)
                .await;
        } else if let Some(projected) = &volume.projected {
            for source in projected.sources.iter().flatten() {
                self.projected(source, &folder).await;
            }
        } else {
            panic!("a volume that this kubelet does not know: {volume:?}");
        }
    }

    async fn projected(&self, source: &VolumeProjection, folder: &Path) {
        if let Some(token) = &source.service_account_token {
            let text = self.token(token.expiration_seconds).await;
            fs::write(folder.join(&token.path), text).unwrap();
        } else if let Some(map) = &source.config_map {
            self.config_map(&map.name, map.items.as_deref(), folder)
                .await;
        } else if let Some(fields) = &source.downward_api {
            for item in fields.items.iter().flatten() {
                let field = item.field_ref.as_ref().unwrap();
                fs::write(folder.join(&item.path), self.field(&field.field_path)).unwrap();
            }
        } else {
            panic!("a source that this kubelet does not know: {source:?}");
        }
    }

    /// A token for the account of this very pod, which ends with it.
    async fn token(&self, seconds: Option<i64>) -> String {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), &self.namespace());
        let pod = BoundObjectReference {
            api_version: Some("v1".to_owned()),
            kind: Some("Pod".to_owned()),
            name: Some(self.pod.name_any()),
            uid: self.pod.uid(),
        };
        let request = TokenRequest {
            spec: TokenRequestSpec {
                expiration_seconds: seconds,
                bound_object_ref: Some(pod),
                ..TokenRequestSpec::default()
            },
            ..TokenRequest::default()
        };
        let name = self.pod.spec.as_ref().unwrap().service_account_name.clone();
        let answer = accounts
            .create_token_request(&name.unwrap(), &PostParams::default(), &request)
            .await;
        answer.unwrap().status.unwrap().token
    }

    async fn config_map(&self, name: &str, items: Option<&[KeyToPath]>, folder: &Path) {
        let maps: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace());
        let data = maps.get(name).await.unwrap().data.unwrap_or_default();
        match items {
            None => {
                for (key, text) in data {
                    fs::write(folder.join(key), text).unwrap();
                }
            }
            Some(items) => {
                for item in items {
                    fs::write(folder.join(&item.path), &data[&item.key]).unwrap();
                }
            }
        }
    }

    fn field(&self, path: &str) -> String {
        match path {
            "metadata.name" => self.pod.name_any(),
            "metadata.namespace" => self.namespace(),
            other => panic!("a field that this kubelet does not know: {other}"),
        }
    }

    /// Where the paths of the container are on this machine.
    fn mounts(&self, container: &Container) -> BTreeMap<String, PathBuf> {
        let mounts = container.volume_mounts.iter().flatten();
        let mounts = mounts.map(|mount| {
            assert_eq!(mount.read_only, Some(true), "{}", mount.name);
            (mount.mount_path.clone(), self.place(&mount.name))
        });
        mounts.collect()
    }

    /// In the order of the container, since a variable may name one before it, or that of a service.
    async fn environment(&self, container: &Container) -> BTreeMap<String, String> {
        let api_server = self.control_plane.address().unwrap();
        let mut environment = BTreeMap::from([
            (
                "KUBERNETES_SERVICE_HOST".to_owned(),
                api_server.ip().to_string(),
            ),
            (
                "KUBERNETES_SERVICE_PORT".to_owned(),
                api_server.port().to_string(),
            ),
        ]);
        for variable in container.env.iter().flatten() {
            let value = self.variable(variable, &environment).await;
            environment.insert(variable.name.clone(), value);
        }
        environment
    }

    async fn variable(&self, variable: &EnvVar, before: &BTreeMap<String, String>) -> String {
        let Some(from) = &variable.value_from else {
            return expanded(variable.value.as_deref().unwrap_or_default(), before);
        };
        if let Some(field) = &from.field_ref {
            return self.field(&field.field_path);
        }
        let reference = from.secret_key_ref.as_ref();
        let reference =
            reference.expect("a field or a Secret is all that these variables are from");
        let secrets: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace());
        let data = secrets.get(&reference.name).await.unwrap().data.unwrap();
        String::from_utf8(data[&reference.key].0.clone()).unwrap()
    }

    /// Who looks into the files of the account finds the same as who reads this.
    fn kubeconfig(&self, account: &Path) -> PathBuf {
        let path = self.folder.join("kubeconfig");
        let api_server = self.control_plane.address().unwrap();
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "pod", "cluster": {
                "server": format!("https://{api_server}"),
                "certificate-authority": account.join("ca.crt"),
            }}],
            "users": [{"name": "pod", "user": {"tokenFile": account.join("token")}}],
            "contexts": [{"name": "pod", "context": {
                "cluster": "pod",
                "user": "pod",
                "namespace": fs::read_to_string(account.join("namespace")).unwrap(),
            }}],
            "current-context": "pod",
        });
        fs::write(&path, config.to_string()).unwrap();
        path
    }
}

/// With `$(NAME)` replaced, where there is such a variable.
fn expanded(text: &str, environment: &BTreeMap<String, String>) -> String {
    let each = environment.iter();
    each.fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("$({name})"), value)
    })
}

fn in_place(argument: &str, mounts: &BTreeMap<String, PathBuf>) -> String {
    let each = mounts.iter();
    each.fold(argument.to_owned(), |argument, (inside, outside)| {
        argument.replace(&format!("{inside}/"), &format!("{}/", outside.display()))
    })
}

/// Each pod has all ports to itself; on one machine each takes a free one. It must be the one that the container declares.
fn on_a_free_port(argument: &str, container: &Container) -> String {
    let Some(address) = argument.strip_prefix("--listen=") else {
        return argument.to_owned();
    };
    let declared = container.ports.iter().flatten();
    let declared: Vec<_> = declared
        .map(|port| port.container_port.to_string())
        .collect();
    let port = address.rsplit(':').next().unwrap();
    assert_eq!(declared, [port]);
    "--listen=127.0.0.1:0".to_owned()
}
