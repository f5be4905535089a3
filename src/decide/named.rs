//! What each claim names: the plans, repositories and projects that its words mean now, or meant before.

use super::{
    Claim, Wants,
    resolve::{self, PlanNames, Resolution},
};
use crate::inventory::{Inventory, PlanId, ProjectId, Row};

/// What one claim names, resolved.
#[derive(Debug)]
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
    /// The repositories of the projects that a plan matches: they are licensed, and attached by way of the project.
    pub(super) project_rows: Vec<Row>,
    /// The repositories of which it is not shown whether they are meant: their rows hide the name, or the project.
    pub(super) hidden: Vec<Row>,
}

impl<'a> Named<'a> {
    pub(super) fn of(claim: &'a Claim, inventory: &Inventory, plans: &PlanNames<'_>) -> Self {
        let resolve_all = |names: &'a [String]| -> Vec<(&'a str, Resolution<PlanId>)> {
            names
                .iter()
                .map(|name| (name.as_str(), plans.resolve(name, None)))
                .collect()
        };
        match &claim.wants {
            Wants::Plan(wants) => {
                let (mut rows, mut hidden) = (Vec::new(), Vec::new());
                if let Some(selector) = &wants.repositories {
                    for (row, repository) in inventory.rows_by_name() {
                        match selector.judge(repository) {
                            Some(true) => rows.push(row),
                            Some(false) => {}
                            None => hidden.push(row),
                        }
                    }
                }
                let organization = &inventory.organization().name;
                let projects: Vec<ProjectId> =
                    wants.projects.as_ref().map_or_else(Vec::new, |selector| {
                        let matching = |name: &str| selector.contains_name(organization, name);
                        inventory
                            .projects()
                            .values()
                            .filter(|p| matching(&p.name))
                            .map(|p| p.id)
                            .collect()
                    });
                let project_rows = rows_of(&projects, inventory).collect();
                let plan = plans.resolve(&wants.plan_name, claim.remembered.plan);
                Self {
                    plans: vec![(wants.plan_name.as_str(), plan)],
                    rows,
                    repository: None,
                    projects,
                    project: None,
                    project_rows,
                    hidden,
                }
            }
            Wants::Repository(wants) => {
                let remembered = claim.remembered.repository;
                let found = resolve::repository(
                    inventory,
                    &wants.name,
                    wants.project.as_deref(),
                    remembered,
                );
                let mut rows = found.candidates();
                // A name that means another repository now still protects the one that it meant.
                rows.extend(
                    remembered
                        .and_then(|id| inventory.row(id))
                        .filter(|row| !rows.contains(row)),
                );
                let may_be_of_project = inventory.named(&wants.name).filter(|(_, repository)| {
                    wants.project.is_some() && repository.hides_project()
                });
                let hidden = may_be_of_project.map(|(row, _)| row).collect();
                Self {
                    plans: resolve_all(&wants.plans),
                    rows,
                    repository: Some(found),
                    projects: Vec::new(),
                    project: None,
                    project_rows: Vec::new(),
                    hidden,
                }
            }
            Wants::Project(wants) => {
                let remembered = claim.remembered.project;
                let found = resolve::project(inventory, &wants.project, remembered);
                let mut projects = found.candidates();
                projects.extend(remembered.filter(|id| !projects.contains(id)));
                Self {
                    plans: resolve_all(&wants.plans),
                    rows: Vec::new(),
                    repository: None,
                    projects,
                    project: Some(found),
                    project_rows: Vec::new(),
                    hidden: Vec::new(),
                }
            }
        }
    }
}

/// The living repositories of these projects.
pub(super) fn rows_of(projects: &[ProjectId], inventory: &Inventory) -> impl Iterator<Item = Row> {
    projects
        .iter()
        .filter_map(|id| inventory.projects().get(id))
        .flat_map(|project| project.rows.iter().copied())
}
