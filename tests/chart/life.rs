//! A release from its installation to its end: pods come and go in order, and nothing that is declared or backed up is lost.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use kube::ResourceExt;
use serde_json::Value;
use xopero_simulator::Simulator;

use crate::{helm::chart, stage::Stage, xopero_one};

const PLACE: [&str; 2] = ["--namespace", "xopero-system"];

/// A chart as one before this might have been: a definition without one of its columns, and another version.
fn previous(folder: &Path) -> String {
    let copy = folder.join("previous");
    let copied = std::process::Command::new("cp")
        .args(["--recursive", "--no-target-directory"])
        .arg(chart())
        .arg(&copy)
        .status();
    assert!(copied.unwrap().success());
    let change = |file: &str, old: &str, new: &str| {
        let path = copy.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file}");
        fs::write(path, text.replace(old, new)).unwrap();
    };
    let version = format!("version: {}", env!("CARGO_PKG_VERSION"));
    change("Chart.yaml", &version, "version: 0.0.9");
    let definition = "templates/crds/xoperoconnections.yaml";
    change(
        definition,
        "      name: Organizations\n",
        "      name: Orgs\n",
    );
    copy.display().to_string()
}

/// Each request to look now says something new.
static ROUNDS: AtomicU64 = AtomicU64::new(0);

impl Stage {
    async fn columns(&self) -> String {
        let columns = "--output=jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}";
        self.kubectl(&["get", "crd", "xoperoconnections.xopero.dev", columns])
            .await
    }

    /// Every resource of the operator, and which one it is: what was deleted and made again is another.
    async fn identities(&self) -> BTreeMap<String, String> {
        let resources = self.resources().await;
        let identities = resources.iter().map(|object| {
            let kind = object.types.as_ref().unwrap().kind.clone();
            (
                format!("{kind} {}", object.name_any()),
                object.uid().unwrap(),
            )
        });
        identities.collect()
    }

    async fn ready_replicas(&self) -> u64 {
        let deployment = [
            "get",
            "deployment",
            "xopero-operator",
            PLACE[0],
            PLACE[1],
            "--output=json",
        ];
        let deployment: Value = serde_json::from_str(&self.kubectl(&deployment).await).unwrap();
        deployment["status"]["readyReplicas"]
            .as_u64()
            .unwrap_or_default()
    }

    /// Waits until Xopero ONE has read the Git services again and nothing is left to do.
    async fn settled(&self, simulator: &Simulator) {
        loop {
            let round = ROUNDS.fetch_add(1, Ordering::Relaxed);
            let before = xopero_one::changes(simulator);
            let asked = format!("xopero.dev/reconcile-requested-at={round}");
            let annotate = [
                "annotate",
                "xorg",
                "--all",
                "--namespace=backup",
                "--overwrite",
                &asked,
            ];
            self.kubectl(&annotate).await;
            let handled = [
                "get",
                "xorg",
                "--namespace=backup",
                "--output=jsonpath={.items[*].status.lastHandledReconcileAt}",
            ];
            let round = format!("{round} {round} {round}");
            self.eventually("all organizations are looked at", async || {
                self.kubectl(&handled).await == round
            })
            .await;
            self.all_ready().await;
            if xopero_one::changes(simulator) == before {
                return;
            }
        }
    }

    /// The pod that holds the Lease.
    async fn leader(&self) -> String {
        let lease = [
            "get",
            "lease",
            "xopero-operator",
            PLACE[0],
            PLACE[1],
            "--output=jsonpath={.spec.holderIdentity}",
        ];
        let holder = self.kubectl(&lease).await;
        holder.split('_').next().unwrap().to_owned()
    }
}

impl Stage {
    /// Takes the leader away, and waits until another pod leads.
    async fn another_leads(&self) {
        let leader = self.leader().await;
        assert!(leader.starts_with("xopero-operator-"), "{leader}");
        let delete = [
            &["delete", "pod", &leader, "--wait=false"],
            PLACE.as_slice(),
        ];
        self.kubectl(&delete.concat()).await;
        self.eventually("another pod leads", async || {
            let leads = self.leader().await;
            !leads.is_empty() && leads != leader
        })
        .await;
    }

    /// Neither pods nor anything else of the release.
    async fn nothing_is_left(&self) {
        let pods = [&["get", "pods", "--output=name"], PLACE.as_slice()].concat();
        self.eventually("no pod is left", async || {
            self.kubectl(&pods).await.is_empty()
        })
        .await;
        let kinds = "deploy,sa,role,rolebinding,cm,svc,pdb,clusterrole,clusterrolebinding";
        let release = "--selector=app.kubernetes.io/instance=xopero-operator";
        let all = ["get", kinds, release, "--output=name", "--all-namespaces"];
        assert_eq!(self.kubectl(&all).await, "");
    }
}

#[tokio::test]
async fn installed_upgraded_rolled_back_and_uninstalled_it_leaves_everything_as_it_was() {
    let stage = Stage::start().await;
    let simulator = xopero_one::start();
    let folder = stage.control_plane.folder().to_owned();
    let values = folder.join("values.json");
    let authority = serde_json::json!({"extraCABundle": {"pem": simulator.ca_pem().unwrap()}});
    fs::write(&values, authority.to_string()).unwrap();
    let values = values.display().to_string();
    let (current, previous) = (chart().display().to_string(), previous(&folder));
    let helm = async |verb: &[&str]| {
        let wait = ["--wait", "--timeout", "4m"];
        let arguments = [verb, &PLACE, &wait].concat();
        stage.helm(&arguments).await
    };

    helm(&["install", "xopero-operator", &previous, "--values", &values]).await;
    assert_eq!(stage.ready_replicas().await, 2);
    assert!(stage.columns().await.contains("Orgs"));
    let (organizations, claims) = xopero_one::samples(&simulator);
    stage.apply(&(organizations + "\n---\n" + &claims)).await;
    stage.settled(&simulator).await;
    let declared = stage.identities().await;
    let backed_up = xopero_one::contents(&simulator);
    let changes = xopero_one::changes(&simulator);
    assert!(
        declared.len() > 10 && changes > 10,
        "{declared:?}, {changes}"
    );

    helm(&["upgrade", "xopero-operator", &current, "--values", &values]).await;
    assert!(stage.columns().await.contains("Organizations"));
    assert_eq!(stage.ready_replicas().await, 2);
    assert_eq!(stage.identities().await, declared);
    stage.settled(&simulator).await;

    stage.another_leads().await;

    helm(&["rollback", "xopero-operator", "1"]).await;
    assert!(stage.columns().await.contains("Orgs"));
    assert_eq!(stage.identities().await, declared);
    stage.settled(&simulator).await;

    helm(&["uninstall", "xopero-operator"]).await;
    stage.nothing_is_left().await;
    assert_eq!(stage.identities().await, declared);
    assert_eq!(xopero_one::contents(&simulator), backed_up);

    // The definitions that were left are taken over again.
    helm(&["install", "xopero-operator", &current, "--values", &values]).await;
    stage.settled(&simulator).await;
    assert_eq!(stage.identities().await, declared);
    assert_eq!(xopero_one::contents(&simulator), backed_up);
    assert_eq!(
        xopero_one::changes(&simulator),
        changes,
        "a converged system was written to"
    );

    let ends = stage.kubelet.ends();
    // Two of each of three releases.
    assert!(ends.len() >= 6, "{ends:?}");
    stage.statuses_kept_the_rules().await;
}
