use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::xopero::ids::{OrganizationId, ProjectId, RepositoryId};

const ONE: &str = "00000000-0000-0000-0000-000000000001";
const TWO: &str = "00000000-0000-0000-0000-000000000002";
const NIL: &str = "00000000-0000-0000-0000-000000000000";

fn repository(row: &Value) -> Result<Repository, AnswerDefect> {
    let body = json!({"result": [row], "totalEntries": 1}).to_string();
    repository_page(body.as_bytes(), &WireNames::default()).map(|mut page| page.rows.remove(0))
}

#[test]
fn an_organization_is_read_as_documented() {
    let body = json!({
        "currentPage": 1, "pageCount": 1, "totalEntries": 1,
        "result": [{
            "id": ONE, "driver": 1, "name": "acme", "apiUrl": null, "isReadOnly": false, "protectedRepositories": 3,
            "totalRepositories": 5, "missingLicences": 2, "removedRepositories": 1, "defaultWorkerId": TWO,
            "isCreatedByMarketplace": false, "synchronizationInProgress": true, "plans": [{"id": TWO, "name": "nightly"}],
        }],
    });
    let page = organization_page(body.to_string().as_bytes(), &WireNames::default()).unwrap();
    assert_eq!(
        (page.number, page.count, page.total),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(
        page.rows,
        [Organization {
            id: OrganizationId::numbered(1),
            driver: Some(1),
            name: "acme".to_owned(),
            synchronizing: Some(true),
            plans: Some([PlanId::numbered(2)].into()),
            removed_repositories: Some(1),
        }]
    );
}

#[rstest]
#[case::bare(json!([{"id": ONE, "name": "nightly", "lastStatus": {"successes": 5, "warnings": 1, "errors": 0},
    "planFinishedTime": 1_790_000_000_000_i64, "isRunning": false, "backupType": 7, "includeMetadata": true, "repoCount": 6}]))]
#[case::in_a_page(json!({"result": [{"ID": ONE, "NAME": "nightly", "last_status": {"Successes": 5.0, "warnings": "1", "errors": 0},
    "PlanFinishedTime": 1_790_000_000_000_i64, "isrunning": "False", "backuptype": 7, "includeMetaData": true, "repoCount": 6}]}))]
fn plans_are_read_bare_or_in_a_page_and_in_any_casing(#[case] body: Value) {
    let page = plan_page(body.to_string().as_bytes(), &WireNames::default()).unwrap();
    assert_eq!(
        page.rows,
        [Plan {
            id: PlanId::numbered(1),
            name: "nightly".to_owned(),
            backup_type: Some(7),
            include_metadata: Some(true),
            repository_count: Some(6),
            last_status: Some(LastStatus {
                successes: Some(5),
                warnings: Some(1),
                errors: Some(0)
            }),
            finished_at: Some(1_790_000_000_000),
            running: Some(false),
        }]
    );
}

#[rstest]
#[case::as_assumed(json!({"id": ONE, "hasLicence": true}), Some(true))]
#[case::american(json!({"id": ONE, "hasLicense": true}), Some(true))]
#[case::is_licensed(json!({"id": ONE, "isLicensed": false}), Some(false))]
#[case::assigned(json!({"id": ONE, "licenceAssigned": false}), Some(false))]
#[case::another_casing(json!({"id": ONE, "HASLICENCE": true}), Some(true))]
#[case::the_likelier_one(json!({"id": ONE, "isLicensed": false, "hasLicence": true}), Some(true))]
#[case::the_one_with_a_value(json!({"id": ONE, "isLicensed": false, "hasLicence": null}), Some(false))]
#[case::null(json!({"id": ONE, "hasLicence": null}), None)]
#[case::something_else(json!({"id": ONE, "hasLicence": {"key": 1}}), None)]
#[case::one(json!({"id": ONE, "hasLicence": 1}), Some(true))]
#[case::zero(json!({"id": ONE, "hasLicence": 0}), Some(false))]
#[case::zero_as_a_float(json!({"id": ONE, "hasLicence": 0.0}), Some(false))]
#[case::another_number(json!({"id": ONE, "hasLicence": 2}), None)]
#[case::a_negative_number(json!({"id": ONE, "hasLicence": -1}), None)]
#[case::not_there(json!({"id": ONE}), None)]
fn a_licence_is_read_by_likely_spellings_and_unknown_otherwise(
    #[case] row: Value,
    #[case] licence: Option<bool>,
) {
    assert_eq!(repository(&row).unwrap().licence, licence);
}

