//! Whether an organization is still what a pass, and a removal, was begun with.

use rstest::rstest;
use serde_json::{Value, json};

use super::{super::fresh_look::is_as_begun, There};
use crate::{api::XoperoOrganization, controllers::observed::Place};

/// The organization, with these things of its metadata changed.
fn organization(changed: &Value) -> XoperoOrganization {
    let mut metadata = json!({
        "name": "acme", "namespace": "backup", "uid": "u", "generation": 1,
        "annotations": {"xopero.dev/reconcile-requested-at": "now"},
    });
    let changed = changed.as_object().unwrap().clone();
    metadata.as_object_mut().unwrap().extend(changed);
    let spec = json!({"connectionRef": {"name": "xopero"}, "name": "acme", "provider": "GitHub"});
    serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap()
}

#[rstest]
#[case::nothing(json!({}), true)]
#[case::its_status_was_written(json!({"resourceVersion": "9"}), true)]
#[case::it_is_another(json!({"uid": "v"}), false)]
#[case::another_declaration(json!({"generation": 2}), false)]
#[case::it_is_deleted(json!({"deletionTimestamp": "2026-11-25T00:00:00Z"}), false)]
#[case::it_is_paused(json!({"annotations": {"xopero.dev/paused": "true"}}), false)]
#[case::another_name(json!({"name": "globex"}), false)]
#[tokio::test]
async fn what_has_changed_since_is_seen(#[case] changed: Value, #[case] expected: bool) {
    let there = There {
        organizations: vec![organization(&changed)],
        ..There::default()
    };
    let (context, _server) = there.held().await;
    let place = Place {
        namespace: "backup".to_owned(),
        name: "acme".to_owned(),
    };
    let begun = organization(&json!({}));
    assert_eq!(is_as_begun(&context, &place, &begun), expected);
}
