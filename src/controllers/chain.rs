//! An error in one line, down to its cause: printed alone, it says only what its outermost layer knows.

use std::error::Error;

use kube::core::Status;

/// What each layer says, from the outermost to the cause. What the API server says stands for itself.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut said = Vec::new();
    let mut layer = Some(error);
    while let Some(error) = layer {
        // kube prints the answer as a program reads it, and then once more.
        if let Some(kube::Error::Api(status)) = error.downcast_ref() {
            said.push(by_the_api_server(status));
            break;
        }
        layer = error.source();
        let text = error.to_string();
        let cause = layer.map(ToString::to_string).unwrap_or_default();
        // Many print their cause behind their own words.
        let own = text.strip_suffix(&cause).unwrap_or(&text);
        let own = own.trim_end_matches([' ', ':']);
        if !own.is_empty() {
            said.push(own.to_owned());
        }
    }
    said.join(": ")
}

fn by_the_api_server(status: &Status) -> String {
    if status.message.is_empty() {
        format!("the API server answered {}", status.code)
    } else {
        status.message.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rstest::rstest;

    use super::*;
    use crate::controllers::status;

    #[derive(Debug, thiserror::Error)]
    #[error("HyperError: {0}")]
    struct Repeating(#[source] Connect);

    #[derive(Debug, thiserror::Error)]
    #[error("client error (Connect)")]
    struct Connect(#[source] io::Error);

    fn refused() -> io::Error {
        io::Error::other("Connection refused")
    }

    fn answered(code: u16, message: &str) -> status::Error {
        let status = Status {
            code,
            message: message.to_owned(),
            ..Status::default()
        };
        status::Error::Kubernetes(kube::Error::Api(status.boxed()))
    }

    #[rstest]
    #[case::of_one_layer(refused(), "Connection refused")]
    #[case::each_layer_once(
        Repeating(Connect(refused())),
        "HyperError: client error (Connect): Connection refused"
    )]
    #[case::the_answer_of_the_api_server(
        answered(403, "x cannot patch y"),
        "the status was not written: x cannot patch y"
    )]
    #[case::without_a_word(
        answered(500, ""),
        "the status was not written: the API server answered 500"
    )]
    fn an_error_says_all_that_it_knows(#[case] error: impl Error + 'static, #[case] says: &str) {
        assert_eq!(chain(&error), says);
    }
}
