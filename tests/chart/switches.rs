//! Every switch of the chart: what it renders is taken by the API server, field by field.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::Value;
use xtask::control_plane::{ControlPlane, Options};

use crate::{
    helm::{Helm, chart},
    stage,
    values::KUBERNETES,
};

/// Values that switch something, each with a name. Together they flip every switch.
pub(crate) const SWITCHES: &[(&str, &str)] = &[
    ("nothing", "{}"),
    ("namespaces", "watchNamespaces: [backup, team-a]"),
    (
        "files",
        "wireNames: {request.activate.repositoryIds: repositoriesIds}\n\
         extraCABundle:\n  pem: |\n    -----BEGIN CERTIFICATE-----\n    AAAA\n    -----END CERTIFICATE-----\n",
    ),
    ("bundle", "extraCABundle: {configMap: company-ca, key: root.pem}"),
    ("proxy", "proxy: 'http://proxy.example.com:3128'\nnoProxy: [.svc, 10.0.0.0/8]"),
    ("secret-proxy", "proxySecret: {name: proxy, key: url}"),
    (
        "hosts-and-log",
        "allowedHosts: [xopero.example.com, '*.example.org', '[::1]']\nlog: {level: 'info,kube=debug', format: text}\ndrainSeconds: 60",
    ),
    (
        "names-and-volumes",
        "
strategy: {type: Recreate}
dnsPolicy: None
dnsConfig: {nameservers: [192.0.2.53], searches: [example.com], options: [{name: ndots, value: '2'}]}
hostAliases: [{ip: 192.0.2.10, hostnames: [xopero.internal]}]
runtimeClassName: gvisor
deploymentAnnotations: {example.com/note: hello}
extraVolumes: [{name: more, secret: {secretName: more}}]
extraVolumeMounts: [{name: more, mountPath: /etc/more, readOnly: true}]
crds: {annotations: {example.com/note: hello}}
",
    ),
    ("definitions-elsewhere", "crds: {enabled: false}"),
    ("definitions-go", "crds: {keep: false}"),
    ("no-roles", "rbac: {create: false, aggregate: false}"),
    ("roles-for-the-operator-alone", "rbac: {aggregate: false}"),
    (
        "account-elsewhere",
        "serviceAccount: {create: false, name: somebody}\nimage: {digest: 'sha256:0000000000000000000000000000000000000000000000000000000000000000', pullPolicy: Always}\nimagePullSecrets: [registry, {name: another}]",
    ),
    (
        "account",
        "serviceAccount: {name: writer, annotations: {example.com/role: writer}}\nimage: {tag: 0.1.0-rc.1}",
    ),
    (
        "place",
        "
replicas: 3
priorityClassName: system-cluster-critical
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: dedicated, operator: Equal, value: backup, effect: NoSchedule}]
affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: other}}}]}}
topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: other}}}]
resources: {requests: {cpu: 1, memory: 128Mi}, limits: {cpu: 1.5, memory: 512Mi}}
podDisruptionBudget: {enabled: false}
",
    ),
    (
        "labels",
        "
commonLabels: {team: platform}
podLabels: {example.com/egress: 'true'}
podAnnotations: {example.com/note: hello}
extraEnv: [{name: XOPERO_LEASE_DURATION, value: 60s}]
nameOverride: xopero
fullnameOverride: keeper
global: {anything: goes}
",
    ),
    (
        "as-a-part",
        "
enabled: false
namespaceOverride: backup
revisionHistoryLimit: 10
podSecurityContext: {runAsUser: 10001, fsGroup: 10001}
securityContext: {appArmorProfile: {type: RuntimeDefault}}
extraObjects:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: '{{ include \"xopero-operator.fullname\" . }}-more', namespace: '{{ .Release.Namespace }}'}}
metrics:
  podMonitor: {enabled: true, namespace: team-a}
  alerts: {enabled: true, namespace: team-a, annotations: {a: b}}
