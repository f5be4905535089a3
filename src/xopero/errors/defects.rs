//! What exactly is wrong with a certificate, a connection, an answer or a listing: the second half of an error's sentence.

/// Why there is nothing to check a certificate with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleDefect {
    /// The bundle is no PEM, or a certificate in it is damaged.
    #[error(
        "the CA bundle cannot be read; give it PEM blocks that begin with -----BEGIN CERTIFICATE-----"
    )]
    Unreadable,
    /// The bundle has no certificate.
    #[error(
        "the CA bundle holds no certificate; give it PEM blocks that begin with -----BEGIN CERTIFICATE-----"
    )]
    Empty,
    /// `main` has not installed what TLS is computed with.
    #[error("no provider of TLS is installed, which is a fault of the operator; please report it")]
    NoProvider,
    /// Neither a bundle nor certificates of the platform.
    #[error(
        "no certificate authority is known, neither to the operator's image nor by tls.caBundleRef; name one there"
    )]
    NoRoots,
}

/// At which step a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionFailure {
    /// The name of the host is not known.
    #[error("the name of the host cannot be resolved")]
    Name,
    /// Nobody listens there.
    #[error("it was refused")]
    Refused,
    /// Nobody answered.
    #[error("it was not answered in time")]
    TimedOut,
    /// Host and client do not agree on TLS.
    #[error("TLS could not be agreed on; is it the port of an https server?")]
    Tls,
    /// Anything else.
    #[error("it could not be made")]
    Other,
}

/// What is wrong with the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateDefect {
    /// Past its end.
    #[error("it has expired; renew it at the server")]
    Expired,
    /// Before its beginning.
    #[error("it is not valid yet; compare the clocks of server and cluster")]
    NotYetValid,
    /// Of another host.
    #[error("it is for another host name; use a name that stands in it as url")]
    OtherName,
    /// Signed by nobody known.
    #[error("no known authority signed it; name the one that did as tls.caBundleRef")]
    UnknownIssuer,
    /// One of an authority (`CA:TRUE`), as `openssl req -x509` makes it, which does not itself stand in the bundle.
    #[error(
        "it is one of an authority (CA:TRUE) and none of a server; put this very certificate into the bundle of tls.caBundleRef, or make one at the server with -addext basicConstraints=critical,CA:FALSE"
    )]
    IsAuthority,
    /// Anything else.
    #[error("it is not acceptable; renew it at the server")]
    Other,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerDefect {
    /// A web page.
    #[error(
        "it is a web page; see whether url is the address of Xopero ONE itself, and whether that is in maintenance"
    )]
    WebPage,
    /// Cut short.
    #[error("it was cut short")]
    CutShort,
    /// No JSON.
    #[error("it is not JSON; see whether url is the address of Xopero ONE itself")]
    NotJson,
    /// Longer than any answer known.
    #[error("it is longer than any answer expected here")]
    TooLong,
    /// No list where one was expected.
    #[error(
        "it holds no list; if Xopero ONE gives the list another name, set {key} in the file given with --wire-names"
    )]
    NoList {
        /// What may have to be replaced.
        key: &'static str,
    },
    /// A field without which nothing can be said.
    #[error(
        "it shows no usable \"{key}\"; if Xopero ONE gives that field another name, set {key} in the file given with --wire-names"
    )]
    FieldMissing {
        /// What may have to be replaced.
        key: &'static str,
    },
    /// More rows than any organization has.
    #[error("it announces more rows than can be held")]
    TooManyRows,
}

/// Why a reading of a listing is not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// Another page than the one asked for.
    #[error("the server answered with another page than the one asked for")]
    OtherPage,
    /// An id that was there before.
    #[error("a row came twice")]
    RowTwice,
    /// `pageCount` changed.
    #[error("the number of pages changed from page to page")]
    PageCountChanged,
    /// `totalEntries` changed.
    #[error("the number of rows changed from page to page")]
    TotalChanged,
    /// No more rows, but fewer than announced.
    #[error("fewer rows came than were announced")]
    RowsMissing,
    /// More rows than announced.
    #[error("more rows came than were announced")]
    RowsTooMany,
    /// A page that was announced is not there.
    #[error("a page that was announced is not there")]
    PageGone,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors are chained, and whoever makes a sentence of them ends it.
    #[test]
    fn what_is_wrong_with_an_answer_is_no_sentence_yet() {
        let key = "response.page.result";
        for defect in [
            AnswerDefect::WebPage,
            AnswerDefect::CutShort,
            AnswerDefect::NotJson,
            AnswerDefect::TooLong,
            AnswerDefect::NoList { key },
            AnswerDefect::FieldMissing { key },
            AnswerDefect::TooManyRows,
        ] {
            let text = defect.to_string();
            assert!(!text.ends_with(['.', '?', '!']), "{text}");
        }
    }
}
