//! Which keys something happened to. Nobody who listens misses a key, however late: what is kept is the last time of
//! each key and not a queue.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use futures::{Stream, stream};
use tokio::sync::watch;

/// Tells any number of listeners which keys to look at again.
pub(super) struct Signals<K> {
    /// The number of the last signal.
    latest: watch::Sender<u64>,
    /// The number of the last signal of each key. Keys are few and stay.
    marks: Mutex<BTreeMap<K, u64>>,
}

impl<K> Default for Signals<K> {
    fn default() -> Self {
        Self {
            latest: watch::Sender::new(0),
            marks: Mutex::default(),
        }
    }
}

impl<K: Ord + Clone + Send + 'static> Signals<K> {
    /// Something happened to `key`.
    pub(super) fn mark(&self, key: &K) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        self.latest.send_modify(|latest| {
            *latest += 1;
            marks.insert(key.clone(), *latest);
        });
    }

    /// The keys that something happens to, beginning with all that something has happened to before. Signals of one key
    /// that follow each other faster than they are taken are one.
    pub(super) fn listen(self: &Arc<Self>) -> impl Stream<Item = K> + Send + 'static {
        let listener = Listener {
            receiver: self.latest.subscribe(),
            signals: Arc::clone(self),
            seen: 0,
            pending: VecDeque::new(),
        };
        stream::unfold(listener, async |mut listener| {
            let key = listener.next().await?;
            Some((key, listener))
        })
    }

    /// The keys marked after `seen`, and the number of the last mark among them.
    fn since(&self, seen: u64) -> (VecDeque<K>, u64) {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = || marks.iter().filter(|(_, mark)| **mark > seen);
        let keys = newer().map(|(key, _)| key.clone()).collect();
        let last = newer().map(|(_, mark)| *mark).max().unwrap_or(seen);
        (keys, last)
    }
}

struct Listener<K> {
    receiver: watch::Receiver<u64>,
    signals: Arc<Signals<K>>,
    seen: u64,
    pending: VecDeque<K>,
}

impl<K: Ord + Clone + Send + 'static> Listener<K> {
    /// The next key; `None` never, since the listener itself keeps the other end alive.
    async fn next(&mut self) -> Option<K> {
        loop {
            if let Some(key) = self.pending.pop_front() {
                return Some(key);
            }
            self.receiver.mark_unchanged();
            (self.pending, self.seen) = self.signals.since(self.seen);
            if self.pending.is_empty() {
                self.receiver.changed().await.ok()?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, StreamExt as _};

    use super::*;

    #[tokio::test]
    async fn a_late_listener_is_told_of_every_key_once() {
        let signals = Arc::new(Signals::default());
        for _ in 0..1000 {
            signals.mark(&"b");
            signals.mark(&"a");
        }
        let mut first = Box::pin(signals.listen());
        let mut second = Box::pin(signals.listen());
        assert_eq!(first.next().await, Some("a"));
        assert_eq!(first.next().await, Some("b"));
        assert_eq!(first.next().now_or_never(), None);
        signals.mark(&"b");
        assert_eq!(first.next().await, Some("b"));
        assert_eq!(second.next().await, Some("a"));
        assert_eq!(second.next().await, Some("b"));
        assert_eq!(second.next().now_or_never(), None);
    }

    #[tokio::test]
    async fn a_key_marked_while_another_is_taken_is_not_missed() {
        let signals = Arc::new(Signals::default());
        signals.mark(&1);
        signals.mark(&2);
        let mut listener = Box::pin(signals.listen());
        assert_eq!(listener.next().await, Some(1));
        signals.mark(&1);
        assert_eq!(listener.next().await, Some(2));
        assert_eq!(listener.next().await, Some(1));
        assert_eq!(listener.next().now_or_never(), None);
    }

    #[tokio::test]
    async fn a_mark_wakes_who_waits() {
        let signals = Arc::new(Signals::default());
        let mut listener = Box::pin(signals.listen());
        let (taken, ()) = tokio::join!(listener.next(), async {
            tokio::task::yield_now().await;
            signals.mark(&7);
        });
        assert_eq!(taken, Some(7));
    }
}
