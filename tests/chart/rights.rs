//! The rights of the chart are those that the operator uses: the main job is done with them, all of them are used on the way, and
//! nothing else is asked for. The API server's audit log is the witness.

use std::collections::BTreeSet;

use k8s_openapi::api::rbac::v1::{
    ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject,
};
use kube::{Api, ResourceExt, api::ListParams};
use rstest::rstest;
use serde_json::json;
use xopero_simulator::Simulator;

use crate::{
    audit::{self, Request},
    helm::chart,
    stage::Stage,
    xopero_one::{self, SPARE_EMAIL},
};

const ACCOUNT: &str = "system:serviceaccount:xopero-system:xopero-operator";

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watched {
    Cluster,
    Namespaces,
}

/// One right, by whatever role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    role: String,
    /// `None`: in all of them.
    namespace: Option<String>,
    group: String,
    resource: String,
    verb: String,
    /// `None`: of any name.
    name: Option<String>,
}

impl Grant {
    fn covers(&self, request: &Request) -> bool {
        let place = self.namespace.as_ref();
        let name = self.name.as_ref();
        self.group == request.group
            && self.resource == request.resource
            && self.verb == request.verb
            && place.is_none_or(|namespace| *namespace == request.namespace)
            && name.is_none_or(|name| *name == request.name)
    }
}

fn grants(role: &str, namespace: Option<&str>, rules: &[PolicyRule]) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for rule in rules {
        let names = match &rule.resource_names {
            None => vec![None],
            Some(names) => names.iter().cloned().map(Some).collect(),
        };
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                for verb in &rule.verbs {
                    for name in &names {
                        grants.insert(Grant {
                            role: role.to_owned(),
                            namespace: namespace.map(str::to_owned),
                            group: group.clone(),
                            resource: resource.clone(),
                            verb: verb.clone(),
                            name: name.clone(),
                        });
                    }
                }
            }
        }
    }
    grants
}

/// All that Kubernetes lets the account do, besides what it lets everybody do.
async fn granted(stage: &Stage) -> BTreeSet<Grant> {
    let is_account = |subjects: &Option<Vec<Subject>>| {
        subjects.iter().flatten().any(|subject| {
            subject.kind == "ServiceAccount"
                && subject.name == "xopero-operator"
                && subject.namespace.as_deref() == Some("xopero-system")
        })
    };
    let all = ListParams::default();
    let mut found = BTreeSet::new();
    let bindings: Api<ClusterRoleBinding> = Api::all(stage.client.clone());
    for binding in bindings.list(&all).await.unwrap() {
        if is_account(&binding.subjects) {
            let roles: Api<ClusterRole> = Api::all(stage.client.clone());
            let role = roles.get(&binding.role_ref.name).await.unwrap();
            found.extend(grants(&role.name_any(), None, &role.rules.unwrap()));
        }
    }
    let bindings: Api<RoleBinding> = Api::all(stage.client.clone());
    for binding in bindings.list(&all).await.unwrap() {
        if is_account(&binding.subjects) {
            let namespace = binding.namespace().unwrap();
            let roles: Api<Role> = Api::namespaced(stage.client.clone(), &namespace);
            let role = roles.get(&binding.role_ref.name).await.unwrap();
            let rules = role.rules.clone().unwrap();
            found.extend(grants(&role.name_any(), Some(&namespace), &rules));
        }
    }
    found
}

fn requests(stage: &Stage) -> BTreeSet<Request> {
    audit::requests(&stage.control_plane.audit_log().unwrap(), ACCOUNT)
}

/// Rights that no request needed. A Role is the same in all of its namespaces, and used if it is in one of them.
fn unused(granted: &BTreeSet<Grant>, requests: &BTreeSet<Request>) -> BTreeSet<Grant> {
    let anywhere = |grant: &Grant| Grant {
        namespace: None,
        ..grant.clone()
    };
    let used = granted
        .iter()
        .filter(|grant| requests.iter().any(|request| grant.covers(request)));
    let used: BTreeSet<Grant> = used.map(anywhere).collect();
    granted
        .iter()
        .map(anywhere)
        .filter(|grant| !used.contains(grant))
        .collect()
}

