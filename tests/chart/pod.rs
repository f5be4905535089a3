//! The pod: what it may not do, and what the values add to it.

use serde_json::{Value, json};

use crate::{
    helm::{Helm, Rendered},
    switches::SWITCHES,
};

fn template(values: &str) -> Rendered {
    Helm::alone().template(values)
}

/// What a user writes comes beside these, and not instead of them.
fn has(context: &Value, expected: &Value) -> bool {
    let mut expected = expected.as_object().unwrap().iter();
    expected.all(|(key, value)| context[key] == *value)
}

#[test]
fn it_has_no_right_on_its_node_whatever_is_switched() {
    for (name, values) in SWITCHES {
        let rendered = template(values);
        let pod = &rendered.pod()["spec"];
        let expected = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
        assert!(has(&pod["securityContext"], &expected), "{name}");
        for container in pod["containers"].as_array().unwrap() {
            let expected = json!({
                "allowPrivilegeEscalation": false,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": true,
            });
            assert!(has(&container["securityContext"], &expected), "{name}");
        }
        for shared in ["hostNetwork", "hostPID", "hostIPC", "initContainers"] {
            assert_eq!(pod[shared], Value::Null, "{name}: {shared}");
        }
    }
}

#[test]
fn the_token_is_in_the_one_container_and_ends_with_the_hour() {
    let rendered = template("{}");
    let pod = &rendered.pod()["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    let account = rendered.one("ServiceAccount");
    assert_eq!(account["automountServiceAccountToken"], false);
    let volumes = pod["volumes"].as_array().unwrap();
    assert_eq!(volumes.len(), 1, "{volumes:?}");
    let sources = &volumes[0]["projected"]["sources"];
    assert_eq!(
        sources[0]["serviceAccountToken"],
        json!({"path": "token", "expirationSeconds": 3607})
    );
    let mounts = &rendered.container()["volumeMounts"];
    let expected = json!([{
        "name": "kubernetes-api",
        "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
        "readOnly": true,
    }]);
    assert_eq!(*mounts, expected);
}

#[test]
fn an_annotation_of_the_user_s_takes_the_place_of_the_chart_s() {
    let key = "kubectl.kubernetes.io/default-container";
    // A key that is there twice is refused when the text is read.
    let values = json!({"podAnnotations": {key: "sidecar", "example.com/note": "hello"}});
    let rendered = template(&values.to_string());
    let expected = json!({key: "sidecar", "example.com/note": "hello"});
    assert_eq!(rendered.pod()["metadata"]["annotations"], expected);
    let ours = template("{}").pod()["metadata"]["annotations"].clone();
    assert_eq!(ours, json!({key: "operator"}));
}

/// Everything that selects relies on the chart's own labels and annotations, so those stay, once.
#[test]
fn what_repeats_a_label_of_the_chart_s_changes_nothing() {
    let name = "app.kubernetes.io/name";
    let all = json!({
        name: "other",
        "rbac.authorization.k8s.io/aggregate-to-view": "other",
        "rbac.authorization.k8s.io/aggregate-to-edit": "other",
        "rbac.authorization.k8s.io/aggregate-to-admin": "other",
    });
    let own = json!({name: "other"});
    let keep = "helm.sh/resource-policy";
    let values = json!({
        "commonLabels": all,
        "podLabels": own,
        "crds": {"annotations": {keep: "delete"}},
        "metrics": {
            "serviceMonitor": {"enabled": true, "labels": own},
            "alerts": {"enabled": true, "labels": own},
            "dashboard": {"enabled": true, "labels": own},
        },
    });
    let rendered = template(&values.to_string());
    for object in &rendered.objects {
        assert_eq!(
            object["metadata"]["labels"][name], "xopero-operator",
            "{object}"
        );
    }
    assert_eq!(
        rendered.pod()["metadata"]["labels"][name],
        "xopero-operator"
    );
    for definition in rendered.of_kind("CustomResourceDefinition") {
        assert_eq!(definition["metadata"]["annotations"][keep], "keep");
    }
    let people = rendered.of_kind("ClusterRole");
    for role in ["view", "edit", "admin"] {
        let label = format!("rbac.authorization.k8s.io/aggregate-to-{role}");
        let added = people
            .iter()
            .filter(|of| of["metadata"]["labels"][&label] == "true");
        assert_eq!(added.count(), 1, "{role}");
    }
}

#[test]
fn a_secret_for_the_image_is_named_in_one_of_two_ways() {
    let rendered = template("imagePullSecrets: [one, {name: another}]");
    let secrets = &rendered.pod()["spec"]["imagePullSecrets"];
    assert_eq!(*secrets, json!([{"name": "one"}, {"name": "another"}]));
}

#[test]
fn pods_that_all_end_first_need_no_word_of_how_many_may_be_more() {
    let strategy = |values| template(values).one("Deployment")["spec"]["strategy"].clone();
    assert_eq!(
        strategy("strategy: {type: Recreate}"),
        json!({"type": "Recreate"})
    );
    let rolling =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
    assert_eq!(strategy("{}"), rolling);
}

#[test]
fn a_field_that_only_a_newer_kubernetes_has_is_taken() {
    let rendered = template(
        "
tolerations: [{key: a, newToleration: one}]
affinity: {newAffinity: other}
resources: {newResource: third}
extraEnv: [{name: A, valueFrom: {fileKeyRef: {path: a, volumeName: b, key: c}}}]
networkPolicy: {enabled: true, metricsFrom: [{newPeer: fourth}]}
",
    );
    for new in [
        "newToleration: one",
        "newAffinity: other",
        "newResource: third",
        "fileKeyRef:",
        "newPeer: fourth",
    ] {
        assert!(rendered.text.contains(new), "{new}");
    }
}
