//! All oracles on one run.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use xopero_simulator::{Endpoint, faults::Times};

use super::{Played, Reference, Write, pair, rest, world, world::lease};
use crate::{
    dialects::{self, Speech},
    gate::trap,
    journal::{
        Asked, Deed, Event, Reached, Side, What,
        kubernetes::{Reference as Request, Verb},
        xopero,
    },
    manifests::{NEXT_PASSWORD, PASSWORD},
    oracles::{canaries, corrupted, effort, ledger, linter, one_writer, outcomes, safety},
    plan::{Clock, Deleted, Plan},
    scenario::{Floor, Scenario},
};

/// What must hold in every run, whatever goes wrong.
fn always(plan: &Plan, played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    let mut tell = |oracle: &str, sentences: Vec<String>| {
        found.extend(
            sentences
                .iter()
                .map(|sentence| format!("{oracle}: {sentence}")),
        );
    };
    if plan.blow.is_some() {
        // Each by what it was shown itself, and not by what the other was.
        for own in of_each_process(&played.all) {
            tell("O3", safety::violations(&own));
        }
        tell("O8", one_writer(plan, &played.all));
    } else {
        tell("O3", safety::violations(&played.plain));
    }
    tell("O3", played.elsewhere.clone());
    let apart = plan.clock.map_or(Duration::ZERO, |_| Clock::OFF);
    tell("O4", linter::violations(&played.all, apart));
    tell("O5", played.afterwards.clone());
    let secrets = [PASSWORD, NEXT_PASSWORD];
    tell(
        "O7",
        canaries::violations(&played.all, &played.log, &secrets),
    );
    found
}

/// What two replicas did that only one may do.
pub(super) fn one_writer(plan: &Plan, events: &[Event]) -> Vec<String> {
    if plan.blow.is_none() {
        return Vec::new();
    }
    one_writer::violations(events, lease::TERMS)
}

/// The events of each process by itself.
fn of_each_process(events: &[Event]) -> Vec<Vec<Event>> {
    let mut own: BTreeMap<u32, Vec<Event>> = BTreeMap::new();
    for event in events {
        own.entry(event.process).or_default().push(event.clone());
    }
    own.into_values().collect()
}

/// What is wrong with a run without a fault.
pub(super) fn reference(scenario: &Scenario, plan: &Plan, played: &Played) -> Vec<String> {
    let mut found = always(plan, played);
    let Floor {
        writes,
        external,
        destructive,
        most_external,
    } = scenario.floor;
    let counted: Vec<&Asked> = asked_writes(&played.events).collect();
    let outside = counted.iter().filter(|asked| asked.side == Side::Xopero);
    let is_destructive =
        |asked: &&&Asked| xopero::endpoint(&asked.path).is_some_and(xopero::is_destructive);
    if let Some(most) = most_external
        && outside.clone().count() > most
    {
        let count = outside.clone().count();
        found.push(format!(
            "{count} writes to Xopero ONE, and {most} are allowed"
        ));
    }
    for (what, count, floor) in [
        ("writes", counted.len(), writes),
        ("writes to Xopero ONE", outside.clone().count(), external),
        (
            "destructive writes",
            outside.filter(is_destructive).count(),
            destructive,
        ),
    ] {
        if count < floor {
            found.push(format!("{count} {what}, and its floor is {floor}"));
        }
    }
    found
}

/// What is wrong with a run under a plan.
pub(super) fn violations(plan: &Plan, played: &Played, reference: &Reference) -> Vec<String> {
    let speech = plan.dialect.as_deref().and_then(Speech::named);
    let mut found = honest(plan, played);
    found.extend(pair::honest(plan, played));
    let differences = rest::unexplained(&played.end, plan, reference);
    found.extend(differences.iter().map(|line| format!("O1: {line}")));
    let faults = plan.traps.len() + usize::from(plan.again.is_some());
    let fired: u64 = played.fired.iter().map(|(fired, _)| fired).sum();
    let faults = fired.saturating_add(u64::try_from(faults).unwrap_or(u64::MAX));
    // What one counted whose clock was behind is an hour old when another looks at it.
    let is_forgotten = plan.deleted.is_some_and(Deleted::forgets_counts);
    let least = match plan.clock {
        Some(Clock::Behind) => 0,
        Some(Clock::Ahead) | None if is_forgotten => 0,
        Some(Clock::Ahead) | None => reference.counted,
    };
    let sentences = ledger::violations(played.counted, least..=reference.counted, faults);
    found.extend(sentences.iter().map(|sentence| format!("O3: {sentence}")));
    match &played.summary {
        Ok(summary) => {
            let is_more =
                |endpoint| speech.is_some_and(|speech| speech.multiplies(&plan.scenario, endpoint));
            let summary = &summary.but(is_more);
            let their_summary = &reference.summary.but(is_more);
            let their_summary = &dialects::allowed(plan, summary, their_summary);
            let sentences = summary.violations(their_summary, played.processes);
            found.extend(sentences.iter().map(|sentence| format!("O2: {sentence}")));
            let measure = effort::Measure {
                processes: played.processes,
                disturbed: disturbed(&played.events),
                helped: played.helped,
            };
            let mine = (played.events.as_slice(), summary);
            let theirs = (reference.events.as_slice(), their_summary);
            let sentences = effort::violations(mine, theirs, measure);
            found.extend(sentences.iter().map(|sentence| format!("O6: {sentence}")));
        }
        Err(sentence) => found.push(format!("O2: {sentence}")),
    }
    let sentences = corrupted::violations(&played.all, &outcomes::spoilt(plan, &played.faults));
    found.extend(sentences.iter().map(|sentence| format!("O3: {sentence}")));
    if !played.said {
        found.push("O4: while the fault lasted no status said that something is wrong".to_owned());
    }
    found.extend(taken_meanwhile(plan, &played.events));
    found.extend(always(plan, played));
    found
}

