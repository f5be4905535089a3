//! Compiled selectors, kept as long as a declaration is there and stays the same: compiling takes longer than matching.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kube::ResourceExt;

use super::observed::Place;
use crate::{
    api::NameSelector,
    decide::{PatternError, Selector},
};

type Compiled = Result<Arc<Selector>, Unusable>;

/// A selector of which some pattern cannot be used.
#[derive(Clone, Debug)]
pub struct Unusable {
    /// Which, and why.
    pub why: PatternError,
    /// What it still says: that protects.
    pub usable: Arc<Selector>,
}
type ByField = BTreeMap<&'static str, Kept>;

/// The selectors of all plans, by place and field.
#[derive(Debug, Default)]
pub struct Selectors {
    compiled: Mutex<HashMap<Place, ByField>>,
}

/// A compiled selector, and what it was compiled from.
#[derive(Debug)]
struct Kept {
    uid: Option<String>,
    generation: Option<i64>,
    selector: Compiled,
}

impl Selectors {
    /// The compiled selector of one field of a resource as it is now.
    ///
    /// # Errors
    /// When a pattern cannot be used.
    pub fn get(
        &self,
        resource: &impl ResourceExt,
        field: &'static str,
        spec: &NameSelector,
    ) -> Compiled {
        self.compile(resource, field, || {
            let compiled = Selector::new(spec).map(Arc::new);
            compiled.map_err(|why| Unusable {
                why,
                usable: Arc::new(Selector::usable(spec)),
            })
        })
    }

    /// The compiled exceptions of an organization's protection.
    ///
    /// # Errors
    /// When a pattern cannot be used.
    pub fn globs(
        &self,
        resource: &impl ResourceExt,
        globs: &[String],
    ) -> Result<Arc<Selector>, PatternError> {
        let compiled = self.compile(resource, "protection.except", || {
            let compiled = Selector::globs(globs).map(Arc::new);
            compiled.map_err(|why| Unusable {
                why,
                usable: Arc::default(),
            })
        });
        compiled.map_err(|unusable| unusable.why)
    }

    fn compile(
        &self,
        resource: &impl ResourceExt,
        field: &'static str,
        compile: impl FnOnce() -> Compiled,
    ) -> Compiled {
        let place = Place::of(resource);
        let (uid, generation) = (resource.uid(), resource.meta().generation);
        let is_same = |kept: &&Kept| kept.uid == uid && kept.generation == generation;
        let known = self
            .compiled()
            .get(&place)
            .and_then(|fields| fields.get(field))
            .filter(is_same)
            .map(|kept| kept.selector.clone());
        if let Some(selector) = known {
            return selector;
        }
        // Nobody else waits for it: a hundred expressions take their time.
        let selector = compile();
        let kept = Kept {
            uid,
            generation,
            selector: selector.clone(),
        };
        self.compiled()
            .entry(place)
            .or_default()
            .insert(field, kept);
        selector
    }

    /// Keeps those of resources that are still there.
    pub fn retain(&self, is_there: impl Fn(&Place) -> bool) {
        self.compiled().retain(|place, _| is_there(place));
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.compiled().is_empty()
    }

    fn compiled(&self) -> MutexGuard<'_, HashMap<Place, ByField>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;
    use crate::api::XoperoOrganization;

    fn organization(name: &str) -> XoperoOrganization {
        serde_json::from_value(serde_json::json!({
            "metadata": { "name": name, "namespace": "backup", "uid": name, "generation": 1 },
            "spec": { "connectionRef": { "name": "xopero" }, "name": name, "provider": "GitHub" },
        }))
        .unwrap()
    }

    #[test]
    fn one_is_compiled_once_and_again_when_it_changed() {
        let selectors = Selectors::default();
        let globs = ["a*".to_owned()];
        let mut acme = organization("acme");
        let first = selectors.globs(&acme, &globs).unwrap();
        let same = selectors.globs(&acme, &globs).unwrap();
        assert!(Arc::ptr_eq(&first, &same));
        acme.metadata.generation = Some(2);
        let changed = selectors.globs(&acme, &globs).unwrap();
        assert!(!Arc::ptr_eq(&first, &changed));
    }

    #[test]
    fn while_one_is_compiled_another_is_not_waited_for() {
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            let selectors = Selectors::default();
            let slow = organization("slow");
            let compiled = selectors.compile(&slow, "protection.except", || {
                selectors.globs(&organization("quick"), &[]).unwrap();
                Ok(Arc::default())
            });
            done.send(compiled.is_ok()).unwrap();
        });
        assert_eq!(is_done.recv_timeout(Duration::from_mins(1)), Ok(true));
    }
}
