//! What can go wrong between us and Xopero ONE, by what the caller can do about it.
//!
//! The text of an error goes into condition messages. So it holds no body, token, address or header, and nothing that
//! moves while the state stays the same: a wait is a field, never a part of the text.

mod class;
mod defects;

use std::time::Duration;

pub use class::{Class, Outcome, Reason};
pub use defects::{
    AnswerDefect, BundleDefect, CertificateDefect, ConnectionFailure, Inconsistency,
};

use super::{
    budget::PATIENCE, origin::OriginError, session::NextLogin, settings::SettingsError,
    wire::Endpoint,
};

/// Why a call to Xopero ONE did not end well.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The connection's address is none.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// Settings of a plan cannot be sent.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is nothing to check the server's certificate with.
    #[error("{0}")]
    Bundle(BundleDefect),
    /// E-mail and password were rejected, now or before; nothing was sent and nothing will be.
    #[error(
        "Xopero ONE rejected the e-mail and password of the account; correct them in the Secret. No request is made until they change"
    )]
    LoginRejected,
    /// Signing in did not work and is not tried before `retry_after` has passed.
    #[error("{because}{next}")]
    LoginFailed {
        /// What happened at the last attempt.
        because: Box<Self>,
        /// How long until asking again makes sense, from now. Where the next attempt is hours away, this is shorter, and the same
        /// is said again then.
        retry_after: Duration,
        /// When the next attempt comes.
        next: NextLogin,
    },
    /// The last tokens were refused soon after they were given.
    #[error(
        "Xopero ONE keeps refusing the tokens that it gave a moment ago; does another program sign in with the same account? Give the operator an account of its own"
    )]
    LoginPaced {
        /// How long until the next attempt, from now.
        retry_after: Duration,
    },
    /// The connection has another client now, or none: this one may go on with its token, and signs in no more. Or it is paused, and
    /// nothing is sent.
    #[error(
        "the connection was changed while this was under way; it begins again with what holds now"
    )]
    Replaced,
    /// The account was refused this call with a fresh token; it is not called again for a day.
    #[error(
        "{endpoint}: Xopero ONE does not permit it to this account; give it the role System Administrator with DevOps management, then change its Secret, or annotate the connection with xopero.dev/reconcile-requested-at, or wait a day"
    )]
    PermissionMissing {
        /// What was being done.
        endpoint: Endpoint,
    },
    /// The write gate is shut: the Lease would not outlive the request.
    #[error("{endpoint}: this replica may not write at the moment")]
    NotLeader {
        /// What was being done.
        endpoint: Endpoint,
    },
    /// The last look before a removal tells against it.
    #[error("{endpoint}: not sent, since what it was decided on is not so any more")]
    Withheld {
        /// What was being done.
        endpoint: Endpoint,
    },
    /// 429, or an earlier `Retry-After` that has not passed.
    #[error(
        "{endpoint}: Xopero ONE asks for fewer requests; lower requests.perSecond if this stays"
    )]
    RateLimited {
        /// What was being done.
        endpoint: Endpoint,
        /// How long the server asked to wait, from now; `None` when it did not say.
        retry_after: Option<Duration>,
    },
    /// 503.
    #[error("{endpoint}: Xopero ONE answered that it is not available")]
    Unavailable {
        /// What was being done.
        endpoint: Endpoint,
        /// How long the server asked to wait, from now; `None` when it did not say.
        retry_after: Option<Duration>,
    },
    /// No connection; nothing was sent.
    #[error("{endpoint}: no connection to Xopero ONE, {failure}")]
    Connection {
        /// What was being done.
        endpoint: Endpoint,
        /// At which step.
        failure: ConnectionFailure,
    },
    /// The server's certificate is not good; nothing was sent.
    #[error("{endpoint}: the certificate of the server is not trusted, {defect}")]
    Certificate {
        /// What was being done.
        endpoint: Endpoint,
        /// What is wrong with it.
        defect: CertificateDefect,
    },
    /// No whole answer within the timeout.
    #[error("{endpoint}: no answer from Xopero ONE within requests.timeout")]
    TimedOut {
        /// What was being done.
        endpoint: Endpoint,
    },
    /// The connection broke before the answer was whole.
    #[error("{endpoint}: the connection to Xopero ONE broke before the answer was whole")]
    Broken {
        /// What was being done.
        endpoint: Endpoint,
    },
    /// A 5xx other than 503, or a 408 or 425.
    #[error("{endpoint}: Xopero ONE answered with status {status}")]
    Server {
        /// What was being done.
        endpoint: Endpoint,
        /// The status.
        status: u16,
    },
    /// A 3xx: followed nowhere, so that the account's data goes nowhere.
    #[error(
        "{endpoint}: the server redirects{}, and redirects are not followed; write the address of Xopero ONE itself into url",
        to.as_ref().map(|host| format!(" to {host}")).unwrap_or_default()
    )]
    Redirected {
        /// What was being done.
        endpoint: Endpoint,
        /// The host that it names, if it names one.
        to: Option<String>,
    },
    /// A 4xx other than 408, 425 and 429; a 401 or 403 only where it is about what the request names.
    #[error("{endpoint}: {}", refused(*endpoint, *status))]
    Refused {
        /// What was being done.
        endpoint: Endpoint,
        /// The status.
        status: u16,
    },
    /// The answer is not what this API is known to answer.
    #[error("{endpoint}: the answer was not understood, {defect}")]
    NotUnderstood {
        /// What was being done.
        endpoint: Endpoint,
        /// What is wrong with it.
        defect: AnswerDefect,
    },
    /// No reading of a listing was whole.
    #[error(
        "{endpoint}: no reading of the listing was whole, {inconsistency}; if this stays, the server means something else by the numbers of its pages: see the keys of response.page in the file given with --wire-names"
    )]
    Inconsistent {
        /// What was being done.
        endpoint: Endpoint,
        /// What was wrong with the last reading.
        inconsistency: Inconsistency,
    },
    /// A row of another organization.
    #[error(
        "{endpoint}: the answer holds repositories of another organization, so the server does not know the field \"{wire_name}\"; name the right one as {key} in the file given with --wire-names"
    )]
    ListingNotScoped {
        /// What was being done.
        endpoint: Endpoint,
        /// What has to be replaced, for example `request.repositories.organizationId`.
        key: &'static str,
        /// The name that was sent.
        wire_name: String,
    },
}

