//! Which organization of Xopero ONE a resource means. Pure.

use std::collections::BTreeSet;

use thiserror::Error;

use crate::{
    api::{Reason, XoperoOrganizationSpec, XoperoOrganizationStatus},
    decide::listed,
    inventory::{OrganizationId, display_name},
    xopero::{Listed, Organization},
};

/// How many namesakes stand in status.
const MOST_NAMES: usize = 20;

/// Why a name means no one organization.
#[derive(Debug, Error)]
pub(super) enum Unclear {
    /// There is none of that name.
    #[error("{0}")]
    NotFound(String),
    /// There are several.
    #[error("{0}")]
    Ambiguous(String),
    /// It is not listed, and whether all were listed is not known.
    #[error("{0}")]
    Uncounted(String),
}

impl Unclear {
    /// The word for the condition.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::NotFound(_) => Reason::OrganizationNotFound,
            Self::Ambiguous(_) => Reason::Ambiguous,
            Self::Uncounted(_) => Reason::AnswerNotUnderstood,
        }
    }
}

/// The organization that was meant until now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meant {
    /// `None`: none was found yet.
    pub(super) id: Option<OrganizationId>,
    /// Its driver, where that was shown.
    pub(super) driver: Option<i64>,
    /// Those of its name in any casing that were listed beside it.
    pub(super) beside: BTreeSet<OrganizationId>,
}

impl Meant {
    /// The one that a process before this one has found, with what status tells of it.
    pub(super) fn recorded(id: OrganizationId, status: Option<&XoperoOrganizationStatus>) -> Self {
        let namesakes = status.into_iter().flat_map(|status| &status.namesakes);
        Self {
            id: Some(id),
            driver: status.and_then(|status| status.driver),
            beside: namesakes
                .filter_map(|id| OrganizationId::parse(id))
                .collect(),
        }
    }

    /// For status: the others of its name that were listed beside it, as many as may stand there.
    pub(super) fn namesakes(&self) -> Vec<String> {
        let others = self.beside.iter().take(MOST_NAMES);
        others.map(ToString::to_string).collect()
    }

    /// Takes in that this one was found; `alike` are all that are listed of its name in any casing.
    pub(super) fn found(
        &mut self,
        organization: &Organization,
        alike: impl IntoIterator<Item = OrganizationId>,
    ) {
        if self.id != Some(organization.id) {
            *self = Self::default();
        }
        self.id = Some(organization.id);
        self.driver = organization.driver.or(self.driver);
        let others = alike.into_iter().filter(|id| *id != organization.id);
        self.beside.extend(others);
    }

    /// Whether the only one of the name is not the one that was meant, added anew: it stood beside that, or is of another Git service, and
    /// nobody wrote that this is meant.
    fn is_not(&self, only: &Organization, driver: Option<i64>) -> bool {
        let is_other = self.id.is_some_and(|id| id != only.id);
        if self.is_of_another_service(only) {
            return is_other && driver.is_none();
        }
        is_other && self.beside.contains(&only.id)
    }

    fn is_of_another_service(&self, organization: &Organization) -> bool {
        let drivers = self.driver.zip(organization.driver);
        drivers.is_some_and(|(own, other)| own != other)
    }
}

