//! The simulator as a client sees it: every endpoint, fault and dialect over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails, in helpers too"
)]

mod admin;
mod client;
mod contract;
mod dialects;
mod edits;
mod endpoints;
mod faults;
mod journal;
mod listing_faults;
mod names;
mod plans;
mod program;
mod scale;
mod server;
mod tokens;
