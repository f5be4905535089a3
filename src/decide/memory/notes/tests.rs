use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::decide::{
    Hold,
    fixtures::{
        World, at, organization, organization_claim, plan_id, repository, repository_claim,
        repository_id,
    },
    memory::Asking,
};

const DAY: i64 = 24 * 3_600;

fn world() -> World {
    organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
}

fn attach() -> Change {
    Change::Attach(plan_id("nightly"), repository_id("api"))
}

#[rstest]
#[case::nearly_three_days(3 * DAY - 1, true)]
#[case::three_days(3 * DAY, false)]
fn a_refusal_is_remembered_for_three_days(#[case] seconds: i64, #[case] is_remembered: bool) {
    let mut memory = Memory::default();
    memory.note_sent(attach(), &Sent::Refused(409), at(0), 1);
    memory.note_listing(&world().inventory(), at(seconds));
    assert_eq!(memory.was_refused(attach(), 409), is_remembered);
}

#[test]
fn what_was_sent_for_a_former_declaration_is_remembered_no_longer() {
    let own = organization_claim("acme");
    let mut claims = [repository_claim("api")];
    let uid = Arc::clone(&claims[0].uid);
    let mut memory = Memory::default();
    let own = Claimant {
        uid: &own.uid,
        generation: 1,
        given_up: false,
    };
    memory.note_claims(own, &mut claims, at(0));
    memory.note_sent_once(&uid, 1, attach());
    claims[0].generation = 2;
    memory.note_claims(own, &mut claims, at(1));
    assert!(!memory.remembers_declaration(&uid, 1));
}

#[test]
fn an_answer_is_lost_twice_when_a_second_one_is() {
    let mut memory = Memory::default();
    let lost_twice = [1, 2].map(|listing| {
        memory.note_sent(attach(), &Sent::Lost, at(0), listing);
        memory.was_lost_twice(attach())
    });
    assert_eq!(lost_twice, [false, true]);
}

/// The next answer that is lost is then the first of a row.
#[test]
fn what_was_carried_out_all_the_same_is_remembered_no_longer_as_lost() {
    let mut world = world();
    let mut memory = Memory::default();
    memory.note_sent(attach(), &Sent::Lost, at(0), 1);
    world.attach_by_hand("api", "nightly");
    world.listing = 2;
    memory.note_listing(&world.inventory(), at(1));
    memory.note_sent(attach(), &Sent::Lost, at(2), 2);
    assert!(!memory.was_lost_twice(attach()));
}

/// Licences that were refused alone come last, also by the next listing.
#[rstest]
#[case::still_there(true, true, true)]
#[case::gone(false, true, false)]
#[case::perhaps_gone(false, false, true)]
fn a_refused_licence_is_remembered_until_its_repository_is_gone(
    #[case] is_listed: bool,
    #[case] is_counted: bool,
    #[case] is_remembered: bool,
) {
    let mut world = world();
    let api = repository_id("api");
    let mut memory = Memory::default();
    memory.note_activation(&[api], &Sent::Refused(400), Effect::Shown, (at(0), 1));
    if !is_listed {
        world.lose("api");
    }
    world.listing = 2;
    let mut listed = world.inventory();
    if !is_counted {
        listed = listed.uncounted();
    }
    memory.note_listing(&listed, at(1));
    assert_eq!(memory.last_licence_refusal(api).is_some(), is_remembered);
}

/// A process after this one would be in doubt about what is beside it.
#[test]
fn what_is_not_listed_for_three_days_is_in_doubt_no_longer() {
    let mut world = world();
    let mut memory = Memory::default();
    let mut list = |world: &mut World, seconds| {
        world.listing += 1;
        memory.note_listing(&world.inventory(), at(seconds));
        !memory.renames().is_empty()
    };
    assert!(!list(&mut world, 0));
    world.rename("api", "gateway");
    assert!(list(&mut world, 1));
    world.lose("api");
    assert!(list(&mut world, 3 * DAY));
    assert!(!list(&mut world, 3 * DAY + 1));
}

/// A listing that was begun before a change says nothing of it.
#[test]
fn only_a_later_listing_shows_that_a_change_was_undone() {
    let uid = Arc::from("uid");
    let mut memory = Memory::default();
    memory.note_sent(attach(), &Sent::Confirmed, at(0), 1);
    let asking = Asking {
        uid: &uid,
        change: attach(),
        derived: false,
        effect: Effect::Shown,
    };
    let resync = Duration::from_mins(10);
    let holds = [1, 2].map(|listing| memory.hold(asking, listing, at(1), resync));
    assert_eq!(holds, [None, Some(Hold::Repeats)]);
}
