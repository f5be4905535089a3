//! What is set on plans, across the whole process: a plan may serve several organizations, and has its settings once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::super::observed::Place;
use crate::{
    decide::{SentElsewhere, Setter},
    inventory::PlanId,
};

/// Who sets plans, and what was sent to them last. One lock over all that is known: two would be taken in two orders.
#[derive(Debug, Default)]
pub(super) struct PlanSettings(Mutex<Known>);

type Setters = BTreeMap<Arc<str>, Setter>;

#[derive(Debug, Default)]
struct Known {
    /// What the claims on each organization set, as they were decided on last, by their uid.
    declared: BTreeMap<Place, Setters>,
    /// What was sent to each plan last.
    sent: BTreeMap<PlanId, Sent>,
    /// How often any of that has changed.
    changes: u64,
}

/// Settings that were sent to a plan.
#[derive(Debug)]
struct Sent {
    /// The organization's resource for which they were, by its uid.
    by: Arc<str>,
    digest: Option<String>,
    at: Instant,
}

/// What was known at a moment, of other organizations than one.
#[derive(Debug)]
pub(super) struct Others {
    /// The organizations that were decided on.
    pub(super) decided: BTreeSet<Place>,
    /// What was declared on them.
    pub(super) setters: Setters,
    /// The plans to which settings were sent last for them.
    pub(super) sent: BTreeMap<PlanId, SentElsewhere>,
    pub(super) moment: Moment,
}

/// When something was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment(u64);

/// Whether anything has changed since a decision was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// Nothing has.
    UpToDate,
    /// It is to be made once more.
    OutOfDate,
}

impl PlanSettings {
    /// What is known of other organizations than that of this resource, whose last listing began then.
    pub(super) fn others(&self, (place, uid): (&Place, &str), listed: Option<Instant>) -> Others {
        let known = self.known();
        let others = || known.declared.iter().filter(|(other, _)| *other != place);
        let setters = others().flat_map(|(_, setters)| setters);
        let sent = known.sent.iter().filter(|(_, sent)| *sent.by != *uid);
        let elsewhere = |sent: &Sent| SentElsewhere {
            digest: sent.digest.clone(),
            listed_since: listed.is_some_and(|listed| listed >= sent.at),
        };
        Others {
            decided: others().map(|(other, _)| other.clone()).collect(),
            setters: setters
                .map(|(uid, setter)| (Arc::clone(uid), setter.clone()))
                .collect(),
            sent: sent.map(|(plan, sent)| (*plan, elsewhere(sent))).collect(),
            moment: Moment(known.changes),
        }
    }

    /// Takes in what is declared on an organization, by a decision that was made from what was known at a `moment`. Those come back
    /// that set the same plans, where that is another now.
    pub(super) fn declare(
        &self,
        place: &Place,
        setters: &[Setter],
        moment: Moment,
    ) -> (BTreeSet<Place>, Shared) {
        let setters: Setters = setters
            .iter()
            .map(|setter| (Arc::clone(&setter.uid), setter.clone()))
            .collect();
        let mut known = self.known();
        let shared = if moment == Moment(known.changes) || setters.is_empty() {
            Shared::UpToDate
        } else {
            Shared::OutOfDate
        };
        (known.replace(place, Some(setters)), shared)
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
        let sent = Sent {
            by: Arc::clone(uid),
            digest,
            at: Instant::now(),
        };
        known.sent.insert(plan, sent);
        known.setting(place, &[plan].into())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Puts these in the place of those before; `None`: there is no such organization any more.
    fn replace(&mut self, place: &Place, setters: Option<Setters>) -> BTreeSet<Place> {
        let before = match setters {
            Some(setters) => self.declared.insert(place.clone(), setters),
            None => self.declared.remove(place),
        };
        let (before, none) = (before.unwrap_or_default(), Setters::new());
        let after = self.declared.get(place).unwrap_or(&none);
        if before == *after {
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
        known.others((&place(name), name), None)
    }

    /// Decides by what is known now.
    fn declare(known: &PlanSettings, name: &str, setters: &[Setter]) -> BTreeSet<Place> {
        let moment = others(known, name).moment;
        let (concerned, shared) = known.declare(&place(name), setters, moment);
        assert_eq!(shared, Shared::UpToDate);
        concerned
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
        let (told, shared) = known.declare(&place("acme"), &own, before);
        assert_eq!(
            (told, shared),
            ([place("globex")].into(), Shared::OutOfDate)
        );
        assert_eq!(declare(&known, "acme", &own), BTreeSet::new());
        let (_, shared) = known.declare(&place("other"), &[], before);
        assert_eq!(shared, Shared::UpToDate, "nothing is set there");
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
        let sent = |digest: Option<&str>| {
            let sent = SentElsewhere {
                digest: digest.map(str::to_owned),
                listed_since: false,
            };
            BTreeMap::from([(nightly, sent)])
        };
        assert_eq!(others(&known, "globex").sent, sent(Some("a")));
        known.note_sent((&place("globex"), &globex), nightly, None);
        assert_eq!(others(&known, "globex").sent, BTreeMap::new());
        assert_eq!(others(&known, "acme").sent, sent(None));
        let listed_now = known.others((&place("acme"), "acme"), Some(Instant::now()));
        assert!(listed_now.sent[&nightly].listed_since);
    }
}
