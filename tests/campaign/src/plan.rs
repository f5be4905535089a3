//! A plan: what goes wrong in a run. One small file, which repeats the run.

mod blow;
mod clock;
mod deleted;
mod programs;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use xopero_simulator::{
    Edit, Effect, Fault,
    faults::{Status, Times},
};

pub use self::{blow::Blow, clock::Clock, deleted::Deleted, programs::Programs};
use crate::gate::{self, Position, Trap};

/// What goes wrong in a run of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// The item of the campaign that it is of; 0 for none.
    #[serde(default)]
    pub item: u32,
    /// The scenario.
    pub scenario: String,
    /// Traps at the gates, in place from the first step on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traps: Vec<Trap>,
    /// The operator is killed a second time there, at the first write that it makes after its restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Position>,
    /// Faults of Xopero ONE itself, in place from the first step on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub xopero: Vec<Fault>,
    /// The operator is started anew, with the traps in place, before the first step: so they meet its first requests, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restarts: bool,
    /// A person does what the documentation says where a resource needs one: see `run::person`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub helped: bool,
    /// While a fault lasts, a status must say that something is wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub said: bool,
    /// What brings the world of Xopero ONE back to what it was, once the faults are over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restores: Vec<Edit>,
    /// Two replicas run, of which one leads; this befalls it at the trap that has [`gate::Fault::Blow`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blow: Option<Blow>,
    /// The clock of the replica that leads at first is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Clock>,
    /// Which programs its processes are of.
    #[serde(default, skip_serializing_if = "Programs::is_one")]
    pub programs: Programs,
    /// It is deleted in Kubernetes at the trap that has [`gate::Fault::Blow`], and put back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deleted>,
    /// How Xopero ONE speaks, by the name in [`crate::dialects::TABLE`]; as the scenario says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
}

impl Plan {
    /// A run without any fault.
    pub fn reference(scenario: &str) -> Self {
        Self {
            item: 0,
            scenario: scenario.to_owned(),
            traps: Vec::new(),
            again: None,
            xopero: Vec::new(),
            restarts: false,
            helped: false,
            said: false,
            restores: Vec::new(),
            blow: None,
            clock: None,
            programs: Programs::One,
            deleted: None,
            dialect: None,
        }
    }

    /// Reads a plan's file.
    ///
    /// # Errors
    /// If it is no YAML or JSON of a plan.
    pub fn from_yaml(text: &str) -> Result<Self> {
        serde_saphyr::from_str(text).context("this is not the file of a plan")
    }

    /// The file of a plan.
    ///
    /// # Errors
    /// If a name in it cannot be written.
    pub fn to_yaml(&self) -> Result<String> {
        Ok(serde_saphyr::to_string(self)?)
    }

    /// Whether its write may be missing in a run: how often a status is written on the way to the end depends on what is seen
    /// together, and how often a call is refused and repeated on when it is made; only the first of them is in every run.
    pub fn may_be_missed(&self) -> bool {
        let is_repeated = |trap: &crate::gate::Trap| match &trap.when {
            crate::gate::When::Key(_) => trap.nth > 1,
            crate::gate::When::VerbAndResource(_)
            | crate::gate::When::ListIn { .. }
            | crate::gate::When::AnyWrite => false,
        };
        self.traps.iter().any(is_repeated) || self.xopero.iter().any(|fault| fault.nth > 1)
    }

    /// Whether nothing goes wrong in it.
    pub fn is_quiet(&self) -> bool {
        let is_of_scenario = self.dialect.is_none() && self.xopero.is_empty();
        self.traps.is_empty() && is_of_scenario
    }

    /// Whether a fault of Xopero ONE lasts until it is healed.
    pub fn lasts(&self) -> bool {
        let mut faults = self.xopero.iter();
        faults.any(|fault| fault.times == Times::UntilHealed)
    }

    /// Whether a trap of it has this fault.
    pub fn has(&self, fault: gate::Fault) -> bool {
        self.traps.iter().any(|trap| trap.fault == fault)
    }

    /// What it is called in a row.
    pub fn title(&self) -> String {
        let mut parts: Vec<String> = self.traps.iter().map(shown).collect();
        parts.extend(self.blow.map(|blow| format!("{blow:?}")));
        parts.extend(self.clock.map(|clock| format!("clock {clock:?}")));
        parts.extend(self.deleted.map(|deleted| format!("deleted {deleted:?}")));
        parts.extend(self.again.map(|position| format!("again {position:?}")));
        parts.extend(self.xopero.iter().map(named));
        parts.extend(self.dialect.iter().map(|name| format!("dialect: {name}")));
        parts.extend((self.programs == Programs::InTurn).then(|| "upgrades".to_owned()));
        if parts.is_empty() {
            let word = if self.item == 0 {
                "reference"
            } else {
                "nothing"
            };
            parts.push(word.to_owned());
        }
        format!("{} {}", self.scenario, parts.join(", "))
    }
}

