//! Which claims name one item: whether any does, and two of the living ones, of however many.

use super::{NOBODY, Rank};
use crate::decide::Life;

/// Up to two claims that name one item: enough to ask for "anyone but me".
#[derive(Clone, Copy, Debug)]
pub(super) struct Two {
    first: Rank,
    second: Rank,
}

impl Two {
    pub(super) const NONE: Self = Self {
        first: NOBODY,
        second: NOBODY,
    };

    pub(super) fn add(&mut self, rank: Rank) {
        if self.first == NOBODY {
            self.first = rank;
        } else if self.first != rank && self.second == NOBODY {
            self.second = rank;
        }
    }

    pub(super) fn other_than(self, rank: Rank) -> Option<Rank> {
        let other = if self.first == rank {
            self.second
        } else {
            self.first
        };
        (other != NOBODY).then_some(other)
    }
}

/// Who names one item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimants {
    /// Whether any claim does, in whatever state.
    pub(super) any: bool,
    living: Two,
}

impl Claimants {
    pub(super) const NONE: Self = Self {
        any: false,
        living: Two::NONE,
    };

    /// Nobody knows: any claim may.
    pub(super) const UNKNOWN: Self = Self {
        any: true,
        ..Self::NONE
    };

    pub(super) fn add(&mut self, rank: Rank, life: Life) {
        self.any = true;
        if life == Life::Living {
            self.living.add(rank);
        }
    }

    /// Another living claim.
    pub(super) fn living_other_than(self, rank: Rank) -> Option<Rank> {
        self.living.other_than(rank)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    //                       named by        asked by  other
    #[case::by_nobody(       &[],            1,        None)]
    #[case::by_itself(       &[1],           1,        None)]
    #[case::by_itself_twice( &[1, 1],        1,        None)]
    #[case::by_another(      &[2],           1,        Some(2))]
    #[case::the_first_of_two(&[1, 2],        2,        Some(1))]
    #[case::the_other_of_two(&[1, 2],        1,        Some(2))]
    #[case::two_are_enough(  &[1, 2, 3],     1,        Some(2))]
    fn two_claims_tell_whether_there_is_another(
        #[case] named_by: &[Rank],
        #[case] asked_by: Rank,
        #[case] other: Option<Rank>,
    ) {
        let mut two = Two::NONE;
        for rank in named_by {
            two.add(*rank);
        }
        assert_eq!(two.other_than(asked_by), other);
    }
}
