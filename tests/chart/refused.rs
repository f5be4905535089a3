//! What is misspelt, or does not go together, is refused with its name before anything is installed.

use rstest::rstest;
use serde_json::{Map, Value};

use crate::{
    helm::{Helm, chart},
    values::KUBERNETES,
};

/// Every group of values, by its path; the values as a whole first.
fn groups(values: &Map<String, Value>, path: &[&str], found: &mut Vec<Vec<String>>) {
    found.push(path.iter().map(ToString::to_string).collect());
    for (key, inner) in values {
        let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
        match inner {
            // An empty one takes any name (labels), or those that Kubernetes has.
            Value::Object(inner) if !inner.is_empty() => groups(inner, &path, found),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => {}
        }
    }
}

#[test]
fn a_misspelt_value_is_named_wherever_it_stands() {
    let helm = Helm::alone();
    let defaults = std::fs::read_to_string(chart().join("values.yaml")).unwrap();
    let defaults: Map<String, Value> = serde_saphyr::from_str(&defaults).unwrap();
    let mut found = Vec::new();
    groups(&defaults, &[], &mut found);
    // Of these Kubernetes says the names, and a newer one has more.
    found.retain(|path| {
        !KUBERNETES
            .iter()
            .any(|kubernetes| path.first().is_some_and(|first| first == kubernetes))
    });
    assert!(found.len() > 15, "{found:?}");
    for path in found {
        let misspelt = serde_json::json!({"mispelt": true});
        let values = path
            .iter()
            .rev()
            .fold(misspelt, |inner, key| serde_json::json!({ key: inner }));
        let refused = helm.try_template(&values.to_string(), &[]);
        let refused = refused.expect_err(&format!("{path:?} takes anything"));
        assert!(refused.contains("'mispelt' not allowed"), "{refused}");
        assert!(
            refused.contains(&format!("/{}", path.join("/"))) || path.is_empty(),
            "{refused}"
        );
    }
}

#[rstest]
#[case::a_toleration_of_another_type("tolerations: [{key: 1}]", "/tolerations/0/key")]
#[case::a_secret_for_the_image_without_a_name(
    "imagePullSecrets: [{nmae: a}]",
    "/imagePullSecrets/0"
)]
#[case::a_proxy_that_the_network_policy_does_not_know(
    "proxySecret: {name: a}\nnetworkPolicy: {enabled: true}",
    "write it in networkPolicy.proxy.ports, too, for example [3128]"
)]
#[case::a_variable_of_the_chart_s_own(
    "proxy: 'http://a:1'\nextraEnv: [{name: NO_PROXY, value: a}]",
    "extraEnv: NO_PROXY is the chart's own; write noProxy"
)]
#[case::a_proxy_in_which_the_api_server_would_be(
    "extraEnv: [{name: https_proxy, value: 'http://a:1'}]",
    "extraEnv: https_proxy is the chart's own; write proxy or proxySecret"
)]
#[case::a_variable_whose_argument_the_chart_writes(
    "extraEnv: [{name: XOPERO_LOG_LEVEL, value: debug}]",
    "extraEnv: XOPERO_LOG_LEVEL is the chart's own; write log.level"
)]
#[case::no_ports_which_are_all_of_them(
    "networkPolicy: {enabled: true, apiServer: {ports: }}",
    "missing property 'ports'"
)]
#[case::lines_that_are_commented_out(
    "watchNamespaces:\n  # - backup",
    "missing property 'watchNamespaces'"
)]
#[case::an_alert_that_does_not_exist(
    "metrics: {alerts: {enabled: true, disabled: [XoperoStaled]}}",
    "there is no alert XoperoStaled"
)]
#[case::a_severity_of_an_alert_that_does_not_exist(
    "metrics: {alerts: {enabled: true, severities: {XoperoStaled: info}}}",
    "there is no alert XoperoStaled"
)]
#[case::a_way_to_look_up_names_that_is_none("dnsPolicy: clusterFirst", "/dnsPolicy")]
#[case::a_wire_name_that_does_not_exist(
    "wireNames: {request.activate.repositoryId: a}",
    "request.activate.repositoryId"
)]
#[case::a_host_with_a_scheme("allowedHosts: ['https://xopero.example.com']", "/allowedHosts/0")]
#[case::a_namespace_in_capitals("watchNamespaces: [Backup]", "/watchNamespaces/0")]
#[case::a_namespace_twice("watchNamespaces: [a, a]", "/watchNamespaces")]
#[case::a_number_of_pods_that_is_none("replicas: two", "/replicas")]
#[case::a_format_that_is_none("log: {format: xml}", "/log/format")]
#[case::a_bundle_without_a_certificate("extraCABundle: {pem: hello}", "/extraCABundle/pem")]
#[case::a_proxy_without_a_scheme("proxy: 'proxy:3128'", "/proxy")]
#[case::a_digest_that_is_a_tag("image: {digest: v1}", "/image/digest")]
#[case::a_name_with_a_dot("nameOverride: xopero.one", "/nameOverride")]
#[case::a_name_in_capitals("nameOverride: Xopero", "/nameOverride")]
#[case::a_name_of_everything_with_a_dot("fullnameOverride: xopero.one", "/fullnameOverride")]
#[case::a_name_of_everything_that_no_service_may_have(
    "fullnameOverride: 1-operator",
    "/fullnameOverride"
)]
#[case::no_time_to_end("drainSeconds: 0", "/drainSeconds")]
#[case::two_bundles(
    "extraCABundle: {configMap: a, pem: '-----BEGIN CERTIFICATE-----'}",
    "extraCABundle: write either pem or configMap"
)]
#[case::two_proxies(
    "proxy: 'http://a:1'\nproxySecret: {name: b}",
    "write either proxy or proxySecret"
)]
#[case::an_account_without_a_name(
    "serviceAccount: {create: false}",
    "name the account that exists in serviceAccount.name"
)]
#[case::everything_counted_twice(
    "metrics: {serviceMonitor: {enabled: true}, podMonitor: {enabled: true}}",
    "enable one of them"
)]
#[case::a_monitor_without_its_service(
    "metrics: {service: {enabled: false}, serviceMonitor: {enabled: true}}",
    "set metrics.service.enabled, or use metrics.podMonitor"
)]
fn what_cannot_be_meant_is_refused(#[case] values: &str, #[case] named: &str) {
    let refused = Helm::alone().try_template(values, &[]).unwrap_err();
    assert!(refused.contains(named), "{refused}");
}

#[test]
fn a_release_whose_name_no_service_may_have_is_refused() {
    let helm = Helm::alone();
    let chart = chart();
    let template = ["template", "1backup", chart.to_str().unwrap()];
    let refused = helm.try_run(&template).unwrap_err();
    assert!(refused.contains("write fullnameOverride"), "{refused}");
    let named = [&template[..], &["--set", "fullnameOverride=backup"]].concat();
    helm.try_run(&named).unwrap();
}
