//! What each edit does.

use std::time::Instant;

use uuid::Uuid;

use super::{Edit, Error};
use crate::{
    dialect::PasswordChange,
    ids,
    simulation::Simulation,
    state,
    world::{Account, FindError, Organization, Plan, Presence, World},
};

impl Edit {
    pub(crate) fn apply(self, simulation: &mut Simulation) -> Result<(), Error> {
        match self {
            Self::CreateUpstream { .. }
            | Self::DeleteUpstream { .. }
            | Self::RenameUpstream { .. }
            | Self::AddRepository { .. }
            | Self::RemoveRepository { .. }
            | Self::MarkRemoved { .. }
            | Self::SetLicence { .. }
            | Self::Attach { .. }
            | Self::Detach { .. } => self.of_repository(&mut simulation.world),
            Self::AttachProject { .. }
            | Self::DetachProject { .. }
            | Self::AddPlan { .. }
            | Self::RemovePlan { .. }
            | Self::RenamePlan { .. }
            | Self::SetPlanRun { .. } => self.of_plan(&mut simulation.world),
            Self::AddOrganization { .. }
            | Self::RemoveOrganization { .. }
            | Self::ReAddOrganization { .. }
            | Self::RenameOrganization { .. }
            | Self::SetAutomaticLicensing { .. }
            | Self::StartSynchronization { .. }
            | Self::ReleaseSynchronization { .. } => self.of_organization(&mut simulation.world),
            Self::SetSynchronization { .. }
            | Self::SetLicences { .. }
            | Self::SetAnswerTime { .. }
            | Self::SetTokenLifetime { .. }
            | Self::SetDialect { .. }
            | Self::AddUser { .. }
            | Self::RemoveUser { .. }
            | Self::SetPassword { .. }
            | Self::SetRoles { .. }
            | Self::Unlock { .. }
            | Self::RevokeTokens { .. } => self.of_server(simulation),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply has sorted them, without a wildcard"
    )]
    fn of_repository(self, world: &mut World) -> Result<(), Error> {
        match self {
            Self::CreateUpstream {
                organization,
                repository,
            } => {
                let found = world.find_organization(&organization)?;
                let state::Upstream { id, name, project } = repository;
                let derived = || ids::repository(&found.name, project.as_deref(), &name);
                let (to, id) = (found.id, id.unwrap_or_else(derived));
                world.add_upstream(to, id, name, project);
            }
            Self::DeleteUpstream {
                organization,
                repository,
            } => {
                let id = world.find_upstream(&organization, &repository)?;
                organization_mut(world, &organization)?.upstream.remove(&id);
            }
            Self::RenameUpstream {
                organization,
                repository,
                to,
            } => {
                let id = world.find_upstream(&organization, &repository)?;
                let upstream = &mut organization_mut(world, &organization)?.upstream;
                if let Some(found) = upstream.get_mut(&id) {
                    found.name = to;
                }
            }
            Self::AddRepository {
                organization,
                repository,
            } => {
                let to = world.find_organization(&organization)?.id;
                world.load_repository(to, repository, Presence::Upstream)?;
            }
            Self::RemoveRepository {
                organization,
                repository,
            } => {
                let id = world.find_repository(&organization, &repository)?;
                world.forget(id);
            }
            Self::MarkRemoved {
                organization,
                repository,
                removed,
            } => {
                let id = world.find_repository(&organization, &repository)?;
                world.mark_removed(id, removed);
            }
            Self::SetLicence {
                organization,
                repository,
                licensed,
            } => {
                let id = world.find_repository(&organization, &repository)?;
                world.set_licence(id, licensed);
            }
            Self::Attach {
                organization,
                repository,
                plan,
            } => {
                let id = world.find_repository(&organization, &repository)?;
                let plan = world.find_plan(&organization, &plan)?;
                world.attach(plan, id);
            }
            Self::Detach {
                organization,
                repository,
                plan,
            } => {
                let id = world.find_repository(&organization, &repository)?;
                let plan = world.find_plan(&organization, &plan)?;
                world.detach(plan, id);
            }
            _ => {}
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply has sorted them, without a wildcard"
    )]
    fn of_plan(self, world: &mut World) -> Result<(), Error> {
        match self {
            Self::AttachProject {
                organization,
                project,
                plan,
            } => {
                let project = world.find_project(&organization, &project)?;
                let plan = world.find_plan(&organization, &plan)?;
                world.attach_project(plan, project);
            }
            Self::DetachProject {
                organization,
                project,
                plan,
            } => {
                let project = world.find_project(&organization, &project)?;
                let plan = world.find_plan(&organization, &plan)?;
                world.detach_project(plan, project);
            }
            Self::AddPlan { organization, plan } => {
                let to = world.find_organization(&organization)?.id;
                let plan = world.add_plan(to, plan)?;
                world.select(plan);
            }
            Self::RemovePlan { organization, plan } => {
                let plan = world.find_plan(&organization, &plan)?;
                world.remove_plan(plan);
            }
            Self::RenamePlan {
                organization,
                plan,
                to,
            } => plan_mut(world, &organization, &plan)?.name = to,
            Self::SetPlanRun {
                organization,
                plan,
                is_running,
                last_status,
                plan_finished_time,
            } => {
                let found = plan_mut(world, &organization, &plan)?;
                found.is_running = is_running.unwrap_or(found.is_running);
                found.last_status = last_status.or(found.last_status);
                found.plan_finished_time = plan_finished_time.or(found.plan_finished_time);
            }
            _ => {}
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply has sorted them, without a wildcard"
    )]
    fn of_organization(self, world: &mut World) -> Result<(), Error> {
        match self {
            Self::AddOrganization { organization } => {
                world.add_organization(organization)?;
            }
            Self::RemoveOrganization { organization } => {
                let id = world.find_organization(&organization)?.id;
                world.remove_organization(id);
            }
            Self::ReAddOrganization { organization } => {
                let id = world.find_organization(&organization)?.id;
                world.re_add_organization(id)?;
            }
            Self::RenameOrganization { organization, to } => {
                organization_mut(world, &organization)?.name = to;
            }
            Self::SetAutomaticLicensing { organization, on } => {
                organization_mut(world, &organization)?.automatic_licensing = on;
            }
            Self::StartSynchronization { organization } => {
                let id = world.find_organization(&organization)?.id;
                world.start_synchronization(id, Instant::now());
            }
            Self::ReleaseSynchronization { organization } => {
                let id = world.find_organization(&organization)?.id;
                if !world.release_synchronization(id) {
                    return Err(Error::NotSynchronizing(organization));
                }
            }
            _ => {}
        }
        Ok(())
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "apply has sorted them, without a wildcard"
    )]
    fn of_server(self, simulation: &mut Simulation) -> Result<(), Error> {
        let Simulation { world, tokens, .. } = simulation;
        match self {
            Self::SetSynchronization { synchronization } => {
                world.synchronization = synchronization;
            }
            Self::SetLicences { licences } => world.licences = licences,
            Self::SetAnswerTime { answer_time } => world.answer_time = answer_time,
            Self::SetTokenLifetime { token_lifetime } => world.token_lifetime = token_lifetime,
            Self::SetDialect { dialect } => simulation.set_dialect(*dialect)?,
            Self::AddUser { user } => world.accounts.push(Account::new(user)),
            Self::RemoveUser { email } => {
                account_mut(world, &email)?;
                world.accounts.retain(|account| !account.is(&email));
                tokens.revoke(Some(&email));
            }
            Self::SetPassword { email, password } => {
                account_mut(world, &email)?.user.password = password;
                if world.dialect.password_change == PasswordChange::RevokesTokens {
                    tokens.revoke(Some(&email));
                }
            }
            Self::SetRoles { email, roles } => account_mut(world, &email)?.user.roles = roles,
            Self::Unlock { email } => account_mut(world, &email)?.failures = 0,
            Self::RevokeTokens { email } => tokens.revoke(email.as_deref()),
            _ => {}
        }
        Ok(())
    }
}

impl Account {
    pub(crate) fn is(&self, email: &str) -> bool {
        self.user.email.eq_ignore_ascii_case(email)
    }
}

fn account_mut<'a>(world: &'a mut World, email: &str) -> Result<&'a mut Account, FindError> {
    let mut accounts = world.accounts.iter_mut();
    accounts
        .find(|account| account.is(email))
        .ok_or_else(|| FindError::User(email.to_owned()))
}

fn organization_mut<'a>(
    world: &'a mut World,
    wanted: &str,
) -> Result<&'a mut Organization, FindError> {
    let id: Uuid = world.find_organization(wanted)?.id;
    world
        .organization_mut(id)
        .ok_or_else(|| FindError::Organization(wanted.to_owned()))
}

fn plan_mut<'a>(
    world: &'a mut World,
    organization: &str,
    wanted: &str,
) -> Result<&'a mut Plan, FindError> {
    let id = world.find_plan(organization, wanted)?;
    world.plans.get_mut(&id).ok_or_else(|| FindError::Plan {
        organization: organization.to_owned(),
        plan: wanted.to_owned(),
    })
}
