//! Whether every resource there is is known, and since when. One look serves the removals of all organizations: it takes in all resources.

use std::time::{Duration, Instant};

use futures::try_join;
use tokio::sync::Mutex;

use super::{
    super::watches::{Stored, Watchable},
    Context,
    fresh_look::NotMade,
};

/// For how long a look counts at least.
const LEAST: Duration = Duration::from_secs(5);
/// And at most: a watch that is broken is begun anew after twice as long.
const MOST: Duration = Duration::from_secs(30);
/// How many times as long as a look takes it counts: with tens of thousands of resources the API server is not to do nothing else.
const REST: u32 = 4;

/// When every resource was known last.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<Option<Known>>);

#[derive(Clone, Copy, Debug)]
struct Known {
    asked: Instant,
    took: Duration,
}

impl Heard {
    /// Whether all there is to know of is known.
    ///
    /// # Errors
    /// Where a resource is not, or cannot be looked for.
    pub(super) async fn of_all(&self, context: &Context) -> Result<(), NotMade> {
        let mut known = self.0.lock().await;
        if known.is_some_and(|known| known.asked.elapsed() < counts_for(known.took)) {
            return Ok(());
        }
        let asked = Instant::now();
        try_join!(
            hears_of(context, &context.organizations),
            hears_of(context, &context.plans),
            hears_of(context, &context.repositories),
            hears_of(context, &context.projects),
        )?;
        let took = asked.elapsed();
        *known = Some(Known { asked, took });
        drop(known);
        Ok(())
    }
}

fn counts_for(took: Duration) -> Duration {
    took.saturating_mul(REST).clamp(LEAST, MOST)
}

async fn hears_of<K: Watchable>(context: &Context, stored: &Stored<K>) -> Result<(), NotMade> {
    let unheard = stored.unheard(&context.client).await;
    match unheard.map_err(NotMade::NotRead)? {
        None => Ok(()),
        Some(place) => Err(NotMade::Changed(format!(
            "{} {place} is there, as the API server lists it, and the watch does not tell of it",
            K::kind(&())
        ))),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_few_resources(Duration::from_millis(20), 5)]
    #[case::tens_of_thousands(Duration::from_secs(3), 12)]
    #[case::a_slow_api_server(Duration::from_mins(1), 30)]
    fn a_look_counts_for_longer_where_it_takes_longer(
        #[case] took: Duration,
        #[case] seconds: u64,
    ) {
        assert_eq!(counts_for(took), Duration::from_secs(seconds));
    }
}
