//! Which resources stand for which organization in Xopero ONE, across the whole process: an organization has one writer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use k8s_openapi::jiff::Timestamp;

use super::super::observed::Place;
use crate::{api::Mode, decide::ClaimKey, inventory::OrganizationId};

/// One resource that stands for an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its uid.
    pub uid: String,
    /// When it was created: the older manages.
    pub created: Timestamp,
    /// An Observe organization contends for nothing.
    pub mode: Mode,
}

/// All resources by the organization that they resolved to.
#[derive(Debug, Default)]
pub struct Owners {
    organizations: Mutex<BTreeMap<OrganizationId, BTreeMap<Place, Owner>>>,
    /// Those that could not be resolved although that was tried.
    tried: Mutex<BTreeSet<Place>>,
}

impl Owners {
    /// Takes a resource in. The places whose standing may be another now come back.
    pub fn enter(&self, id: OrganizationId, place: &Place, owner: Owner) -> Vec<Place> {
        let mut organizations = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut touched = leave(&mut organizations, place, Some(id));
        let owners = organizations.entry(id).or_default();
        if owners.get(place) != Some(&owner) {
            owners.insert(place.clone(), owner);
            touched.extend(owners.keys().filter(|other| *other != place).cloned());
        }
        touched
    }

    /// Takes a resource out: it is gone. Those that stand for the same organization come back.
    pub fn leave(&self, place: &Place) -> Vec<Place> {
        let mut organizations = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.tried
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(place);
        leave(&mut organizations, place, None)
    }

    /// A look at the resource ended without telling which organization it is.
    pub fn note_tried(&self, place: &Place) {
        self.tried
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(place.clone());
    }

    /// Whether the resource was looked at in this process, whatever came of it.
    pub fn was_looked_at(&self, place: &Place) -> bool {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        tried.contains(place) || self.resolved(place).is_some()
    }

    /// The older resource that manages the organization, if there is one.
    pub fn older(&self, id: OrganizationId, place: &Place) -> Option<Place> {
        let organizations = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let owners = organizations.get(&id)?;
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
        let organizations = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        organizations
            .get(&id)
            .map(|owners| {
                owners
                    .keys()
                    .filter(|other| *other != place)
                    .cloned()
                    .collect()
            })
            .unwrap_or_default()
    }

    /// Which organization a resource resolved to in this process.
    pub fn resolved(&self, place: &Place) -> Option<OrganizationId> {
        let organizations = self
            .organizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        organizations
            .iter()
            .find(|(_, owners)| owners.contains_key(place))
            .map(|(id, _)| *id)
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

fn leave(
    organizations: &mut BTreeMap<OrganizationId, BTreeMap<Place, Owner>>,
    place: &Place,
    except: Option<OrganizationId>,
) -> Vec<Place> {
    let mut touched = Vec::new();
    for (_, owners) in organizations
        .iter_mut()
        .filter(|(id, _)| Some(**id) != except)
    {
        if owners.remove(place).is_some() {
            touched.extend(owners.keys().cloned());
        }
    }
    organizations.retain(|_, owners| !owners.is_empty());
    touched
}

#[cfg(test)]
mod tests {
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
