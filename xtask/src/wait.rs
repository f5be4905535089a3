//! Waiting for what nobody tells: it is looked at again and again, for a limited time. What to say when it never comes is left to who
//! waits.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

/// How often it is looked at. Each look may start a program, on a machine that has other work.
const POLL: Duration = Duration::from_millis(100);

/// What `look` finds; `None` if there is nothing to find within `patience`.
pub async fn until_found<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        let found = look().await;
        if found.is_some() || Instant::now() >= deadline {
            return found;
        }
        sleep(POLL).await;
    }
}

/// Whether it holds before `patience` is at its end.
pub async fn until_holds(patience: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    until_found(patience, async || holds().await.then_some(()))
        .await
        .is_some()
}

/// As [`until_holds`], where it may be that nobody can tell whether it holds.
///
/// # Errors
/// The first of `holds`.
pub async fn until_true(
    patience: Duration,
    mut holds: impl AsyncFnMut() -> Result<bool>,
) -> Result<bool> {
    let look = async || holds().await.map(|holds| holds.then_some(true)).transpose();
    until_found(patience, look).await.unwrap_or(Ok(false))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[tokio::test]
    async fn it_is_looked_at_until_it_is_there() {
        let mut looks = 0;
        let found = until_found(Duration::from_mins(1), async || {
            looks += 1;
            (looks == 3).then_some("there")
        });
        assert_eq!(found.await, Some("there"));
        assert_eq!(looks, 3);
    }

    #[tokio::test]
    async fn without_patience_it_is_looked_at_once() {
        let mut looks = 0;
        let holds = until_holds(Duration::ZERO, async || {
            looks += 1;
            false
        });
        assert!(!holds.await);
        assert_eq!(looks, 1);
    }

    #[tokio::test]
    async fn an_error_ends_it() {
        let mut looks = 0;
        let mut after = async |end: Result<bool>, patience| {
            looks = 0;
            let mut end = Some(end);
            until_true(patience, async || {
                looks += 1;
                if looks < 2 {
                    Ok(false)
                } else {
                    end.take().unwrap()
                }
            })
            .await
        };
        let minute = Duration::from_mins(1);
        assert!(after(Ok(true), minute).await.unwrap());
        assert!(after(bail_out(), minute).await.is_err());
        assert!(!after(Ok(true), Duration::ZERO).await.unwrap());
    }

    fn bail_out() -> Result<bool> {
        bail!("nobody knows")
    }
}
