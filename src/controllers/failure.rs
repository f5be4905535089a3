//! Why a pass over a resource failed, in one word of a closed list: the label of a metric.

use std::time::Duration;

use super::{credentials, finalizers, status};

/// Defines the closed list.
macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal),+ $(,)?) => {
        /// Why a pass failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Cause {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The label.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

causes! {
    /// Somebody else changed the object at the same moment.
    Conflict = "conflict",
    /// The API server does not allow it: a right is missing.
    Forbidden = "forbidden",
    /// What was to be changed is not there, for example a custom resource definition.
    NotFound = "not_found",
    /// The API server refused it for any other reason.
    Refused = "refused",
    /// The API server asked to be left alone.
    Throttled = "throttled",
    /// The API server failed.
    ServerError = "server_error",
    /// The API server was not reached, or gave no whole answer.
    Unreachable = "unreachable",
    /// It did not answer in time.
    TimedOut = "timed_out",
    /// Its answer, or what was to be sent, cannot be read.
    NotUnderstood = "not_understood",
}

/// An error that says in one word why a pass failed.
pub trait Failure {
    /// The word.
    fn cause(&self) -> Cause;

    /// How long the API server asked to be left alone, if it did.
    fn retry_after(&self) -> Option<Duration>;
}

impl Failure for kube::Error {
    fn cause(&self) -> Cause {
        let Self::Api(status) = self else {
            return if matches!(self, Self::SerdeError(_)) {
                Cause::NotUnderstood
            } else {
                Cause::Unreachable
            };
        };
        match status.code {
            403 => Cause::Forbidden,
            404 => Cause::NotFound,
            409 => Cause::Conflict,
            429 => Cause::Throttled,
            500.. => Cause::ServerError,
            _ => Cause::Refused,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        let Self::Api(status) = self else {
            return None;
        };
        let seconds = status.details.as_ref()?.retry_after_seconds;
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    }
}

impl Failure for status::Error {
    fn cause(&self) -> Cause {
        match self {
            Self::Unwritable(_) => Cause::NotUnderstood,
            Self::Kubernetes(error) => error.cause(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unwritable(_) => None,
            Self::Kubernetes(error) => error.retry_after(),
        }
    }
}

impl Failure for finalizers::Error {
    fn cause(&self) -> Cause {
        match self {
            Self::Contended { .. } => Cause::Conflict,
            Self::Unwritable(_) => Cause::NotUnderstood,
            Self::Kubernetes(error) => error.cause(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Contended { .. } | Self::Unwritable(_) => None,
            Self::Kubernetes(error) => error.retry_after(),
        }
    }
}

/// Why a pass failed at the API server: what it came to could not be reported, or a removal not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The status was not written.
    #[error(transparent)]
    Status(#[from] status::Error),
    /// The finalizer was not changed.
    #[error(transparent)]
    Finalizer(#[from] finalizers::Error),
    /// What a removal would be made for was not looked at once more.
    #[error("what a removal is made for could not be looked at once more")]
    Look(#[source] kube::Error),
}

impl Failure for ReportError {
    fn cause(&self) -> Cause {
        match self {
            Self::Status(error) => error.cause(),
            Self::Finalizer(error) => error.cause(),
            Self::Look(error) => error.cause(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status(error) => error.retry_after(),
            Self::Finalizer(error) => error.retry_after(),
            Self::Look(error) => error.retry_after(),
        }
    }
}

impl Failure for credentials::Error {
    fn cause(&self) -> Cause {
        match self {
            Self::NotUnderstood { .. } => Cause::NotUnderstood,
            Self::Kubernetes { source, .. } => source.cause(),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::NotUnderstood { .. } => None,
            Self::Kubernetes { source, .. } => source.retry_after(),
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::core::Status;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_right_is_missing(403, Cause::Forbidden)]
    #[case::changed_meanwhile(409, Cause::Conflict)]
    #[case::not_valid(422, Cause::Refused)]
    #[case::too_many(429, Cause::Throttled)]
    #[case::etcd_is_away(503, Cause::ServerError)]
    fn an_answer_of_the_api_server_is_one_word(#[case] code: u16, #[case] cause: Cause) {
        let status = Status {
            code,
            ..Status::default()
        };
        let error = status::Error::Kubernetes(kube::Error::Api(Box::new(status)));
        assert_eq!(error.cause(), cause);
    }
}
