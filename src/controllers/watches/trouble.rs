//! Why a watch failed, in a line for the log.

use std::error::Error;

use kube::runtime::watcher;

use super::super::chain::chain;

/// What the API server said, or else what became of the request, and what that may come from.
pub(super) fn words(error: &watcher::Error) -> String {
    // Its own layer says which step of a watch failed, which helps nobody.
    let cause: &(dyn Error + 'static) = error.source().unwrap_or(error);
    let mut layer = Some(cause);
    let mut hint = "";
    while let Some(error) = layer {
        if let Some(kube::Error::Api(status)) = error.downcast_ref() {
            hint = hint_at(status.code);
        }
        layer = error.source();
    }
    format!("{}{hint}", chain(cause))
}

fn hint_at(code: u16) -> &'static str {
    match code {
        404 => "; are the custom resource definitions installed?",
        403 => "; is the Role or ClusterRole of the operator bound?",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::no_definitions(
        404,
        "404 page not found",
        "404 page not found; are the custom resource definitions installed?"
    )]
    #[case::no_right(
        403,
        "x cannot list y",
        "x cannot list y; is the Role or ClusterRole of the operator bound?"
    )]
    #[case::any_other(500, "etcdserver: request timed out", "etcdserver: request timed out")]
    fn the_words_are_those_of_the_api_server(
        #[case] code: u16,
        #[case] message: &str,
        #[case] expected: &str,
    ) {
        let status = Status {
            code,
            message: message.to_owned(),
            ..Status::default()
        };
        let error = kube::Error::Api(status.boxed());
        assert_eq!(words(&watcher::Error::InitialListFailed(error)), expected);
    }

    #[test]
    fn or_else_what_became_of_the_request() {
        let error = watcher::Error::NoResourceVersion;
        assert_eq!(words(&error), error.to_string());
    }
}
