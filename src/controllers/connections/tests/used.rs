//! A connection in use: what the instance answered, and what stays of it until the account changes or a person asks.

use futures::{FutureExt as _, StreamExt as _};
use k8s_openapi::jiff::Timestamp;
use rstest::rstest;
use serde_json::json;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};
use xopero_simulator::{
    Edit, Simulator,
    builder::{organization, state, user},
};

use super::{super::*, EMAIL, absent, connection, found, key, look, registry, usable, waiting};
use crate::api::annotations::RECONCILE_REQUESTED_AT;

/// An instance that knows the account with the password `right`.
fn instance() -> (Simulator, XoperoConnection) {
    let world = state()
        .user(user(EMAIL, "right"))
        .with(organization("acme"));
    let simulator = Simulator::start(world).unwrap();
    let connection = connection(&json!({ "url": simulator.url() }));
    (simulator, connection)
}

/// Uses the connection as an organization does.
async fn use_it(connections: &Connections) -> Result<(), xopero::Error> {
    let client = usable(connections).client;
    let result = client.organizations().await;
    connections.note_use(&key(), result.as_ref().map(drop));
    let names = result?
        .rows
        .into_iter()
        .map(|organization| organization.name);
    connections.note_organizations(&key(), names);
    Ok(())
}

#[tokio::test]
async fn a_rejected_login_stops_every_call_until_the_account_changes_also_across_restarts() {
    let (simulator, mut connection) = instance();
    let connections = registry();
    let mut reports = Box::pin(connections.reports());
    look(&connections, &connection, "1", "wrong");
    let error = use_it(&connections).await.unwrap_err();
    assert!(matches!(error, xopero::Error::LoginRejected));
    // Nobody is offered it any more, and its own controller is told, before another look.
    assert_eq!(waiting(&connections), Reason::LoginRejected);
    assert_eq!(reports.next().now_or_never(), Some(Some(key())));
    let standing = look(&connections, &connection, "1", "wrong");
    let Health::Troubled(trouble) = &standing.health else {
        panic!("it is rejected")
    };
    assert!(
        trouble.message.contains("in Secret xopero"),
        "{}",
        trouble.message
    );

    // The same content, written again; and taken away and brought back.
    look(&connections, &connection, "2", "wrong");
    let read = found(&connections, &connection, Err(absent()));
    connections.update(&connection, read);
    assert_eq!(waiting(&connections), Reason::WaitingForSecret);
    let standing = look(&connections, &connection, "3", "wrong");
    assert_eq!(waiting(&connections), Reason::LoginRejected);
    let rejected = standing.rejected_login.clone().unwrap();
    assert_eq!(rejected.secret_resource_version, "3");

    // A restart, with the status that the first process wrote.
    connection.status = Some(XoperoConnectionStatus {
        observed_generation: Some(1),
        rejected_login: standing.rejected_login,
        credentials_version: standing.credentials_version,
        ..XoperoConnectionStatus::default()
    });
    let restarted = registry();
    let first = look(&restarted, &connection, "3", "wrong");
    assert_eq!(waiting(&restarted), Reason::LoginRejected);
    assert_eq!(first.rejected_login, Some(rejected));
    assert_eq!(simulator.summary().logins, 1);

    // Another one, after an edit of the spec that no operator saw.
    let mut edited = connection.clone();
    edited.metadata.generation = Some(2);
    edited.spec.plan_settings = Some(crate::api::PlanSettingsPolicy::Allowed);
    let again = registry();
    look(&again, &edited, "3", "wrong");
    assert_eq!(waiting(&again), Reason::LoginRejected);

    for connections in [&connections, &restarted] {
        let standing = look(connections, &connection, "4", "right");
        assert_eq!(standing.account, Some(Compared::Other));
        assert_eq!(standing.rejected_login, None);
        use_it(connections).await.unwrap();
    }
    assert_eq!(simulator.summary().logins, 3);
}

#[rstest]
#[case::by_another_account(true)]
#[case::by_none(false)]
#[tokio::test]
async fn a_client_that_was_replaced_goes_on_with_its_token_and_signs_in_no_more(
    #[case] has_successor: bool,
) {
    let (simulator, connection) = instance();
    let connections = registry();
    look(&connections, &connection, "1", "right");
    let of_a_pass = usable(&connections).client;
    of_a_pass.organizations().await.unwrap();
    if has_successor {
        look(&connections, &connection, "2", "rotated");
    } else {
        let read = found(&connections, &connection, Err(absent()));
        connections.update(&connection, read);
    }
    of_a_pass.organizations().await.unwrap();

    simulator.edit(Edit::RevokeTokens { email: None }).unwrap();
    let error = of_a_pass.organizations().await.unwrap_err();
    assert!(matches!(error, xopero::Error::Replaced), "{error}");
    assert_eq!(simulator.summary().logins, 1);
}

#[tokio::test]
async fn how_long_one_instance_asks_to_be_left_alone_says_nothing_of_another() {
    let busy = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(503).insert_header("retry-after", "3600"))
        .mount(&busy)
        .await;
    let connections = registry();
    let limits = json!({ "perSecond": 7, "inFlight": 3 });
    let before = connection(&json!({ "url": busy.uri(), "requests": limits }));
    look(&connections, &before, "1", "right");
    let error = use_it(&connections).await.unwrap_err();
    assert!(error.retry_after().is_some(), "{error}");
    let asked = busy.received_requests().await.unwrap().len();
    use_it(&connections).await.unwrap_err();
    assert_eq!(busy.received_requests().await.unwrap().len(), asked);

    let (_simulator, mut moved) = instance();
    moved.metadata.generation = Some(2);
    moved.spec.requests = before.spec.requests.clone();
    look(&connections, &moved, "1", "right");
    use_it(&connections).await.unwrap();
    let standing = look(&connections, &moved, "1", "right");
    assert_eq!(standing.health, Health::Accepted);
    let budget = connections
        .measured(&key(), moved.metadata.uid.as_deref())
        .unwrap()
        .budget;
    assert_eq!((budget.per_second, budget.in_flight_limit), (7, 3));
}

