//! What was last seen of each organization that stands in no status, because it moves without a change of state: for metrics.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use super::observed::Place;
use crate::decide::Difference;

/// What was last seen of one organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// When all of it was last listed.
    pub listed_at: Option<SystemTime>,
    /// How many differences there are, in what its own and all claims' declarations ask for.
    pub differences: BTreeMap<Difference, usize>,
}

/// The last look at each organization. A resource made anew under the same name starts without one.
#[derive(Debug, Default)]
pub struct Looks {
    kept: Mutex<HashMap<Place, (Arc<str>, Look)>>,
}

impl Looks {
    /// Everything was listed just now.
    pub fn note_listed(&self, place: &Place, uid: &Arc<str>, at: SystemTime) {
        self.change(place, uid, |look| look.listed_at = Some(at));
    }

    /// These are the differences now.
    pub fn note_differences(
        &self,
        place: &Place,
        uid: &Arc<str>,
        differences: BTreeMap<Difference, usize>,
    ) {
        self.change(place, uid, |look| look.differences = differences);
    }

    /// What was seen is not what the resource means any more.
    pub fn forget(&self, place: &Place) {
        self.kept().remove(place);
    }

    /// The last look at this very resource.
    pub fn get(&self, place: &Place, uid: &str) -> Option<Look> {
        let kept = self.kept();
        let (known, look) = kept.get(place)?;
        (**known == *uid).then(|| look.clone())
    }

    fn change(&self, place: &Place, uid: &Arc<str>, change: impl FnOnce(&mut Look)) {
        let mut kept = self.kept();
        let (known, look) = kept
            .entry(place.clone())
            .or_insert_with(|| (Arc::clone(uid), Look::default()));
        if known != uid {
            *known = Arc::clone(uid);
            *look = Look::default();
        }
        change(look);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Place, (Arc<str>, Look)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            namespace: "backup".to_owned(),
            name: "acme".to_owned(),
        }
    }

    #[test]
    fn a_resource_made_anew_starts_without_a_look() {
        let looks = Looks::default();
        looks.note_listed(&place(), &Arc::from("old"), SystemTime::UNIX_EPOCH);
        assert!(looks.get(&place(), "old").is_some());
        assert_eq!(looks.get(&place(), "new"), None);
        looks.note_differences(&place(), &Arc::from("new"), BTreeMap::new());
        assert_eq!(looks.get(&place(), "new").unwrap().listed_at, None);
    }
}
