//! What waits for what, across claims: a repository is attached before it is detached elsewhere, and what a project brings
//! about for its repositories is not done one by one beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Due, Ground, Hold, assess::Assessment, named::Astray};
use crate::inventory::{Inventory, PlanId, ProjectId, RepositoryId};

/// Where a project goes into a plan or out of it, its repositories go with it.
pub(super) fn projects_as_a_whole(inventory: &Inventory, assessments: &mut [Assessment]) {
    let of_project = |due: &Due| {
        matches!(
            due.change,
            Change::AttachProject(..) | Change::DetachProject(..)
        )
    };
    let mut all = assessments.iter().flat_map(|assessment| &assessment.dues);
    if !all.any(of_project) {
        return;
    }
    let mut going_in: BTreeSet<(PlanId, ProjectId)> = BTreeSet::new();
    let mut going_out: BTreeSet<(PlanId, ProjectId)> = BTreeSet::new();
    for due in assessments.iter().flat_map(|assessment| &assessment.dues) {
        match due.change {
            Change::AttachProject(plan, project) if due.hold.is_none() => {
                going_in.insert((plan, project));
            }
            // One that is held for long leaves its repositories to whoever calls for them: no claim waits for another that is paused.
            Change::DetachProject(plan, project)
                if comes(due, &BTreeSet::new()) == Comes::ByItself =>
            {
                going_out.insert((plan, project));
            }
            Change::AttachProject(..)
            | Change::DetachProject(..)
            | Change::Activate(_)
            | Change::Attach(..)
            | Change::Modify(_)
            | Change::Detach(..)
            | Change::Deactivate(_)
            | Change::Remove(_) => {}
        }
    }
    for assessment in assessments {
        let own: BTreeSet<(PlanId, ProjectId)> = assessment
            .dues
            .iter()
            .filter_map(|due| match due.change {
                Change::DetachProject(plan, project) => Some((plan, project)),
                Change::Activate(_)
                | Change::Attach(..)
                | Change::AttachProject(..)
                | Change::Modify(_)
                | Change::Detach(..)
                | Change::Deactivate(_)
                | Change::Remove(_) => None,
            })
            .collect();
        assessment.dues.retain_mut(|due| {
            let whole = due.change.plan().zip(
                due.change
                    .repository()
                    .and_then(|id| project_of(inventory, id)),
            );
            let Some(whole) = whole else { return true };
            match (due.change, due.ground) {
                (Change::Attach(..), _) => {
                    if due.hold.is_none() && going_in.contains(&whole) {
                        due.hold = Some(Hold::Order);
                    }
                    true
                }
                (Change::Detach(..), Ground::Derived) => {
                    if going_out.contains(&whole) {
                        due.hold.get_or_insert(Hold::Order);
                    }
                    !own.contains(&whole)
                }
                // What a resource names is not left to what another one calls for.
                (Change::Detach(..), Ground::Named | Ground::Addition) => !own.contains(&whole),
                (
                    Change::Activate(_)
                    | Change::AttachProject(..)
                    | Change::Modify(_)
                    | Change::DetachProject(..)
                    | Change::Deactivate(_)
                    | Change::Remove(_),
                    _,
                ) => true,
            }
        });
    }
}

/// What goes into a plan whose settings are to be sent goes after them: sent side by side, the settings may come later, and it is not known
/// whether they keep what is in the plan.
pub(super) fn settings_first(assessments: &mut [Assessment]) {
    let going = assessments.iter().flat_map(|assessment| &assessment.dues);
    let going = going.filter(|due| due.hold.is_none());
    let set: BTreeSet<PlanId> = going
        .filter(|due| matches!(due.change, Change::Modify(_)))
        .filter_map(|due| due.change.plan())
        .collect();
    let dues = assessments
        .iter_mut()
        .flat_map(|assessment| &mut assessment.dues);
    for due in dues.filter(|due| due.hold.is_none()) {
        let is_attachment = matches!(due.change, Change::Attach(..) | Change::AttachProject(..));
        if is_attachment && due.change.plan().is_some_and(|plan| set.contains(&plan)) {
            due.hold = Some(Hold::Order);
        }
    }
}

