//! Conditions, assembled in one place so that they always read the same to `kubectl wait`, Argo CD, Flux and Helm.
//!
//! They follow kstatus: `Reconciling` and `Stalled` are there only while true, and `Ready` speaks of the declaration.

mod rules;

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::Condition, jiff::Timestamp};

pub use rules::violations;

use crate::api::{
    reasons::Reason,
    status::{cut, whole_seconds},
};

/// A sentence with its end: a full stop, unless it is a question or a call.
pub(crate) fn ended(mut sentence: String) -> String {
    if !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

/// The most bytes of a message.
pub(crate) const MAX_MESSAGE_BYTES: usize = 1024;

/// Defines the closed list of condition types. The order is that of a status.
macro_rules! types {
    ($($(#[doc = $doc:literal])+ $variant:ident),+ $(,)?) => {
        /// What a condition speaks of. The order is that in which they stand in a status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ConditionType {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ConditionType {
            /// Every type, in the order of a status.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it stands in a status.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($variant),)+
                }
            }

            /// What it says, for the reference page.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

types! {
    /// Only a person can help, and the message says how. Absent when not true.
    Stalled,
    /// Work is under way or waits for something that comes by itself. Absent when not true.
    Reconciling,
    /// What is declared holds.
    Ready,
    /// Xopero ONE equals what is declared.
    InSync,
    /// On plans: the last run succeeded and is recent enough.
    BackupHealthy,
    /// On organizations: what `protection` demands is protected.
    Protected,
    /// Nothing is written, because a person asked for it. Absent when not true.
    Paused,
}

impl ConditionType {
    /// Whether the type says something only while it is true.
    pub const fn is_abnormal_true(self) -> bool {
        matches!(self, Self::Stalled | Self::Reconciling | Self::Paused)
    }

    /// The type of that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|type_| type_.as_str() == word)
    }
}

/// The status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It is so.
    True,
    /// It is not so.
    False,
    /// It is not known.
    Unknown,
}

impl Truth {
    /// Every status.
    pub const ALL: &[Self] = &[Self::True, Self::False, Self::Unknown];

    /// The word as it stands in a status.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }

    /// The status of that name.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::True, Self::False, Self::Unknown]
            .into_iter()
            .find(|truth| truth.as_str() == word)
    }
}

/// What is to be said in one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it speaks of.
    pub type_: ConditionType,
    /// Whether it is so.
    pub truth: Truth,
    /// Why, in a word.
    pub reason: Reason,
    /// Why, in full sentences: the fact, then the way out. Without secrets, times, or numbers that move by themselves.
    pub message: String,
}

impl Statement {
    /// A statement.
    pub fn new(
        type_: ConditionType,
        truth: Truth,
        reason: Reason,
        message: impl Into<String>,
    ) -> Self {
        Self {
            type_,
            truth,
            reason,
            message: message.into(),
        }
    }
}

/// The conditions of a resource from what is to be said now and what was said before.
///
/// - Of `Stalled` and `Reconciling` both true, `Stalled` is kept: nothing shall wait for what a person has to mend.
/// - While either is true, `Ready` is False with its reason and message, whatever was stated. So it need not be stated.
/// - While `Paused` is true, `Reconciling` is left out and `Ready` stays as it was.
/// - Without any statement that decides `Ready`, it is Unknown, `NotObserved`.
/// - Of two statements of one type the later counts.
/// - A type that is not stated is dropped, but for `Ready`.
/// - `lastTransitionTime` moves only with the status. Messages are cut to 1,024 bytes on a character.
#[must_use]
pub fn assemble(
    previous: &[Condition],
    statements: Vec<Statement>,
    observed_generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let stated = Stated::of(statements);
    let mut kept: Vec<Statement> = Vec::new();
    for type_ in ConditionType::ALL.iter().copied() {
        match type_ {
            ConditionType::Ready => kept.push(stated.ready(previous)),
            ConditionType::Stalled => kept.extend(stated.stalled()),
            ConditionType::Reconciling => kept.extend(stated.reconciling()),
            ConditionType::Paused => kept.extend(stated.paused()),
            ConditionType::InSync | ConditionType::BackupHealthy | ConditionType::Protected => {
                kept.extend(stated.last(type_));
            }
        }
    }
    kept.into_iter()
        .map(|statement| condition(previous, statement, observed_generation, now))
        .collect()
}

