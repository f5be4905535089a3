//! What a change concerns, in words.

use crate::{
    decide::Change,
    inventory::{Inventory, display_name},
};

/// What it concerns, and the plan where there is one beside: `api from Nightly`. What is not listed is known by its id.
pub(super) fn about(change: Change, inventory: &Inventory) -> String {
    let plan = |id| {
        let plan = inventory.plans().get(&id);
        plan.map_or_else(|| format!("{id}"), |plan| display_name(&plan.name))
    };
    let repository = |id| {
        let row = inventory.row(id).and_then(|row| inventory.repository(row));
        row.map_or_else(|| format!("{id}"), |row| display_name(&row.spelled()))
    };
    let project = |id| {
        let project = inventory.projects().get(&id);
        project.map_or_else(|| format!("{id}"), |project| display_name(&project.name))
    };
    match change {
        Change::Activate(id) | Change::Deactivate(id) | Change::Remove(id) => repository(id),
        Change::Modify(id) => plan(id),
        Change::Attach(in_plan, id) => format!("{} to {}", repository(id), plan(in_plan)),
        Change::Detach(in_plan, id) => format!("{} from {}", repository(id), plan(in_plan)),
        Change::AttachProject(in_plan, id) => format!("{} to {}", project(id), plan(in_plan)),
        Change::DetachProject(in_plan, id) => format!("{} from {}", project(id), plan(in_plan)),
    }
}
