//! Answers, read tolerantly: names in any casing, likely spellings, unknown fields ignored, null accepted but where an
//! id is needed. A value of another kind than expected counts as not shown, so it is never read as "no".

use std::collections::{BTreeMap, BTreeSet};

use secrecy::SecretString;
use serde_json::{Map, Value};

use super::{
    fields::{
        Field, LOGIN_TOKEN, ORGANIZATION_DRIVER, ORGANIZATION_ID, ORGANIZATION_NAME,
        ORGANIZATION_PLANS, ORGANIZATION_REMOVED, ORGANIZATION_SYNCHRONIZING, PAGE_COUNT,
        PAGE_NUMBER, PAGE_ROWS, PAGE_TOTAL, PLAN_BACKUP_TYPE, PLAN_FINISHED, PLAN_ID,
        PLAN_METADATA, PLAN_NAME, PLAN_REFERENCE_ID, PLAN_REPOSITORIES, PLAN_ROWS, PLAN_RUNNING,
        PLAN_STATUS, REPOSITORY_ID, REPOSITORY_LICENCE, REPOSITORY_NAME, REPOSITORY_ORGANIZATION,
        REPOSITORY_PLANS, REPOSITORY_PROJECT, REPOSITORY_PROJECT_NAME, REPOSITORY_REMOVED,
        STATUS_ERRORS, STATUS_SUCCESSES, STATUS_WARNINGS,
    },
    names::WireNames,
};
use crate::xopero::{
    errors::AnswerDefect,
    ids::{Id, PlanId},
    model::{LastStatus, Organization, Plan, Repository},
    paging::Page,
    settings::fold,
};

/// The longest token that is believed to be one, in bytes; servers refuse longer headers.
const LONGEST_TOKEN: usize = 16 * 1024;

/// The token in the answer to a login.
pub(in crate::xopero) fn access_token(
    body: &[u8],
    names: &WireNames,
) -> Result<SecretString, AnswerDefect> {
    let answer = json(body)?;
    let missing = AnswerDefect::FieldMissing {
        key: LOGIN_TOKEN.key,
    };
    let Value::Object(object) = &answer else {
        return Err(missing);
    };
    let token = Shape::new(object, names)
        .text(&LOGIN_TOKEN)
        .unwrap_or_default();
    // It becomes a header: nothing but what may stand in one.
    if token.is_empty()
        || token.len() > LONGEST_TOKEN
        || !token.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(missing);
    }
    Ok(SecretString::from(token))
}

/// What is wrong with the answer to a write that succeeded; an empty body and any JSON are fine.
pub(in crate::xopero) fn defect_of_acknowledgement(body: &[u8]) -> Option<AnswerDefect> {
    if body.trim_ascii().is_empty() {
        return None;
    }
    json(body).err()
}

/// One page of organizations.
pub(in crate::xopero) fn organization_page(
    body: &[u8],
    names: &WireNames,
) -> Result<Page<Organization>, AnswerDefect> {
    page(body, (&PAGE_ROWS, names), |row| {
        Ok(Organization {
            id: row.required_id(&ORGANIZATION_ID)?,
            driver: row.integer(&ORGANIZATION_DRIVER),
            name: row.text(&ORGANIZATION_NAME).unwrap_or_default(),
            synchronizing: row.truth(&ORGANIZATION_SYNCHRONIZING),
            plans: row.plans(&ORGANIZATION_PLANS),
            removed_repositories: row.integer(&ORGANIZATION_REMOVED),
        })
    })
}

/// The plans of an organization: a bare array, or a page.
pub(in crate::xopero) fn plan_page(
    body: &[u8],
    names: &WireNames,
) -> Result<Page<Plan>, AnswerDefect> {
    page(body, (&PLAN_ROWS, names), |row| {
        Ok(Plan {
            id: row.required_id(&PLAN_ID)?,
            name: row.text(&PLAN_NAME).unwrap_or_default(),
            backup_type: row.integer(&PLAN_BACKUP_TYPE),
            include_metadata: row.truth(&PLAN_METADATA),
            repository_count: row.integer(&PLAN_REPOSITORIES),
            last_status: row.object(&PLAN_STATUS).map(|status| LastStatus {
                successes: status.integer(&STATUS_SUCCESSES),
                warnings: status.integer(&STATUS_WARNINGS),
                errors: status.integer(&STATUS_ERRORS),
            }),
            finished_at: row.integer(&PLAN_FINISHED),
            running: row.truth(&PLAN_RUNNING),
        })
    })
}

/// One page of repositories.
pub(in crate::xopero) fn repository_page(
    body: &[u8],
    names: &WireNames,
) -> Result<Page<Repository>, AnswerDefect> {
    page(body, (&PAGE_ROWS, names), |row| {
        Ok(Repository {
            id: row.required_id(&REPOSITORY_ID)?,
            name: row.text(&REPOSITORY_NAME).unwrap_or_default(),
            organization: row.optional_id(&REPOSITORY_ORGANIZATION)?,
            // Some Git services call projects by keys; what is no GUID is nothing that a plan could be told.
            project: row.optional_id(&REPOSITORY_PROJECT).unwrap_or_default(),
            project_name: row
                .text(&REPOSITORY_PROJECT_NAME)
                .filter(|name| !name.is_empty()),
            licence: row.truth(&REPOSITORY_LICENCE),
            removed: row.truth(&REPOSITORY_REMOVED),
            plans: row.plans(&REPOSITORY_PLANS),
        })
    })
}

