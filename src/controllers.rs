//! The kube-rs controllers: they fetch, call the decision, act and report. Nothing is decided here.

mod admission;
pub mod chain;
pub mod claim;
pub mod claims;
pub mod connection;
pub mod connections;
mod credentials;
mod deletion;
pub mod events;
pub mod failure;
pub mod finalizers;
mod in_use;
pub mod looks;
mod messages;
pub mod metrics;
pub mod namespaces;
mod not_understood;
pub mod observed;
pub mod organization;
mod patches;
pub mod readiness;
mod retries;
pub mod selectors;
pub mod status;
pub mod verdicts;
pub mod watches;
mod wiring;

pub use wiring::{Dependencies, Ended, run, stand_by};
