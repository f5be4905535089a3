//! What single values come to.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    helm::{Helm, Rendered},
    switches::SWITCHES,
};

fn template(values: &str) -> Rendered {
    Helm::alone().template(values)
}

fn arguments(rendered: &Rendered) -> Vec<String> {
    serde_json::from_value(rendered.container()["args"].clone()).unwrap()
}

#[test]
fn with_namespaces_nothing_is_of_the_whole_cluster_but_the_definitions() {
    let rendered = template("watchNamespaces: [backup, team-a]");
    let kinds = rendered.kinds();
    assert!(
        !kinds.iter().any(|kind| kind.starts_with("ClusterRole")),
        "{kinds:?}"
    );
    let roles = rendered.of_kind("Role");
    let places: Vec<_> = roles
        .iter()
        .map(|role| role["metadata"]["namespace"].as_str().unwrap())
        .collect();
    assert_eq!(places, ["backup", "team-a", "xopero-system"]);
    assert_eq!(rendered.of_kind("RoleBinding").len(), 3);
    let arguments = arguments(&rendered);
    assert!(
        arguments.contains(&"--watch-namespace=backup".to_owned()),
        "{arguments:?}"
    );
    assert!(
        arguments.contains(&"--watch-namespace=team-a".to_owned()),
        "{arguments:?}"
    );
}

#[test]
fn the_definitions_stay_unless_told_otherwise() {
    let policy = |rendered: &Rendered| -> Vec<Value> {
        let definitions = rendered.of_kind("CustomResourceDefinition");
        let policy = definitions
            .iter()
            .map(|crd| crd["metadata"]["annotations"].clone());
        policy.collect()
    };
    let stays = json!({
        "helm.sh/resource-policy": "keep",
        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
    });
    assert_eq!(policy(&template("{}")), vec![stays; 5]);
    assert_eq!(
        policy(&template("crds: {keep: false}")),
        vec![Value::Null; 5]
    );
    assert_eq!(
        policy(&template("crds: {enabled: false}")),
        Vec::<Value>::new()
    );
}

#[test]
fn the_definitions_are_those_of_the_repository() {
    let folder = xtask::workspace::root().join("crds");
    for crd in template("{}").of_kind("CustomResourceDefinition") {
        let file = format!(
            "xopero.dev_{}.yaml",
            crd["spec"]["names"]["plural"].as_str().unwrap()
        );
        let committed = std::fs::read_to_string(folder.join(file)).unwrap();
        let committed: Value = serde_saphyr::from_str(&committed).unwrap();
        assert_eq!(crd["spec"], committed["spec"]);
        assert_eq!(crd["metadata"]["name"], committed["metadata"]["name"]);
    }
}

#[test]
fn a_pod_has_as_long_as_its_requests_and_a_little_more() {
    let rendered = template("drainSeconds: 90");
    assert!(arguments(&rendered).contains(&"--drain-timeout=90s".to_owned()));
    assert_eq!(rendered.pod()["spec"]["terminationGracePeriodSeconds"], 95);
}

#[test]
fn a_level_is_one_argument_whatever_stands_in_it() {
    // A comment, and a map, where nothing quotes them.
    for level in ["info,kube=debug #", "info,[pass{object=a: b}]=trace"] {
        let rendered = template(&json!({"log": {"level": level}}).to_string());
        let expected = format!("--log-level={level}");
        assert!(
            rendered.container()["args"]
                .as_array()
                .unwrap()
                .contains(&json!(expected))
        );
    }
}

#[test]
fn a_changed_file_starts_new_pods_and_an_unchanged_one_does_not() {
    let sum = |values| template(values).pod()["metadata"]["annotations"]["checksum/files"].clone();
    let (one, other) = (
        sum("wireNames: {request.activate.repositoryIds: a}"),
        sum("wireNames: {request.activate.repositoryIds: b}"),
    );
    assert_ne!(one, other);
    assert_eq!(
        one,
        sum("wireNames: {request.activate.repositoryIds: a}\nreplicas: 5")
    );
    assert_eq!(sum("{}"), Value::Null);
}

#[test]
fn by_a_proxy_nobody_goes_to_the_api_server() {
    let environment = |values: &str, name: &str| {
        let rendered = template(values);
        let variables = rendered.container()["env"].as_array().unwrap().clone();
        variables
            .into_iter()
            .find(|variable| variable["name"] == name)
    };
    let values = "proxy: 'http://proxy:3128'\nnoProxy: [.svc, 10.0.0.0/8]";
    assert_eq!(
        environment(values, "HTTPS_PROXY").unwrap()["value"],
        "http://proxy:3128"
    );
    assert_eq!(
        environment(values, "NO_PROXY").unwrap()["value"],
        "$(KUBERNETES_SERVICE_HOST),.svc,10.0.0.0/8"
    );
    let secret = environment("proxySecret: {name: p}", "HTTPS_PROXY").unwrap();
    assert_eq!(
        secret["valueFrom"]["secretKeyRef"],
        json!({"name": "p", "key": "proxy"})
    );
    assert_eq!(environment("{}", "NO_PROXY"), None);
}

