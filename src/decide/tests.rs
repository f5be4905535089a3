//! Tests of whole decisions, one file a subject. Each is named after the rule that it holds.
#![expect(
    clippy::indexing_slicing,
    reason = "a test that finds less than it expects has failed"
)]

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