/// What was taken away while Xopero ONE was not understood, and may not have been.
fn taken_meanwhile(plan: &Plan, events: &[Event]) -> Vec<String> {
    let Some(waiting) = dialects::waiting(plan) else {
        return Vec::new();
    };
    let noted = |event: &Event, words: &str| matches!(&event.what, What::Done(Deed::Changed(what)) if what == words);
    let is_said = |event: &&Event| noted(event, world::SAID);
    let is_over = |event: &&Event| noted(event, world::HEALED);
    let number = |event: &Event| event.number;
    let said = events.iter().find(is_said).map_or(0, number);
    let until = events.iter().find(is_over).map_or(0, number);
    let meanwhile = events
        .iter()
        .filter(|event| event.number > said && event.number < until);
    let taken = meanwhile.filter_map(|event| match &event.what {
        What::Asked(asked) if asked.side == Side::Xopero => {
            let endpoint = xopero::endpoint(&asked.path)?;
            let may_be = waiting.takes.iter().any(|(of, _)| *of == endpoint);
            (xopero::is_destructive(endpoint) && !may_be).then(|| {
                format!(
                    "O3: {}: {} while Xopero ONE was not understood",
                    event.number, asked.key
                )
            })
        }
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    });
    taken.collect()
}

/// Whether all faults happened exactly as planned.
fn honest(plan: &Plan, played: &Played) -> Vec<String> {
    let mut found = Vec::new();
    for planned in &plan.traps {
        let report = played.traps.iter().find(|report| report.trap == *planned);
        let fired = report.map_or(0, |report| report.fired);
        let expected = planned.times.unwrap_or(1);
        let is_so = match planned.times {
            Some(times) => fired == times,
            None => fired >= 1,
        };
        if !is_so {
            let seen = report.map_or(0, |report| report.seen);
            found.push(format!(
                "not as planned: {:?} fired {fired} times and not {expected}; {seen} requests were concerned",
                planned.when
            ));
        }
    }
    if plan.again.is_some() {
        let again = played
            .traps
            .iter()
            .filter(|report| report.trap.when == crate::gate::When::AnyWrite);
        let fired: u64 = again.map(|report| report.fired).sum();
        if fired != 1 {
            found.push(format!(
                "not as planned: the second crash came {fired} times"
            ));
        }
    }
    for (fired, expected) in &played.fired {
        let is_so = match expected {
            Times::Exactly(times) => fired == times,
            Times::UntilHealed => *fired > 0,
        };
        if !is_so {
            found.push(format!(
                "not as planned: a fault of Xopero ONE fired {fired} times and not {expected:?}"
            ));
        }
    }
    found
}

/// Whether a call that was to fail never came, as it may: see [`Plan::may_be_missed`].
pub(super) fn was_never_called(plan: &Plan, played: &Played) -> bool {
    let mut faults = plan.xopero.iter().zip(&played.fired);
    faults.any(|(fault, (fired, _))| fault.nth > 1 && *fired == 0)
}

/// Requests that were not answered as the server would have: by a gate, by a status, or by a fault that gave them another body.
fn disturbed(events: &[Event]) -> usize {
    let disturbed = events.iter().filter(|event| match &event.what {
        What::Answered(answered) => {
            answered.reached != Reached::Whole || answered.status.is_none_or(|status| status >= 400)
        }
        What::Called(entry) => {
            entry.fault.is_some() && entry.status().is_some_and(|status| status < 400)
        }
        What::Asked(_) | What::Watched(_) | What::Done(_) => false,
    });
    disturbed.count()
}

fn asked_writes(events: &[Event]) -> impl Iterator<Item = &Asked> {
    events.iter().filter_map(|event| match &event.what {
        What::Asked(asked) if trap::is_write(asked) => Some(asked),
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    })
}

/// The writes of a run, each with how often its key came before.
pub(super) fn writes(events: &[Event]) -> Vec<Write> {
    let mut counts: BTreeMap<(Side, String), u64> = BTreeMap::new();
    asked_writes(events)
        .map(|asked| {
            // Which licences are given together depends on which claims are seen together; that some are given does not.
            let is_batch = xopero::endpoint(&asked.path) == Some(Endpoint::Activate);
            let key = if is_batch {
                Endpoint::Activate.name()
            } else {
                asked.key.as_str()
            };
            let count = counts.entry((asked.side, key.to_owned())).or_default();
            *count += 1;
            Write {
                side: asked.side,
                key: key.to_owned(),
                nth: *count,
            }
        })
        .collect()
}

/// The verbs and resources that were used until then.
pub(super) fn requests(events: &[Event], until: u64) -> BTreeSet<(Verb, String)> {
    let asked = events.iter().filter(|event| event.number <= until);
    let asked = asked.filter_map(|event| match &event.what {
        What::Asked(asked) if asked.side == Side::Kubernetes => Some(asked),
        What::Asked(_) | What::Answered(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {
            None
        }
    });
    asked
        .map(|asked| {
            let request = Request::of_asked(asked);
            (request.verb, request.resource)
        })
        .collect()
}
