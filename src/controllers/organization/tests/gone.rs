//! An organization that is gone stays so, whatever was under way when it went.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt as _, StreamExt as _};
use k8s_openapi::jiff::Timestamp;
use kube::{Resource as _, ResourceExt as _, api::ObjectMeta, runtime::controller::Action};
use serde_json::{Value, json};
use wiremock::MockServer;

use super::{
    super::{
        super::{
            connections::Showing,
            observed::{Observed, Place},
            verdicts::{Waiting, Weight, Word},
        },
        Context,
        owners::Owner,
        reconcile,
        state::State,
    },
    There,
};
use crate::{
    api::{Mode, Provider, Reason, XoperoOrganization, XoperoRepository},
    decide::{ClaimKey, ClaimKind},
    inventory::OrganizationId,
    xopero::{Facts, Shown},
};

const UID: &str = "uid-of-acme";

fn place() -> Place {
    Place {
        namespace: "backup".to_owned(),
        name: "acme".to_owned(),
    }
}

fn organization(uid: &str, metadata: &Value) -> XoperoOrganization {
    let mut organization: XoperoOrganization = serde_json::from_value(json!({
        "metadata": metadata,
        "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub" },
    }))
    .unwrap();
    let Place { namespace, name } = place();
    let metadata = organization.meta_mut();
    metadata.namespace = Some(namespace);
    metadata.name = Some(name);
    metadata.uid = Some(uid.to_owned());
    organization
}

/// A claim on it, and what names that.
fn claim() -> (XoperoRepository, ClaimKey) {
    let claim = serde_json::from_value(json!({
        "metadata": { "name": "api", "namespace": "backup", "uid": "uid-of-api" },
        "spec": { "organizationRef": { "name": "acme" }, "name": "api" },
    }));
    let key = ClaimKey {
        kind: ClaimKind::Repository,
        namespace: "backup".to_owned(),
        name: "api".to_owned(),
    };
    (claim.unwrap(), key)
}

/// What a process holds where these organizations are there, and the claim.
async fn context(there: Vec<XoperoOrganization>) -> (Context, MockServer) {
    let there = There {
        organizations: there,
        repositories: vec![claim().0],
        ..There::default()
    };
    there.held().await
}

fn owner(uid: &str) -> Owner {
    Owner {
        uid: uid.to_owned(),
        created: Timestamp::UNIX_EPOCH,
        mode: Mode::Manage,
        instance: "https://xopero.example.com".into(),
    }
}

/// What the end of a pass notes and says.
fn end_of_pass(context: &Context) {
    context
        .owners
        .enter(OrganizationId::numbered(7), &place(), owner(UID));
    context.verdicts.publish([word("uid-of-api")]);
}

/// Something said of a claim with that uid.
fn word(uid: &str) -> (ClaimKey, Word) {
    let said = Waiting {
        uid: uid.into(),
        generation: 1,
        reason: Reason::Pending,
        message: String::new(),
        weight: Weight::UnderReady,
    };
    (claim().1, Word::Waiting(Arc::new(said)))
}

fn is_forgotten(context: &Context) -> bool {
    let (_, key) = claim();
    context.owners.found_in(&place()).is_none()
        && context.verdicts.get(&key, "uid-of-api").is_none()
        && context.states.is_empty()
}

#[tokio::test]
async fn what_its_last_pass_says_after_it_went_is_forgotten_with_it() {
    let (context, _server) = context(Vec::new()).await;
    let kept = context.states.of(&place());
    let mut state = Arc::clone(&kept).lock_owned().await;
    *state = Some(State::of(&organization(UID, &json!({})), &UID.into()));
    drop(kept);

    let place = place();
    let forgotten = context.forget(&place);
    let pass = async {
        tokio::task::yield_now().await;
        end_of_pass(&context);
        drop(state);
    };
    tokio::join!(forgotten, pass);
    assert!(is_forgotten(&context));
}

#[tokio::test]
async fn what_it_noted_of_its_connection_is_forgotten_with_it() {
    let (context, _server) = context(Vec::new()).await;
    let metadata = ObjectMeta {
        name: Some("xopero".to_owned()),
        namespace: Some("backup".to_owned()),
        ..ObjectMeta::default()
    };
    context.connections.expect([&metadata]);
    let showing = Showing {
        facts: Facts {
            organization: Shown::OnEveryRow,
            licence: Shown::Nowhere,
            plans: Shown::OnEveryRow,
            removed: Shown::OnEveryRow,
            project: Shown::OnEveryRow,
            project_name: Shown::OnEveryRow,
        },
        counted: true,
        provider: Provider::GitHub,
    };
    let key = Place::from(&metadata);
    context.connections.note_not_shown(&key, &place(), showing);
    let mut reports = Box::pin(context.connections.reports());
    assert_eq!(reports.next().now_or_never(), Some(Some(key.clone())));
    context.forget(&place()).await;
    assert_eq!(reports.next().now_or_never(), Some(Some(key)));
}

#[tokio::test]
async fn another_one_of_its_name_that_was_passed_over_meanwhile_is_not_forgotten() {
    let new = organization(UID, &json!({}));
    let (context, _server) = context(vec![new.clone()]).await;
    *context.states.of(&place()).lock().await = Some(State::of(&new, &UID.into()));
    end_of_pass(&context);
    context.forget(&place()).await;
    assert!(!is_forgotten(&context));
}

#[tokio::test]
async fn it_is_not_passed_over_once_it_is_gone() {
    let (context, server) = context(Vec::new()).await;
    let late = Observed::Understood(organization(UID, &json!({})));
    let next = reconcile(Arc::new(late), Arc::new(context.clone())).await;
    assert_eq!(next.unwrap(), Action::await_change());
    assert!(is_forgotten(&context) && !context.owners.was_looked_at(&place()));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn it_is_not_passed_over_once_its_finalizer_is_off() {
    let leaving = organization(
        UID,
        &json!({ "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["xopero.dev/in-use"] }),
    );
    let (context, server) = context(vec![leaving.clone()]).await;
    let pass = reconcile(
        Arc::new(Observed::Understood(leaving)),
        Arc::new(context.clone()),
    );
    let next = tokio::time::timeout(Duration::from_mins(1), pass).await;
    assert_eq!(next.unwrap().unwrap(), Action::await_change());
    assert!(!context.owners.was_looked_at(&place()));
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_kept_of_claims_that_are_gone_is_dropped() {
    let (context, _server) = context(Vec::new()).await;
    end_of_pass(&context);
    let (there, key) = claim();
    let gone = ClaimKey {
        name: "gone".to_owned(),
        ..key.clone()
    };
    let (_, said) = word("uid-of-gone");
    context.verdicts.publish([(gone.clone(), said)]);
    let globs = ["a*".to_owned()];
    context
        .selectors
        .globs(&organization(UID, &json!({})), &globs)
        .unwrap();

    context.tidy();
    assert!(context.verdicts.get(&key, &there.uid().unwrap()).is_some());
    assert!(context.verdicts.get(&gone, "uid-of-gone").is_none());
    assert!(context.selectors.is_empty());
}
