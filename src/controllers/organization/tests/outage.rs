//! Xopero ONE is down for an hour: client, budget and the waits of the organizations' controller, in simulated time. The clock moves
//! only between requests, so that an answer of a real server takes no time; the waits are those that the controller asks for. There is a token
//! when it begins: how often may be signed in is counted in real time, and would be used up at once.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use futures::future::join_all;
use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Condition, jiff::Timestamp};
use rstest::rstest;
use serde_json::json;
use tokio::{
    sync::Notify,
    time::{Instant, advance, resume},
};
use xopero_simulator::{
    Effect, Fault, Simulator,
    builder::{organization, state, user},
    faults::{RetryAfter, Status},
    state::State as World,
};

use super::{
    super::{
        choose::choose,
        observe::{self, judged, read},
        report,
        state::State,
    },
    EMAIL, PASSWORD, client_of,
};
use crate::{
    api::{
        XoperoOrganization,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        Claim, Decision, Elsewhere, Input, Visibility, decide,
        fixtures::{organization_claim, repository_claim},
    },
    inventory::trust::Asked,
    xopero::{Budget, Client, Hooks},
};

const HOUR: Duration = Duration::from_hours(1);
const ORGANIZATIONS: usize = 6;
/// Repositories of each organization, every one claimed by a resource of its own.
const CLAIMED: usize = 50;
/// Past the wait between two attempts at one page, and far from the timeout of a request.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(2);
/// Attempts at one page.
const ATTEMPTS: usize = 3;
/// Passes of one organization in an hour of failures: after 1, 2, 4, … 256 s, and then every 5 minutes.
const PASSES: usize = 20;
/// Requests of a whole listing: the organizations twice, plans and repositories.
const LISTING: usize = 4;

/// One connection in use.
struct Connection {
    client: Client,
    budget: Arc<Budget>,
    calls: Arc<AtomicUsize>,
    answered: Arc<Notify>,
}

impl Connection {
    fn to(simulator: &Simulator) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let calls = Arc::new(AtomicUsize::new(0));
        let answered = Arc::new(Notify::new());
        let (count, told) = (Arc::clone(&calls), Arc::clone(&answered));
        let budget = Arc::new(Budget::new(100_000, 4));
        let hooks = Hooks {
            observer: Arc::new(move |_| {
                count.fetch_add(1, Ordering::SeqCst);
                told.notify_one();
            }),
            ..Hooks::default()
        };
        let timeout = Duration::from_mins(1);
        Self {
            client: client_of(simulator, timeout, Arc::clone(&budget), hooks),
            budget,
            calls,
            answered,
        }
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Lets a pass go to its end. After each answer there may be a wait, so the clock moves then, and at no other time.
    async fn to_its_end<T>(&self, pass: impl Future<Output = T>) -> T {
        let mut pass = pin!(pass);
        loop {
            tokio::select! {
                biased;
                done = &mut pass => return done,
                () = self.answered.notified() => advance(BETWEEN_ATTEMPTS).await,
            }
        }
    }
}

/// One organization, the claims on it, and what the controller keeps of it.
struct Organization {
    resource: XoperoOrganization,
    claims: Vec<Claim>,
    state: State,
    due: Instant,
}