#[tokio::test]
async fn a_connection_says_whether_its_account_was_accepted() {
    let (simulator, mut connection) = instance();
    let connections = registry();
    assert_eq!(
        look(&connections, &connection, "1", "right").health,
        Health::Untried
    );
    use_it(&connections).await.unwrap();
    let standing = look(&connections, &connection, "1", "right");
    assert_eq!(standing.health, Health::Accepted);
    assert_eq!(standing.organizations.as_ref().unwrap().names, ["acme"]);
    assert_eq!(simulator.summary().logins, 1);

    // After a restart nothing is to be written.
    let seen = standing.organizations.unwrap();
    connection.status = Some(XoperoConnectionStatus {
        observed_generation: Some(1),
        credentials_version: Some("1".to_owned()),
        organizations: seen.names,
        organizations_total: Some(seen.total),
        ..XoperoConnectionStatus::default()
    });
    assert_eq!(
        look(&registry(), &connection, "1", "right").health,
        Health::Accepted
    );
    // Another account has to show itself.
    let standing = look(&connections, &connection, "2", "new");
    assert_eq!(standing.health, Health::Untried);
    assert!(standing.organizations.is_some());
}

#[tokio::test]
async fn an_instance_that_cannot_be_reached_shows_and_is_offered_all_the_same() {
    let (simulator, connection) = instance();
    simulator.stop();
    let connections = registry();
    look(&connections, &connection, "1", "right");
    let mut reports = Box::pin(connections.reports());
    use_it(&connections).await.unwrap_err();
    assert_eq!(reports.next().now_or_never(), Some(Some(key())));
    let Health::Troubled(trouble) = look(&connections, &connection, "1", "right").health else {
        panic!("it cannot be reached")
    };
    assert_eq!(trouble.reason, Reason::ApiUnavailable);
    usable(&connections);
    // The same trouble again is no news.
    use_it(&connections).await.unwrap_err();
    assert_eq!(reports.next().now_or_never(), None);
    connections.note_use(&key(), Ok(()));
    assert_eq!(reports.next().now_or_never(), Some(Some(key())));
    assert_eq!(
        look(&connections, &connection, "1", "right").health,
        Health::Untried
    );
}

#[tokio::test]
async fn what_went_wrong_at_a_use_stands_as_long_as_somebody_uses_the_connection() {
    let (simulator, connection) = instance();
    simulator.stop();
    let connections = registry();
    look(&connections, &connection, "1", "right");
    use_it(&connections).await.unwrap_err();
    let mut reports = Box::pin(connections.reports());
    assert_eq!(reports.next().now_or_never(), Some(Some(key())));
    let gone = Place {
        namespace: "backup".to_owned(),
        name: "acme".to_owned(),
    };
    connections.forget_user(&gone, &[key()].into());
    assert_eq!(reports.next().now_or_never(), None);
    let health = look(&connections, &connection, "1", "right").health;
    assert!(matches!(health, Health::Troubled(_)), "{health:?}");
    connections.forget_user(&gone, &BTreeSet::new());
    assert_eq!(reports.next().now_or_never(), Some(Some(key())));
    let health = look(&connections, &connection, "1", "right").health;
    assert_eq!(health, Health::Untried);
}

/// What a process that has just started reads of a connection to which something was refused.
fn refused() -> XoperoConnection {
    let mut connection = connection(&json!({}));
    connection.status = Some(
        serde_json::from_value(json!({
            "observedGeneration": 1,
            "credentialsVersion": "1",
            "rejectedLogin": { "secretUid": "s", "secretResourceVersion": "1" },
            "refusedEndpoints": [{ "endpoint": "activate", "since": Timestamp::now() }],
        }))
        .unwrap(),
    );
    connection
}

fn ask(connection: &mut XoperoConnection) {
    let request = (RECONCILE_REQUESTED_AT.to_owned(), "1".to_owned());
    connection.metadata.annotations = Some([request].into());
}

#[test]
fn a_request_lets_what_was_refused_be_tried_again_once_but_never_a_rejected_login() {
    let mut connection = refused();
    let connections = registry();
    let before = look(&connections, &connection, "1", "p");
    assert_eq!(before.refused_endpoints.len(), 1);
    ask(&mut connection);
    let after = look(&connections, &connection, "1", "p");
    assert_eq!(after.refused_endpoints, []);
    assert_eq!(after.rejected_login, before.rejected_login);
    assert_eq!(waiting(&connections), Reason::LoginRejected);
}

/// Once a status acknowledges the request it is not followed any more.
#[rstest]
#[case::which_was_in_use_before(&["1"])]
#[case::which_was_never_read(&[])]
fn a_request_is_followed_also_on_a_connection_that_cannot_be_used(#[case] looks_before: &[&str]) {
    let mut connection = refused();
    let connections = registry();
    for version in looks_before {
        look(&connections, &connection, version, "p");
    }
    ask(&mut connection);
    let read = found(&connections, &connection, Err(absent()));
    let asked = connections.update(&connection, read);
    assert!(matches!(asked.health, Health::Troubled(_)));
    assert_eq!(asked.refused_endpoints, []);
    assert!(asked.rejected_login.is_some());
    let mended = look(&connections, &connection, "1", "p");
    assert_eq!(mended.refused_endpoints, []);
    assert!(mended.rejected_login.is_some());
}
