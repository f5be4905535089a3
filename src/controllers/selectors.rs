//! Compiled selectors, kept as long as a declaration stays the same: compiling takes longer than matching.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    api::NameSelector,
    decide::{PatternError, Selector},
};

type Compiled = Result<Arc<Selector>, PatternError>;

/// The selectors of all plans, by uid and field.
#[derive(Debug, Default)]
pub struct Selectors {
    compiled: Mutex<HashMap<(String, &'static str), (i64, Compiled)>>,
}

impl Selectors {
    /// The compiled selector of one field of one generation of a resource.
    ///
    /// # Errors
    /// When a pattern cannot be used.
    pub fn get(
        &self,
        (uid, generation, field): (&str, i64, &'static str),
        spec: &NameSelector,
    ) -> Compiled {
        self.compile((uid, generation, field), || Selector::new(spec))
    }

    /// The compiled exceptions of an organization's protection.
    ///
    /// # Errors
    /// When a pattern cannot be used.
    pub fn globs(&self, (uid, generation): (&str, i64), globs: &[String]) -> Compiled {
        self.compile((uid, generation, "protection.except"), || {
            Selector::globs(globs)
        })
    }

    fn compile(
        &self,
        (uid, generation, field): (&str, i64, &'static str),
        compile: impl FnOnce() -> Result<Selector, PatternError>,
    ) -> Compiled {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (uid.to_owned(), field);
        if let Some((of, selector)) = compiled.get(&key)
            && *of == generation
        {
            return selector.clone();
        }
        let selector = compile().map(Arc::new);
        compiled.insert(key, (generation, selector.clone()));
        selector
    }

    /// Forgets a resource that is gone.
    pub fn forget(&self, uid: &str) {
        self.compiled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(of, _), _| of != uid);
    }
}
