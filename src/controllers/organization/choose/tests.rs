use rstest::rstest;

use super::*;

fn organization(id: u128, name: &str, driver: i64) -> Organization {
    Organization {
        id: OrganizationId::numbered(id),
        driver: Some(driver),
        name: name.to_owned(),
        synchronizing: None,
        plans: None,
        removed_repositories: None,
    }
}

fn several_organizations() -> Vec<Organization> {
    vec![
        organization(1, "acme", 1),
        organization(2, "Acme", 1),
        organization(3, "twin", 3),
        organization(4, "twin", 4),
        organization(5, "globex", 1),
    ]
}

fn chosen_of(
    listed: Listed<Organization>,
    (name, driver): (&str, Option<i32>),
    known: Option<u128>,
) -> Result<OrganizationId, Reason> {
    let meant = Meant {
        id: known.map(OrganizationId::numbered),
        ..Meant::default()
    };
    let chosen = choose(listed, &declared(name, driver), &meant);
    chosen
        .map(|organization| organization.id)
        .map_err(|error| error.reason())
}

fn declared(name: &str, driver: Option<i32>) -> XoperoOrganizationSpec {
    let mut spec = serde_json::json!({"connectionRef": {"name": "xopero"}, "name": name, "provider": "GitHub"});
    if let Some(driver) = driver {
        spec["driver"] = driver.into();
    }
    serde_json::from_value(spec).unwrap()
}

#[rstest]
//                                  listed                                         says
#[case::by_spelling(                &[("ACME", 1), ("AcMe", 1)],                   "Write one of these spellings")]
#[case::by_driver(                  &[("Acme", 1), ("Acme", 2)],                   "and the driver.")]
#[case::by_nothing(                 &[("Acme", 1), ("Acme", 1)],                   "has 2 organizations \"Acme\" with driver: 1")]
#[case::by_nothing_some_of_them(    &[("Acme", 1), ("Acme", 1), ("Acme", 2)],      "rename or delete one in Xopero ONE.")]
fn several_of_one_name_are_told_apart_by_what_differs(
    #[case] organizations: &[(&str, i64)],
    #[case] says: &str,
) {
    let organizations = (1..).zip(organizations);
    let organizations = organizations.map(|(id, (name, driver))| organization(id, name, *driver));
    let rows = organizations.collect();
    let counted = true;
    let spec = declared("Acme", None);
    let chosen = choose(Listed { rows, counted }, &spec, &Meant::default());
    let message = chosen.unwrap_err().to_string();
    assert!(message.contains(says), "{message}");
}

#[rstest]
#[case::it_may_be_of_that_one(&[None], Ok(1))]
#[case::the_one_that_shows_it_is(&[None, Some(7)], Ok(2))]
#[case::several_may_be(&[None, None], Err(Reason::Ambiguous))]
#[case::it_is_of_another_one(&[Some(8)], Err(Reason::OrganizationNotFound))]
fn a_driver_that_is_not_shown_is_not_another_one(
    #[case] drivers: &[Option<i64>],
    #[case] chosen: Result<u128, Reason>,
) {
    let rows = (1..).zip(drivers).map(|(id, driver)| Organization {
        driver: *driver,
        ..organization(id, "acme", 0)
    });
    let listed = Listed {
        rows: rows.collect(),
        counted: true,
    };
    let chosen = chosen.map(OrganizationId::numbered);
    assert_eq!(chosen_of(listed, ("acme", Some(7)), None), chosen);
}

#[rstest]
#[case::the_exact_spelling("Acme", None, None, Ok(2))]
#[case::the_only_one_without_case("GLOBEX", None, None, Ok(5))]
#[case::two_of_one_name("twin", None, None, Err(Reason::Ambiguous))]
#[case::told_apart_by_driver("twin", Some(4), None, Ok(4))]
#[case::or_by_what_was_known("twin", None, Some(3), Ok(3))]
#[case::nothing_of_that_name("initech", None, None, Err(Reason::OrganizationNotFound))]
#[case::nothing_of_that_driver("Acme", Some(9), None, Err(Reason::OrganizationNotFound))]
fn an_organization_is_chosen_by_name_and_driver(
    #[case] name: &str,
    #[case] driver: Option<i32>,
    #[case] known: Option<u128>,
    #[case] chosen: Result<u128, Reason>,
) {
    let listed = Listed {
        rows: several_organizations(),
        counted: true,
    };
    let chosen = chosen.map(OrganizationId::numbered);
    assert_eq!(chosen_of(listed, (name, driver), known), chosen);
}

#[rstest]
#[case::it_is_there("Acme", None, Ok(2))]
#[case::and_was_known("Acme", Some(2), Ok(2))]
#[case::not_there("initech", None, Err(Reason::AnswerNotUnderstood))]
#[case::one_of_that_name_was_known_and_is_not_there(
    "Acme",
    Some(9),
    Err(Reason::AnswerNotUnderstood)
)]
#[case::several("twin", None, Err(Reason::Ambiguous))]
fn from_a_listing_that_may_not_be_whole_nothing_is_concluded(
    #[case] name: &str,
    #[case] known: Option<u128>,
    #[case] chosen: Result<u128, Reason>,
) {
    let listed = Listed {
        rows: several_organizations(),
        counted: false,
    };
    let chosen = chosen.map(OrganizationId::numbered);
    assert_eq!(chosen_of(listed, (name, None), known), chosen);
}

