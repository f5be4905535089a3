//! Pages for when something is wrong, read where it is.

use std::fs;

use serde_json::Value;
use xopero_simulator::{builder::plan as backup_plan, state::LastStatus};
use xtask::{operator, workspace};

use super::operating::drivers;
use crate::{
    reader::Reader,
    world::{World, acme, plan},
};

/// Of the operator, as the chart names it.
const PLACE: &str = "--namespace xopero-system";

/// Removals wait for approval.
const HELD: &str = "jsonpath={.status.removals.held[0].token} xorg/acme";

/// A repository that nobody knows, a plan of an organization that nobody declared, and a connection that leads nowhere.
const BROKEN: &str = "
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {name: lost, namespace: backup}
spec: {organizationRef: {name: acme}, name: lost, license: Active}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoBackupPlan
metadata: {name: nobodys, namespace: backup}
spec: {organizationRef: {name: nobody}, planName: Nightly}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {name: nowhere, namespace: backup}
spec: {url: 'http://127.0.0.1:1', credentialsSecretRef: {name: xopero-account}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {name: nowhere, namespace: backup}
spec: {connectionRef: {name: nowhere}, name: nowhere, provider: GitHub}
";

/// Everything that can be wrong at once: no licence is left, removals are held, names are misspelt, a host is away.
async fn troubled() -> World {
    let mut state = drivers();
    let run = LastStatus {
        successes: 1,
        warnings: 0,
        errors: 1,
    };
    let acme_in_xopero = state.organizations.remove(0);
    let mut acme_in_xopero = acme_in_xopero.with_all(["new-one", "new-two"]);
    acme_in_xopero.plans[0] = backup_plan("Nightly").finished(run, 1_793_583_000_000);
    let world = World::released(state.with(acme_in_xopero)).await;
    let spec = "  removalLimit: 5\n  licenses: {limit: 15}\n  protection: {require: EveryRepository}\n  allowedNamespaces: {from: All}\n";
    let nightly = plan(
        "acme-nightly",
        "Nightly",
        "  repositories: {include: ['new-*']}\n",
    );
    let exclusive = "  repositories: {include: ['*-driver']}\n  membership: Exclusive\n  deletionPolicy: Detach\n";
    let drivers = plan("acme-drivers", "Drivers", exclusive);
    world
        .declare(&format!("{}{nightly}{drivers}---{BROKEN}", acme(spec)))
        .await;
    world
        .wait("condition=Stalled xplan/acme-nightly xplan/acme-drivers xrepo/lost")
        .await;
    world
        .wait("condition=Reconciling xplan/nobodys xorg/nowhere")
        .await;
    world.wait(HELD).await;
    world
}

pub(super) async fn troubleshooting(page: &'static str) {
    let world = troubled().await;
    world.kubectl("create namespace team-checkout").await;
    let mut reader = Reader::of(page, &world);
    let pause = "annotate xorg acme --namespace backup xopero.dev/paused";
    reader
        .before(
            "kubectl get xplan acme-nightly --namespace backup -o jsonpath='{.status.conditions",
        )
        .await;
    world.kubectl(&format!("{pause}=true")).await;
    world.wait("condition=Reconciling xplan/acme-nightly").await;
    // What the organization held before must not be taken for what it holds when the pause is over.
    let held = "get xorg acme --namespace backup -o jsonpath={.status.removals.held}";
    world
        .eventually("nothing is held in a pause", async || {
            world.kubectl(held).await.is_empty()
        })
        .await;
    reader
        .before("kubectl get xorg acme --namespace backup -o jsonpath='{.spec.allowedNamespaces}'")
        .await;
    world.kubectl(&format!("{pause}-")).await;
    world.wait(HELD).await;
    reader.before("kubectl get xopero --all-namespaces -o jsonpath='{range .items[?(@.metadata.deletionTimestamp)]").await;
    world
        .kubectl("delete xplan acme-drivers --namespace backup --wait=false")
        .await;
    reader.finish().await;
}

impl World {
    async fn leader(&self) -> String {
        let lease =
            format!("get lease xopero-operator {PLACE} -o jsonpath={{.spec.holderIdentity}}");
        self.kubectl(&lease)
            .await
            .split('_')
            .next()
            .unwrap()
            .to_owned()
    }

    /// The names of the operator's pods.
    async fn pods(&self) -> Vec<String> {
        let names = format!("get pods {PLACE} -o jsonpath={{.items[*].metadata.name}}");
        self.kubectl(&names)
            .await
            .split_whitespace()
            .map(str::to_owned)
            .collect()
    }

    async fn log_says(&self, pod: &str, words: &str) {
        self.eventually(&format!("{pod} says {words:?}"), async || {
            self.kubectl(&format!("logs {pod} {PLACE}"))
                .await
                .contains(words)
        })
        .await;
    }

    /// Takes rights away that the operator has for `resources`; returns the role as it was.
    async fn forbid(&self, is_forbidden: impl Fn(&str) -> bool) -> Value {
        let role = self
            .kubectl("get clusterrole xopero-operator -o json")
            .await;
        let role: Value = serde_json::from_str(&role).unwrap();
        let mut without = role.clone();
        for rule in without["rules"].as_array_mut().unwrap() {
            let resources = rule["resources"].as_array_mut().unwrap();
            resources.retain(|resource| !is_forbidden(resource.as_str().unwrap()));
        }
        let rules = without["rules"].as_array_mut().unwrap();
        rules.retain(|rule| rule["resources"] != Value::Array(Vec::new()));
        self.grant(&without).await;
        role
    }

    async fn grant(&self, role: &Value) {
        let patch = serde_json::json!({"rules": role["rules"]}).to_string();
        let patch = [
            "patch",
            "clusterrole",
            "xopero-operator",
            "--type=merge",
            "-p",
            &patch,
        ];
        self.control_plane
            .kubectl(&patch, None)
            .await
            .unwrap()
            .success()
            .unwrap();
    }
}

/// What the two pages about Kubernetes itself speak of: a right that is missing for a while. The pod whose watch fails is returned.
async fn without_rights(world: &World, leader: &str) -> String {
    let role = world.forbid(|resource| resource.ends_with("/status")).await;
    world
        .kubectl("annotate xorg acme --namespace backup xopero.dev/reconcile-requested-at=now")
        .await;
    world.log_says(leader, "could not be reported").await;
    world.grant(&role).await;

    let role = world
        .forbid(|resource| resource == "xoperorepositories")
        .await;
    let before = world.pods().await;
    let standby = before.iter().find(|pod| *pod != leader).unwrap();
    world
        .kubectl(&format!("delete pod {standby} {PLACE} --wait=false"))
        .await;
    let mut new = None;
    world
        .eventually("another pod", async || {
            new = world
                .pods()
                .await
                .into_iter()
                .find(|pod| !before.contains(pod));
            new.is_some()
        })
        .await;
    let new = new.unwrap();
    world.log_says(&new, "The watch of").await;
    world.grant(&role).await;
    // The request to look has Xopero ONE read the Git service, and then nothing is held until two listings have called for it again.
    world
        .wait("jsonpath={.status.lastHandledReconcileAt}=now xorg/acme")
        .await;
    world.wait(HELD).await;
    new
}

/// All runbooks, in one world; what is held there is approved by the page that is about it.
pub(super) async fn runbooks(folder: &'static str) {
    let world = troubled().await;
    let leader = world.leader().await;
    let without = without_rights(&world, &leader).await;
    let mut pages: Vec<_> = fs::read_dir(workspace::root().join(folder))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let token = world
        .kubectl("get xorg acme --namespace backup -o jsonpath={.status.removals.held[0].token}")
        .await;
    let log = world.kubectl(&format!("logs {leader} {PLACE}")).await;
    let address = operator::served_at(&log).unwrap();
    for page in pages {
        let pod = if page == "XoperoWatchFailing.md" {
            &without
        } else {
            &leader
        };
        let plan = if page == "XoperoNotConverging.md" {
            "nobodys"
        } else {
            "acme-nightly"
        };
        let mut reader = Reader::of(format!("{folder}/{page}"), &world);
        reader.fills_in(|text| filled_in(text, plan, pod, &token));
        if page == "XoperoOperatorDown.md" {
            reader.instead("localhost:8080", address.as_str());
        }
        reader.finish().await;
    }
    world
        .eventually("what was approved is done", async || {
            world.members("Drivers") == ["disk-driver", "tape-driver"]
        })
        .await;
}

/// The command with real names in the place of those in capitals.
fn filled_in(text: &str, plan: &str, pod: &str, token: &str) -> String {
    let of_operator = ["kubectl logs", "describe pod", "get lease", "can-i"];
    let is_of_operator = of_operator.iter().any(|words| text.contains(words));
    let namespace = if is_of_operator {
        "xopero-system"
    } else {
        "backup"
    };
    let names = [
        ("NAMESPACE:ACCOUNT", "xopero-system:xopero-operator"),
        ("NAMESPACE", namespace),
        ("KIND NAME", "xplan NAME"),
        ("xplan NAME", &format!("xplan {plan}")),
        ("xorg NAME", "xorg acme"),
        ("xconn NAME", "xconn xopero"),
        ("xrepo NAME", "xrepo lost"),
        ("secret SECRET", "secret xopero-account"),
        ("pod NAME", &format!("pod {pod}")),
        ("logs NAME", &format!("logs {pod}")),
        ("logs POD", &format!("logs {pod}")),
        ("TOKEN", token),
    ];
    let filled = names.iter().fold(text.to_owned(), |text, (open, name)| {
        text.replace(open, name)
    });
    let is_open = |word: &str| word.len() > 2 && word.chars().all(char::is_uppercase);
    assert!(!filled.split_whitespace().any(is_open), "{filled}");
    filled
}
