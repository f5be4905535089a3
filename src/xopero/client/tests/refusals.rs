//! Promise 6 and rule 28: after a rejected login there is silence, and an endpoint that refuses the account is left alone.

use std::time::SystemTime;

use futures::future::join_all;
use rstest::rstest;

use super::{server::sign_in, *};
use crate::xopero::{Class, Outcome, Reason, Refusal};

#[tokio::test]
async fn a_second_401_is_an_error_and_the_endpoint_is_left_alone() {
    let server = Server::with(|_| Reply::status(401)).await;
    let client = client(&server);
    for _ in 0..3 {
        let error = client.organizations().await.unwrap_err();
        assert_eq!(error.class(), (Class::Terminal, Reason::PermissionMissing));
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
    assert_eq!((server.logins(), server.others().len()), (2, 2));
    assert_eq!(
        client
            .remembered()
            .refused
            .iter()
            .map(|refusal| (refusal.endpoint, refusal.organization))
            .collect::<Vec<_>>(),
        [(Endpoint::Organizations, None)]
    );
}

#[tokio::test]
async fn a_403_is_worth_one_new_login_and_never_more() {
    let server = Server::with(|_| Reply::status(403)).await;
    let client = client(&server);
    assert_eq!(
        client
            .activate(&[repository()])
            .await
            .unwrap_err()
            .class()
            .1,
        Reason::PermissionMissing
    );
    assert_eq!((server.logins(), server.others().len()), (2, 2));
    // Another endpoint: the token is fresh, so its 403 stands.
    assert_eq!(
        client
            .remove(repository(), MAY_GO)
            .await
            .unwrap_err()
            .class()
            .1,
        Reason::PermissionMissing
    );
    assert_eq!((server.logins(), server.others().len()), (2, 3));
    // Neither is called again.
    assert_eq!(
        client
            .activate(&[repository()])
            .await
            .unwrap_err()
            .outcome(),
        Outcome::NotDone
    );
    assert_eq!(
        client
            .remove(repository(), MAY_GO)
            .await
            .unwrap_err()
            .outcome(),
        Outcome::NotDone
    );
    assert_eq!((server.logins(), server.others().len()), (2, 3));
    client.forget_refusals();
    client.activate(&[repository()]).await.unwrap_err();
    assert_eq!((server.logins(), server.others().len()), (3, 5));
}

#[tokio::test]
async fn a_403_for_one_repository_says_nothing_of_others_where_another_was_served() {
    let refused = "00000000-0000-0000-0000-0000000000ff";
    let server = Server::with(move |call| {
        let is_refused = call.body.to_string().contains(refused);
        Reply::status(if is_refused { 403 } else { 204 })
    })
    .await;
    let client = client(&server);
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    let other = RepositoryId::parse(refused).unwrap();
    let error = client.attach_repository(plan(), other).await.unwrap_err();
    assert_eq!(
        (error.refusal(), error.outcome()),
        (Some(403), Outcome::Refused)
    );
    let text = error.to_string();
    assert!(
        text.contains("permission") && !text.contains("wire-names"),
        "{text}"
    );
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    client.attach_repository(plan(), other).await.unwrap_err();
    // The second is that which tells that no permission was granted meanwhile; there is none at the next 403.
    assert_eq!((server.logins(), server.others().len()), (2, 5));
    assert_eq!(client.remembered(), Remembered::default());
}

#[tokio::test]
async fn a_permission_for_one_repository_that_was_granted_meanwhile_is_found_by_a_new_login() {
    let server = Server::with(|call| {
        let is_refused = call.body.to_string().contains("0000000000ff");
        let has_permission = call.token.as_deref() == Some("token-3");
        Reply::status(if is_refused && !has_permission {
            403
        } else {
            204
        })
    })
    .await;
    let client = client(&server);
    let other = RepositoryId::numbered(0xff);
    client
        .attach_repository(plan(), repository())
        .await
        .unwrap();
    client.attach_repository(plan(), other).await.unwrap_err();
    assert_eq!(server.logins(), 2);
    // A person asks for it, or a day has passed.
    client.forget_refusals();
    client.attach_repository(plan(), other).await.unwrap();
    assert_eq!(server.logins(), 3);
}

/// The refused one is asked for first, and its answer comes before those of the others.
#[tokio::test]
async fn a_403_for_one_repository_says_nothing_of_others_that_are_served_beside_it() {
    let refused = "00000000-0000-0000-0000-0000000000ff";
    let server = Server::with(move |call| {
        let is_refused = call.body.to_string().contains(refused);
        if is_refused && call.token.as_deref() == Some("token-2") {
            Reply::status(403).after(Duration::from_millis(500))
        } else if is_refused {
            Reply::status(403)
        } else {
            Reply::status(204).after(Duration::from_millis(200))
        }
    })
    .await;
    let client = client(&server);
    client.organizations().await.unwrap_err();
    let other = RepositoryId::parse(refused).unwrap();
    let (denied, beside) = tokio::join!(
        client.attach_repository(plan(), other),
        client.attach_repository(plan(), repository())
    );
    beside.unwrap();
    assert_eq!(denied.unwrap_err().refusal(), Some(403));
    assert_eq!(client.remembered(), Remembered::default());
}

#[tokio::test]
async fn a_permission_that_was_granted_meanwhile_is_found_by_the_new_login() {
    let server = Server::with(|call| {
        Reply::status(if call.token.as_deref() == Some("token-2") {
            204
        } else {
            403
        })
    })
    .await;
    let client = client(&server);
    let repositories = [repository()];
    let results = join_all((0..10).map(|_| client.activate(&repositories))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(server.logins(), 2);
    assert_eq!(client.remembered(), Remembered::default());
}

#[rstest]
#[case(400)]
#[case(401)]
#[case(403)]
#[tokio::test]
async fn after_a_rejected_login_nothing_is_sent_even_after_a_restart(#[case] status: u16) {
    let server = Server::with_login(move |_| Reply::status(status), |_| no_organizations()).await;
    let client = client(&server);
    let results = join_all((0..20).map(|_| client.organizations())).await;
    for result in results {
        assert_eq!(
            result.unwrap_err().class(),
            (Class::Terminal, Reason::LoginRejected)
        );
    }
    assert_eq!(server.calls().len(), 1);

    let remembered = client.remembered();
    assert!(remembered.login_rejected);
    let restarted = client_with(
        &server,
        Surroundings {
            remembered,
            ..surroundings()
        },
    );
    let error = restarted
        .attach_repository(plan(), repository())
        .await
        .unwrap_err();
    assert_eq!(
        (error.class().1, error.outcome()),
        (Reason::LoginRejected, Outcome::NotDone)
    );
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_refused_endpoint_is_remembered_for_a_day() {
    let server = Server::with(|_| Reply::status(204)).await;
    let hours_ago = |hours| SystemTime::now() - Duration::from_hours(hours);
    let refused = [(Endpoint::Remove, 23), (Endpoint::Activate, 25)];
    let refused = refused.map(|(endpoint, hours)| Refusal {
        endpoint,
        organization: None,
        since: hours_ago(hours),
    });
    let remembered = Remembered {
        login_rejected: false,
        refused: refused.into(),
    };
    let client = client_with(
        &server,
        Surroundings {
            remembered,
            ..surroundings()
        },
    );
    assert_eq!(
        client
            .remove(repository(), MAY_GO)
            .await
            .unwrap_err()
            .class()
            .1,
        Reason::PermissionMissing
    );
    assert_eq!(server.calls().len(), 0);
    client.activate(&[repository()]).await.unwrap();
    assert_eq!(client.remembered().refused.len(), 1);
}

#[tokio::test]
async fn calls_that_wait_for_their_turn_are_not_sent_once_their_endpoint_is_refused() {
    let server = Server::with(|_| Reply::status(403)).await;
    let client = client_with(
        &server,
        Surroundings {
            budget: Arc::new(Budget::new(10_000, 1)),
            ..surroundings()
        },
    );
    let repositories = [repository()];
    let results = join_all((0..20).map(|_| client.activate(&repositories))).await;
    for result in results {
        assert_eq!(result.unwrap_err().class().1, Reason::PermissionMissing);
    }
    assert_eq!((server.logins(), server.others().len()), (2, 2));
}

#[tokio::test]
async fn calls_that_wait_for_their_turn_are_not_sent_once_the_login_is_rejected() {
    let login = |call: &Call| {
        if call.before == 0 {
            sign_in(call)
        } else {
            Reply::status(401)
        }
    };
    let server = Server::with_login(login, |_| Reply::status(401)).await;
    let client = client_with(
        &server,
        Surroundings {
            budget: Arc::new(Budget::new(10_000, 1)),
            ..surroundings()
        },
    );
    let repositories = [repository()];
    let results = join_all((0..20).map(|_| client.activate(&repositories))).await;
    for result in results {
        assert_eq!(result.unwrap_err().class().1, Reason::LoginRejected);
    }
    assert_eq!((server.logins(), server.others().len()), (2, 1));
}
