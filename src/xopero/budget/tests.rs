use std::sync::atomic::{AtomicUsize, Ordering};

use futures::{FutureExt as _, future::join_all};
use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// A rate that no test waits for.
const FAST: u32 = 100_000;

const ASKED: Asked = Asked {
    endpoint: Endpoint::Login,
    by: AskedBy::Unavailable,
};

#[tokio::test]
async fn requests_in_flight_never_exceed_the_limit() {
    let budget = Arc::new(Budget::new(FAST, 3));
    let (now, peak) = (AtomicUsize::new(0), AtomicUsize::new(0));
    join_all((0..50).map(|_| async {
        let pass = budget.pass().await.unwrap();
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // As long as a request may take.
        sleep(Duration::from_millis(5)).await;
        now.fetch_sub(1, Ordering::SeqCst);
        drop(pass);
    }))
    .await;
    assert_eq!(peak.into_inner(), 3);
}

#[tokio::test]
async fn requests_are_spaced_by_the_rate_without_a_burst() {
    let budget = Arc::new(Budget::new(50, 10));
    let begun = std::time::Instant::now();
    for _ in 0..6 {
        drop(budget.pass().await.unwrap());
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(100),
        "5 intervals of 20 ms took {:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_used_stands_beside_the_limits() {
    let budget = Arc::new(Budget::new(FAST, 2));
    budget.pause(Some(Duration::from_secs(3)), ASKED);
    let first = budget.pass().await.unwrap();
    let second = budget.pass().await.unwrap();
    budget.pause(Some(Duration::from_secs(40)), ASKED);
    let used = BudgetUse {
        requests: 2,
        waited: first.waited + second.waited,
        in_flight: 2,
        in_flight_limit: 2,
        per_second: FAST,
        pause: Duration::from_secs(40),
    };
    assert!(used.waited >= Duration::from_secs(3));
    assert_eq!(budget.used(), used);

    // What is under way stays so with a lower limit.
    budget.reconfigure(7, 1);
    drop(first);
    let lowered = BudgetUse {
        in_flight: 1,
        in_flight_limit: 1,
        per_second: 7,
        ..used
    };
    assert_eq!(budget.used(), lowered);
    drop(second);
    assert_eq!(budget.used().in_flight, 0);
}

#[rstest]
#[case::the_default(5, 1)]
#[case::where_no_timer_is_late(199, 1)]
#[case::where_one_may_be(200, 2)]
#[case::the_highest(1000, 6)]
fn only_what_a_late_timer_held_up_goes_at_once(#[case] per_second: u32, #[case] expected: u32) {
    let per_second = NonZeroU32::new(per_second).unwrap();
    assert_eq!(at_once(per_second).get(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_short_pause_is_waited_for_and_a_long_one_is_told() {
    let budget = Arc::new(Budget::new(FAST, 2));
    budget.pause(Some(Duration::from_secs(4)), ASKED);
    // A shorter pause does not shorten a longer one.
    budget.pause(Some(Duration::from_secs(1)), ASKED);
    let begun = Instant::now();
    let pass = budget.pass().await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 4);
    assert_eq!(pass.waited.as_secs(), 4);
    drop(pass);

    budget.pause(Some(Duration::from_mins(1)), ASKED);
    let Err(Paused { retry_after, asked }) = budget.pass().await else {
        panic!("a long pause was waited for")
    };
    assert_eq!(retry_after, Duration::from_mins(1));
    assert_eq!(asked, ASKED);
    tokio::time::advance(Duration::from_secs(57)).await;
    assert!(budget.pass().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_begins_while_others_wait_concerns_them_too() {
    let budget = Arc::new(Budget::new(FAST, 1));
    let first = budget.pass().await.unwrap();
    let mut second = Box::pin(budget.pass());
    assert!(second.as_mut().now_or_never().is_none());
    budget.pause(None, ASKED);
    drop(first);
    let begun = Instant::now();
    assert!(second.await.is_ok());
    assert_eq!(begun.elapsed(), UNSAID_PAUSE);
}

/// How many passes can be had at once; all are given back.
fn places(budget: &Arc<Budget>) -> usize {
    let mut passes = Vec::new();
    while let Some(Ok(pass)) = budget.pass().now_or_never() {
        passes.push(pass);
    }
    passes.len()
}

proptest! {
    /// However limits change while requests are under way: no more than the limit begin, and in the end all of it is free.
    #[test]
    fn a_changed_limit_holds_as_soon_as_requests_end(steps in prop::collection::vec((1_usize..10, 0_usize..10, 0_usize..10), 1..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let budget = Arc::new(Budget::new(u32::MAX, 4));
            let mut held = Vec::new();
            let mut limit = 4;
            for (next, begin, end) in steps {
                budget.reconfigure(u32::MAX, next);
                limit = next;
                held.truncate(held.len().saturating_sub(end));
                for _ in 0..begin {
                    match budget.pass().now_or_never() {
                        Some(Ok(pass)) => {
                            held.push(pass);
                            assert!(held.len() <= limit, "{} under way at a limit of {limit}", held.len());
                        }
                        Some(Err(_)) => panic!("nobody asked for a pause"),
                        None => break,
                    }
                }
            }
            held.clear();
            assert_eq!(places(&budget), limit);
        });
    }
}
