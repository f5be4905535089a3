//! The settings of a plan that are sent: only what the user declared, and nothing that could point at another plan.

use std::collections::BTreeMap;

use serde_json::Value;

/// What to change in a plan. What is left out is not sent; whether it then keeps its value is not documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanSettings {
    /// Whether metadata is backed up too.
    pub include_metadata: Option<bool>,
    /// Further settings by their names on the wire, sent flat beside the plan's id. None of these names is documented.
    pub parameters: BTreeMap<String, Value>,
}

/// Why settings cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A parameter that would say which plan, organization, repository or project is meant.
    #[error(
        "settings.parameters: \"{key}\" would say what the change is made to, which the operator does; remove it"
    )]
    NamesTarget {
        /// The parameter.
        key: String,
    },
    /// One setting under two names.
    #[error(
        "settings.parameters: \"{key}\" is there twice, in two spellings or as a field of its own; keep one of them"
    )]
    Twice {
        /// The second of the two.
        key: String,
    },
    /// No name.
    #[error("settings.parameters: a parameter has an empty name; remove it")]
    Empty,
}

/// What a parameter may not be called, folded: the server takes any casing, and so might a layer before it.
const TARGETS: [&str; 8] = [
    "id",
    "planid",
    "organizationid",
    "repositoryid",
    "repositoryids",
    "repositoriesids",
    "projectid",
    "projectids",
];

/// What is wrong with the names of parameters whatever they are called on the wire: one is empty, is in any casing that of an id, or is
/// there in two casings.
pub(super) fn check_parameter_keys<'key>(
    parameters: impl IntoIterator<Item = &'key str>,
) -> Result<(), SettingsError> {
    let mut seen = std::collections::BTreeSet::new();
    for key in parameters {
        let folded = fold(key);
        if folded.is_empty() {
            return Err(SettingsError::Empty);
        }
        if TARGETS.contains(&folded.as_str()) {
            return Err(SettingsError::NamesTarget {
                key: super::display_name(key),
            });
        }
        if !seen.insert(folded) {
            return Err(SettingsError::Twice {
                key: super::display_name(key),
            });
        }
    }
    Ok(())
}

/// One spelling for all casings of a name: lower case, without what separates words.
pub(super) fn fold(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, '_' | '-') && !character.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing(&[], Ok(()))]
    #[case::settings(&["retention", "scheduleType"], Ok(()))]
    #[case::the_plan(&["PLANID"], Err(SettingsError::NamesTarget { key: "PLANID".to_owned() }))]
    #[case::snake(&["plan_id"], Err(SettingsError::NamesTarget { key: "plan_id".to_owned() }))]
    #[case::an_id(&["Id"], Err(SettingsError::NamesTarget { key: "Id".to_owned() }))]
    #[case::organization(&["OrganizationId"], Err(SettingsError::NamesTarget { key: "OrganizationId".to_owned() }))]
    #[case::repositories(&["repositoryIDs"], Err(SettingsError::NamesTarget { key: "repositoryIDs".to_owned() }))]
    #[case::project(&["ProjectId"], Err(SettingsError::NamesTarget { key: "ProjectId".to_owned() }))]
    #[case::two_casings(&["Retention", "retention"], Err(SettingsError::Twice { key: "retention".to_owned() }))]
    #[case::no_name(&[" "], Err(SettingsError::Empty))]
    fn a_parameter_names_a_setting_and_never_a_target(
        #[case] keys: &[&str],
        #[case] expected: Result<(), SettingsError>,
    ) {
        assert_eq!(check_parameter_keys(keys.iter().copied()), expected);
    }
}
