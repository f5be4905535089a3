//! Scheduler and kubelet in one: starts the pods that Kubernetes' own controllers make, asks their probes, says what became of them,
//! and ends them in order. What fails here fails the test that it plays for, so it panics.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use k8s_openapi::{
    api::core::v1::{Pod, Probe},
    apimachinery::pkg::util::intstr::IntOrString,
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use self::pod::Kubelets;
use crate::{
    control_plane::{ControlPlane, Options},
    operator::served_at,
    process::Process,
};

mod pod;

/// How often pods are looked at.
const POLL: Duration = Duration::from_millis(150);

/// The one node. Nobody asks whether it exists.
pub const NODE: &str = "node";

/// What a control plane needs for Deployments to become pods.
pub fn options() -> Options {
    let controllers = [
        "deployment-controller",
        "replicaset-controller",
        "disruption-controller",
        "root-ca-certificate-publisher-controller",
    ];
    Options {
        controllers: controllers.map(str::to_owned).to_vec(),
        ..Options::default()
    }
}

/// The folder of the pod with this uid on its node.
fn folder(control_plane: &ControlPlane, uid: &str) -> PathBuf {
    control_plane.folder().join("pods").join(uid)
}

/// All that the container of the pod with this uid has printed; a file that is not there before it was started.
pub fn log(control_plane: &ControlPlane, uid: &str) -> PathBuf {
    folder(control_plane, uid).join("log")
}

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Probed {
    Ready,
    NotReady,
}

/// A container that runs, or has ended.
#[derive(Debug)]
struct Running {
    pod: String,
    process: Process,
    probed: Probed,
    is_ending: bool,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With exit code 0.
    InOrder,
    /// After the limit of its drain, which it said: Helm had taken its roles away before it was asked, and it could list nothing.
    WithoutRights,
    /// In another way, or without being asked to: the pod's name and its last lines.
    Otherwise(String),
}

#[derive(Debug, Default)]
struct State {
    running: BTreeMap<String, Running>,
    ends: Vec<End>,
}

impl State {
    /// Whether the container runs no more; one that has just ended is noted.
    fn is_gone(&mut self, uid: &str) -> bool {
        let Some(running) = self.running.get(uid) else {
            return true;
        };
        let Some(status) = running.process.ended().unwrap() else {
            return false;
        };
        self.ends.push(how(running, status));
        self.running.remove(uid);
        true
    }
}

/// Runs until it is dropped, and its pods with it. No test asks for a crash, so one fails its test then at the latest; and so does
/// what failed here.
#[derive(Debug)]
pub struct Kubelet {
    state: Arc<Mutex<State>>,
    work: JoinSet<()>,
}

