//! What is read of an object, how often, and what is said of one that cannot be read.

use kube::{Client, Config};
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate, matchers::method};

use super::{super::*, PASSWORD, reference};
use crate::api::CaBundleReference;

/// An API server that knows one object.
struct Kubernetes {
    server: MockServer,
    client: Client,
}

/// Whether a request asks for no more than the metadata.
struct ForMetadata(bool);

impl Match for ForMetadata {
    fn matches(&self, request: &Request) -> bool {
        let accept = request
            .headers
            .get("accept")
            .and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("PartialObjectMetadata")) == self.0
    }
}

impl Kubernetes {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
        Self { server, client }
    }

    /// Answers with an object of this version, labels and data from now on.
    async fn holds(&self, version: &str, labels: Value, data: Value) {
        let metadata = json!({
            "name": "xopero", "namespace": "backup", "uid": "u",
            "resourceVersion": version, "labels": labels,
        });
        let partial = json!({
            "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata,
        });
        let whole =
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data });
        self.answers(
            ResponseTemplate::new(200).set_body_json(partial),
            ResponseTemplate::new(200).set_body_json(whole),
        )
        .await;
    }

    async fn answers(&self, metadata: ResponseTemplate, whole: ResponseTemplate) {
        self.server.reset().await;
        for (matcher, answer) in [(ForMetadata(true), metadata), (ForMetadata(false), whole)] {
            Mock::given(method("GET"))
                .and(matcher)
                .respond_with(answer)
                .mount(&self.server)
                .await;
        }
    }

    async fn refuses(&self, code: u16, reason: &str) {
        let answer = || {
            ResponseTemplate::new(code).set_body_json(json!({
                "apiVersion": "v1", "kind": "Status", "status": "Failure",
                "code": code, "reason": reason, "message": "no",
            }))
        };
        self.answers(answer(), answer()).await;
    }

    /// How many requests there were since the last change: for metadata, and for the whole object.
    async fn requests(&self) -> (usize, usize) {
        let requests = self.server.received_requests().await.unwrap();
        for request in &requests {
            assert_eq!(request.method.as_str(), "GET");
            assert!(request.url.path().ends_with("/xopero"), "{}", request.url);
        }
        let metadata = requests
            .iter()
            .filter(|request| ForMetadata(true).matches(request));
        let metadata = metadata.count();
        (metadata, requests.len() - metadata)
    }

    async fn account(
        &self,
        key: &DigestKey,
        known: Option<AccountAt>,
    ) -> Result<AccountAt, Defect> {
        AccountAt::read(&self.client, key, "backup", &reference(), known)
            .await
            .unwrap()
    }

    async fn bundle(
        &self,
        kind: CaBundleKind,
        known: Option<BundleAt>,
    ) -> Result<BundleAt, Defect> {
        let reference = CaBundleReference {
            kind,
            name: "xopero".to_owned(),
            key: "ca.crt".to_owned(),
        };
        BundleAt::read(&self.client, "backup", &reference, known)
            .await
            .unwrap()
    }
}

fn consent() -> Value {
    json!({ "xopero.dev/credentials": "true" })
}

/// `a@b` and `p`.
fn login() -> Value {
    json!({ "email": "YUBi", "password": "cA==" })
}

#[tokio::test]
async fn of_a_secret_that_does_not_consent_only_metadata_is_read() {
    let kubernetes = Kubernetes::start().await;
    for labels in [json!({}), json!({ "xopero.dev/credentials": "yes" })] {
        kubernetes.holds("1", labels, login()).await;
        let defect = kubernetes
            .account(&DigestKey::random(), None)
            .await
            .unwrap_err();
        assert_eq!(defect.reason(), Reason::SecretNotConsenting);
        assert!(
            defect.to_string().contains(
                "kubectl label secret xopero --namespace backup xopero.dev/credentials=true"
            ),
            "{defect}"
        );
        assert_eq!(kubernetes.requests().await, (1, 0));
    }
}

