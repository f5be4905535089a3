//! The operator under faults. A scenario is played on a real control plane and a simulated Xopero ONE, both behind gates that can cut,
//! lose, answer otherwise and hold back what passes; the operator itself is killed and started again; and judges read the joint journal afterwards.
//!
//! The parts, each of use by itself: [`journal`] orders what happened on both sides, [`gate`] stands before a server, [`oracles`] judge,
//! [`scenario`] says what is played, [`run`] plays it under a [`plan`], [`catalogue`] lists the plans of an item of the campaign, and
//! [`campaign`] runs them, keeps in a [`record`] what came of them, and tells. Other tests put [`gates`] around the operator that they start, so that
//! the same oracles judge it, or where it runs in pods a [`witness`] beside it.

pub mod account;
pub mod campaign;
pub mod catalogue;
pub mod dialects;
pub mod gate;
pub mod gates;
pub mod journal;
mod manifests;
pub mod oracles;
pub mod plan;
pub mod record;
pub mod report;
pub mod run;
pub mod scenario;
pub mod witness;
