//! O3, the safety monitor: one pass over the joint journal, which knows of the operator only what went through the gates.
//!
//! It sees Kubernetes as the operator was shown it, and Xopero ONE as it was answered; so it never blames the operator for what it could
//! not know, and never excuses it by what it might have thought. It states the promises a second time, in its own words.

mod causes;
mod glob;
mod known;
mod surveys;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use xopero_simulator::Endpoint;

use self::{
    causes::{Cause, Removal},
    known::Known,
    view::{Object, View},
};
use crate::journal::{
    Answered, Asked, Deed, Event, Reached, Side, Watched, What,
    kubernetes::{Reference, Verb},
    xopero::{endpoint, is_destructive},
};

/// The window of `removalLimit`, in milliseconds.
const HOUR: u64 = 60 * 60 * 1000;

/// What must not have happened, a sentence each.
pub fn violations(events: &[Event]) -> Vec<String> {
    let mut monitor = Monitor::default();
    for event in events {
        monitor.step(event);
    }
    monitor.violations
}

/// What is known of the run so far.
#[derive(Debug, Default)]
struct Monitor {
    /// Requests that are not answered yet, by number.
    open: BTreeMap<u64, Open>,
    view: View,
    known: Known,
    login: Login,
    /// Removals that may have been made: the numbers of the requests and when they were asked for, by organization.
    removals: BTreeMap<String, BTreeMap<u64, u64>>,
    violations: Vec<String>,
}

#[derive(Clone, Debug)]
struct Open {
    asked: Asked,
    process: u32,
}

#[derive(Debug, Default)]
struct Login {
    /// Requests to sign in that are not answered.
    in_flight: BTreeSet<u64>,
    /// The version of the Secret that was read last; empty before.
    secret: String,
    /// Rejected with this version of it.
    rejected: Option<String>,
}

impl Monitor {
    fn step(&mut self, event: &Event) {
        match &event.what {
            What::Asked(asked) => self.asked(event, asked),
            What::Answered(answered) => self.answered(event, answered),
            What::Watched(watched) => self.watched(event.number, watched),
            // What Xopero ONE made of a call is judged elsewhere: here it counts what the operator asked for.
            What::Called(_) | What::Done(Deed::Changed(_) | Deed::Frozen | Deed::Thawed) => {}
            What::Done(Deed::Started) => {
                self.view = View::default();
                self.known.forget_listings();
            }
            What::Done(Deed::Killed | Deed::Stopped | Deed::Ended) => {
                let dead = event.process;
                self.open.retain(|_, open| open.process != dead);
                let open = &self.open;
                self.login
                    .in_flight
                    .retain(|number| open.contains_key(number));
            }
        }
    }

    fn violate(&mut self, event: &Event, sentence: impl std::fmt::Display) {
        self.violations
            .push(format!("{}: {sentence}", event.number));
    }

    fn asked(&mut self, event: &Event, asked: &Asked) {
        let open = Open {
            asked: asked.clone(),
            process: event.process,
        };
        self.open.insert(event.number, open);
        if asked.side == Side::Kubernetes {
            return;
        }
        if let Some(version) = &self.login.rejected
            && *version == self.login.secret
        {
            let key = &asked.key;
            self.violate(
                event,
                format!("{key}: asked after a rejected login, and the Secret has not changed"),
            );
        }
        let Some(endpoint) = endpoint(&asked.path) else {
            self.violate(event, format!("{} is no endpoint", asked.path));
            return;
        };
        if endpoint == Endpoint::Login {
            if !self.login.in_flight.is_empty() {
                self.violate(event, "a second login while one is in flight");
            }
            self.login.in_flight.insert(event.number);
        }
        self.known.asked(event.number, endpoint, &asked.body);
        if endpoint.is_write() {
            self.judge_write(event, endpoint, asked);
        }
    }

    fn answered(&mut self, event: &Event, answered: &Answered) {
        let Some(open) = self.open.remove(&answered.request) else {
            return;
        };
        let seen = match answered.reached {
            Reached::Whole => answered.status,
            Reached::Nothing => None,
            Reached::Another(status) => Some(status),
        };
        match open.asked.side {
            Side::Kubernetes => self.answered_by_kubernetes(event, &open, answered, seen),
            Side::Xopero => self.answered_by_xopero(answered, &open.asked, seen),
        }
    }

    fn answered_by_kubernetes(
        &mut self,
        event: &Event,
        open: &Open,
        answered: &Answered,
        seen: Option<u16>,
    ) {
        let reference = Reference::of_asked(&open.asked);
        let is_done = answered.status.is_some_and(is_success);
        if !is_done {
            return;
        }
        if reference.verb.is_write() {
            // What was applied counts, whether the operator heard of it or not.
            self.view.written(&answered.body);
        }
        if !seen.is_some_and(is_success) || answered.reached != Reached::Whole {
            return;
        }
        match reference.verb {
            Verb::List => self.view.listed(event.number, &reference, &answered.body),
            Verb::Survey => {
                let asked = (&reference, open.asked.query.as_str());
                self.view.surveyed(event.time, asked, &answered.body);
            }
            Verb::Get if reference.resource == "secrets" => {
                let version = answered.body.pointer("/metadata/resourceVersion");
                version
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .clone_into(&mut self.login.secret);
            }
            Verb::Get => self.view.looked(event.number, &answered.body),
            Verb::Watch
            | Verb::Create
            | Verb::Patch
            | Verb::Update
            | Verb::Delete
            | Verb::Other => {}
        }
    }

