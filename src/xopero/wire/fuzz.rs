//! Every decoder of what comes from outside, with anything at all: no panic, no more memory than was sent, no part of it in the
//! words of an error, and what is well formed is read as it was written.

use bolero::check;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{
    WireNames, access_token, defect_of_acknowledgement, organization_page, plan_page,
    repository_page,
};
use crate::xopero::errors::AnswerDefect;

/// Stands in every body: it must not stand in an error.
const CANARY: &str = "hunter2-canary";

/// Answers as a server gives them, to be spoilt.
fn samples() -> Vec<String> {
    let guid = |number: u8| format!("00000000-0000-4000-8000-0000000000{number:02x}");
    let organization = json!({
        "id": guid(1), "driver": 1, "name": CANARY, "synchronizationInProgress": false, "plans": [{"id": guid(2)}],
    });
    let plan = json!({
        "id": guid(2), "name": CANARY, "backupType": 1, "lastStatus": {"successes": 1, "warnings": 0, "errors": 0},
    });
    let repository = json!({
        "id": guid(3), "name": CANARY, "organizationId": guid(1), "hasLicence": true, "isRemoved": false,
        "projectId": null, "plans": [{"id": guid(2)}, guid(4)],
    });
    let page = |row: Value| {
        json!({"result": [row], "currentPage": 1, "pageCount": 1, "totalEntries": 1, "canary": CANARY}).to_string()
    };
    vec![
        page(organization),
        page(plan.clone()),
        json!([plan]).to_string(),
        page(repository),
        json!({"accessToken": CANARY, "expiresIn": 7}).to_string(),
    ]
}

/// Reads it as each kind of answer.
fn read_as_everything(body: &[u8]) {
    let names = WireNames::default();
    let organizations = organization_page(body, &names);
    let plans = plan_page(body, &names);
    let repositories = repository_page(body, &names);
    let rows = |rows: usize| assert!(rows <= body.len(), "more rows than bytes");
    match &organizations {
        Ok(page) => rows(page.rows.len()),
        Err(defect) => is_told(defect),
    }
    match &plans {
        Ok(page) => rows(page.rows.len()),
        Err(defect) => is_told(defect),
    }
    match &repositories {
        Ok(page) => rows(page.rows.len()),
        Err(defect) => is_told(defect),
    }
    match access_token(body, &names) {
        Ok(token) => {
            let token = token.expose_secret();
            assert!(token.bytes().all(|byte| byte.is_ascii_graphic()) && token.len() <= body.len());
        }
        Err(defect) => is_told(&defect),
    }
    if let Some(defect) = defect_of_acknowledgement(body) {
        is_told(&defect);
    }
}

/// What is wrong is said, and nothing of the answer.
fn is_told(defect: &AnswerDefect) {
    let told = defect.to_string();
    assert!(!told.is_empty() && !told.contains("canary"), "{told}");
}

#[test]
fn any_bytes_are_an_answer_or_an_error() {
    check!()
        .with_type::<Vec<u8>>()
        .for_each(|body| read_as_everything(body));
}

/// An answer of a server, cut somewhere and with some of its bytes replaced.
#[test]
fn a_spoilt_answer_is_an_answer_or_an_error() {
    let samples = samples();
    check!()
        .with_type::<(u8, Option<u16>, Vec<(u16, u8)>)>()
        .for_each(|(sample, cut, spoilt)| {
            let mut body = samples[usize::from(*sample) % samples.len()]
                .clone()
                .into_bytes();
            for (place, byte) in spoilt.iter().take(8) {
                let place = usize::from(*place) % body.len();
                body[place] = *byte;
            }
            if let Some(cut) = cut {
                body.truncate(usize::from(*cut) % (body.len() + 1));
            }
            read_as_everything(&body);
        });
}

