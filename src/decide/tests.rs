//! Tests of whole decisions, one file a subject. Each is named after the rule that it holds.

mod approvals;
mod conflicts;
mod deletion;
mod licences;
mod membership;
mod names;
mod organization;
mod projects;
mod promises;
mod removals;
mod repeats;
mod settings;
mod unseen;
