//! Which resources stand for which organization in Xopero ONE, across the whole process: an organization has one writer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use k8s_openapi::jiff::Timestamp;

use super::super::observed::Place;
use crate::{api::Mode, decide::ClaimKey, inventory::OrganizationId, xopero::Origin};

/// One resource that stands for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its uid.
    pub uid: String,
    /// When it was created: the older manages.
    pub created: Timestamp,
    /// An Observe organization contends for nothing.
    pub mode: Mode,
    /// The address of the Xopero ONE in which it was found.
    pub instance: Arc<str>,
}

/// All resources by the organization that they resolved to. One lock over all that is known: two would be taken in two orders.
#[derive(Debug, Default)]
pub struct Owners(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    organizations: BTreeMap<OrganizationId, BTreeMap<Place, Owner>>,
    /// The same, by resource.
    resolved: BTreeMap<Place, OrganizationId>,
    /// Those that could not be resolved although that was tried.
    tried: BTreeSet<Place>,
    /// Where an instance has answered that there is no organization of this name.
    not_found: BTreeMap<Place, (Origin, String)>,
}

impl Owners {
    /// Takes a resource in. The places whose standing may be another now come back.
    pub fn enter(&self, id: OrganizationId, place: &Place, owner: Owner) -> Vec<Place> {
        let mut known = self.known();
        let mut touched = if known.resolved.get(place) == Some(&id) {
            Vec::new()
        } else {
            known.leave(place)
        };
        known.resolved.insert(place.clone(), id);
        known.not_found.remove(place);
        let owners = known.organizations.entry(id).or_default();
        if owners.get(place) != Some(&owner) {
            owners.insert(place.clone(), owner);
            touched.extend(owners.keys().filter(|other| *other != place).cloned());
        }
        touched
    }

    /// Takes a resource out: it is gone. Those that stand for the same organization come back.
    pub fn leave(&self, place: &Place) -> Vec<Place> {
        let mut known = self.known();
        known.tried.remove(place);
        known.not_found.remove(place);
        known.leave(place)
    }

    /// A look at the resource ended without telling which organization it is.
    pub fn note_tried(&self, place: &Place) {
        self.known().tried.insert(place.clone());
    }

    /// The instance there has no organization of this name.
    pub fn note_not_found(&self, place: &Place, origin: Origin, name: &str) {
        let sought = (origin, name.to_owned());
        self.known().not_found.insert(place.clone(), sought);
    }

    /// Whether one of this name was not found there when it was looked for last.
    pub fn is_not_found(&self, place: &Place, origin: &Origin, name: &str) -> bool {
        let known = self.known();
        let sought = known.not_found.get(place);
        sought.is_some_and(|(there, sought)| there == origin && sought == name)
    }

    /// Whether the resource was looked at in this process, whatever came of it.
    pub fn was_looked_at(&self, place: &Place) -> bool {
        let known = self.known();
        known.tried.contains(place) || known.resolved.contains_key(place)
    }

    /// The older resource that manages the organization, if there is one.
    pub fn older(&self, id: OrganizationId, place: &Place) -> Option<Place> {
        let known = self.known();
        let owners = known.organizations.get(&id)?;
        let own = owners.get(place)?;
        let rank = |place: &Place, owner: &Owner| (owner.created, place.clone());
        owners
            .iter()
            .filter(|(other, owner)| *other != place && owner.mode == Mode::Manage)
            .filter(|(other, owner)| rank(other, owner) < rank(place, own))
            .min_by_key(|(other, owner)| rank(other, owner))
            .map(|(other, _)| other.clone())
    }

    /// The other resources of the same organization, whatever their mode: their claims protect.
    pub fn beside(&self, id: OrganizationId, place: &Place) -> Vec<Place> {
        let known = self.known();
        let owners = known.organizations.get(&id).into_iter().flatten();
        owners
            .map(|(other, _)| other)
            .filter(|other| *other != place)
            .cloned()
            .collect()
    }

    /// In which Xopero ONE a resource was found in this process.
    pub fn found_in(&self, place: &Place) -> Option<Arc<str>> {
        let known = self.known();
        let id = known.resolved.get(place)?;
        let owner = known.organizations.get(id)?.get(place)?;
        Some(Arc::clone(&owner.instance))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn leave(&mut self, place: &Place) -> Vec<Place> {
        let Some(id) = self.resolved.remove(place) else {
            return Vec::new();
        };
        let Some(owners) = self.organizations.get_mut(&id) else {
            return Vec::new();
        };
        owners.remove(place);
        let touched = owners.keys().cloned().collect();
        if owners.is_empty() {
            self.organizations.remove(&id);
        }
        touched
    }
}

/// Who a conflict is with, for the message.
pub(super) fn key(place: &Place) -> ClaimKey {
    ClaimKey {
        kind: crate::decide::ClaimKind::Organization,
        namespace: place.namespace.clone(),
        name: place.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Barrier},
        thread,
        time::Duration,
    };

    use super::*;

