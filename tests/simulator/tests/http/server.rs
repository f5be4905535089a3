//! Starting, stopping, TLS, and several servers at once.

use serde_json::json;
use xopero_simulator::{Certificate, Endpoint, Options, Simulator};

use crate::client::{Client, start, world};

#[tokio::test]
async fn a_stopped_server_is_down_and_comes_back_on_its_port_with_all_it_knew() {
    let (simulator, client) = start(world()).await;
    let url = simulator.url();
    simulator.stop();
    let new = Client::of(&simulator).with_token(client.token());
    let error = new
        .try_call(Endpoint::ListOrganizations, json!({}))
        .await
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    simulator.create_upstream("acme", "new").unwrap();
    simulator.restart().unwrap();
    simulator.restart().unwrap();
    assert_eq!(simulator.url(), url);
    let answer = new.call(Endpoint::ListOrganizations, json!({})).await;
    assert_eq!(answer.status, 200, "the token is still good");
    assert_eq!(simulator.summary().calls, 1);
}

#[tokio::test]
async fn dropping_a_server_frees_its_port() {
    let simulator = Simulator::start(world()).unwrap();
    let address = simulator.address();
    Client::signed_in(&simulator).await;
    drop(simulator);
    let options = Options {
        listen: Some(address),
        ..Options::default()
    };
    let again = Simulator::start_with(world(), options).unwrap();
    Client::signed_in(&again).await;
    let options = Options {
        listen: Some(address),
        ..Options::default()
    };
    let taken = Simulator::start_with(world(), options).unwrap_err();
    assert!(taken.to_string().contains(&address.to_string()));
}

#[tokio::test]
async fn over_tls_only_who_trusts_the_authority_gets_an_answer() {
    let simulator = Simulator::start_tls(world()).unwrap();
    assert!(simulator.url().starts_with("https://127.0.0.1:"));
    let client = Client::signed_in(&simulator).await;
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        200
    );
    let plain = Simulator::start(world()).unwrap();
    let stranger = Client::of(&plain).at(&simulator);
    let error = stranger
        .try_call(Endpoint::ListOrganizations, json!({}))
        .await
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn another_certificate_is_not_trusted_by_who_trusts_the_first() {
    let mut simulator = Simulator::start_tls(world()).unwrap();
    let client = Client::signed_in(&simulator).await;
    simulator
        .replace_certificate(Certificate::generate().unwrap())
        .unwrap();
    let answer = Client::of(&simulator)
        .call(Endpoint::ListOrganizations, json!({}))
        .await;
    assert_eq!(answer.status, 401, "who trusts the second");
    while let Err(error) = client
        .try_call(Endpoint::ListOrganizations, json!({}))
        .await
    {
        // A pooled connection may end first.
        if error.is_connect() {
            return;
        }
    }
    panic!("the first certificate is still shown");
}

#[tokio::test]
async fn a_certificate_that_is_none_is_refused() {
    let certificate = Some(Certificate::from_pem("no certificate", "no key"));
    let options = Options {
        certificate,
        ..Options::default()
    };
    assert!(Simulator::start_with(world(), options).is_err());
}

#[tokio::test]
async fn many_servers_run_beside_each_other() {
    let simulators: Vec<Simulator> = (0..20)
        .map(|_| Simulator::start(world()).unwrap())
        .collect();
    for (index, simulator) in simulators.iter().enumerate() {
        for _ in 0..=index {
            Client::signed_in(simulator).await;
        }
    }
    let logins: Vec<u64> = simulators
        .iter()
        .map(|simulator| simulator.summary().logins)
        .collect();
    assert_eq!(logins, (1..=20).collect::<Vec<u64>>());
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_of_the_test_does_not_stop_it() {
    let (simulator, client) = start(world()).await;
    let answer_time = std::time::Duration::from_millis(10);
    simulator
        .edit(xopero_simulator::Edit::SetAnswerTime { answer_time })
        .unwrap();
    assert_eq!(
        client
            .call(Endpoint::ListOrganizations, json!({}))
            .await
            .status,
        200
    );
}