/// What was stated, asked for by type.
struct Stated(Vec<Statement>);

impl Stated {
    const fn of(statements: Vec<Statement>) -> Self {
        Self(statements)
    }

    fn last(&self, type_: ConditionType) -> Option<Statement> {
        self.0
            .iter()
            .rev()
            .find(|statement| statement.type_ == type_)
            .cloned()
    }

    fn if_true(&self, type_: ConditionType) -> Option<Statement> {
        self.last(type_)
            .filter(|statement| statement.truth == Truth::True)
    }

    fn paused(&self) -> Option<Statement> {
        self.if_true(ConditionType::Paused)
    }

    fn stalled(&self) -> Option<Statement> {
        self.if_true(ConditionType::Stalled)
    }

    fn reconciling(&self) -> Option<Statement> {
        let superseded = self.stalled().is_some() || self.paused().is_some();
        self.if_true(ConditionType::Reconciling)
            .filter(|_| !superseded)
    }

    fn ready(&self, previous: &[Condition]) -> Statement {
        let type_ = ConditionType::Ready;
        if self.paused().is_some()
            && let Some(before) = find(previous, type_).and_then(as_stated)
        {
            return before;
        }
        if let Some(Statement {
            reason, message, ..
        }) = self.stalled().or_else(|| self.reconciling())
        {
            return Statement {
                type_,
                truth: Truth::False,
                reason,
                message,
            };
        }
        self.last(type_).unwrap_or_else(|| {
            Statement::new(
                type_,
                Truth::Unknown,
                Reason::NotObserved,
                "What is declared has not been compared with Xopero ONE yet.",
            )
        })
    }
}

/// The conditions that would be shown, with this statement in place of what they say of its type. Since when each holds is what is shown
/// `before`.
#[must_use]
pub fn and_stated(
    before: &[Condition],
    shown: &[Condition],
    statement: Statement,
    observed_generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let others = shown.iter().filter_map(as_stated);
    let mut statements: Vec<Statement> = others
        .filter(|other| other.type_ != statement.type_)
        .collect();
    statements.push(statement);
    assemble(before, statements, observed_generation, now)
}

/// A condition of the list, by type.
pub fn find(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions
        .iter()
        .find(|condition| condition.type_ == type_.as_str())
}

/// Whether the condition is there and True.
pub fn is_true(conditions: &[Condition], type_: ConditionType) -> bool {
    find(conditions, type_).is_some_and(|condition| condition.status == Truth::True.as_str())
}

/// A condition read back as a statement. `None` if it has a word that is not ours.
fn as_stated(condition: &Condition) -> Option<Statement> {
    Some(Statement {
        type_: ConditionType::parse(&condition.type_)?,
        truth: Truth::parse(&condition.status)?,
        reason: Reason::parse(&condition.reason)?,
        message: condition.message.clone(),
    })
}

fn condition(
    previous: &[Condition],
    statement: Statement,
    observed_generation: i64,
    now: Timestamp,
) -> Condition {
    let Statement {
        type_,
        truth,
        reason,
        message,
    } = statement;
    let unchanged = find(previous, type_).filter(|before| before.status == truth.as_str());
    Condition {
        last_transition_time: unchanged.map_or_else(
            || whole_seconds(now),
            |before| before.last_transition_time.clone(),
        ),
        message: cut(&message, MAX_MESSAGE_BYTES).to_owned(),
        observed_generation: Some(observed_generation),
        reason: reason.as_str().to_owned(),
        status: truth.as_str().to_owned(),
        type_: type_.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests;
