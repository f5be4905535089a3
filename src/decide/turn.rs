//! Whose turn it is where something is to be added and something to be removed: a clean-up does not wait for ten thousand attachments.

use super::Decision;

/// What comes next, where both are due. A pass begins with additions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// A slice of additions.
    #[default]
    Additions,
    /// A step of removals.
    Removals,
}

impl Turn {
    /// What comes now, by that decision. The other one is next.
    #[must_use]
    pub fn take(&mut self, decision: &Decision) -> Self {
        let due = (
            !decision.additions.is_empty(),
            !decision.removals.is_empty(),
        );
        let now = match due {
            (true, true) => *self,
            (true, false) => Self::Additions,
            (false, _) => Self::Removals,
        };
        *self = match now {
            Self::Additions => Self::Removals,
            Self::Removals => Self::Additions,
        };
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::{organization, plan_claim, repository};

    /// What is decided where that is to be added, or that removed, or both.
    fn decision(adds: &[&str], removes: &[&str]) -> Decision {
        let mut world = organization("acme").with_plan("nightly");
        for name in adds {
            world = world.with(repository(name).licensed());
        }
        for name in removes {
            world = world.with(repository(name).licensed().in_plan("nightly"));
        }
        let exclusive = plan_claim("nightly").include_but(&["**"], removes);
        let mut operator = world
            .operated([exclusive.exclusive()])
            .managing(|own| own.removal_limit = 10);
        let _noted = operator.look();
        operator.list_now();
        operator.look()
    }

    #[test]
    fn they_take_turns_where_both_are_due_and_hold_each_other_up_nowhere_else() {
        use Turn::{Additions, Removals};
        let (both, adds, removes) = (
            decision(&["a"], &["b"]),
            decision(&["a"], &[]),
            decision(&["c"], &["b"]),
        );
        let removes = Decision {
            additions: Vec::new(),
            ..removes
        };
        let told = [
            (&both, Additions),
            (&both, Removals),
            (&both, Additions),
            (&adds, Additions),
            (&both, Removals),
            (&removes, Removals),
            (&both, Additions),
        ];
        let mut turn = Turn::default();
        for (place, (decision, now)) in told.into_iter().enumerate() {
            assert_eq!(turn.take(decision), now, "at {place}");
        }
    }
}
