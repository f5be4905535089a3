//! What each claim names: the plans, repositories and projects that its words mean now, or meant before.

use std::collections::BTreeSet;

use super::{
    Claim, Input, Life, PlanWants, ProjectName, ProjectWants, Renames, RepositoryWants, Wants,
    memory::Whereabouts,
    resolve::{self, Among, PlanNames, Resolution},
};
use crate::inventory::{
    Inventory, PlanId, ProjectId, ProjectMembership, Repository, RepositoryId, Row,
};

/// What one claim names, resolved.
#[derive(Debug, Default)]
pub(super) struct Named<'a> {
    /// The plans, as the claim spells them, and what they mean.
    pub(super) plans: Vec<(&'a str, Resolution<PlanId>)>,
    /// The repositories: matched by a plan in order of their names, or all that the name of a repository may mean.
    pub(super) rows: Vec<Row>,
    /// What a repository's name means; `None` on other kinds.
    pub(super) repository: Option<Resolution<Row>>,
    /// The projects that a plan matches, or all that the name of a project may mean.
    pub(super) projects: Vec<ProjectId>,
    /// What a project's name means; `None` on other kinds.
    pub(super) project: Option<Resolution<ProjectId>>,
    /// The repositories of the projects that a plan matches, in order of their names, but those among `rows`: they are licensed, and
    /// attached by way of the project.
    pub(super) project_rows: Vec<Row>,
    /// Those of the repositories, and those of the projects, that are named for what the name meant before.
    pub(super) formerly: (Vec<Row>, Vec<ProjectId>),
    /// The projects that a repository may be in that is not listed: it may be in a plan by way of them.
    pub(super) around: Around,
    /// The repositories of which it is not shown whether they are meant: their rows hide the name, or the project.
    pub(super) hidden: Vec<Row>,
}

/// A repository that a plan matches, and what of it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matched {
    /// The repository itself, and perhaps its project as well.
    ByName(Row),
    /// Its project alone.
    ByProject(Row),
}

