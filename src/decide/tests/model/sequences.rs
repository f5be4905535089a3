//! Random runs of at most 40 events, in organizations of seven repositories, three plans and up to six claims.

use std::{cell::Cell, fmt, time::Duration};

use proptest::{
    prelude::*,
    test_runner::{RngSeed, TestRunner},
};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};
use rstest::rstest;

use super::{
    any_event::any_event,
    events::{Consistency, Event},
    store::Object,
    system::System,
};
use crate::decide::tests::any::{Scene, any_scene};

/// Runs in an ordinary test run: a minute or two of two cores. `PROPTEST_CASES` asks for more, as `cargo xtask model` does.
const RUNS: u32 = 20_000;
/// So many tests share them, so that they run side by side.
const PARTS: u32 = 4;
/// What proptest runs where nobody asks for anything.
const USUAL: u32 = 256;
/// What the ordinary runs are drawn from.
const SEED: u64 = 1;
/// The longest run.
const EVENTS: usize = 40;

/// What a run begins with.
#[derive(Clone)]
struct Start {
    consistency: Consistency,
    scene: Scene,
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.consistency, self.scene)
    }
}

/// The script: what happens does not depend on what came of it.
#[derive(Debug)]
struct Script;

impl ReferenceStateMachine for Script {
    type State = Start;
    type Transition = Event;

    fn init_state() -> BoxedStrategy<Start> {
        let consistency = prop_oneof![Just(Consistency::Current), Just(Consistency::Behind)];
        (consistency, any_scene())
            .prop_map(|(consistency, scene)| Start { consistency, scene })
            .boxed()
    }

    fn transitions(start: &Start) -> BoxedStrategy<Event> {
        any_event(start.consistency, start.scene.service())
    }

    fn apply(start: Start, _: &Event) -> Start {
        start
    }
}

thread_local! {
    /// How many removals were sent in all runs of a test: a model in which none is judges nothing.
    static REMOVALS: Cell<usize> = const { Cell::new(0) };
}

#[derive(Debug)]
struct Run;

impl StateMachineTest for Run {
    type SystemUnderTest = System;
    type Reference = Script;

    fn init_test(start: &Start) -> System {
        let operator = start.scene.operated();
        let objects = operator.claims.into_iter().map(Object::of).collect();
        System::new(
            start.consistency,
            operator.organization,
            objects,
            operator.world,
        )
    }

    fn apply(mut system: System, _: &Start, event: Event) -> System {
        system.apply(&event);
        system
    }

    fn check_invariants(system: &System, _: &Start) {
        if let Some(violation) = system.violation() {
            panic!("{violation}");
        }
    }

    fn teardown(mut system: System, _: Start) {
        REMOVALS.set(REMOVALS.get() + system.monitor.removals);
        let resync = system.store.organization.resync;
        let mut waits = vec![resync; 7];
        waits.extend([Duration::from_hours(25); 3]);
        if let Err(why) = system.come_to_rest(&waits, &mut |_| false) {
            panic!("{why}");
        }
    }
}

/// Promises 1, 2, 3, 4, 8: in no run is anything sent that must not be, and after every run the system comes to rest.
#[rstest]
fn whatever_happens_nothing_is_lost_and_the_end_is_right(#[values(0, 1, 2, 3)] part: u32) {
    let asked = ProptestConfig::default();
    // The ordinary runs are the same ones every time: what else there is to find is for whoever asks for more of them.
    let (runs, seed) = if asked.cases == USUAL {
        (RUNS, RngSeed::Fixed(SEED))
    } else {
        (asked.cases, asked.rng_seed)
    };
    let config = ProptestConfig {
        cases: runs.div_ceil(PARTS),
        rng_seed: match seed {
            RngSeed::Fixed(seed) => {
                RngSeed::Fixed(seed.wrapping_mul(PARTS.into()).wrapping_add(part.into()))
            }
            RngSeed::Random => RngSeed::Random,
        },
        source_file: Some(file!()),
        test_name: Some(concat!(module_path!(), "::whatever_happens")),
        ..asked
    };
    REMOVALS.set(0);
    let strategy = Script::sequential_strategy(1..=EVENTS);
    let outcome = TestRunner::new(config.clone()).run(&strategy, |(start, events, seen)| {
        Run::test_sequential(config.clone(), start, events, seen);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let removals = REMOVALS.get();
    assert!(
        removals > usize::try_from(config.cases).unwrap() / 10,
        "only {removals} removals were sent in {} runs",
        config.cases
    );
}
