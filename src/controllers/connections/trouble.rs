//! What keeps a connection from being used, or from working, in a word and in full sentences.

use crate::{
    api::{Reason, conditions::ended},
    controllers::credentials::Defect,
    xopero::{self, Error},
};

/// Why a connection is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::controllers) struct Trouble {
    pub(in crate::controllers) reason: Reason,
    pub(in crate::controllers) message: String,
}

impl Trouble {
    /// The message becomes sentences, if it is none yet.
    pub(in crate::controllers) fn new(reason: Reason, message: impl AsRef<str>) -> Self {
        Self {
            reason,
            message: sentence(message.as_ref()),
        }
    }

    /// What an error at a use says of the connection as a whole. `None`: nothing.
    pub(super) fn of_use(error: &Error) -> Option<Self> {
        match error {
            Error::Origin(_)
            | Error::Bundle(_)
            | Error::LoginFailed { .. }
            | Error::LoginPaced { .. }
            | Error::Connection { .. }
            | Error::Certificate { .. }
            | Error::Redirected { .. } => Some(error.into()),
            // It is remembered by the client, which says so.
            Error::LoginRejected
            // Who has taken its place speaks for the connection.
            | Error::Replaced
            // These concern a call, and stand where the call is wanted.
            | Error::Settings(_)
            | Error::PermissionMissing { .. }
            | Error::NotLeader { .. }
            | Error::Withheld { .. }
            | Error::RateLimited { .. }
            | Error::Unavailable { .. }
            | Error::TimedOut { .. }
            | Error::Broken { .. }
            | Error::Server { .. }
            | Error::Refused { .. }
            | Error::NotUnderstood { .. }
            | Error::Inconsistent { .. }
            | Error::ListingNotScoped { .. } => None,
        }
    }
}

impl From<&Error> for Trouble {
    fn from(error: &Error) -> Self {
        let (_, reason) = error.class();
        Self::new(reason_of(reason), error.to_string())
    }
}

impl From<&Defect> for Trouble {
    fn from(defect: &Defect) -> Self {
        Self::new(defect.reason(), defect.to_string())
    }
}

/// The reason of a condition for what the client says.
pub(in crate::controllers) fn reason_of(reason: xopero::Reason) -> Reason {
    match reason {
        xopero::Reason::RateLimited => Reason::RateLimited,
        xopero::Reason::ApiUnavailable => Reason::ApiUnavailable,
        xopero::Reason::LoginRejected => Reason::LoginRejected,
        xopero::Reason::PermissionMissing => Reason::PermissionMissing,
        xopero::Reason::CertificateInvalid => Reason::CertificateInvalid,
        xopero::Reason::AnswerNotUnderstood => Reason::AnswerNotUnderstood,
        xopero::Reason::Refused => Reason::Refused,
        xopero::Reason::ListingNotScoped => Reason::ListingNotScoped,
        xopero::Reason::InvalidSpec => Reason::InvalidSpec,
        xopero::Reason::Pending => Reason::Pending,
    }
}

/// The text of an error as a sentence: errors begin in lower case and have no full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let mut sentence: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    sentence.push_str(characters.as_str());
    ended(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_of_the_client_is_the_same_word_in_a_condition() {
        for reason in [
            xopero::Reason::RateLimited,
            xopero::Reason::ApiUnavailable,
            xopero::Reason::LoginRejected,
            xopero::Reason::PermissionMissing,
            xopero::Reason::CertificateInvalid,
            xopero::Reason::AnswerNotUnderstood,
            xopero::Reason::Refused,
            xopero::Reason::ListingNotScoped,
            xopero::Reason::InvalidSpec,
            xopero::Reason::Pending,
        ] {
            assert_eq!(reason_of(reason).as_str(), reason.as_str());
        }
    }

    #[test]
    fn the_text_of_an_error_becomes_a_sentence() {
        assert_eq!(sentence("it is so; do this"), "It is so; do this.");
        assert_eq!(sentence("It is so."), "It is so.");
        assert_eq!(sentence("is it so?"), "Is it so?");
        assert_eq!(sentence("it is so!"), "It is so!");
    }
}
