//! How many differences of which kind there are, over all claims.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Due, Hold, Service};

/// A kind of difference between what is declared and what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What would remove it, for example `Attach`.
    pub action: &'static str,
    /// Why it is not removed for now.
    pub held: Option<&'static str>,
}

/// All differences, as they were found: counted only when somebody asks, since a decision is taken far more often.
#[derive(Clone, Debug, Default)]
pub struct Differences(Vec<(Change, Difference)>);

impl Differences {
    pub(super) fn of<'a>(dues: impl Iterator<Item = &'a Due>, service: Service) -> Self {
        let difference = |due: &Due| Difference {
            action: due.change.as_str(service),
            held: due.hold.and_then(Hold::word),
        };
        Self(dues.map(|due| (due.change, difference(due))).collect())
    }

    /// How many there are of each kind. What several claims ask for counts once.
    pub fn count(&self) -> BTreeMap<Difference, usize> {
        let distinct: BTreeSet<&(Change, Difference)> = self.0.iter().collect();
        let mut counts = BTreeMap::new();
        for (_, difference) in distinct {
            *counts.entry(*difference).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::Ground,
        inventory::{PlanId, RepositoryId},
    };

    fn attach(number: u128, hold: Option<Hold>) -> Due {
        Due {
            change: Change::Attach(PlanId::numbered(1), RepositoryId::numbered(number)),
            ground: Ground::Addition,
            hold,
        }
    }

    #[test]
    fn what_two_claims_ask_for_is_one_difference() {
        let dues = [
            attach(1, None),
            attach(2, Some(Hold::WaitsForLicence)),
            attach(1, None),
            attach(3, Some(Hold::Finalizer)),
        ];
        let counts = Differences::of(dues.iter(), Service::Git).count();
        let counts: Vec<_> = counts
            .into_iter()
            .map(|(Difference { action, held }, count)| (action, held, count))
            .collect();
        assert_eq!(
            counts,
            [
                ("Attach", None, 2),
                ("Attach", Some("WaitingForLicense"), 1)
            ]
        );
    }
}
