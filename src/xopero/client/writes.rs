//! The ten calls that change something. None is repeated here once it may have happened: the caller looks first.

use super::{Client, Denial};
use crate::xopero::{
    errors::Error,
    hooks::LastLook,
    ids::{OrganizationId, PlanId, ProjectId, RepositoryId},
    settings::PlanSettings,
    wire::{self, Body, Endpoint},
};

/// Every write ends in `Ok` when the server said 2xx; else [`Error::outcome`] says whether it may have happened. What takes something
/// away has a last look, once it has its turn.
impl Client {
    /// Puts a repository into a plan.
    ///
    /// # Errors
    /// When the server did not confirm it.
    pub async fn attach_repository(
        &self,
        plan: PlanId,
        repository: RepositoryId,
    ) -> Result<(), Error> {
        self.write(
            Endpoint::AttachRepository,
            &self.requests().attach_repository(plan, repository),
        )
        .await
    }

    /// Takes a repository out of a plan.
    ///
    /// # Errors
    /// When the server did not confirm it.
    pub async fn detach_repository(
        &self,
        plan: PlanId,
        repository: RepositoryId,
        last_look: &LastLook<'_>,
    ) -> Result<(), Error> {
        self.take(
            Endpoint::DetachRepository,
            &self.requests().detach_repository(plan, repository),
            last_look,
        )
        .await
    }

    /// Puts an Azure DevOps project into a plan.
    ///
    /// # Errors
    /// When the server did not confirm it.
    pub async fn attach_project(&self, plan: PlanId, project: ProjectId) -> Result<(), Error> {
        self.write(
            Endpoint::AttachProject,
            &self.requests().attach_project(plan, project),
        )
        .await
    }

    /// Takes an Azure DevOps project out of a plan.
    ///
    /// # Errors
    /// When the server did not confirm it.
    pub async fn detach_project(
        &self,
        plan: PlanId,
        project: ProjectId,
        last_look: &LastLook<'_>,
    ) -> Result<(), Error> {
        self.take(
            Endpoint::DetachProject,
            &self.requests().detach_project(plan, project),
            last_look,
        )
        .await
    }

    /// Changes the settings of a plan.
    ///
    /// # Errors
    /// When a parameter names an id or a setting twice, or the server did not confirm it.
    pub async fn modify_git_plan(
        &self,
        plan: PlanId,
        settings: &PlanSettings,
    ) -> Result<(), Error> {
        self.write(
            Endpoint::ModifyGitPlan,
            &self.requests().modify_git_plan(plan, settings)?,
        )
        .await
    }

    /// Changes the settings of an Azure DevOps plan.
    ///
    /// # Errors
    /// When a parameter names an id or a setting twice, or the server did not confirm it.
    pub async fn modify_azure_plan(
        &self,
        plan: PlanId,
        settings: &PlanSettings,
    ) -> Result<(), Error> {
        self.write(
            Endpoint::ModifyAzurePlan,
            &self.requests().modify_azure_plan(plan, settings)?,
        )
        .await
    }

    /// Gives repositories a licence; sends nothing for none.
    ///
    /// # Errors
    /// When the server did not confirm it; whether some of them got one is then unknown.
    pub async fn activate(&self, repositories: &[RepositoryId]) -> Result<(), Error> {
        if repositories.is_empty() {
            return Ok(());
        }
        self.write(Endpoint::Activate, &self.requests().activate(repositories))
            .await
    }

    /// Takes repositories' licences; sends nothing for none.
    ///
    /// # Errors
    /// When the server did not confirm it; whether some of them lost theirs is then unknown.
    pub async fn deactivate(
        &self,
        repositories: &[RepositoryId],
        last_look: &LastLook<'_>,
    ) -> Result<(), Error> {
        if repositories.is_empty() {
            return Ok(());
        }
        self.take(
            Endpoint::Deactivate,
            &self.requests().deactivate(repositories),
            last_look,
        )
        .await
    }

    /// Removes a repository from Xopero ONE; its last copy may go with it.
    ///
    /// # Errors
    /// When the server did not confirm it. [`Error::is_not_found`] says that it was not there.
    pub async fn remove(
        &self,
        repository: RepositoryId,
        last_look: &LastLook<'_>,
    ) -> Result<(), Error> {
        let body = self.requests().remove(repository);
        self.take(Endpoint::Remove, &body, last_look).await
    }

    /// Asks for an organization's Git service to be read again; returns before that is done.
    ///
    /// # Errors
    /// When the server did not confirm it.
    pub async fn synchronize(&self, organization: OrganizationId) -> Result<(), Error> {
        let endpoint = Endpoint::Synchronize;
        let body = self.requests().synchronize(organization);
        let denial = Denial::Organization(organization);
        confirmed(endpoint, &self.call(endpoint, &body, denial, None).await?)
    }

    async fn write(&self, endpoint: Endpoint, body: &Body) -> Result<(), Error> {
        let answer = self.call(endpoint, body, Denial::Call, None).await?;
        confirmed(endpoint, &answer)
    }

    /// A write that takes something away.
    async fn take(
        &self,
        endpoint: Endpoint,
        body: &Body,
        last_look: &LastLook<'_>,
    ) -> Result<(), Error> {
        let call = self.call(endpoint, body, Denial::Call, Some(last_look));
        confirmed(endpoint, &call.await?)
    }
}

fn confirmed(endpoint: Endpoint, answer: &[u8]) -> Result<(), Error> {
    match wire::defect_of_acknowledgement(answer) {
        None => Ok(()),
        Some(defect) => Err(Error::NotUnderstood { endpoint, defect }),
    }
}
