//! What `kubectl apply` takes and what it refuses. The cost of the rules is checked on a real API server only.

use kube::core::cel::Validator;
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::api::crds;

mod identity;
mod whole;

/// The least that a resource of a kind needs.
fn least(kind: &str) -> Value {
    match kind {
        "XoperoConnection" => {
            json!({ "url": "https://xopero.example.com", "credentialsSecretRef": { "name": "account" } })
        }
        "XoperoOrganization" => {
            json!({ "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" })
        }
        "XoperoBackupPlan" => {
            json!({ "organizationRef": { "name": "acme" }, "planName": "Nightly" })
        }
        "XoperoRepository" => json!({ "organizationRef": { "name": "acme" }, "name": "api" }),
        "XoperoAzureProject" => {
            json!({ "organizationRef": { "name": "acme" }, "name": "Payments Core" })
        }
        other => panic!("{other} is no kind of ours"),
    }
}

/// The schema of a kind, as the API server has it.
fn schema_of(kind: &str) -> Value {
    let crd = crds()
        .into_iter()
        .find(|crd| crd.spec.names.kind == kind)
        .expect("a kind of ours");
    let version = crd.spec.versions.into_iter().next().unwrap();
    serde_json::to_value(version.schema.unwrap().open_api_v3_schema.unwrap()).unwrap()
}

/// What `kubectl apply` says to a resource, and to it in place of an old one. Nothing when it takes it.
fn objections(kind: &str, spec: &Value, old: Option<&Value>) -> Vec<String> {
    let object =
        |spec: &Value| json!({ "metadata": { "name": "it", "namespace": "backup" }, "spec": spec });
    let (schema, new, old) = (schema_of(kind), object(spec), old.map(object));
    let bounds = jsonschema::validator_for(&schema).unwrap();
    let mut objections: Vec<String> = bounds
        .iter_errors(&new)
        .map(|error| error.to_string())
        .collect();
    if let Err(errors) = Validator::new().validate(&schema, &new, old.as_ref()) {
        objections.extend(errors.into_vec().into_iter().map(|error| error.message));
    }
    objections
}

/// The least spec with these fields in place of its own, in YAML; `null` takes a field out.
fn with(kind: &str, fields: &str) -> Value {
    let mut spec = least(kind);
    let fields: Map<String, Value> = serde_saphyr::from_str(fields).unwrap();
    for (name, value) in fields {
        if value.is_null() {
            spec.as_object_mut().unwrap().remove(&name);
        } else {
            spec[&name] = value;
        }
    }
    spec
}

fn verdict(kind: &str, fields: &str) -> &'static str {
    if objections(kind, &with(kind, fields), None).is_empty() {
        "taken"
    } else {
        "refused"
    }
}

// Not `http://localhost`: kube-cel takes it for a bare path. A real API server takes it as it should.
#[rstest]
#[case::https("https://xopero.example.com", "taken")]
#[case::with_a_port("https://xopero.example.com:8443", "taken")]
#[case::with_a_slash("https://xopero.example.com/", "taken")]
#[case::http_to_loopback("http://127.0.0.1:8080", "taken")]
#[case::http_to_loopback_6("http://[::1]:8080", "taken")]
#[case::http_elsewhere("http://xopero.example.com", "refused")]
#[case::http_to_what_looks_local("http://localhost.example.com", "refused")]
#[case::another_scheme("ftp://xopero.example.com", "refused")]
#[case::a_bare_host("xopero.example.com", "refused")]
#[case::no_host("https://", "refused")]
#[case::only_a_port("https://:8443", "refused")]
#[case::no_port("https://xopero.example.com:99999", "refused")]
#[case::a_user("https://user:secret@xopero.example.com", "refused")]
#[case::a_path("https://xopero.example.com/api", "refused")]
#[case::a_query("https://xopero.example.com?tenant=1", "refused")]
#[case::a_fragment("https://xopero.example.com#top", "refused")]
fn a_url_is_an_origin(#[case] url: &str, #[case] expected: &str) {
    let spec = with("XoperoConnection", &format!("url: '{url}'"));
    let objections = objections("XoperoConnection", &spec, None);
    assert_eq!(
        if objections.is_empty() {
            "taken"
        } else {
            "refused"
        },
        expected,
        "{objections:?}"
    );
}

