//! Connections, with the operator's own permissions and no more.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod credentials;
mod life;
mod patches;
mod place;
