//! Sign-in, tokens, roles.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use xopero_simulator::{Dialect, Edit, Endpoint, builder::user, dialect::PasswordChange};

use crate::client::{Client, EMAIL, PASSWORD, start, world};

#[tokio::test]
async fn a_login_answers_an_id_and_a_token_whose_claims_can_be_read() {
    let (simulator, client) = start(world()).await;
    let answer = client.login("Operator@Example.com", PASSWORD).await.json();
    assert_eq!(answer["userId"], json!(xopero_simulator::ids::user(EMAIL)));
    let token = answer["accessToken"].as_str().unwrap();
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let lifetime = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert_eq!(lifetime, 30 * 24 * 60 * 60);
    assert_eq!(
        claims["role"],
        json!(["System Administrator", "DevOps management"])
    );
    assert_eq!(simulator.summary().logins, 1);
}

#[tokio::test]
async fn a_rejected_login_is_answered_401_without_a_body() {
    let state = world().user(user("second@example.com", PASSWORD).second_factor());
    let (_simulator, client) = start(state).await;
    for (email, password) in [
        (EMAIL, "wrong"),
        ("nobody@example.com", PASSWORD),
        ("second@example.com", PASSWORD),
    ] {
        let answer = client.login(email, password).await;
        assert_eq!((answer.status, answer.text.as_str()), (401, ""), "{email}");
    }
}

#[tokio::test]
async fn without_a_valid_token_every_other_endpoint_answers_401_without_a_body() {
    let (simulator, client) = start(world()).await;
    for endpoint in Endpoint::ALL
        .into_iter()
        .filter(|endpoint| *endpoint != Endpoint::Login)
    {
        let answer = Client::of(&simulator).call(endpoint, json!({})).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (401, ""),
            "{endpoint}"
        );
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    simulator.revoke_tokens().unwrap();
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_token_of_no_lifetime_is_expired_at_once() {
    let (simulator, client) = start(world()).await;
    let token_lifetime = std::time::Duration::ZERO;
    simulator
        .edit(Edit::SetTokenLifetime { token_lifetime })
        .unwrap();
    let client = client.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn roles_are_frozen_into_the_token() {
    let mut state = world();
    state
        .requires
        .insert(Endpoint::Activate, vec!["DevOps management".to_owned()]);
    let (simulator, client) = start(state).await;
    let roles = vec!["System Administrator".to_owned()];
    simulator
        .edit(Edit::SetRoles {
            email: EMAIL.to_owned(),
            roles,
        })
        .unwrap();
    assert_eq!(
        client.call(Endpoint::Activate, json!({})).await.status,
        200,
        "the old token"
    );
    let client = client.sign_in(EMAIL, PASSWORD).await;
    let answer = client.call(Endpoint::Activate, json!({})).await;
    assert_eq!((answer.status, answer.text.as_str()), (403, ""));
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        200
    );
    simulator
        .edit(Edit::SetRoles {
            email: EMAIL.to_owned(),
            roles: Vec::new(),
        })
        .unwrap();
    let client = client.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_new_password_ends_the_old_one_and_tokens_only_where_the_dialect_says_so() {
    for (password_change, status) in [
        (PasswordChange::KeepsTokens, 200),
        (PasswordChange::RevokesTokens, 401),
    ] {
        let dialect = Dialect {
            password_change,
            ..Dialect::default()
        };
        let (simulator, client) = start(world().dialect(dialect)).await;
        simulator.set_password(EMAIL, "another").unwrap();
        assert_eq!(
            client
                .call(Endpoint::ListOrganizations, json!({}))
                .await
                .status,
            status
        );
        assert_eq!(client.login(EMAIL, PASSWORD).await.status, 401);
        assert_eq!(client.login(EMAIL, "another").await.status, 200);
    }
}

#[tokio::test]
async fn rejected_logins_lock_an_account_until_it_is_unlocked() {
    let mut state = world();
    state.lock_after = Some(2);
    let (simulator, client) = start(state).await;
    for _ in 0..2 {
        assert_eq!(client.login(EMAIL, "wrong").await.status, 401);
    }
    assert_eq!(client.login(EMAIL, PASSWORD).await.status, 401);
    simulator
        .edit(Edit::Unlock {
            email: EMAIL.to_owned(),
        })
        .unwrap();
    assert_eq!(client.login(EMAIL, PASSWORD).await.status, 200);
}
