//! What an error means to the caller: who can end the trouble, the word for it, and what became of a write.

use std::fmt;

/// Who can end the trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Time: it is tried again, at growing intervals.
    Transient,
    /// The server said when: it is tried again then.
    Waiting,
    /// Only a person. It is still looked at again at every resync.
    Terminal,
}

/// Why, in one bounded word: condition reason, event reason and metric label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The server asks for fewer requests.
    RateLimited,
    /// The server did not answer, or answered that it cannot serve.
    ApiUnavailable,
    /// E-mail and password were rejected.
    LoginRejected,
    /// The account may not do this.
    PermissionMissing,
    /// The server's certificate, or the bundle to check it with, is not good.
    CertificateInvalid,
    /// The answer is not what this API is known to answer.
    AnswerNotUnderstood,
    /// The server refused the request itself.
    Refused,
    /// A listing holds what was not asked for.
    ListingNotScoped,
    /// What was declared cannot be sent.
    InvalidSpec,
    /// It is decided anew, or another replica writes at this moment.
    Pending,
}

impl Reason {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited => "RateLimited",
            Self::ApiUnavailable => "ApiUnavailable",
            Self::LoginRejected => "LoginRejected",
            Self::PermissionMissing => "PermissionMissing",
            Self::CertificateInvalid => "CertificateInvalid",
            Self::AnswerNotUnderstood => "AnswerNotUnderstood",
            Self::Refused => "Refused",
            Self::ListingNotScoped => "ListingNotScoped",
            Self::InvalidSpec => "InvalidSpec",
            Self::Pending => "Pending",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// What became of a write that ended in an error. Of a listing it says nothing worth knowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did not happen, and may be sent again.
    NotDone,
    /// It did not happen, and would be refused again.
    Refused,
    /// It may have happened: look before sending it again.
    Unknown,
}
