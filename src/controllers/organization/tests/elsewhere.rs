//! What of the settings that other organizations declare concerns an organization.

use std::sync::Arc;

use k8s_openapi::jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{
        super::observed::Place, Context, elsewhere::elsewhere, owners::key, plan_settings::Shared,
        start::Start, state::State, twins,
    },
    There,
};
use crate::{
    api::{XoperoBackupPlan, XoperoConnection, XoperoOrganization},
    decide::{
        Setter,
        fixtures::{organization, plan_claim, plan_id, settings},
    },
    inventory::OrganizationId,
};

const URL: &str = "https://xopero.example.com";

fn place(name: &str) -> Place {
    Place {
        namespace: "backup".to_owned(),
        name: name.to_owned(),
    }
}

fn connection(name: &str, url: &str, settings: &str) -> XoperoConnection {
    serde_json::from_value(json!({
        "metadata": { "name": name, "namespace": "backup", "uid": format!("uid-of-{name}") },
        "spec": { "url": url, "credentialsSecretRef": { "name": "account" }, "planSettings": settings },
    }))
    .unwrap()
}

/// An organization at the connection of its name.
fn organization_named(name: &str, more: &Value, status: &Value) -> XoperoOrganization {
    let mut spec = json!({ "connectionRef": { "name": name }, "name": name, "provider": "GitHub" });
    let more = more.as_object().unwrap().clone();
    spec.as_object_mut().unwrap().extend(more);
    let metadata = json!({ "name": name, "namespace": "backup", "uid": format!("uid-of-{name}") });
    serde_json::from_value(json!({ "metadata": metadata, "spec": spec, "status": status })).unwrap()
}

