//! Conditions: of each connection, organization and plan; of all kinds by number.

use std::{borrow::Cow, collections::BTreeMap};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::Resource;

use super::conditions_of;
use crate::{
    api::{
        Reason, Reported,
        conditions::{ConditionType, Truth},
    },
    controllers::{
        metrics::{
            description::Description,
            sample::{Sample, number},
        },
        observed::{Observed, Place},
    },
};

static CONDITION: Description = Description::gauge(
    "condition",
    "1 for each condition that a connection, organization or plan shows, with its status and reason",
    "Which resource is not Ready, Stalled, not in sync or badly backed up, and why?",
)
.by(&["kind", "namespace", "name", "type", "status", "reason"]);

static RESOURCES: Description =
    Description::gauge("resources", "Resources of a kind", "How much is declared?").by(&["kind"]);

static CONDITIONS: Description = Description::gauge(
    "resource_conditions",
    "Resources of a kind that show a condition with this status and reason",
    "How many repositories and projects are Ready, and why are the others not?",
)
.by(&["kind", "type", "status", "reason"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[&CONDITION, &RESOURCES, &CONDITIONS];

/// A condition, where it is one of ours: of a status that somebody else wrote nothing becomes a label.
type Known = (ConditionType, Truth, Reason);

fn known(condition: &Condition) -> Option<Known> {
    Some((
        ConditionType::parse(&condition.type_)?,
        Truth::parse(&condition.status)?,
        Reason::parse(&condition.reason)?,
    ))
}

/// The conditions of one resource, by its name.
pub(super) fn own<K: Resource<DynamicType = ()> + Reported>(
    place: &Place,
    observed: &Observed<K>,
) -> Vec<Sample> {
    let kind = K::kind(&());
    conditions_of(observed)
        .iter()
        .filter_map(known)
        .map(|(type_, truth, reason)| {
            let labels = [
                kind.clone(),
                place.namespace.clone().into(),
                place.name.clone().into(),
                type_.as_str().into(),
                truth.as_str().into(),
                reason.as_str().into(),
            ];
            Sample::new(&CONDITION, labels, 1.0)
        })
        .collect()
}

/// Counts resources and their conditions.
#[derive(Debug, Default)]
pub(super) struct Tally {
    resources: BTreeMap<Cow<'static, str>, usize>,
    conditions: BTreeMap<(Cow<'static, str>, Known), usize>,
}

impl Tally {
    pub(super) fn add<K: Resource<DynamicType = ()> + Reported>(&mut self, observed: &Observed<K>) {
        let kind = K::kind(&());
        *self.resources.entry(kind.clone()).or_default() += 1;
        for known in conditions_of(observed).iter().filter_map(known) {
            *self.conditions.entry((kind.clone(), known)).or_default() += 1;
        }
    }

    pub(super) fn samples(self) -> Vec<Sample> {
        let Self {
            resources,
            conditions,
        } = self;
        let resources = resources
            .into_iter()
            .map(|(kind, count)| Sample::new(&RESOURCES, [kind], number(count)));
        let conditions = conditions
            .into_iter()
            .map(|((kind, (type_, truth, reason)), count)| {
                let labels = [
                    kind,
                    type_.as_str().into(),
                    truth.as_str().into(),
                    reason.as_str().into(),
                ];
                Sample::new(&CONDITIONS, labels, number(count))
            });
        resources.chain(conditions).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::XoperoRepository;

    fn repository(number: usize, reason: &str) -> Observed<XoperoRepository> {
        serde_json::from_value(json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoRepository",
            "metadata": {"name": format!("r{number}"), "namespace": "backup"},
            "spec": {"organizationRef": {"name": "acme"}, "name": "api"},
            "status": {"conditions": [{
                "type": "Stalled", "status": "True", "reason": reason, "message": "",
                "lastTransitionTime": "2026-11-25T00:00:00Z",
            }]},
        }))
        .unwrap()
    }

    #[test]
    fn ten_thousand_repositories_are_as_many_series_as_they_have_conditions() {
        let mut tally = Tally::default();
        for number in 0..10_000 {
            let reason = if number % 10 == 0 {
                "Conflict"
            } else {
                "RepositoryNotFound"
            };
            tally.add(&repository(number, reason));
        }
        let shown: Vec<String> = tally.samples().iter().map(Sample::to_string).collect();
        assert_eq!(
            shown,
            [
                "resources kind=XoperoRepository = 10000",
                "resource_conditions kind=XoperoRepository,type=Stalled,status=True,reason=RepositoryNotFound = 9000",
                "resource_conditions kind=XoperoRepository,type=Stalled,status=True,reason=Conflict = 1000",
            ]
        );
    }

    #[test]
    fn what_somebody_else_wrote_into_a_status_is_no_label() {
        let place = Place {
            namespace: "backup".to_owned(),
            name: "r0".to_owned(),
        };
        assert_eq!(own(&place, &repository(0, "MadeUp")).len(), 0);
        assert_eq!(own(&place, &repository(0, "Conflict")).len(), 1);
    }

    #[test]
    fn a_resource_that_cannot_be_decoded_is_counted_with_what_it_says() {
        let mut value = serde_json::to_value(repository(0, "InvalidSpec").understood()).unwrap();
        value["spec"]["name"] = json!(7);
        let observed: Observed<XoperoRepository> = serde_json::from_value(value).unwrap();
        assert!(observed.understood().is_none());
        let mut tally = Tally::default();
        tally.add(&observed);
        assert_eq!(tally.samples().len(), 2);
    }
}
