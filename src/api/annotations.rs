//! The annotations, labels and finalizers that the operator knows, and how they are read.
//!
//! The absence of an annotation is never a request, and `"true"` is the only value that switches something on.

use kube::core::ObjectMeta;

use super::status::{MAX_STRING_BYTES, cut};

/// Defines the names, and the list of them for the reference page.
macro_rules! names {
    ($($(#[doc = $doc:literal])+ $name:ident = $value:literal;)+) => {
        $($(#[doc = $doc])+ pub const $name: &str = $value;)+

        /// Every name, and what it does.
        pub(super) const MEANINGS: &[(&str, &str)] = &[$(($value, concat!($($doc),+).trim_ascii())),+];
    };
}

names! {
    /// Annotation. `"true"`: nothing is written to Xopero ONE for this resource; it is still observed and shows its drift. Its deletion waits.
    PAUSED = "xopero.dev/paused";

    /// Annotation. Any new value (its first 300 bytes count): observe now. On an organization, also ask Xopero ONE to read the Git service again. On a connection, also try again what was refused to the account.
    RECONCILE_REQUESTED_AT = "xopero.dev/reconcile-requested-at";

    /// Annotation. On an organization: the token of a held set of removals, for example `37-3f9a1c`, which is then carried out once. Several tokens are separated by commas, spaces or line breaks.
    APPROVE_REMOVALS = "xopero.dev/approve-removals";

    /// Annotation. `"true"`: a resource being deleted may go although its clean-up cannot run. An event names what it leaves behind.
    FORCE_FINALIZE = "xopero.dev/force-finalize";

    /// Label. On a Secret, `"true"`: it may be read as the credentials of a connection.
    CREDENTIALS = "xopero.dev/credentials";

    /// Finalizer. On a resource whose `deletionPolicy` asks for something to be undone.
    CLEANUP = "xopero.dev/cleanup";

    /// Finalizer. On an organization or connection, while a resource with `xopero.dev/cleanup` still needs it.
    IN_USE = "xopero.dev/in-use";
}

/// The only value of a switch that means yes.
const YES: &str = "true";

/// Whether nothing may be written for this resource.
pub fn is_paused(metadata: &ObjectMeta) -> bool {
    annotation(metadata, PAUSED) == Some(YES)
}

/// Whether this resource may go although its clean-up cannot run.
pub fn is_force_finalized(metadata: &ObjectMeta) -> bool {
    annotation(metadata, FORCE_FINALIZE) == Some(YES)
}

/// The value last asked for with [`RECONCILE_REQUESTED_AT`], as far as `status.lastHandledReconcileAt` holds it. Compare it with that.
pub fn reconcile_requested_at(metadata: &ObjectMeta) -> Option<&str> {
    let asked = annotation(metadata, RECONCILE_REQUESTED_AT)?;
    // An annotation may be longer than a status ought to be. What is stored and what is compared are cut alike.
    Some(cut(asked, MAX_STRING_BYTES))
}

/// The tokens of the sets of removals that a person approved.
pub fn approved_removals(metadata: &ObjectMeta) -> impl Iterator<Item = &str> {
    annotation(metadata, APPROVE_REMOVALS)
        .unwrap_or_default()
        // A YAML block ends in a line break, and a list may stand there line by line.
        .split(|between: char| between == ',' || between.is_whitespace())
        .filter(|token| !token.is_empty())
}

/// Whether a Secret consents to be read as credentials.
pub fn consents_to_be_read(metadata: &ObjectMeta) -> bool {
    metadata
        .labels
        .as_ref()
        .and_then(|labels| labels.get(CREDENTIALS))
        .is_some_and(|value| value == YES)
}

/// Whether the finalizer is on.
pub fn has_finalizer(metadata: &ObjectMeta, finalizer: &str) -> bool {
    metadata
        .finalizers
        .iter()
        .flatten()
        .any(|present| present == finalizer)
}

fn annotation<'a>(metadata: &'a ObjectMeta, key: &str) -> Option<&'a str> {
    metadata.annotations.as_ref()?.get(key).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn annotated(key: &str, value: &str) -> ObjectMeta {
        ObjectMeta {
            annotations: Some([(key.to_owned(), value.to_owned())].into()),
            ..ObjectMeta::default()
        }
    }

    #[test]
    fn only_the_exact_word_true_pauses() {
        assert!(is_paused(&annotated(PAUSED, "true")));
        for other in ["", "True", "yes", "1", "false", " true"] {
            assert!(
                !is_paused(&annotated(PAUSED, other)),
                "{other:?} is not \"true\""
            );
        }
    }

    #[test]
    fn the_absence_of_an_annotation_requests_nothing() {
        let bare = ObjectMeta::default();
        assert!(!is_paused(&bare));
        assert!(!is_force_finalized(&bare));
        assert!(!consents_to_be_read(&bare));
        assert_eq!(reconcile_requested_at(&bare), None);
        assert_eq!(approved_removals(&bare).count(), 0);
        assert!(!has_finalizer(&bare, CLEANUP));
    }

    /// An annotation may hold 256 KiB, and what was acted upon stands in status.
    #[rstest]
    #[case::short("2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z")]
    #[case::as_long_as_may_be(&"1".repeat(300), &"1".repeat(300))]
    #[case::longer(&"1".repeat(1_000), &"1".repeat(300))]
    #[case::in_the_middle_of_a_character(&format!("1{}", "ä".repeat(200)), &format!("1{}", "ä".repeat(149)))]
    fn of_a_request_to_look_as_much_is_read_as_status_can_hold(
        #[case] asked: &str,
        #[case] read: &str,
    ) {
        let metadata = annotated(RECONCILE_REQUESTED_AT, asked);
        assert_eq!(reconcile_requested_at(&metadata), Some(read));
    }

    #[test]
    fn several_sets_of_removals_are_approved_at_once_however_they_are_separated() {
        for value in [
            "37-3f9a1c, 2-00af12,,5-a1b2c3 ",
            "37-3f9a1c\n2-00af12\n5-a1b2c3\n",
            "37-3f9a1c,\r\n\t2-00af12,\r\n\t5-a1b2c3\r\n",
            "\n37-3f9a1c\u{a0}2-00af12\u{3000}5-a1b2c3",
        ] {
            let approved = annotated(APPROVE_REMOVALS, value);
            let tokens: Vec<&str> = approved_removals(&approved).collect();
            assert_eq!(tokens, ["37-3f9a1c", "2-00af12", "5-a1b2c3"], "{value:?}");
        }
    }

    #[test]
    fn consent_is_a_label_and_not_an_annotation() {
        assert!(!consents_to_be_read(&annotated(CREDENTIALS, "true")));
        let labels = Some([(CREDENTIALS.to_owned(), "true".to_owned())].into());
        assert!(consents_to_be_read(&ObjectMeta {
            labels,
            ..ObjectMeta::default()
        }));
    }
}
