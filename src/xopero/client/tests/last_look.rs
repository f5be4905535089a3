//! What takes something away is looked at once more when it has its turn.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::BoxFuture;
use rstest::rstest;

use super::*;
use crate::xopero::{OrganizationId, Outcome};

/// It waits for its turn for as long as others have it, and what came meanwhile counts.
#[rstest]
#[case::that_it_may_go(true, 1)]
#[case::that_it_may_not(false, 0)]
#[tokio::test]
async fn a_removal_has_its_last_look_once_it_has_its_turn(
    #[case] may_go: bool,
    #[case] sent: usize,
) {
    let server = Server::with(|_| Reply::status(204)).await;
    let (client, budget) = client_in_turn(&server);
    client
        .synchronize(OrganizationId::numbered(0xd))
        .await
        .unwrap();
    let before = server.others().len();
    let held = budget.pass().await.unwrap();
    let seen = Arc::new(Mutex::new(None));
    let look = || {
        let seen = *seen.lock().unwrap();
        Box::pin(async move { seen.expect("it has no turn yet") }) as BoxFuture<'_, bool>
    };
    let mut write = Box::pin(client.remove(repository(), &look));
    assert!(futures::poll!(write.as_mut()).is_pending());
    *seen.lock().unwrap() = Some(may_go);
    drop(held);
    let result = write.await;
    assert_eq!(result.is_ok(), may_go, "{result:?}");
    if let Err(error) = result {
        assert!(matches!(error, Error::Withheld { .. }));
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
    assert_eq!(server.others().len() - before, sent);
}

/// The token is renewed, and that takes its time.
#[tokio::test]
async fn a_removal_that_is_sent_once_more_has_another_last_look() {
    let server = Server::with(|call| Reply::status(if call.before == 0 { 401 } else { 204 })).await;
    let looks = AtomicUsize::new(0);
    let look = || {
        let before = looks.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(before == 0)) as BoxFuture<'_, bool>
    };
    let result = client(&server).deactivate(&[repository()], &look).await;
    assert!(matches!(result, Err(Error::Withheld { .. })), "{result:?}");
    assert_eq!(server.others().len(), 1);
}
