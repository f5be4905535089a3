//! A pause of the connection.

use super::*;
use crate::xopero::OrganizationId;

/// It waits for its turn for as long as others have it.
#[tokio::test]
async fn what_waits_for_its_turn_when_a_pause_begins_is_not_sent() {
    let server = Server::with(|_| Reply::status(204)).await;
    let (client, budget) = client_in_turn(&server);
    let organization = OrganizationId::numbered(0xd);
    client.synchronize(organization).await.unwrap();
    let before = server.others().len();
    let held = budget.pass().await.unwrap();
    let mut waits = Box::pin(client.synchronize(organization));
    assert!(futures::poll!(waits.as_mut()).is_pending());
    client.pause();
    drop(held);
    let result = waits.await;
    assert!(matches!(result, Err(Error::Replaced)), "{result:?}");
    assert_eq!(server.others().len(), before);
    client.resume();
    client.synchronize(organization).await.unwrap();
    assert_eq!(server.others().len(), before + 1);
}

#[tokio::test]
async fn while_it_is_paused_nobody_signs_in() {
    let server = Server::with(|_| Reply::status(204)).await;
    let client = client_with(&server, surroundings());
    client.pause();
    let result = client.synchronize(OrganizationId::numbered(0xd)).await;
    assert!(matches!(result, Err(Error::Replaced)), "{result:?}");
    assert_eq!(server.logins(), 0);
}
