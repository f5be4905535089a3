//! Edits of the state from outside: what a person does in the console, at the Git service, or to the server itself.

mod apply;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    dialect::Dialect,
    duration,
    state::{self, Password, Synchronization, User},
    world::{FindError, LoadError},
};

/// An edit. Organizations, plans, projects and repositories are named by name or by id, a repository also as `project/name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "edit",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Edit {
    /// A repository appears at the Git service; a synchronization makes it known.
    CreateUpstream {
        /// The organization.
        organization: String,
        /// The new repository.
        repository: state::Upstream,
    },
    /// A repository vanishes from the Git service; a synchronization marks it removed.
    DeleteUpstream {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
    },
    /// A repository gets another name at the Git service; a synchronization shows it, under the id that it had.
    RenameUpstream {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
        /// Its new name.
        to: String,
    },
    /// A repository is known at once, and at the Git service too.
    AddRepository {
        /// The organization.
        organization: String,
        /// The new repository.
        repository: state::Repository,
    },
    /// A repository is removed from the system. The Git service keeps it.
    RemoveRepository {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
    },
    /// A repository's row says, or says no more, that it is gone from the Git service.
    MarkRemoved {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
        /// What the row says.
        removed: bool,
    },
    /// A licence is given or taken by hand, whatever is left of them.
    SetLicence {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
        /// Whether it holds one afterwards.
        licensed: bool,
    },
    /// A repository is attached by hand.
    Attach {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
        /// The plan.
        plan: String,
    },
    /// A repository is detached by hand.
    Detach {
        /// The organization.
        organization: String,
        /// The repository.
        repository: String,
        /// The plan.
        plan: String,
    },
    /// A project is attached by hand.
    AttachProject {
        /// The organization.
        organization: String,
        /// The project.
        project: String,
        /// The plan.
        plan: String,
    },
    /// A project is detached by hand.
    DetachProject {
        /// The organization.
        organization: String,
        /// The project.
        project: String,
        /// The plan.
        plan: String,
    },
    /// A plan is made.
    AddPlan {
        /// The organization.
        organization: String,
        /// The new plan.
        plan: state::Plan,
    },
    /// A plan is deleted.
    RemovePlan {
        /// The organization.
        organization: String,
        /// The plan.
        plan: String,
    },
    /// A plan gets another name; its id stays.
    RenamePlan {
        /// The organization.
        organization: String,
        /// The plan.
        plan: String,
        /// Its new name.
        to: String,
    },
    /// A plan begins or ends to run. What is absent stays as it is.
    SetPlanRun {
        /// The organization.
        organization: String,
        /// The plan.
        plan: String,
        /// Whether it runs now.
        #[serde(default)]
        is_running: Option<bool>,
        /// The counts of its last run.
        #[serde(default)]
        last_status: Option<state::LastStatus>,
        /// When its last run ended, in milliseconds since the Unix epoch.
        #[serde(default)]
        plan_finished_time: Option<i64>,
    },
    /// An organization is added.
    AddOrganization {
        /// The new organization.
        organization: state::Organization,
    },
    /// An organization is removed, with all that is known of it.
    RemoveOrganization {
        /// The organization.
        organization: String,
    },
    /// An organization is removed and added again: it and its repositories get other ids, hold no licence and are in no plan. Its plans stay.
    ReAddOrganization {
        /// The organization.
        organization: String,
    },
    /// An organization gets another name; its id stays.
    RenameOrganization {
        /// The organization.
        organization: String,
        /// Its new name.
        to: String,
    },
    /// The switch "Automatically add new repositories".
    SetAutomaticLicensing {
        /// The organization.
        organization: String,
        /// Whether it is on.
        on: bool,
    },
    /// A synchronization begins, as when a person or the product's own schedule asks for it.
    StartSynchronization {
        /// The organization.
        organization: String,
    },
    /// A synchronization that is under way ends now, with its effect.
    ReleaseSynchronization {
        /// The organization.
        organization: String,
    },
    /// How long synchronizations take that begin from now on.
    SetSynchronization {
        /// How long.
        synchronization: Synchronization,
    },
    /// The licences bought; without limit when absent.
    SetLicences {
        /// How many.
        #[serde(default)]
        licences: Option<usize>,
    },
    /// How long every answer takes.
    SetAnswerTime {
        /// How long.
        #[serde(with = "duration")]
        answer_time: Duration,
    },
    /// How long tokens given out from now on are valid; less than a second is expired at once.
    SetTokenLifetime {
        /// How long.
        #[serde(with = "duration")]
        token_lifetime: Duration,
    },
    /// Another dialect, whole.
    SetDialect {
        /// The dialect.
        dialect: Box<Dialect>,
    },
    /// An account is made.
    AddUser {
        /// The new account.
        user: User,
    },
    /// An account is deleted, with its tokens.
    RemoveUser {
        /// Its e-mail.
        email: String,
    },
    /// An account gets another password.
    SetPassword {
        /// Its e-mail.
        email: String,
        /// The new password.
        password: Password,
    },
    /// An account gets other roles; tokens given out keep the former ones.
    SetRoles {
        /// Its e-mail.
        email: String,
        /// All roles and permissions that it holds afterwards.
        roles: Vec<String>,
    },
    /// An account that was locked by rejected logins may sign in again.
    Unlock {
        /// Its e-mail.
        email: String,
    },
    /// Tokens given out are answered 401 from now on, whatever their `exp` says.
    RevokeTokens {
        /// Of this account alone; of all when absent.
        #[serde(default)]
        email: Option<String>,
    },
}

/// Why an edit could not be made. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It names what does not exist.
    #[error(transparent)]
    Find(#[from] FindError),
    /// It would make a state that cannot be.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No synchronization is under way.
    #[error("no synchronization of {0:?} is under way: start one first")]
    NotSynchronizing(String),
}
