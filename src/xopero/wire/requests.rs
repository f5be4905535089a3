//! Requests, written strictly: the fields of the table in its order, ids last, nothing else.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    fields::{
        ACTIVATE_REPOSITORIES, ATTACH_PROJECT_PLAN, ATTACH_PROJECT_PROJECT, ATTACH_REPOSITORY_PLAN,
        ATTACH_REPOSITORY_REPOSITORY, DEACTIVATE_REPOSITORIES, DETACH_PROJECT_PLAN,
        DETACH_PROJECT_PROJECT, DETACH_REPOSITORY_PLAN, DETACH_REPOSITORY_REPOSITORY, Field,
        LOGIN_EMAIL, LOGIN_PASSWORD, LOGIN_REMEMBER, MODIFY_AZURE_PLAN_METADATA,
        MODIFY_AZURE_PLAN_PLAN, MODIFY_GIT_PLAN_METADATA, MODIFY_GIT_PLAN_PLAN, ORGANIZATION_NAME,
        ORGANIZATIONS_LIMIT, ORGANIZATIONS_ORDER_BY, ORGANIZATIONS_ORDER_TYPE, ORGANIZATIONS_PAGE,
        PLANS_LIMIT, PLANS_ORGANIZATION, PLANS_PAGE, REMOVE_REPOSITORY, REPOSITORIES_FILTERS,
        REPOSITORIES_LIMIT, REPOSITORIES_ORDER_BY, REPOSITORIES_ORDER_TYPE,
        REPOSITORIES_ORGANIZATION, REPOSITORIES_PAGE, REPOSITORY_NAME, SYNCHRONIZE_ORGANIZATION,
    },
    names::WireNames,
};
use crate::xopero::{
    ids::{OrganizationId, PlanId, ProjectId, RepositoryId},
    settings::{PlanSettings, SettingsError, check_parameter_keys, fold},
};

/// A JSON object in the order in which it is sent. It may hold the password, so it is not `Debug`.
pub(in crate::xopero) struct Body(Vec<(String, Value)>);

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Writes requests by the names of one deployment.
#[derive(Clone, Copy, Debug)]
pub(in crate::xopero) struct Requests<'names> {
    names: &'names WireNames,
}

impl<'names> Requests<'names> {
    pub(in crate::xopero) fn new(names: &'names WireNames) -> Self {
        Self { names }
    }

    fn body<const N: usize>(self, fields: [(&Field, Value); N]) -> Body {
        Body(
            fields
                .into_iter()
                .map(|(field, value)| (self.names.name(field).to_owned(), value))
                .collect(),
        )
    }

    /// `rememberMe` is what the vendor's own sample sends; the token lives for 30 days.
    pub(in crate::xopero) fn login(self, email: &str, password: &str) -> Body {
        self.body([
            (&LOGIN_EMAIL, json!(email)),
            (&LOGIN_PASSWORD, json!(password)),
            (&LOGIN_REMEMBER, json!(true)),
        ])
    }

    /// Ordered by the field that rows show for sure, so that pages fit together.
    pub(in crate::xopero) fn organizations(self, limit: u32, page: u32) -> Body {
        self.body([
            (&ORGANIZATIONS_LIMIT, json!(limit)),
            (&ORGANIZATIONS_PAGE, json!(page)),
            (
                &ORGANIZATIONS_ORDER_BY,
                json!(self.names.name(&ORGANIZATION_NAME)),
            ),
            (&ORGANIZATIONS_ORDER_TYPE, json!("asc")),
        ])
    }

    /// Paging is not documented of this listing: it is asked for only once an answer turns out to be a page.
    pub(in crate::xopero) fn plans(
        self,
        organization: OrganizationId,
        page: Option<(u32, u32)>,
    ) -> Body {
        let mut body = match page {
            None => self.body([]),
            Some((limit, page)) => {
                self.body([(&PLANS_LIMIT, json!(limit)), (&PLANS_PAGE, json!(page))])
            }
        };
        body.0.extend(
            self.body([(&PLANS_ORGANIZATION, json!(organization.to_string()))])
                .0,
        );
        body
    }

    /// With no filters, and that said: unlike for the organizations, the vendor does not call them optional here.
    pub(in crate::xopero) fn repositories(
        self,
        organization: OrganizationId,
        limit: u32,
        page: u32,
    ) -> Body {
        self.body([
            (&REPOSITORIES_LIMIT, json!(limit)),
            (&REPOSITORIES_PAGE, json!(page)),
            (
                &REPOSITORIES_ORDER_BY,
                json!(self.names.name(&REPOSITORY_NAME)),
            ),
            (&REPOSITORIES_ORDER_TYPE, json!("asc")),
            (&REPOSITORIES_FILTERS, json!([])),
            (&REPOSITORIES_ORGANIZATION, json!(organization.to_string())),
        ])
    }

