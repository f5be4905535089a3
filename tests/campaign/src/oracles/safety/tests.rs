//! Journals made by hand: one that keeps all promises, and for each clause of the monitor one that breaks it.

mod caps;
mod pages;
mod story;

use serde_json::{Value, json};
use xopero_simulator::{Endpoint, ids};

use self::story::{NAMESPACE, Story, annotated, deleting, exclusive, id, organization, repository};
use crate::journal::{Deed, Side, What};

/// What is wrong with an answer.
type Change = fn(&mut Value);

/// Up to the point where `old` may be detached.
fn ready(resources: &[Value]) -> Story {
    let mut story = Story::with(resources);
    story.list(&["keep", "old"]);
    story.list(&["keep", "old"]);
    story
}

#[test]
fn two_whole_listings_and_a_fresh_look_allow_a_removal() {
    let plan = exclusive(&["keep"]);
    let mut story = ready(&[organization(json!({})), plan.clone()]);
    story.look(&plan);
    story.detach("old");
    story.keeps_all();
}

#[test]
fn all_that_is_there_is_looked_for_before_a_removal_and_has_to_be_known() {
    let plan = exclusive(&["keep"]);
    let resources = [organization(json!({})), plan.clone()];
    let mut story = ready(&resources);
    story.look_at(&plan);
    story.detach("old");
    story.breaks("no XoperoOrganization was looked for lately");

    let mut story = ready(&resources);
    story.look_around_without("XoperoRepository");
    story.look_at(&plan);
    story.detach("old");
    story.breaks("no XoperoRepository was looked for lately");

    let mut story = ready(&resources);
    story.look(&plan);
    story.time += 30_000;
    story.detach("old");
    story.breaks("no XoperoOrganization was looked for lately");

    let unheard = repository("new", "old", json!({"plans": ["Nightly"]}));
    let mut story = ready(&resources);
    story.there.push(unheard.clone());
    story.look(&plan);
    story.detach("old");
    story.breaks("XoperoRepository new was there, and was not shown");

    let mut story = ready(&resources);
    story.there.push(unheard.clone());
    story.look(&plan);
    story.watch("DELETED", &unheard);
    story.detach("old");
    story.keeps_all();
}

#[test]
fn a_removal_by_name_needs_one_listing() {
    let gone = deleting(repository(
        "old",
        "old",
        json!({"plans": ["Nightly"], "deletionPolicy": "Detach"}),
    ));
    let mut story = Story::with(&[organization(json!({})), gone.clone()]);
    story.list(&["keep", "old"]);
    story.look(&gone);
    story.detach("old");
    story.keeps_all();
}

#[test]
fn a_derived_removal_needs_two_listings_of_this_process() {
    let plan = exclusive(&["keep"]);
    let resources = [organization(json!({})), plan.clone()];
    let mut story = ready(&resources);
    story.note(What::Done(Deed::Killed));
    story.process = 2;
    story.start(&resources);
    story.list(&["keep", "old"]);
    story.look(&plan);
    story.detach("old");
    story.breaks("derived from 1 whole listings");
}

#[test]
fn nothing_is_derived_before_every_kind_of_claims_was_listed() {
    let plan = exclusive(&["keep"]);
    let resources = [organization(json!({})), plan.clone()];
    for unlisted in ["XoperoRepository", "XoperoAzureProject"] {
        let mut story = ready(&resources);
        story.process = 2;
        story.start_without(unlisted, &resources);
        story.list(&["keep", "old"]);
        story.list(&["keep", "old"]);
        story.look(&plan);
        story.detach("old");
        story.breaks(&format!("derived before any list of {unlisted}"));
    }
}

#[test]
fn a_listing_from_before_the_declaration_does_not_count() {
    let before = exclusive(&["keep", "old"]);
    let mut story = ready(&[organization(json!({})), before]);
    let mut plan = exclusive(&["keep"]);
    plan["metadata"]["generation"] = 2.into();
    story.watch("MODIFIED", &plan);
    story.look(&plan);
    story.detach("old");
    story.breaks("all began before the resource asked for it");
}

