//! A watch that begins anew, with a list, after each failure.
//!
//! kube's own goes on from where it was and tells nobody: of a kind that does not change it would be unknown for ever whether it
//! hears again. It also counts the beginning of a list as a success, so that a list that fails would be asked for at the shortest
//! interval for ever.

use std::{fmt::Debug, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use kube::{
    Api, Resource,
    runtime::watcher::{self, Event, watcher},
};
use serde::de::DeserializeOwned;
use tokio::time::sleep;

/// The wait after the first failure. It doubles.
const FIRST_WAIT: Duration = Duration::from_millis(800);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

type Heard<K> = Result<Event<K>, watcher::Error>;

struct Afresh<K> {
    api: Api<K>,
    events: BoxStream<'static, Heard<K>>,
    waits: ExponentialBackoff,
    /// The wait before it begins anew, after a failure.
    wait: Option<Duration>,
}

/// The events of a watch that never ends.
pub(in crate::controllers) fn afresh<K>(api: Api<K>) -> impl Stream<Item = Heard<K>> + Send
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let watch = Afresh {
        events: begin(&api),
        api,
        waits: waits(),
        wait: None,
    };
    stream::unfold(watch, async |mut watch| {
        if let Some(wait) = watch.wait.take() {
            sleep(wait).await;
            watch.events = begin(&watch.api);
        }
        let heard = watch.events.next().await?;
        match &heard {
            Ok(Event::InitDone | Event::Apply(_) | Event::Delete(_)) => watch.waits = waits(),
            Ok(Event::Init | Event::InitApply(_)) => {}
            Err(_) => watch.wait = Some(watch.waits.next().unwrap_or(LONGEST_WAIT)),
        }
        Some((heard, watch))
    })
}

fn begin<K>(api: &Api<K>) -> BoxStream<'static, Heard<K>>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    watcher(api.clone(), watcher::Config::default()).boxed()
}

fn waits() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .without_max_times()
        .with_jitter()
        .build()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::{Client, Config};
    use serde_json::json;
    use wiremock::{
        Mock, MockServer, ResponseTemplate,
        matchers::{method, query_param, query_param_is_missing},
    };

    use super::*;

    /// A word for each event.
    fn word(heard: &Heard<ConfigMap>) -> &'static str {
        match heard {
            Ok(Event::Init) => "begun",
            Ok(Event::InitApply(_)) => "listed one",
            Ok(Event::InitDone) => "listed",
            Ok(Event::Apply(_) | Event::Delete(_)) => "changed",
            Err(_) => "failed",
        }
    }

    #[tokio::test]
    async fn a_watch_that_failed_is_heard_again_also_where_nothing_changes() {
        let server = MockServer::start().await;
        let nothing = json!({
            "apiVersion": "v1", "kind": "ConfigMapList", "metadata": { "resourceVersion": "1" }, "items": [],
        });
        Mock::given(query_param_is_missing("watch"))
            .respond_with(ResponseTemplate::new(200).set_body_json(nothing))
            .mount(&server)
            .await;
        Mock::given(query_param("watch", "true"))
            .respond_with(ResponseTemplate::new(500))
            .up_to_n_times(2)
            .mount(&server)
            .await;
        let silent = ResponseTemplate::new(200).set_delay(Duration::from_mins(10));
        Mock::given(method("GET"))
            .and(query_param("watch", "true"))
            .respond_with(silent)
            .mount(&server)
            .await;
        let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
        let configurations: Api<ConfigMap> = Api::namespaced(client, "backup");

        let heard: Vec<_> = afresh(configurations).take(8).collect().await;

        let words: Vec<_> = heard.iter().map(word).collect();
        let once = ["begun", "listed", "failed"];
        assert_eq!(words, [&once[..], &once[..], &once[..2]].concat());
    }

    #[test]
    fn the_waits_grow_to_half_a_minute() {
        let waits: Vec<_> = waits().take(9).collect();
        assert!(waits[0] >= FIRST_WAIT && waits[0] < 2 * FIRST_WAIT);
        assert!(waits[8] >= LONGEST_WAIT);
    }
}
