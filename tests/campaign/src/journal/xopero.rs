//! Calls of Xopero ONE, read from path and body, in names instead of ids.

use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;
use xopero_simulator::{Endpoint, State, ids};

/// The names of all that a state holds, by id.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<Uuid, String>);

impl Names {
    /// Of all that stands in the state.
    pub fn of(state: &State) -> Self {
        let mut names = BTreeMap::new();
        for organization in &state.organizations {
            let name = &organization.name;
            let id = organization.id.unwrap_or_else(|| ids::organization(name));
            // Every call of an organization names it: that it does so says nothing.
            names.insert(id, String::new());
            for plan in &organization.plans {
                let id = plan.id.unwrap_or_else(|| ids::plan(name, &plan.name));
                names.insert(id, plan.name.clone());
            }
            for project in &organization.projects {
                let id = project
                    .id
                    .unwrap_or_else(|| ids::project(name, &project.name));
                names.insert(id, project.name.clone());
            }
            for repository in &organization.repositories {
                let project = repository.project.as_deref();
                let derived = || ids::repository(name, project, &repository.name);
                names.insert(
                    repository.id.unwrap_or_else(derived),
                    repository.name.clone(),
                );
                if let Some(project) = project {
                    names.insert(ids::project(name, project), project.to_owned());
                }
            }
        }
        Self(names)
    }

    /// The words by which a call is known in every run: the endpoint and the names in its body, sorted.
    pub fn key(&self, path: &str, body: &Value) -> String {
        let Some(endpoint) = endpoint(path) else {
            return path.to_owned();
        };
        let mut found = Vec::new();
        self.find(body, &mut found);
        found.sort();
        let words = format!("{endpoint} {}", found.join(", "));
        words.trim_end().to_owned()
    }

    fn find(&self, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => {
                let name = Uuid::parse_str(text).ok().and_then(|id| self.0.get(&id));
                found.extend(name.filter(|name| !name.is_empty()).cloned());
            }
            Value::Array(values) => values.iter().for_each(|value| self.find(value, found)),
            Value::Object(fields) => fields.values().for_each(|value| self.find(value, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// The endpoint of a path.
pub fn endpoint(path: &str) -> Option<Endpoint> {
    let mut all = Endpoint::ALL.into_iter();
    all.find(|endpoint| endpoint.path().eq_ignore_ascii_case(path))
}

/// Whether a process that begins cannot see what came of it: settings are shown by no listing, that a project is out of a plan, or in
/// it, only by rows that were seen to follow, and that the Git service was read only while it is. A process that died may have sent it, so the next one sends it once more.
pub const fn is_unseen(endpoint: Endpoint) -> bool {
    match endpoint {
        Endpoint::ModifyPlan
        | Endpoint::ModifyAzurePlan
        | Endpoint::AttachProject
        | Endpoint::DetachProject
        | Endpoint::Sync => true,
        Endpoint::Login
        | Endpoint::ListOrganizations
        | Endpoint::ListPlans
        | Endpoint::ListRepositories
        | Endpoint::AttachRepository
        | Endpoint::DetachRepository
        | Endpoint::Activate
        | Endpoint::Deactivate
        | Endpoint::Remove => false,
    }
}

/// Whether a call of it takes something away that a person would miss.
pub const fn is_destructive(endpoint: Endpoint) -> bool {
    match endpoint {
        Endpoint::DetachRepository
        | Endpoint::DetachProject
        | Endpoint::Deactivate
        | Endpoint::Remove => true,
        Endpoint::Login
        | Endpoint::ListOrganizations
        | Endpoint::ListPlans
        | Endpoint::ListRepositories
        | Endpoint::AttachRepository
        | Endpoint::AttachProject
        | Endpoint::ModifyPlan
        | Endpoint::ModifyAzurePlan
        | Endpoint::Activate
        | Endpoint::Sync => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use xopero_simulator::builder::{organization, repository, state};

    #[test]
    fn a_call_is_known_by_its_endpoint_and_the_names_in_it() {
        let acme = organization("acme").plan("Nightly");
        let acme = acme.with(repository("web")).with(repository("api"));
        let names = Names::of(&state().with(acme));
        let (web, api) = (
            ids::repository("acme", None, "web"),
            ids::repository("acme", None, "api"),
        );
        let body = json!({"planId": ids::plan("acme", "Nightly"), "repositoryId": web});
        let path = Endpoint::DetachRepository.path().to_uppercase();
        assert_eq!(names.key(&path, &body), "detachRepository Nightly, web");
        let body = json!({"repositoryIds": [web, api]});
        assert_eq!(
            names.key(Endpoint::Activate.path(), &body),
            "activate api, web"
        );
        let body = json!({"organizationId": ids::organization("acme"), "page": 1});
        assert_eq!(
            names.key(Endpoint::ListRepositories.path(), &body),
            "listRepositories"
        );
    }
}