impl Stage {
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
    let requests = requests(&stage);
    let refused: Vec<_> = requests
        .iter()
        .filter(|request| !request.is_allowed)
        .collect();
    assert_eq!(
        refused,
        Vec::<&Request>::new(),
        "asked for, and not granted"
    );
    let others: Vec<_> = requests
        .iter()
        .filter(|request| !granted.iter().any(|grant| grant.covers(request)))
        .collect();
    assert_eq!(
        others,
        Vec::<&Request>::new(),
        "allowed, and not by the chart"
    );
    assert_eq!(
        unused(&granted, &requests),
        BTreeSet::new(),
        "granted, and not used"
    );
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
    arguments.extend(["--wait", "--timeout", "2m"]);
    stage.helm.run(&arguments).await;
}

/// Kubernetes' own roles, given to people in one namespace.
async fn people_may_what_their_roles_say(stage: &Stage) {
    for role in ["view", "edit", "admin"] {
        let (binding, person) = (format!("{role}s"), format!("--user={role}er"));
        let role = format!("--clusterrole={role}");
        stage
            .kubectl(&[
                "create",
                "rolebinding",
                &binding,
                &role,
                &person,
                "--namespace=backup",
            ])
            .await;
    }
    let may = async |person: &str, verb: &str, kind: &str, more: &[&str]| {
        let person = format!("--as={person}");
        let asked = [&["auth", "can-i", verb, kind, &person], more].concat();
        stage.try_kubectl(&asked, None).await.is_ok()
    };
    let (backup, elsewhere) = ["--namespace=backup", "--namespace=team-a"]
        .map(|place| [place])
        .into();
    let status = ["--namespace=backup", "--subresource=status"];
    stage
        .eventually("the roles are aggregated", async || {
            may("viewer", "list", "xplan", &backup).await
                && may("editer", "create", "xplan", &backup).await
                && may("adminer", "create", "xconn", &backup).await
        })
        .await;
    assert!(may("adminer", "delete", "xrepo", &backup).await);
    assert!(may("editer", "list", "xconn", &backup).await);
    assert!(!may("viewer", "create", "xplan", &backup).await);
    assert!(!may("editer", "patch", "xorg", &backup).await);
    assert!(!may("adminer", "patch", "xorg", &status).await);
    assert!(!may("adminer", "list", "xplan", &elsewhere).await);
}

/// An organization that another namespace may use because of its labels.
fn shared_organization() -> String {
    "
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {name: harbour-works, namespace: backup}
spec:
  connectionRef: {name: xopero}
  name: harbour-works
  provider: GitLab
  sync: {interval: 1h}
  removalLimit: 10
  allowedNamespaces: {from: Selector, selector: {matchLabels: {backup: team}}}
"
    .to_owned()
}

/// What the samples do not have: a claim of another namespace, clean-ups of every kind, authorities from a Secret and a `ConfigMap`.
fn more(simulator: &Simulator) -> String {
    let url = simulator.url();
    let authority = json!({"ca.crt": simulator.ca_pem().unwrap()});
    let spare = spare_account("one");
    format!(
        "
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {{name: notes, namespace: team-a}}
spec:
  organizationRef: {{name: harbour-works, namespace: backup}}
  name: teams/quay/notes
  license: Active
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {{name: sandbox, namespace: backup}}
spec:
  organizationRef: {{name: kubernetes-sigs}}
  name: agent-sandbox
  license: Active
  plans: [Weekly]
  deletionPolicy: Detach
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoAzureProject
metadata: {{name: legacy, namespace: backup}}
spec:
  organizationRef: {{name: northwind-mills}}
  name: Legacy - do not touch
  plans: [Azure weekly]
  deletionPolicy: Detach
---
{spare}
---
apiVersion: v1
kind: Secret
metadata: {{name: authority, namespace: backup, labels: {{xopero.dev/credentials: 'true'}}}}
stringData: {authority}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: authority, namespace: backup}}
data: {authority}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: by-secret, namespace: backup}}
spec:
  url: {url}
  credentialsSecretRef: {{name: spare}}
  tls: {{caBundleRef: {{kind: Secret, name: authority, key: ca.crt}}}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: by-config-map, namespace: backup}}