#[rstest]
#[case::release_that_names_it("xopero-operator", "xopero-operator")]
#[case::another("backup", "backup-xopero-operator")]
#[case::one_with_a_dot("team.backup", "team-backup-xopero-operator")]
fn the_lease_has_the_name_of_everything(#[case] release: &str, #[case] name: &str) {
    let chart = crate::helm::chart();
    let text = Helm::alone().try_run(&["template", release, chart.to_str().unwrap()]);
    let rendered = Rendered::of(text.unwrap());
    assert_eq!(rendered.one("Deployment")["metadata"]["name"], name);
    assert!(arguments(&rendered).contains(&format!("--lease-name={name}")));
    let role = rendered.one("Role");
    assert_eq!(role["rules"][1]["resourceNames"], json!([name]));
}

/// Every text of an object, with numbers and all the rest among them.
fn scalars(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                scalars(inner, &format!("{path}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                scalars(item, path, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.push((path.to_owned(), value.clone()));
        }
    }
}

#[test]
fn a_name_that_looks_like_a_number_stays_a_name() {
    let values = "
nameOverride: '42'
watchNamespaces: ['43']
priorityClassName: '44'
imagePullSecrets: ['45']
serviceAccount: {create: false, name: '46'}
extraCABundle: {configMap: '47', key: '48'}
proxySecret: {name: '49', key: '50'}
";
    let chart = crate::helm::chart();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), values).unwrap();
    let (chart, file) = (chart.to_str().unwrap(), file.path().to_str().unwrap());
    let arguments = [
        "template",
        "51",
        chart,
        "--namespace",
        "52",
        "--values",
        file,
        "--set=fullnameOverride=keeper",
    ];
    let rendered = Rendered::of(Helm::alone().try_run(&arguments).unwrap());
    let mut found = Vec::new();
    for object in &rendered.objects {
        if object["kind"] != "CustomResourceDefinition" {
            scalars(object, object["kind"].as_str().unwrap(), &mut found);
        }
    }
    let is_ours = |number: &Value| {
        number
            .as_i64()
            .is_some_and(|number| (42..=52).contains(&number))
    };
    let turned: Vec<_> = found.iter().filter(|(_, value)| is_ours(value)).collect();
    assert_eq!(turned, Vec::<&(String, Value)>::new());
    for name in 42..=52 {
        let name = Value::String(name.to_string());
        assert!(found.iter().any(|(_, value)| *value == name), "{name}");
    }
}

#[test]
fn a_pod_is_found_by_all_that_select_it_whatever_is_switched() {
    let labels = |value: &Value| value.as_object().unwrap().clone();
    for (name, values) in SWITCHES {
        let rendered = template(values);
        let pod = labels(&rendered.pod()["metadata"]["labels"]);
        let mut selectors =
            vec![rendered.one("Deployment")["spec"]["selector"]["matchLabels"].clone()];
        for (kind, path) in [
            ("PodDisruptionBudget", "/spec/selector/matchLabels"),
            ("Service", "/spec/selector"),
            ("NetworkPolicy", "/spec/podSelector/matchLabels"),
            ("PodMonitor", "/spec/selector/matchLabels"),
        ] {
            let objects = rendered.of_kind(kind);
            selectors.extend(
                objects
                    .iter()
                    .map(|object| object.pointer(path).unwrap().clone()),
            );
        }
        for selector in selectors {
            for (key, value) in labels(&selector) {
                assert_eq!(pod.get(&key), Some(&value), "{name}: {key}");
            }
        }
    }
}

#[test]
fn the_monitor_finds_the_service() {
    let rendered = template("metrics: {serviceMonitor: {enabled: true}}");
    let labels = rendered.one("Service")["metadata"]["labels"].clone();
    let selector = rendered.one("ServiceMonitor")["spec"]["selector"]["matchLabels"].clone();
    for (key, value) in selector.as_object().unwrap() {
        assert_eq!(labels[key], *value);
    }
    let port = &rendered.one("Service")["spec"]["ports"][0];
    assert_eq!(
        port["name"],
        rendered.one("ServiceMonitor")["spec"]["endpoints"][0]["port"]
    );
    assert_eq!(port["targetPort"], rendered.container()["ports"][0]["name"]);
}
