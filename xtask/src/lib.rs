//! What the tests and the demo share: a real Kubernetes control plane, and child processes that never outlive their parent.
//!
//! The verbs of `cargo xtask` are in the binary of the same name; this library is what tests import.

pub mod control_plane;
pub mod gitops;
pub mod kubelet;
mod lock;
pub mod operator;
pub mod process;
pub mod promtool;
pub mod samples;
pub mod say;
pub mod wait;
pub mod workspace;
