//! Waiting for what the operator brings about, and telling apart why it did not come.

use std::process::ExitStatus;

use anyhow::{Result, bail};
use xtask::wait::until_true;

use super::{NotReached, PATIENCE};

/// Waits until it holds; false if the time for it is over.
///
/// # Errors
/// If the operator has ended by itself, or whether it holds cannot be told.
pub(super) async fn comes_about(
    what: &str,
    ended: impl Fn() -> Result<Option<ExitStatus>>,
    mut holds: impl AsyncFnMut() -> Result<bool>,
) -> Result<bool> {
    until_true(PATIENCE, async || {
        if holds().await? {
            return Ok(true);
        }
        match ended()? {
            Some(status) => bail!("the operator ended by itself ({status}) before {what}"),
            None => Ok(false),
        }
    })
    .await
}

/// Waits until so many crashes are over.
///
/// # Errors
/// [`NotReached`] if none has begun in all the time: only then was the write never made. Any other error is a failure.
pub(super) async fn crashes_are_over(
    crashes: usize,
    ended: impl Fn() -> Result<Option<ExitStatus>>,
    over: impl Fn() -> usize,
    fired: impl Fn() -> u64,
) -> Result<()> {
    let what = format!("{crashes} crashes, as planned");
    let came = comes_about(&what, ended, async || Ok(over() >= crashes)).await?;
    match fired() {
        _ if came => Ok(()),
        0 => Err(NotReached.into()),
        fired => bail!("it never came about: {what}; traps have fired {fired} times"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    async fn waited(ended: Option<i32>, over: usize, fired: u64) -> Result<()> {
        let ended = || Ok(ended.map(ExitStatus::from_raw));
        crashes_are_over(1, ended, || over, || fired).await
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_crash_that_never_began_counts_as_not_reached() {
        let is_missed = |waited: Result<()>| {
            let error = waited.unwrap_err();
            error.downcast_ref::<NotReached>().is_some()
        };
        waited(None, 1, 1).await.unwrap();
        assert!(is_missed(waited(None, 0, 0).await), "never written");
        assert!(
            !is_missed(waited(Some(1), 0, 0).await),
            "it ended by itself"
        );
        assert!(!is_missed(waited(None, 0, 1).await), "it never came back");
    }
}
