//! The program as a process: what it says about itself, when it is ready, how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

mod command_line;
mod leader;
mod lifecycle;
mod operator;
mod secrets;
