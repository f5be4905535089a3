//! The edits that tests make most, by name. Each is one [`Edit`], and fails as that does.
#![expect(
    clippy::missing_errors_doc,
    reason = "all of them fail alike: when they name what does not exist"
)]

use super::Simulator;
use crate::{
    edit::{Edit, Error},
    state::{LastStatus, Password, Repository, Synchronization, Upstream},
};

impl Simulator {
    /// A repository appears at the Git service; a synchronization makes it known.
    pub fn create_upstream(&self, organization: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::CreateUpstream {
            organization: organization.to_owned(),
            repository: Upstream {
                name: repository.to_owned(),
                ..Upstream::default()
            },
        })
    }

    /// A repository vanishes from the Git service; a synchronization marks it removed.
    pub fn delete_upstream(&self, organization: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::DeleteUpstream {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
        })
    }

    /// A repository gets another name at the Git service; a synchronization shows it.
    pub fn rename_upstream(
        &self,
        organization: &str,
        repository: &str,
        to: &str,
    ) -> Result<(), Error> {
        self.edit(Edit::RenameUpstream {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
            to: to.to_owned(),
        })
    }

    /// A repository is known at once, and at the Git service too.
    pub fn add_repository(
        &self,
        organization: &str,
        repository: impl Into<Repository>,
    ) -> Result<(), Error> {
        self.edit(Edit::AddRepository {
            organization: organization.to_owned(),
            repository: repository.into(),
        })
    }

    /// A repository is removed from the system by hand.
    pub fn remove_repository(&self, organization: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::RemoveRepository {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
        })
    }

    /// A licence is given by hand.
    pub fn license(&self, organization: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::SetLicence {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
            licensed: true,
        })
    }

    /// A licence is taken by hand.
    pub fn unlicense(&self, organization: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::SetLicence {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
            licensed: false,
        })
    }

    /// A repository is attached by hand.
    pub fn attach(&self, organization: &str, plan: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::Attach {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
            plan: plan.to_owned(),
        })
    }

    /// A repository is detached by hand.
    pub fn detach(&self, organization: &str, plan: &str, repository: &str) -> Result<(), Error> {
        self.edit(Edit::Detach {
            organization: organization.to_owned(),
            repository: repository.to_owned(),
            plan: plan.to_owned(),
        })
    }

    /// A project is attached by hand.
    pub fn attach_project(
        &self,
        organization: &str,
        plan: &str,
        project: &str,
    ) -> Result<(), Error> {
        self.edit(Edit::AttachProject {
            organization: organization.to_owned(),
            project: project.to_owned(),
            plan: plan.to_owned(),
        })
    }

    /// A project is detached by hand.
    pub fn detach_project(
        &self,
        organization: &str,
        plan: &str,
        project: &str,
    ) -> Result<(), Error> {
        self.edit(Edit::DetachProject {
            organization: organization.to_owned(),
            project: project.to_owned(),
            plan: plan.to_owned(),
        })
    }

    /// A plan begins to run.
    pub fn start_run(&self, organization: &str, plan: &str) -> Result<(), Error> {
        self.edit(Edit::SetPlanRun {
            organization: organization.to_owned(),
            plan: plan.to_owned(),
            is_running: Some(true),
            last_status: None,
            plan_finished_time: None,
        })
    }

    /// A plan's run has ended, at this time in milliseconds since the Unix epoch.
    pub fn finish_run(
        &self,
        organization: &str,
        plan: &str,
        last_status: LastStatus,
        plan_finished_time: i64,
    ) -> Result<(), Error> {
        self.edit(Edit::SetPlanRun {
            organization: organization.to_owned(),
            plan: plan.to_owned(),
            is_running: Some(false),
            last_status: Some(last_status),
            plan_finished_time: Some(plan_finished_time),
        })
    }

    /// A synchronization begins.
    pub fn start_synchronization(&self, organization: &str) -> Result<(), Error> {
        self.edit(Edit::StartSynchronization {
            organization: organization.to_owned(),
        })
    }

    /// A synchronization that is under way ends now, with its effect.
    pub fn release_synchronization(&self, organization: &str) -> Result<(), Error> {
        self.edit(Edit::ReleaseSynchronization {
            organization: organization.to_owned(),
        })
    }

    /// How long synchronizations take that begin from now on.
    pub fn set_synchronization(&self, synchronization: Synchronization) -> Result<(), Error> {
        self.edit(Edit::SetSynchronization { synchronization })
    }

    /// The licences bought.
    pub fn set_licences(&self, licences: Option<usize>) -> Result<(), Error> {
        self.edit(Edit::SetLicences { licences })
    }

    /// An account gets another password.
    pub fn set_password(&self, email: &str, password: &str) -> Result<(), Error> {
        self.edit(Edit::SetPassword {
            email: email.to_owned(),
            password: Password::new(password),
        })
    }

    /// Every token given out is answered 401 from now on.
    pub fn revoke_tokens(&self) -> Result<(), Error> {
        self.edit(Edit::RevokeTokens { email: None })
    }
}
