//! What an organization's own resource declares.

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{super::observed::Place, declared::organization, state::State},
    There,
};
use crate::{api::XoperoOrganization, inventory::OrganizationId};

#[rstest]
#[case::nothing(json!({}), false)]
#[case::patterns(json!({ "require": "EveryRepository", "except": ["archive-*"] }), true)]
#[case::no_patterns(json!({ "require": "EveryRepository", "except": [] }), false)]
#[tokio::test]
async fn it_declares_nothing_before_it_is_known_which_one_it_is(
    #[case] protection: Value,
    #[case] has_exceptions: bool,
) {
    let resource: XoperoOrganization = serde_json::from_value(json!({
        "metadata": { "name": "acme", "namespace": "backup", "uid": "u" },
        "spec": {
            "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub", "protection": protection,
        },
    }))
    .unwrap();
    let (context, _server) = There::default().held().await;
    let place = Place::of(&resource);
    let mut state = State::of(&resource, &"u".into());
    assert!(organization(&context, &place, &resource, &state).is_none());
    state.id = Some(OrganizationId::numbered(7));
    let declared = organization(&context, &place, &resource, &state).unwrap();
    assert_eq!(declared.except.unwrap().is_some(), has_exceptions);
}