/// The plan of `globex` that was sent its settings.
fn plan() -> Value {
    json!({
        "metadata": {
            "name": "globex-nightly", "namespace": "backup", "uid": "uid-of-nightly", "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
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

/// The same as it was decided on.
fn decided() -> Setter {
    let mut claim = plan_claim("nightly").named("globex-nightly");
    claim = claim.setting(settings(Some(true), &[]));
    claim.uid = "uid-of-nightly".into();
    Setter::of(&claim, &key(&place("globex")), Some(plan_id("nightly"))).unwrap()
}

struct Scene {
    plan: Value,
    organizations: Vec<XoperoOrganization>,
    connections: Vec<XoperoConnection>,
    start: Start,
    /// What `globex` was decided to set, where it was.
    decided: Option<Vec<Setter>>,
}

impl Scene {
    fn of(plan: Value) -> Self {
        let nothing = json!({});
        Self {
            plan,
            organizations: vec![organization_named("globex", &nothing, &nothing)],
            connections: vec![
                connection("acme", URL, "Allowed"),
                connection("globex", URL, "Allowed"),
            ],
            start: Start::default(),
            decided: None,
        }
    }

    fn but(change: impl FnOnce(&mut Value)) -> Self {
        let mut plan = plan();
        change(&mut plan);
        Self::of(plan)
    }

    fn organized(self, organizations: Vec<XoperoOrganization>) -> Self {
        Self {
            organizations,
            ..self
        }
    }

    fn connected(self, url: &str, settings: &str) -> Self {
        Self {
            connections: vec![
                connection("acme", URL, "Allowed"),
                connection("globex", url, settings),
            ],
            ..self
        }
    }

    fn long_ago(self) -> Self {
        Self {
            start: Start::long_ago(),
            ..self
        }
    }

    fn decided(self, setters: impl IntoIterator<Item = Setter>) -> Self {
        Self {
            decided: Some(setters.into_iter().collect()),
            ..self
        }
    }

    /// What `acme` sees to contend.
    async fn seen(self) -> Vec<Setter> {
        let plan: XoperoBackupPlan = serde_json::from_value(self.plan).unwrap();
        let there = There {
            connections: self.connections,
            organizations: self.organizations,
            plans: vec![plan],
            ..There::default()
        };
        let (mut context, _server) = there.held().await;
        context.start = Arc::new(self.start);
        if let Some(setters) = self.decided {
            let settings = &context.plan_settings;
            let own = (&place("globex"), "uid-of-globex");
            let moment = settings.others(own, None).moment;
            let (_, shared) = settings.declare(own.0, &setters, moment);
            assert_eq!(shared, Shared::UpToDate);
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
    let own = (&place("acme"), &acme);
    let twins = twins::beside(context, own.0, OrganizationId::numbered(7));
    let (elsewhere, _) = elsewhere(context, own, (&state, &twins));
    elsewhere
        .contenders()
        .map(|(_, setter)| setter.clone())
        .collect()
}

fn observing() -> Vec<XoperoOrganization> {
    vec![organization_named(
        "globex",
        &json!({ "mode": "Observe" }),
        &json!({}),
    )]
}

/// The plan is in another namespace than its organization.
fn foreign(allowed: &Value) -> Scene {
    let scene = Scene::but(|plan| {
        plan["metadata"]["namespace"] = json!("team-a");
        plan["spec"]["organizationRef"]["namespace"] = json!("backup");
    });
    let more = json!({ "allowedNamespaces": allowed });
    scene.organized(vec![organization_named("globex", &more, &json!({}))])
}

/// Another resource for `acme` itself.
fn twin() -> Vec<XoperoOrganization> {
    let id = OrganizationId::numbered(7).to_string();
    vec![organization_named(
        "globex",
        &json!({}),
        &json!({ "organizationId": id }),
    )]
}

/// One that was found at that address.
fn found_at(url: &str) -> Vec<XoperoOrganization> {
    vec![organization_named(
        "globex",
        &json!({}),
        &json!({ "instanceUrl": url }),
    )]
}

/// Nothing was sent for it yet, and nothing is known of it.
fn new() -> Scene {
    Scene::but(|plan| plan["status"] = json!({}))
}

/// The same, made just now.
fn made_now() -> Scene {
    Scene::but(|plan| {
        plan["metadata"]["creationTimestamp"] = json!(Timestamp::now().to_string());
        plan["status"] = json!({});
    })
}

/// Its plan is known, and nothing was sent to it.
fn held_back() -> Scene {
    Scene::but(|plan| plan["status"]["settingsSent"] = Value::Null)
}

/// A person has changed it since it was decided on.
fn edited(change: impl FnOnce(&mut Value)) -> Scene {
    Scene::but(|plan| {
        plan["metadata"]["generation"] = json!(2);
        change(plan);
    })
}

fn not_contending() -> Setter {
    Setter {
        contends: false,
        ..decided()
    }
}

/// It sets this plan, or perhaps any, or none that is of concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sets {
    This,
    Any,
    Nothing,
}
use Sets::{Any, Nothing, This};

#[rstest]
#[case::it_was_sent(Scene::of(plan()), This)]
#[case::it_was_sent_long_ago(Scene::of(plan()).long_ago(), This)]
#[case::it_is_new(new(), Any)]
#[case::it_is_new_and_does_not_come(new().long_ago(), Nothing)]
#[case::it_is_made_just_now(made_now().long_ago(), Any)]
#[case::it_is_new_and_of_no_plan_of_that_name(
    Scene::but(|plan| (plan["spec"]["planName"], plan["status"]) = (json!("weekly"), json!({}))),
    Nothing
)]
#[case::it_is_new_and_in_another_case(
    Scene::but(|plan| (plan["spec"]["planName"], plan["status"]) = (json!("Nightly"), json!({}))),
    Any
)]
#[case::it_is_new_and_of_another_xopero_one(new().connected("https://other.example.com", "Allowed"), Nothing)]
#[case::it_was_held_back(held_back(), Any)]
#[case::it_declares_none(Scene::but(|plan| plan["spec"]["settings"] = Value::Null), Nothing)]
#[case::it_is_being_deleted(Scene::but(|plan| plan["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z")), Nothing)]
#[case::of_a_plan_that_does_not_serve_both(Scene::but(|plan| plan["status"]["planId"] = json!(plan_id("weekly").to_string())), Nothing)]
#[case::of_ones_own(Scene::but(|plan| plan["spec"]["organizationRef"] = json!({ "name": "acme" })), Nothing)]
#[case::nobody_manages_it(Scene::of(plan()).organized(Vec::new()), Nothing)]
#[case::it_is_only_observed(Scene::of(plan()).organized(observing()), Nothing)]
#[case::of_another_resource_for_the_same(Scene::of(plan()).organized(twin()), Nothing)]
#[case::found_where_its_connection_leads(Scene::of(plan()).organized(found_at(URL)), This)]
#[case::found_where_it_leads_no_more(Scene::of(plan()).organized(found_at("https://old.example.com")), Nothing)]
#[case::from_a_namespace_that_may_only_add(foreign(&json!({ "from": "All" })), Nothing)]
#[case::from_a_namespace_that_may_not(foreign(&json!({ "from": "Same", "rights": "Full" })), Nothing)]
#[case::from_a_namespace_that_may_do_all(foreign(&json!({ "from": "All", "rights": "Full" })), This)]
#[case::where_no_settings_are_allowed(Scene::of(plan()).connected(URL, "Forbidden"), Nothing)]
#[tokio::test]
async fn what_is_set_for_an_organization_that_is_not_read_is_seen_by_status(
    #[case] scene: Scene,
    #[case] sets: Sets,
) {
    assert_sets(&scene.seen().await, sets);
}

#[rstest]
#[case::as_it_was(Scene::of(plan()).decided([decided()]), This)]
#[case::and_did_not_contend(Scene::of(plan()).decided([not_contending()]), Nothing)]
#[case::and_was_made_anew(Scene::but(|plan| plan["metadata"]["uid"] = json!("anew")).decided([decided()]), This)]
#[case::and_was_made_anew_before_anything_is_known(
    Scene::but(|plan| (plan["metadata"]["uid"], plan["status"]) = (json!("anew"), json!({}))).decided([decided()]),
    Nothing
)]
#[case::and_was_made_anew_just_now(made_now().decided([]), Any)]
#[case::and_no_settings_are_allowed_now(Scene::of(plan()).connected(URL, "Forbidden").decided([decided()]), Nothing)]
#[case::and_was_edited_to_what_can_never_be_sent(
    edited(|plan| plan["spec"]["settings"] = json!({ "parameters": { "planId": "x" } })).decided([decided()]),
    Nothing
)]
#[case::and_was_edited(edited(|_| {}).decided([decided()]), This)]
#[case::and_was_edited_and_did_not_contend(edited(|_| {}).decided([not_contending()]), Nothing)]
#[case::and_sets_nothing_now(edited(|plan| plan["spec"]["settings"] = Value::Null).decided([decided()]), Nothing)]
#[case::and_sets_something_now(held_back().decided([]), This)]
#[case::and_is_only_observed_now(Scene::of(plan()).organized(observing()).decided([decided()]), Nothing)]
#[tokio::test]
async fn what_was_decided_counts_as_long_as_it_stands(#[case] scene: Scene, #[case] sets: Sets) {
    assert_sets(&scene.long_ago().seen().await, sets);
}

fn assert_sets(seen: &[Setter], sets: Sets) {
    let expected = match sets {
        This => Some(Some(plan_id("nightly"))),
        Any => Some(None),
        Nothing => None,
    };
    let plans: Vec<_> = seen.iter().map(|setter| setter.plan).collect();
    assert_eq!(plans, Vec::from_iter(expected), "{seen:?}");
}
