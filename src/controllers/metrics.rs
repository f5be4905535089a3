//! What is counted. What happens is counted where it happens, with labels from closed sets; what there is, is read out of the watches
//! at each scrape.
//!
//! Of names of resources only the namespace and name of connections, organizations and plans are labels: see `objects`.

mod calls;
mod description;
mod objects;
mod page;
mod passes;
mod process;
mod queue;
mod replica;
mod sample;
mod work;

use std::{fmt, sync::Arc, time::Duration};

use prometheus_client::{
    encoding::{prometheus_text, text},
    registry::Registry,
};

use self::{
    calls::Calls, description::PREFIX, objects::Objects, passes::Passes, process::ProcessCollector,
    queue::Queues, replica::Replica, work::Work,
};
pub use self::{
    objects::Sources,
    page::{names, page},
    queue::Queue,
    replica::Role,
};
use super::failure::Failure;
use crate::{api::Reason, xopero::Hooks};

/// What the text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What Prometheus asks for.
    OpenMetrics,
    /// What everything else understands.
    Prometheus,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    replica: Replica,
    calls: Calls,
    passes: Passes,
    queues: Queues,
    work: Work,
    objects: Objects,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            replica: Replica::default(),
            calls: Calls::default(),
            passes: Passes::default(),
            queues: Queues::default(),
            work: Work::default(),
            objects: Objects::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        // No `..`: what is counted is shown.
        let Self {
            registry,
            replica,
            calls,
            passes,
            queues,
            work,
            objects,
        } = self;
        Replica::register_start(registry);
        registry.register_collector(Box::new(ProcessCollector));
        let registry = registry.sub_registry_with_prefix(PREFIX);
        replica.register(registry);
        calls.register(registry);
        passes.register(registry);
        queues.register(registry);
        work.register(registry);
        registry.register_collector(Box::new(objects.clone()));
    }

    /// What clients of Xopero ONE are given so that their requests are counted. Every write may go out.
    pub fn hooks(self: &Arc<Self>) -> Hooks {
        let metrics = Arc::clone(self);
        Hooks {
            observer: Arc::new(move |call| metrics.calls.note(call)),
            ..Hooks::default()
        }
    }

    /// What this replica does from now on.
    pub fn note_role(&self, role: Role) {
        self.replica.plays(role);
    }

    /// From now on each scrape shows what there is.
    pub fn show(&self, sources: Sources) {
        self.objects.show(sources);
    }

    /// Makes a pass over a resource of that kind, and counts how long it took and how it ended.
    ///
    /// # Errors
    /// The pass's own.
    pub fn pass<T, E: Failure>(
        &self,
        kind: &str,
        pass: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        // It is large, and would be copied into what waits for it.
        self.passes.measure(kind, Box::pin(pass))
    }

    /// The queue of a kind's controllers.
    pub fn queue(&self, kind: &'static str) -> Queue {
        self.queues.of(kind)
    }

    /// A status was written.
    pub fn note_status_write(&self, kind: &str) {
        self.passes.note_status_write(kind);
    }

    /// A resource could not be decoded.
    pub fn note_undecodable(&self, kind: &str) {
        self.passes.note_undecodable(kind);
    }

    /// An organization was read as a whole, or could not be, for this reason.
    pub fn note_listing(&self, taken: Duration, failure: Option<Reason>) {
        self.work.note_listing(taken, failure.map(Reason::as_str));
    }

    /// An action ended.
    pub fn note_action(&self, action: &'static str, outcome: &'static str) {
        self.work.note_action(action, outcome);
    }

    /// Everything.
    ///
    /// # Errors
    /// If a metric cannot be written.
    pub fn text(&self, format: Format) -> Result<String, fmt::Error> {
        let mut text = String::new();
        match format {
            Format::OpenMetrics => text::encode(&mut text, &self.registry)?,
            Format::Prometheus => prometheus_text::encode(&mut text, &self.registry)?,
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
