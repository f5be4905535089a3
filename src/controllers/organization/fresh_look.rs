//! A last look at a removal's owner, and at its organization, before it is made.

use std::fmt::Debug;

use kube::{Api, Client, Resource, ResourceExt, api::ObjectMeta, core::NamespaceResourceScope};
use serde::de::DeserializeOwned;

use super::{super::observed::Place, Context};
use crate::{
    api::{XoperoAzureProject, XoperoBackupPlan, XoperoOrganization, XoperoRepository},
    decide::{ClaimKind, Owner},
};

/// Why a removal that was decided on is not made.
#[derive(Debug)]
pub(super) enum NotMade {
    /// Its owner, or its organization, is not what was decided on any more, or that is not known yet.
    Changed(String),
    /// Something is declared that was not.
    Declared(String),
    /// That could not be seen.
    NotRead(kube::Error),
}

/// Whether an organization is still the one with which a pass began, as far as the watch tells.
pub(super) fn is_as_begun(context: &Context, place: &Place, resource: &XoperoOrganization) -> bool {
    context.organizations.get(place).is_some_and(|observed| {
        let (now, then) = (observed.meta(), &resource.metadata);
        now.uid == then.uid
            && now.generation == then.generation
            && now.deletion_timestamp == then.deletion_timestamp
            && observed.annotations() == resource.annotations()
    })
}

/// A fresh look at the resource: caches are late, and what they show may be gone or another object.
pub(super) async fn is_unchanged(owner: &Owner, client: &Client) -> Result<(), NotMade> {
    let metadata = match owner.key.kind {
        ClaimKind::Organization => read::<XoperoOrganization>(owner, client).await?,
        ClaimKind::BackupPlan => read::<XoperoBackupPlan>(owner, client).await?,
        ClaimKind::Repository => read::<XoperoRepository>(owner, client).await?,
        ClaimKind::AzureProject => read::<XoperoAzureProject>(owner, client).await?,
    };
    let is_still = owner.is_still(&metadata);
    is_still.map_err(|why| NotMade::Changed(format!("{}: {why}", owner.key)))
}

async fn read<K>(owner: &Owner, client: &Client) -> Result<ObjectMeta, NotMade>
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(client.clone(), &owner.key.namespace);
    let found = api
        .get_metadata_opt(&owner.key.name)
        .await
        .map_err(NotMade::NotRead)?;
    found
        .map(|found| found.metadata)
        .ok_or_else(|| NotMade::Changed(format!("{} is gone", owner.key)))
}

#[cfg(test)]
mod tests {
    use kube::Config;
    use rstest::rstest;
    use serde_json::json;
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers::method};

    use super::*;
    use crate::{controllers::chain::chain, decide::ClaimKey};

    fn status(code: u16, message: &str) -> ResponseTemplate {
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message,
            "reason": if code == 404 { "NotFound" } else { "Forbidden" }, "code": code,
        });
        ResponseTemplate::new(code).set_body_json(status)
    }

    #[rstest]
    #[case::a_right_is_missing(status(403, "x cannot get y"), "not read: x cannot get y")]
    #[case::no_answer_to_go_by(
        ResponseTemplate::new(200).set_body_string("hello"),
        "not read: Error deserializing response: expected value at line 1 column 1"
    )]
    #[case::it_is_gone(
        status(404, "not found"),
        "changed: XoperoRepository backup/api is gone"
    )]
    #[tokio::test]
    async fn why_a_removal_is_not_made_is_told_as_it_is(
        #[case] answer: ResponseTemplate,
        #[case] why: &str,
    ) {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .respond_with(answer)
            .mount(&server)
            .await;
        let client = Client::try_from(Config::new(server.uri().parse().unwrap())).unwrap();
        let owner = Owner {
            key: ClaimKey {
                kind: ClaimKind::Repository,
                namespace: "backup".to_owned(),
                name: "api".to_owned(),
            },
            uid: "u".into(),
            generation: 1,
            deleting: false,
        };
        let said = match is_unchanged(&owner, &client).await.unwrap_err() {
            NotMade::Changed(why) => format!("changed: {why}"),
            NotMade::Declared(why) => format!("declared: {why}"),
            NotMade::NotRead(error) => format!("not read: {}", chain(&error)),
        };
        assert_eq!(said, why);
    }
}
