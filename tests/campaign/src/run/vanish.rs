//! Something is deleted in Kubernetes in the middle of a run, and put back once the operator has met that it is gone.

use anyhow::{Context, Result, bail};
use k8s_openapi::{
    api::core::v1::Namespace,
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{Api, Resource, api::DeleteParams};
use serde::de::DeserializeOwned;
use xtask::{operator, wait::until_true};

use super::{
    PATIENCE,
    heal::says,
    rest::{self, WINDOWS},
    world::World,
};
use crate::{
    journal::since,
    manifests::{PASSWORD, secret},
    plan::Deleted,
};

/// Deletes it, passes on the write that waits, and puts it back.
pub(super) async fn happen(world: &World, deleted: Deleted) -> Result<()> {
    match deleted {
        Deleted::Secret => {
            world.delete("Secret", "account").await?;
            world.disarm();
            world
                .until("a status says that the Secret is gone", async || {
                    Ok(says(&world.resources().await?, &["WaitingForSecret"]))
                })
                .await?;
            world.apply(&secret(PASSWORD)).await?;
        }
        Deleted::PlanDefinition => definition(world, "xoperobackupplans.xopero.dev").await?,
        Deleted::RepositoryDefinition => definition(world, "xoperorepositories.xopero.dev").await?,
        Deleted::Namespace => {
            let nobody_asks = world.answers.write().await;
            gone::<Namespace>(world, &world.namespace).await?;
            world.make_namespace().await?;
            drop(nobody_asks);
            world.declare_again().await?;
        }
    }
    world.note_help();
    Ok(())
}

/// A definition goes with all that is of it, and is away for two looks at Xopero ONE.
async fn definition(world: &World, name: &str) -> Result<()> {
    // Who asks for what is not defined gets an error.
    let nobody_asks = world.answers.write().await;
    gone::<CustomResourceDefinition>(world, name).await?;
    let start = world.journal.last_number();
    world
        .until("two looks without a definition", async || {
            let events = world.journal.joined(Vec::new());
            Ok(rest::looks(since(&events, start)) > WINDOWS)
        })
        .await?;
    operator::install(&world.control_plane).await?;
    world.note(format!("defined {name} again"));
    drop(nobody_asks);
    world.declare_again().await
}

/// Deletes it, passes on the write that waits, and waits until it is gone.
async fn gone<K>(world: &World, name: &str) -> Result<()>
where
    K: Resource<DynamicType = ()> + Clone + std::fmt::Debug + DeserializeOwned,
{
    let all: Api<K> = Api::all(world.client.0.clone());
    let deleted = all.delete(name, &DeleteParams::default()).await;
    deleted.with_context(|| format!("{name} cannot be deleted"))?;
    world.note(format!("deleted {name}"));
    world.disarm();
    let is_gone = until_true(PATIENCE, async || Ok(all.get_opt(name).await?.is_none())).await?;
    if !is_gone {
        bail!("{name} was deleted and does not go");
    }
    Ok(())
}
