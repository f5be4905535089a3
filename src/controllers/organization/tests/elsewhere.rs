//! What of the settings that other organizations declare concerns an organization.

use std::sync::Arc;

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{super::observed::Place, Context, elsewhere::elsewhere, start::Start, state::State},
    There,
};
use crate::{
    api::{XoperoBackupPlan, XoperoOrganization},
    decide::{
        Setter,
        fixtures::{organization, plan_claim, plan_id, settings},
    },
    inventory::OrganizationId,
};

fn place(name: &str) -> Place {
    Place {
        namespace: "backup".to_owned(),
        name: name.to_owned(),
    }
}

fn organization_named(name: &str, more: &Value, status: &Value) -> XoperoOrganization {
    let mut spec =
        json!({ "connectionRef": { "name": "xopero" }, "name": name, "provider": "GitHub" });
    spec.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let metadata = json!({ "name": name, "namespace": "backup", "uid": format!("uid-of-{name}") });
    serde_json::from_value(json!({ "metadata": metadata, "spec": spec, "status": status })).unwrap()
}

/// The plan of `globex` that was sent its settings.
fn plan() -> Value {
    json!({
        "metadata": { "name": "globex-nightly", "namespace": "backup", "uid": "uid-of-nightly" },
        "spec": {
            "organizationRef": { "name": "globex" },
            "planName": "nightly",
            "settings": { "includeMetadata": true },
        },
        "status": {
            "planId": plan_id("nightly").to_string(),
            "settingsSent": { "digest": settings(Some(true), &[]).digest, "generation": 1 },
        },
    })
}

struct Scene {
    plan: Value,
    organizations: Vec<XoperoOrganization>,
    start: Start,
    is_decided: bool,
}

impl Scene {
    fn of(plan: Value) -> Self {
        let nothing = json!({});
        Self {
            plan,
            organizations: vec![organization_named("globex", &nothing, &nothing)],
            start: Start::default(),
            is_decided: false,
        }
    }

    fn but(change: impl FnOnce(&mut Value)) -> Self {
        let mut plan = plan();
        change(&mut plan);
        Self::of(plan)
    }

    fn organized(organizations: Vec<XoperoOrganization>) -> Self {
        Self {
            organizations,
            ..Self::of(plan())
        }
    }

    fn long_ago(self) -> Self {
        Self {
            start: Start::long_ago(),
            ..self
        }
    }

    /// What `acme` sees.
    async fn seen(self) -> Vec<Setter> {
        let plan: XoperoBackupPlan = serde_json::from_value(self.plan).unwrap();
        let there = There {
            organizations: self.organizations,
            plans: vec![plan],
            ..There::default()
        };
        let (mut context, _server) = there.held().await;
        context.start = Arc::new(self.start);
        if self.is_decided {
            context.plan_settings.declare(&place("globex"), &[]);
        }
        seen(&context)
    }
}

fn seen(context: &Context) -> Vec<Setter> {
    let nothing = json!({});
    let acme = organization_named("acme", &nothing, &nothing);
    let mut state = State::of(&acme, &"uid-of-acme".into());
    state.id = Some(OrganizationId::numbered(7));
    state.inventory = Some(organization("acme").with_plan("nightly").inventory());
    let seen = elsewhere(context, &place("acme"), &state);
    let setters: Vec<Setter> = seen
        .elsewhere
        .setters()
        .map(|(_, setter)| setter.clone())
        .collect();
    assert_eq!(seen.by_status, !setters.is_empty());
    setters
}

fn observing() -> XoperoOrganization {
    organization_named("globex", &json!({ "mode": "Observe" }), &json!({}))
}

/// Another resource for `acme` itself.
fn twin() -> XoperoOrganization {
    let id = OrganizationId::numbered(7).to_string();
    organization_named("globex", &json!({}), &json!({ "organizationId": id }))
}

/// Nothing was sent for it yet.
fn new() -> Scene {
    Scene::but(|plan| plan["status"] = json!({}))
}

/// It sets this plan, or perhaps any, or none that is of concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sets {
    This,
    Any,
    None,
}
use Sets::{Any, This};

#[rstest]
#[case::it_was_sent(Scene::of(plan()), This)]
#[case::it_was_sent_long_ago(Scene::of(plan()).long_ago(), This)]
#[case::it_is_new(new(), Any)]
#[case::it_is_new_and_does_not_come(new().long_ago(), Sets::None)]
#[case::it_was_held_back(Scene::but(|plan| plan["status"]["settingsSent"] = Value::Null), Any)]
#[case::it_declares_none(Scene::but(|plan| plan["spec"]["settings"] = Value::Null), Sets::None)]
#[case::it_is_being_deleted(Scene::but(|plan| plan["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z")), Sets::None)]
#[case::of_a_plan_that_does_not_serve_both(Scene::but(|plan| plan["status"]["planId"] = json!(plan_id("weekly").to_string())), Sets::None)]
#[case::of_ones_own(Scene::but(|plan| plan["spec"]["organizationRef"] = json!({ "name": "acme" })), Sets::None)]
#[case::nobody_manages_it(Scene::organized(Vec::new()), Sets::None)]
#[case::it_is_only_observed(Scene::organized(vec![observing()]), Sets::None)]
#[case::of_another_resource_for_the_same(Scene::organized(vec![twin()]), Sets::None)]
#[case::that_was_decided(Scene { is_decided: true, ..Scene::of(plan()) }, Sets::None)]
#[tokio::test]
async fn what_is_set_for_an_organization_that_is_not_read_is_seen_by_status(
    #[case] scene: Scene,
    #[case] sets: Sets,
) {
    let seen = scene.seen().await;
    let expected = match sets {
        This => Some(Some(plan_id("nightly"))),
        Any => Some(None),
        Sets::None => None,
    };
    let plans: Vec<_> = seen.iter().map(|setter| setter.plan).collect();
    assert_eq!(plans, Vec::from_iter(expected));
}

/// What is decided on counts as long as its resource is there.
#[rstest]
#[case::there("uid-of-nightly", true)]
#[case::made_anew("uid-of-another", false)]
#[tokio::test]
async fn what_was_decided_counts_until_its_resource_is_gone(
    #[case] uid: &str,
    #[case] counts: bool,
) {
    let there = There {
        plans: vec![serde_json::from_value(plan()).unwrap()],
        ..There::default()
    };
    let (context, _server) = there.held().await;
    let mut claim = plan_claim("nightly").named("globex-nightly");
    claim = claim.setting(settings(Some(true), &[]));
    claim.uid = uid.into();
    let setter = Setter::of(&claim, Some(plan_id("nightly"))).unwrap();
    context
        .plan_settings
        .declare(&place("globex"), std::slice::from_ref(&setter));
    let nothing = json!({});
    let acme = organization_named("acme", &nothing, &nothing);
    let mut state = State::of(&acme, &"uid-of-acme".into());
    state.inventory = Some(organization("acme").with_plan("nightly").inventory());
    let seen = elsewhere(&context, &place("acme"), &state);
    assert!(!seen.by_status);
    let setters: Vec<&Setter> = seen.elsewhere.setters().map(|(_, setter)| setter).collect();
    assert_eq!(setters, Vec::from_iter(counts.then_some(&setter)));
}
