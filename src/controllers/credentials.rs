//! Reading the Secret with the account and the bundle of certificates: by name, by GET, and no more of them than needed.
//!
//! The metadata is looked at first. The whole object is read only when it changed, and a Secret with an account only
//! while it consents by its label. What was read is secret, and stands in no message.

mod account;
mod bundle;
mod object;

use std::fmt;

pub(super) use self::{
    account::{Account, AccountAt, AccountDigest, DigestKey},
    bundle::BundleAt,
    object::Version,
};
use crate::api::{CaBundleKind, Reason};

/// Why there is no account, or no bundle, to work with. The text goes into a condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Defect {
    /// There is no such object.
    #[error("{object} is not there yet. Create it, or name the right one in spec.{field}")]
    Absent { object: Object, field: &'static str },
    /// A Secret without the label.
    #[error(
        "{object} does not consent to be read as the account of a connection. If it is meant to be, run: kubectl label secret {} --namespace {} xopero.dev/credentials=true. If Git declares it, put the label there",
        object.name,
        object.namespace
    )]
    NotConsenting { object: Object },
    /// A Secret without a key.
    #[error("{object} has no key \"{key}\". Add it, or name the right one in spec.{field}")]
    KeyAbsent {
        object: Object,
        key: String,
        field: &'static str,
    },
    /// A key without a value.
    #[error("the key \"{key}\" of {object} is empty. Put the {} of the account there", content.words())]
    KeyEmpty {
        object: Object,
        key: String,
        content: Content,
    },
    /// A value that is no text.
    #[error("the key \"{key}\" of {object} holds no text. Put the {} of the account there, in UTF-8", content.words())]
    KeyNotText {
        object: Object,
        key: String,
        content: Content,
    },
    /// A bundle without its key.
    #[error(
        "{object} has no key \"{key}\". Put PEM certificates there, or name the right key in spec.tls.caBundleRef.key"
    )]
    BundleKeyAbsent { object: Object, key: String },
    /// The operator has no right to read it.
    #[error("the operator may not read {object}. Grant its service account the verb get on {} in namespace \"{}\"", object.kind.plural(), object.namespace)]
    Forbidden { object: Object },
}

/// An object as messages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// The kinds that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Secret,
    ConfigMap,
}

/// What a key of the Secret holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Email,
    Password,
}

/// Why Kubernetes gave no answer to go by. It is asked again soon.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// What came could not be read. What was wrong with it is withheld: that may quote the answer.
    #[error("{object} was not read: the answer of the API server was not understood")]
    NotUnderstood { object: Object },
    /// The API server did not answer, or refused for a reason that passes.
    #[error("{object} was not read")]
    Kubernetes { object: Object, source: kube::Error },
}

impl Defect {
    /// The reason of the condition.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Absent { .. } => Reason::WaitingForSecret,
            Self::NotConsenting { .. } => Reason::SecretNotConsenting,
            Self::KeyAbsent { .. } | Self::KeyEmpty { .. } | Self::KeyNotText { .. } => {
                Reason::SecretInvalid
            }
            Self::BundleKeyAbsent { .. } => Reason::CertificateInvalid,
            Self::Forbidden { .. } => Reason::NotPermitted,
        }
    }
}

impl From<CaBundleKind> for Kind {
    fn from(kind: CaBundleKind) -> Self {
        match kind {
            CaBundleKind::Secret => Self::Secret,
            CaBundleKind::ConfigMap => Self::ConfigMap,
        }
    }
}

impl Kind {
    fn plural(self) -> &'static str {
        match self {
            Self::Secret => "secrets",
            Self::ConfigMap => "configmaps",
        }
    }
}

impl Content {
    fn words(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Password => "password",
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            namespace,
            name,
        } = self;
        let kind = match kind {
            Kind::Secret => "Secret",
            Kind::ConfigMap => "ConfigMap",
        };
        write!(formatter, "{kind} {namespace}/{name}")
    }
}

#[cfg(test)]
mod tests;
