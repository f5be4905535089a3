//! The finalizer `xopero.dev/in-use`: it keeps a connection while, and only while, an organization has something to undo.

use kube::{Api, Resource as _, ResourceExt as _, api::ObjectMeta};

use super::{Context, Error, events};
use crate::{
    api::{
        XoperoConnection,
        annotations::{IN_USE, has_finalizer, is_force_finalized},
    },
    controllers::{finalizers, observed::Observed},
};

/// What is to be done with the finalizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    PutOn,
    TakeOff,
    /// Take it off although somebody needs the connection, because a person asked for that.
    GiveUp,
}

/// What is due. `needed` is `None` while it is not known.
fn due(metadata: &ObjectMeta, needed: Option<bool>) -> Due {
    let deleting = metadata.deletion_timestamp.is_some();
    match (has_finalizer(metadata, IN_USE), needed) {
        (true, Some(false)) => Due::TakeOff,
        (true, Some(true) | None) if deleting && is_force_finalized(metadata) => Due::GiveUp,
        // A connection that is being deleted takes no finalizer any more.
        (false, Some(true)) if !deleting => Due::PutOn,
        (true, Some(true) | None) | (false, Some(_) | None) => Due::Nothing,
    }
}

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

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    //                                             finalizer deleting  forced needed       due
    #[case::nobody_needs_it(false, false, false, Some(false), Due::Nothing)]
    #[case::somebody_begins_to(false, false, false, Some(true), Due::PutOn)]
    #[case::somebody_goes_on_to(true, false, false, Some(true), Due::Nothing)]
    #[case::nobody_does_any_more(true, false, false, Some(false), Due::TakeOff)]
    #[case::nobody_does_while_deleting(true, true, false, Some(false), Due::TakeOff)]
    #[case::somebody_does_while_deleting(true, true, false, Some(true), Due::Nothing)]
    #[case::too_late_to_begin(false, true, false, Some(true), Due::Nothing)]
    #[case::not_known_yet(true, true, false, None, Due::Nothing)]
    #[case::not_known_yet_puts_nothing_on(false, false, false, None, Due::Nothing)]
    #[case::force_gives_up(true, true, true, Some(true), Due::GiveUp)]
    #[case::force_gives_up_without_knowing(true, true, true, None, Due::GiveUp)]
    #[case::force_has_nothing_to_give_up(true, true, true, Some(false), Due::TakeOff)]
    #[case::force_needs_a_deletion(true, false, true, Some(true), Due::Nothing)]
    fn the_finalizer_is_there_while_and_only_while_somebody_needs_it(
        #[case] finalizer: bool,
        #[case] deleting: bool,
        #[case] forced: bool,
        #[case] needed: Option<bool>,
        #[case] expected: Due,
    ) {
        let connection: XoperoConnection = serde_json::from_value(json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoConnection",
            "metadata": {
                "name": "acme",
                "finalizers": finalizer.then_some(["xopero.dev/in-use"]),
                "deletionTimestamp": deleting.then_some("2026-11-25T00:00:00Z"),
                "annotations": forced.then(|| json!({ "xopero.dev/force-finalize": "true" })),
            },
            "spec": {
                "url": "https://xopero.example.com",
                "credentialsSecretRef": { "name": "xopero" },
            },
        }))
        .unwrap();
        assert_eq!(due(&connection.metadata, needed), expected);
    }
}
