//! A Xopero ONE that is busy, slow or down: calls stay within the budget, resources say what is the matter and do not move
//! meanwhile, nobody else is harmed, and recovery is no stampede.

#![expect(
    clippy::expect_used,
    reason = "what a test cannot set up is its failure"
)]

use std::time::Duration;

use rstest::rstest;
use xopero_simulator::{
    Endpoint, Fault, Simulator, State,
    builder::{organization, state, user},
    edit::Edit,
    faults::{RetryAfter, Status},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, plan, resource},
};

/// Longer than the operator waits within a call.
const ASKED_TO_WAIT: u64 = 12;

/// A date is told in whole seconds, and what was on the wire already is no fault.
const ROUNDING: u64 = 1;

fn six(name: &str) -> State {
    state().licences(20).with(
        organization(name)
            .plan("Nightly")
            .with_all(["a", "b", "c", "d", "e", "f"]),
    )
}

/// Another Xopero ONE with its connection `other` and the organization `bystander`.
async fn bystander(world: &World) -> Simulator {
    let state = six("bystander").user(user(yaml::EMAIL, yaml::PASSWORD));
    let simulator = Simulator::start(state).expect("a simulator");
    let connection = yaml::connection(simulator.url()).replace("{name: xopero}", "{name: other}");
    let organization = yaml::organization("bystander", "GitHub", "").replace(
        "connectionRef: {name: xopero}",
        "connectionRef: {name: other}",
    );
    world.apply(&(connection + &organization)).await;
    world.ready(Kind::Organization, "bystander").await;
    simulator
}

/// Waits until the bystander was looked at so many times more.
async fn looks(world: &World, bystander: &Simulator, wanted: usize) {
    let start = bystander.last_number();
    world
        .eventually("the bystander is looked at", async || {
            let calls = bystander.journal_since(start);
            let plans = |endpoint| endpoint == Some(Endpoint::ListPlans);
            calls.iter().filter(|call| plans(call.endpoint)).count() > wanted
        })
        .await;
}

/// Once the resources are at rest, they stay as they are although the trouble goes on.
async fn stand_still(world: &World, bystander: &Simulator) {
    let mut before = world.versions().await;
    loop {
        looks(world, bystander, 2).await;
        let after = world.versions().await;
        if after == before {
            break;
        }
        before = after;
    }
    looks(world, bystander, 6).await;
    assert_eq!(world.versions().await, before, "a condition moves");
}

#[rstest]
#[case::busy_for_so_many_seconds(429, RetryAfter::Seconds(ASKED_TO_WAIT), "RateLimited")]
#[case::busy_until_a_date(429, RetryAfter::DateIn(ASKED_TO_WAIT), "RateLimited")]
#[case::down_for_so_many_seconds(503, RetryAfter::Seconds(ASKED_TO_WAIT), "ApiUnavailable")]
#[case::down_until_a_date(503, RetryAfter::DateIn(ASKED_TO_WAIT), "ApiUnavailable")]
#[tokio::test]
async fn promise_7_one_budget_a_server_that_asks_for_time_is_given_it_by_every_call(
    #[case] code: u16,
    #[case] wait: RetryAfter,
    #[case] reason: &str,
) {
    // Two organizations of one connection: what one is told counts for the other.
    let world = World::with(six("acme").with(organization("beta").plan("Nightly"))).await;
    let everything = plan("Nightly", "repositories: {include: ['**']}");
    let beta = yaml::organization("beta", "GitHub", "");
    world.apply(&(acme("") + &everything + &beta)).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "beta").await;
    let bystander = bystander(&world).await;
    let status = Status {
        retry_after: Some(wait),
        ..Status::code(code)
    };
    let fault = world.simulator.inject(Fault::on_any(status).until_healed());

    let expected = format!("True {reason}");
    for name in ["acme", "beta"] {
        world
            .wait_for(Kind::Organization, name, reason, |object| {
                object.says("Reconciling") == expected
            })
            .await;
    }
    // Who asks for a look now is told to wait as well.
    world.request(Kind::Organization, "beta", "now").await;
    stand_still(&world, &bystander).await;
    world.ready(Kind::Organization, "bystander").await;
    let asked = world.simulator.firings(fault);
    world.simulator.heal_all();
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "acme").await;

    assert!(asked > 0, "the fault fired");
    let calls = world.simulator.journal();
    for (call, next) in calls.iter().zip(calls.iter().skip(1)) {
        let waited = Duration::from_millis(next.time.saturating_sub(call.time));
        let due = Duration::from_secs(ASKED_TO_WAIT - ROUNDING);
        // Two that were on the wire together were both told.
        let together = next.fault.is_some() && waited < Duration::from_millis(250);
        assert!(
            call.fault.is_none() || together || waited >= due,
            "{call:#?} was followed after {waited:?} by {next:#?}"
        );
    }
    world.end().await;
}

