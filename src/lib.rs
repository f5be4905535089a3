//! A Kubernetes operator that keeps Git backups in Xopero ONE as declared in custom resources.
//!
//! Data flows one way: observe, decide, act, report. Deciding is pure. See the module documentation of each folder.

pub mod api;
pub mod controllers;
pub mod decide;
pub mod inventory;
pub mod runtime;
pub mod xopero;
