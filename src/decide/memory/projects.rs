//! Whether the rows of this instance follow the attachments of projects: no endpoint lists those, only rows may tell.

use std::collections::{BTreeMap, BTreeSet};

use super::outcomes::Confirmed;
use crate::{
    decide::Change,
    inventory::{Inventory, PlanId, ProjectId, ProjectMembership},
};

/// What was learned.
#[derive(Clone, Debug, Default)]
pub(in crate::decide) struct Projects {
    /// Seen with all its repositories in the plan, since an attachment was sent last.
    seen_in: BTreeSet<(PlanId, ProjectId)>,
    /// Rows were seen to change with an attachment of ours: what they do not show is not so.
    rows_follow: bool,
}

impl Projects {
    /// Whether it is proved that rows follow.
    pub(in crate::decide) const fn rows_follow(&self) -> bool {
        self.rows_follow
    }

    /// Whether the project was seen in the plan as a whole since an attachment was sent last.
    pub(in crate::decide) fn was_seen_in(&self, plan: PlanId, project: ProjectId) -> bool {
        self.seen_in.contains(&(plan, project))
    }

    /// It was attached, or may have been: what was seen before tells nothing of rows that do not move with it.
    pub(super) fn may_be_attached(&mut self, plan: PlanId, project: ProjectId) {
        self.seen_in.remove(&(plan, project));
    }

    /// Learns from a new whole listing. `confirmed` are the changes that were made before it.
    pub(super) fn learn(&mut self, after: &Inventory, confirmed: &BTreeMap<Change, Confirmed>) {
        for (project, known) in after.projects() {
            for plan in after.plans().keys() {
                if after.project_membership(*project, *plan) != ProjectMembership::In {
                    continue;
                }
                self.seen_in.insert((*plan, *project));
                let by_us = confirmed.contains_key(&Change::AttachProject(*plan, *project));
                // Attached one by one, the rows prove nothing.
                let one_by_one = known
                    .rows
                    .iter()
                    .filter_map(|row| after.repository(*row))
                    .any(|row| confirmed.contains_key(&Change::Attach(*plan, row.id)));
                self.rows_follow |= by_us && !one_by_one;
            }
        }
    }
}
