//! A resource that cannot be decoded says so itself, in its conditions. The rest of its status is what the operator remembers of it,
//! for example which removals were made in this hour and which login was rejected: it stays, and holds once the resource is corrected.

mod let_go;

use k8s_openapi::{apimachinery::pkg::apis::meta::v1::ObjectMeta, jiff::Timestamp};
use kube::{Api, Client};
use serde_json::{Value, json};

pub(super) use self::let_go::let_go;
use super::{
    metrics::Metrics,
    observed::{Kept, NotUnderstood, Observed, Place, Said},
    patches, status,
    watches::Watchable,
};
use crate::api::{
    Reason,
    conditions::{ConditionType, Statement, Truth, assemble},
};

/// Says so.
///
/// # Errors
/// When the API server does not take it.
pub(super) async fn report<K: Watchable>(
    (client, metrics): (&Client, &Metrics),
    place: &Place,
    unknown: &NotUnderstood,
) -> Result<(), status::Error> {
    metrics.note_undecodable(&K::kind(&()));
    let said = said(unknown, Timestamp::now());
    // Said already: a status that is written again wakes its controller, which would write it again.
    if said == unknown.said {
        return Ok(());
    }
    let patch = patches::patch(operations(unknown, &said))?;
    let api: Api<Observed<K>> = Api::namespaced(client.clone(), &place.namespace);
    match api
        .patch_status(&place.name, &patches::parameters(), &patch)
        .await
    {
        Ok(_) => {
            metrics.note_status_write(&K::kind(&()));
            Ok(())
        }
        Err(error) if patches::is_not_found(&error) => Ok(()),
        Err(error) if patches::is_refused(&error) => {
            let there = api.get_metadata_opt(&place.name).await?;
            let version =
                |metadata: &ObjectMeta| (metadata.uid.clone(), metadata.resource_version.clone());
            // Another one, or a newer version of it, is about to be heard of. Else the API server takes nothing of it: that is tried again.
            match there.filter(|there| version(&there.metadata) == version(&unknown.metadata)) {
                Some(_) => Err(error.into()),
                None => Ok(()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn said(unknown: &NotUnderstood, now: Timestamp) -> Said {
    let message = format!(
        "This resource cannot be decoded ({}): correct it. Until then nothing is removed that no resource asks to be removed, \
         in the organization that it may concern.",
        unknown.error
    );
    let statement = Statement::new(
        ConditionType::Stalled,
        Truth::True,
        Reason::InvalidSpec,
        message,
    );
    let generation = unknown.metadata.generation.unwrap_or_default();
    Said {
        observed_generation: Some(generation),
        conditions: assemble(&unknown.said.conditions, vec![statement], generation, now),
    }
}

/// Only what is said is sent where the rest stays: a cache is late, and would bring back what was remembered before. What it does not show
/// yet may have been said already, at another time.
fn operations(unknown: &NotUnderstood, said: &Said) -> Value {
    let uid = json!({ "op": "test", "path": "/metadata/uid", "value": unknown.metadata.uid });
    let version = &unknown.metadata.resource_version;
    let version = json!({ "op": "test", "path": "/metadata/resourceVersion", "value": version });
    match unknown.status {
        Kept::Rest => json!([
            uid,
            version,
            { "op": "add", "path": "/status/observedGeneration", "value": said.observed_generation },
            { "op": "add", "path": "/status/conditions", "value": said.conditions },
        ]),
        Kept::Nothing => json!([uid, version, { "op": "add", "path": "/status", "value": said }]),
    }
}

#[cfg(test)]
mod tests {
    use kube::Config;
    use rstest::rstest;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

    use super::*;
    use crate::api::XoperoOrganization;

    fn unknown(status: &Value) -> NotUnderstood {
        let organization: Observed<XoperoOrganization> = serde_json::from_value(json!({
            "metadata": {
                "name": "acme", "namespace": "backup", "uid": "u", "resourceVersion": "7", "generation": 2,
            },
            "spec": { "provider": "NoProvider" }, "status": status,
        }))
        .unwrap();
        match organization {
            Observed::NotUnderstood(unknown, _) => *unknown,
            Observed::Understood(_) => panic!("there is no such provider"),
        }
    }

    /// What the watch is about to tell is told by that; what the API server does not take is tried again.
    #[rstest]
    #[case::the_same(Some(("u", "7")), false)]
    #[case::a_newer_version(Some(("u", "8")), true)]
    #[case::another_one(Some(("other", "7")), true)]
    #[case::none(None, true)]
    #[tokio::test]
    async fn a_refusal_is_an_error_where_nothing_newer_is_there(
        #[case] there: Option<(&str, &str)>,
        #[case] is_told: bool,
    ) {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let server = MockServer::start().await;
        let status = |code: u16, reason: &str| {
            let body = json!({
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
            });
            ResponseTemplate::new(code).set_body_json(body)
        };
        let metadata = there.map(|(uid, version)| {
            let metadata = json!({ "name": "acme", "uid": uid, "resourceVersion": version });
            let kind = "PartialObjectMetadata";
            let body =
                json!({ "apiVersion": "meta.k8s.io/v1", "kind": kind, "metadata": metadata });
            ResponseTemplate::new(200).set_body_json(body)
        });
        for (verb, answer) in [
            ("PATCH", status(422, "Invalid")),
            ("GET", metadata.unwrap_or_else(|| status(404, "NotFound"))),
        ] {
            let answering = Mock::given(method(verb)).respond_with(answer);
            answering.mount(&server).await;
        }
        let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
        let place = Place {
            namespace: "backup".to_owned(),
            name: "acme".to_owned(),
        };
        let noted = (&client, &Metrics::default());
        let told = report::<XoperoOrganization>(noted, &place, &unknown(&Value::Null)).await;
        assert_eq!(told.is_ok(), is_told, "{told:?}");
    }

    fn sent_to(status: &Value) -> Vec<String> {
        let unknown = unknown(status);
        let said = said(&unknown, Timestamp::UNIX_EPOCH);
        let operations = operations(&unknown, &said);
        let operations = operations.as_array().unwrap().iter();
        let word = |operation: &Value, field: &str| operation[field].as_str().unwrap().to_owned();
        operations
            .map(|operation| format!("{} {}", word(operation, "op"), word(operation, "path")))
            .collect()
    }

    #[test]
    fn what_is_remembered_in_status_is_left_alone() {
        let remembers =
            json!({ "observedGeneration": 1, "conditions": [], "removals": { "used": 3 } });
        assert_eq!(
            sent_to(&remembers),
            [
                "test /metadata/uid",
                "test /metadata/resourceVersion",
                "add /status/observedGeneration",
                "add /status/conditions"
            ]
        );
        let tests = ["test /metadata/uid", "test /metadata/resourceVersion"];
        assert_eq!(
            sent_to(&Value::Null),
            [&tests[..], &["add /status"]].concat()
        );
    }
}
