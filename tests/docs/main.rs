//! The documentation as its readers meet it: every command of every page is run, in its order, by a shell, on a real API server.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod every;
mod logs;
mod not_run;
mod page;
mod pages;
mod published;
mod reader;
mod shown;
mod world;