#[tokio::test]
async fn a_server_that_takes_nine_tenths_of_the_time_is_served_like_any_other() {
    let mut world = World::bare(six("acme")).await;
    let patient =
        yaml::connection(world.url()).replace("inFlight: 16", "inFlight: 16, timeout: 5s");
    world.simulator.edit(answer_time(4500)).unwrap();
    let everything = plan("Nightly", "repositories: {include: ['**']}");
    world
        .apply(&(yaml::secret() + &patient + &acme("") + &everything))
        .await;
    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;

    let expected = ["a", "b", "c", "d", "e", "f"];
    assert_eq!(world.members("acme", "Nightly"), expected);
    assert_eq!(world.licensed("acme"), expected);
    assert_eq!(world.calls(Endpoint::Login), 1);
    world.simulator.edit(answer_time(0)).unwrap();
    world.end().await;
}

fn answer_time(milliseconds: u64) -> Edit {
    Edit::SetAnswerTime {
        answer_time: Duration::from_millis(milliseconds),
    }
}

#[tokio::test]
async fn after_an_outage_nobody_stampedes() {
    const PER_SECOND: usize = 20;
    let names: Vec<String> = (0..8).map(|number| format!("acme-{number}")).collect();
    let organizations = names.iter().map(|name| {
        let empty = organization(name).plan("Nightly");
        empty.with_all(["a", "b", "c", "d", "e", "f"])
    });
    let mut world = World::bare(organizations.fold(state().licences(100), State::with)).await;
    let limited = yaml::connection(world.url())
        .replace("perSecond: 1000", &format!("perSecond: {PER_SECOND}"));
    world.apply(&(yaml::secret() + &limited)).await;
    for name in &names {
        let spec = format!(
            "organizationRef: {{name: {name}}}\nplanName: Nightly\nrepositories: {{include: ['**']}}"
        );
        let claims = resource("XoperoBackupPlan", name, &spec);
        world
            .apply(&(yaml::organization(name, "GitHub", "") + &claims))
            .await;
    }
    world
        .simulator
        .inject(Fault::on_any(Status::code(503)).until_healed());
    world.start_operator().await;
    let bystander = bystander(&world).await;
    for name in &names {
        world
            .wait_for(Kind::Organization, name, "waiting", |object| {
                object.says("Reconciling") == "True ApiUnavailable"
            })
            .await;
    }
    stand_still(&world, &bystander).await;
    world.simulator.heal_all();
    for name in &names {
        world.in_sync(Kind::Plan, name).await;
    }

    let times: Vec<u64> = world
        .simulator
        .journal()
        .iter()
        .map(|call| call.time)
        .collect();
    for (index, begin) in times.iter().enumerate() {
        let window = times
            .iter()
            .skip(index)
            .take_while(|time| **time < begin + 1000);
        // Evenly spaced where they are sent; a busy machine receives some late, and then closer together.
        let (calls, bound) = (window.count(), PER_SECOND + PER_SECOND / 2);
        assert!(calls <= bound, "{calls} calls in a second");
    }
    world.end().await;
}

/// What a tenant may declare without limit costs no more of the connection's budget than one resource does.
#[tokio::test]
async fn many_resources_cost_one_listing_together() {
    const RESOURCES: usize = 250;
    // Three pages.
    const ONE_LISTING: u64 = 3;
    let names: Vec<String> = (0..RESOURCES).map(|number| format!("r{number}")).collect();
    let listed = organization("acme").with_all(names.iter().map(String::as_str));
    let world = World::with(state().licences(0).with(listed)).await;
    let organization = acme("").replace("resyncInterval: 1s", "resyncInterval: 12h");
    world.apply(&organization).await;
    world.ready(Kind::Organization, "acme").await;
    assert_eq!(world.calls(Endpoint::ListRepositories), ONE_LISTING);

    let declared: String = names
        .iter()
        .map(|name| yaml::repository(name, "license: Inactive"))
        .collect();
    world.apply(&declared).await;
    let ready = r#"resource_conditions{kind="XoperoRepository",type="Ready",status="True",reason="Converged"}"#;
    let line = format!("xopero_operator_{ready} {RESOURCES}.0");
    world
        .eventually(&line, async || {
            let text = world.metrics("text/plain").await;
            text.lines().any(|shown| shown == line)
        })
        .await;
    let listings = world.calls(Endpoint::ListRepositories);
    assert!(listings <= 2 * ONE_LISTING, "{listings} pages were read");
    world.end().await;
}
