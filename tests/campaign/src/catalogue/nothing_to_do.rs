//! Item 10: nothing goes wrong, and nothing is to be done; and the program is replaced by another one and back in the middle.

use super::{Item, Listed, crashes};
use crate::{
    gate::{Fault, Position},
    journal::Side,
    plan::{Plan, Programs},
    run::{Reference, Write},
    scenario::Scenario,
};

/// The scenarios in which the program is replaced.
const REPLACED: [&str; 8] = ["S1", "S2", "S3", "S5", "S6", "S7", "S8", "S13"];

/// Those that write as much, and in which it is not.
const NOT_REPLACED: [&str; 2] = ["S4", "S12"];

/// One plan without a fault, whose aftermath is judged like any other; and two with other programs.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    let quiet = Plan {
        item: Item::NothingToDo.number(),
        ..Plan::reference(scenario.name)
    };
    listed.plans.push(quiet.clone());
    if scenario.name == "S1" {
        listed.unreached.push(
            "S1 with 10,000 repositories: each run here keeps all that passes; cargo xtask bench plays them, and fails if they are read more often".to_owned(),
        );
    }
    if NOT_REPLACED.contains(&scenario.name) {
        listed.unreached.push(format!(
            "{}, upgrades: each of two deaths among its removals may count a step that was not sent, so that the last ones are over the limit of 10 an hour and wait for an approval, as they should",
            scenario.name
        ));
    }
    if !REPLACED.contains(&scenario.name) {
        return listed;
    }
    let writes = reference.writes.iter();
    let outside = writes.filter(|write| write.side == Side::Xopero && write.nth == 1);
    let outside: Vec<&Write> = outside.collect();
    for (first, second) in pairs(outside.len()) {
        let at = |index: usize, position| {
            let write = outside.get(index)?;
            Some(crashes::trap(write, Fault::Crash(position)))
        };
        let traps = [at(first, Position::Lost), at(second, Position::Before)];
        listed.plans.push(Plan {
            traps: traps.into_iter().flatten().collect(),
            programs: Programs::InTurn,
            ..quiet.clone()
        });
    }
    listed
}

/// The writes at which the program is replaced, and replaced back: far apart, and beside each other.
fn pairs(writes: usize) -> [(usize, usize); 2] {
    [(0, writes.saturating_sub(1)), (writes / 3, writes / 3 + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_replaced_twice_in_every_scenario_that_writes_more_than_once() {
        for writes in 2..20 {
            let [far, near] = pairs(writes);
            for (first, second) in [far, near] {
                assert!(first < second && second < writes, "{writes}");
            }
        }
    }
}
