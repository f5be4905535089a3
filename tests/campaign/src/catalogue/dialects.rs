//! Item 3, where nothing fails: Xopero ONE speaks in another of the ways that its reference leaves open.

use super::{Item, Listed};
use crate::{
    dialects::{PLAYED, TABLE},
    plan::Plan,
    scenario::Scenario,
};

/// Every dialect, in the scenarios in which all are tried, and in those in which it is met beside.
pub(super) fn plans(scenario: &Scenario) -> Listed {
    let is_played =
        |also: &[&str]| PLAYED.contains(&scenario.name) || also.contains(&scenario.name);
    let played = TABLE.iter().filter(|speech| is_played(speech.also));
    let plans = played.map(|speech| Plan {
        item: Item::BadAnswers.number(),
        dialect: Some(speech.name.to_owned()),
        ..Plan::reference(scenario.name)
    });
    Listed {
        plans: plans.collect(),
        unreached: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    #[test]
    fn sixteen_dialects_at_least_are_played_in_five_scenarios() {
        assert!(TABLE.len() >= 16, "{}", TABLE.len());
        let all = scenario::all();
        let of_each = all.iter().map(|scenario| plans(scenario).plans.len());
        assert!(of_each.sum::<usize>() >= 80);
        let played = PLAYED.map(|name| plans(&scenario::named(name).unwrap()).plans.len());
        assert_eq!(played, [TABLE.len(); 5]);
    }
}
