//! Names replaced at deployment: `--wire-names FILE`, a flat YAML map from our name to the one on the wire.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_saphyr::DuplicateKeyPolicy;

use super::fields::{ALL, Field};
use crate::xopero::settings::fold;

/// The names on the wire: the table's, but for those that a file replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireNames {
    replaced: BTreeMap<&'static str, String>,
    /// All spellings as they are looked for, by key: folded once, and not anew for each field of each row.
    folded: BTreeMap<&'static str, Vec<String>>,
}

impl Default for WireNames {
    fn default() -> Self {
        Self::replacing(BTreeMap::new())
    }
}

/// Why a file of wire names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireNamesError {
    /// No flat map of strings.
    #[error(
        "the wire names are not a flat YAML map of names: {message}; write lines such as \"request.activate.repositoryIds: repositoriesIds\""
    )]
    NotMap {
        /// What the parser says.
        message: String,
    },
    /// A key that is no field.
    #[error(
        "the wire names hold \"{key}\", which is none of ours; what may be named: {}",
        list()
    )]
    Unknown {
        /// The key.
        key: String,
    },
    /// A key that is there twice.
    #[error(
        "the wire names give \"{key}\" two names; keep one of them; what may be named: {}",
        list()
    )]
    Twice {
        /// The key.
        key: String,
    },
    /// A name that cannot be a field's.
    #[error(
        "the wire names give \"{key}\" a name that is empty, longer than 100 bytes or not printable; write the name of a JSON field"
    )]
    Unusable {
        /// The key.
        key: String,
    },
    /// Two fields under one name.
    #[error(
        "the wire names give \"{key}\" and \"{other}\" one name; give each its own; what may be named: {}",
        list()
    )]
    Shared {
        /// One key.
        key: &'static str,
        /// The other.
        other: &'static str,
    },
}

/// Everything that may be named, for the person who mistyped one.
fn list() -> String {
    WireNames::keys().collect::<Vec<_>>().join(", ")
}

/// The longest name of a field, in bytes; a bound only so that a wrong file is noticed.
const LONGEST_NAME: usize = 100;

impl WireNames {
    /// Everything that may be named.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|field| field.key)
    }

    /// Reads the replacements; an empty document replaces nothing.
    ///
    /// # Errors
    /// When the document is no flat map of strings, names a field that does not exist or one field twice, or gives two
    /// fields of one request or answer the same name.
    pub fn from_yaml(text: &str) -> Result<Self, WireNamesError> {
        let options = serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::PassThrough };
        let entries: Option<Entries> =
            serde_saphyr::from_str_with_options(text, options).map_err(|error| {
                WireNamesError::NotMap {
                    message: first_line(&error.to_string()),
                }
            })?;
        let mut replaced = BTreeMap::new();
        for (key, name) in entries.unwrap_or_default().0 {
            let Some(field) = ALL.iter().find(|field| field.key == key) else {
                return Err(WireNamesError::Unknown {
                    key: crate::xopero::display_name(&key),
                });
            };
            let printable = name.chars().all(|character| character.is_ascii_graphic());
            if name.is_empty() || name.len() > LONGEST_NAME || !printable {
                return Err(WireNamesError::Unusable { key });
            }
            if replaced.insert(field.key, name).is_some() {
                return Err(WireNamesError::Twice { key });
            }
        }
        let names = Self::replacing(replaced);
        names.check_shared()?;
        Ok(names)
    }

    fn replacing(replaced: BTreeMap<&'static str, String>) -> Self {
        let mut names = Self {
            replaced,
            folded: BTreeMap::new(),
        };
        for field in ALL {
            let spellings = names.spellings(field).map(fold).collect();
            names.folded.insert(field.key, spellings);
        }
        names
    }

    /// The names by which `field` is looked for, folded: the replacement alone, if there is one.
    pub(super) fn folded(&self, field: &Field) -> impl Iterator<Item = &str> {
        let spellings = self.folded.get(field.key);
        spellings.into_iter().flatten().map(String::as_str)
    }

    /// The name that is sent for `field`, or by which it is looked for first.
    pub(in crate::xopero) fn name<'names>(&'names self, field: &Field) -> &'names str {
        self.spellings(field).next().unwrap_or(field.key)
    }

    /// The names of `field`: the replacement alone, if there is one.
    fn spellings<'names>(
        &'names self,
        field: &Field,
    ) -> impl Iterator<Item = &'names str> + use<'names> {
        let replacement = self.replaced.get(field.key).map(String::as_str);
        let table: &'static [&'static str] = if replacement.is_some() {
            &[]
        } else {
            field.spellings
        };
        replacement.into_iter().chain(table.iter().copied())
    }

    /// Two fields of one request or answer must not have one name: one of them would be lost in silence.
    fn check_shared(&self) -> Result<(), WireNamesError> {
        let mut taken: BTreeMap<(&str, String), &'static str> = BTreeMap::new();
        for field in ALL {
            let shape = field
                .key
                .rsplit_once('.')
                .map_or(field.key, |(shape, _)| shape);
            if let Some(other) = taken.insert((shape, fold(self.name(field))), field.key) {
                return Err(WireNamesError::Shared {
                    key: other,
                    other: field.key,
                });
            }
        }
        Ok(())
    }
}

