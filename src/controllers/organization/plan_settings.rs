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

type Setters = BTreeMap<Arc<str>, Setter>;

#[derive(Debug, Default)]
struct Known {
    /// What the claims on each organization set, as they were decided on last, by their uid.
    declared: BTreeMap<Place, Setters>,
    /// The organization's resource, by its uid, for which settings were sent last, and their digest.
    sent: BTreeMap<PlanId, (Arc<str>, Option<String>)>,
    /// How often any of that has changed.
    changes: u64,
}

/// What was known at a moment, of other organizations than one.
#[derive(Debug)]
pub(super) struct Others {
    /// The organizations that were decided on.
    pub(super) decided: BTreeSet<Place>,
    /// What was declared on them.
    pub(super) setters: Setters,
    /// The plans to which settings were sent last for them, with the digest of these.
    pub(super) sent: BTreeMap<PlanId, Option<String>>,
    pub(super) moment: Moment,
}

/// When something was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(u64);

impl PlanSettings {
    /// What is known of other organizations than that of this resource, and concerns plans that it `serves`.
    pub(super) fn others(
        &self,
        (place, uid): (&Place, &str),
        serves: impl Fn(PlanId) -> bool,
    ) -> Others {
        let known = self.known();
        let others = || known.declared.iter().filter(|(other, _)| *other != place);
        let serves_setter = |setter: &Setter| setter.plan.is_some_and(&serves);
        let setters = others().flat_map(|(_, setters)| setters);
        let setters = setters.filter(|(_, setter)| serves_setter(setter));
        let sent = known.sent.iter();
        let sent = sent.filter(|(plan, (by, _))| **by != *uid && serves(**plan));
        Others {
            decided: others().map(|(other, _)| other.clone()).collect(),
            setters: setters
                .map(|(uid, setter)| (Arc::clone(uid), setter.clone()))
                .collect(),
            sent: sent
                .map(|(plan, (_, digest))| (*plan, digest.clone()))
                .collect(),
            moment: Moment(known.changes),
        }
    }

    /// Takes in what is declared on an organization, by a decision that was made from what was known at a `moment`. Those come back
    /// that set the same plans, where that is another now; and the organization itself, where anything has changed since that moment.
    pub(super) fn declare(
        &self,
        place: &Place,
        setters: &[Setter],
        moment: Moment,
    ) -> BTreeSet<Place> {
        let setters: Setters = setters
            .iter()
            .map(|setter| (Arc::clone(&setter.uid), setter.clone()))
            .collect();
        let mut known = self.known();
        let is_out_of_date = moment != Moment(known.changes) && !setters.is_empty();
        let mut concerned = known.replace(place, Some(setters));
        if is_out_of_date {
            concerned.insert(place.clone());
        }
        concerned
    }

    /// The organization's resource is gone. Those come back that set the same plans.
    pub(super) fn leave(&self, place: &Place) -> BTreeSet<Place> {
        self.known().replace(place, None)
    }

