//! Reading Xopero ONE: what counts of it, when it is asked to read the Git service, and that both end with the process.

use std::{sync::Arc, time::Duration};

use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::Time,
    jiff::{SignedDuration, Timestamp},
};
use rstest::rstest;
use serde_json::json;
use wiremock::MockServer;
use xopero_simulator::{
    Effect, Endpoint, Fault, Simulator,
    builder::{organization, state, user},
    faults::Status,
};

use super::{
    super::{
        super::{connections::Usable, observed::Place},
        Context,
        act::Acting,
        made::Made,
        observe::{self, Came},
        state::State,
    },
    EMAIL, PASSWORD, There, client_of,
};
use crate::{
    api::{AllowedNamespaces, XoperoOrganization},
    inventory::trust::Asked,
    xopero::{Budget, Hooks},
};

/// One organization of one process.
struct Process {
    simulator: Arc<Simulator>,
    context: Context,
    _api_server: MockServer,
    resource: XoperoOrganization,
    usable: Usable,
    place: Place,
    key: Place,
    state: State,
}

impl Process {
    async fn start() -> Self {
        let acme = organization("acme").plan("Nightly").with("api");
        let world = state().user(user(EMAIL, PASSWORD)).with(acme);
        let simulator = Arc::new(Simulator::start(world).unwrap());
        let resource: XoperoOrganization = serde_json::from_value(json!({
            "metadata": { "name": "acme", "namespace": "backup", "uid": "uid-of-acme", "generation": 1 },
            "spec": {
                "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub", "sync": { "interval": "15m" },
            },
        }))
        .unwrap();
        let claim = serde_json::from_value(json!({
            "metadata": { "name": "api", "namespace": "backup", "uid": "uid-of-api" },
            "spec": { "organizationRef": { "name": "acme" }, "name": "api" },
        }));
        let (context, api_server) = There {
            organizations: vec![resource.clone()],
            repositories: vec![claim.unwrap()],
            ..There::default()
        }
        .held()
        .await;
        let timeout = Duration::from_secs(2);
        let budget = Arc::new(Budget::new(10_000, 8));
        let at = |name: &str| Place {
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        };
        Self {
            usable: Usable {
                client: client_of(&simulator, timeout, budget, Hooks::default()),
                generation: 1,
                url: simulator.url().into(),
                uid: "uid-of-xopero".into(),
                settings_allowed: false,
                in_flight: 8,
                allowed: AllowedNamespaces::default(),
            },
            state: State::of(&resource, &"uid-of-acme".into()),
            place: at("acme"),
            key: at("xopero"),
            simulator,
            context,
            _api_server: api_server,
            resource,
        }
    }

    async fn observe(&mut self) -> Result<Came, observe::Error> {
        let scene = observe::Scene {
            context: &self.context,
            place: &self.place,
            resource: &self.resource,
            usable: &self.usable,
            key: &self.key,
        };
        observe::observe(scene, &mut self.state, Asked::No).await
    }

    fn calls(&self, endpoint: Endpoint) -> u64 {
        self.simulator.summary().of_endpoint(endpoint)
    }

    async fn synchronize(&mut self, asked: Asked) {
        let mut made = Made::default();
        let acting = Acting {
            context: &self.context,
            place: &self.place,
            resource: &self.resource,
            usable: &self.usable,
            key: &self.key,
            made: &mut made,
        };
        acting.synchronize(&mut self.state, asked).await;
    }
}

#[tokio::test]
async fn a_listing_that_fails_is_none_of_the_two_that_are_compared_after_a_lost_answer() {
    let mut process = Process::start().await;
    assert_eq!(process.observe().await.unwrap(), Came::Through);
    let refused = Fault::on(Endpoint::ListRepositories, Status::code(500)).until_healed();
    process.simulator.inject(refused);
    process.observe().await.unwrap_err();
    assert_eq!(process.state.listings, 1);
    process.simulator.heal_all();
    process.observe().await.unwrap();
    assert_eq!(process.state.listings, 2);
}

/// By the clock of a machine that was ahead, for example.
#[rstest]
#[case::a_while_ago(SignedDuration::from_mins(-1), 0)]
#[case::long_ago(SignedDuration::from_hours(-1), 1)]
#[case::in_the_future(SignedDuration::from_hours(1), 1)]
#[tokio::test]
async fn a_synchronization_that_is_yet_to_come_puts_off_none(
    #[case] after_now: SignedDuration,
    #[case] asked_for: u64,
) {
    let mut process = Process::start().await;
    process.observe().await.unwrap();
    let noted = Timestamp::now() + after_now;
    process.state.said.status.last_sync_at = Some(Time(noted));
    process.synchronize(Asked::No).await;
    assert_eq!(process.calls(Endpoint::Sync), asked_for);
}

#[rstest]
#[case::of_which_organizations_there_are(Endpoint::ListOrganizations)]
#[case::of_the_rows(Endpoint::ListRepositories)]
#[tokio::test]
async fn a_listing_ends_when_the_process_is_told_to_and_nothing_of_it_counts(
    #[case] endpoint: Endpoint,
) {
    let mut process = Process::start().await;
    process.observe().await.unwrap();
    let seen = process.state.inventory.as_ref().unwrap().listing();
    let slow = Fault::on(endpoint, Effect::Slow(Duration::from_mins(10))).until_healed();
    let (simulator, stop) = (Arc::clone(&process.simulator), process.context.stop.clone());
    let slow = simulator.inject(slow);
    let told = async move {
        while simulator.firings(slow) == 0 {
            tokio::task::yield_now().await;
        }
        stop.cancel();
    };
    let (came, ()) = tokio::join!(process.observe(), told);
    assert_eq!(came.unwrap(), Came::Stopped);
    assert_eq!(process.state.listings, 1);
    let known = process.state.inventory.as_ref().unwrap().listing();
    assert_eq!(known, seen);
}

#[tokio::test]
async fn a_process_that_is_told_to_end_asks_for_nothing_more() {
    let mut process = Process::start().await;
    process.observe().await.unwrap();
    let before = process.simulator.journal().len();
    process.context.stop.cancel();
    let stop = process.context.stop.clone();
    let glance = observe::glance(&process.usable, &mut process.state, &stop).await;
    assert_eq!(glance.unwrap(), Came::Stopped);
    assert_eq!(process.observe().await.unwrap(), Came::Stopped);
    process.synchronize(Asked::ByAPerson).await;
    assert_eq!(process.simulator.journal().len(), before);
}
