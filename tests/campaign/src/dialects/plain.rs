//! Answers and requests in a dialect, as they would be in the usual one: the safety monitor reads but one.

use serde_json::{Map, Value};
use xopero_simulator::{Dialect, dialect::Visibility};

use crate::journal::{Event, Side, What, xopero::endpoint};

/// The events with the bodies of Xopero ONE as it usually speaks.
pub(crate) fn plain(events: &[Event], dialect: &Dialect) -> Vec<Event> {
    let usual = Dialect::default();
    let is_usual = dialect.names == usual.names
        && dialect.casing == usual.casing
        && dialect.repository_organization == usual.repository_organization;
    let mut events = events.to_vec();
    if is_usual {
        return events;
    }
    // Whose rows are listed where they do not say so: what the request asked for.
    let mut asked_of = std::collections::BTreeMap::new();
    for event in &mut events {
        match &mut event.what {
            What::Asked(asked) if asked.side == Side::Xopero => {
                asked.body = renamed(&asked.body, dialect);
                let organization = asked.body.get("organizationId").cloned();
                let lists =
                    endpoint(&asked.path) == Some(xopero_simulator::Endpoint::ListRepositories);
                asked_of.insert(event.number, organization.filter(|_| lists));
            }
            What::Answered(answered) => {
                if let Some(organization) = asked_of.get(&answered.request) {
                    answered.body = renamed(&answered.body, dialect);
                    let is_hidden = dialect.repository_organization == Visibility::Hidden;
                    if let Some(organization) = organization.as_ref().filter(|_| is_hidden) {
                        said_whose(&mut answered.body, organization);
                    }
                }
            }
            What::Asked(_) | What::Watched(_) | What::Called(_) | What::Done(_) => {}
        }
    }
    events
}

fn said_whose(body: &mut Value, organization: &Value) {
    let rows = body.get_mut("result").and_then(Value::as_array_mut);
    for row in rows.into_iter().flatten() {
        if let Some(fields) = row.as_object_mut() {
            fields.insert("organizationId".to_owned(), organization.clone());
        }
    }
}

fn renamed(value: &Value, dialect: &Dialect) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (usual(name, dialect), renamed(value, dialect)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.iter().map(|value| renamed(value, dialect)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// What a field is usually called.
fn usual(name: &str, dialect: &Dialect) -> String {
    let is_it = |wire: &Option<String>| {
        wire.as_deref()
            .is_some_and(|wire| wire.eq_ignore_ascii_case(name))
    };
    let key = dialect
        .names
        .iter()
        .find_map(|(key, wire)| is_it(wire).then_some(key));
    if let Some((_, usual)) = key.and_then(|key| key.rsplit_once('.')) {
        return usual.to_owned();
    }
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use xopero_simulator::dialect::Casing;

    use super::*;

    #[test]
    fn names_are_the_usual_ones_at_whatever_depth() {
        let dialect = Dialect {
            casing: Casing::PascalCase,
            ..Dialect::default()
        };
        let dialect = dialect.naming("response.repository.hasLicence", "hasSeat");
        assert_eq!(
            renamed(&json!({"Result": [{"HasSeat": true, "id": "x"}]}), &dialect),
            json!({"result": [{"hasLicence": true, "id": "x"}]})
        );
    }
}
