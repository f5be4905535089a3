//! What writes answer and bring about.

use serde_json::json;
use uuid::Uuid;
use xopero_simulator::{
    Dialect, Endpoint,
    builder::{plan, repository},
    dialect::{
        EmptyAnswer, EverythingPlan, Modify, ProjectAttachment, Repeat, ShortPool, UnknownId,
    },
};

use crate::client::{names, pair, project_pair, repositories, speaking, start, world};

#[tokio::test]
async fn a_write_answers_nothing_or_an_object() {
    for (empty_answer, text) in [(EmptyAnswer::Nothing, ""), (EmptyAnswer::Object, "{}")] {
        let (simulator, client) = speaking(Dialect {
            empty_answer,
            ..Dialect::default()
        })
        .await;
        let web = repositories(&simulator, &["web"]);
        assert_eq!(client.call(Endpoint::Activate, web).await.text, text);
        let web = pair(&simulator, "nightly", "web");
        assert_eq!(
            client.call(Endpoint::AttachRepository, web).await.text,
            text
        );
    }
}

#[tokio::test]
async fn attaching_or_detaching_twice_is_accepted_a_conflict_or_an_error_and_has_no_effect() {
    for (repeat, status) in [
        (Repeat::Accepted, 200),
        (Repeat::Conflict, 409),
        (Repeat::ServerError, 500),
    ] {
        let dialect = Dialect {
            double_attach: repeat,
            double_detach: repeat,
            ..Dialect::default()
        };
        let (simulator, client) = speaking(dialect).await;
        for (endpoint, body) in [
            (
                Endpoint::AttachRepository,
                pair(&simulator, "nightly", "api"),
            ),
            (
                Endpoint::DetachRepository,
                pair(&simulator, "nightly", "web"),
            ),
            (
                Endpoint::AttachProject,
                project_pair(&simulator, "Grain Ledger"),
            ),
            (
                Endpoint::DetachProject,
                project_pair(&simulator, "Mill Control Systems"),
            ),
        ] {
            assert_eq!(
                client.call(endpoint, body).await.status,
                status,
                "{endpoint}"
            );
        }
        assert!(simulator.journal().iter().all(|entry| !entry.changed()));
        let new = pair(&simulator, "nightly", "web");
        assert_eq!(
            client.call(Endpoint::AttachRepository, new).await.status,
            200
        );
    }
}

#[tokio::test]
async fn a_short_pool_refuses_the_batch_or_gives_what_is_left() {
    for (short_pool, status, licensed) in
        [(ShortPool::Refused, 400, 3), (ShortPool::Partial, 200, 4)]
    {
        let mut state = world().licences(5).dialect(Dialect {
            short_pool,
            ..Dialect::default()
        });
        state
            .organizations
            .first_mut()
            .unwrap()
            .repositories
            .push(repository("more"));
        let (simulator, client) = start(state).await;
        let two = repositories(&simulator, &["web", "more"]);
        assert_eq!(client.call(Endpoint::Activate, two).await.status, status);
        assert_eq!(simulator.licensed("acme").unwrap().len(), licensed);
    }
}

#[tokio::test]
async fn a_modification_patches_replaces_or_replaces_all() {
    for (modify, metadata, settings, members) in [
        (Modify::Patches, true, vec!["compression", "retention"], 1),
        (Modify::Replaces, false, vec!["retention"], 1),
        (Modify::ReplacesAll, false, vec!["retention"], 0),
    ] {
        let mut state = world().dialect(Dialect {
            modify,
            ..Dialect::default()
        });
        let weekly = state
            .organizations
            .first_mut()
            .unwrap()
            .plans
            .last_mut()
            .unwrap();
        *weekly = plan("weekly")
            .including_metadata()
            .setting("compression", 3);
        let (simulator, client) = start(state).await;
        let body = json!({"planid": simulator.plan_id("acme", "weekly").unwrap(), "retention": 7});
        assert_eq!(client.call(Endpoint::ModifyPlan, body).await.status, 200);
        let state = simulator.state();
        let weekly = state.organizations.first().unwrap().plans.last().unwrap();
        assert_eq!(weekly.include_metadata, metadata, "{modify:?}");
        assert_eq!(
            weekly.settings.keys().collect::<Vec<_>>(),
            settings,
            "{modify:?}"
        );
        assert_eq!(
            simulator.members("acme", "weekly").unwrap().len(),
            members,
            "{modify:?}"
        );
    }
}

#[tokio::test]
async fn a_write_that_names_what_does_not_exist_fails_in_several_ways_or_is_ignored() {
    for (unknown_id, status) in [
        (UnknownId::NotFound, 404),
        (UnknownId::BadRequest, 400),
        (UnknownId::ServerError, 500),
        (UnknownId::Ignored, 200),
    ] {
        let (simulator, client) = speaking(Dialect {
            unknown_id,
            ..Dialect::default()
        })
        .await;
        let web = simulator.repository_id("acme", "web").unwrap();
        let body = json!({"repositoryIds": [Uuid::new_v4(), web]});
        assert_eq!(client.call(Endpoint::Activate, body).await.status, status);
        assert_eq!(
            simulator.repository("acme", "web").unwrap().licensed,
            status == 200
        );
        assert_eq!(
            client.call(Endpoint::Remove, json!({})).await.status,
            status
        );
    }
}

#[tokio::test]
async fn attaching_a_project_covers_later_repositories_or_takes_those_of_the_moment() {
    for (project_attachment, later_in_plan) in [
        (ProjectAttachment::Covers, true),
        (ProjectAttachment::Snapshot, false),
    ] {
        let (simulator, client) = speaking(Dialect {
            project_attachment,
            ..Dialect::default()
        })
        .await;
        let mills = simulator.organization_id("Northwind Mills").unwrap();
        let ledger = project_pair(&simulator, "Grain Ledger");
        assert_eq!(
            client
                .call(Endpoint::AttachProject, ledger.clone())
                .await
                .status,
            200
        );
        simulator
            .add_repository(
                "Northwind Mills",
                repository("later").project("Grain Ledger"),
            )
            .unwrap();
        let in_plan = async |name: &str| !names(&client.row(mills, name).await["plans"]).is_empty();
        assert!(in_plan("ledger").await);
        assert_eq!(
            in_plan("later").await,
            later_in_plan,
            "{project_attachment:?}"
        );
        assert_eq!(
            client
                .call(Endpoint::AttachProject, ledger.clone())
                .await
                .status,
            200
        );
        assert!(in_plan("later").await);
        client.call(Endpoint::DetachProject, ledger).await;
        assert!(!in_plan("ledger").await && !in_plan("later").await);
    }
}

#[tokio::test]
async fn a_plan_that_protects_everything_may_accept_and_do_nothing() {
    let mut state = world().dialect(Dialect {
        everything_plan: EverythingPlan::Accepts,
        ..Dialect::default()
    });
    state
        .organizations
        .first_mut()
        .unwrap()
        .plans
        .push(plan("all").everything());
    let (simulator, client) = start(state).await;
    let body = pair(&simulator, "all", "web");
    assert_eq!(
        client.call(Endpoint::DetachRepository, body).await.status,
        200
    );
    assert_eq!(
        simulator.members("acme", "all").unwrap(),
        ["api", "docs", "web"]
    );
}
