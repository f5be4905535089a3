//! What an account and a bundle are made from, and what is said of a Secret that holds no account.

mod reading;

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use rstest::rstest;
use secrecy::ExposeSecret as _;

use super::{account::account, bundle::Bundle, *};
use crate::api::CredentialsSecretReference;

const PASSWORD: &str = "hunter2-hunter2";

fn object() -> Object {
    Object {
        kind: Kind::Secret,
        namespace: "backup".to_owned(),
        name: "xopero".to_owned(),
    }
}

fn reference() -> CredentialsSecretReference {
    CredentialsSecretReference {
        name: "xopero".to_owned(),
        email_key: None,
        password_key: None,
    }
}

fn data(entries: &[(&str, &[u8])]) -> BTreeMap<String, ByteString> {
    entries
        .iter()
        .map(|(key, value)| ((*key).to_owned(), ByteString(value.to_vec())))
        .collect()
}

#[rstest]
#[case::nothing(&[], "has no key \"email\". Add it, or name the right one in spec.credentialsSecretRef.emailKey")]
#[case::no_password(&[("email", b"a@b".as_slice())], "has no key \"password\"")]
#[case::an_empty_email(&[("email", b"".as_slice()), ("password", b"p")], "\"email\" of Secret backup/xopero is empty. Put the e-mail")]
#[case::a_blank_password(&[("email", b"a@b".as_slice()), ("password", b" \n")], "\"password\" of Secret backup/xopero is empty. Put the password")]
#[case::no_text(&[("email", b"a@b".as_slice()), ("password", b"\xff\xfe")], "\"password\" of Secret backup/xopero holds no text")]
fn what_is_wrong_with_a_secret_is_said_by_key(
    #[case] entries: &[(&str, &[u8])],
    #[case] expected: &str,
) {
    let defect = account(&DigestKey::random(), &object(), &reference(), data(entries)).unwrap_err();
    assert_eq!(defect.reason(), Reason::SecretInvalid);
    assert!(defect.to_string().contains(expected), "{defect}");
}

#[test]
fn a_line_break_that_an_editor_left_is_no_part_of_a_password() {
    let entries = data(&[("email", b"a@b\r\n"), ("password", b" p \n")]);
    let account = account(&DigestKey::random(), &object(), &reference(), entries).unwrap();
    assert_eq!(account.credentials.email.expose_secret(), "a@b");
    assert_eq!(account.credentials.password.expose_secret(), " p ");
}

#[test]
fn another_email_or_password_is_another_account_and_nothing_else_is() {
    let key = DigestKey::random();
    let digest = |email: &str, password: &str, key: &DigestKey| {
        let entries = data(&[
            ("email", email.as_bytes()),
            ("password", password.as_bytes()),
        ]);
        account(key, &object(), &reference(), entries)
            .unwrap()
            .digest
    };
    let before = digest("a@b", "p", &key);
    assert_eq!(digest("a@b", "p", &key), before);
    assert_eq!(digest("a@b\n", "p\n", &key), before);
    assert_ne!(digest("a@b", "q", &key), before);
    assert_ne!(digest("a@c", "p", &key), before);
    // What is moved from one to the other is noticed.
    assert_ne!(digest("a@bc", "d", &key), digest("a@b", "cd", &key));
    // Nothing can be learnt from a digest elsewhere.
    assert_ne!(digest("a@b", "p", &DigestKey::random()), before);
}

#[test]
fn debug_shows_neither_email_nor_password() {
    let entries = data(&[
        ("email", b"a@example.com"),
        ("password", PASSWORD.as_bytes()),
    ]);
    let account = account(&DigestKey::random(), &object(), &reference(), entries).unwrap();
    let shown = format!("{account:?}");
    assert!(
        !shown.contains("example.com") && !shown.contains(PASSWORD),
        "{shown}"
    );
}

#[test]
fn only_certificates_are_read_from_a_bundle() {
    let text = "
junk
-----BEGIN PRIVATE KEY-----
c2VjcmV0
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
b25l
-----END CERTIFICATE-----
between
-----BEGIN CERTIFICATE-----\r
dHdv\r
-----END CERTIFICATE-----\r
password: hunter2";
    let bundle = Bundle::of(text.as_bytes());
    let expected = "-----BEGIN CERTIFICATE-----\nb25l\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\ndHdv\n-----END CERTIFICATE-----\n";
    assert_eq!(String::from_utf8(bundle.pem).unwrap(), expected);
    assert_eq!(
        Bundle::of(expected.as_bytes()).digest,
        Bundle::of(text.as_bytes()).digest
    );
}

/// The parts that a bundle may be put together from, in any order.
const PARTS: [&str; 8] = [
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\n",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----\n",
    "MIIBsecret\n",
    "\r\n",
    "  ",
    "\u{fffd}",
];

#[test]
fn of_any_text_a_bundle_holds_no_more_than_certificates() {
    let holds_certificates = |text: &[u8]| {
        let bundle = Bundle::of(text);
        let pem = String::from_utf8(bundle.pem.clone()).unwrap();
        assert!(!pem.contains("PRIVATE KEY"), "{pem}");
        assert!(pem.is_empty() || pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
        // A byte that is no text becomes three, and a line break may be missing at the end.
        assert!(pem.len() <= 3 * text.len() + 1);
        assert_eq!(Bundle::of(&bundle.pem), bundle, "once more changes nothing");
    };
    bolero::check!()
        .with_type::<Vec<u8>>()
        .for_each(|text| holds_certificates(text));
    bolero::check!().with_type::<Vec<u8>>().for_each(|parts| {
        let text: String = parts
            .iter()
            .map(|part| PARTS[usize::from(*part) % PARTS.len()])
            .collect();
        holds_certificates(text.as_bytes());
    });
}

#[test]
fn of_any_secret_an_account_is_made_or_the_key_is_named_and_its_content_is_not() {
    bolero::check!()
        .with_type::<(Option<Vec<u8>>, Option<Vec<u8>>)>()
        .for_each(|(email, password)| {
            let secret = |bytes: &Vec<u8>| [PASSWORD.as_bytes(), bytes, b"\xff"].concat();
            let entries: BTreeMap<_, _> = [
                ("email", email.clone()),
                ("password", password.as_ref().map(secret)),
            ]
            .into_iter()
            .filter_map(|(key, bytes)| Some((key.to_owned(), ByteString(bytes?))))
            .collect();
            let defect =
                account(&DigestKey::random(), &object(), &reference(), entries).unwrap_err();
            let told = format!("{defect} {defect:?}");
            assert!(
                told.contains("\"email\"") || told.contains("\"password\""),
                "{told}"
            );
            assert!(!told.contains(PASSWORD), "{told}");
        });
    bolero::check!()
        .with_type::<(String, String)>()
        .for_each(|(email, password)| {
            let entries = data(&[
                ("email", email.as_bytes()),
                ("password", password.as_bytes()),
            ]);
            if let Ok(account) = account(&DigestKey::random(), &object(), &reference(), entries) {
                let trimmed = password.trim_end_matches(['\r', '\n']);
                assert_eq!(account.credentials.password.expose_secret(), trimmed);
            }
        });
}
