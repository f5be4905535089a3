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