    fn answered_by_xopero(&mut self, answered: &Answered, asked: &Asked, seen: Option<u16>) {
        let Some(endpoint) = endpoint(&asked.path) else {
            return;
        };
        if endpoint == Endpoint::Login {
            self.login.in_flight.remove(&answered.request);
            match seen {
                Some(400 | 401 | 403) => self.login.rejected = Some(self.login.secret.clone()),
                Some(200) => self.login.rejected = None,
                Some(_) | None => {}
            }
        }
        if seen.is_some_and(says_not_made) {
            for removals in self.removals.values_mut() {
                removals.remove(&answered.request);
            }
        }
        let body = (answered.reached == Reached::Whole).then_some(&answered.body);
        let status = seen.unwrap_or_default();
        self.known.answered(answered.request, (status, body));
    }

    fn watched(&mut self, number: u64, watched: &Watched) {
        self.view.watched(number, &watched.line);
    }

    fn judge_write(&mut self, event: &Event, endpoint: Endpoint, asked: &Asked) {
        let key = &asked.key;
        let Some(removal) = Removal::of(endpoint, &asked.body, &self.known) else {
            self.violate(
                event,
                format!("{key}: written to something that no listing has shown"),
            );
            return;
        };
        let Some(organization) = self.view.organization(&removal.organization) else {
            self.violate(
                event,
                format!("{key}: written in an organization that no resource declares"),
            );
            return;
        };
        if organization.text("/spec/mode") == "Observe" {
            self.violate(event, format!("{key}: written under Observe"));
        } else if organization.is_paused() {
            self.violate(
                event,
                format!("{key}: written while the organization is paused"),
            );
        }
        if is_destructive(endpoint) {
            self.judge_removal(event, key, &removal);
        }
    }

    fn judge_removal(&mut self, event: &Event, key: &str, removal: &Removal) {
        if let Err(why) = self.known.is_trusted(&removal.organization_id) {
            self.violate(
                event,
                format!("{key}: removed by a listing that may not be trusted: {why}"),
            );
        }
        if let Err(why) = self.view.knows_all(event.time) {
            self.violate(event, format!("{key}: {why}"));
        }
        self.judge_cap(event, key, removal);
        let causes = match causes::causes(&self.view, removal) {
            Ok(causes) => causes,
            Err(why) => {
                self.violate(event, format!("{key}: {why}"));
                return;
            }
        };
        let listings = self.known.listings(&removal.organization_id);
        let begun_last = self.known.begun_last(&removal.organization_id);
        let mut reasons = Vec::new();
        for cause in &causes {
            match self.is_sufficient(cause, listings, begun_last) {
                Ok(()) => return,
                Err(why) => reasons.push(format!("{}: {why}", cause.object.shown())),
            }
        }
        self.violate(event, format!("{key}: {}", reasons.join("; ")));
    }

    /// Whether a resource that asks for a removal may have it now.
    fn is_sufficient(
        &self,
        cause: &Cause<'_>,
        listings: usize,
        begun_last: u64,
    ) -> Result<(), String> {
        if cause.is_derived {
            if let Some(kind) = self.view.unlisted() {
                return Err(format!("derived before any list of {kind}"));
            }
            if listings < 2 {
                return Err(format!(
                    "derived from {listings} whole listings of this process, and not from two"
                ));
            }
            if begun_last <= cause.object.shown_at {
                return Err(
                    "derived from listings that all began before the resource asked for it"
                        .to_owned(),
                );
            }
        }
        let Some(look) = self.view.look(cause.object) else {
            return Err("no fresh look at it was taken".to_owned());
        };
        if look.shown_at <= begun_last {
            return Err("the last look at it is older than the listing".to_owned());
        }
        let same = |pointer: &str| look.at(pointer) == cause.object.at(pointer);
        if !same("/metadata/uid") {
            return Err("another object has its name now".to_owned());
        }
        if !same("/metadata/generation") || look.is_deleting() != cause.object.is_deleting() {
            return Err("it is not what was decided on any more".to_owned());
        }
        Ok(())
    }

    fn judge_cap(&mut self, event: &Event, key: &str, removal: &Removal) {
        let known = self.known.rows(&removal.organization_id);
        let limit = self
            .view
            .organization(&removal.organization)
            .map(|organization| limit(organization, known));
        let approved = self.view.approved();
        let times = self
            .removals
            .entry(removal.organization.clone())
            .or_default();
        times.insert(event.number, event.time);
        let start = event.time.saturating_sub(HOUR);
        let counted = times.values().filter(|time| **time > start).count();
        let limit = limit.unwrap_or_default();
        if counted > limit + approved {
            self.violate(
                event,
                format!("{key}: removal {counted} in an hour, and {limit} are allowed and {approved} approved"),
            );
        }
    }
}

/// Whether an answer says of a write that it was not made.
fn says_not_made(status: u16) -> bool {
    (400..500).contains(&status) || status == 503
}

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// How many removals an hour the organization allows.
fn limit(organization: &Object, known: usize) -> usize {
    const DEFAULT: usize = 10;
    match organization.at("/spec/removalLimit") {
        Value::Number(number) => number
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or_default(),
        Value::String(text) => {
            let percent: usize = text.trim_end_matches('%').parse().unwrap_or_default();
            let share = known * percent / 100;
            if percent == 0 { 0 } else { share.max(1) }
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => DEFAULT,
    }
}

#[cfg(test)]
mod tests;
