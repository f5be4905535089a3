use super::*;

fn broken(path: &str, text: &str) -> Vec<String> {
    violations(&[Source { path, text }])
        .unwrap()
        .into_iter()
        .collect()
}

#[test]
fn what_the_architecture_allows_passes() {
    let sources = [
        Source {
            path: "lib.rs",
            text: "pub mod api; pub use crate::controllers::run;",
        },
        Source {
            path: "api/plan.rs",
            text: "use kube::CustomResource; use super::conditions::Condition; use crate::api::policy;",
        },
        Source {
            path: "xopero/client.rs",
            text: "use crate::xopero::wire; use super::{budget, session}; fn kube(kube: u8) {}",
        },
        Source {
            path: "inventory.rs",
            text: "use crate::{api::{Provider, decide}, xopero};",
        },
        Source {
            path: "decide/plan.rs",
            text: "use crate::inventory::RepositoryId; mod tests { use super::super::plan; }",
        },
        Source {
            path: "controllers/plan.rs",
            text: "use crate::{decide, runtime::Clock}; use kube::Api;",
        },
    ];

    assert_eq!(violations(&sources).unwrap(), BTreeSet::new());
}

#[test]
fn decide_must_not_reach_a_client() {
    let expected =
        ["src/decide/act.rs: decide must not use crate::xopero; it may use api, inventory"];

    for text in [
        "use crate::xopero::Client;",
        "use crate::{api::{Plan, Policy}, xopero::Client};",
        "fn act(client: &crate::xopero::Client) {}",
        "use super::super::xopero::Client;",
        "mod inner { use super::super::super::xopero; }",
        "fn act() { vec![crate::xopero::Client::new()]; }",
        "use super::super::{xopero, api};",
    ] {
        assert_eq!(broken("decide/act.rs", text), expected, "{text}");
    }
}

#[test]
fn comments_and_texts_are_no_use() {
    let text = "//! As crate::xopero does.\n/// See [`crate::xopero::Client`].\nfn a() -> &'static str { \"crate::xopero\" }";

    assert_eq!(broken("decide/act.rs", text), Vec::<String>::new());
}

#[test]
fn the_rest_client_knows_no_kubernetes() {
    for text in [
        "use kube::Api;",
        "fn a(api: ::kube::Api<Secret>) {}",
        "use kube as k;",
        "fn a() { kube::Client::new() }",
    ] {
        assert_eq!(
            broken("xopero/client.rs", text),
            ["src/xopero/client.rs: xopero must not know the crate kube"],
            "{text}"
        );
    }
    assert_eq!(
        broken(
            "xopero/client.rs",
            "use k8s_openapi::api::core::v1::Secret;"
        ),
        ["src/xopero/client.rs: xopero must not know the crate k8s_openapi"]
    );
}

#[test]
fn folders_form_no_cycles() {
    let sources = [
        Source {
            path: "controllers/plan.rs",
            text: "use crate::runtime::Clock;",
        },
        Source {
            path: "runtime/run.rs",
            text: "use crate::controllers::plan;",
        },
    ];

    assert_eq!(
        violations(&sources).unwrap(),
        BTreeSet::from([
            "src/controllers uses itself, by way of runtime: folders form no cycles".to_owned(),
            "src/runtime uses itself, by way of controllers: folders form no cycles".to_owned(),
        ])
    );
}

#[test]
fn a_folder_that_nobody_planned_is_named() {
    let found = broken("utils/strings.rs", "fn a() {}");

    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("src/utils/strings.rs: \"utils\" is no folder of the architecture"),
        "{found:?}"
    );
}

#[test]
fn an_item_of_the_crate_itself_hides_where_it_comes_from() {
    assert_eq!(
        broken("decide.rs", "use crate::Client;"),
        ["src/decide.rs: crate::Client hides which folder it comes from; name the folder"]
    );
}
