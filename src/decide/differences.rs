//! How many differences of which kind there are, over all claims.

use std::collections::BTreeMap;

use super::{Change, Due, Hold, Service};

/// A kind of difference between what is declared and what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// What would remove it, for example `Attach`.
    pub action: &'static str,
    /// Why it is not removed for now.
    pub held: Option<&'static str>,
}

/// Counts by kind. What several claims ask for counts once.
pub(super) fn count<'a>(
    dues: impl Iterator<Item = &'a Due>,
    service: Service,
) -> BTreeMap<Difference, usize> {
    let mut distinct: Vec<(Change, Option<&str>)> = dues
        .map(|due| (due.change, due.hold.and_then(Hold::word)))
        .collect();
    distinct.sort_unstable();
    distinct.dedup();
    let mut counts = BTreeMap::new();
    for (change, held) in distinct {
        let action = change.as_str(service);
        *counts.entry(Difference { action, held }).or_default() += 1;
    }
    counts
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
        let counts = count(dues.iter(), Service::Git);
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