    fn place(namespace: &str) -> Place {
        Place {
            namespace: namespace.to_owned(),
            name: "acme".to_owned(),
        }
    }

    fn owner(second: i64, mode: Mode) -> Owner {
        Owner {
            uid: second.to_string(),
            created: Timestamp::from_second(second).unwrap(),
            mode,
            instance: "https://here.example.com".into(),
        }
    }

    fn id() -> OrganizationId {
        OrganizationId::numbered(7)
    }

    #[test]
    fn the_older_manages_and_the_younger_takes_over_when_it_goes() {
        let owners = Owners::default();
        owners.enter(id(), &place("old"), owner(1, Mode::Manage));
        owners.enter(id(), &place("young"), owner(2, Mode::Manage));
        assert_eq!(owners.older(id(), &place("young")), Some(place("old")));
        assert_eq!(owners.older(id(), &place("old")), None);
        assert_eq!(owners.leave(&place("old")), [place("young")]);
        assert_eq!(owners.older(id(), &place("young")), None);
    }

    #[test]
    fn one_was_looked_at_once_it_is_resolved_or_that_was_tried() {
        let owners = Owners::default();
        assert!(!owners.was_looked_at(&place("a")));
        owners.enter(id(), &place("a"), owner(1, Mode::Manage));
        assert!(owners.was_looked_at(&place("a")));
        owners.note_tried(&place("b"));
        assert!(owners.was_looked_at(&place("b")));
        owners.leave(&place("b"));
        assert!(!owners.was_looked_at(&place("b")), "another of that name");
    }

    #[test]
    fn one_is_not_found_where_and_as_what_it_was_looked_for() {
        let owners = Owners::default();
        let origin = |url| Origin::parse(url).unwrap();
        let there = origin("https://there.example.com");
        owners.note_not_found(&place("a"), there.clone(), "acme");
        assert!(owners.is_not_found(&place("a"), &there, "acme"));
        assert!(!owners.is_not_found(&place("a"), &there, "Acme"));
        assert!(!owners.is_not_found(&place("a"), &origin("https://other.example.com"), "acme"));
        owners.enter(id(), &place("a"), owner(1, Mode::Manage));
        assert!(
            !owners.is_not_found(&place("a"), &there, "acme"),
            "it was found"
        );
        owners.note_not_found(&place("b"), there.clone(), "acme");
        owners.leave(&place("b"));
        assert!(!owners.is_not_found(&place("b"), &there, "acme"));
    }

    #[test]
    fn one_that_means_another_organization_now_is_taken_out_of_the_one_before() {
        let owners = Owners::default();
        let other = OrganizationId::numbered(8);
        owners.enter(id(), &place("old"), owner(1, Mode::Manage));
        owners.enter(id(), &place("young"), owner(2, Mode::Manage));
        assert_eq!(
            owners.enter(other, &place("old"), owner(1, Mode::Manage)),
            [place("young")]
        );
        assert_eq!(owners.older(id(), &place("young")), None);
        assert!(owners.found_in(&place("old")).is_some());
        owners.leave(&place("old"));
        assert_eq!(owners.found_in(&place("old")), None);
    }

    /// The watch takes resources out while passes ask for them, each on a thread of its own.
    #[test]
    fn whoever_asks_and_whoever_leaves_never_wait_for_each_other() {
        const TIMES: usize = 1_000_000;
        let owners = Arc::new(Owners::default());
        let both_begin = Arc::new(Barrier::new(2));
        let (ended, ends) = std::sync::mpsc::channel();
        let works: [fn(&Owners); 2] = [
            |owners| drop(owners.leave(&place("a"))),
            |owners| assert!(!owners.was_looked_at(&place("b"))),
        ];
        for work in works {
            let (owners, ended) = (Arc::clone(&owners), ended.clone());
            let both_begin = Arc::clone(&both_begin);
            thread::spawn(move || {
                both_begin.wait();
                (0..TIMES).for_each(|_| work(&owners));
                ended.send(()).unwrap();
            });
        }
        for _ in 0..2 {
            assert_eq!(ends.recv_timeout(Duration::from_mins(1)), Ok(()));
        }
    }

    #[test]
    fn equal_ages_go_by_namespace() {
        let owners = Owners::default();
        owners.enter(id(), &place("b"), owner(1, Mode::Manage));
        owners.enter(id(), &place("a"), owner(1, Mode::Manage));
        assert_eq!(owners.older(id(), &place("b")), Some(place("a")));
        assert_eq!(owners.older(id(), &place("a")), None);
    }

    #[test]
    fn one_that_observes_contends_for_nothing_and_is_beside_all_the_same() {
        let owners = Owners::default();
        owners.enter(id(), &place("old"), owner(1, Mode::Observe));
        owners.enter(id(), &place("young"), owner(2, Mode::Manage));
        assert_eq!(owners.older(id(), &place("young")), None);
        assert_eq!(owners.beside(id(), &place("young")), [place("old")]);
    }
}
