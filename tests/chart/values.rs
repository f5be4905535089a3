//! Every single value: written, it comes to something. A template that forgets one fails here, by the value's name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::helm::{Helm, chart};

/// What is written into a text or a map, and looked for in what is rendered.
const SENTINEL: &str = "sentinel";

/// Values that a schema or a template keeps from being any text, number or map: in YAML, by their path.
const WRITTEN: &[(&str, &str)] = &[
    ("watchNamespaces", "[sentinel]"),
    ("allowedHosts", "[sentinel.example.com]"),
    ("wireNames", "{request.login.email: sentinel}"),
    (
        "extraCABundle.pem",
        "\"-----BEGIN CERTIFICATE-----\\nsentinel\\n\"",
    ),
    ("proxy", "'http://sentinel:3128'"),
    ("noProxy", "[sentinel.internal]"),
    ("log.format", "text"),
    (
        "image.digest",
        "'sha256:0000000000000000000000000000000000000000000000000000000000000000'",
    ),
    ("image.pullPolicy", "Always"),
    ("imagePullSecrets", "[sentinel, {name: other-sentinel}]"),
    (
        "resources",
        "{limits: {memory: 111Mi, example.com/sentinel: 1}, requests: {cpu: 333m}}",
    ),
    ("strategy", "{rollingUpdate: {maxSurge: 7}}"),
    ("podSecurityContext", "{runAsUser: 12345}"),
    ("securityContext", "{runAsGroup: 12345}"),
    ("extraObjects", "[{kind: sentinel}]"),
    (
        "topologySpreadConstraints",
        "[{maxSkew: 1, topologyKey: sentinel, whenUnsatisfiable: DoNotSchedule}]",
    ),
    ("tolerations", "[{key: sentinel, operator: Exists}]"),
    (
        "affinity",
        "{podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: sentinel}]}}",
    ),
    ("dnsPolicy", "Default"),
    ("dnsConfig", "{searches: [sentinel]}"),
    ("hostAliases", "[{ip: 192.0.2.1, hostnames: [sentinel]}]"),
    ("extraEnv", "[{name: SENTINEL, value: sentinel}]"),
    ("extraVolumes", "[{name: sentinel, emptyDir: {}}]"),
    (
        "extraVolumeMounts",
        "[{name: sentinel, mountPath: /sentinel}]",
    ),
    ("metrics.serviceMonitor.interval", "77s"),
    ("metrics.serviceMonitor.scrapeTimeout", "33s"),
    (
        "metrics.serviceMonitor.relabelings",
        "[{targetLabel: sentinel}]",
    ),
    (
        "metrics.serviceMonitor.metricRelabelings",
        "[{targetLabel: sentinel}]",
    ),
    ("metrics.podMonitor.interval", "77s"),
    ("metrics.podMonitor.scrapeTimeout", "33s"),
    (
        "metrics.podMonitor.relabelings",
        "[{targetLabel: sentinel}]",
    ),
    (
        "metrics.podMonitor.metricRelabelings",
        "[{targetLabel: sentinel}]",
    ),
    ("metrics.alerts.disabled", "[XoperoStalled]"),
    ("metrics.alerts.severities", "{XoperoStalled: sentinel}"),
    (
        "metrics.alerts.runbookUrl",
        "https://sentinel.example.com/pages",
    ),
    (
        "networkPolicy.metricsFrom",
        "[{namespaceSelector: {matchLabels: {sentinel: sentinel}}}]",
    ),
    ("networkPolicy.dns.ports", "[1053]"),
    (
        "networkPolicy.dns.to",
        "[{podSelector: {matchLabels: {sentinel: sentinel}}}]",
    ),
    ("networkPolicy.apiServer.ports", "[16443]"),
    (
        "networkPolicy.apiServer.to",
        "[{podSelector: {matchLabels: {sentinel: sentinel}}}]",
    ),
    ("networkPolicy.xoperoOne.ports", "[18443]"),
    (
        "networkPolicy.xoperoOne.to",
        "[{podSelector: {matchLabels: {sentinel: sentinel}}}]",
    ),
    ("networkPolicy.proxy.ports", "[13128]"),
    (
        "networkPolicy.proxy.to",
        "[{podSelector: {matchLabels: {sentinel: sentinel}}}]",
    ),
];