#[rstest]
//                                   first                           then                  driver    chosen
#[case::added_anew(                  &[(1, "acme", 1)],              &[(3, "acme", 1)],    None,     Ok(3))]
#[case::spelled_otherwise(           &[(1, "acme", 1)],              &[(3, "Acme", 1)],    None,     Ok(3))]
#[case::it_stood_beside_it(          &[(1, "acme", 1), (2, "Acme", 1)], &[(2, "Acme", 1)], None,     Err(Reason::OrganizationNotFound))]
#[case::it_is_of_another_service(    &[(1, "acme", 1)],              &[(2, "acme", 2)],    None,     Err(Reason::OrganizationNotFound))]
#[case::and_a_person_says_so(        &[(1, "acme", 1)],              &[(2, "acme", 2)],    Some(2),  Ok(2))]
#[case::its_number_is_another_now(   &[(1, "acme", 1)],              &[(1, "acme", 2)],    None,     Ok(1))]
#[case::it_has_another_name_now(     &[(1, "acme", 1), (2, "Acme", 1)], &[(1, "old", 1), (2, "Acme", 1)], None, Err(Reason::OrganizationNotFound))]
fn one_that_is_gone_is_followed_where_it_was_added_anew_and_not_where_another_has_its_name(
    #[case] first: &[(u128, &str, i64)],
    #[case] then: &[(u128, &str, i64)],
    #[case] driver: Option<i32>,
    #[case] chosen: Result<u128, Reason>,
) {
    let listed = |rows: &[(u128, &str, i64)]| Listed {
        rows: rows
            .iter()
            .map(|(id, name, driver)| organization(*id, name, *driver))
            .collect(),
        counted: true,
    };
    let mut meant = Meant::default();
    let before = choose(listed(first), &declared("acme", None), &meant).unwrap();
    meant.found(&before, listed(first).rows.iter().map(|row| row.id));
    let found = choose(listed(then), &declared("acme", driver), &meant);
    let found = found
        .map(|organization| organization.id)
        .map_err(|error| error.reason());
    assert_eq!(found, chosen.map(OrganizationId::numbered));
}

/// What is known of one that was meant before says nothing of the next one.
#[test]
fn what_is_known_is_that_of_the_one_that_was_found_last() {
    let id = OrganizationId::numbered;
    let mut meant = Meant::default();
    let of_driver = |number: u128, driver: Option<i64>| Organization {
        driver,
        ..organization(number, "acme", 0)
    };
    let known = |meant: &Meant| (meant.driver, meant.namesakes());
    meant.found(&of_driver(1, Some(4)), [id(1), id(2)]);
    assert_eq!(known(&meant), (Some(4), vec![id(2).to_string()]));
    meant.found(&of_driver(1, None), [id(1)]);
    assert_eq!(
        known(&meant),
        (Some(4), vec![id(2).to_string()]),
        "it is not shown this time"
    );
    meant.found(&of_driver(1, Some(5)), [id(1)]);
    assert_eq!(meant.driver, Some(5));
    meant.found(&of_driver(3, None), [id(3)]);
    assert_eq!(known(&meant), (None, Vec::new()));
}

#[rstest]
#[case::of_another_service(2, "write its driver")]
#[case::that_stood_beside_it(1, "replace this resource")]
fn who_means_the_one_that_is_left_is_told_how_to_say_so(
    #[case] driver: i64,
    #[case] way_out: &str,
) {
    let mut meant = Meant::default();
    let ids = [1, 2].map(OrganizationId::numbered);
    meant.found(&organization(1, "acme", 1), ids);
    let listed = Listed {
        rows: vec![organization(2, "acme", driver)],
        counted: true,
    };
    let Err(Unclear::NotFound(message)) = choose(listed, &declared("acme", None), &meant) else {
        panic!("it was followed")
    };
    assert!(message.contains(way_out), "{message}");
}

/// Which stood beside which another process saw.
#[rstest]
#[case::it_stood_beside_it(&[2], Err(Reason::OrganizationNotFound))]
#[case::another_did(&[9], Ok(2))]
fn after_a_restart_a_namesake_is_no_other_than_before(
    #[case] namesakes: &[u128],
    #[case] chosen: Result<u128, Reason>,
) {
    let namesakes = namesakes.iter().copied().map(OrganizationId::numbered);
    let status = XoperoOrganizationStatus {
        driver: Some(1),
        namesakes: namesakes.map(|id| id.to_string()).collect(),
        ..XoperoOrganizationStatus::default()
    };
    let meant = Meant::recorded(OrganizationId::numbered(1), Some(&status));
    assert_eq!(meant.namesakes(), status.namesakes);
    let listed = Listed {
        rows: vec![organization(2, "Acme", 1)],
        counted: true,
    };
    let found = choose(listed, &declared("acme", None), &meant);
    let found = found
        .map(|organization| organization.id)
        .map_err(|error| error.reason());
    assert_eq!(found, chosen.map(OrganizationId::numbered));
}