#[rstest]
#[case("requests: {perSecond: 0}", "refused")]
#[case("requests: {perSecond: 1}", "taken")]
#[case("requests: {perSecond: 1000}", "taken")]
#[case("requests: {perSecond: 1001}", "refused")]
#[case("requests: {inFlight: 0}", "refused")]
#[case("requests: {inFlight: 64}", "taken")]
#[case("requests: {inFlight: 65}", "refused")]
#[case("requests: {timeout: 999ms}", "refused")]
#[case("requests: {timeout: 1s}", "taken")]
#[case("requests: {timeout: 15s}", "taken")]
#[case("requests: {timeout: 15.1s}", "refused")]
#[case("requests: {timeout: '10'}", "refused")]
#[case("requests: {timeout: -5s}", "refused")]
#[case("requests: {timeout: soon}", "refused")]
#[case("planSettings: Maybe", "refused")]
#[case("allowedNamespaces: {from: All}", "taken")]
#[case("allowedNamespaces: {from: Selector}", "refused")]
#[case("allowedNamespaces: {selector: {matchLabels: {team: a}}}", "refused")]
#[case(
    "allowedNamespaces: {from: All, selector: {matchLabels: {team: a}}}",
    "refused"
)]
#[case(
    "allowedNamespaces: {from: Selector, selector: {matchLabels: {team: a}}}",
    "taken"
)]
#[case("credentialsSecretRef: {name: Not_A_Name}", "refused")]
#[case("credentialsSecretRef: {name: account, emailKey: 'e mail'}", "refused")]
#[case(
    "credentialsSecretRef: {name: account, emailKey: user.email, passwordKey: PASSWORD}",
    "taken"
)]
#[case("credentialsSecretRef: null", "refused")]
#[case(
    "tls: {caBundleRef: {kind: ConfigMap, name: authorities, key: ca.crt}}",
    "taken"
)]
#[case("tls: {caBundleRef: {kind: ConfigMap, name: authorities}}", "refused")]
#[case(
    "tls: {caBundleRef: {kind: File, name: authorities, key: ca.crt}}",
    "refused"
)]
fn a_connection_keeps_its_bounds(#[case] fields: &str, #[case] expected: &str) {
    assert_eq!(verdict("XoperoConnection", fields), expected);
}

#[rstest]
#[case("removalLimit: 0", "taken")]
#[case("removalLimit: 250", "taken")]
#[case("removalLimit: 0%", "taken")]
#[case("removalLimit: 100%", "taken")]
#[case("removalLimit: -1", "refused")]
#[case("removalLimit: 101%", "refused")]
#[case("removalLimit: '10'", "refused")]
#[case("removalLimit: all", "refused")]
#[case("resyncInterval: 1s", "taken")]
#[case("resyncInterval: 1h30m", "taken")]
#[case("resyncInterval: 999ms", "refused")]
#[case("sync: {interval: 15m}", "taken")]
#[case("sync: {interval: 14m59s}", "refused")]
#[case("sync: {}", "refused")]
#[case("licenses: {limit: 0, unclaimed: Deactivate}", "taken")]
#[case("licenses: {limit: -1}", "refused")]
#[case("licenses: {unclaimed: Remove}", "refused")]
#[case(
    "protection: {require: EveryRepository, except: ['*-sandbox']}",
    "taken"
)]
#[case("protection: {except: ['']}", "refused")]
#[case("allowedNamespaces: {from: Selector, rights: Full}", "refused")]
#[case("allowedNamespaces: {from: All, rights: Full}", "taken")]
#[case("allowedNamespaces: {from: All, rights: Some}", "refused")]
#[case(
    "connectionRef: {name: xopero, namespace: 'not a namespace'}",
    "refused"
)]
#[case("connectionRef: {name: xopero, namespace: backup}", "taken")]
#[case("name: ''", "refused")]
#[case("driver: 1", "taken")]
#[case("driver: -1", "refused")]
#[case("mode: Observe", "taken")]
#[case("mode: observe", "refused")]
#[case("provider: Gitea", "refused")]
fn an_organization_keeps_its_bounds(#[case] fields: &str, #[case] expected: &str) {
    assert_eq!(verdict("XoperoOrganization", fields), expected);
}

#[rstest]
#[case::additive_needs_no_include("repositories: {exclude: [old]}", "taken")]
#[case::exclusive_needs_one("membership: Exclusive", "refused")]
#[case::an_exclude_is_none("{membership: Exclusive, repositories: {exclude: [old]}}", "refused")]
#[case::a_wildcard_is_one("{membership: Exclusive, repositories: {include: ['**']}}", "taken")]
#[case::an_expression_is_one(
    "{membership: Exclusive, repositories: {includeRegex: ['.*']}}",
    "taken"
)]
#[case::an_empty_list_is_none("{membership: Exclusive, repositories: {include: []}}", "refused")]
#[case::projects_count(
    "{membership: Exclusive, projects: {include: ['Payments *']}}",
    "taken"
)]
#[case::both_need_one(
    "{membership: Exclusive, repositories: {include: [a]}, projects: {exclude: [b]}}",
    "refused"
)]
#[case::both_have_one(
    "{membership: Exclusive, repositories: {include: [a]}, projects: {includeRegex: [b]}}",
    "taken"
)]
fn an_exclusive_plan_without_an_include_is_refused(#[case] fields: &str, #[case] expected: &str) {
    assert_eq!(verdict("XoperoBackupPlan", fields), expected);
}