fn page<Row>(
    body: &[u8],
    (list, names): (&Field, &WireNames),
    decode: impl Fn(&Shape<'_>) -> Result<Row, AnswerDefect>,
) -> Result<Page<Row>, AnswerDefect> {
    let answer = json(body)?;
    let no_list = AnswerDefect::NoList { key: list.key };
    let (rows, [number, count, total]) = match &answer {
        Value::Array(rows) => (Some(rows.as_slice()), [None; 3]),
        Value::Object(object) => {
            let envelope = Shape::new(object, names);
            let numbers =
                [&PAGE_NUMBER, &PAGE_COUNT, &PAGE_TOTAL].map(|field| envelope.integer(field));
            (envelope.rows(list), numbers)
        }
        // As in an object: how some servers write an empty list.
        Value::Null => (Some([].as_slice()), [None; 3]),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => (None, [None; 3]),
    };
    let rows = rows.ok_or(no_list)?.iter().map(|row| {
        // A row that is no object has no id, which is what the message should be about.
        let empty = Map::new();
        decode(&Shape::new(row.as_object().unwrap_or(&empty), names))
    });
    Ok(Page {
        rows: rows.collect::<Result<_, _>>()?,
        number,
        count,
        total,
    })
}

/// Some servers of Windows begin every text with one.
pub(in crate::xopero) fn without_byte_order_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body)
}

/// Any JSON, and if it is none, what it seems to be.
fn json(body: &[u8]) -> Result<Value, AnswerDefect> {
    let body = without_byte_order_mark(body);
    serde_json::from_slice(body).map_err(|error| match body.trim_ascii_start().first() {
        Some(b'<') => AnswerDefect::WebPage,
        _ if error.is_eof() => AnswerDefect::CutShort,
        Some(_) | None => AnswerDefect::NotJson,
    })
}

/// The fields of one JSON object, by their names in any casing.
struct Shape<'answer> {
    values: BTreeMap<String, &'answer Value>,
    names: &'answer WireNames,
}

impl<'answer> Shape<'answer> {
    fn new(object: &'answer Map<String, Value>, names: &'answer WireNames) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in object {
            let kept = values.entry(fold(name)).or_insert(value);
            if kept.is_null() {
                *kept = value;
            }
        }
        Self { values, names }
    }

    /// The first spelling that has a value; null is no value.
    fn find(&self, field: &Field) -> Option<&'answer Value> {
        self.names
            .folded(field)
            .filter_map(|spelling| self.values.get(spelling).copied())
            .find(|value| !value.is_null())
    }

    /// The rows of a page, under a name of `list`. Null is how some servers write an empty list; whether there are none is for the
    /// page's numbers to agree with.
    fn rows(&self, list: &Field) -> Option<&'answer [Value]> {
        match self.find(list) {
            Some(rows) => rows.as_array().map(Vec::as_slice),
            None => self
                .names
                .folded(list)
                .any(|spelling| self.values.contains_key(spelling))
                .then_some(&[]),
        }
    }

    fn text(&self, field: &Field) -> Option<String> {
        self.find(field)?.as_str().map(str::to_owned)
    }

    fn truth(&self, field: &Field) -> Option<bool> {
        match self.find(field)? {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => text.to_lowercase().parse().ok(),
            // As databases write it; any other number is something else.
            Value::Number(_) => match self.integer(field)? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn integer(&self, field: &Field) -> Option<i64> {
        match self.find(field)? {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) => text.parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn object(&self, field: &Field) -> Option<Self> {
        Some(Self::new(self.find(field)?.as_object()?, self.names))
    }

    fn required_id<Of>(&self, field: &Field) -> Result<Id<Of>, AnswerDefect> {
        self.optional_id(field)?
            .ok_or(AnswerDefect::FieldMissing { key: field.key })
    }

    /// Absent, null and all zeros are "none"; anything else that is no GUID is not understood, and what is not
    /// understood about an identifier voids the listing.
    fn optional_id<Of>(&self, field: &Field) -> Result<Option<Id<Of>>, AnswerDefect> {
        match self.find(field) {
            None => Ok(None),
            Some(value) => id(value).ok_or(AnswerDefect::FieldMissing { key: field.key }),
        }
    }

    /// The ids of an array of plans. One entry that is not understood makes it unknown as a whole: to leave the entry
    /// out would say that the plan is not there.
    fn plans(&self, field: &Field) -> Option<BTreeSet<PlanId>> {
        let entries = self.find(field)?.as_array()?;
        entries
            .iter()
            .map(|entry| match entry {
                Value::Object(object) => {
                    id(Self::new(object, self.names).find(&PLAN_REFERENCE_ID)?)?
                }
                Value::String(_) => id(entry)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
            })
            .collect()
    }
}

/// An id: `None` when the value is no GUID, `Some(None)` when it is all zeros or empty.
#[expect(
    clippy::option_option,
    reason = "not understood and not set must not be mixed up"
)]
fn id<Of>(value: &Value) -> Option<Option<Id<Of>>> {
    let text = value.as_str()?.trim();
    let blank = text.is_empty() || text.parse::<uuid::Uuid>().is_ok_and(|guid| guid.is_nil());
    if blank {
        return Some(None);
    }
    Id::parse(text).map(Some)
}

/// A float that is a whole number, as some serializers write them.
fn whole(number: f64) -> Option<i64> {
    /// Above this a float no longer counts in ones.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = number.fract() == 0.0 && number.abs() < EXACT;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the number is whole and within the bounds of i64"
    )]
    exact.then_some(number as i64)
}

#[cfg(test)]
mod tests;