    /// Notes which settings were sent to a plan: those with that digest, or ones that it may have taken or not. Those come back whose
    /// claims say anything of its settings.
    pub(super) fn note_sent(
        &self,
        (place, uid): (&Place, &Arc<str>),
        plan: PlanId,
        digest: Option<String>,
    ) -> BTreeSet<Place> {
        let mut known = self.known();
        known.changes += 1;
        known.sent.insert(plan, (Arc::clone(uid), digest));
        known.setting(place, &[plan].into())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Puts these in the place of those before; `None`: there is no such organization any more.
    fn replace(&mut self, place: &Place, setters: Option<Setters>) -> BTreeSet<Place> {
        let before = match &setters {
            Some(setters) => self.declared.insert(place.clone(), setters.clone()),
            None => self.declared.remove(place),
        };
        let (before, after) = (before.unwrap_or_default(), setters.unwrap_or_default());
        if before == after {
            return BTreeSet::new();
        }
        self.changes += 1;
        let gone = before
            .iter()
            .filter(|(uid, setter)| after.get(*uid) != Some(setter));
        let come = after
            .iter()
            .filter(|(uid, setter)| before.get(*uid) != Some(setter));
        let plans = gone.chain(come).filter_map(|(_, setter)| setter.plan);
        self.setting(place, &plans.collect())
    }

    /// The others whose claims say anything of the settings of one of the plans.
    fn setting(&self, place: &Place, plans: &BTreeSet<PlanId>) -> BTreeSet<Place> {
        let sets = |setter: &Setter| setter.plan.is_some_and(|plan| plans.contains(&plan));
        let others = self.declared.iter().filter(|(other, _)| *other != place);
        others
            .filter(|(_, setters)| setters.values().any(sets))
            .map(|(other, _)| other.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::fixtures::{at, organization_claim, plan_claim, plan_id, settings};

    fn place(name: &str) -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        }
    }

    /// That of a claim on an organization.
    fn setter(organization: &str, plan: &str) -> Setter {
        let claim = plan_claim(plan).setting(settings(Some(true), &[]));
        let claim = claim.named(&format!("{organization}-{plan}"));
        let key = organization_claim(organization).key;
        Setter::of(&claim, &key, Some(plan_id(plan))).unwrap()
    }

    fn others(known: &PlanSettings, name: &str) -> Others {
        known.others((&place(name), name), |_| true)
    }

    /// Decides by what is known now.
    fn declare(known: &PlanSettings, name: &str, setters: &[Setter]) -> BTreeSet<Place> {
        let moment = others(known, name).moment;
        known.declare(&place(name), setters, moment)
    }

    #[test]
    fn who_sets_the_same_plan_is_concerned_by_what_changes_and_nobody_else() {
        let known = PlanSettings::default();
        let nobody: BTreeSet<Place> = BTreeSet::new();
        let nightly = [setter("globex", "nightly")];
        assert_eq!(
            declare(&known, "acme", &[setter("acme", "nightly")]),
            nobody
        );
        assert_eq!(
            declare(&known, "other", &[setter("other", "weekly")]),
            nobody
        );
        let acme = BTreeSet::from([place("acme")]);
        assert_eq!(declare(&known, "globex", &nightly), acme);
        assert_eq!(declare(&known, "globex", &nightly), nobody);
        let mut younger = setter("globex", "nightly");
        younger.created = at(5);
        let younger = [younger];
        assert_eq!(declare(&known, "globex", &younger), acme);
        assert_eq!(declare(&known, "globex", &[]), acme, "it is set no more");
        declare(&known, "globex", &younger);
        let seen = others(&known, "other");
        assert_eq!(seen.decided, [place("acme"), place("globex")].into());
        let seen: Vec<&Setter> = seen.setters.values().collect();
        assert_eq!(
            seen,
            [&setter("acme", "nightly"), &younger[0]],
            "not one's own"
        );
        let none = known.others((&place("other"), "other"), |_| false);
        assert!(none.setters.is_empty(), "of plans that do not serve it");
        assert_eq!(known.leave(&place("globex")), acme);
        assert_eq!(known.leave(&place("globex")), nobody);
        assert_eq!(others(&known, "other").decided, acme);
    }

    #[test]
    fn what_was_decided_while_something_changed_is_decided_once_more() {
        let known = PlanSettings::default();
        let before = others(&known, "acme").moment;
        declare(&known, "globex", &[setter("globex", "nightly")]);
        let own = [setter("acme", "nightly")];
        let told = known.declare(&place("acme"), &own, before);
        assert_eq!(told, [place("acme"), place("globex")].into());
        assert_eq!(declare(&known, "acme", &own), BTreeSet::new());
        let nothing = known.declare(&place("other"), &[], before);
        assert_eq!(nothing, BTreeSet::new(), "nothing is set there");
    }

    #[test]
    fn what_was_sent_for_another_one_is_known_until_something_is_sent_for_oneself() {
        let known = PlanSettings::default();
        for name in ["acme", "globex"] {
            declare(&known, name, &[setter(name, "nightly")]);
        }
        let (acme, globex): (Arc<str>, Arc<str>) = ("acme".into(), "globex".into());
        let nightly = plan_id("nightly");
        let told = known.note_sent((&place("acme"), &acme), nightly, Some("a".to_owned()));
        assert_eq!(told, [place("globex")].into());
        assert_eq!(others(&known, "acme").sent, BTreeMap::new());
        let sent = |digest: Option<&str>| BTreeMap::from([(nightly, digest.map(str::to_owned))]);
        assert_eq!(others(&known, "globex").sent, sent(Some("a")));
        known.note_sent((&place("globex"), &globex), nightly, None);
        assert_eq!(others(&known, "globex").sent, BTreeMap::new());
        assert_eq!(others(&known, "acme").sent, sent(None));
    }
}
