//! Anything that may happen, for random runs.

use proptest::prelude::*;

use super::events::{
    Consistency, Counting, Declared, Edit, Elsewhere, Event, Fate, NAMES, PLAN_NAMES, Reading,
};
use crate::{
    api::{DeletionPolicy, Unclaimed},
    decide::{
        Service, Writes,
        tests::any::{any_claim, numbered},
    },
};

/// Any event under that consistency. What goes well is more frequent than what does not, so that runs get somewhere.
pub(super) fn any_event(consistency: Consistency, service: Service) -> BoxedStrategy<Event> {
    let deliveries = match consistency {
        Consistency::Current => 0,
        Consistency::Behind => 8,
    };
    prop_oneof![
        8 => (any_reading(consistency, 10), any_counting()).prop_map(|(reading, counting)| Event::Pass(reading, counting)),
        6 => any_listing(consistency),
        8 => any_fate().prop_map(Event::Answer),
        6 => Just(Event::Run),
        2 => Just(Event::Land),
        1 => Just(Event::Crash),
        6 => prop_oneof![2 => 1_u64..40, 2 => Just(11_u64), 1 => Just(60 * 25)].prop_map(Event::Tick),
        deliveries => (0_usize..9).prop_map(Event::Deliver),
        6 => any_edit(service).prop_map(Event::Edit),
        4 => any_elsewhere().prop_map(Event::Elsewhere),
    ]
    .boxed()
}

/// What comes of the next listing. Of itself one is seldom due, so that one that is wrong would be rare, and two in a row almost unheard
/// of; and hardly ever would the row that it misses be one that gets another name meanwhile.
fn any_listing(consistency: Consistency) -> impl Strategy<Value = Event> {
    let rename = (0_usize..7, 0..NAMES.len());
    prop_oneof![
        2 => any_reading(consistency, 4).prop_map(Event::Relist),
        1 => rename.prop_map(|(row, name)| Event::RenameUnseen(row, name)),
    ]
}

/// Any reading, of which so many are whole for each kind that is not.
fn any_reading(consistency: Consistency, whole: u32) -> impl Strategy<Value = Reading> {
    let lags = match consistency {
        Consistency::Current => 0,
        Consistency::Behind => 2,
    };
    prop_oneof![
        whole => Just(Reading::Whole),
        1 => Just(Reading::Fails),
        1 => Just(Reading::Synchronizing),
        2 => (0_usize..7).prop_map(Reading::Without),
        1 => Just(Reading::Empty),
        lags => Just(Reading::Lags),
    ]
}

fn any_counting() -> impl Strategy<Value = Counting> {
    prop_oneof![8 => Just(Counting::Taken), 1 => Just(Counting::Fails)]
}

fn any_fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Confirmed),
        1 => Just(Fate::Refused),
        1 => Just(Fate::NotDone),
        1 => Just(Fate::LostBefore),
        1 => Just(Fate::LostAfter),
        1 => Just(Fate::Late),
    ]
}

fn any_edit(service: Service) -> impl Strategy<Value = Edit> {
    let place = || 0_usize..8;
    let policy = prop_oneof![
        Just(DeletionPolicy::Retain),
        Just(DeletionPolicy::Detach),
        Just(DeletionPolicy::Deactivate),
        Just(DeletionPolicy::Remove),
    ];
    prop_oneof![
        4 => (any_claim(service), 100_usize..10_000)
            .prop_map(|(claim, number)| Edit::Declare(Box::new(Declared(numbered(claim, number))))),
        4 => place().prop_map(Edit::Delete),
        1 => place().prop_map(Edit::Recreate),
        2 => place().prop_map(Edit::Pause),
        2 => place().prop_map(Edit::Membership),
        1 => (place(), policy).prop_map(|(place, policy)| Edit::Policy(place, policy)),
        1 => place().prop_map(Edit::Break),
        1 => prop_oneof![Just(Writes::All), Just(Writes::Observe), Just(Writes::Paused)].prop_map(Edit::Mode),
        1 => prop_oneof![Just(0_usize), Just(1), Just(3), Just(100)].prop_map(Edit::Limit),
        1 => prop_oneof![Just(Unclaimed::Keep), Just(Unclaimed::Deactivate)].prop_map(Edit::Unclaimed),
        3 => Just(Edit::Approve),
    ]
}

fn any_elsewhere() -> impl Strategy<Value = Elsewhere> {
    let row = || 0_usize..7;
    let plan = || 0_usize..3;
    prop_oneof![
        3 => (row(), plan()).prop_map(|(row, plan)| Elsewhere::Attach(row, plan)),
        2 => (row(), plan()).prop_map(|(row, plan)| Elsewhere::Detach(row, plan)),
        2 => row().prop_map(Elsewhere::License),
        1 => row().prop_map(Elsewhere::Unlicense),
        2 => row().prop_map(Elsewhere::Vanish),
        2 => row().prop_map(Elsewhere::Appear),
        1 => row().prop_map(Elsewhere::MarkRemoved),
        2 => (plan(), 0..PLAN_NAMES.len()).prop_map(|(plan, name)| Elsewhere::RenamePlan(plan, name)),
        3 => (row(), 0..NAMES.len()).prop_map(|(row, name)| Elsewhere::Rename(row, name)),
        1 => Just(Elsewhere::BeginToSynchronize),
        2 => Just(Elsewhere::EndToSynchronize),
    ]
}
