//! The rights of the chart are those that the operator uses: the main job is done with them, all of them are used on the way, and
//! nothing else is asked for. The API server's audit log is the witness.

mod declared;
mod grants;
mod people;
mod seldom;

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::json;
use xopero_operator::runtime::permissions::Watched;
use xopero_simulator::Simulator;

use self::{
    declared::{more, shared_organization},
    grants::{Grant, granted, unused},
    people::people_may_what_their_roles_say,
    seldom::{another_password_twice, cleaned_up, hold},
};
use crate::{
    audit::{self, Request},
    helm::chart,
    stage::Stage,
    xopero_one,
};

const ACCOUNT: &str = "system:serviceaccount:xopero-system:xopero-operator";

/// All that it has asked for so far.
fn requests(stage: &Stage) -> BTreeSet<Request> {
    audit::requests(&stage.control_plane.audit_log().unwrap(), ACCOUNT)
}

impl Stage {
    /// Waits until the operator has made such a request.
    async fn asked(&self, verb: &str, resource: &str) {
        self.eventually(
            &format!("the operator asks to {verb} {resource}"),
            async || {
                requests(self)
                    .iter()
                    .any(|request| request.verb == verb && request.resource == resource)
            },
        )
        .await;
    }
}

#[rstest]
#[case::in_the_whole_cluster(Watched::Cluster)]
#[case::in_namespaces(Watched::Namespaces)]
#[tokio::test]
async fn the_main_job_takes_exactly_what_is_granted(#[case] watched: Watched) {
    let stage = Stage::start().await;
    let simulator = xopero_one::start();
    install(&stage, &simulator, watched).await;
    if watched == Watched::Cluster {
        people_may_what_their_roles_say(&stage).await;
    }

    let (organizations, claims) = xopero_one::samples(&simulator);
    stage.apply(&organizations).await;
    stage.apply(&shared_organization()).await;
    // What happens seldom is made to happen: an API server that refuses a finalizer has the object looked at once more.
    let held = ["xoperoorganizations", "xoperoconnections"];
    for kind in held {
        hold(&stage, kind).await;
    }
    stage.apply(&(claims + &more(&simulator))).await;
    for kind in held {
        stage.asked("get", kind).await;
        let gone = ["delete", "validatingadmissionpolicy", kind];
        stage.kubectl(&gone).await;
    }
    stage.all_ready().await;
    another_password_twice(&stage, &simulator).await;
    cleaned_up(&stage, &simulator).await;
    stage.all_ready().await;

    let granted = granted(&stage).await;
    if watched == Watched::Namespaces {
        let of_the_cluster: Vec<_> = granted
            .iter()
            .filter(|grant| grant.namespace.is_none())
            .collect();
        assert_eq!(of_the_cluster, Vec::<&Grant>::new());
    }
    let all = requests(&stage);
    let refused: Vec<_> = all.iter().filter(|request| !request.is_allowed).collect();
    assert_eq!(
        refused,
        Vec::<&Request>::new(),
        "asked for, and not granted"
    );
    let others: Vec<_> = all
        .iter()
        .filter(|request| !granted.iter().any(|grant| grant.covers(request)))
        .collect();
    assert_eq!(
        others,
        Vec::<&Request>::new(),
        "allowed, and not by the chart"
    );
    assert_eq!(
        unused(&granted, &all),
        BTreeSet::new(),
        "granted, and not used"
    );
    stage.statuses_kept_the_rules().await;
}

/// As an administrator would, with the authority of the instance in one of two ways.
async fn install(stage: &Stage, simulator: &Simulator, watched: Watched) {
    let authority = simulator.ca_pem().unwrap();
    let values = match watched {
        Watched::Cluster => json!({
            "extraCABundle": {"pem": authority},
            "allowedHosts": ["127.0.0.1", "*.example.com"],
        }),
        Watched::Namespaces => {
            let objects = [
                json!({
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {"name": "company-ca", "namespace": "xopero-system"},
                    "data": {"root.pem": authority},
                }),
                json!({
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": "proxy", "namespace": "xopero-system"},
                    // Nobody is there: who went by it would come nowhere.
                    "stringData": {"url": "http://somebody:secret@192.0.2.1:3128"},
                }),
            ];
            stage
                .apply(&objects.map(|object| object.to_string()).join("\n---\n"))
                .await;
            json!({
                "watchNamespaces": ["backup", "team-a"],
                "extraCABundle": {"configMap": "company-ca", "key": "root.pem"},
                "proxySecret": {"name": "proxy", "key": "url"},
                "wireNames": {"request.login.email": "email"},
            })
        }
    };
    let file = stage.control_plane.folder().join("values.json");
    std::fs::write(&file, values.to_string()).unwrap();
    let (chart, file) = (chart(), file.display().to_string());
    let mut arguments = vec!["install", "xopero-operator", chart.to_str().unwrap()];
    arguments.extend(["--namespace", "xopero-system", "--values", &file]);
    arguments.extend(["--wait", "--timeout", "4m"]);
    stage.helm(&arguments).await;
}
