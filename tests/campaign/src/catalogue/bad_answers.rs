//! Item 3: Xopero ONE answers badly, at each of its endpoints.

use std::time::Duration;

use serde_json::json;
use xopero_simulator::{
    Effect, Endpoint, Fault,
    faults::{Status, Times},
};

use super::{Item, Listed, crashes::endpoint};
use crate::{journal::Side, oracles::outcomes, plan::Plan, run::Reference, scenario::Scenario};

/// Where each endpoint is met: in the smallest scenario that calls it, and in which something is taken away, so that what is read
/// wrongly could do harm.
const MET: [(Endpoint, &str); 14] = [
    (Endpoint::Login, "S1"),
    (Endpoint::ListOrganizations, "S2"),
    (Endpoint::ListPlans, "S2"),
    (Endpoint::ListRepositories, "S2"),
    (Endpoint::AttachRepository, "S2"),
    (Endpoint::DetachRepository, "S2"),
    (Endpoint::AttachProject, "S8"),
    (Endpoint::DetachProject, "S8"),
    (Endpoint::ModifyPlan, "S11"),
    (Endpoint::ModifyAzurePlan, "S8"),
    (Endpoint::Activate, "S2"),
    (Endpoint::Deactivate, "S5"),
    (Endpoint::Remove, "S5"),
    (Endpoint::Sync, "S11"),
];

/// How often each happens.
const OFTEN: [Times; 3] = [Times::Exactly(1), Times::Exactly(3), Times::UntilHealed];

/// Longer than a request may take when nothing is said of it.
const TOO_LONG: Duration = Duration::from_secs(11);

/// Between two bytes of an answer that drips: an answer of a thousand bytes takes two seconds.
const DRIP: Duration = Duration::from_millis(2);

/// The other host to which a call is redirected. In a run it is one that listens, which must hear nothing.
const ELSEWHERE: &str = "http://127.0.0.1:9";

/// All that an endpoint may answer.
fn effects() -> Vec<Effect> {
    let limited = || Status::code(429);
    vec![
        Status::code(401).into(),
        Status::code(403).into(),
        Status::code(404).into(),
        Status::code(409).into(),
        limited().retry_after_seconds(2).into(),
        limited().retry_after_date_in(2).into(),
        limited().into(),
        Status::code(500).into(),
        Status::code(502).html().into(),
        Status::code(503).into(),
        Effect::Html,
        Effect::Empty,
        Effect::Truncated,
        Effect::NullResult,
        Effect::WrongType(json!(7)),
        Effect::Drip(DRIP),
        Effect::ResetInBody,
        Effect::Slow(TOO_LONG),
        Effect::Redirect(ELSEWHERE.to_owned()),
    ]
}

/// Every answer, each so often, at the endpoints that are met in a scenario.
pub(super) fn plans(scenario: &Scenario, reference: &Reference) -> Listed {
    let mut listed = Listed::default();
    for (met, _) in MET.iter().filter(|(_, name)| *name == scenario.name) {
        let (name, calls) = (scenario.name, calls(reference, *met));
        if met.is_write() && calls == 0 {
            listed
                .unreached
                .push(format!("{name}, {met}: no reference calls it"));
            continue;
        }
        listed.unreached.extend(OFTEN.map(|times| format!(
            "{name}, {met}, a handshake that fails {times:?}: the gates speak http; src/xopero/client/tests/broken_tls.rs breaks the first, the second and the last"
        )));
        for effect in effects() {
            for times in OFTEN {
                match unreached(*met, &effect, times, calls) {
                    None => listed.plans.push(plan(name, *met, &effect, times)),
                    Some(why) => listed
                        .unreached
                        .push(format!("{name}, {met}, {effect:?} {times:?}: {why}")),
                }
            }
        }
    }
    listed
}

fn plan(scenario: &str, endpoint: Endpoint, effect: &Effect, times: Times) -> Plan {
    let mut fault = Fault::on(endpoint, effect.clone());
    fault.times = times;
    let lasts = times == Times::UntilHealed;
    Plan {
        item: Item::BadAnswers.number(),
        xopero: vec![fault],
        helped: true,
        said: lasts && !endpoint.is_write() && outcomes::hinders(endpoint, effect),
        ..Plan::reference(scenario)
    }
}

/// Why it cannot be, if it cannot.
fn unreached(
    endpoint: Endpoint,
    effect: &Effect,
    times: Times,
    calls: usize,
) -> Option<&'static str> {
    if endpoint.is_write() && matches!(effect, Effect::Drip(_)) {
        return Some("its answer has no body that could drip");
    }
    if endpoint == Endpoint::DetachProject
        && *effect == Status::code(404).into()
        && times == Times::Exactly(3)
    {
        return Some("that a project is in a plan is only concluded: said twice, it is believed");
    }
    let times = match times {
        Times::Exactly(times) => times,
        Times::UntilHealed => 1,
    };
    let is_called_again =
        !is_done_once(endpoint, effect) || usize::try_from(times).is_ok_and(|times| times <= calls);
    (!is_called_again).then_some("the call is carried out, and not made so often")
}

/// Whether a call under this is carried out and found to be, so that it is not made again. What is read is read again and again.
fn is_done_once(endpoint: Endpoint, effect: &Effect) -> bool {
    if endpoint == Endpoint::Login {
        return !outcomes::hinders(endpoint, effect);
    }
    endpoint.is_write() && outcomes::is_applied(effect)
}

/// How often a write is made in every reference; a login is made once.
fn calls(reference: &Reference, of: Endpoint) -> usize {
    let writes = reference.writes.iter();
    let of_it = writes.filter(|write| write.side == Side::Xopero && endpoint(write) == Some(of));
    of_it.count() + usize::from(of == Endpoint::Login)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_endpoint_is_met_once_in_a_scenario_that_exists() {
        let met: BTreeSet<Endpoint> = MET.iter().map(|(endpoint, _)| *endpoint).collect();
        assert_eq!(met, Endpoint::ALL.into_iter().collect());
        for (_, name) in MET {
            assert!(crate::scenario::named(name).is_some(), "{name}");
        }
        assert!(effects().len() >= 19);
    }

    #[test]
    fn what_is_carried_out_happens_as_often_as_there_are_calls_and_all_else_as_often_as_it_should()
    {
        let attach = |effect: &Effect, calls| {
            unreached(Endpoint::AttachRepository, effect, Times::Exactly(3), calls)
        };
        assert_eq!(attach(&Effect::Truncated, 3), None);
        assert!(attach(&Effect::Truncated, 2).is_some());
        assert_eq!(attach(&Effect::Html, 1), None);
        assert!(attach(&Effect::Drip(DRIP), 3).is_some());
        let login = |effect: &Effect| unreached(Endpoint::Login, effect, Times::Exactly(3), 1);
        assert_eq!(login(&Effect::Truncated), None);
        assert!(login(&Effect::Drip(DRIP)).is_some());
        let list = Endpoint::ListRepositories;
        assert_eq!(
            unreached(list, &Effect::Drip(DRIP), Times::Exactly(3), 0),
            None
        );
    }
}
