//! Progress for whoever waits: on the standard error, so that a test's or a command's own output stays clean.

use std::io::{Write, stderr};

/// One line of progress. Not by `eprintln!`, which the test harness hides until a test has failed; and whether anybody reads it
/// must not decide whether the work goes on, so a closed standard error is no failure.
pub fn line(text: &str) {
    drop(writeln!(stderr().lock(), "{text}"));
}
