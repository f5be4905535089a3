//! Names on the wire: which one a request must use, and how an answer spells its own.

use serde_json::{Map, Value};

use super::{Casing, Dialect};
use crate::{
    endpoint::Endpoint,
    names::{self, Shape},
};

/// A dialect names a field that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("names has the key {key:?}, which is no field: write one of {}", known.join(", "))]
pub struct UnknownKey {
    key: String,
    known: Vec<String>,
}

impl Dialect {
    /// Names a field otherwise on the wire. The keys are those of [`crate::names::keys`].
    #[must_use]
    pub fn naming(mut self, key: &str, wire: &str) -> Self {
        self.names.insert(key.to_owned(), Some(wire.to_owned()));
        self
    }

    /// Takes a field out of answers.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.names.insert(key.to_owned(), None);
        self
    }

    /// Refuses a key of `names` that is no field.
    pub(crate) fn check(&self) -> Result<(), UnknownKey> {
        let known: Vec<String> = names::keys().into_iter().map(|(key, _)| key).collect();
        match self.names.keys().find(|key| !known.contains(key)) {
            Some(key) => Err(UnknownKey {
                key: key.clone(),
                known,
            }),
            None => Ok(()),
        }
    }

    /// The name that a request's field has, none when no name counts for it.
    pub(crate) fn request_name<'a>(&'a self, endpoint: Endpoint, name: &'a str) -> Option<&'a str> {
        if self.names.is_empty() {
            return Some(name);
        }
        match self.names.get(&format!("request.{endpoint}.{name}")) {
            Some(wire) => wire.as_deref(),
            None => Some(name),
        }
    }

    /// The name that an answer's field has, none when it is not shown.
    pub(crate) fn response_name(&self, shape: Shape, name: &str) -> Option<String> {
        let wire = if self.names.is_empty() {
            name
        } else {
            match self.names.get(&format!("response.{}.{name}", shape.name())) {
                Some(wire) => wire.as_deref()?,
                None => name,
            }
        };
        Some(match self.casing {
            Casing::CamelCase => wire.to_owned(),
            Casing::PascalCase => capitalized(wire),
        })
    }
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// An object of an answer, spelled as the dialect says.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    dialect: &'a Dialect,
    shape: Shape,
    fields: Map<String, Value>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(dialect: &'a Dialect, shape: Shape) -> Self {
        Self {
            dialect,
            shape,
            fields: Map::new(),
        }
    }

    #[must_use]
    pub(crate) fn put(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        debug_assert!(
            self.shape.fields().iter().any(|(field, _)| *field == name),
            "{name} is a field of {:?}",
            self.shape
        );
        if let Some(wire) = self.dialect.response_name(self.shape, name) {
            self.fields.insert(wire, value.into());
        }
        self
    }

    pub(crate) fn done(self) -> Value {
        Value::Object(self.fields)
    }
}