#[tokio::test]
async fn a_secret_is_read_again_only_when_it_was_written() {
    let kubernetes = Kubernetes::start().await;
    let key = DigestKey::random();
    kubernetes.holds("1", consent(), login()).await;
    let first = kubernetes.account(&key, None).await.unwrap();
    assert_eq!(kubernetes.requests().await, (1, 1));
    let second = kubernetes.account(&key, Some(first.clone())).await.unwrap();
    assert_eq!(kubernetes.requests().await, (2, 1));
    assert_eq!(
        second.account.unwrap().digest,
        first.account.clone().unwrap().digest
    );

    kubernetes
        .holds(
            "2",
            consent(),
            json!({ "email": "YUBi", "password": "cQ==" }),
        )
        .await;
    let third = kubernetes.account(&key, Some(first.clone())).await.unwrap();
    assert_eq!(kubernetes.requests().await, (1, 1));
    assert_eq!(third.version.resource_version, "2");
    assert_ne!(third.account.unwrap().digest, first.account.unwrap().digest);
}

#[tokio::test]
async fn a_secret_whose_consent_is_withdrawn_is_not_used_from_memory() {
    let kubernetes = Kubernetes::start().await;
    let key = DigestKey::random();
    kubernetes.holds("1", consent(), login()).await;
    let known = kubernetes.account(&key, None).await.unwrap();
    kubernetes.holds("2", json!({}), login()).await;
    let defect = kubernetes.account(&key, Some(known)).await.unwrap_err();
    assert_eq!(defect.reason(), Reason::SecretNotConsenting);
    assert_eq!(kubernetes.requests().await, (1, 0));
}

#[tokio::test]
async fn a_secret_that_lacks_a_key_is_not_read_over_and_over() {
    let kubernetes = Kubernetes::start().await;
    let key = DigestKey::random();
    kubernetes
        .holds("1", consent(), json!({ "email": "YUBi" }))
        .await;
    let known = kubernetes.account(&key, None).await.unwrap();
    assert_eq!(
        known.account.as_ref().unwrap_err().reason(),
        Reason::SecretInvalid
    );
    let known = kubernetes.account(&key, Some(known)).await.unwrap();
    assert_eq!(known.account.unwrap_err().reason(), Reason::SecretInvalid);
    assert_eq!(kubernetes.requests().await, (2, 1));
}

#[rstest]
#[case::absent(404, "NotFound", Reason::WaitingForSecret, "is not there yet")]
#[case::forbidden(403, "Forbidden", Reason::NotPermitted, "the verb get on")]
#[tokio::test]
async fn what_cannot_be_read_is_said_with_the_way_out(
    #[case] code: u16,
    #[case] word: &str,
    #[case] reason: Reason,
    #[case] expected: &str,
) {
    let kubernetes = Kubernetes::start().await;
    kubernetes.refuses(code, word).await;
    let account = kubernetes
        .account(&DigestKey::random(), None)
        .await
        .unwrap_err();
    let secret = kubernetes
        .bundle(CaBundleKind::Secret, None)
        .await
        .unwrap_err();
    let map = kubernetes
        .bundle(CaBundleKind::ConfigMap, None)
        .await
        .unwrap_err();
    for (defect, kind) in [(account, "Secret"), (secret, "Secret"), (map, "ConfigMap")] {
        assert_eq!(defect.reason(), reason);
        let text = defect.to_string();
        assert!(
            text.contains(expected) && text.contains(&format!("{kind} backup/xopero")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_bundle_needs_no_consent_and_is_read_again_only_when_it_was_written() {
    let kubernetes = Kubernetes::start().await;
    // No certificate at all: whether it can be used is not said here.
    kubernetes
        .holds("1", json!({}), json!({ "ca.crt": "YUBi" }))
        .await;
    let known = kubernetes.bundle(CaBundleKind::Secret, None).await.unwrap();
    assert!(known.bundle.as_ref().unwrap().pem.is_empty());
    kubernetes
        .bundle(CaBundleKind::Secret, Some(known))
        .await
        .unwrap()
        .bundle
        .unwrap();
    assert_eq!(kubernetes.requests().await, (2, 1));
    kubernetes.holds("2", json!({}), json!({})).await;
    let lacking = kubernetes.bundle(CaBundleKind::Secret, None).await.unwrap();
    assert_eq!(
        lacking.bundle.unwrap_err().reason(),
        Reason::CertificateInvalid
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_quoted_nowhere() {
    let kubernetes = Kubernetes::start().await;
    kubernetes
        .holds(
            "1",
            consent(),
            json!({ "email": "YUBi", "password": PASSWORD.repeat(3) }),
        )
        .await;
    let error = AccountAt::read(
        &kubernetes.client,
        &DigestKey::random(),
        "backup",
        &reference(),
        None,
    )
    .await
    .unwrap_err();
    let Error::NotUnderstood { .. } = error else {
        panic!("{error}")
    };
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
