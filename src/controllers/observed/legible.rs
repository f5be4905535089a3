//! What can still be read of a resource that cannot be decoded.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// How many things may be wrong in a resource of which the rest is read.
const MOST: usize = 20;

/// The resource without what is wrong in it: as good as nothing to act on, but what it names is named. `None`: something is wrong without
/// which it means nothing.
pub(super) fn legible<K: DeserializeOwned>(value: &Value) -> Option<K> {
    let mut rest = value.clone();
    for _ in 0..MOST {
        match serde_path_to_error::deserialize::<_, K>(&rest) {
            Ok(resource) => return Some(resource),
            Err(error) => leave_out(&mut rest, error.path())?,
        }
    }
    None
}

/// `None`: there is no such place, as where something is missing.
fn leave_out(value: &mut Value, path: &Path) -> Option<()> {
    let mut segments = path.iter().peekable();
    let mut at = value;
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match (segment, at) {
            (Segment::Map { key }, Value::Object(fields)) if is_last => {
                return fields.remove(key).map(drop);
            }
            (Segment::Seq { index }, Value::Array(items)) if is_last => {
                return (*index < items.len()).then(|| drop(items.remove(*index)));
            }
            (Segment::Map { key }, Value::Object(fields)) => at = fields.get_mut(key)?,
            (Segment::Seq { index }, Value::Array(items)) => at = items.get_mut(*index)?,
            (
                Segment::Map { .. } | Segment::Seq { .. } | Segment::Enum { .. } | Segment::Unknown,
                _,
            ) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::api::{XoperoBackupPlan, XoperoRepository};

    fn value(spec: &Value) -> Value {
        json!({ "metadata": { "name": "api", "namespace": "backup" }, "spec": spec })
    }

    #[rstest]
    #[case::a_word_of_a_later_version(
        json!({ "organizationRef": { "name": "acme" }, "name": "api", "plans": ["Nightly"], "license": "Sometimes" }),
        Some(vec!["Nightly"])
    )]
    #[case::a_part_of_a_list(
        json!({ "organizationRef": { "name": "acme" }, "name": "api", "plans": [7, "Nightly", { "name": "Weekly" }] }),
        Some(vec!["Nightly"])
    )]
    #[case::the_whole_list(
        json!({ "organizationRef": { "name": "acme" }, "name": "api", "plans": "Nightly" }),
        Some(vec![])
    )]
    #[case::its_name(json!({ "organizationRef": { "name": "acme" }, "name": 7, "plans": ["Nightly"] }), None)]
    #[case::to_what_it_refers(json!({ "organizationRef": "acme", "name": "api", "plans": ["Nightly"] }), None)]
    #[case::it_has_no_name(json!({ "organizationRef": { "name": "acme" }, "plans": ["Nightly"] }), None)]
    fn what_is_wrong_is_left_out_where_the_rest_says_something_without_it(
        #[case] spec: Value,
        #[case] plans: Option<Vec<&str>>,
    ) {
        let read: Option<XoperoRepository> = legible(&value(&spec));
        let named = read.as_ref().map(|read| &read.spec.plans);
        let named = named.map(|plans| plans.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(named, plans);
    }

    #[test]
    fn what_a_plan_excludes_in_words_that_cannot_be_read_is_not_excluded() {
        let spec = json!({
            "organizationRef": { "name": "acme" }, "planName": "Nightly",
            "repositories": { "include": ["api", 7], "exclude": [{}] }, "freshness": { "maxAge": 7 },
        });
        let read: XoperoBackupPlan = legible(&value(&spec)).unwrap();
        let repositories = read.spec.repositories.unwrap();
        assert_eq!(repositories.include, ["api"]);
        assert!(repositories.exclude.is_empty(), "{repositories:?}");
    }

    #[test]
    fn what_stands_beside_what_cannot_be_read_stays() {
        let spec = json!({
            "organizationRef": { "name": "acme" }, "planName": "Nightly",
            "settings": { "includeMetadata": "yes", "parameters": { "compression": "High" } },
        });
        let read: XoperoBackupPlan = legible(&value(&spec)).unwrap();
        let settings = read.spec.settings.unwrap();
        assert_eq!(settings.include_metadata, None);
        assert_eq!(settings.parameters.unwrap().len(), 1);
    }

    #[test]
    fn a_status_that_cannot_be_read_is_left_out_as_well() {
        let spec = json!({ "organizationRef": { "name": "acme" }, "name": "api" });
        let mut value = value(&spec);
        value["status"] = json!({ "repositoryId": 7, "licensed": true });
        value["status"]["drift"] = json!({
            "total": 1, "items": [{ "action": "Attach", "name": "api", "held": 7 }],
        });
        let read: XoperoRepository = legible(&value).unwrap();
        let status = read.status.unwrap();
        assert_eq!(status.licensed, Some(true));
        let items = status.drift.unwrap().items;
        assert_eq!(items.len(), 1, "but for why it is held");
    }
}
