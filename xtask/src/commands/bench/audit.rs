//! What the operator wrote to the API server, as the API server's own audit log tells it.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom},
    path::PathBuf,
};

use anyhow::{Context, Result};
use k8s_openapi::jiff::Timestamp;
use serde::Deserialize;
use xtask::operator;

/// One kind of write: a resource, with its subresource, and the verb.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// For example `xoperorepositories/status`.
    pub(super) resource: String,
    /// `create`, `update`, `patch` or `delete`.
    pub(super) verb: String,
}

/// The writes of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// That changed something, as far as the answer tells.
    pub(super) done: u64,
    /// That were refused.
    pub(super) refused: u64,
    /// When the last one was answered.
    pub(super) last: Timestamp,
}

/// The operator's writes since a mark.
pub(super) type Writes = BTreeMap<Kind, Count>;

/// A place in the audit log.
#[derive(Debug)]
pub(super) struct Audit {
    path: PathBuf,
    offset: u64,
}

impl Audit {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, offset: 0 }
    }

    /// What came before no longer counts.
    pub(super) fn mark(&mut self) -> Result<()> {
        let metadata = std::fs::metadata(&self.path);
        self.offset = metadata
            .with_context(|| format!("{} cannot be read", self.path.display()))?
            .len();
        Ok(())
    }

    /// The operator's writes since the mark, which stays where it is.
    pub(super) fn writes(&self) -> Result<Writes> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let account = format!(
            "system:serviceaccount:{}:{}",
            operator::NAMESPACE,
            operator::ACCOUNT
        );
        let mut writes = Writes::new();
        for line in BufReader::new(file).lines() {
            let line = line?;
            // Most lines are somebody else's, and this is cheaper than to decode them.
            if line.contains(&account) {
                take(&mut writes, &line, &account)?;
            }
        }
        Ok(writes)
    }
}

/// The part of an audit event that is counted.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    stage: String,
    verb: String,
    user: User,
    object_ref: Option<Reference>,
    response_status: Option<Status>,
    stage_timestamp: Timestamp,
}

#[derive(Debug, Deserialize)]
struct User {
    username: String,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    resource: String,
    subresource: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
}

fn take(writes: &mut Writes, line: &str, account: &str) -> Result<()> {
    let event: Event = serde_json::from_str(line).context("a line of the audit log is no event")?;
    let is_write = matches!(
        event.verb.as_str(),
        "create" | "update" | "patch" | "delete" | "deletecollection"
    );
    let Some(object) = event.object_ref else {
        return Ok(());
    };
    if event.user.username != account || event.stage != "ResponseComplete" || !is_write {
        return Ok(());
    }
    let kind = Kind {
        resource: match object.subresource {
            Some(sub) => format!("{}/{sub}", object.resource),
            None => object.resource,
        },
        verb: event.verb,
    };
    let count = writes.entry(kind).or_insert(Count {
        done: 0,
        refused: 0,
        last: event.stage_timestamp,
    });
    let code = event.response_status.map_or(0, |status| status.code);
    if (200..300).contains(&code) {
        count.done += 1;
        count.last = count.last.max(event.stage_timestamp);
    } else {
        count.refused += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(user: &str, verb: &str, code: u16) -> String {
        format!(
            r#"{{"stage":"ResponseComplete","verb":"{verb}","user":{{"username":"{user}"}},"objectRef":{{"resource":"xoperorepositories","subresource":"status"}},"responseStatus":{{"code":{code}}},"stageTimestamp":"2026-11-25T01:02:03.5Z"}}"#
        )
    }

    #[test]
    fn only_the_operators_own_writes_are_counted_and_refusals_apart() {
        let mut writes = Writes::new();
        let lines = [
            event("op", "patch", 200),
            event("op", "patch", 422),
            event("op", "get", 200),
            event("somebody", "patch", 200),
        ];

        for line in &lines {
            take(&mut writes, line, "op").unwrap();
        }

        let found: Vec<_> = writes
            .iter()
            .map(|(kind, count)| (kind.resource.as_str(), count.done, count.refused))
            .collect();
        assert_eq!(found, [("xoperorepositories/status", 1, 1)]);
    }
}
