//! What the organizations' controller says of each claim, for the claims' own controllers to report.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};

use super::observed::Place;
use crate::{
    api::Reason,
    decide::{ClaimKey, ClaimKind, Verdict},
};

/// What is said of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It was decided.
    Decided(Arc<Verdict>),
    /// It could not be: something else is waited for.
    Waiting(Arc<Waiting>),
}

/// What a claim waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The uid of the claim.
    pub uid: Arc<str>,
    /// The generation that waits.
    pub generation: i64,
    /// The word.
    pub reason: Reason,
    /// What is waited for, and what to do.
    pub message: String,
    /// Whether that is said of a claim that is Ready, too.
    pub weight: Weight,
}

/// Whether what is waited for changes what a Ready claim says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It does not: Xopero ONE cannot be asked for a while, and what was in force is taken to be so still.
    UnderReady,
    /// It does: whether there is an organization for this claim cannot be read, or what was in force was so in another Xopero
    /// ONE, or in an organization that is not there any more.
    OverReady,
    /// It does: there is none, so that nothing is to be cleaned up for one that was never accepted.
    NoOrganization,
}

impl Word {
    fn uid(&self) -> &str {
        match self {
            Self::Decided(verdict) => &verdict.uid,
            Self::Waiting(waiting) => &waiting.uid,
        }
    }
}

/// Who is told that there is news of a claim.
#[derive(Debug)]
struct Listener {
    kind: ClaimKind,
    namespace: Option<String>,
    sender: UnboundedSender<Place>,
}

/// The words of all claims.
#[derive(Debug, Default)]
pub struct Verdicts {
    words: RwLock<HashMap<ClaimKey, Word>>,
    listeners: Mutex<Vec<Listener>>,
}

impl Verdicts {
    /// The places of claims of one kind of which there is news.
    pub fn news(&self, kind: ClaimKind, namespace: Option<&str>) -> UnboundedReceiver<Place> {
        let (sender, receiver) = unbounded();
        let listener = Listener {
            kind,
            namespace: namespace.map(str::to_owned),
            sender,
        };
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
        receiver
    }

    /// What is said of the claim, if it is of this very resource.
    pub fn get(&self, key: &ClaimKey, uid: &str) -> Option<Word> {
        let words = self.words.read().unwrap_or_else(PoisonError::into_inner);
        words.get(key).filter(|word| word.uid() == uid).cloned()
    }

    /// Says something of claims; only what is new is news.
    pub fn publish(&self, said: impl IntoIterator<Item = (ClaimKey, Word)>) {
        let mut news = Vec::new();
        let said: Vec<_> = said.into_iter().collect();
        {
            let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
            for (key, word) in said {
                if words.get(&key) != Some(&word) {
                    words.insert(key.clone(), word);
                    news.push(key);
                }
            }
        }
        self.tell(&news);
    }

    /// Says what was decided; only what is new is news, and only that is copied: of ten thousand claims most stay as they are.
    pub fn publish_decided<'a>(&self, verdicts: impl IntoIterator<Item = &'a Verdict>) {
        let mut news = Vec::new();
        // Before the lock is taken: who says something may ask on the way what was said before.
        let verdicts: Vec<&Verdict> = verdicts.into_iter().collect();
        {
            let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
            for verdict in verdicts {
                let is_known = matches!(words.get(&verdict.key), Some(Word::Decided(known)) if **known == *verdict);
                if !is_known {
                    let word = Word::Decided(Arc::new(verdict.clone()));
                    words.insert(verdict.key.clone(), word);
                    news.push(verdict.key.clone());
                }
            }
        }
        self.tell(&news);
    }

    /// Forgets what was said of claims: their organization is gone.
    pub fn withdraw<'a>(&self, keys: impl IntoIterator<Item = &'a ClaimKey>) {
        let mut news = Vec::new();
        {
            let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
            for key in keys {
                if words.remove(key).is_some() {
                    news.push(key.clone());
                }
            }
        }
        self.tell(&news);
    }

    /// Keeps what is said of those claims, by key and uid, that are still there. Nobody reports on the others any more.
    pub fn retain(&self, is_there: impl Fn(&ClaimKey, &str) -> bool) {
        let mut words = self.words.write().unwrap_or_else(PoisonError::into_inner);
        words.retain(|key, word| is_there(key, word.uid()));
    }

    /// Wakes claims, whether or not there is news.
    pub fn tell(&self, keys: &[ClaimKey]) {
        let listeners = self
            .listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            for listener in listeners.iter().filter(|listener| {
                listener.kind == key.kind
                    && listener
                        .namespace
                        .as_ref()
                        .is_none_or(|namespace| *namespace == key.namespace)
            }) {
                let place = Place {
                    namespace: key.namespace.clone(),
                    name: key.name.clone(),
                };
                // A closed receiver is a controller that has stopped: nobody reports any more.
                let _stopped = listener.sender.unbounded_send(place);
            }
        }
    }
}