impl Organization {
    fn new(number: usize) -> Self {
        let name = format!("acme-{number}");
        let resource: XoperoOrganization = serde_json::from_value(json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoOrganization",
            "metadata": { "name": name, "namespace": "backup", "uid": name, "generation": 1 },
            "spec": { "connectionRef": { "name": "xopero" }, "name": name, "provider": "GitHub" },
        }))
        .unwrap();
        let uid = Arc::from(name.as_str());
        let claims =
            (0..CLAIMED).map(|row| repository_claim(&format!("r{row:02}")).in_plans(&["nightly"]));
        Self {
            claims: claims.collect(),
            state: State::of(&resource, &uid),
            resource,
            due: Instant::now(),
        }
    }

    /// What a pass does between its first call and what it would send, and when the next is due.
    async fn pass(&mut self, client: &Client, now: Timestamp) -> Option<Decision> {
        let interval = self.resource.spec.resync_interval();
        match self.observe(client).await {
            Ok(()) => {
                self.state.recover();
                self.due = Instant::now() + interval;
                Some(self.decide(now))
            }
            Err(error) => {
                let reason = error.reason();
                let trouble = error.trouble();
                let statement = Statement::new(
                    ConditionType::Reconciling,
                    Truth::True,
                    reason,
                    trouble.message.clone(),
                );
                let status = report::undecided(&self.resource, &self.state, statement, now);
                self.state.said.status = status;
                self.state.fail(trouble, error.retry_after(), interval);
                // Asked at once: the state keeps real time, of which nothing has gone by.
                let wait = self.state.until_retry().as_millis();
                self.due = Instant::now() + Duration::from_millis(u64::try_from(wait).unwrap() + 1);
                None
            }
        }
    }

    async fn observe(&mut self, client: &Client) -> Result<(), observe::Error> {
        self.state.listings += 1;
        let organizations = client.organizations().await;
        let organizations = organizations.map_err(|source| observe::Error::Call {
            what: "the organizations",
            source,
        })?;
        let before = choose(organizations, &self.resource.spec, &self.state.meant)?;
        self.state.id = Some(before.id);
        let read = read(client, &before).await?;
        let inventory = judged(&mut self.state, (before, read), &self.resource, Asked::No);
        self.state.inventory = Some(inventory);
        Ok(())
    }

    fn decide(&self, now: Timestamp) -> Decision {
        let mut own = organization_claim(&self.resource.spec.name);
        own.id = self.state.id.unwrap();
        decide(&Input {
            organization: &own,
            claims: &self.claims,
            visibility: &Visibility::Whole,
            elsewhere: &Elsewhere::default(),
            inventory: self.state.inventory.as_ref().unwrap(),
            doubt: self.state.doubt,
            memory: &self.state.memory,
            ledger: &self.state.ledger,
            trouble: None,
            unconfirmed: None,
            now,
        })
    }

    fn waits(&self) -> Option<&Condition> {
        let conditions = &self.state.said.status.conditions;
        conditions
            .iter()
            .find(|condition| condition.type_ == ConditionType::Reconciling.as_str())
    }
}

fn world(organizations: usize) -> Simulator {
    let mut world: World = state().user(user(EMAIL, PASSWORD));
    for number in 0..organizations {
        let names: Vec<String> = (0..CLAIMED).map(|row| format!("r{row:02}")).collect();
        let one = organization(&format!("acme-{number}")).plan("nightly");
        world = world.with(one.with_all(names.iter().map(String::as_str)));
    }
    Simulator::start(world).unwrap()
}

/// How Xopero ONE is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Down {
    /// Nobody listens.
    Refuses,
    /// 503 without a word on how long.
    Unavailable,
    /// 503 with `Retry-After: 120`.
    Asks,
    /// Everything is accepted, and the connection is closed.
    Closes,
}

impl Down {
    fn begin(self, simulator: &Simulator) {
        let effect: Effect = match self {
            Self::Refuses => return simulator.stop(),
            Self::Unavailable => Status::code(503).into(),
            Self::Asks => Status {
                code: 503,
                retry_after: Some(RetryAfter::Seconds(120)),
                ..Status::default()
            }
            .into(),
            Self::Closes => Effect::Before,
        };
        simulator.inject(Fault::on_any(effect).until_healed());
    }

    fn end(self, simulator: &Simulator) {
        match self {
            Self::Refuses => simulator.restart().unwrap(),
            Self::Unavailable | Self::Asks | Self::Closes => simulator.heal_all(),
        }
    }
}

/// The most requests in an hour, of all organizations together.
fn bound(down: Down) -> usize {
    match down {
        // One every two minutes, and all others are told.
        Down::Asks => 31,
        Down::Refuses | Down::Unavailable | Down::Closes => ORGANIZATIONS * PASSES * ATTEMPTS,
    }
}

