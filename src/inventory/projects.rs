//! Azure DevOps projects, as far as the rows of repositories show them: no endpoint lists projects.

use std::collections::BTreeMap;

use super::{PlanId, ProjectId, Repository, Row};

/// One Azure DevOps project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name; empty where the rows show ids alone.
    pub name: String,
    /// Its living repositories, as rows of the inventory.
    pub rows: Vec<Row>,
    /// Its repositories that are gone from the Git service. They tell nothing of its membership, and go with it all the same.
    pub removed_rows: Vec<Row>,
}

/// Whether a project is in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectMembership {
    /// All its living repositories are in the plan.
    In,
    /// At least one of them is not.
    NotAll,
    /// None of its repositories says so.
    Unknown,
}

pub(super) fn gather(repositories: &[Repository]) -> BTreeMap<ProjectId, Project> {
    let mut projects = BTreeMap::new();
    for (row, repository) in repositories.iter().enumerate() {
        let Some(id) = repository.project else {
            continue;
        };
        let project = projects.entry(id).or_insert_with(|| Project {
            id,
            name: String::new(),
            rows: Vec::new(),
            removed_rows: Vec::new(),
        });
        // Rows need not all show it.
        if project.name.is_empty()
            && let Some(name) = &repository.project_name
        {
            project.name.clone_from(name);
        }
        if repository.removed {
            project.removed_rows.push(row);
        } else {
            project.rows.push(row);
        }
    }
    projects
}

/// Takes out a row that is gone; those behind it move up.
pub(super) fn forget(projects: &mut BTreeMap<ProjectId, Project>, gone: Row) {
    for project in projects.values_mut() {
        for rows in [&mut project.rows, &mut project.removed_rows] {
            rows.retain(|row| *row != gone);
            for row in rows {
                *row -= usize::from(*row > gone);
            }
        }
    }
    projects.retain(|_, project| !(project.rows.is_empty() && project.removed_rows.is_empty()));
}

pub(super) fn membership(
    project: Option<&Project>,
    repositories: &[Repository],
    plan: PlanId,
) -> ProjectMembership {
    let mut answer = ProjectMembership::Unknown;
    for row in project
        .map(|project| project.rows.as_slice())
        .unwrap_or_default()
    {
        match repositories
            .get(*row)
            .and_then(|repository| repository.plans.contains(plan))
        {
            None => return ProjectMembership::Unknown,
            Some(false) => return ProjectMembership::NotAll,
            Some(true) => answer = ProjectMembership::In,
        }
    }
    answer
}
