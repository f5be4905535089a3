//! How many series there are at the most, however many resources somebody declares.

use std::collections::BTreeMap;

use super::super::{
    description::Description,
    sample::{Sample, number},
};
use crate::api::conditions::{ConditionType, Truth};

/// Of one metric with the names of resources. What scrapes it keeps them all.
const SERIES: usize = 2_000;

static LEFT_OUT: Description = Description::gauge(
    "series_left_out",
    "Series of a metric that are not shown, because it has more than 2,000",
    "Is every resource shown? Conditions are counted for all of them.",
)
.by(&["metric"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[&LEFT_OUT];

/// The first samples of each metric that names resources, and how many more there were. What tells that all is well goes first: alerts
/// are made of the rest.
pub(super) fn bounded(mut samples: Vec<Sample>) -> Vec<Sample> {
    samples.sort_by_key(tells_that_all_is_well);
    let mut seen: BTreeMap<&str, (&Description, usize)> = BTreeMap::new();
    samples.retain(|sample| {
        let of = sample.description();
        if !of.labels.contains(&"name") {
            return true;
        }
        let (_, seen) = seen.entry(of.name).or_insert((of, 0));
        *seen += 1;
        *seen <= SERIES
    });
    let exceeding = seen.into_values().filter(|(_, all)| *all > SERIES);
    samples
        .extend(exceeding.map(|(of, all)| {
            Sample::new(&LEFT_OUT, [of.full_name().into()], number(all - SERIES))
        }));
    samples
}

fn tells_that_all_is_well(sample: &Sample) -> bool {
    let good = [
        ConditionType::Ready,
        ConditionType::InSync,
        ConditionType::BackupHealthy,
        ConditionType::Protected,
    ];
    let type_ = sample.label("type");
    good.iter().any(|good| type_ == Some(good.as_str()))
        && sample.label("status") == Some(Truth::True.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    static NAMED: Description = Description::gauge("named", "", "").by(&["namespace", "name"]);
    static CONDITION: Description =
        Description::gauge("condition", "", "").by(&["name", "type", "status"]);
    static COUNTED: Description = Description::gauge("counted", "", "").by(&["kind"]);

    fn samples(named: usize, counted: usize) -> Vec<String> {
        let named = (0..named).map(|at| {
            let name = format!("{at:04}").into();
            Sample::new(&NAMED, ["backup".into(), name], 1.0)
        });
        let counted = (0..counted).map(|at| Sample::new(&COUNTED, [at.to_string().into()], 1.0));
        let bounded = bounded(named.chain(counted).collect());
        bounded.iter().map(Sample::to_string).collect()
    }

    #[test]
    fn of_what_names_resources_the_first_are_shown_and_the_rest_counted() {
        assert_eq!(samples(SERIES, 0).len(), SERIES);
        let more = samples(SERIES + 3, 0);
        assert_eq!(more.len(), SERIES + 1);
        assert_eq!(more[SERIES - 1], "named namespace=backup,name=1999 = 1");
        assert_eq!(
            more[SERIES],
            "series_left_out metric=xopero_operator_named = 3"
        );
        assert_eq!(samples(0, SERIES + 3).len(), SERIES + 3, "nothing is named");
    }

    #[test]
    fn what_alerts_are_made_of_is_shown_before_what_is_well() {
        let condition = |at: usize, type_: &'static str, status: &'static str| {
            let name = format!("{at:04}").into();
            Sample::new(&CONDITION, [name, type_.into(), status.into()], 1.0)
        };
        let well = (0..SERIES).map(|at| condition(at, "Ready", "True"));
        let stalled = [
            condition(SERIES, "Stalled", "True"),
            condition(SERIES, "BackupHealthy", "False"),
        ];
        let bounded = bounded(well.chain(stalled).collect());
        let lines: Vec<String> = bounded.iter().map(Sample::to_string).collect();
        assert_eq!(lines[0], "condition name=2000,type=Stalled,status=True = 1");
        assert_eq!(
            lines[1],
            "condition name=2000,type=BackupHealthy,status=False = 1"
        );
        assert_eq!(
            lines[SERIES],
            "series_left_out metric=xopero_operator_condition = 2"
        );
    }
}
