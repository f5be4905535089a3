//! A call as it arrived: the endpoint, and the fields of its body under the names that the dialect expects.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    dialect::Dialect,
    endpoint::Endpoint,
    journal::{Kind, Target},
    names,
    world::World,
};

/// One call of an endpoint.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) endpoint: Endpoint,
    /// None when it is no JSON object.
    pub(crate) body: Option<Map<String, Value>>,
    pub(crate) authorization: Authorization,
    /// The page to read in place of the one asked for: what a fault makes of it.
    pub(crate) other_page: Option<usize>,
}

// The body of a login holds a password.
impl std::fmt::Debug for Call {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Call({})", self.endpoint)
    }
}

/// The header `Authorization`, which `Debug` does not show.
#[derive(Clone, Default)]
pub(crate) struct Authorization(pub(crate) Option<String>);

impl std::fmt::Debug for Authorization {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.0.is_some() { "***" } else { "none" })
    }
}

/// A field holds what it cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("the field {name:?} is no {expected}")]
pub(crate) struct Malformed {
    name: String,
    expected: &'static str,
}

impl Call {
    /// The field of this name of ours, whatever it is called on the wire, in any casing.
    pub(crate) fn field(&self, dialect: &Dialect, name: &str) -> Option<&Value> {
        let wire = dialect.request_name(self.endpoint, name)?;
        let body = self.body.as_ref()?;
        body.iter()
            .find(|(sent, _)| sent.eq_ignore_ascii_case(wire))
            .map(|(_, value)| value)
            .filter(|value| !value.is_null())
    }

    pub(crate) fn id(&self, dialect: &Dialect, name: &str) -> Result<Option<Uuid>, Malformed> {
        let field = self.field(dialect, name);
        field.map(|value| parse_id(name, value)).transpose()
    }

    /// The ids of an array; none when there is no such field.
    pub(crate) fn ids(&self, dialect: &Dialect, name: &str) -> Result<Vec<Uuid>, Malformed> {
        let Some(field) = self.field(dialect, name) else {
            return Ok(Vec::new());
        };
        let ids = field.as_array().ok_or_else(|| Malformed {
            name: name.to_owned(),
            expected: "array",
        })?;
        ids.iter().map(|id| parse_id(name, id)).collect()
    }

    pub(crate) fn number(&self, dialect: &Dialect, name: &str) -> Result<Option<usize>, Malformed> {
        let Some(field) = self.field(dialect, name) else {
            return Ok(None);
        };
        let number = field
            .as_u64()
            .and_then(|number| usize::try_from(number).ok());
        number.map(Some).ok_or_else(|| Malformed {
            name: name.to_owned(),
            expected: "number",
        })
    }

    pub(crate) fn text<'a>(&'a self, dialect: &Dialect, name: &str) -> Option<&'a str> {
        self.field(dialect, name)?.as_str()
    }

    /// The fields whose names the endpoint does not know.
    pub(crate) fn unknown_fields<'a>(
        &'a self,
        dialect: &'a Dialect,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let known: Vec<&str> = names::request(self.endpoint)
            .into_iter()
            .filter_map(|(name, _)| dialect.request_name(self.endpoint, name))
            .collect();
        let fields = self.body.iter().flatten();
        fields.filter(move |(sent, _)| !known.iter().any(|name| name.eq_ignore_ascii_case(sent)))
    }

    /// What the call names, with the names that those things have now.
    pub(crate) fn targets(&self, world: &World) -> Vec<Target> {
        let dialect = &world.dialect;
        let one = |kind, name: &str| {
            let id = self.id(dialect, name).ok().flatten()?;
            Some(target(world, kind, id))
        };
        let fields = names::request(self.endpoint);
        let is_asked = |name: &str| fields.iter().any(|(field, _)| *field == name);
        let repositories = if is_asked("repositoryIds") {
            self.ids(dialect, "repositoryIds").unwrap_or_default()
        } else {
            Vec::new()
        };
        [
            (Kind::Organization, "organizationId"),
            (Kind::Plan, "planId"),
            (Kind::Project, "projectId"),
            (Kind::Repository, "repositoryId"),
        ]
        .into_iter()
        .filter(|(_, name)| is_asked(name))
        .filter_map(|(kind, name)| one(kind, name))
        .chain(
            repositories
                .into_iter()
                .map(|id| target(world, Kind::Repository, id)),
        )
        .collect()
    }
}

fn target(world: &World, kind: Kind, id: Uuid) -> Target {
    let name = match kind {
        Kind::Organization => world.organization(id).map(|found| &found.name),
        Kind::Plan => world.plans.get(&id).map(|found| &found.name),
        Kind::Project => world.projects.get(&id).map(|found| &found.name),
        Kind::Repository => world.repositories.get(&id).map(|found| &found.name),
    };
    Target {
        kind,
        id,
        name: name.cloned(),
    }
}

fn parse_id(name: &str, value: &Value) -> Result<Uuid, Malformed> {
    value
        .as_str()
        .and_then(|text| Uuid::parse_str(text).ok())
        .ok_or_else(|| Malformed {
            name: name.to_owned(),
            expected: "guid",
        })
}