/// The exact spelling, else the only one without case; of two of one name the one that was known, or of the driver.
pub(super) fn choose(
    listed: Listed<Organization>,
    spec: &XoperoOrganizationSpec,
    meant: &Meant,
) -> Result<Organization, Unclear> {
    let remembered = meant.id;
    let Listed {
        rows: organizations,
        counted,
    } = listed;
    let name = &spec.name;
    let is_listed = |id| organizations.iter().any(|row| row.id == id);
    // Another one of that name is not taken for the one that may only not have been listed.
    if !counted && remembered.is_some_and(|id| !is_listed(id)) {
        return Err(Unclear::Uncounted(perhaps_not_listed(name)));
    }
    let lowered = name.to_lowercase();
    let driver = spec.driver.map(i64::from);
    let all: Vec<String> = organizations
        .iter()
        .map(|organization| display_name(&organization.name))
        .collect();
    let alike: Vec<Organization> = organizations
        .into_iter()
        .filter(|organization| organization.name.to_lowercase() == lowered)
        // One that shows no driver may be of that one.
        .filter(|organization| organization.driver.is_none() || is_of(driver, organization))
        .collect();
    let has_exact = alike.iter().any(|organization| &organization.name == name);
    let mut choice: Vec<Organization> = alike
        .into_iter()
        .filter(|organization| !has_exact || &organization.name == name)
        .collect();
    if choice
        .iter()
        .any(|organization| is_of(driver, organization))
    {
        choice.retain(|organization| is_of(driver, organization));
    }
    if choice.len() > 1
        && let Some(known) = choice
            .iter()
            .position(|organization| Some(organization.id) == remembered)
    {
        return Ok(choice.swap_remove(known));
    }
    match choice.pop() {
        None if !counted => Err(Unclear::Uncounted(perhaps_not_listed(name))),
        None => {
            let of_driver = driver
                .map(|driver| format!(" of driver {driver}"))
                .unwrap_or_default();
            Err(Unclear::NotFound(format!(
                "Xopero ONE lists no organization {name:?}{of_driver}: correct name, or add the organization in Xopero ONE. \
                 It lists: {}.",
                listed_names(&all)
            )))
        }
        Some(only) if choice.is_empty() && meant.is_not(&only, driver) => {
            Err(Unclear::NotFound(another(name, &only, meant)))
        }
        Some(only) if choice.is_empty() => Ok(only),
        Some(last) => {
            choice.push(last);
            Err(Unclear::Ambiguous(several(name, &choice)))
        }
    }
}

fn is_of(driver: Option<i64>, organization: &Organization) -> bool {
    driver.is_none_or(|driver| organization.driver == Some(driver))
}

/// What a person is told of a name that is not among those listed, which may not be all.
pub(super) fn perhaps_not_listed(name: &str) -> String {
    format!(
        "Xopero ONE does not say how many organizations it has, and {:?} is not among those that it listed, so it is not known \
         whether it is there. If it calls the field totalEntries otherwise, start the operator with --wire-names and the line \
         response.page.totalEntries: <its name>.",
        display_name(name)
    )
}

/// What a person is told where only another one has the name.
fn another(name: &str, only: &Organization, meant: &Meant) -> String {
    let way_out = if meant.is_of_another_service(only) {
        "write its driver"
    } else {
        "replace this resource"
    };
    format!(
        "Xopero ONE does not list the organization {:?} any more that was meant until now. It lists {}, which is another one: nothing is \
         read or changed there. If it is the one to be meant, {way_out}.",
        display_name(name),
        spelling(only)
    )
}

fn spelling(organization: &Organization) -> String {
    let name = display_name(&organization.name);
    match organization.driver {
        Some(driver) => format!("{name:?} with driver: {driver}"),
        None => format!("{name:?} with no driver shown"),
    }
}

fn listed_names(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    listed(names.iter().map(String::as_str))
}

/// What a person is told of a name that means several.
fn several(name: &str, choice: &[Organization]) -> String {
    let mut spellings: Vec<String> = choice.iter().map(spelling).collect();
    spellings.sort();
    spellings.dedup();
    if let [only] = spellings.as_slice() {
        let count = choice.len();
        return format!(
            "Xopero ONE has {count} organizations {only}, and nothing else tells them apart here: rename or delete one there."
        );
    }
    let alike = if spellings.len() < choice.len() {
        " Where there are several of one, rename or delete one in Xopero ONE."
    } else {
        ""
    };
    format!(
        "{name:?} means several organizations: {}. Write one of these spellings, and the driver.{alike}",
        listed(spellings.iter().map(String::as_str))
    )
}

#[cfg(test)]
mod tests {
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
        let organizations =
            organizations.map(|(id, (name, driver))| organization(id, name, *driver));
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
}
