//! Tests of whole decisions, one file a subject. Each is named after the rule that it holds.

mod any;
mod approvals;
mod blast_radius;
mod conflicts;
mod deletion;
mod failures;
mod hidden_projects;
mod licences;
mod membership;
mod model;
mod modes;
mod names;
mod nothing_to_remove;
mod oracle;
mod organization;
mod patterns;
mod plan_not_found;
mod projects;
mod promises;
mod removals;
mod renames;
mod repeats;
mod settings;
mod surplus;
mod unclaimed;
mod unseen;
