//! What is set on plans, across the whole process: a plan may serve several organizations, and has its settings once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::super::observed::Place;
use crate::{decide::Setter, inventory::PlanId};

/// Who sets plans, and what was sent to them last. One lock over all that is known: two would be taken in two orders.
#[derive(Debug, Default)]
pub(super) struct PlanSettings(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// What the claims on each organization set, as they were decided on last.
    declared: BTreeMap<Place, Vec<Setter>>,
    /// The organization's resource, by its uid, for which settings were sent last, and their digest.
    sent: BTreeMap<PlanId, (Arc<str>, Option<String>)>,
}

impl PlanSettings {
    /// Takes in what is declared on an organization. Those come back that set the same plans, where that is another now.
    pub(super) fn declare(&self, place: &Place, setters: &[Setter]) -> BTreeSet<Place> {
        let mut known = self.known();
        let before = known.declared.insert(place.clone(), setters.to_vec());
        let before = before.unwrap_or_default();
        known.concerned(place, &before, setters)
    }

    /// The organization's resource is gone. Those come back that set the same plans.
    pub(super) fn leave(&self, place: &Place) -> BTreeSet<Place> {
        let mut known = self.known();
        let before = known.declared.remove(place).unwrap_or_default();
        known.concerned(place, &before, &[])
    }

    /// Notes which settings were sent to a plan: those with that digest, or ones that it may have taken or not. Those come back that
    /// set the same plan.
    pub(super) fn note_sent(
        &self,
        (place, uid): (&Place, &Arc<str>),
        plan: PlanId,
        digest: Option<String>,
    ) -> BTreeSet<Place> {
        let mut known = self.known();
        known.sent.insert(plan, (Arc::clone(uid), digest));
        known.setting(place, &[plan].into())
    }

    /// Whether it is known what is declared on the organization at that place.
    pub(super) fn is_declared(&self, place: &Place) -> bool {
        self.known().declared.contains_key(place)
    }

    /// What is declared on other organizations than that at this place.
    pub(super) fn elsewhere(&self, place: &Place) -> Vec<Setter> {
        let known = self.known();
        let others = known.declared.iter().filter(|(other, _)| *other != place);
        others.flat_map(|(_, setters)| setters).cloned().collect()
    }

    /// The plans to which settings were sent last for others than this resource, with the digest of these.
    pub(super) fn sent_by_others(&self, uid: &str) -> BTreeMap<PlanId, Option<String>> {
        let known = self.known();
        let others = known.sent.iter().filter(|(_, (by, _))| **by != *uid);
        others
            .map(|(plan, (_, digest))| (*plan, digest.clone()))
            .collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn concerned(&self, place: &Place, before: &[Setter], after: &[Setter]) -> BTreeSet<Place> {
        let gone = before.iter().filter(|setter| !after.contains(setter));
        let come = after.iter().filter(|setter| !before.contains(setter));
        let plans = gone.chain(come).filter_map(|setter| setter.plan).collect();
        self.setting(place, &plans)
    }

    /// The others who set one of the plans.
    fn setting(&self, place: &Place, plans: &BTreeSet<PlanId>) -> BTreeSet<Place> {
        let sets = |setter: &Setter| setter.plan.is_some_and(|plan| plans.contains(&plan));
        let others = self.declared.iter().filter(|(other, _)| *other != place);
        others
            .filter(|(_, setters)| setters.iter().any(sets))
            .map(|(other, _)| other.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::{at, plan_claim, plan_id, settings};

    fn place(name: &str) -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        }
    }

    fn setter(plan: &str) -> Setter {
        let claim = plan_claim(plan).setting(settings(Some(true), &[]));
        Setter::of(&claim, Some(plan_id(plan))).unwrap()
    }

    #[test]
    fn who_sets_the_same_plan_is_concerned_by_what_changes_and_nobody_else() {
        let known = PlanSettings::default();
        let nobody: BTreeSet<Place> = BTreeSet::new();
        let nightly = [setter("nightly")];
        assert_eq!(known.declare(&place("acme"), &nightly), nobody);
        assert_eq!(known.declare(&place("other"), &[setter("weekly")]), nobody);
        let acme = BTreeSet::from([place("acme")]);
        assert_eq!(known.declare(&place("globex"), &nightly), acme);
        assert_eq!(known.declare(&place("globex"), &nightly), nobody);
        let mut younger = setter("nightly");
        younger.created = at(5);
        assert_eq!(known.declare(&place("globex"), &[younger.clone()]), acme);
        assert_eq!(
            known.declare(&place("globex"), &[]),
            acme,
            "it is set no more"
        );
        known.declare(&place("globex"), &[younger.clone()]);
        assert_eq!(known.leave(&place("globex")), acme);
        assert_eq!(known.leave(&place("globex")), nobody);
        assert!(known.is_declared(&place("acme")) && !known.is_declared(&place("globex")));
        let [elsewhere] = known.elsewhere(&place("other")).try_into().unwrap();
        assert_eq!(elsewhere, setter("nightly"), "not one's own");
    }

    #[test]
    fn what_was_sent_for_another_one_is_known_until_something_is_sent_for_oneself() {
        let known = PlanSettings::default();
        for name in ["acme", "globex"] {
            known.declare(&place(name), &[setter("nightly")]);
        }
        let (acme, globex): (Arc<str>, Arc<str>) = ("acme".into(), "globex".into());
        let nightly = plan_id("nightly");
        let told = known.note_sent((&place("acme"), &acme), nightly, Some("a".to_owned()));
        assert_eq!(told, [place("globex")].into());
        assert_eq!(known.sent_by_others("acme"), BTreeMap::new());
        let sent = |digest: Option<&str>| BTreeMap::from([(nightly, digest.map(str::to_owned))]);
        assert_eq!(known.sent_by_others("globex"), sent(Some("a")));
        known.note_sent((&place("globex"), &globex), nightly, None);
        assert_eq!(known.sent_by_others("globex"), BTreeMap::new());
        assert_eq!(known.sent_by_others("acme"), sent(None));
    }
}