impl<'a> Named<'a> {
    /// What each claim names.
    pub(super) fn all(input: &Input<'a>, claims: &[&'a Claim]) -> Vec<Self> {
        let plans = PlanNames::new(input.inventory, input.memory);
        let unlisted = unlisted(input);
        let among = Among {
            inventory: input.inventory,
            memory: input.memory,
            unlisted: &unlisted,
            now: input.now,
        };
        let claims = claims.iter();
        claims.map(|claim| Self::of(claim, among, &plans)).collect()
    }

    pub(super) fn of(claim: &'a Claim, among: Among<'_>, plans: &PlanNames<'_>) -> Self {
        let remembered = &claim.remembered;
        match &claim.wants {
            Wants::Plan(wants) => {
                let plan = plans.resolve(&wants.plan_name, remembered.plan);
                Self {
                    plans: vec![(wants.plan_name.as_str(), plan)],
                    around: Around::selected(wants, among),
                    ..Self::by_patterns(wants, among.inventory)
                }
            }
            Wants::Repository(wants) => Self {
                plans: resolve_all(&wants.plans, plans),
                ..Self::one_repository(wants, remembered.repository, among)
            },
            Wants::Project(wants) => Self {
                plans: resolve_all(&wants.plans, plans),
                ..Self::one_project(wants, remembered.project, among)
            },
        }
    }

    /// Whether a plan is not found.
    pub(super) fn misses_a_plan(&self) -> bool {
        let mut plans = self.plans.iter();
        plans.any(|(_, plan)| plan.is_missing())
    }

    /// Whether one of its repositories is meant, and not only perhaps.
    pub(super) fn means(&self, row: Row) -> bool {
        match &self.repository {
            Some(Resolution::Found(meant) | Resolution::Renamed(meant, _)) => *meant == row,
            Some(Resolution::Another(..) | Resolution::Ambiguous(..) | Resolution::NotFound) => {
                false
            }
            None => true,
        }
    }

    /// What a plan matches, each repository once, in order of their names over both selectors: so do licences go.
    pub(super) fn matched(&self, inventory: &Inventory) -> Vec<Matched> {
        let name = |matched: &Matched| {
            let (Matched::ByName(row) | Matched::ByProject(row)) = *matched;
            let repository = inventory.repository(row);
            repository.map(|repository| (repository.lowered_name(), repository.id))
        };
        let by_name = self.rows.iter().copied().map(Matched::ByName);
        let by_project = self.project_rows.iter().copied().map(Matched::ByProject);
        let mut all: Vec<Matched> = by_name.chain(by_project).collect();
        // Two runs that are in order each are merged.
        all.sort_by(|one, other| name(one).cmp(&name(other)));
        all
    }

    fn by_patterns(wants: &PlanWants, inventory: &Inventory) -> Self {
        let mut named = Self::default();
        if let Some(selector) = &wants.projects {
            let organization = &inventory.organization().name;
            let projects = inventory.projects().values();
            let matching =
                projects.filter(|project| selector.contains_name(organization, &project.name));
            named.projects = matching.map(|project| project.id).collect();
        }
        for (row, repository) in inventory.rows_by_name() {
            let by_name = wants
                .repositories
                .as_ref()
                .map_or(Some(false), |selector| selector.judge(repository));
            match by_name {
                Some(true) => named.rows.push(row),
                Some(false) if !may_be_of_projects(wants, repository, inventory) => {}
                Some(false) | None => named.hidden.push(row),
            }
            // One that is named itself is licensed as such.
            if by_name != Some(true) && is_of(&named.projects, repository) {
                named.project_rows.push(row);
            }
        }
        named
    }

    fn one_repository(
        wants: &RepositoryWants,
        remembered: Option<RepositoryId>,
        among: Among<'_>,
    ) -> Self {
        let inventory = among.inventory;
        let project = wants.project.as_deref();
        let found = resolve::repository(among, &wants.name, project, remembered);
        let mut rows = found.candidates();
        // A name that means another repository now still protects the one that it meant.
        rows.extend(
            remembered
                .and_then(|id| inventory.row(id))
                .filter(|row| !rows.contains(row)),
        );
        let of_name = inventory.named(&wants.name);
        let may_be_of_project =
            of_name.filter(|(_, repository)| project.is_some() && repository.hides_project());
        let by_name = found.by_name();
        let formerly = rows.iter().copied().filter(|row| !by_name.contains(row));
        Self {
            formerly: (formerly.collect(), Vec::new()),
            around: match remembered {
                Some(id) if found.is_missing() => Around::of(id, project, among),
                Some(_) | None => Around::None,
            },
            rows,
            hidden: may_be_of_project.map(|(row, _)| row).collect(),
            repository: Some(found),
            ..Self::default()
        }
    }

    fn one_project(wants: &ProjectWants, remembered: Option<ProjectId>, among: Among<'_>) -> Self {
        let inventory = among.inventory;
        let found = resolve::project(among, &wants.project, remembered);
        let mut projects = found.candidates();
        projects.extend(remembered.filter(|id| !projects.contains(id)));
        let all = inventory.rows_by_name();
        let (id, name) = match &wants.project {
            ProjectName::Id(id) => (Some(*id), None),
            ProjectName::Name(name) => (None, Some(name.as_str())),
        };
        let may_be_of_it = all.filter(|(_, repository)| repository.may_hide_project(id, name));
        let by_name = found.by_name();
        let formerly = projects.iter().copied().filter(|id| !by_name.contains(id));
        Self {
            formerly: (Vec::new(), formerly.collect()),
            hidden: may_be_of_it.map(|(row, _)| row).collect(),
            projects,
            project: Some(found),
            ..Self::default()
        }
    }
}