/// The parser's first line; the following ones quote the file.
fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

/// The pairs in the file's order, with those that are there twice.
#[derive(Default)]
struct Entries(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map from names to names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        super::fields::{ACTIVATE_REPOSITORIES, DEACTIVATE_REPOSITORIES, REPOSITORY_LICENCE},
        *,
    };
    use crate::xopero::wire::Endpoint;

    #[test]
    fn a_replaced_name_is_used_and_no_other_spelling_is_tried() {
        let names = WireNames::from_yaml(
            "# for 4.2\nrequest.activate.repositoryIds: repositoriesIds\nresponse.repository.hasLicence: seat\n",
        )
        .unwrap();
        assert_eq!(names.name(&ACTIVATE_REPOSITORIES), "repositoriesIds");
        assert_eq!(names.name(&DEACTIVATE_REPOSITORIES), "repositoryIds");
        assert_eq!(
            names.spellings(&REPOSITORY_LICENCE).collect::<Vec<_>>(),
            ["seat"]
        );
    }

    #[test]
    fn an_empty_file_replaces_nothing() {
        assert_eq!(WireNames::from_yaml(""), Ok(WireNames::default()));
        assert_eq!(
            WireNames::from_yaml("# nothing yet\n"),
            Ok(WireNames::default())
        );
        assert_eq!(WireNames::from_yaml("{}"), Ok(WireNames::default()));
    }

    #[test]
    fn an_unknown_key_is_refused_with_a_list_of_what_may_be_named() {
        let error = WireNames::from_yaml("request.activate.repositoryids: a").unwrap_err();
        assert_eq!(
            error,
            WireNamesError::Unknown {
                key: "request.activate.repositoryids".to_owned()
            }
        );
        for field in ALL {
            assert!(
                error.to_string().contains(field.key),
                "{} is missing in: {error}",
                field.key
            );
        }
    }

    #[test]
    fn two_names_for_one_field_are_refused_with_a_list_of_what_may_be_named() {
        let error =
            WireNames::from_yaml("request.remove.repositoryId: a\nrequest.remove.repositoryId: b")
                .unwrap_err();
        assert_eq!(
            error,
            WireNamesError::Twice {
                key: "request.remove.repositoryId".to_owned()
            }
        );
        assert!(error.to_string().contains("response.page.totalEntries"));
    }

    #[test]
    fn one_name_for_two_fields_of_a_request_is_refused() {
        let error =
            WireNames::from_yaml("request.attachRepository.planId: RepositoryID").unwrap_err();
        assert!(matches!(error, WireNamesError::Shared { .. }), "{error}");
        let exchanged = "request.attachRepository.planId: repositoryid\nrequest.attachRepository.repositoryId: planid";
        assert!(WireNames::from_yaml(exchanged).is_ok());
    }

    #[test]
    fn what_is_no_flat_map_of_names_is_refused() {
        for text in [
            "- a",
            "a",
            "request:\n  activate: a",
            "request.remove.repositoryId: [a]",
        ] {
            let error = WireNames::from_yaml(text).unwrap_err();
            assert!(
                matches!(
                    error,
                    WireNamesError::NotMap { .. } | WireNamesError::Unknown { .. }
                ),
                "{text}: {error}"
            );
        }
        for text in [
            "request.remove.repositoryId: ''",
            "request.remove.repositoryId: \"a\\nb\"",
            "request.remove.repositoryId: 'a b'",
        ] {
            let error = WireNames::from_yaml(text).unwrap_err();
            assert!(
                matches!(error, WireNamesError::Unusable { .. }),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn every_key_is_unique_and_every_request_is_that_of_an_endpoint() {
        let keys: BTreeSet<_> = ALL.iter().map(|field| field.key).collect();
        assert_eq!(keys.len(), ALL.len());
        for key in keys {
            let mut parts = key.split('.');
            match parts.next() {
                Some("request") => {
                    assert!(parts.next().and_then(Endpoint::parse).is_some(), "{key}");
                }
                Some("response") => assert_eq!(parts.count(), 2, "{key}"),
                _ => panic!("{key} is neither of a request nor of an answer"),
            }
        }
    }
}
