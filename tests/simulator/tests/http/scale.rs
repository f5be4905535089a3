//! Ten organizations with ten thousand repositories each: a write or a page costs as little as with ten.

use std::time::{Duration, Instant};

use serde_json::json;
use xopero_simulator::{
    Endpoint, State,
    builder::{organization, state, user},
};

use crate::client::{EMAIL, PASSWORD, start};

const ORGANIZATIONS: usize = 10;
const REPOSITORIES: usize = 10_000;

/// The mean of a call in a debug build on a busy machine; a scan of all repositories takes much longer.
const BOUND: Duration = Duration::from_millis(15);

fn large() -> State {
    let mut state = state().user(user(EMAIL, PASSWORD));
    for index in 0..ORGANIZATIONS {
        let names = (0..REPOSITORIES).map(|number| format!("repository-{number:05}"));
        let organization = organization(&format!("organization-{index}")).plan("nightly");
        let repositories = names.map(|name| xopero_simulator::builder::repository(&name));
        state = state.with(organization.with_all(repositories));
    }
    state
}

#[tokio::test]
async fn a_hundred_thousand_repositories_make_no_call_slow() {
    let (simulator, client) = start(large()).await;
    let id = simulator.organization_id("organization-7").unwrap();
    let plan = simulator.plan_id("organization-7", "nightly").unwrap();
    let calls = 200_u32;
    let begin = Instant::now();
    for number in 0..calls {
        let name = format!("repository-{:05}", number * 50);
        let repository = simulator.repository_id("organization-7", &name).unwrap();
        let pair = json!({"planid": plan, "repositoryid": repository});
        assert_eq!(
            client.call(Endpoint::AttachRepository, pair).await.status,
            200
        );
        let batch = json!({"repositoryIds": [repository]});
        assert_eq!(client.call(Endpoint::Activate, batch).await.status, 200);
        let page = usize::try_from(number % 100).unwrap() + 1;
        assert_eq!(client.page(id, 100, page).await.names().len(), 100);
    }
    let mean = begin.elapsed() / (calls * 3);
    assert!(mean < BOUND, "a call took {mean:?}");
    assert_eq!(
        simulator
            .members("organization-7", "nightly")
            .unwrap()
            .len(),
        200
    );
}

#[test]
fn a_large_state_is_written_and_read() {
    let state = large();
    let text = state.to_yaml().unwrap();
    assert_eq!(State::from_yaml(&text).unwrap(), state);
}