/// What was made anew, or has a name now that something else had: a claim means it, and its status still says what it meant before.
pub(super) fn followed(claims: &[&Claim], named: &[Named<'_>], inventory: &Inventory) -> Renames {
    let mut followed = Renames::default();
    for (claim, named) in claims.iter().zip(named) {
        let remembered = &claim.remembered;
        if let (Some(before), Some((_, Resolution::Found(plan)))) =
            (remembered.plan, named.plans.first())
            && before != *plan
        {
            followed.extend([], [*plan]);
        }
        let row = named.repository.as_ref().and_then(Resolution::found);
        let repository = row.and_then(|row| inventory.repository(row));
        if let (Some(before), Some(repository)) = (remembered.repository, repository)
            && before != repository.id
        {
            followed.extend([repository.id], []);
        }
    }
    followed
}

/// The repositories of projects that are not listed, as far as they are remembered: patterns may mean them. For all claims at once.
fn unlisted(input: &Input<'_>) -> Vec<Repository> {
    let inventory = input.inventory;
    if inventory.projects().is_empty() {
        return Vec::new();
    }
    let organization = inventory.organization().name.as_str();
    let missing = input.memory.missing_repositories();
    missing
        .filter(|(_, _, project)| project.is_some())
        .map(|(id, name, project)| Repository::remembered(id, (organization, project, name)))
        .collect()
}

/// What living claims name for a plan that is not known: what is in another plan meanwhile is not to be left without any.
#[derive(Debug, Default)]
pub(super) struct Astray {
    pub(super) repositories: BTreeSet<RepositoryId>,
    pub(super) projects: BTreeSet<ProjectId>,
}

impl Astray {
    pub(super) fn of(claims: &[&Claim], named: &[Named<'_>], inventory: &Inventory) -> Self {
        let mut astray = Self::default();
        for (claim, named) in claims.iter().zip(named) {
            if claim.life == Life::Living && claim.protects() {
                astray.add(named, inventory);
            }
        }
        astray
    }

    fn add(&mut self, named: &Named<'_>, inventory: &Inventory) {
        let plans = named.plans.iter().map(|(_, plan)| plan);
        for plan in plans.filter(|plan| plan.found().is_none()) {
            let candidates = plan.candidates();
            let rows = named
                .rows
                .iter()
                .filter_map(|row| inventory.repository(*row));
            let outside = rows.filter(|repository| {
                let is_in = |plan: &PlanId| repository.plans.contains(*plan) == Some(true);
                !repository.removed && !candidates.iter().any(is_in)
            });
            self.repositories
                .extend(outside.map(|repository| repository.id));
            let is_in = |project: ProjectId, plan: PlanId| {
                inventory.project_membership(project, plan) == ProjectMembership::In
            };
            let outside = named.projects.iter().copied();
            let outside =
                outside.filter(|project| !candidates.iter().any(|plan| is_in(*project, *plan)));
            self.projects.extend(outside);
        }
    }
}

/// The projects that a repository may be in whose row is not listed.
#[derive(Debug, Default)]
pub(super) enum Around {
    /// None: it is listed, or was not for so long that it is not remembered, or never.
    #[default]
    None,
    /// Those of the name that the claim has for it.
    These(Vec<ProjectId>),
    /// Any: the claim names none.
    Any,
}

impl Around {
    /// `project`: what the claim names for it.
    fn of(id: RepositoryId, project: Option<&str>, among: Among<'_>) -> Self {
        let project = match (among.memory.whereabouts(id, among.now), project) {
            (Whereabouts::Gone, _) => return Self::None,
            (Whereabouts::Anywhere, None) => return Self::Any,
            (Whereabouts::Project(name), _) | (Whereabouts::Anywhere, Some(name)) => name,
        };
        Self::These(called(project, among.inventory).collect())
    }

    /// Of those that a plan selects by their names.
    fn selected(wants: &PlanWants, among: Among<'_>) -> Self {
        let Some(selector) = &wants.repositories else {
            return Self::None;
        };
        let selected = among.unlisted.iter();
        let selected = selected.filter(|repository| selector.contains(repository));
        let projects: BTreeSet<ProjectId> = selected
            .filter_map(|repository| repository.project_name.as_deref())
            .flat_map(|project| called(project, among.inventory))
            .collect();
        if projects.is_empty() {
            return Self::None;
        }
        Self::These(projects.into_iter().collect())
    }
}

/// The projects of that name, or id.
fn called(project: &str, inventory: &Inventory) -> impl Iterator<Item = ProjectId> {
    let lowered = project.to_lowercase();
    let projects = inventory.projects().values();
    projects
        .filter(move |known| {
            known.name.to_lowercase() == lowered || known.id.to_string() == lowered
        })
        .map(|known| known.id)
}

/// Whether a row that names do not mean may be of a project that the plan selects: it hides the name, or shows a name that is
/// selected and hides the id by which the project would be attached.
fn may_be_of_projects(wants: &PlanWants, repository: &Repository, inventory: &Inventory) -> bool {
    let organization = &inventory.organization().name;
    let Some(selector) = &wants.projects else {
        return false;
    };
    let name = repository.project_name.as_deref().unwrap_or_default();
    repository.hides_project()
        || (repository.hides_project_id() && selector.contains_name(organization, name))
}

fn resolve_all<'a>(
    names: &'a [String],
    plans: &PlanNames<'_>,
) -> Vec<(&'a str, Resolution<PlanId>)> {
    let names = names.iter();
    names
        .map(|name| (name.as_str(), plans.resolve(name, None)))
        .collect()
}

/// Whether it is a living repository of one of these projects, which are in order of their ids.
fn is_of(projects: &[ProjectId], repository: &Repository) -> bool {
    let project = repository.project.filter(|_| !repository.removed);
    project.is_some_and(|project| projects.binary_search(&project).is_ok())
}

/// The living repositories of these projects.
pub(super) fn rows_of(projects: &[ProjectId], inventory: &Inventory) -> impl Iterator<Item = Row> {
    projects
        .iter()
        .filter_map(|id| inventory.projects().get(id))
        .flat_map(|project| project.rows.iter().copied())
}