#[rstest]
#[case::objects(json!([{"id": ONE, "name": "nightly"}, {"planId": TWO}]), Some(vec![1, 2]))]
#[case::ids(json!([ONE, TWO]), Some(vec![1, 2]))]
#[case::none(json!([]), Some(vec![]))]
#[case::null(json!(null), None)]
#[case::a_number(json!(2), None)]
#[case::an_entry_without_id(json!([{"id": ONE}, {"name": "weekly"}]), None)]
#[case::an_entry_of_zeros(json!([{"id": NIL}]), None)]
#[case::names(json!(["nightly"]), None)]
fn plans_of_a_repository_are_known_as_a_whole_or_not_at_all(
    #[case] plans: Value,
    #[case] expected: Option<Vec<u128>>,
) {
    let expected = expected.map(|numbers| numbers.into_iter().map(PlanId::numbered).collect());
    assert_eq!(
        repository(&json!({"id": ONE, "plans": plans}))
            .unwrap()
            .plans,
        expected
    );
}

#[rstest]
#[case::no_id(json!({"name": "api"}))]
#[case::null(json!({"id": null}))]
#[case::a_number(json!({"id": 5}))]
#[case::zeros(json!({"id": NIL}))]
#[case::a_word(json!({"id": "api"}))]
#[case::no_object(json!(5))]
#[case::null_row(json!(null))]
fn a_row_without_a_recognizable_id_voids_the_listing(#[case] row: Value) {
    assert_eq!(
        repository(&row),
        Err(AnswerDefect::FieldMissing {
            key: "response.repository.id"
        })
    );
}

#[test]
fn null_is_accepted_anywhere_but_in_the_id() {
    let names = [
        "name",
        "organizationId",
        "projectId",
        "projectName",
        "hasLicence",
        "isRemoved",
        "plans",
    ];
    let mut row: Map<String, Value> = names
        .into_iter()
        .map(|name| (name.to_owned(), Value::Null))
        .collect();
    row.insert("id".to_owned(), json!(TWO));
    let expected = Repository {
        id: RepositoryId::numbered(2),
        name: String::new(),
        organization: None,
        project: None,
        project_name: None,
        licence: None,
        removed: None,
        plans: None,
    };
    assert_eq!(repository(&Value::Object(row)), Ok(expected.clone()));
    assert_eq!(repository(&json!({"id": TWO})), Ok(expected));
}

#[test]
fn an_organization_id_that_is_not_understood_voids_the_listing_and_a_projects_key_does_not() {
    let defect = repository(&json!({"id": ONE, "organizationId": "acme"})).unwrap_err();
    assert_eq!(
        defect,
        AnswerDefect::FieldMissing {
            key: "response.repository.organizationId"
        }
    );
    assert_eq!(
        repository(&json!({"id": ONE, "projectId": "TOOLS"}))
            .unwrap()
            .project,
        None
    );
    assert_eq!(
        repository(&json!({"id": ONE, "projectId": TWO}))
            .unwrap()
            .project,
        Some(ProjectId::numbered(2))
    );
}

#[test]
fn only_the_replaced_name_is_read() {
    let names = WireNames::from_yaml(
        "response.repository.hasLicence: seat\nresponse.page.result: data\nresponse.planPage.result: jobs",
    )
    .unwrap();
    let body = json!({"data": [{"id": ONE, "Seat": true, "hasLicence": false}, {"id": TWO, "hasLicence": true}]});
    let page = repository_page(body.to_string().as_bytes(), &names).unwrap();
    assert_eq!(
        page.rows.iter().map(|row| row.licence).collect::<Vec<_>>(),
        [Some(true), None]
    );
    let plans = |list: &str| {
        let body = json!({list: [{"id": ONE}]}).to_string();
        plan_page(body.as_bytes(), &names).map(|page| page.rows.len())
    };
    assert_eq!(plans("jobs"), Ok(1));
    let key = "response.planPage.result";
    assert_eq!(plans("data"), Err(AnswerDefect::NoList { key }));
}

#[rstest]
fn plans_are_listed_under_likely_names_and_repositories_under_the_documented_one(
    #[values("result", "results", "plans", "items", "data", "Plans")] list: &str,
) {
    let body = json!({list: [{"id": ONE}]}).to_string();
    let names = WireNames::default();
    assert_eq!(plan_page(body.as_bytes(), &names).unwrap().rows.len(), 1);
    let is_documented = list.starts_with("result");
    assert_eq!(
        repository_page(body.as_bytes(), &names).is_ok(),
        is_documented
    );
}