    pub(in crate::xopero) fn attach_repository(
        self,
        plan: PlanId,
        repository: RepositoryId,
    ) -> Body {
        self.body([
            (&ATTACH_REPOSITORY_PLAN, json!(plan.to_string())),
            (&ATTACH_REPOSITORY_REPOSITORY, json!(repository.to_string())),
        ])
    }

    pub(in crate::xopero) fn detach_repository(
        self,
        plan: PlanId,
        repository: RepositoryId,
    ) -> Body {
        self.body([
            (&DETACH_REPOSITORY_PLAN, json!(plan.to_string())),
            (&DETACH_REPOSITORY_REPOSITORY, json!(repository.to_string())),
        ])
    }

    pub(in crate::xopero) fn attach_project(self, plan: PlanId, project: ProjectId) -> Body {
        self.body([
            (&ATTACH_PROJECT_PLAN, json!(plan.to_string())),
            (&ATTACH_PROJECT_PROJECT, json!(project.to_string())),
        ])
    }

    pub(in crate::xopero) fn detach_project(self, plan: PlanId, project: ProjectId) -> Body {
        self.body([
            (&DETACH_PROJECT_PLAN, json!(plan.to_string())),
            (&DETACH_PROJECT_PROJECT, json!(project.to_string())),
        ])
    }

    pub(in crate::xopero) fn modify_git_plan(
        self,
        plan: PlanId,
        settings: &PlanSettings,
    ) -> Result<Body, SettingsError> {
        self.modify(
            plan,
            settings,
            &MODIFY_GIT_PLAN_PLAN,
            &MODIFY_GIT_PLAN_METADATA,
        )
    }

    pub(in crate::xopero) fn modify_azure_plan(
        self,
        plan: PlanId,
        settings: &PlanSettings,
    ) -> Result<Body, SettingsError> {
        self.modify(
            plan,
            settings,
            &MODIFY_AZURE_PLAN_PLAN,
            &MODIFY_AZURE_PLAN_METADATA,
        )
    }

    /// What is wrong with the names, be they sent to either kind of plan.
    fn check_modification(self, settings: &PlanSettings) -> Result<(), SettingsError> {
        self.check(settings, &MODIFY_GIT_PLAN_PLAN, &MODIFY_GIT_PLAN_METADATA)?;
        self.check(
            settings,
            &MODIFY_AZURE_PLAN_PLAN,
            &MODIFY_AZURE_PLAN_METADATA,
        )
    }

    fn check(
        self,
        settings: &PlanSettings,
        id: &Field,
        metadata: &Field,
    ) -> Result<(), SettingsError> {
        let PlanSettings {
            include_metadata,
            parameters,
        } = settings;
        check_parameter_keys(parameters.keys().map(String::as_str))?;
        for key in parameters.keys() {
            if fold(key) == fold(self.names.name(id)) {
                return Err(SettingsError::NamesTarget {
                    key: crate::xopero::display_name(key),
                });
            }
            if include_metadata.is_some() && fold(key) == fold(self.names.name(metadata)) {
                return Err(SettingsError::Twice {
                    key: crate::xopero::display_name(key),
                });
            }
        }
        Ok(())
    }

    /// The id comes last: a server that reads a name twice keeps the last.
    fn modify(
        self,
        plan: PlanId,
        settings: &PlanSettings,
        id: &Field,
        metadata: &Field,
    ) -> Result<Body, SettingsError> {
        self.check(settings, id, metadata)?;
        // No `..`: a setting that is not sent must not go unnoticed.
        let PlanSettings {
            include_metadata,
            parameters,
        } = settings;
        let mut body = Body(
            parameters
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        );
        if let Some(include) = include_metadata {
            body.0.extend(self.body([(metadata, json!(include))]).0);
        }
        body.0.extend(self.body([(id, json!(plan.to_string()))]).0);
        Ok(body)
    }

    pub(in crate::xopero) fn activate(self, repositories: &[RepositoryId]) -> Body {
        self.body([(&ACTIVATE_REPOSITORIES, ids(repositories))])
    }

    pub(in crate::xopero) fn deactivate(self, repositories: &[RepositoryId]) -> Body {
        self.body([(&DEACTIVATE_REPOSITORIES, ids(repositories))])
    }

    pub(in crate::xopero) fn remove(self, repository: RepositoryId) -> Body {
        self.body([(&REMOVE_REPOSITORY, json!(repository.to_string()))])
    }

