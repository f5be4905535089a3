//! Compiled selectors, kept as long as a declaration stays the same: compiling takes longer than matching.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kube::ResourceExt;

use super::observed::Place;
use crate::{
    api::NameSelector,
    decide::{PatternError, Selector},
};

type Compiled = Result<Arc<Selector>, PatternError>;
type ByField = HashMap<(Place, &'static str), Kept>;

/// The selectors of all plans, by place and field.
#[derive(Debug, Default)]
pub struct Selectors {
    compiled: Mutex<ByField>,
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
        self.compile(resource, field, || Selector::new(spec))
    }

    /// The compiled exceptions of an organization's protection.
    ///
    /// # Errors
    /// When a pattern cannot be used.
    pub fn globs(&self, resource: &impl ResourceExt, globs: &[String]) -> Compiled {
        self.compile(resource, "protection.except", || Selector::globs(globs))
    }

    fn compile(
        &self,
        resource: &impl ResourceExt,
        field: &'static str,
        compile: impl FnOnce() -> Result<Selector, PatternError>,
    ) -> Compiled {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (Place::of(resource), field);
        let (uid, generation) = (resource.uid(), resource.meta().generation);
        if let Some(kept) = compiled.get(&key)
            && kept.uid == uid
            && kept.generation == generation
        {
            return kept.selector.clone();
        }
        let selector = compile().map(Arc::new);
        compiled.insert(
            key,
            Kept {
                uid,
                generation,
                selector: selector.clone(),
            },
        );
        selector
    }
}
