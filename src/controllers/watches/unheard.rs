//! What there is of a kind that a watch has not told of. A watch that is broken is silent, and so is one of which nothing comes because
//! nothing happens: only a list tells them apart.

use std::time::Duration;

use kube::{
    Api, Client, Resource as _,
    api::{ListParams, ObjectMeta},
};
use tokio::time::{Instant, sleep};

use super::{Stored, Watchable};
use crate::controllers::{observed::Place, status::version};

/// How many resources are asked for at once.
const PAGE: u32 = 500;
/// For how long it is waited for what a watch is about to tell.
const GRACE: Duration = Duration::from_secs(2);
/// Between two looks while it is waited.
const LOOK: Duration = Duration::from_millis(50);

impl<K: Watchable> Stored<K> {
    /// The first resource that there is now, as it is now, and that no watch tells of in time; `None`: all are known.
    ///
    /// # Errors
    /// If they cannot be listed.
    pub(in crate::controllers) async fn unheard(
        &self,
        client: &Client,
    ) -> kube::Result<Option<Place>> {
        let mut unknown = Vec::new();
        for part in &self.parts {
            let api: Api<K> = match &part.namespace {
                Some(namespace) => Api::namespaced(client.clone(), namespace),
                None => Api::all(client.clone()),
            };
            let mut page = ListParams::default().limit(PAGE);
            loop {
                let listed = api.list_metadata(&page).await?;
                let there = listed.items.into_iter().map(|item| item.metadata);
                unknown.extend(there.filter(|there| !self.knows(there)));
                match listed.metadata.continue_.filter(|token| !token.is_empty()) {
                    Some(token) => page = page.continue_token(&token),
                    None => break,
                }
            }
        }
        let begun = Instant::now();
        loop {
            unknown.retain(|there| !self.knows(there));
            if unknown.is_empty() || begun.elapsed() >= GRACE {
                return Ok(unknown.first().map(Place::from));
            }
            sleep(LOOK).await;
        }
    }

    /// Whether it is known as it is, or as it is by now. By its version: a pause, or an approval that was taken back, is no other generation.
    fn knows(&self, there: &ObjectMeta) -> bool {
        self.get(&Place::from(there)).is_some_and(|known| {
            let known = known.meta();
            let is_as_new = match (version(known), version(there)) {
                (Some(known), Some(there)) => known >= there,
                // Who serves versions that are no numbers leaves nothing else to go by.
                (None, _) | (_, None) => known.generation >= there.generation,
            };
            known.uid == there.uid && is_as_new
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use kube::{
        Config,
        runtime::{reflector, watcher},
    };
    use rstest::rstest;
    use serde_json::{Value, json};
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{path, query_param, query_param_is_missing},
    };

    use super::{super::Part, *};
    use crate::{api::XoperoRepository, controllers::observed::Observed};

    fn metadata(name: &str, uid: &str, generation: i64) -> Value {
        json!({ "name": name, "namespace": "backup", "uid": uid, "generation": generation })
    }

    /// The one that is known, at another version.
    fn at(version: &str) -> Value {
        let mut metadata = metadata("api", "u", 2);
        metadata["resourceVersion"] = version.into();
        metadata
    }

    fn known() -> Observed<XoperoRepository> {
        serde_json::from_value(json!({
            "metadata": at("100"),
            "spec": { "organizationRef": { "name": "acme" }, "name": "api" },
        }))
        .unwrap()
    }

    fn page(items: &[Value], token: &str) -> ResponseTemplate {
        let items = items.iter().map(|metadata| json!({ "metadata": metadata }));
        ResponseTemplate::new(200).set_body_json(json!({
            "kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
            "metadata": { "resourceVersion": "7", "continue": token },
            "items": items.collect::<Vec<_>>(),
        }))
    }

    fn client(server: &MockServer) -> Client {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap()
    }

    /// The answer of a store that knows `api`, where those are there on the second page.
    async fn unheard(stored: Arc<Stored<XoperoRepository>>, at: &str, there: &[Value]) -> String {
        let server = MockServer::start().await;
        Mock::given(path(at))
            .and(query_param_is_missing("continue"))
            .respond_with(page(&[metadata("api", "u", 2)], "more"))
            .mount(&server)
            .await;
        Mock::given(path(at))
            .and(query_param("continue", "more"))
            .respond_with(page(there, ""))
            .mount(&server)
            .await;
        match stored.unheard(&client(&server)).await {
            Ok(Some(place)) => place.to_string(),
            Ok(None) => "nothing".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[rstest]
    #[case::all_are_known(vec![metadata("api", "u", 2)], "nothing")]
    #[case::there_are_fewer_by_now(vec![], "nothing")]
    #[case::what_is_known_is_newer(vec![metadata("api", "u", 1)], "nothing")]
    #[case::one_is_new(vec![metadata("web", "v", 1)], "backup/web")]
    #[case::one_was_edited(vec![metadata("api", "u", 3)], "backup/api")]
    #[case::one_was_made_anew(vec![metadata("api", "w", 1)], "backup/api")]
    #[case::one_is_as_it_was(vec![at("100")], "nothing")]
    #[case::what_is_known_is_newer_by_its_version(vec![at("99")], "nothing")]
    #[case::one_was_annotated(vec![at("101")], "backup/api")]
    #[case::its_version_is_no_number(vec![at("new")], "nothing")]
    #[tokio::test]
    async fn what_is_there_and_not_known_is_found_on_every_page(
        #[case] there: Vec<Value>,
        #[case] expected: &str,
    ) {
        let everywhere = "/apis/xopero.dev/v1alpha1/xoperorepositories";
        let stored = Stored::holding([known()]);
        assert_eq!(unheard(stored, everywhere, &there).await, expected);
        let there_alone = "/apis/xopero.dev/v1alpha1/namespaces/backup/xoperorepositories";
        let stored = Stored::holding_of(Some("backup"), [known()]);
        assert_eq!(unheard(stored, there_alone, &there).await, expected);
    }

    #[tokio::test]
    async fn what_a_watch_is_about_to_tell_is_waited_for() {
        let server = MockServer::start().await;
        Mock::given(path("/apis/xopero.dev/v1alpha1/xoperorepositories"))
            .respond_with(page(&[at("100")], ""))
            .mount(&server)
            .await;
        let (store, mut writer) = reflector::store();
        let part = Part {
            namespace: None,
            store,
            liveness: Arc::default(),
        };
        let stored = Stored::<XoperoRepository> { parts: vec![part] };
        let client = client(&server);
        let told = async {
            while server.received_requests().await.unwrap().is_empty() {
                sleep(LOOK).await;
            }
            sleep(2 * LOOK).await;
            writer.apply_watcher_event(&watcher::Event::Apply(known()));
        };
        let (unheard, ()) = tokio::join!(stored.unheard(&client), told);
        assert_eq!(unheard.unwrap(), None);
    }

    #[tokio::test]
    async fn what_cannot_be_listed_is_not_taken_for_nothing() {
        let server = MockServer::start().await;
        let stored = Stored::holding([known()]);
        let asked = stored.unheard(&client(&server)).await;
        assert!(asked.is_err(), "{asked:?}");
    }
}