/// What has to hold for a value to matter, beside the switch `enabled` of its group.
const NEEDED: &[(&str, &str)] = &[
    ("extraCABundle.key", "extraCABundle: {configMap: a}"),
    ("proxySecret.key", "proxySecret: {name: a}"),
    ("serviceAccount.create", "serviceAccount: {name: a}"),
    ("noProxy", "proxy: 'http://a:1'"),
    ("networkPolicy.proxy.ports", "proxy: 'http://a:1'"),
    ("networkPolicy.proxy.to", "proxy: 'http://a:1'"),
];

/// What the chart is said not to look at.
const IGNORED: [&str; 2] = ["enabled", "global"];

/// Values whose defaults are Kubernetes' own, and no group.
pub(crate) const KUBERNETES: [&str; 5] = [
    "nodeSelector",
    "podSecurityContext",
    "resources",
    "securityContext",
    "strategy",
];

fn defaults() -> Map<String, Value> {
    let text = std::fs::read_to_string(chart().join("values.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// Every value that is no group, by its path.
fn leaves(values: &Map<String, Value>, group: &str, found: &mut BTreeMap<String, Value>) {
    for (key, value) in values {
        let path = if group.is_empty() {
            key.clone()
        } else {
            format!("{group}.{key}")
        };
        match value {
            // Kubernetes' own: what stands in them is a default, not a group.
            Value::Object(inner) if !inner.is_empty() && !KUBERNETES.contains(&path.as_str()) => {
                leaves(inner, &path, found);
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {
                found.insert(path, value.clone());
            }
        }
    }
}

fn all_leaves() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    leaves(&defaults(), "", &mut found);
    found
}

fn listed(table: &[(&str, &str)], path: &str) -> Option<Value> {
    let row = table.iter().find(|(of, _)| *of == path);
    row.map(|(_, yaml)| serde_saphyr::from_str(yaml).unwrap())
}

/// Another value than the default.
fn sentinel(path: &str, default: &Value) -> Value {
    if let Some(value) = listed(WRITTEN, path) {
        return value;
    }
    match default {
        Value::Bool(value) => json!(!value),
        Value::Number(value) => json!(value.as_u64().unwrap() + 3),
        Value::String(_) => json!(SENTINEL),
        Value::Object(_) => json!({ SENTINEL: format!("{SENTINEL}-value") }),
        Value::Null | Value::Array(_) => panic!("{path} needs a line in WRITTEN: {default}"),
    }
}

/// `{a: {b: VALUE}}` for `a.b`.
fn nested(path: &str, value: Value) -> Value {
    path.rsplit('.')
        .fold(value, |inner, key| json!({ key: inner }))
}

/// The texts in a value that are to be found again.
fn sentinels(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains(SENTINEL) => {
            found.insert(text.lines().last().unwrap_or_default().to_owned());
        }
        Value::Array(items) => items.iter().for_each(|item| sentinels(item, found)),
        Value::Object(map) => {
            for (key, inner) in map {
                sentinels(&json!(key), found);
                sentinels(inner, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The values under which this one matters; Helm merges it into them.
fn ground(path: &str) -> Value {
    if let Some(needed) = listed(NEEDED, path)
        && !path.starts_with("networkPolicy.")
    {
        return needed;
    }
    let mut values = listed(NEEDED, path).unwrap_or_else(|| json!({}));
    let defaults = Value::Object(defaults());
    let mut group = path;
    while let Some((above, _)) = group.rsplit_once('.') {
        group = above;
        let switch = format!("{group}.enabled");
        let pointer = format!("/{}", switch.replace('.', "/"));
        if switch != path && defaults.pointer(&pointer) == Some(&json!(false)) {
            let (first, rest) = switch.split_once('.').unwrap();
            values[first] = nested(rest, json!(true));
        }
    }
    values
}

#[test]
fn each_value_that_is_written_is_found_in_what_is_rendered() {
    let helm = Helm::alone();
    let mut lost = Vec::new();
    let mut grounds = BTreeMap::new();
    for (path, default) in all_leaves() {
        let ground = ground(&path).to_string();
        let without = grounds
            .entry(ground.clone())
            .or_insert_with(|| helm.template(&ground).text);
        let value = sentinel(&path, &default);
        assert_ne!(value, default, "{path}");
        let mut written = BTreeSet::new();
        sentinels(&value, &mut written);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), nested(&path, value).to_string()).unwrap();
        let more = ["--values", file.path().to_str().unwrap()];
        let with = helm.try_template(&ground, &more);
        let with = with.unwrap_or_else(|complaint| panic!("{path}: {complaint}"));
        let is_seen = with != *without && written.iter().all(|text| with.contains(text));
        if is_seen == IGNORED.contains(&path.as_str()) {
            lost.push(path);
        }
    }
    assert_eq!(lost, Vec::<String>::new(), "no template shows these");
}

/// A line about a value that is no more would hide that it was renamed.
#[test]
fn each_line_of_the_tables_is_about_a_value_that_exists() {
    let all = all_leaves();
    assert!(all.len() > 80, "{}", all.len());
    for (path, _) in WRITTEN.iter().chain(NEEDED) {
        assert!(all.contains_key(*path), "{path}");
    }
}

#[test]
fn the_labels_of_everything_are_on_everything() {
    let rendered = Helm::alone().template(
        "
commonLabels: {team: platform}
wireNames: {request.login.email: email}
networkPolicy: {enabled: true}
metrics: {serviceMonitor: {enabled: true}, alerts: {enabled: true}, dashboard: {enabled: true}}
",
    );
    assert!(rendered.objects.len() > 15);
    for object in &rendered.objects {
        assert_eq!(object["metadata"]["labels"]["team"], "platform", "{object}");
    }
    assert_eq!(rendered.pod()["metadata"]["labels"]["team"], "platform");
}

/// A parent chart whose parts stand in several namespaces.
#[test]
fn everything_is_in_the_namespace_that_is_written_instead_of_the_release_s() {
    let rendered = Helm::alone().template(
        "
namespaceOverride: elsewhere
wireNames: {request.login.email: email}
networkPolicy: {enabled: true}
metrics: {serviceMonitor: {enabled: true}, alerts: {enabled: true}, dashboard: {enabled: true}}
",
    );
    assert!(
        !rendered.text.contains("xopero-system"),
        "{}",
        rendered.text
    );
    let namespaces = rendered.objects.iter();
    let namespaces = namespaces.filter_map(|object| object["metadata"]["namespace"].as_str());
    assert!(namespaces.clone().count() > 8);
    assert_eq!(namespaces.collect::<BTreeSet<_>>(), ["elsewhere"].into());
}

#[test]
fn a_monitor_in_another_namespace_finds_the_pods_in_that_of_the_release() {
    let there = json!({"matchNames": ["xopero-system"]});
    for (kind, group) in [
        ("ServiceMonitor", "serviceMonitor"),
        ("PodMonitor", "podMonitor"),
    ] {
        let values = json!({"metrics": {group: {"enabled": true, "namespace": "monitoring"}}});
        let rendered = Helm::alone().template(&values.to_string());
        let monitor = rendered.one(kind);
        assert_eq!(monitor["metadata"]["namespace"], "monitoring");
        assert_eq!(monitor["spec"]["namespaceSelector"], there);
    }
}

#[test]
fn more_objects_are_filled_in() {
    let rendered = Helm::alone().template(
        "extraObjects: [{apiVersion: v1, kind: Secret, metadata: {name: '{{ .Release.Name }}-more'}}]",
    );
    assert_eq!(rendered.one("Secret")["metadata"]["name"], "backup-more");
}
