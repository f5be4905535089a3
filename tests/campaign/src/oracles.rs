//! The judges. Each reads what happened and says in sentences what must not be; none knows how the operator is written.

pub mod canaries;
pub mod corrupted;
pub mod effort;
pub mod end_state;
pub mod forbidden;
pub mod ledger;
pub mod linter;
pub mod listings;
pub mod one_writer;
pub mod outcomes;
pub mod quiescence;
pub mod safety;
pub mod summary;