#[test]
fn any_text_is_a_file_of_wire_names_or_an_error() {
    check!().with_type::<String>().for_each(|text| {
        if let Err(error) = WireNames::from_yaml(text) {
            assert!(!error.to_string().is_empty());
        }
    });
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        (1_u128..9).prop_map(|id| Value::from(uuid::Uuid::from_u128(id).to_string())),
    ];
    let names = prop::sample::select(vec![
        "id",
        "Id",
        "name",
        "result",
        "RESULT",
        "plans",
        "organizationId",
        "hasLicence",
        "isRemoved",
        "projectId",
        "totalEntries",
        "pageCount",
        "currentPage",
        "lastStatus",
        "accessToken",
        "driver",
    ]);
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Any JSON under the names that are looked for.
    #[test]
    fn any_json_is_an_answer_or_an_error(body in any_json()) {
        read_as_everything(body.to_string().as_bytes());
    }

    /// What a server writes is read, in whatever casing it writes the names.
    #[test]
    fn a_row_is_read_as_it_was_written(
        id in 1_u128..=u128::MAX,
        name in ".{0,40}",
        licence in any::<Option<bool>>(),
        removed in any::<Option<bool>>(),
        plans in prop::option::of(prop::collection::btree_set(1_u128..=u128::MAX, 0..5)),
        upper in any::<bool>(),
    ) {
        let guid = |id: u128| uuid::Uuid::from_u128(id).to_string();
        let spelt = |name: &str| if upper { name.to_uppercase() } else { name.to_owned() };
        let listed: Option<Vec<Value>> = plans
            .as_ref()
            .map(|plans| plans.iter().map(|plan| json!({ "id": guid(*plan) })).collect());
        let row: Value = [
            ("id", json!(guid(id))),
            ("name", json!(name)),
            ("hasLicence", json!(licence)),
            ("isRemoved", json!(removed)),
            ("plans", json!(listed)),
        ]
        .into_iter()
        .map(|(key, value)| (spelt(key), value))
        .collect::<serde_json::Map<_, _>>()
        .into();
        let body = json!({ spelt("result"): [row], spelt("totalEntries"): 1 }).to_string();
        let page = repository_page(body.as_bytes(), &WireNames::default()).unwrap();
        prop_assert_eq!(page.total, Some(1));
        let [row] = &page.rows[..] else { panic!("one row") };
        prop_assert_eq!(row.id.to_string(), guid(id));
        prop_assert_eq!((&row.name, row.licence, row.removed), (&name, licence, removed));
        let read = row.plans.as_ref().map(|plans| plans.iter().map(ToString::to_string).collect::<Vec<_>>());
        let written = plans.map(|plans| plans.into_iter().map(guid).collect::<Vec<_>>());
        prop_assert_eq!(read, written);
    }

    /// A name that is replaced is the one that is used.
    #[test]
    fn wire_names_are_used_as_they_were_written(name in "[!-~]{1,100}") {
        let file = serde_json::json!({ "response.repository.hasLicence": name }).to_string();
        if let Ok(names) = WireNames::from_yaml(&file) {
            let body = json!({"result": [{"id": uuid::Uuid::from_u128(7).to_string(), &*name: true}], "totalEntries": 1});
            let page = repository_page(body.to_string().as_bytes(), &names);
            // Unless it is now called as something else of the row is.
            if let Ok(page) = page {
                prop_assert_eq!(page.rows[0].licence, Some(true));
            }
        }
    }
}

/// However often a file repeats itself by references, it is read or refused without growing beyond bounds.
#[test]
fn a_file_of_wire_names_that_refers_to_itself_is_refused() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (before, letter) in ('a'..='y').zip('b'..='z') {
        let nine = format!("*{before}, ").repeat(9);
        let nine = nine.trim_end_matches(", ");
        bomb.extend([letter.to_string(), format!(": &{letter} [{nine}]\n")]);
    }
    assert!(WireNames::from_yaml(&bomb).is_err());
}

#[test]
fn an_answer_that_is_nested_without_end_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(repository_page(body.as_bytes(), &WireNames::default()).is_err());
    }
}
