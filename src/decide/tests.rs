//! Tests of whole decisions, one file a subject. Each is named after the rule that it holds.

mod any;
mod approvals;
mod conflicts;
mod deletion;
mod failures;
mod licences;
mod membership;
mod model;
mod names;
mod oracle;
mod organization;
mod patterns;
mod projects;
mod promises;
mod removals;
mod repeats;
mod settings;
mod unseen;
