//! The interface under `/_simulator/`: state, edits, journal, faults, dialect. It is not part of Xopero ONE, and open to whoever reaches the port.

use hyper::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    dialect::Dialect,
    edit::Edit,
    endpoint::Endpoint,
    faults::Fault,
    journal::Entry,
    reply::{Answer, JSON},
    server::Shared,
    state::State,
};

/// What its paths begin with.
pub(crate) const ROOT: &str = "/_simulator/";

/// A request to it.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a Method,
    /// What follows the root.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}

impl Request<'_> {
    /// The last value of a parameter of the query. No value here needs decoding.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value)
            .next_back()
    }

    /// The body, as JSON or YAML.
    fn read<T: DeserializeOwned>(&self) -> Result<T, Answer> {
        let text = std::str::from_utf8(self.body).map_err(refused)?;
        serde_saphyr::from_str(text).map_err(refused)
    }

    /// The body, which is one of something or a list of them.
    fn read_list<T: DeserializeOwned>(&self) -> Result<Vec<T>, Answer> {
        let text = std::str::from_utf8(self.body).map_err(refused)?;
        let value: serde_json::Value = serde_saphyr::from_str(text).map_err(refused)?;
        if value.is_array() {
            serde_json::from_value(value).map_err(refused)
        } else {
            serde_json::from_value(value)
                .map(|one| vec![one])
                .map_err(refused)
        }
    }
}

pub(crate) fn answer(shared: &Shared, request: &Request<'_>) -> Answer {
    routed(shared, request).unwrap_or_else(|refused| refused)
}

fn routed(shared: &Shared, request: &Request<'_>) -> Result<Answer, Answer> {
    let (subject, id) = request.path.split_once('/').unwrap_or((request.path, ""));
    match (request.method.as_str(), subject, id) {
        ("GET", "health", "") => Ok(Answer::new(200, "text/plain", "ok\n")),
        ("GET", "state", "") => state(shared, request),
        ("PUT", "state", "") => replace(shared, request),
        ("POST", "edits", "") => edits(shared, request),
        ("GET", "journal", "") => journal(shared, request),
        ("GET", "journal", "summary") => json_of(&shared.lock().journal.summary()),
        ("DELETE", "journal", "") => {
            shared.lock().journal.clear();
            Ok(nothing())
        }
        ("GET", "faults", "") => json_of(&shared.lock().script.reports()),
        ("POST", "faults", "") => inject(shared, request),
        ("DELETE", "faults", "") => {
            shared.lock().script.heal_all();
            Ok(nothing())
        }
        ("DELETE", "faults", id) => heal(shared, id),
        ("GET", "dialect", "") => json_of(&shared.lock().world.dialect),
        ("PUT", "dialect", "") => {
            let dialect: Dialect = request.read()?;
            shared.lock().set_dialect(dialect).map_err(refused)?;
            Ok(nothing())
        }
        _ => Err(Answer::new(
            404,
            "text/plain",
            "write GET health; GET or PUT state; POST edits; GET or DELETE journal; GET journal/summary; GET, POST or DELETE faults; DELETE faults/ID; GET or PUT dialect\n",
        )),
    }
}

fn state(shared: &Shared, request: &Request<'_>) -> Result<Answer, Answer> {
    let state = shared.lock().save();
    if request.parameter("format") == Some("yaml") {
        let yaml = state.to_yaml().map_err(refused)?;
        return Ok(Answer::new(200, "application/yaml", yaml));
    }
    json_of(&state)
}

fn replace(shared: &Shared, request: &Request<'_>) -> Result<Answer, Answer> {
    let text = std::str::from_utf8(request.body).map_err(refused)?;
    let state = State::from_yaml(text).map_err(refused)?;
    shared.lock().replace(state).map_err(refused)?;
    Ok(nothing())
}

/// Makes edits in order, up to the first that cannot be made.
fn edits(shared: &Shared, request: &Request<'_>) -> Result<Answer, Answer> {
    let edits: Vec<Edit> = request.read_list()?;
    let mut simulation = shared.lock();
    for (index, edit) in edits.into_iter().enumerate() {
        simulation
            .edit(edit)
            .map_err(|error| Answer::new(400, "text/plain", format!("edit {index}: {error}\n")))?;
    }
    Ok(nothing())
}

fn journal(shared: &Shared, request: &Request<'_>) -> Result<Answer, Answer> {
    let since = request.parameter("since").unwrap_or("0");
    let since: u64 = since.parse().map_err(refused)?;
    let endpoint = request.parameter("endpoint");
    let endpoint = endpoint
        .map(|name| serde_json::from_value::<Endpoint>(json!(name)))
        .transpose()
        .map_err(refused)?;
    let target = request.parameter("target");
    let simulation = shared.lock();
    let entries: Vec<&Entry> = simulation
        .journal
        .since(since)
        .iter()
        .filter(|entry| endpoint.is_none() || entry.endpoint == endpoint)
        .filter(|entry| target.is_none_or(|target| entry.names(target)))
        .collect();
    json_of(&entries)
}

fn inject(shared: &Shared, request: &Request<'_>) -> Result<Answer, Answer> {
    let faults: Vec<Fault> = request.read_list()?;
    let mut simulation = shared.lock();
    let ids: Vec<u64> = faults
        .into_iter()
        .map(|fault| simulation.script.inject(fault))
        .collect();
    json_of(&json!({ "ids": ids }))
}

fn heal(shared: &Shared, id: &str) -> Result<Answer, Answer> {
    let number: u64 = id.parse().map_err(refused)?;
    if shared.lock().script.heal(number) {
        return Ok(nothing());
    }
    Err(Answer::new(
        404,
        "text/plain",
        format!("there is no fault {id}\n"),
    ))
}

fn nothing() -> Answer {
    Answer::new(204, JSON, "")
}

fn json_of(value: &impl Serialize) -> Result<Answer, Answer> {
    let text = serde_json::to_string(value).map_err(refused)?;
    Ok(Answer::new(200, JSON, text))
}

/// The error with what it comes from, on one line each.
fn refused(error: impl std::error::Error) -> Answer {
    let mut text = format!("{error}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        text.push('\n');
        source = cause.source();
    }
    Answer::new(400, "text/plain", text)
}