#[test]
fn nothing_is_removed_by_a_listing_that_may_not_be_trusted() {
    let plan = exclusive(&["keep"]);
    let changes: [(&str, Change); 5] = [
        ("not the number of rows", |page| {
            page["totalEntries"] = 3.into();
        }),
        ("not whole", |page| page["pageCount"] = 2.into()),
        ("a row twice", |page| {
            page["result"][0] = page["result"][1].clone();
        }),
        ("another organization", |page| {
            page["result"][0]["organizationId"] = ids::organization("other").to_string().into();
        }),
        ("was answered 200", |page| *page = json!("maintenance")),
    ];
    for (why, change) in changes {
        let mut story = ready(&[organization(json!({})), plan.clone()]);
        story.list_with(&["keep", "old"], change);
        story.look(&plan);
        story.detach("old");
        story.breaks(why);
    }
    let mut story = ready(&[organization(json!({})), plan.clone()]);
    story.list_organizations(&json!(true));
    story.look(&plan);
    story.detach("old");
    story.breaks("synchronizes");
}

#[test]
fn an_empty_listing_removes_nothing() {
    let plan = exclusive(&["keep"]);
    let mut story = ready(&[organization(json!({})), plan.clone()]);
    story.list(&[]);
    story.look(&plan);
    story.detach("old");
    story.breaks("it is empty");
}

#[test]
fn what_a_claim_names_is_not_removed() {
    let plan = exclusive(&["keep"]);
    let wants = json!({"plans": ["Nightly"]});
    let claim = repository("old", "OLD", wants);
    let mut story = ready(&[organization(json!({})), plan.clone(), claim.clone()]);
    story.look(&plan);
    story.detach("old");
    story.breaks("it is what XoperoRepository old names");

    // Also one that is paused or being deleted.
    for claim in [
        annotated(claim.clone(), "xopero.dev/paused", "true"),
        deleting(claim.clone()),
    ] {
        let mut story = ready(&[organization(json!({})), plan.clone(), claim]);
        story.look(&plan);
        story.detach("old");
        story.breaks("it is what XoperoRepository old names");
    }
}

#[test]
fn nothing_is_removed_that_nobody_asks_for() {
    let additive = {
        let mut plan = exclusive(&["keep"]);
        plan["spec"]["membership"] = "Additive".into();
        plan
    };
    let retained = deleting(repository(
        "old",
        "old",
        json!({"plans": ["Nightly"], "deletionPolicy": "Retain"}),
    ));
    for claim in [additive, retained] {
        let mut story = ready(&[organization(json!({})), claim.clone()]);
        story.look(&claim);
        story.detach("old");
        story.breaks("no resource asks for it");
    }
}

#[test]
fn nothing_is_written_under_observe_or_a_pause() {
    let plan = exclusive(&["keep"]);
    let observed = organization(json!({"mode": "Observe"}));
    let mut story = ready(&[observed, plan.clone()]);
    story.write(Endpoint::AttachRepository, "keep");
    story.breaks("written under Observe");

    let paused = annotated(organization(json!({})), "xopero.dev/paused", "true");
    let mut story = ready(&[paused, plan.clone()]);
    story.write(Endpoint::AttachRepository, "keep");
    story.breaks("the organization is paused");

    let plan = annotated(plan, "xopero.dev/paused", "true");
    let mut story = ready(&[organization(json!({})), plan.clone()]);
    story.look(&plan);
    story.detach("old");
    story.breaks("only a paused resource asks for it");
}

#[test]
fn a_removal_needs_a_fresh_look_at_the_very_object() {
    let plan = exclusive(&["keep"]);
    let resources = [organization(json!({})), plan.clone()];
    let mut story = ready(&resources);
    story.detach("old");
    story.breaks("no fresh look");

    let mut story = Story::with(&resources);
    story.list(&["keep", "old"]);
    story.look(&plan);
    story.list(&["keep", "old"]);
    story.detach("old");
    story.breaks("older than the listing");

    let mut other = plan.clone();
    other["metadata"]["uid"] = "another".into();
    let mut story = ready(&resources);
    story.look(&other);
    story.detach("old");
    story.breaks("another object has its name");

    let mut changed = plan;
    changed["metadata"]["generation"] = 2.into();
    let mut story = ready(&resources);
    story.look(&changed);
    story.detach("old");
    story.breaks("not what was decided on");
}

