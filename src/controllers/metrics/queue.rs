//! What waits for a pass: from the change that wakes a resource to the moment at which its pass begins.
//!
//! kube keeps the queue itself and tells nothing of it. What enters it and what leaves it is seen from outside.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{Stream, StreamExt, TryStreamExt};
use kube::runtime::{
    controller::Error,
    reflector::{Lookup, ObjectRef},
};
use prometheus_client::{
    collector::Collector,
    encoding::DescriptorEncoder,
    metrics::{family::Family, histogram::Histogram},
    registry::Registry,
};

use super::{
    description::Description,
    passes::{KINDS, KindLabel},
    sample::{self, Sample, number, seconds},
};
use crate::controllers::{
    observed::{Observed, Place},
    watches::Watchable,
};

/// Seconds for which a resource waits: until the one before it is done, or as long as its own last pass still takes.
const WAIT_SECONDS: [f64; 9] = [0.001, 0.01, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 1800.0];

static WAIT: Description = Description::histogram(
    "queue_wait",
    "How long a resource that was woken by a change waited until its pass began",
    "Does it keep up with what changes?",
)
.by(&["kind"]);

static DEPTH: Description = Description::gauge(
    "queue_depth",
    "Resources that were woken by a change and whose pass has not begun",
    "Is there more to do than is done?",
)
.by(&["kind"]);

