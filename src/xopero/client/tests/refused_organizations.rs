//! Promise 10 and rule 28: what the account may not see of one organization stops no other one, and is remembered for that one.

use futures::future::join_all;
use rstest::rstest;

use super::*;
use crate::xopero::{OrganizationId, Outcome, Reason, Refusal};

const SEEN: u128 = 0xa;

fn seen() -> OrganizationId {
    OrganizationId::numbered(SEEN)
}

/// Organizations of which the account may see nothing.
fn unseen() -> impl Iterator<Item = OrganizationId> {
    (1..=5).map(|number| OrganizationId::numbered(SEEN + number))
}

/// Answers for one organization, and with `status` for every other.
async fn server_of_one(status: u16) -> Server {
    Server::with(move |call| {
        let asked = call.body.get("organizationId");
        if asked.is_some_and(|asked| *asked != seen().to_string()) {
            return Reply::status(status);
        }
        match call.path.as_str() {
            "/git/repositories/sync" => Reply::status(204),
            _ => no_organizations(),
        }
    })
    .await
}

async fn ask(
    client: &Client,
    endpoint: Endpoint,
    organization: OrganizationId,
) -> Result<(), Error> {
    match endpoint.as_str() {
        "plans" => client.plans(organization).await.map(drop),
        "repositories" => client.repositories(organization).await.map(drop),
        "synchronize" => client.synchronize(organization).await,
        other => panic!("{other} names no organization"),
    }
}

#[rstest]
#[tokio::test]
async fn what_is_refused_for_one_organization_is_refused_for_no_other_whichever_comes_first(
    #[values(Endpoint::Plans, Endpoint::Repositories, Endpoint::Synchronize)] endpoint: Endpoint,
    #[values(401, 403)] status: u16,
) {
    let server = server_of_one(status).await;
    let client = client(&server);
    let refused = unseen().next().unwrap();
    for _ in 0..3 {
        let error = ask(&client, endpoint, refused).await.unwrap_err();
        assert_eq!(error.class().1, Reason::PermissionMissing);
        assert_eq!(error.outcome(), Outcome::NotDone);
        ask(&client, endpoint, seen()).await.unwrap();
    }
    // Twice for the one, with a new token in between, and three times for the other.
    assert_eq!((server.logins(), server.others().len()), (2, 5));

    let remembered = client.remembered();
    let told: Vec<_> = remembered
        .refused
        .iter()
        .map(
            |Refusal {
                 endpoint,
                 organization,
                 ..
             }| (*endpoint, *organization),
        )
        .collect();
    assert_eq!(told, [(endpoint, Some(refused))]);
    let restarted = client_with(
        &server,
        Surroundings {
            remembered,
            ..surroundings()
        },
    );
    ask(&restarted, endpoint, refused).await.unwrap_err();
    ask(&restarted, endpoint, seen()).await.unwrap();
    assert_eq!((server.logins(), server.others().len()), (3, 6));
}

#[rstest]
#[tokio::test]
async fn organizations_that_are_refused_cost_one_login_together(#[values(401, 403)] status: u16) {
    let server = server_of_one(status).await;
    let client = client(&server);
    for _ in 0..3 {
        for refused in unseen() {
            client.plans(refused).await.unwrap_err();
            client.plans(seen()).await.unwrap();
        }
    }
    assert_eq!(server.logins(), 2);
    // So it is where they are asked for at once.
    let repositories = unseen().map(|refused| client.repositories(refused));
    assert!(join_all(repositories).await.iter().all(Result::is_err));
    assert!(server.logins() <= 3, "{} logins", server.logins());
}

/// Else a token that ended would be taken for organizations that may not be seen.
#[tokio::test]
async fn a_token_that_ended_is_renewed_also_where_organizations_are_refused_with_401() {
    let server = Server::with(|call| {
        let asked = call.body.get("organizationId");
        let is_refused = asked.is_some_and(|asked| *asked != seen().to_string());
        let has_ended = match call.token.as_deref() {
            Some("token-2") => call.before > 4,
            Some("token-3") => call.before > 6,
            _ => false,
        };
        if is_refused || has_ended {
            Reply::status(401)
        } else {
            no_organizations()
        }
    })
    .await;
    let client = client(&server);
    client.plans(unseen().next().unwrap()).await.unwrap_err();
    for _ in 0..3 {
        client.plans(seen()).await.unwrap();
    }
    assert_eq!(server.logins(), 2);
    // The token is blamed on the organization at first, and for nothing that is remembered: what names none renews it.
    assert_eq!(client.plans(seen()).await.unwrap_err().refusal(), Some(401));
    for _ in 0..6 {
        client.organizations().await.unwrap();
    }
    client.plans(seen()).await.unwrap();
    assert_eq!(server.logins(), 3);
    // Of this token nothing of the kind is known.
    client.plans(seen()).await.unwrap();
    assert_eq!(server.logins(), 4);
}