spec:
  url: {url}
  credentialsSecretRef: {{name: spare}}
  tls: {{caBundleRef: {{kind: ConfigMap, name: authority, key: ca.crt}}}}
"
    )
}

fn spare_account(password: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Secret
metadata: {{name: spare, namespace: backup, labels: {{xopero.dev/credentials: 'true'}}}}
stringData: {{email: {SPARE_EMAIL}, password: {password}}}
"
    )
}

/// Has the API server refuse the operator's finalizers on a kind, as one with a policy might; waits until it does.
async fn hold(stage: &Stage, kind: &str) {
    let finalizers =
        |of: &str| format!("(has({of}.metadata.finalizers) ? {of}.metadata.finalizers : [])");
    let unchanged = format!("{} == {}", finalizers("object"), finalizers("oldObject"));
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": kind},
        "spec": {
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["xopero.dev"],
                "apiVersions": ["*"],
                "operations": ["UPDATE"],
                "resources": [kind],
            }]},
            "validations": [{
                "expression": format!("request.userInfo.username != '{ACCOUNT}' || {unchanged}"),
                "reason": "Invalid",
                "message": "finalizers are held",
            }],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": kind},
        "spec": {"policyName": kind, "validationActions": ["Deny"]},
    });
    stage.apply(&format!("{policy}\n---\n{binding}")).await;
    let listed = ["get", kind, "--namespace=backup", "--output=name"];
    let listed = stage.kubectl(&listed).await;
    let object = listed.lines().next().unwrap();
    let account = format!("--as={ACCOUNT}");
    let patch = [
        "patch",
        object,
        "--namespace=backup",
        "--type=merge",
        "--patch={\"metadata\":{\"finalizers\":[\"example.com/tried\"]}}",
        "--dry-run=server",
        &account,
    ];
    stage
        .eventually("the policy holds", async || {
            let tried = stage.try_kubectl(&patch, None).await;
            tried.is_err_and(|complaint| complaint.contains("finalizers are held"))
        })
        .await;
}

/// An event that is told again is counted up.
async fn another_password_twice(stage: &Stage, simulator: &Simulator) {
    let version = async |of: &[&str]| {
        let printed = stage.kubectl(of).await;
        printed.trim().to_owned()
    };
    for password in ["two", "three"] {
        simulator.set_password(SPARE_EMAIL, password).unwrap();
        stage.apply(&spare_account(password)).await;
        let secret = [
            "get",
            "secret",
            "spare",
            "--namespace=backup",
            "--output=jsonpath={.metadata.resourceVersion}",
        ];
        let written = version(&secret).await;
        for connection in ["by-secret", "by-config-map"] {
            let used = [
                "get",
                "xconn",
                connection,
                "--namespace=backup",
                "--output=jsonpath={.status.credentialsVersion}",
            ];
            stage
                .eventually("the new password is used", async || {
                    version(&used).await == written
                })
                .await;
        }
    }
    stage.asked("patch", "events").await;
}

/// Before something is removed, its resource is looked at.
async fn cleaned_up(stage: &Stage, simulator: &Simulator) {
    let members = |plan: &str| simulator.members("kubernetes-sigs", plan).unwrap();
    assert!(members("Weekly").contains(&"agent-sandbox".to_owned()));
    assert!(!members("Drivers").is_empty());
    // More at once than the sample allows.
    let limit = "--patch={\"spec\":{\"removalLimit\":50}}";
    let patch = [
        "patch",
        "xorg/kubernetes-sigs",
        "--namespace=backup",
        "--type=merge",
        limit,
    ];
    stage.kubectl(&patch).await;
    for deleted in [
        "xrepo/sandbox",
        "xproj/legacy",
        "xplan/kubernetes-sigs-drivers",
    ] {
        // It comes back once the finalizer is off.
        stage
            .kubectl(&["delete", deleted, "--namespace=backup", "--timeout=100s"])
            .await;
    }
    assert!(!members("Weekly").contains(&"agent-sandbox".to_owned()));
    assert_eq!(members("Drivers"), Vec::<String>::new());
}
