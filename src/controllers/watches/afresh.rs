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

/// After so many seconds the API server ends a watch, and the next goes on from there: one more request a minute and watch. A watch of
/// which nothing is heard for five seconds longer is broken, says kube, and nothing is known of changes until that is noticed.
const OPEN_SECONDS: u32 = 60;
/// For how long a watch may be silent without being broken.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(1)
    .saturating_mul(OPEN_SECONDS)
    .saturating_add(Duration::from_secs(5));
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
    let config = watcher::Config::default().timeout(OPEN_SECONDS);
    watcher(api.clone(), config).boxed()
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
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        time::Instant,
    };
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

    fn nothing() -> Value {
        json!({
            "apiVersion": "v1", "kind": "ConfigMapList", "metadata": { "resourceVersion": "1" }, "items": [],
        })
    }

    /// The next request for a watch, with its connection; lists are answered on the way.
    async fn watch_on(listener: &TcpListener) -> TcpStream {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = connection.read(&mut request).await.unwrap();
            request.truncate(length);
            let head =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n";
            connection.write_all(head.as_bytes()).await.unwrap();
            if String::from_utf8(request).unwrap().contains("watch=true") {
                return connection;
            }
            let list = nothing().to_string();
            connection.write_all(list.as_bytes()).await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_of_which_nothing_comes_any_more_is_noticed_after_about_a_minute() {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let client = Client::try_from(Config::new(url.parse().unwrap())).unwrap();
        let configurations: Api<ConfigMap> = Api::namespaced(client, "backup");
        let watching = afresh(configurations).for_each(|_| std::future::ready(()));
        let asked_again = async {
            let _half_open = watch_on(&listener).await;
            let begun = Instant::now();
            watch_on(&listener).await;
            begun.elapsed()
        };
        let silent = tokio::select! {
            silent = asked_again => silent,
            () = watching => unreachable!("it never ends"),
        };
        assert_eq!(silent.as_secs(), LONGEST_SILENCE.as_secs());
        assert_eq!(LONGEST_SILENCE.as_secs(), 65);
    }

    #[tokio::test]
    async fn a_watch_that_failed_is_heard_again_also_where_nothing_changes() {
        let server = MockServer::start().await;
        Mock::given(query_param_is_missing("watch"))
            .respond_with(ResponseTemplate::new(200).set_body_json(nothing()))
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