/// A repository or project goes into its new plan before it leaves the old one; `astray`: what goes into one that is not known yet.
pub(super) fn attach_first(inventory: &Inventory, assessments: &mut [Assessment], astray: &Astray) {
    let all = || assessments.iter().flat_map(|assessment| &assessment.dues);
    if !all().any(|due| is_detachment(due.change)) {
        return;
    }
    let licensing: BTreeSet<RepositoryId> = all()
        .filter(|due| due.hold.is_none())
        .filter_map(|due| match due.change {
            Change::Activate(id) => Some(id),
            Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_)
            | Change::Detach(..)
            | Change::DetachProject(..)
            | Change::Deactivate(_)
            | Change::Remove(_) => None,
        })
        .collect();
    let mut arriving = Arriving::default();
    for id in &astray.repositories {
        arriving.add_repository(inventory, *id, Comes::WithHelp);
    }
    for project in &astray.projects {
        arriving.add_project(inventory, *project, Comes::WithHelp);
    }
    for due in all() {
        let comes = comes(due, &licensing);
        match due.change {
            Change::Attach(_, id) => arriving.add_repository(inventory, id, comes),
            Change::AttachProject(_, project) => arriving.add_project(inventory, project, comes),
            Change::Activate(_)
            | Change::Modify(_)
            | Change::Detach(..)
            | Change::DetachProject(..)
            | Change::Deactivate(_)
            | Change::Remove(_) => {}
        }
    }
    let dues = assessments
        .iter_mut()
        .flat_map(|assessment| &mut assessment.dues);
    for due in dues.filter(|due| due.hold.is_none() && is_detachment(due.change)) {
        let comes = match due.change {
            Change::Detach(_, id) => arriving.repositories.get(&id),
            Change::DetachProject(_, project) => arriving.projects.get(&project),
            Change::Activate(_)
            | Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_)
            | Change::Deactivate(_)
            | Change::Remove(_) => None,
        };
        let waits = match (comes, due.ground) {
            (None, _) => false,
            (Some(comes), Ground::Named) => *comes == Comes::ByItself,
            // Nobody asked for it: it waits even for what is held back.
            (Some(_), Ground::Derived | Ground::Addition) => true,
        };
        if waits {
            due.hold = Some(Hold::AttachFirst);
        }
    }
}

/// What is to be attached somewhere.
#[derive(Debug, Default)]
struct Arriving {
    repositories: BTreeMap<RepositoryId, Comes>,
    projects: BTreeMap<ProjectId, Comes>,
}

/// Whether an attachment comes without anybody's help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Comes {
    /// Somebody has to help first.
    WithHelp,
    /// It is under way.
    ByItself,
}

impl Arriving {
    fn add_repository(&mut self, inventory: &Inventory, id: RepositoryId, comes: Comes) {
        note(&mut self.repositories, id, comes);
        if let Some(project) = project_of(inventory, id) {
            note(&mut self.projects, project, comes);
        }
    }

    fn add_project(&mut self, inventory: &Inventory, project: ProjectId, comes: Comes) {
        note(&mut self.projects, project, comes);
        let rows = inventory.projects().get(&project).map(|known| &known.rows);
        for repository in rows
            .into_iter()
            .flatten()
            .filter_map(|row| inventory.repository(*row))
        {
            note(&mut self.repositories, repository.id, comes);
        }
    }
}

fn note<K: Ord>(arriving: &mut BTreeMap<K, Comes>, item: K, comes: Comes) {
    let known = arriving.entry(item).or_insert(comes);
    *known = comes.max(*known);
}

fn comes(due: &Due, licensing: &BTreeSet<RepositoryId>) -> Comes {
    let by_itself = match due.hold {
        None | Some(Hold::AwaitsListing | Hold::OthersRefused | Hold::Finalizer | Hold::Order) => {
            true
        }
        Some(Hold::WaitsForLicence) => due
            .change
            .repository()
            .is_some_and(|id| licensing.contains(&id)),
        Some(
            Hold::Conflict(_)
            | Hold::SetElsewhere(_)
            | Hold::MayBeSetElsewhere(_)
            | Hold::MayBeMeant(_)
            | Hold::Paused
            | Hold::Organization
            | Hold::LicenseLimit
            | Hold::LicensesExhausted
            | Hold::Refused(_)
            | Hold::Failed(_)
            | Hold::Repeats
            | Hold::NotKept
            | Hold::NotPermitted
            | Hold::Untrusted(_)
            | Hold::ClaimsNotVisible
            | Hold::SecondListing
            | Hold::AttachFirst
            | Hold::RemovalHeld
            | Hold::RemovalPaced
            | Hold::SentBefore
            | Hold::SettingsNotAllowed,
        ) => false,
    };
    if by_itself {
        Comes::ByItself
    } else {
        Comes::WithHelp
    }
}

const fn is_detachment(change: Change) -> bool {
    matches!(change, Change::Detach(..) | Change::DetachProject(..))
}

fn project_of(inventory: &Inventory, id: RepositoryId) -> Option<ProjectId> {
    inventory
        .row(id)
        .and_then(|row| inventory.repository(row))
        .and_then(|repository| repository.project)
}