",
    ),
    (
        "service-monitor",
        "metrics: {service: {annotations: {a: b}}, serviceMonitor: {enabled: true, namespace: team-a, labels: {release: prometheus}, annotations: {a: b}, interval: 30s, scrapeTimeout: 10s, relabelings: [{targetLabel: cluster, replacement: east}], metricRelabelings: [{sourceLabels: [__name__], regex: process_.*, action: drop}]}}",
    ),
    (
        "pod-monitor",
        "metrics: {service: {enabled: false}, podMonitor: {enabled: true, labels: {release: prometheus}, annotations: {a: b}, interval: 1m30s, scrapeTimeout: 10s, relabelings: [{targetLabel: cluster, replacement: east}], metricRelabelings: [{sourceLabels: [__name__], regex: process_.*, action: drop}]}}",
    ),
    (
        "alerts-and-dashboard",
        "metrics: {alerts: {enabled: true, labels: {release: prometheus}}, dashboard: {enabled: true, annotations: {grafana_folder: Backup}}}",
    ),
    (
        "alerts-of-ones-own",
        "
metrics:
  alerts:
    enabled: true
    disabled: [XoperoBudgetSaturated]
    severities: {XoperoStalled: info}
    ruleLabels: {team: platform}
    runbookUrl: https://runbooks.example.com/xopero/
  podMonitor: {enabled: true}
  dashboard: {enabled: true, namespace: backup}
",
    ),
    ("network", "networkPolicy: {enabled: true}\nproxy: 'http://proxy.example.com:3128'"),
    (
        "narrow-network",
        "
networkPolicy:
  enabled: true
  metricsFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
  apiServer: {ports: [6443], to: [{ipBlock: {cidr: 192.0.2.10/32}}]}
  xoperoOne: {ports: [8443], to: [{ipBlock: {cidr: 198.51.100.0/24}}]}
",
    ),
];

/// Paths of all values that are true or false, and of the flipped ones.
fn switches(values: &Value, path: &str, found: &mut BTreeSet<(String, bool)>) {
    match values {
        Value::Bool(value) => {
            found.insert((path.to_owned(), *value));
        }
        Value::Object(map) => {
            for (key, inner) in map {
                switches(inner, &format!("{path}.{key}"), found);
            }
        }
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
    }
}

#[test]
fn every_switch_is_flipped_by_one_of_the_tests_values() {
    let defaults = std::fs::read_to_string(chart().join("values.yaml")).unwrap();
    let (mut there, mut written) = (BTreeSet::new(), BTreeSet::new());
    switches(&serde_saphyr::from_str(&defaults).unwrap(), "", &mut there);
    for (_, values) in SWITCHES {
        switches(&serde_saphyr::from_str(values).unwrap(), "", &mut written);
    }
    let kept: Vec<_> = there
        .into_iter()
        .filter(|(path, value)| !written.contains(&(path.clone(), !value)))
        .filter(|(path, _)| {
            let mut kubernetes = KUBERNETES.iter();
            !kubernetes.any(|group| path.starts_with(&format!(".{group}.")))
        })
        .collect();
    assert_eq!(kept, []);
}

#[test]
fn helm_finds_nothing_to_complain_about() {
    let helm = Helm::alone();
    let file = tempfile::NamedTempFile::new().unwrap();
    for (name, values) in SWITCHES {
        std::fs::write(file.path(), values).unwrap();
        let (chart, values) = (chart(), file.path().to_str().unwrap());
        let linted = helm.try_run(&[
            "lint",
            "--strict",
            "--values",
            values,
            chart.to_str().unwrap(),
        ]);
        linted.unwrap_or_else(|complaint| panic!("{name}: {complaint}"));
    }
}

#[rstest]
#[case("1.33.0")]
#[case("1.34.1")]
#[case("1.35.0-gke.1")]
#[case("1.36.2+k3s1")]
#[case("1.37.2")]
fn every_supported_version_of_kubernetes_gets_the_same(#[case] version: &str) {
    let helm = Helm::alone();
    for (name, values) in SWITCHES {
        let rendered = helm.try_template(values, &["--kube-version", version]);
        assert_eq!(rendered.unwrap(), helm.template(values).text, "{name}");
    }
}

#[test]
fn a_version_of_kubernetes_before_is_refused() {
    let refused = Helm::alone().try_template("{}", &["--kube-version", "1.32.9"]);
    let refused = refused.unwrap_err();
    assert!(refused.contains(">=1.33.0-0"), "{refused}");
}

#[tokio::test]
async fn the_api_server_takes_every_object_under_every_switch() {
    // Never somebody's cluster, which may have these kinds already.
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    stage::prepare(&control_plane).await;
    let helm = Helm::alone();
    for (name, values) in SWITCHES {
        let rendered = helm.template(values).text;
        let arguments = [
            "apply",
            "--server-side",
            "--dry-run=server",
            // A field that does not exist is no warning.
            "--validate=strict",
            "--filename=-",
        ];
        let taken = control_plane
            .kubectl(&arguments, Some(&rendered))
            .await
            .unwrap();
        let warnings = taken.stderr.clone();
        taken
            .success()
            .unwrap_or_else(|complaint| panic!("{name}: {complaint:#}"));
        assert_eq!(warnings, "", "{name}");
    }
}
