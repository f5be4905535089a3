//! Every switch that is not a name.

use serde_json::{Value, json};
use uuid::Uuid;
use xopero_simulator::{
    Dialect, Endpoint,
    builder::{plan, repository},
    dialect::{
        EmptyAnswer, EverythingPlan, LoginRejection, Modify, OrganizationPlans, PlansListing,
        ProjectAttachment, ProjectMembership, ProtectedRepositories, Repeat, RepoCount, ShortPool,
        UnknownId, UnknownOrganization, Visibility,
    },
};

use crate::client::{EMAIL, names, pair, project_pair, repositories, speaking, start, world};

#[tokio::test]
async fn plans_are_listed_as_an_array_or_in_result() {
    for plans_listing in [PlansListing::BareArray, PlansListing::Result] {
        let (simulator, client) = speaking(Dialect {
            plans_listing,
            ..Dialect::default()
        })
        .await;
        let acme = json!({"organizationId": simulator.organization_id("acme").unwrap()});
        let answer = client.call(Endpoint::ListPlans, acme).await.json();
        let plans = match plans_listing {
            PlansListing::BareArray => &answer,
            PlansListing::Result => &answer["result"],
        };
        assert_eq!(names(plans), ["nightly", "weekly"]);
    }
}

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
        let attached = pair(&simulator, "nightly", "api");
        assert_eq!(
            client
                .call(Endpoint::AttachRepository, attached)
                .await
                .status,
            status
        );
        let detached = pair(&simulator, "nightly", "web");
        assert_eq!(
            client
                .call(Endpoint::DetachRepository, detached)
                .await
                .status,
            status
        );
        let attached = project_pair(&simulator, "Grain Ledger");
        assert_eq!(
            client.call(Endpoint::AttachProject, attached).await.status,
            status
        );
        let detached = project_pair(&simulator, "Mill Control Systems");
        assert_eq!(
            client.call(Endpoint::DetachProject, detached).await.status,
            status
        );
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
async fn an_organization_may_show_no_plan_though_it_has_one() {
    let (_simulator, client) = speaking(Dialect {
        organization_plans: OrganizationPlans::Empty,
        ..Dialect::default()
    })
    .await;
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(organizations["result"][0]["plans"], json!([]));
}

#[tokio::test]
async fn what_is_hidden_is_not_in_the_answers() {
    let hidden = Dialect {
        organization_plans: OrganizationPlans::Hidden,
        licences: Visibility::Hidden,
        repository_plans: Visibility::Hidden,
        repository_organization: Visibility::Hidden,
        removed_rows: Visibility::Hidden,
        ..Dialect::default()
    };
    let (simulator, client) = speaking(hidden).await;
    let organizations = client
        .call(Endpoint::ListOrganizations, json!({}))
        .await
        .json();
    assert_eq!(organizations["result"][0].get("plans"), None);
    let page = client
        .page(simulator.organization_id("acme").unwrap(), 2, 1)
        .await;
    assert_eq!(
        (page.names(), &page.json()["totalEntries"]),
        (vec!["api".to_owned(), "docs".to_owned()], &json!(3))
    );
    let fields: Vec<String> = page.json()["result"][0]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(fields, ["id", "isRemoved", "name"]);
}

#[tokio::test]
async fn a_listing_of_an_unknown_organization_is_an_error_or_empty() {
    let nobody = json!({"organizationId": Uuid::new_v4(), "limit": 1});
    for (unknown_organization, status) in [
        (UnknownOrganization::NotFound, 404),
        (UnknownOrganization::EmptyPage, 200),
        (UnknownOrganization::ServerError, 500),
    ] {
        let (_simulator, client) = speaking(Dialect {
            unknown_organization,
            ..Dialect::default()
        })
        .await;
        for endpoint in [Endpoint::ListRepositories, Endpoint::ListPlans] {
            let answer = client.call(endpoint, nobody.clone()).await;
            assert_eq!(answer.status, status);
            if status == 200 {
                let answer = answer.json();
                let rows = answer.get("result").unwrap_or(&answer);
                assert_eq!(rows, &json!([]));
            }
        }
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
async fn a_rejected_login_has_one_of_three_statuses() {
    for (login_rejection, status) in [
        (LoginRejection::Unauthorized, 401),
        (LoginRejection::BadRequest, 400),
        (LoginRejection::Forbidden, 403),
    ] {
        let (_simulator, client) = speaking(Dialect {
            login_rejection,
            ..Dialect::default()
        })
        .await;
        assert_eq!(client.login(EMAIL, "wrong").await.status, status);
    }
}

#[tokio::test]
async fn the_server_may_cap_the_size_of_a_page() {
    let (simulator, client) = speaking(Dialect {
        page_size_cap: Some(3),
        ..Dialect::default()
    })
    .await;
    let acme = simulator.organization_id("acme").unwrap();
    let answer = client.page(acme, 100, 1).await;
    assert_eq!(
        (answer.names().len(), &answer.json()["pageCount"]),
        (3, &json!(2))
    );
    assert_eq!(client.page(acme, 100, 2).await.names(), ["web"]);
}

#[tokio::test]
async fn numbers_may_count_licences_and_whole_plans() {
    let dialect = Dialect {
        protected_repositories: ProtectedRepositories::Licensed,
        repo_count: RepoCount::OfThePlan,
        ..Dialect::default()
    };
    let shared = Uuid::from_u128(7);
    let mut state = world();
    for (organization, member) in state
        .organizations
        .iter_mut()
        .zip(["web", "platform/runtime/api"])
    {
        organization.plans.push(plan("shared").id(shared));
        let mut repositories = organization.repositories.iter_mut();
        repositories
            .find(|repository| repository.name == member)
            .unwrap()
            .plans
            .push("shared".to_owned());
    }
    let (simulator, client) = start(state).await;
    let counted = async || {
        let answer = client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .json();
        let acme = answer["result"][0].clone();
        (
            acme["protectedRepositories"].clone(),
            acme["plans"][2]["repoCount"].clone(),
        )
    };
    assert_eq!(counted().await, (json!(2), json!(1)));
    simulator.set_dialect(dialect).unwrap();
    assert_eq!(counted().await, (json!(3), json!(2)));
}

#[tokio::test]
async fn a_project_shows_its_plan_on_rows_on_plans_or_nowhere() {
    for (project_membership, on_rows, on_plans) in [
        (ProjectMembership::OnRepositories, 1, None),
        (ProjectMembership::OnPlans, 0, Some(1)),
        (ProjectMembership::Hidden, 0, None),
    ] {
        let (simulator, client) = speaking(Dialect {
            project_membership,
            ..Dialect::default()
        })
        .await;
        let mills = simulator.organization_id("Northwind Mills").unwrap();
        let row = client.row(mills, "ledger").await;
        assert_eq!(
            names(&row["plans"]).len(),
            on_rows,
            "{project_membership:?}"
        );
        let plans = client
            .call(Endpoint::ListPlans, json!({"organizationId": mills}))
            .await
            .json();
        let projects = plans[0]
            .get("projects")
            .and_then(Value::as_array)
            .map(Vec::len);
        assert_eq!(projects, on_plans, "{project_membership:?}");
        assert_eq!(plans[0]["repoCount"], 2);
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
