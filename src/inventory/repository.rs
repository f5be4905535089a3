//! One row of an organization's repositories, with the forms that patterns are compared with.

use std::borrow::Cow;

use super::{PlanId, ProjectId, RepositoryId};

/// Whether a repository holds a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Licence {
    /// It holds one.
    Held,
    /// It holds none.
    NotHeld,
    /// The listing does not show it.
    Unknown,
}

/// The plans that a repository is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plans {
    /// Exactly these, in order of their ids.
    Shown(Vec<PlanId>),
    /// The listing does not show them.
    Unknown,
}

impl Plans {
    /// Whether the plan is among them; `None` where that is unknown.
    pub fn contains(&self, plan: PlanId) -> Option<bool> {
        match self {
            Self::Shown(plans) => Some(plans.binary_search(&plan).is_ok()),
            Self::Unknown => None,
        }
    }

    /// The plans, where they are shown.
    pub fn shown(&self) -> Option<&[PlanId]> {
        match self {
            Self::Shown(plans) => Some(plans),
            Self::Unknown => None,
        }
    }

    pub(super) fn insert(&mut self, plan: PlanId) {
        if let Self::Shown(plans) = self
            && let Err(at) = plans.binary_search(&plan)
        {
            plans.insert(at, plan);
        }
    }

    pub(super) fn remove(&mut self, plan: PlanId) {
        if let Self::Shown(plans) = self
            && let Ok(at) = plans.binary_search(&plan)
        {
            plans.remove(at);
        }
    }
}

/// What a row does not show of the project that its repository is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hides {
    pub(super) name: bool,
    pub(super) id: bool,
}

/// One repository as Xopero ONE knows it.
#[derive(Clone, Debug)]
pub struct Repository {
    /// Its id.
    pub id: RepositoryId,
    /// Its name as listed.
    pub name: String,
    /// The project it is in, where the row shows one (Azure DevOps, Bitbucket).
    pub project: Option<ProjectId>,
    /// The project's name, where the row shows one.
    pub project_name: Option<String>,
    /// Whether it holds a licence.
    pub licence: Licence,
    /// The plans it is in.
    pub plans: Plans,
    /// Known to Xopero ONE, gone from the Git service.
    pub removed: bool,
    /// Whether it is gone from the Git service is not shown. It counts as living, and nothing is derived for it: what Xopero ONE
    /// holds of it may be the last copy.
    pub may_be_removed: bool,
    /// What its row does not show of the project that it is in.
    pub(super) hides: Hides,
    /// Lower case: `organization/project/name`, or `organization/name` without a project.
    path: Box<str>,
    organization_bytes: u32,
    project_bytes: u32,
}

/// What it means that a row does not say whether it is gone from the Git service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unmarked {
    /// That it is there: those that are gone are marked, and no others, and where the organization counts them it counts as many. That it
    /// counts none says nothing: its numbers prove nothing, and rows may show this under a name that is not known.
    Living,
    /// Nothing.
    MayBeRemoved,
}

impl Unmarked {
    pub(super) fn in_listing(counted: Option<i64>, rows: &[crate::xopero::Repository]) -> Self {
        let marked = rows.iter().filter(|row| row.removed == Some(true)).count();
        let marks_living = rows.iter().any(|row| row.removed == Some(false));
        let agrees = counted.is_none_or(|counted| usize::try_from(counted) == Ok(marked));
        if agrees && marked > 0 && !marks_living {
            Self::Living
        } else {
            Self::MayBeRemoved
        }
    }
}

impl Repository {
    pub(super) fn listed(
        row: crate::xopero::Repository,
        organization: &str,
        unmarked: Unmarked,
    ) -> Self {
        let project = row.project_name.as_deref().map(str::to_lowercase);
        let name = row.name.to_lowercase();
        let path = match &project {
            Some(project) => format!("{organization}/{project}/{name}"),
            None => format!("{organization}/{name}"),
        };
        Self {
            id: row.id,
            name: row.name,
            project: row.project,
            project_name: row.project_name,
            licence: match row.licence {
                Some(true) => Licence::Held,
                Some(false) => Licence::NotHeld,
                None => Licence::Unknown,
            },
            plans: row.plans.map_or(Plans::Unknown, |plans| {
                Plans::Shown(plans.into_iter().collect())
            }),
            removed: row.removed.unwrap_or(false),
            may_be_removed: row.removed.is_none() && unmarked == Unmarked::MayBeRemoved,
            hides: Hides {
                name: row.project.is_some() && project.is_none(),
                id: false,
            },
            path: path.into_boxed_str(),
            organization_bytes: u32::try_from(organization.len()).unwrap_or(u32::MAX),
            project_bytes: project.map_or(0, |project| {
                u32::try_from(project.len() + 1).unwrap_or(u32::MAX)
            }),
        }
    }

    /// One that is not listed, as far as it is remembered: it is matched like one that is.
    pub fn remembered(
        id: RepositoryId,
        (organization, project, name): (&str, Option<&str>, &str),
    ) -> Self {
        let row = crate::xopero::Repository {
            id,
            name: name.to_owned(),
            organization: None,
            project: None,
            project_name: project.map(str::to_owned),
            licence: None,
            removed: None,
            plans: None,
        };
        Self::listed(row, &organization.to_lowercase(), Unmarked::MayBeRemoved)
    }

    /// Whether it is in a project whose name the row does not show, so that not all forms of its own name are known.
    pub fn hides_project(&self) -> bool {
        self.hides.name
    }

    /// Whether it is in a project whose id the row does not show, so that it may be a repository of any project of that name.
    pub fn hides_project_id(&self) -> bool {
        self.hides.id
    }

    /// Whether its row hides that it is of that project, as far as the two are known: the name of the project, or its id.
    pub fn may_hide_project(&self, id: Option<ProjectId>, name: Option<&str>) -> bool {
        match (self.project, id) {
            (Some(own), Some(id)) => self.hides.name && own == id,
            (Some(_), None) => self.hides.name,
            (None, _) => {
                let own = self.project_name.as_deref().map(str::to_lowercase);
                let name = name.filter(|name| !name.is_empty());
                let differs = own
                    .zip(name)
                    .is_some_and(|(own, name)| own != name.to_lowercase());
                self.hides.id && !differs
            }
        }
    }

    /// The name as a person writes it: `project/name` where the row shows a project.
    pub fn spelled(&self) -> Cow<'_, str> {
        match &self.project_name {
            Some(project) => format!("{project}/{}", self.name).into(),
            None => self.name.as_str().into(),
        }
    }

    /// The name in Unicode lower case.
    pub fn lowered_name(&self) -> &str {
        self.after(self.organization_bytes as usize + 1 + self.project_bytes as usize)
    }

    /// Whether `matches` holds for any of the forms that a pattern is compared with: the name, `organization/name` and,
    /// where the row has a project, `project/name` and `organization/project/name`. All in lower case.
    pub fn any_form(&self, mut matches: impl FnMut(&str) -> bool) -> bool {
        let name = self.lowered_name();
        if matches(name) || matches(&self.path) {
            return true;
        }
        if self.project_bytes == 0 {
            return false;
        }
        let organization = self
            .path
            .get(..self.organization_bytes as usize)
            .unwrap_or_default();
        matches(self.after(self.organization_bytes as usize + 1))
            || matches(&format!("{organization}/{name}"))
    }

    fn after(&self, bytes: usize) -> &str {
        self.path.get(bytes..).unwrap_or_default()
    }
}
