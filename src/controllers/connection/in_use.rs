//! The connection's finalizer `xopero.dev/in-use`: it stays while, and only while, an organization has something to undo.

use kube::{Api, Resource as _, ResourceExt as _};

use super::{Context, Error, events};
use crate::{
    api::{XoperoConnection, annotations::IN_USE},
    controllers::{
        finalizers,
        in_use::{Due, due},
        observed::Observed,
    },
};

/// Puts the finalizer on or takes it off, as the organizations in `needed_by` need it. Also where the connection cannot be decoded: its
/// metadata can be read.
pub(super) async fn settle(
    context: &Context,
    connection: &Observed<XoperoConnection>,
    needed_by: Option<&[String]>,
) -> Result<(), Error> {
    let due = due(connection.meta(), needed_by.map(|names| !names.is_empty()));
    let api: Api<Observed<XoperoConnection>> = Api::namespaced(
        context.client.clone(),
        &connection.namespace().unwrap_or_default(),
    );
    match due {
        Due::Nothing => {}
        Due::PutOn => {
            finalizers::add(&api, connection, IN_USE).await?;
        }
        Due::TakeOff => {
            finalizers::remove(&api, connection, IN_USE).await?;
        }
        Due::GiveUp => {
            // Said first: rather twice than never.
            let event = events::given_up(needed_by.unwrap_or_default());
            events::publish(&context.events, connection, [event]).await;
            finalizers::remove(&api, connection, IN_USE).await?;
        }
    }
    Ok(())
}
