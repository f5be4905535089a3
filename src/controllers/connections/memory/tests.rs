use std::time::{Duration, UNIX_EPOCH};

use rstest::rstest;
use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::controllers::credentials::DigestKey;

const ORGANIZATION: &str = "00000000-0000-0000-0000-00000000000b";

const URL: &str = "https://xopero.example.com";

fn version(resource_version: &str) -> Version {
    Version {
        uid: "u".to_owned(),
        resource_version: resource_version.to_owned(),
    }
}

/// The Secret, with the password under this key.
fn reference(password_key: Option<&str>) -> CredentialsSecretReference {
    CredentialsSecretReference {
        name: "xopero".to_owned(),
        email_key: None,
        password_key: password_key.map(str::to_owned),
    }
}

fn rejected() -> Remembered {
    Remembered {
        login_rejected: true,
        refused: vec![Refusal {
            endpoint: Endpoint::Activate,
            organization: None,
            since: UNIX_EPOCH + Duration::from_hours(490_000),
        }],
    }
}

/// A status that remembers what [`rejected`] says, of a Secret with this uid and resourceVersion.
fn status(uid: &str, resource_version: &str) -> XoperoConnectionStatus {
    serde_json::from_value(json!({
        "credentialsVersion": resource_version,
        "rejectedLogin": {
            "secretUid": uid, "secretResourceVersion": resource_version,
            "emailKey": "email", "passwordKey": "password", "url": URL,
        },
        "refusedEndpoints": [
            { "endpoint": "activate", "since": "2025-11-24T16:00:00Z" },
            { "endpoint": "plans", "organizationId": ORGANIZATION, "since": "2025-11-24T16:00:00Z" },
        ],
    }))
    .unwrap()
}

#[rstest]
//                              password url                       version
#[case::nothing("p", URL, "7", Compared::Same, true)]
#[case::only_the_writing("p", URL, "8", Compared::Same, true)]
#[case::the_password("q", URL, "8", Compared::Other, false)]
#[case::the_instance("p", "https://b.example.com", "7", Compared::Elsewhere, false)]
fn a_rejection_ends_when_account_or_instance_change(
    #[case] password: &str,
    #[case] url: &str,
    #[case] resource_version: &str,
    #[case] expected: Compared,
    #[case] remembers: bool,
) {
    let key = DigestKey::random();
    let digest = |password: &str| {
        let account = key.account(SecretString::from("a@b"), SecretString::from(password));
        account.digest
    };
    let (mut before, first) = Memory::recall(
        None,
        (digest("p"), &version("7")),
        &reference(None),
        URL,
        None,
    );
    assert_eq!((first, before.rejected_login()), (Compared::First, None));
    before.remembered = rejected();
    let account = (digest(password), &version(resource_version));
    let (now, compared) = Memory::recall(
        Some(before),
        account,
        &reference(None),
        url,
        Some(&status("u", "7")),
    );
    assert_eq!(compared, expected);
    let expected = if remembers {
        rejected()
    } else {
        Remembered::default()
    };
    assert_eq!(now.remembered, expected);
    // The status follows the Secret, so that a restart finds its resourceVersion.
    let reported = now
        .rejected_login()
        .map(|login| login.secret_resource_version);
    assert_eq!(reported.as_deref(), remembers.then_some(resource_version));
}

#[rstest]
//                            uid  version
#[case::the_same_writing("u", "7", true)]
#[case::another_writing("u", "6", false)]
fn after_a_restart_the_writing_of_the_secret_tells(
    #[case] uid: &str,
    #[case] resource_version: &str,
    #[case] remembers: bool,
) {
    let account = DigestKey::random().account(SecretString::from("a@b"), SecretString::from("p"));
    let status = status(uid, resource_version);
    let (memory, compared) = Memory::recall(
        None,
        (account.digest, &version("7")),
        &reference(None),
        URL,
        Some(&status),
    );
    assert_eq!(compared, Compared::First);
    assert_eq!(memory.remembered.login_rejected, remembers);
    assert_eq!(memory.remembered.refused.len(), 2 * usize::from(remembers));
    if remembers {
        // What is reported again is what was reported: nothing is written.
        assert_eq!(memory.rejected_login(), status.rejected_login);
        assert_eq!(memory.refused_endpoints(), status.refused_endpoints);
    }
}

#[test]
fn another_secret_of_the_same_name_is_not_the_one_that_was_rejected() {
    let account = DigestKey::random().account(SecretString::from("a@b"), SecretString::from("p"));
    let status = status("other", "7");
    let (memory, _) = Memory::recall(
        None,
        (account.digest, &version("7")),
        &reference(None),
        URL,
        Some(&status),
    );
    assert!(!memory.remembered.login_rejected);
}

/// The spec was edited while no operator ran.
#[rstest]
#[case::something_else(None, URL, true)]
#[case::the_default_was_written_down(Some("password"), URL, true)]
#[case::the_key_of_the_password(Some("newer"), URL, false)]
#[case::the_address(None, "https://b.example.com", false)]
fn a_rejected_login_outlives_an_edit_of_the_spec_that_does_not_concern_it(
    #[case] password_key: Option<&str>,
    #[case] url: &str,
    #[case] remembers: bool,
) {
    let account = DigestKey::random().account(SecretString::from("a@b"), SecretString::from("p"));
    let reported = beyond_the_spec(&status("u", "7"));
    let (reference, account) = (reference(password_key), (account.digest, &version("7")));
    let (memory, _) = Memory::recall(None, account, &reference, url, Some(&reported));
    assert_eq!(memory.remembered.login_rejected, remembers);
    assert!(memory.remembered.refused.is_empty());
}

#[test]
fn what_is_refused_is_cut_to_a_hundred_and_no_organization_stands_for_all() {
    let account = DigestKey::random().account(SecretString::from("a@b"), SecretString::from("p"));
    let (mut memory, _) = Memory::recall(
        None,
        (account.digest, &version("7")),
        &reference(None),
        URL,
        None,
    );
    memory.remembered.refused = (1..=300)
        .map(|number| Refusal {
            endpoint: Endpoint::Plans,
            organization: Some(OrganizationId::numbered(number)),
            since: UNIX_EPOCH,
        })
        .collect();
    let reported = memory.refused_endpoints();
    assert_eq!(
        reported.len(),
        XoperoConnectionStatus::MAX_REFUSED_ENDPOINTS
    );
    assert!(
        reported
            .iter()
            .all(|refused| refused.organization_id.is_some())
    );

    let mut status = status("u", "7");
    for refused in &mut status.refused_endpoints {
        refused.organization_id = Some("acme".to_owned());
    }
    let (memory, _) = Memory::recall(
        None,
        (account.digest, &version("7")),
        &reference(None),
        URL,
        Some(&status),
    );
    assert_eq!(memory.remembered.refused, []);
}