static LONGEST: Description = Description::gauge(
    "queue_longest_wait",
    "For how long the one has waited that has waited longest; 0 while none waits",
    "Is something not looked at at all?",
)
.in_seconds()
.by(&["kind"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[&WAIT, &DEPTH, &LONGEST];
/// Those that are read at each scrape.
static READ: [&Description; 2] = [&DEPTH, &LONGEST];

/// Since when each resource waits, by its kind.
type Waiting = HashMap<(&'static str, Place), Instant>;

/// The queues of all kinds.
#[derive(Clone, Debug)]
pub(super) struct Queues {
    waiting: Arc<Mutex<Waiting>>,
    waits: Family<KindLabel, Histogram, fn() -> Histogram>,
}

impl Default for Queues {
    fn default() -> Self {
        let waits: fn() -> Histogram = || Histogram::new(WAIT_SECONDS);
        let queues = Self {
            waiting: Arc::default(),
            waits: Family::new_with_constructor(waits),
        };
        // What appears with its first pass shows no increase.
        for kind in KINDS.map(str::to_owned) {
            drop(queues.waits.get_or_create(&KindLabel { kind }));
        }
        queues
    }
}

impl Queues {
    pub(super) fn register(&self, registry: &mut Registry) {
        WAIT.register(registry, self.waits.clone());
        registry.register_collector(Box::new(self.clone()));
    }

    pub(super) fn of(&self, kind: &'static str) -> Queue {
        Queue {
            kind,
            queues: self.clone(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn samples(&self) -> Vec<Sample> {
        let waiting = self.waiting();
        KINDS
            .into_iter()
            .flat_map(|kind| {
                let since = waiting
                    .iter()
                    .filter(|((of, _), _)| *of == kind)
                    .map(|(_, since)| since.elapsed());
                let longest = since.clone().max().unwrap_or(Duration::ZERO);
                [
                    Sample::new(&DEPTH, [kind.into()], number(since.count())),
                    Sample::new(&LONGEST, [kind.into()], seconds(longest)),
                ]
            })
            .collect()
    }
}

impl Collector for Queues {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        sample::encode(encoder, READ.into_iter(), &self.samples())
    }
}

/// The queue of one kind's controllers.
#[derive(Clone, Debug)]
pub struct Queue {
    kind: &'static str,
    queues: Queues,
}

impl Queue {
    /// Each resource that was touched waits from then on.
    pub fn touched<K: Watchable, E, S: Stream<Item = Result<Observed<K>, E>>>(
        &self,
        touched: S,
    ) -> impl Stream<Item = Result<Observed<K>, E>> + use<K, E, S> {
        let queue = self.clone();
        touched.inspect_ok(move |resource| queue.enter(Place::of(resource)))
    }

    /// Each resource that something else wakes waits from then on.
    pub fn woken<K: Lookup, S: Stream<Item = ObjectRef<K>>>(
        &self,
        woken: S,
    ) -> impl Stream<Item = ObjectRef<K>> + use<K, S> {
        let queue = self.clone();
        woken.inspect(move |resource| queue.enter(Place::from(resource)))
    }

    /// What waits already is waited for since then.
    fn enter(&self, place: Place) {
        self.queues
            .waiting()
            .entry((self.kind, place))
            .or_insert_with(Instant::now);
    }

    /// Its pass begins. One that begins by the clock has waited for nothing.
    pub fn begin(&self, place: &Place) {
        if let Some(since) = self.take(place) {
            let kind = self.kind.to_owned();
            self.queues
                .waits
                .get_or_create(&KindLabel { kind })
                .observe(seconds(since.elapsed()));
        }
    }

    /// A pass ended, or none was made since the resource is gone: then it waits no more.
    pub fn note_end<T, P, Q>(&self, ended: &Result<T, Error<P, Q>>)
    where
        P: std::error::Error + 'static,
        Q: std::error::Error + 'static,
    {
        if let Err(Error::ObjectNotFound(gone)) = ended {
            self.take(&Place::from(&**gone));
        }
    }

    fn take(&self, place: &Place) -> Option<Instant> {
        self.queues.waiting().remove(&(self.kind, place.clone()))
    }
}

#[cfg(test)]
mod tests {
    use kube::api::DynamicObject;

    use super::*;

    const KIND: &str = "XoperoBackupPlan";

    fn place(name: &str) -> Place {
        Place {
            namespace: "team".to_owned(),
            name: name.to_owned(),
        }
    }

    fn depth(queues: &Queues) -> Vec<String> {
        let shown = queues
            .samples()
            .into_iter()
            .map(|sample| sample.to_string());
        shown
            .filter(|sample| sample.starts_with("queue_depth") && !sample.ends_with(" = 0"))
            .collect()
    }

    fn waited(queues: &Queues) -> String {
        let mut registry = Registry::default();
        queues.register(&mut registry);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        let count = "queue_wait_seconds_count";
        text.lines()
            .filter(|line| line.starts_with(count) && !line.ends_with(" 0"))
            .collect()
    }

    #[test]
    fn what_is_woken_waits_until_its_pass_begins_and_is_counted_once() {
        let queues = Queues::default();
        let queue = queues.of(KIND);
        queue.enter(place("nightly"));
        queue.enter(place("weekly"));
        queue.enter(place("nightly"));
        queues.of("XoperoRepository").enter(place("nightly"));
        assert_eq!(
            depth(&queues),
            [
                "queue_depth kind=XoperoBackupPlan = 2",
                "queue_depth kind=XoperoRepository = 1"
            ]
        );
        queue.begin(&place("nightly"));
        queue.begin(&place("nightly"));
        assert_eq!(
            waited(&queues),
            format!(r#"queue_wait_seconds_count{{kind="{KIND}"}} 1"#)
        );
        assert_eq!(depth(&queues)[0], "queue_depth kind=XoperoBackupPlan = 1");
    }

    #[test]
    fn what_is_gone_before_its_pass_waits_no_more_and_is_not_counted() {
        let queues = Queues::default();
        let queue = queues.of(KIND);
        queue.enter(place("nightly"));
        let gone = ObjectRef::<DynamicObject>::new_with(
            "nightly",
            kube::api::ApiResource::erase::<crate::api::XoperoBackupPlan>(&()),
        )
        .within("team");
        let ended: Result<(), Error<fmt::Error, fmt::Error>> =
            Err(Error::ObjectNotFound(Box::new(gone)));
        queue.note_end(&ended);
        assert!(depth(&queues).is_empty());
        assert_eq!(waited(&queues), "");
    }

    #[test]
    fn the_longest_wait_is_that_of_the_first_and_nothing_waits_for_no_time() {
        let queues = Queues::default();
        let longest = || {
            let samples = queues.samples().into_iter();
            let of_kind = "queue_longest_wait kind=XoperoBackupPlan = ";
            let shown: Vec<String> = samples.map(|sample| sample.to_string()).collect();
            let value = shown.iter().find_map(|sample| sample.strip_prefix(of_kind));
            value.unwrap().parse::<f64>().unwrap()
        };
        assert!(longest() <= 0.0);
        let an_hour_ago = Instant::now().checked_sub(Duration::from_hours(1)).unwrap();
        queues
            .waiting()
            .insert((KIND, place("nightly")), an_hour_ago);
        queues.of(KIND).enter(place("nightly"));
        queues.of(KIND).enter(place("weekly"));
        assert!(longest() >= 3600.0);
    }
}