impl Kubelet {
    /// For the pods of all namespaces, whose one container is `program`.
    ///
    /// # Panics
    /// If no client for probes can be made.
    pub fn start(control_plane: ControlPlane, client: Client, program: impl Into<PathBuf>) -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let node = Node {
            pods: Api::all(client.clone()),
            client,
            program: program.into(),
            control_plane,
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(5))
                .build()
                .unwrap(),
            state: Arc::clone(&state),
        };
        let mut work = JoinSet::new();
        work.spawn(async move {
            loop {
                node.look().await;
                sleep(POLL).await;
            }
        });
        Self { state, work }
    }

    /// How containers have ended so far.
    pub fn ends(&self) -> Vec<End> {
        self.state().ends.clone()
    }

    /// How containers crashed, and the last lines of all logs, for a failure.
    pub fn logs(&self) -> String {
        let crashes = self.crashes();
        let state = self.state();
        let logs = state.running.values();
        let logs = logs.map(|running| {
            let lines = running.process.last_lines(30);
            format!("-- {} ({:?})\n{lines}\n", running.pod, running.probed)
        });
        crashes + &logs.collect::<String>()
    }

    fn crashes(&self) -> String {
        let state = self.state();
        let crashes = state.ends.iter().filter_map(|end| match end {
            End::Otherwise(how) => Some(format!("-- not in order: {how}\n")),
            End::InOrder | End::WithoutRights => None,
        });
        crashes.collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Kubelet {
    fn drop(&mut self) {
        // A test that fails already has said it, and a second panic would end all tests.
        if !thread::panicking() {
            assert_eq!(self.crashes(), "");
            let ended = self.work.try_join_next();
            assert!(ended.is_none(), "the kubelet itself has failed: {ended:?}");
        }
    }
}

struct Node {
    control_plane: ControlPlane,
    client: Client,
    pods: Api<Pod>,
    program: PathBuf,
    http: reqwest::Client,
    state: Arc<Mutex<State>>,
}

impl Node {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look(&self) {
        let pods = self.pods.list(&ListParams::default()).await.unwrap().items;
        for pod in &pods {
            let uid = pod.uid().unwrap();
            let is_bound = pod.spec.as_ref().unwrap().node_name.is_some();
            let is_started = self.state().running.contains_key(&uid);
            if pod.metadata.deletion_timestamp.is_some() {
                self.end(pod, &uid).await;
            } else if !is_bound {
                self.bind(pod).await;
            } else if !is_started {
                self.run(pod, uid).await;
            } else {
                self.probe(pod, &uid).await;
            }
        }
    }

    fn pods_of(&self, pod: &Pod) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &pod.namespace().unwrap())
    }

    async fn bind(&self, pod: &Pod) {
        let binding = json!({
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": pod.name_any()},
            "target": {"kind": "Node", "name": NODE},
        });
        let bound: Result<Value, _> = self
            .pods_of(pod)
            .create_subresource("binding", &pod.name_any(), &PostParams::default(), &binding)
            .await;
        is_done_unless_gone(bound);
    }

    async fn run(&self, pod: &Pod, uid: String) {
        let folder = folder(&self.control_plane, &uid);
        fs::create_dir_all(&folder).unwrap();
        let kubelets = Kubelets {
            control_plane: &self.control_plane,
            client: &self.client,
            pod,
            folder: &folder,
            program: &self.program,
        };
        let Some(command) = kubelets.command().await else {
            return;
        };
        let process =
            Process::spawn(pod.name_any(), &command, log(&self.control_plane, &uid)).unwrap();
        let running = Running {
            pod: pod.name_any(),
            process,
            probed: Probed::NotReady,
            is_ending: false,
        };
        self.state().running.insert(uid, running);
    }

    /// Asks whether it lives and is ready, and says so where that has changed.
    async fn probe(&self, pod: &Pod, uid: &str) {
        if self.state().is_gone(uid) {
            // A container that ends by itself is started again, in the same pod.
            self.say(pod, Probed::NotReady).await;
            return;
        }
        let log = fs::read_to_string(self.state().running[uid].process.log()).unwrap();
        let address = served_at(&log);
        let address = address.as_deref();
        let container = &pod.spec.as_ref().unwrap().containers[0];
        let live = self.asks(address, container.liveness_probe.as_ref()).await;
        let ready = self.asks(address, container.readiness_probe.as_ref()).await;
        assert!(live || !ready, "ready, and not alive");
        let probed = if ready {
            Probed::Ready
        } else {
            Probed::NotReady
        };
        let changed = self
            .state()
            .running
            .get_mut(uid)
            .is_some_and(|running| std::mem::replace(&mut running.probed, probed) != probed);
        if changed {
            self.say(pod, probed).await;
        }
    }

    async fn asks(&self, address: Option<&str>, probe: Option<&Probe>) -> bool {
        let get = probe
            .and_then(|probe| probe.http_get.as_ref())
            .expect("a probe by GET");
        assert_eq!(get.port, IntOrString::String("http".to_owned()));
        let (Some(address), Some(path)) = (address, &get.path) else {
            return false;
        };
        let answer = self
            .http
            .get(format!("http://{address}{path}"))
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    }

    async fn say(&self, pod: &Pod, probed: Probed) {
        let now = Timestamp::now().to_string();
        let ready = probed == Probed::Ready;
        let word = if ready { "True" } else { "False" };
        let condition = |name| json!({"type": name, "status": word, "lastTransitionTime": now});
        let container = &pod.spec.as_ref().unwrap().containers[0];
        let status = json!({"status": {
            "phase": "Running",
            "startTime": now,
            "conditions": [condition("Ready"), condition("ContainersReady")],
            "containerStatuses": [{
                "name": container.name,
                "image": container.image,
                "imageID": "",
                "ready": ready,
                "restartCount": 0,
                "state": {"running": {"startedAt": now}},
            }],
        }});
        let patched = self
            .pods_of(pod)
            .patch_status(
                &pod.name_any(),
                &PatchParams::default(),
                &Patch::Merge(status),
            )
            .await;
        is_done_unless_gone(patched);
    }

    /// Asks the container to end, and lets the pod go once it has.
    async fn end(&self, pod: &Pod, uid: &str) {
        let gone = {
            let mut state = self.state();
            let gone = state.is_gone(uid);
            if let Some(running) = state.running.get_mut(uid)
                && !running.is_ending
            {
                running.is_ending = true;
                running.process.terminate().unwrap();
            }
            gone
        };
        if gone {
            let deleted = self
                .pods_of(pod)
                .delete(&pod.name_any(), &DeleteParams::default().grace_period(0))
                .await;
            is_done_unless_gone(deleted);
        }
    }
}

/// A pod that was deleted just now is not there any more, or is another one. Anything else is a failure.
fn is_done_unless_gone<T>(done: kube::Result<T>) {
    match done {
        Err(kube::Error::Api(status)) if status.is_not_found() || status.is_conflict() => {}
        other => drop(other.unwrap()),
    }
}

fn how(running: &Running, status: ExitStatus) -> End {
    let log = fs::read_to_string(running.process.log()).unwrap();
    let is_late = log.contains("their outcome is unknown, and is observed at the next start");
    match status.code() {
        Some(0) if running.is_ending => End::InOrder,
        Some(1) if running.is_ending && is_late && log.contains("forbidden") => End::WithoutRights,
        Some(_) | None => {
            let lines = running.process.last_lines(10);
            End::Otherwise(format!("{} ({status})\n{lines}", running.pod))
        }
    }
}
