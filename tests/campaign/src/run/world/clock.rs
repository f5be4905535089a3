//! A process whose clock is wrong. The time on the wall alone: what measures how long something lasts goes on as ever.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::plan::Clock;

/// Where systems keep libraries; Debian in a folder for each architecture.
const FOLDERS: [&str; 4] = ["/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib"];

/// That of libfaketime for programs with several threads, and where it lies in its folder.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// Where libfaketime is on this machine, if it has it.
pub(crate) fn library() -> Option<PathBuf> {
    FOLDERS.iter().map(Path::new).find_map(|folder| {
        let inner = fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = inner.map(|entry| entry.path());
        [folder.to_owned()]
            .into_iter()
            .chain(folders)
            .map(|folder| folder.join(LIBRARY))
            .find(|library| library.is_file())
    })
}

/// The program that is started by this command sees this clock.
pub(super) fn put(clock: Clock, command: &mut Command) -> Result<()> {
    let library = library().context("libfaketime is not installed")?;
    let sign = match clock {
        Clock::Ahead => '+',
        Clock::Behind => '-',
    };
    let seconds = Clock::OFF.as_secs();
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME", format!("{sign}{seconds}s"))
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        // What earlier versions call it.
        .env("DONT_FAKE_MONOTONIC", "1");
    Ok(())
}