#[rstest]
#[case::nobody_listens(Down::Refuses)]
#[case::unavailable(Down::Unavailable)]
#[case::it_says_how_long(Down::Asks)]
#[case::it_closes(Down::Closes)]
#[tokio::test(start_paused = true)]
async fn an_hour_of_silence_costs_few_calls_and_says_one_thing(#[case] down: Down) {
    // While it runs, the clock moves only when told to: else it would run past the timeout of a request under way.
    let (_hold, held) = mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || held.recv());
    let (simulator, other) = (world(ORGANIZATIONS), world(1));
    let (connection, beside) = (Connection::to(&simulator), Connection::to(&other));
    let mut all: Vec<Organization> = (0..ORGANIZATIONS).map(Organization::new).collect();
    let mut bystander = Organization::new(0);
    connection
        .to_its_end(connection.client.organizations())
        .await
        .unwrap();
    down.begin(&simulator);
    let calls_before = connection.calls();
    let (begin, epoch) = (Instant::now(), Timestamp::now());
    let time = || epoch + begin.elapsed();
    let mut first: Vec<Option<Condition>> = vec![None; ORGANIZATIONS];
    let mut undisturbed = 0;

    while begin.elapsed() < HOUR {
        let next = all.iter().map(|one| one.due).min().unwrap();
        advance(
            next.min(bystander.due)
                .saturating_duration_since(Instant::now()),
        )
        .await;
        if bystander.due <= Instant::now() {
            let decision = beside
                .to_its_end(bystander.pass(&beside.client, time()))
                .await;
            assert!(decision.is_some(), "the bystander was disturbed");
            undisturbed += 1;
        }
        for (one, first) in all.iter_mut().zip(&mut first) {
            if one.due > Instant::now() {
                continue;
            }
            let decision = connection
                .to_its_end(one.pass(&connection.client, time()))
                .await;
            assert!(decision.is_none(), "it is down");
            let said = one.waits().unwrap();
            assert_eq!(said, first.get_or_insert_with(|| said.clone()));
            let number = said
                .message
                .contains(|character: char| character.is_ascii_digit());
            assert!(!number, "a moving number: {}", said.message);
        }
    }

    let calls = connection.calls() - calls_before;
    let most = bound(down);
    assert!(
        calls <= most,
        "{calls} calls in an hour, and {most} are the most"
    );
    assert!(
        calls * 3 >= most,
        "only {calls} of {most}: nobody would notice that it is over"
    );
    let interval = bystander.resource.spec.resync_interval();
    let looks = usize::try_from(HOUR.as_secs() / interval.as_secs()).unwrap();
    assert!(undisturbed >= looks, "{undisturbed} of {looks}");
    assert_eq!(beside.calls(), 1 + undisturbed * LISTING);
    recover(down, &simulator, &connection, &mut all).await;
}

/// It is over, and everybody comes at once: one login, one listing each, within the limits of the connection; and all that was
/// declared is due.
async fn recover(
    down: Down,
    simulator: &Simulator,
    connection: &Connection,
    all: &mut [Organization],
) {
    const PER_SECOND: u32 = 50;
    let longest = all.iter().map(|one| one.due).max().unwrap();
    advance(longest.saturating_duration_since(Instant::now())).await;
    down.end(simulator);
    resume();
    connection.budget.reconfigure(PER_SECOND, 2);
    let before = connection.calls();
    let begun = std::time::Instant::now();
    let decisions = join_all(
        all.iter_mut()
            .map(|one| one.pass(&connection.client, Timestamp::now())),
    )
    .await;
    let elapsed = begun.elapsed();

    let calls = connection.calls() - before;
    let most = ORGANIZATIONS * LISTING + 1;
    assert!(calls <= most, "{calls} calls, and {most} are the most");
    let spaced = Duration::from_secs(1) * u32::try_from(calls - 1).unwrap() / PER_SECOND;
    assert!(elapsed >= spaced, "{calls} calls in {elapsed:?}");
    for (decision, one) in decisions.into_iter().zip(all) {
        let changes: usize = decision
            .unwrap()
            .additions
            .iter()
            .map(|action| action.changes().len())
            .sum();
        assert!(changes >= CLAIMED, "{changes} changes for {CLAIMED} claims");
        assert_eq!((one.state.failures, one.state.retry_at), (0, None));
    }
}
