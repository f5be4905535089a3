//! From what was seen of a run to the lines of its table.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use super::{
    audit::{self, Writes},
    measured::Taken,
    scenario::{Kind, Size},
    simulator::Call,
    table::{Row, Target, Unit, number},
};

/// The organizations are listed before and after the repositories: in between one may have begun to synchronize.
pub(super) const ORGANIZATION_LISTINGS: u64 = 2;

/// How many readings are looked at once nothing is left to do.
pub(super) const IDLE: u64 = 3;

/// How many more calls than the fewest are fine.
const ALLOWANCE: f64 = 1.05;

/// How much longer than the connection's limits ask for it may take.
const TIME_ALLOWANCE: f64 = 1.15;

/// `Reconciling`, and the result.
const STATUS_WRITES: u64 = 2;

/// The most memory at one time, in millions of bytes.
const MEMORY: f64 = 150.0;

/// The heartbeat of whoever leads: it goes on whatever else happens.
const LEASES: &str = "leases";

/// What was seen from the start until every resource was Ready.
#[derive(Debug)]
pub(super) struct Converged {
    pub(super) kind: Kind,
    pub(super) size: Size,
    pub(super) calls: Vec<Call>,
    pub(super) writes: Writes,
    pub(super) taken: Taken,
    pub(super) started: SystemTime,
}

impl Converged {
    pub(super) fn rows(&self) -> Result<Vec<Row>> {
        let mut rows = self.asked();
        rows.extend(self.times()?);
        rows.extend(self.written());
        rows.push(Row::told(
            "CPU time until then",
            Unit::Seconds,
            self.taken.cpu.as_secs_f64(),
        ));
        Ok(rows)
    }

    fn asked(&self) -> Vec<Row> {
        let size = self.size;
        let fewest = [
            ("login", 1),
            ("listOrganizations", ORGANIZATION_LISTINGS),
            ("listPlans", 1),
            ("listRepositories", size.pages()),
            ("activate", size.activations()),
            ("attachRepository", size.attachments()),
        ];
        let calls = |name: &str| count(&self.calls, name);
        let of_endpoint = |(name, fewest): (&str, u64)| {
            Row::count(format!("calls of {name}"), calls(name), fewest, ALLOWANCE)
        };
        let mut rows: Vec<Row> = fewest.into_iter().map(of_endpoint).collect();
        let known: u64 = fewest.into_iter().map(|(name, _)| calls(name)).sum();
        let others = self.calls.len() as u64 - known;
        rows.push(Row::count("other calls", others, 0, 1.0));
        let most = self.calls.iter().map(|call| call.in_flight).max();
        rows.push(Row {
            target: Target::AtMost(f64::from(size.in_flight)),
            ..Row::told(
                "most calls under way",
                Unit::Count,
                number(most.unwrap_or_default()),
            )
        });
        rows
    }

    fn times(&self) -> Result<Vec<Row>> {
        let is_write = |call: &&Call| call.is_of("activate") || call.is_of("attachRepository");
        let at = |call: Option<&Call>| {
            let call = call.context("the operator has made no such call")?;
            Ok::<_, anyhow::Error>(Duration::from_millis(call.time).as_secs_f64())
        };
        let started = since_epoch(self.started)?;
        let first = at(self.calls.first())?;
        let first_write = at(self.calls.iter().find(is_write))?;
        let last = at(self.calls.iter().rev().find(is_write))?;
        let answered = last + self.size.answer_time.as_secs_f64();
        let reported = self
            .writes
            .iter()
            .filter(|(kind, _)| kind.resource != LEASES);
        let reported = reported.map(|(_, count)| count.last).max();
        let reported = reported.context("the operator has written no status")?;
        let reported = since_epoch(reported.into())?;
        let lower_bound = self.size.time();
        let told = |what: &str, seconds: f64| Row::told(what, Unit::Seconds, seconds);
        Ok(vec![
            told("from the start to the first call", first - started),
            told(
                "from the first call to the first write",
                first_write - first,
            ),
            Row {
                lower_bound: Some(lower_bound),
                target: Target::AtMost(lower_bound * TIME_ALLOWANCE),
                ..told(
                    "from the first call until Xopero ONE has converged",
                    answered - first,
                )
            },
            told(
                "from the start until every resource says so",
                reported - started,
            ),
        ])
    }

    fn written(&self) -> Vec<Row> {
        let claims = match self.kind {
            Kind::Plan => 1,
            Kind::Resources => u64::from(self.size.repositories),
        };
        let objects = |resource: &str| match resource {
            "xoperoconnections/status" | "xoperoorganizations/status" => Some(1),
            "xoperobackupplans/status" | "xoperorepositories/status" => Some(claims),
            _ => None,
        };
        let row = |(kind, count): (&audit::Kind, &audit::Count)| {
            let what = format!("{} {}", kind.verb, kind.resource);
            let refused = Row::told(
                format!("{what}, refused"),
                Unit::Count,
                number(count.refused),
            );
            let done = match objects(&kind.resource) {
                Some(objects) => Row::count(what, count.done, objects * STATUS_WRITES, 1.0),
                None => Row::told(what, Unit::Count, number(count.done)),
            };
            [Some(done), Some(refused).filter(|_| count.refused > 0)]
        };
        self.writes.iter().flat_map(row).flatten().collect()
    }
}

/// What was seen of the readings after that.
#[derive(Debug)]
pub(super) struct Idle {
    pub(super) size: Size,
    pub(super) calls: Vec<Call>,
    pub(super) writes: Writes,
    pub(super) before: Taken,
    pub(super) after: Taken,
}

impl Idle {
    pub(super) fn rows(&self) -> Vec<Row> {
        let listings = [
            ("listOrganizations", ORGANIZATION_LISTINGS),
            ("listPlans", 1),
            ("listRepositories", self.size.pages()),
        ];
        let listed: u64 = listings
            .into_iter()
            .map(|(name, _)| count(&self.calls, name))
            .sum();
        let fewest: u64 = listings.into_iter().map(|(_, fewest)| fewest).sum();
        let others = self.calls.len() as u64 - listed;
        let written = self
            .writes
            .iter()
            .filter(|(kind, _)| kind.resource != LEASES);
        let written: u64 = written.map(|(_, count)| count.done + count.refused).sum();
        let cpu = self.after.cpu.saturating_sub(self.before.cpu).as_secs_f64();
        let megabytes = |bytes: u64| number(bytes) / 1e6;
        vec![
            Row::count(
                "three idle readings: list calls",
                listed,
                IDLE * fewest,
                ALLOWANCE,
            ),
            Row::count("three idle readings: other calls", others, 0, 1.0),
            Row::count(
                "three idle readings: writes to the API server",
                written,
                0,
                1.0,
            ),
            Row::told("three idle readings: CPU time", Unit::Seconds, cpu),
            Row::told(
                "memory at the end",
                Unit::Megabytes,
                megabytes(self.after.now),
            ),
            Row {
                target: Target::Below(MEMORY),
                ..Row::told("peak memory", Unit::Megabytes, megabytes(self.after.peak))
            },
        ]
    }
}

fn count(calls: &[Call], endpoint: &str) -> u64 {
    calls.iter().filter(|call| call.is_of(endpoint)).count() as u64
}

fn since_epoch(time: SystemTime) -> Result<f64> {
    Ok(time.duration_since(UNIX_EPOCH)?.as_secs_f64())
}
