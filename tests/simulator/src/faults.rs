//! Faults on demand: scripted, never random. Each says at which call it fires, how often, and what happens then.

mod effect;
mod script;

pub use effect::{Effect, Late, LateReply, RetryAfter, Status};
pub(crate) use script::{Occasion, Script};

use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;

/// Something that goes wrong at certain calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The endpoint concerned; every one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Only calls that name this: an id, or the name of an organization, plan, project or repository. Every call when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Only this page of a listing. Every page when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<usize>,
    /// The first of those calls at which it fires, counted from 1 since it was put in place.
    #[serde(default = "first")]
    pub nth: u64,
    /// How often it fires, from then on at every such call; once when absent.
    #[serde(default)]
    pub times: Times,
    /// What happens.
    pub effect: Effect,
}

fn first() -> u64 {
    1
}

/// How often a fault fires. In YAML a number or `untilHealed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TimesSpelling", into = "TimesSpelling")]
pub enum Times {
    /// So often.
    Exactly(u64),
    /// Until it is healed.
    UntilHealed,
}

impl Default for Times {
    fn default() -> Self {
        Self::Exactly(1)
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum TimesSpelling {
    Number(u64),
    Word(Word),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Word {
    UntilHealed,
}

impl From<TimesSpelling> for Times {
    fn from(spelling: TimesSpelling) -> Self {
        match spelling {
            TimesSpelling::Number(times) => Self::Exactly(times),
            TimesSpelling::Word(Word::UntilHealed) => Self::UntilHealed,
        }
    }
}

impl From<Times> for TimesSpelling {
    fn from(times: Times) -> Self {
        match times {
            Times::Exactly(times) => Self::Number(times),
            Times::UntilHealed => Self::Word(Word::UntilHealed),
        }
    }
}

impl Fault {
    /// At the first call of `endpoint`, once.
    pub fn on(endpoint: Endpoint, effect: impl Into<Effect>) -> Self {
        Self {
            endpoint: Some(endpoint),
            ..Self::on_any(effect)
        }
    }

    /// At the first call of any endpoint, once.
    pub fn on_any(effect: impl Into<Effect>) -> Self {
        Self {
            endpoint: None,
            target: None,
            page: None,
            nth: first(),
            times: Times::default(),
            effect: effect.into(),
        }
    }

    /// Only calls that name this: an id or a name.
    #[must_use]
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
        self
    }

    /// Only this page of a listing.
    #[must_use]
    pub fn page(mut self, page: usize) -> Self {
        self.page = Some(page);
        self
    }

    /// The first call at which it fires, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// At so many calls in a row.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Times::Exactly(times);
        self
    }

    /// At every call until it is healed.
    #[must_use]
    pub fn until_healed(mut self) -> Self {
        self.times = Times::UntilHealed;
        self
    }
}

/// A fault in place, with what it has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its number, given when it was put in place.
    pub id: u64,
    /// Calls that it concerned, whether it fired or not.
    pub seen: u64,
    /// Times that it fired.
    pub fired: u64,
    /// Whether it was healed: it fires no more.
    pub healed: bool,
    /// The fault.
    pub fault: Fault,
}
