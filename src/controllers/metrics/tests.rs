use std::{
    collections::{BTreeMap, BTreeSet},
    time::SystemTime,
};

use prometheus_client::metrics::MetricType;
use serde_json::{Value, json};

use super::{description::Description, *};
use crate::{
    controllers::{
        connections::{Connections, Surroundings},
        failure::Cause,
        looks::Looks,
        observed::{Observed, Place},
        watches::{Stored, Watchable},
    },
    decide::Difference,
    xopero::{CallOutcome, CallRecord, Endpoint},
};

fn lines(metrics: &Metrics) -> Vec<String> {
    let text = metrics.text(Format::OpenMetrics).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[track_caller]
fn shows(metrics: &Metrics, line: &str) {
    let lines = lines(metrics);
    assert!(
        lines.iter().any(|shown| shown == line),
        "{line} is missing in {lines:#?}"
    );
}

/// An error of a pass.
#[derive(Debug)]
struct Failed(Cause);

impl Failure for Failed {
    fn cause(&self) -> Cause {
        self.0
    }

    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

#[tokio::test]
async fn a_pass_is_counted_with_its_end_and_its_time() {
    let metrics = Metrics::default();
    let pass = metrics.pass("XoperoBackupPlan", async {
        shows(
            &metrics,
            r#"xopero_operator_reconciles_under_way{kind="XoperoBackupPlan"} 1"#,
        );
        Ok::<_, Failed>(())
    });
    pass.await.unwrap();
    let pass = metrics.pass("XoperoBackupPlan", async {
        Err::<(), _>(Failed(Cause::Forbidden))
    });
    pass.await.unwrap_err();
    for line in [
        r#"xopero_operator_reconciles_total{kind="XoperoBackupPlan",result="ok"} 1"#,
        r#"xopero_operator_reconciles_total{kind="XoperoBackupPlan",result="error"} 1"#,
        r#"xopero_operator_reconcile_errors_total{kind="XoperoBackupPlan",reason="forbidden"} 1"#,
        r#"xopero_operator_reconcile_errors_total{kind="XoperoBackupPlan",reason="conflict"} 0"#,
        r#"xopero_operator_reconcile_duration_seconds_count{kind="XoperoBackupPlan"} 2"#,
        r#"xopero_operator_reconciles_under_way{kind="XoperoBackupPlan"} 0"#,
    ] {
        shows(&metrics, line);
    }
}

#[test]
fn a_pass_that_is_dropped_is_under_way_no_more() {
    let metrics = Metrics::default();
    let pass = metrics.pass("XoperoOrganization", std::future::pending());
    let mut pass: std::pin::Pin<Box<dyn Future<Output = Result<(), Failed>>>> = Box::pin(pass);
    assert!(futures::FutureExt::now_or_never(&mut pass).is_none());
    let under_way = r#"xopero_operator_reconciles_under_way{kind="XoperoOrganization"}"#;
    shows(&metrics, &format!("{under_way} 1"));
    drop(pass);
    shows(&metrics, &format!("{under_way} 0"));
}

#[test]
fn what_was_noted_is_counted_under_its_labels() {
    let metrics = Metrics::default();
    metrics.note_role(Role::Leads);
    metrics.note_status_write("XoperoRepository");
    metrics.note_action("Attach", "confirmed");
    metrics.note_undecodable("XoperoAzureProject");
    metrics.note_listing(Duration::from_secs(2), None);
    metrics.note_listing(Duration::from_secs(2), Some(Reason::ApiUnavailable));
    for line in [
        "xopero_operator_leader 1",
        r#"xopero_operator_status_writes_total{kind="XoperoRepository"} 1"#,
        r#"xopero_operator_actions_total{action="Attach",outcome="confirmed"} 1"#,
        r#"xopero_operator_undecodable_resources_total{kind="XoperoAzureProject"} 1"#,
        r#"xopero_operator_listings_total{outcome="listed"} 1"#,
        r#"xopero_operator_listings_total{outcome="ApiUnavailable"} 1"#,
        "xopero_operator_listing_duration_seconds_count 1",
    ] {
        shows(&metrics, line);
    }
}

#[test]
fn a_call_to_xopero_one_is_counted_with_its_times() {
    let metrics = Arc::new(Metrics::default());
    (metrics.hooks().observer)(&CallRecord {
        endpoint: Endpoint::Login,
        outcome: CallOutcome::RateLimited,
        duration: Duration::from_millis(200),
        waited_for_budget: Duration::from_secs(2),
        retry_after: Some(Duration::from_secs(30)),
    });
    let durations = "xopero_operator_xopero_request_duration_seconds_bucket";
    for line in [
        r#"xopero_operator_xopero_requests_total{endpoint="login",outcome="rate_limited"} 1"#,
        // Shown before the first.
        r#"xopero_operator_xopero_requests_total{endpoint="login",outcome="unauthorized"} 0"#,
        &format!(r#"{durations}{{le="0.1",endpoint="login"}} 0"#),
        &format!(r#"{durations}{{le="0.25",endpoint="login"}} 1"#),
        "xopero_operator_xopero_budget_wait_seconds_sum 2.0",
        "xopero_operator_xopero_retry_after_seconds_sum 30.0",
    ] {
        shows(&metrics, line);
    }
}

#[test]
fn the_start_of_the_process_is_shown_by_the_name_that_dashboards_ask_for() {
    let before = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let metrics = Metrics::default();
    let lines = lines(&metrics);
    let start = lines
        .iter()
        .find_map(|line| line.strip_prefix("process_start_time_seconds "))
        .unwrap();
    let since = start.parse::<f64>().unwrap() - before.as_secs_f64();
    assert!((-1.0..60.0).contains(&since), "{start}");
}

#[test]
fn the_text_names_the_version_and_ends() {
    let metrics = Metrics::default();
    let version = env!("CARGO_PKG_VERSION");
    shows(
        &metrics,
        &format!(r#"xopero_operator_build_info{{version="{version}"}} 1"#),
    );
    assert_eq!(lines(&metrics).last().map(String::as_str), Some("# EOF"));
}

fn place(name: &str) -> Place {
    Place {
        namespace: "backup".to_owned(),
        name: name.to_owned(),
    }
}

fn observed<K: Watchable>(name: &str, spec: &Value, status: &Value) -> Observed<K> {
    serde_json::from_value(json!({
        "apiVersion": "xopero.dev/v1alpha1",
        "kind": K::kind(&()),
        "metadata": {"name": name, "namespace": "backup", "uid": name, "generation": 1},
        "spec": spec,
        "status": status,
    }))
    .unwrap()
}

/// One resource of each kind, with something to show in each metric.
fn sources() -> Sources {
    let condition = |type_: &str, reason: &str| {
        json!([{
            "type": type_, "status": "True", "reason": reason, "message": "",
            "lastTransitionTime": "2026-11-25T00:00:00Z",
        }])
    };
    let ready = condition("Ready", "Converged");
    let organization = json!({
        "conditions": ready,
        "coverage": {
            "known": 3, "licensed": 2, "inAPlan": 2, "protected": 1, "unprotected": 2, "removedUpstream": 0,
        },
        "inventory": {"trusted": true},
    });
    let plan = json!({
        "conditions": ready, "matched": 2, "attached": 1, "licensed": 1, "pending": 1,
        "lastBackup": {
            "finishedAt": "2026-11-25T00:00:00Z", "successes": 1, "warnings": 0, "errors": 0, "running": false,
        },
    });
    let looks = Looks::default();
    looks.note_listed(&place("acme"), &Arc::from("acme"), SystemTime::now());
    let attach = Difference {
        action: "Attach",
        held: None,
    };
    let differences = BTreeMap::from([(attach, 1)]);
    looks.note_differences(&place("acme"), &Arc::from("acme"), differences);
    let of = json!({"name": "acme"});
    Sources {
        connection_resources: Stored::holding([observed(
            "xopero",
            &json!({"url": "https://xopero.example.com", "credentialsSecretRef": {"name": "account"}}),
            &json!({"conditions": ready}),
        )]),
        organizations: Stored::holding([observed(
            "acme",
            &json!({
                "connectionRef": {"name": "xopero"}, "name": "Acme", "provider": "GitHub",
                "licenses": {"limit": 9},
            }),
            &organization,
        )]),
        plans: Stored::holding([observed(
            "nightly",
            &json!({"organizationRef": of, "planName": "Nightly", "freshness": {"maxAge": "36h"}}),
            &plan,
        )]),
        repositories: Stored::holding([observed(
            "api",
            &json!({"organizationRef": of, "name": "a-name-that-is-no-label"}),
            &json!({"conditions": condition("Stalled", "RepositoryNotFound")}),
        )]),
        projects: Stored::holding([]),
        connections: Connections::new(Surroundings::default()),
        looks: Arc::new(looks),
    }
}

/// A metric as it was written: its type, and the labels of each of its series.
#[derive(Debug, Default)]
struct Written {
    type_: String,
    help: String,
    series: Vec<BTreeSet<String>>,
}

/// Everything in the text format of Prometheus, by name.
fn written(text: &str) -> BTreeMap<String, Written> {
    let mut all: BTreeMap<String, Written> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            name.clone_into(&mut current);
            let known = all.insert(name.to_owned(), Written::default());
            assert!(known.is_none(), "{name} is written twice");
            help.clone_into(&mut all.get_mut(name).unwrap().help);
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, type_) = rest.split_once(' ').unwrap();
            assert_eq!(name, current);
            type_.clone_into(&mut all.get_mut(name).unwrap().type_);
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            assert!(name.starts_with(&current), "{line} below {current}");
            let labels = labels
                .split(',')
                .filter_map(|label| label.split_once('='))
                .map(|(label, _)| label.to_owned())
                .filter(|label| label != "le");
            let written = all.get_mut(&current).unwrap();
            written.series.push(labels.collect());
        }
    }
    all
}

fn shown_by_everything() -> String {
    let metrics = Arc::new(Metrics::default());
    (metrics.hooks().observer)(&CallRecord {
        endpoint: Endpoint::Plans,
        outcome: CallOutcome::Succeeded,
        duration: Duration::from_secs(1),
        waited_for_budget: Duration::ZERO,
        retry_after: None,
    });
    metrics.note_action("Attach", "confirmed");
    let pass = metrics.pass("XoperoConnection", async { Ok::<_, Failed>(()) });
    futures::FutureExt::now_or_never(pass).unwrap().unwrap();
    metrics.show(sources());
    metrics.text(Format::Prometheus).unwrap()
}

#[test]
fn each_metric_is_written_as_it_is_documented_and_no_other() {
    let text = shown_by_everything();
    let written = written(&text);
    let documented: BTreeMap<String, &Description> = page::descriptions()
        .map(|description| (description.full_name(), description))
        .collect();
    let names: Vec<_> = written.keys().collect();
    assert_eq!(names, documented.keys().collect::<Vec<_>>());
    for (name, description) in documented {
        let Written {
            type_,
            help,
            series,
        } = &written[&name];
        assert_eq!(*help, format!("{}.", description.meaning), "{name}");
        // The text of Prometheus has no type info.
        let expected = description.type_.as_str().replace("info", "gauge");
        assert_eq!(*type_, expected, "{name}");
        let labels: BTreeSet<String> = description
            .labels
            .iter()
            .map(|&label| label.to_owned())
            .collect();
        for shown in series {
            assert_eq!(*shown, labels, "{name}");
        }
    }
}

#[test]
fn a_name_says_what_is_measured_and_a_sentence_what_it_means() {
    for description in page::descriptions() {
        let name = description.full_name();
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{name}"
        );
        let is_counter = description.type_ == MetricType::Counter;
        assert_eq!(name.ends_with("_total"), is_counter, "{name}");
        let is_time = ["duration", "wait", "age", "timestamp", "interval", "pause"]
            .iter()
            .any(|word| description.name.ends_with(word));
        let in_seconds = name.trim_end_matches("_total").ends_with("_seconds");
        assert!(!is_time || in_seconds, "{name} is a time");
        assert!(!description.meaning.ends_with('.'), "{name}");
        assert!(description.question.ends_with(['?', '.']), "{name}");
    }
}

#[test]
fn no_name_of_a_repository_is_a_label() {
    let text = shown_by_everything();
    assert!(text.contains(r#"reason="RepositoryNotFound""#));
    assert!(!text.contains("a-name-that-is-no-label"));
    assert!(!text.contains(r#"name="api""#));
}

#[test]
fn a_replica_that_stands_by_shows_no_resource() {
    let text = Metrics::default().text(Format::Prometheus).unwrap();
    let written = written(&text);
    assert_eq!(written["xopero_operator_condition"].series.len(), 0);
    assert_eq!(written["xopero_operator_watches"].series.len(), 0);
}