/// What a refusal says, and what to do about it.
fn refused(endpoint: Endpoint, status: u16) -> String {
    if [401, 403].contains(&status) {
        return format!(
            "Xopero ONE does not permit this one to the account (status {status}), as it permits others; give the account the permission for it too, then annotate the connection with xopero.dev/reconcile-requested-at, or wait a day"
        );
    }
    format!(
        "Xopero ONE refused the request with status {status}; if it gives a field of it another name, set {} (or another key of request.{}) in the file given with --wire-names",
        endpoint.likeliest_key(),
        endpoint.as_str()
    )
}

impl Error {
    /// Who can end the trouble, and the word for it.
    pub fn class(&self) -> (Class, Reason) {
        match self {
            Self::Origin(_) | Self::Settings(_) => (Class::Terminal, Reason::InvalidSpec),
            Self::Bundle(_) | Self::Certificate { .. } => {
                (Class::Terminal, Reason::CertificateInvalid)
            }
            Self::LoginRejected => (Class::Terminal, Reason::LoginRejected),
            Self::LoginFailed { because, .. } => because.class(),
            Self::PermissionMissing { .. } => (Class::Terminal, Reason::PermissionMissing),
            Self::NotLeader { .. } | Self::Withheld { .. } | Self::Replaced => {
                (Class::Transient, Reason::Pending)
            }
            Self::RateLimited { .. } => (Class::Waiting, Reason::RateLimited),
            Self::LoginPaced { .. }
            | Self::Unavailable { .. }
            | Self::Connection { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::Server { .. }
            | Self::Inconsistent { .. }
            | Self::NotUnderstood {
                defect: AnswerDefect::CutShort,
                ..
            } => (Class::Transient, Reason::ApiUnavailable),
            Self::Redirected { .. }
            | Self::NotUnderstood {
                defect:
                    AnswerDefect::WebPage
                    | AnswerDefect::NotJson
                    | AnswerDefect::TooLong
                    | AnswerDefect::NoList { .. }
                    | AnswerDefect::FieldMissing { .. }
                    | AnswerDefect::TooManyRows,
                ..
            } => (Class::Terminal, Reason::AnswerNotUnderstood),
            Self::Refused { .. } => (Class::Terminal, Reason::Refused),
            Self::ListingNotScoped { .. } => (Class::Terminal, Reason::ListingNotScoped),
        }
    }

    /// What became of the write that ended in this error.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Origin(_)
            | Self::Settings(_)
            | Self::Bundle(_)
            | Self::LoginRejected
            | Self::LoginFailed { .. }
            | Self::LoginPaced { .. }
            | Self::Replaced
            | Self::PermissionMissing { .. }
            | Self::NotLeader { .. }
            | Self::Withheld { .. }
            | Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Connection { .. }
            | Self::Certificate { .. } => Outcome::NotDone,
            Self::Refused { .. } => Outcome::Refused,
            // A redirect may also be what follows a request that was carried out.
            Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::Server { .. }
            | Self::Redirected { .. }
            | Self::NotUnderstood { .. }
            | Self::Inconsistent { .. }
            | Self::ListingNotScoped { .. } => Outcome::Unknown,
        }
    }

    /// How long to wait before the next attempt, where somebody said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } | Self::Unavailable { retry_after, .. } => {
                *retry_after
            }
            Self::LoginFailed { retry_after, .. } | Self::LoginPaced { retry_after } => {
                Some(*retry_after)
            }
            Self::Origin(_)
            | Self::Settings(_)
            | Self::Bundle(_)
            | Self::LoginRejected
            | Self::Replaced
            | Self::PermissionMissing { .. }
            | Self::NotLeader { .. }
            | Self::Withheld { .. }
            | Self::Connection { .. }
            | Self::Certificate { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::Server { .. }
            | Self::Redirected { .. }
            | Self::Refused { .. }
            | Self::NotUnderstood { .. }
            | Self::Inconsistent { .. }
            | Self::ListingNotScoped { .. } => None,
        }
    }

    /// Whether the server said that what the request names is not there.
    pub fn is_not_found(&self) -> bool {
        self.refusal() == Some(404)
    }

    /// The status with which the server refused the request itself.
    pub fn refusal(&self) -> Option<u16> {
        if let Self::Refused { status, .. } = self {
            Some(*status)
        } else {
            None
        }
    }

    /// Whether the server failed at the request, which it may do because of what the request names. A 503 says that it
    /// would fail at any.
    pub(super) fn is_failure_of_server(&self) -> bool {
        matches!(
            self,
            Self::Server {
                status: 500..=599,
                ..
            }
        )
    }

    /// The status with which the server said that it failed at this very request; a gateway's says that the server did not answer.
    pub fn failure(&self) -> Option<u16> {
        if let Self::Server { status, .. } = self {
            Some(*status).filter(|status| ![408, 425, 502, 504].contains(status))
        } else {
            None
        }
    }

    /// Whether a listing is worth asking for again at once (after a moment).
    pub(super) fn is_passing(&self) -> bool {
        match self {
            // Longer than that, no call is let through anyway.
            Self::RateLimited { retry_after, .. } | Self::Unavailable { retry_after, .. } => {
                retry_after.is_none_or(|wait| wait <= PATIENCE)
            }
            Self::Connection { .. }
            | Self::TimedOut { .. }
            | Self::Broken { .. }
            | Self::Server { .. }
            | Self::NotUnderstood {
                defect: AnswerDefect::CutShort,
                ..
            } => true,
            // A login has its own, longer intervals.
            Self::LoginFailed { .. }
            | Self::LoginPaced { .. }
            | Self::Origin(_)
            | Self::Settings(_)
            | Self::Bundle(_)
            | Self::LoginRejected
            | Self::Replaced
            | Self::PermissionMissing { .. }
            | Self::NotLeader { .. }
            | Self::Withheld { .. }
            | Self::Certificate { .. }
            | Self::Redirected { .. }
            | Self::Refused { .. }
            | Self::NotUnderstood { .. }
            | Self::Inconsistent { .. }
            | Self::ListingNotScoped { .. } => false,
        }
    }
}