#[test]
fn what_is_no_list_of_plans_names_the_key_for_it() {
    let key = "response.planPage.result";
    assert_eq!(
        plan_page(br#"{"totalEntries": 0}"#, &WireNames::default()),
        Err(AnswerDefect::NoList { key })
    );
}

#[rstest]
#[case::page_of_html("<!DOCTYPE html><html></html>", AnswerDefect::WebPage)]
#[case::page_after_blank_lines("\n\n <html>", AnswerDefect::WebPage)]
#[case::cut_short(r#"{"result": [{"id": "#, AnswerDefect::CutShort)]
#[case::nothing("", AnswerDefect::CutShort)]
#[case::words("maintenance", AnswerDefect::NotJson)]
#[case::no_list(r#"{"totalEntries": 0}"#, AnswerDefect::NoList { key: "response.page.result" })]
#[case::a_list_of_another_kind(r#"{"result": "none"}"#, AnswerDefect::NoList { key: "response.page.result" })]
#[case::null_under_another_name(r#"{"rows": null}"#, AnswerDefect::NoList { key: "response.page.result" })]
fn what_is_no_page_is_no_empty_listing(#[case] body: &str, #[case] expected: AnswerDefect) {
    assert_eq!(
        repository_page(body.as_bytes(), &WireNames::default()),
        Err(expected)
    );
}

#[rstest]
#[case::as_documented(r#"{"result": null, "totalEntries": 0}"#, 0)]
#[case::another_casing(r#"{"Result": null, "TotalEntries": 0}"#, 0)]
#[case::bare("null", 0)]
#[case::another_spelling_has_the_rows(r#"{"result": null, "results": [{"id": "00000000-0000-0000-0000-000000000001"}], "totalEntries": 1}"#, 1)]
fn a_list_that_is_null_is_an_empty_one(#[case] body: &str, #[case] rows: usize) {
    let page = repository_page(body.as_bytes(), &WireNames::default()).unwrap();
    assert_eq!(page.rows.len(), rows);
}

#[rstest]
#[case::nothing("", None)]
#[case::blank(" \r\n", None)]
#[case::object("{}", None)]
#[case::byte_order_mark("\u{feff}{}", None)]
#[case::null("null", None)]
#[case::maintenance("<html>", Some(AnswerDefect::WebPage))]
#[case::cut_short("{\"a\":", Some(AnswerDefect::CutShort))]
#[case::words("OK", Some(AnswerDefect::NotJson))]
fn a_write_is_confirmed_by_nothing_or_by_json(
    #[case] body: &str,
    #[case] defect: Option<AnswerDefect>,
) {
    assert_eq!(defect_of_acknowledgement(body.as_bytes()), defect);
}

#[rstest]
#[case::documented(json!({"userId": ONE, "accessToken": "a.b.c"}), true)]
#[case::another_casing(json!({"AccessToken": "a.b.c"}), true)]
#[case::empty(json!({"accessToken": ""}), false)]
#[case::no_header(json!({"accessToken": "a\r\nHost: b"}), false)]
#[case::null(json!({"accessToken": null}), false)]
#[case::too_long(json!({"accessToken": "a".repeat(20_000)}), false)]
#[case::array(json!(["a"]), false)]
fn a_token_is_something_that_can_stand_in_a_header(#[case] body: Value, #[case] accepted: bool) {
    assert_eq!(
        access_token(body.to_string().as_bytes(), &WireNames::default()).is_ok(),
        accepted
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = prop_oneof![
        "[a-zA-Z]{0,6}",
        prop::sample::select(super::super::fields::ALL)
            .prop_map(|field| field.spellings[0].to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!(ONE)),
        Just(json!(NIL)),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(keys.clone(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every decoder; only that they return matters.
fn decode_all(body: &[u8]) {
    let names = WireNames::default();
    drop(access_token(body, &names));
    std::hint::black_box(defect_of_acknowledgement(body));
    drop(organization_page(body, &names));
    drop(plan_page(body, &names));
    drop(repository_page(body, &names));
}

proptest! {
    #[test]
    fn no_json_makes_a_decoder_panic(value in any_json()) {
        decode_all(value.to_string().as_bytes());
        decode_all(json!({"result": [value.clone()]}).to_string().as_bytes());
        decode_all(json!([value]).to_string().as_bytes());
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        decode_all(&bytes);
    }
}