/// A fault of Xopero ONE: where, how often, what.
fn named(fault: &Fault) -> String {
    let Fault {
        endpoint,
        target,
        page,
        nth: _,
        times,
        effect,
    } = fault;
    let mut words = Vec::new();
    words.extend(endpoint.map(|endpoint| endpoint.to_string()));
    words.extend(page.map(|page| format!("page {page}")));
    words.extend(target.clone());
    match times {
        Times::Exactly(1) => {}
        Times::Exactly(times) => words.push(format!("x{times}")),
        Times::UntilHealed => words.push("until healed".to_owned()),
    }
    words.push(effect_named(effect));
    words.join(" ")
}

/// What happens, in a word or two.
fn effect_named(effect: &Effect) -> String {
    if let Effect::Edits(edits) = effect {
        let names = edits.iter().map(|edit| {
            let edit = serde_json::to_value(edit).unwrap_or_default();
            let name = edit.get("edit").and_then(serde_json::Value::as_str);
            name.unwrap_or_default().to_owned()
        });
        return names.collect::<Vec<_>>().join(", ");
    }
    // The others are short as they are.
    let Effect::Status(status) = effect else {
        return format!("{effect:?}");
    };
    let Status {
        code,
        retry_after,
        body,
        content_type: _,
        applied,
    } = status;
    let mut words = vec![code.to_string()];
    words.extend(retry_after.as_ref().map(|after| format!("{after:?}")));
    words.extend(body.as_ref().map(|_| "with a body".to_owned()));
    words.extend(applied.then(|| "applied".to_owned()));
    words.join(" ")
}

fn shown(trap: &Trap) -> String {
    let Trap {
        side: _,
        when,
        nth,
        times,
        fault,
    } = trap;
    let when = match when {
        crate::gate::When::Key(words) | crate::gate::When::VerbAndResource(words) => words.as_str(),
        crate::gate::When::ListIn { resource, .. } => resource.as_str(),
        crate::gate::When::AnyWrite => "any write",
    };
    let times = match times {
        Some(1) => String::new(),
        Some(times) => format!(" x{times}"),
        None => " until healed".to_owned(),
    };
    format!("{fault:?} {when} #{nth}{times}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gate::{Fault as GateFault, When},
        journal::Side,
    };
    use xopero_simulator::{Endpoint, faults::RetryAfter};

    #[test]
    fn a_plan_is_its_file() {
        let mut plan = Plan::reference("S2");
        plan.traps.push(Trap {
            side: Side::Xopero,
            when: When::Key("attachRepository Nightly, new-1".to_owned()),
            nth: 1,
            times: Some(1),
            fault: GateFault::Crash(Position::Lost),
        });
        plan.again = Some(Position::Before);
        plan.xopero
            .push(Fault::on(Endpoint::Activate, Effect::Twice).target("new-2"));
        let text = plan.to_yaml().unwrap();
        assert_eq!(Plan::from_yaml(&text).unwrap(), plan, "{text}");
        assert_eq!(
            plan.title(),
            "S2 Crash(Lost) attachRepository Nightly, new-1 #1, again Before, activate new-2 Twice"
        );
        assert!(Plan::from_yaml("scenario: S2\nfault: x").is_err());
        let struck = Plan {
            blow: Some(Blow::Stopped(110)),
            clock: Some(Clock::Behind),
            ..Plan::reference("S2")
        };
        let text = struck.to_yaml().unwrap();
        assert_eq!(Plan::from_yaml(&text).unwrap(), struck, "{text}");
        assert_eq!(struck.title(), "S2 Stopped(110), clock Behind");
        let spoken = Plan {
            deleted: Some(Deleted::Namespace),
            dialect: Some("pascal case".to_owned()),
            programs: Programs::InTurn,
            ..Plan::reference("S2")
        };
        let text = spoken.to_yaml().unwrap();
        assert_eq!(Plan::from_yaml(&text).unwrap(), spoken, "{text}");
        let title = "S2 deleted Namespace, dialect: pascal case, upgrades";
        assert_eq!(spoken.title(), title);
        let earlier = Plan::from_yaml("item: 0\nscenario: S2\n").unwrap();
        assert_eq!(earlier, Plan::reference("S2"));
    }

    #[test]
    fn a_fault_of_xopero_one_is_told_by_where_how_often_and_what() {
        let mut plan = Plan::reference("S12");
        let limited = Status {
            retry_after: Some(RetryAfter::DateIn(2)),
            ..Status::code(429)
        };
        let listing = Fault::on(Endpoint::ListRepositories, limited).page(3);
        plan.xopero.push(listing.clone().times(3));
        assert_eq!(plan.title(), "S12 listRepositories page 3 x3 429 DateIn(2)");
        assert!(!plan.lasts());
        let again = Edit::ReAddOrganization {
            organization: "acme".to_owned(),
        };
        plan.xopero = vec![Fault::on(Endpoint::ListRepositories, Effect::from(again))];
        assert_eq!(plan.title(), "S12 listRepositories reAddOrganization");
        plan.xopero = vec![listing.until_healed()];
        assert!(plan.lasts());
        assert!(plan.title().contains("until healed"), "{}", plan.title());
    }
}