    pub(in crate::xopero) fn synchronize(self, organization: OrganizationId) -> Body {
        self.body([(&SYNCHRONIZE_ORGANIZATION, json!(organization.to_string()))])
    }
}

impl PlanSettings {
    /// Looks at the names of the parameters before anything is sent, so that what can never be sent is told to the person who wrote
    /// it.
    ///
    /// # Errors
    /// For a name that is empty, that is equal in any casing to that of an id, or that is there twice.
    pub fn check(&self, names: &WireNames) -> Result<(), SettingsError> {
        Requests::new(names).check_modification(self)
    }
}

fn ids(repositories: &[RepositoryId]) -> Value {
    repositories.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &Body) -> String {
        serde_json::to_string(body).unwrap()
    }

    const PLAN: &str = "00000000-0000-0000-0000-000000000001";
    const REPOSITORY: &str = "00000000-0000-0000-0000-000000000002";

    #[test]
    fn requests_hold_the_documented_fields_and_nothing_else() {
        let names = WireNames::default();
        let requests = Requests::new(&names);
        assert_eq!(
            sent(&requests.login("a@example.com", "b")),
            r#"{"email":"a@example.com","password":"b","rememberMe":true}"#
        );
        assert_eq!(
            sent(&requests.organizations(100, 2)),
            r#"{"limit":100,"page":2,"orderby":"name","ordertype":"asc"}"#
        );
        assert_eq!(
            sent(&requests.attach_repository(PlanId::numbered(1), RepositoryId::numbered(2))),
            format!(r#"{{"planid":"{PLAN}","repositoryid":"{REPOSITORY}"}}"#)
        );
        assert_eq!(
            sent(&requests.plans(OrganizationId::numbered(1), None)),
            format!(r#"{{"organizationId":"{PLAN}"}}"#)
        );
        assert_eq!(
            sent(&requests.repositories(OrganizationId::numbered(1), 100, 2)),
            format!(
                r#"{{"limit":100,"page":2,"orderby":"name","ordertype":"asc","filters":[],"organizationId":"{PLAN}"}}"#
            )
        );
        assert_eq!(
            sent(&requests.activate(&[RepositoryId::numbered(1), RepositoryId::numbered(2)])),
            format!(r#"{{"repositoryIds":["{PLAN}","{REPOSITORY}"]}}"#)
        );
    }

    #[test]
    fn replaced_names_are_sent() {
        let names = WireNames::from_yaml(
            "request.activate.repositoryIds: repositoriesIds\nresponse.repository.name: title",
        )
        .unwrap();
        let requests = Requests::new(&names);
        assert_eq!(
            sent(&requests.activate(&[RepositoryId::numbered(2)])),
            format!(r#"{{"repositoriesIds":["{REPOSITORY}"]}}"#)
        );
        assert!(
            sent(&requests.repositories(OrganizationId::numbered(1), 1, 1))
                .contains(r#""orderby":"title""#)
        );
    }

    #[test]
    fn settings_are_flat_and_the_plans_id_comes_last() {
        let names = WireNames::default();
        let settings = PlanSettings {
            include_metadata: Some(false),
            parameters: [
                ("zone".to_owned(), json!("a")),
                ("keep".to_owned(), json!({"days": 30})),
            ]
            .into(),
        };
        assert_eq!(
            sent(
                &Requests::new(&names)
                    .modify_git_plan(PlanId::numbered(1), &settings)
                    .unwrap()
            ),
            format!(
                r#"{{"keep":{{"days":30}},"zone":"a","includeMetadata":false,"planid":"{PLAN}"}}"#
            )
        );
    }

    #[test]
    fn a_parameter_cannot_take_the_place_of_the_plans_id_even_when_that_is_renamed() {
        let names = WireNames::from_yaml("request.modifyGitPlan.planId: target").unwrap();
        let settings = |key: &str, include_metadata| PlanSettings {
            include_metadata,
            parameters: [(key.to_owned(), json!(PLAN))].into(),
        };
        let modify = |key, include| {
            Requests::new(&names)
                .modify_git_plan(PlanId::numbered(1), &settings(key, include))
                .err()
        };
        assert!(matches!(
            modify("TARGET", None),
            Some(SettingsError::NamesTarget { .. })
        ));
        assert!(matches!(
            modify("planId", None),
            Some(SettingsError::NamesTarget { .. })
        ));
        assert!(matches!(
            modify("INCLUDEMETADATA", Some(true)),
            Some(SettingsError::Twice { .. })
        ));
        assert_eq!(modify("INCLUDEMETADATA", None), None);
    }
}
