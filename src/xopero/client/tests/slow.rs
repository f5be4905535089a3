//! Every answer comes at nine tenths of the timeout, for an hour of simulated time, with hundreds of calls waiting.

use std::{
    pin::pin,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    sync::Notify,
    time::{Instant, advance},
};

use super::*;

const TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER: Duration = Duration::from_secs(27);
const HOUR: Duration = Duration::from_hours(1);
/// More than an hour holds.
const WAITING: usize = 300;

/// None is taken for a failure, none is sent twice or before the one ahead of it is answered, so an hour holds as many as it must;
/// and another connection has its answers meanwhile, at once.
#[tokio::test(start_paused = true)]
async fn slow_answers_are_answers_and_hold_up_no_other_connection() {
    // While it runs, the clock moves only when told to: else it would run past the timeout of a request under way.
    let (_hold, held) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || held.recv());
    let arrived = Arc::new(Notify::new());
    let told = Arc::clone(&arrived);
    let answer = move |call: &Call| {
        told.notify_one();
        server::sign_in(call).after(ANSWER)
    };
    let slow_server = Server::with_login(answer.clone(), answer).await;
    let one_at_a_time = Surroundings {
        budget: Arc::new(Budget::new(100_000, 1)),
        ..surroundings()
    };
    let settings = Settings {
        timeout: TIMEOUT,
        ..settings(&slow_server.url)
    };
    let slow = Client::new(settings, credentials(), one_at_a_time).unwrap();
    let fast_server = Server::with(|_| no_organizations()).await;
    let fast = client(&fast_server);
    let confirmed = AtomicUsize::new(0);
    let mut waiting: FuturesUnordered<_> = (0..WAITING)
        .map(|_| slow.attach_repository(plan(), repository()))
        .collect();
    let mut waiting = pin!(waiting.by_ref().for_each(|result| {
        result.unwrap();
        confirmed.fetch_add(1, Ordering::SeqCst);
        std::future::ready(())
    }));
    let begin = Instant::now();
    let mut looks = 0;

    while begin.elapsed() < HOUR {
        tokio::select! {
            biased;
            () = &mut waiting => panic!("an hour holds less"),
            () = arrived.notified() => {}
        }
        let now = Instant::now();
        fast.organizations().await.unwrap();
        assert_eq!(Instant::now(), now, "the other connection waited");
        looks += 1;
        advance(ANSWER).await;
    }

    let holds = usize::try_from(HOUR.as_secs().div_ceil(ANSWER.as_secs())).unwrap();
    assert_eq!(looks, holds);
    assert_eq!((slow_server.logins(), slow_server.peak()), (1, 1));
    let sent = slow_server.others().len();
    assert_eq!(sent, holds - 1, "all but the login");
    // The last one's answer has come, and nobody looked at it yet.
    assert_eq!(confirmed.load(Ordering::SeqCst), sent - 1);
    assert_eq!(fast_server.others().len(), looks);
}
