//! The chart as its users meet it: rendered, checked and installed by the real Helm on a real API server, its Deployment rolled out by
//! Kubernetes' own controllers, and the operator run in its pods as a kubelet would.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod audit;
mod helm;
mod life;
mod monitoring;
mod network;
mod notes;
mod order;
mod part;
mod pod;
mod refused;
mod rendered;
mod rights;
mod stage;
mod switches;
mod values;
mod xopero_one;