#[test]
fn nothing_is_done_for_a_resource_after_its_finalizer_went() {
    let gone = deleting(repository(
        "old",
        "old",
        json!({"plans": ["Nightly"], "deletionPolicy": "Detach"}),
    ));
    let mut story = ready(&[organization(json!({})), gone.clone()]);
    story.look(&gone);
    let path = format!("/apis/xopero.dev/v1alpha1/namespaces/{NAMESPACE}/xoperorepositories/old");
    let request = story.ask(Side::Kubernetes, "PATCH", &path, Value::Null);
    let mut released = gone;
    released["metadata"]["finalizers"] = json!([]);
    story.answer(request, 200, json!({"metadata": released["metadata"]}));
    story.detach("old");
    story.breaks("no resource asks for it");
}

#[test]
fn a_repository_is_removed_only_with_an_approval_and_so_is_all_that_leads_to_it() {
    let gone = deleting(repository(
        "old",
        "old",
        json!({"plans": ["Nightly"], "deletionPolicy": "Remove"}),
    ));
    let asked = |organization: Value, endpoint| {
        let mut story = ready(&[organization, gone.clone()]);
        story.look(&gone);
        story.write(endpoint, "old");
        story
    };
    let approved = annotated(
        organization(json!({})),
        "xopero.dev/approve-removals",
        "3-abcdef",
    );
    for endpoint in [Endpoint::DetachRepository, Endpoint::Remove] {
        asked(organization(json!({})), endpoint).breaks("no resource asks for it");
        asked(approved.clone(), endpoint).keeps_all();
    }
}

#[test]
fn a_licence_that_a_claim_wants_is_not_taken() {
    let unclaimed = organization(json!({"licenses": {"unclaimed": "Deactivate"}}));
    let plan = {
        let mut plan = exclusive(&["keep"]);
        plan["spec"]["membership"] = "Additive".into();
        plan
    };
    let take = |name: &str| {
        let mut story = ready(&[unclaimed.clone(), plan.clone()]);
        story.look(&unclaimed);
        let request = story.call(Endpoint::Deactivate, json!({"repositoryIds": [id(name)]}));
        story.answer(request, 200, Value::Null);
        story
    };
    take("old").keeps_all();
    take("keep").breaks("it is what XoperoBackupPlan nightly names");
}

#[test]
fn after_a_rejected_login_nothing_is_asked_until_the_secret_changes() {
    let mut story = Story::with(&[organization(json!({}))]);
    story.log_in(401);
    story.read_secret("1");
    let mut again = story.again(2);
    story.read_secret("2");
    story.log_in(200);
    story.list(&["keep"]);
    story.keeps_all();

    // Not by another process either.
    again.note(What::Done(Deed::Started));
    again.log_in(401);
    again.breaks("after a rejected login");
}

#[test]
fn one_login_is_in_flight() {
    let mut story = Story::with(&[]);
    let first = story.call(Endpoint::Login, Value::Null);
    let mut other = story.again(1);
    story.answer(first, 200, Value::Null);
    story.log_in(200);
    story.keeps_all();

    other.log_in(200);
    other.breaks("a second login while one is in flight");
}

#[test]
fn nothing_is_written_to_what_no_listing_has_shown_or_no_resource_declares() {
    let mut story = ready(&[organization(json!({})), exclusive(&["keep"])]);
    story.write(Endpoint::AttachRepository, "keep");
    story.keeps_all();
    let body = json!({"repositoryId": ids::repository("acme", None, "never listed")});
    story.call(Endpoint::Remove, body);
    story.breaks("no listing has shown");

    let mut story = ready(&[]);
    story.write(Endpoint::AttachRepository, "keep");
    story.breaks("no resource declares");
}
