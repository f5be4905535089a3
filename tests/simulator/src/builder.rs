//! A state in the words of the domain: `organization("acme").plan("nightly").with(repository("api").licensed().in_plan("nightly"))`.

use serde_json::Value;
use uuid::Uuid;

use crate::{
    dialect::Dialect,
    faults::Fault,
    state::{
        LastStatus, Method, Organization, Password, Plan, Project, Provider, Repository, State,
        Synchronization, Upstream, User, administrator,
    },
};

/// A state with nothing in it.
pub fn state() -> State {
    State::default()
}

/// An organization of GitHub without plans or repositories.
pub fn organization(name: &str) -> Organization {
    Organization {
        name: name.to_owned(),
        ..Organization::default()
    }
}

/// A plan that selects by name and has never run.
pub fn plan(name: &str) -> Plan {
    Plan {
        name: name.to_owned(),
        ..Plan::default()
    }
}

/// A project that is in no plan.
pub fn project(name: &str) -> Project {
    Project {
        name: name.to_owned(),
        ..Project::default()
    }
}

/// A repository without a licence, in no plan.
pub fn repository(name: &str) -> Repository {
    Repository {
        name: name.to_owned(),
        ..Repository::default()
    }
}

/// A System Administrator with the DevOps permission.
pub fn user(email: &str, password: &str) -> User {
    User {
        id: None,
        email: email.to_owned(),
        password: Password::new(password),
        roles: administrator(),
        second_factor: false,
    }
}

impl From<&str> for Repository {
    fn from(name: &str) -> Self {
        repository(name)
    }
}

impl From<&str> for Plan {
    fn from(name: &str) -> Self {
        plan(name)
    }
}

impl From<&str> for Project {
    fn from(name: &str) -> Self {
        project(name)
    }
}

impl State {
    /// With this account.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// With this organization.
    #[must_use]
    pub fn with(mut self, organization: Organization) -> Self {
        self.organizations.push(organization);
        self
    }

    /// With so many licences bought.
    #[must_use]
    pub fn licences(mut self, licences: usize) -> Self {
        self.licences = Some(licences);
        self
    }

    /// With synchronizations that take so long.
    #[must_use]
    pub fn synchronization(mut self, synchronization: Synchronization) -> Self {
        self.synchronization = synchronization;
        self
    }

    /// With this dialect.
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// With this fault in place.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Organization {
    /// With this id.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Of this Git service.
    #[must_use]
    pub fn provider(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Of GitLab.
    #[must_use]
    pub fn gitlab(self) -> Self {
        self.provider(Provider::GitLab)
    }

    /// Of Bitbucket.
    #[must_use]
    pub fn bitbucket(self) -> Self {
        self.provider(Provider::Bitbucket)
    }

    /// Of Azure DevOps.
    #[must_use]
    pub fn azure_devops(self) -> Self {
        self.provider(Provider::AzureDevOps)
    }

    /// Shown with this number for its Git service.
    #[must_use]
    pub fn provider_driver(mut self, driver: i64) -> Self {
        self.driver = Some(driver);
        self
    }

    /// With this plan.
    #[must_use]
    pub fn plan(mut self, plan: impl Into<Plan>) -> Self {
        self.plans.push(plan.into());
        self
    }

    /// With this project.
    #[must_use]
    pub fn project(mut self, project: impl Into<Project>) -> Self {
        self.projects.push(project.into());
        self
    }

    /// With this known repository.
    #[must_use]
    pub fn with(mut self, repository: impl Into<Repository>) -> Self {
        self.repositories.push(repository.into());
        self
    }

    /// With these known repositories.
    #[must_use]
    pub fn with_all<R: Into<Repository>>(
        mut self,
        repositories: impl IntoIterator<Item = R>,
    ) -> Self {
        self.repositories
            .extend(repositories.into_iter().map(Into::into));
        self
    }

    /// With the Git service holding this as well, unknown until synchronized.
    #[must_use]
    pub fn upstream(mut self, repository: impl Into<Repository>) -> Self {
        let Repository {
            id, name, project, ..
        } = repository.into();
        let known = &self.repositories;
        self.upstream
            .get_or_insert_with(|| {
                let living = known.iter().filter(|repository| !repository.removed);
                living.map(Upstream::from).collect()
            })
            .push(Upstream { id, name, project });
        self
    }

    /// With new repositories licensed after each synchronization.
    #[must_use]
    pub fn licensing_automatically(mut self) -> Self {
        self.automatic_licensing = true;
        self
    }

    /// With a synchronization under way until it is released.
    #[must_use]
    pub fn synchronizing(mut self) -> Self {
        self.synchronization_in_progress = true;
        self
    }
}

impl From<&Repository> for Upstream {
    fn from(repository: &Repository) -> Self {
        Self {
            id: repository.id,
            name: repository.name.clone(),
            project: repository.project.clone(),
        }
    }
}

impl Plan {
    /// With this id; the same id under two organizations makes one plan that serves both.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Protects everything, and refuses attach and detach.
    #[must_use]
    pub fn everything(mut self) -> Self {
        self.method = Method::Everything;
        self
    }

    /// Attaches what these wildcards match, after each synchronization.
    #[must_use]
    pub fn rules(mut self, rules: &[&str]) -> Self {
        self.method = Method::Rules;
        self.rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
        self
    }

    /// Attaches again what its rules match before each listing.
    #[must_use]
    pub fn reattaching(mut self) -> Self {
        self.reattaches = true;
        self
    }

    /// With the one setting that listings show.
    #[must_use]
    pub fn including_metadata(mut self) -> Self {
        self.include_metadata = true;
        self
    }

    /// With a setting that no listing shows.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// Running now.
    #[must_use]
    pub fn running(mut self) -> Self {
        self.is_running = true;
        self
    }

    /// With a run that ended at this time, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn finished(mut self, last_status: LastStatus, plan_finished_time: i64) -> Self {
        self.last_status = Some(last_status);
        self.plan_finished_time = Some(plan_finished_time);
        self
    }
}

impl Project {
    /// With this id.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// Attached to this plan of its organization.
    #[must_use]
    pub fn in_plan(mut self, plan: &str) -> Self {
        self.plans.push(plan.to_owned());
        self
    }
}

impl Repository {
    /// With this id.
    #[must_use]
    pub fn id(mut self, id: Uuid) -> Self {
        self.id = Some(id);
        self
    }

    /// In this project.
    #[must_use]
    pub fn project(mut self, project: &str) -> Self {
        self.project = Some(project.to_owned());
        self
    }

    /// Holding a licence.
    #[must_use]
    pub fn licensed(mut self) -> Self {
        self.licensed = true;
        self
    }

    /// Attached to this plan of its organization.
    #[must_use]
    pub fn in_plan(mut self, plan: &str) -> Self {
        self.plans.push(plan.to_owned());
        self
    }

    /// Gone from the Git service, and its row says so.
    #[must_use]
    pub fn removed(mut self) -> Self {
        self.removed = true;
        self
    }
}

impl User {
    /// With only these roles and permissions.
    #[must_use]
    pub fn roles(mut self, roles: &[&str]) -> Self {
        self.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self
    }

    /// With a second factor, so that it cannot sign in.
    #[must_use]
    pub fn second_factor(mut self) -> Self {
        self.second_factor = true;
        self
    }
}
