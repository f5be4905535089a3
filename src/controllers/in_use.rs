//! The finalizer `xopero.dev/in-use`: it keeps a connection, or an organization, while, and only while, somebody has something to undo with
//! it.

use kube::api::ObjectMeta;

use crate::api::annotations::{IN_USE, has_finalizer, is_force_finalized};

/// What is to be done with the finalizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing.
    Nothing,
    /// Put it on.
    PutOn,
    /// Take it off.
    TakeOff,
    /// Take it off although somebody may need it, because a person asked for that.
    GiveUp,
}

/// What is due for a resource with this metadata. `needed` is `None` while it is not known.
pub(super) fn due(metadata: &ObjectMeta, needed: Option<bool>) -> Due {
    let deleting = metadata.deletion_timestamp.is_some();
    match (has_finalizer(metadata, IN_USE), needed) {
        (true, Some(false)) => Due::TakeOff,
        (true, Some(true) | None) if deleting && is_force_finalized(metadata) => Due::GiveUp,
        // What is being deleted takes no finalizer any more.
        (false, Some(true)) if !deleting => Due::PutOn,
        (true, Some(true) | None) | (false, Some(_) | None) => Due::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::api::XoperoConnection;

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
