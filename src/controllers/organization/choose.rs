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
        if self.id.is_none_or(|id| id == only.id) {
            return false;
        }
        if self.is_of_another_service(only) {
            driver.is_none()
        } else {
            self.beside.contains(&only.id)
        }
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
mod tests;
