//! The whole operator as a model: a Kubernetes store, an Xopero ONE, and one operator process between them, each a value, and
//! everything that may happen to them as one kind of event. Inventory, memory, ledger and `decide` are the real ones; the
//! process takes the steps of the organization's controller in its order.
//!
//! Two engines run it. [`sequences`] tries long random runs in large organizations; [`scope`] tries every run there is in a small
//! one. In both, [`monitor`] judges each write when it is sent, and [`rest`] follows the path without faults to its end.

mod any_event;
mod events;
mod key;
mod monitor;
mod pass;
mod process;
mod removals;
mod rest;
mod scenes;
mod scope;
mod sequences;
mod store;
mod system;
