//! The labels of namespaces where they may not be watched: each is read when it matters, and kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client};
use tracing::warn;

use super::{Known, Labels};
use crate::controllers::chain::chain;

/// How long an answer counts: a pass of many slices asks before each of them.
const KEPT: Duration = Duration::from_secs(30);
/// After this it is asked again where there was none.
const AGAIN: Duration = Duration::from_secs(5);

/// Reads labels. There are as many entries as namespaces that refer from where is watched.
#[expect(
    missing_debug_implementations,
    reason = "a client has none worth reading"
)]
pub struct Reading {
    client: Client,
    answers: Mutex<HashMap<String, Answer>>,
}

struct Answer {
    known: Known,
    asked_at: Instant,
    /// Why the last question had no answer, if it had none.
    failing: Option<Arc<str>>,
}

impl Reading {
    /// Nothing was read yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            answers: Mutex::default(),
        }
    }

    /// The labels of a namespace. Those known before count while they cannot be read.
    pub(super) async fn of(&self, namespace: &str) -> Known {
        self.at(namespace, Instant::now()).await
    }

    async fn at(&self, namespace: &str, now: Instant) -> Known {
        if let Some(known) = self.kept(namespace, now) {
            return known;
        }
        let api: Api<Namespace> = Api::all(self.client.clone());
        let found = api.get_metadata_opt(namespace).await;
        let labels = found.map(|found| found.map(|it| it.metadata.labels.unwrap_or_default()));
        self.note(namespace, labels, now)
    }

    fn kept(&self, namespace: &str, now: Instant) -> Option<Known> {
        let answers = self.answers();
        let answer = answers.get(namespace)?;
        let counts = if answer.failing.is_some() {
            AGAIN
        } else {
            KEPT
        };
        let age = now.saturating_duration_since(answer.asked_at);
        (age < counts).then(|| answer.known.clone())
    }

    fn note(
        &self,
        namespace: &str,
        found: Result<Option<Labels>, kube::Error>,
        asked_at: Instant,
    ) -> Known {
        let mut answers = self.answers();
        let (known, failing) = match found {
            Ok(labels) => (labels.map_or(Known::Absent, Known::Labels), None),
            Err(error) => {
                let why: Arc<str> = chain(&error).into();
                let before = answers.get(namespace);
                if before.and_then(|before| before.failing.as_ref()) != Some(&why) {
                    warn!(
                        namespace,
                        error = &*why,
                        "The labels of namespace {namespace} could not be read; those known before count meanwhile: {why}"
                    );
                }
                let nothing =
                    || Known::Nothing(format!("its labels could not be read: {why}").into());
                let known = match before.map(|before| before.known.clone()) {
                    Some(known @ (Known::Labels(_) | Known::Absent)) => known,
                    Some(Known::Nothing(_)) | None => nothing(),
                };
                (known, Some(why))
            }
        };
        let answer = Answer {
            known: known.clone(),
            asked_at,
            failing,
        };
        answers.insert(namespace.to_owned(), answer);
        known
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kube::Config;
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

    use super::*;

    struct Kubernetes {
        server: MockServer,
        reading: Reading,
        begun: Instant,
    }

    impl Kubernetes {
        async fn start() -> Self {
            drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
            let server = MockServer::start().await;
            let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
            Self {
                server,
                reading: Reading::new(client),
                begun: Instant::now(),
            }
        }

        /// Answers so from now on.
        async fn answers(&self, answer: ResponseTemplate) {
            self.server.reset().await;
            Mock::given(method("GET"))
                .respond_with(answer)
                .mount(&self.server)
                .await;
        }

        async fn asked_after(&self, seconds: u64) -> Known {
            let at = self.begun + Duration::from_secs(seconds);
            self.reading.at("team-a", at).await
        }

        async fn questions(&self) -> usize {
            self.server.received_requests().await.unwrap().len()
        }
    }

    fn labelled(team: &str) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_json(json!({
            "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata",
            "metadata": { "name": "team-a", "labels": { "team": team } },
        }))
    }

    fn status(code: u16, reason: &str) -> ResponseTemplate {
        ResponseTemplate::new(code).set_body_json(json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
            "message": "etcd is away",
        }))
    }

    fn known(team: &str) -> Known {
        Known::Labels([("team".to_owned(), team.to_owned())].into())
    }

    #[tokio::test]
    async fn an_answer_counts_for_half_a_minute() {
        let kubernetes = Kubernetes::start().await;
        kubernetes.answers(labelled("a")).await;
        for seconds in [0, 1, 29] {
            assert_eq!(kubernetes.asked_after(seconds).await, known("a"));
        }
        assert_eq!(kubernetes.questions().await, 1);
        kubernetes.answers(labelled("b")).await;
        assert_eq!(kubernetes.asked_after(30).await, known("b"));
    }

    #[tokio::test]
    async fn what_was_known_counts_while_it_cannot_be_read() {
        let kubernetes = Kubernetes::start().await;
        kubernetes.answers(labelled("a")).await;
        kubernetes.asked_after(0).await;
        kubernetes.answers(status(500, "InternalError")).await;
        for seconds in [30, 31, 35] {
            assert_eq!(kubernetes.asked_after(seconds).await, known("a"));
        }
        assert_eq!(kubernetes.questions().await, 2);
        kubernetes.answers(labelled("b")).await;
        assert_eq!(kubernetes.asked_after(40).await, known("b"));
    }

    #[tokio::test]
    async fn what_was_never_read_is_not_known_to_be_absent() {
        let kubernetes = Kubernetes::start().await;
        kubernetes.answers(status(500, "InternalError")).await;
        let why = "its labels could not be read: etcd is away";
        assert_eq!(kubernetes.asked_after(0).await, Known::Nothing(why.into()));
        kubernetes.answers(status(404, "NotFound")).await;
        assert_eq!(kubernetes.asked_after(5).await, Known::Absent);
    }
}
