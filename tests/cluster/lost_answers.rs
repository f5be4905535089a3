//! Writes whose answer never came.

use xopero_simulator::{
    Endpoint, Fault, State,
    builder::{organization, repository, state},
    faults::Effect,
    journal::Entry,
};

use crate::{
    objects::Kind,
    world::{World, line},
    yaml::{self, acme, plan},
};

fn two_to_protect_and_one_to_remove() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with_all(["api", "web"])
            .with(repository("old").licensed().in_plan("Nightly")),
    )
}

/// The same write once more: of the same endpoint, for something that the first one named.
fn repeats(first: &Entry, second: &Entry) -> bool {
    first.endpoint == second.endpoint
        && first
            .repositories()
            .iter()
            .any(|id| second.repositories().contains(id))
}

#[tokio::test]
async fn promise_8_unknown_outcome_a_lost_answer_is_observed_before_the_write_is_repeated() {
    let mut world = World::bare(two_to_protect_and_one_to_remove()).await;
    let faults = [
        Fault::on(Endpoint::Activate, Effect::Lost),
        Fault::on(Endpoint::AttachRepository, Effect::Lost).target("api"),
        Fault::on(Endpoint::AttachRepository, Effect::Before).target("web"),
        Fault::on(Endpoint::DetachRepository, Effect::Lost).target("old"),
    ];
    let faults = faults.map(|fault| world.simulator.inject(fault));
    let exclusive = "repositories: {include: [api, web]}\nmembership: Exclusive";
    let connected = yaml::secret() + &yaml::connection(world.url());
    world
        .apply(&(connected + &acme("") + &plan("Nightly", exclusive)))
        .await;
    world.start_operator().await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.quiet_for_three_resyncs().await;

    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    for fault in faults {
        assert_eq!(world.simulator.firings(fault), 1, "fault {fault}");
    }
    let journal = world.simulator.journal();
    let lost = |entry: &&Entry| entry.is_write() && entry.fault.is_some();
    for first in journal.iter().filter(lost) {
        let after = journal
            .iter()
            .skip_while(|entry| entry.number <= first.number);
        let until_repeated: Vec<&Entry> =
            after.take_while(|entry| !repeats(first, entry)).collect();
        let observed = |entry: &&Entry| entry.endpoint == Some(Endpoint::ListRepositories);
        assert!(
            until_repeated.iter().any(observed),
            "{} was repeated unseen",
            line(first)
        );
    }
    // What was carried out the first time was not sent again, and what was not was sent once more.
    let sent = |endpoint, name: &str| {
        let of = |entry: &&Entry| entry.endpoint == Some(endpoint) && entry.names(name);
        journal.iter().filter(of).count()
    };
    assert_eq!(sent(Endpoint::Activate, "api"), 1);
    assert_eq!(sent(Endpoint::AttachRepository, "api"), 1);
    assert_eq!(sent(Endpoint::AttachRepository, "web"), 2);
    assert_eq!(sent(Endpoint::DetachRepository, "old"), 1);
    world.end().await;
}

/// A server that redirects writes, and reads well: what is said of it stands, however often it is tried again.
#[tokio::test]
async fn what_is_said_of_writes_that_are_redirected_does_not_turn_with_each_try() {
    let world = World::with(
        state().licences(10).with(
            organization("acme")
                .plan("Nightly")
                .with_all(["api", "docs", "web"]),
        ),
    )
    .await;
    let elsewhere = Effect::Redirect("https://portal.example".to_owned());
    let fault = Fault::on(Endpoint::AttachRepository, elsewhere).until_healed();
    let fault = world.simulator.inject(fault);
    let wanted = plan("Nightly", "repositories: {include: [api, docs, web]}");
    world.apply(&(acme("") + &wanted)).await;
    // By then each of the three is known not to be done.
    world
        .eventually("it is tried again", async || {
            world.simulator.firings(fault) >= 9
        })
        .await;
    let kinds = [
        (Kind::Plan, "nightly"),
        (Kind::Organization, "acme"),
        (Kind::Connection, "xopero"),
    ];
    let mut said = std::collections::BTreeSet::new();
    let tries = world.simulator.firings(fault) + 9;
    world
        .eventually("it is tried again and again", async || {
            for (kind, name) in kinds {
                let object = world.get(kind, name).await.unwrap();
                for type_ in ["Stalled", "Reconciling", "Ready", "InSync"] {
                    said.insert((name, type_, object.says(type_), object.message(type_)));
                }
            }
            world.simulator.firings(fault) >= tries
        })
        .await;
    let types: Vec<_> = said.iter().map(|(name, type_, ..)| (name, type_)).collect();
    assert_eq!(said.len(), 12, "one each of {types:?}: {said:#?}");
    let plan = world
        .stalled(Kind::Plan, "nightly", "AnswerNotUnderstood")
        .await;
    assert!(
        plan.message("Stalled")
            .contains("redirects to portal.example"),
        "{plan}"
    );
    assert!(world.simulator.heal(fault));
    world.request(Kind::Organization, "acme", "now").await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "acme").await;
    world.quiet_for_three_resyncs().await;
    world.end().await;
}