#[rstest]
#[case("svc-[0-9]+", "taken")]
#[case("(platform|runtime)/.*", "taken")]
#[case("svc-(", "refused")]
#[case("[a-", "refused")]
#[case("", "refused")]
fn a_broken_regular_expression_is_refused(#[case] pattern: &str, #[case] expected: &str) {
    for selector in ["repositories", "projects"] {
        for field in ["includeRegex", "excludeRegex"] {
            let fields = json!({ selector: { field: [pattern] } }).to_string();
            assert_eq!(verdict("XoperoBackupPlan", &fields), expected, "{fields}");
        }
    }
}

#[rstest]
#[case("include", 100, 256, "taken")]
#[case("include", 101, 256, "refused")]
#[case("exclude", 100, 257, "refused")]
#[case("includeRegex", 16, 256, "taken")]
#[case("includeRegex", 17, 256, "refused")]
#[case("excludeRegex", 16, 257, "refused")]
fn patterns_are_bounded(
    #[case] field: &str,
    #[case] count: usize,
    #[case] length: usize,
    #[case] expected: &str,
) {
    let patterns = vec!["a".repeat(length); count];
    assert_eq!(
        verdict(
            "XoperoBackupPlan",
            &json!({ "repositories": { field: patterns } }).to_string()
        ),
        expected
    );
}

#[rstest]
#[case("freshness: {maxAge: 24h}", "taken")]
#[case("freshness: {maxAge: 0s}", "refused")]
#[case("freshness: {}", "refused")]
#[case(
    "settings: {includeMetadata: true, parameters: {retention: {copies: 5}}}",
    "taken"
)]
#[case("settings: {parameters: [1]}", "refused")]
#[case("license: Ignore", "taken")]
#[case("license: Active", "refused")]
#[case("deletionPolicy: Detach", "taken")]
#[case("deletionPolicy: Remove", "refused")]
#[case("planName: null", "refused")]
fn a_plan_keeps_its_bounds(#[case] fields: &str, #[case] expected: &str) {
    assert_eq!(verdict("XoperoBackupPlan", fields), expected);
}

#[test]
fn parameters_are_bounded() {
    let parameters = |count: u32| {
        (0..count)
            .map(|n| (n.to_string(), json!(n)))
            .collect::<Map<_, _>>()
    };
    let fields = |count| json!({ "settings": { "parameters": parameters(count) } }).to_string();
    assert_eq!(verdict("XoperoBackupPlan", &fields(64)), "taken");
    assert_eq!(verdict("XoperoBackupPlan", &fields(65)), "refused");
}

#[rstest]
#[case("license: Inactive", "taken")]
#[case("license: Ensure", "refused")]
#[case("plans: [Nightly, Weekly]", "taken")]
#[case("plans: ['']", "refused")]
#[case("{membership: Exclusive, plans: [Nightly]}", "taken")]
#[case("{membership: Exclusive, plans: []}", "refused")]
#[case("membership: Exclusive", "refused")]
#[case("deletionPolicy: Remove", "taken")]
#[case("deletionPolicy: Delete", "refused")]
#[case("project: Payments Core", "taken")]
#[case("organizationRef: {name: acme, namespace: -x}", "refused")]
fn a_repository_keeps_its_bounds(#[case] fields: &str, #[case] expected: &str) {
    assert_eq!(verdict("XoperoRepository", fields), expected);
}

#[rstest]
#[case("{}", "taken")]
#[case("projectId: 6f1c9a52-0c1e-4d0b-9a3e-2f6f5b8f7c11", "refused")]
#[case("name: null", "refused")]
#[case(
    "{name: null, projectId: 6f1c9a52-0c1e-4d0b-9a3e-2f6f5b8f7c11}",
    "taken"
)]
#[case("{name: null, projectId: Payments}", "refused")]
#[case("{membership: Exclusive}", "refused")]
#[case("{membership: Exclusive, plans: [Nightly]}", "taken")]
#[case("deletionPolicy: Deactivate", "refused")]
fn a_project_has_either_a_name_or_an_id(#[case] fields: &str, #[case] expected: &str) {
    assert_eq!(verdict("XoperoAzureProject", fields), expected);
}
