//! Which repositories or projects a plan selects, by patterns on their names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::schema;

/// In is what some include matches and no exclude does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NameSelector {
    /// Wildcards of the names to select, for example `["platform/*", "api-?"]`; `["**"]` selects everything.
    /// Without `include` and `includeRegex` nothing is selected. `*` stands for any characters but `/`, `**` for any
    /// characters, `?` for one character but `/`. Compared without regard to case with the name, with
    /// `organization/name` and, where there is a project, with `project/name` and `organization/project/name`. At
    /// most 100 wildcards of 256 characters. What a wildcard no longer selects after a change stays attached with
    /// `membership: Additive` and is detached with `Exclusive`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::globs")]
    pub include: Vec<String>,

    /// Wildcards of the names to leave out, for example `["*-archive"]`. They win over every include.
    /// Written like `include`; at most 100 of 256 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::globs")]
    pub exclude: Vec<String>,

    /// Regular expressions of the names to select, for example `["svc-[0-9]+"]`, beside `include`. Each must match a
    /// whole name, as those of `include` do, without regard to case. At most 16 of 256 characters; compiled, they
    /// and those of `include` may take 2 MiB together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::regexes")]
    pub include_regex: Vec<String>,

    /// Regular expressions of the names to leave out, for example `[".*-(test|demo)"]`. They win over every include.
    /// Written like `includeRegex`; at most 16 of 256 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "schema::regexes")]
    pub exclude_regex: Vec<String>,
}
