//! The connection of an organization, usable from its namespace.

use super::{
    super::{
        connections::{Connected, ConnectionKey, Usable},
        messages,
        namespaces::{Allowance, Permission},
        observed::Place,
    },
    Context,
};
use crate::{
    api::{NamespacesFrom, Reason, Rights, XoperoOrganization},
    decide::Trouble,
};

/// The connection, usable from this namespace; `None` while its first look is under way.
pub(super) async fn dereference(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
) -> Result<Option<Usable>, Trouble> {
    let key = ConnectionKey::meant(&resource.spec.connection_ref, &place.namespace);
    let missing = || Trouble {
        reason: Reason::WaitingForConnection,
        message: messages::connection_missing(&key.name, &key.namespace, &place.namespace),
    };
    // One that is not there and one that is not allowed are told in the same words.
    if admission(context, &place.namespace, &key).await != Admission::Admitted {
        return Err(missing());
    }
    match context.connections.get(&key) {
        Connected::Usable(usable) => Ok(Some(usable)),
        // It is there, as was just seen: its own controller has not looked at it yet.
        Connected::Unread | Connected::Missing => Ok(None),
        Connected::Waiting { reason, message } => Err(Trouble {
            reason: Reason::WaitingForConnection,
            message: format!("XoperoConnection {key} cannot be used yet ({reason}): {message}"),
        }),
    }
}

/// Whether a connection admits a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It does.
    Admitted,
    /// It does not.
    Denied,
    /// It is not there, or cannot be read, or the namespace is not known: it may yet.
    Unknown,
}

/// Whether the connection admits the namespace.
pub(super) async fn admission(
    context: &Context,
    namespace: &str,
    key: &ConnectionKey,
) -> Admission {
    let connection = Place {
        namespace: key.namespace.clone(),
        name: key.name.clone(),
    };
    let Some(observed) = context.connection_resources.get(&connection) else {
        return Admission::Unknown;
    };
    if key.namespace == namespace {
        return Admission::Admitted;
    }
    let Some(found) = observed.understood() else {
        return Admission::Unknown;
    };
    let from = found.spec.namespaces_from();
    let allowance = Allowance {
        own: key.namespace.clone(),
        from,
        selector: found
            .spec
            .allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.selector.clone()),
        rights: Rights::Full,
    };
    let labels = &context.labels;
    if allowance.permits(namespace, labels).await != Permission::Denied {
        return Admission::Admitted;
    }
    // Labels that are not known permit nothing, and say nothing.
    if from == NamespacesFrom::Selector && labels.of(namespace).await.is_none() {
        return Admission::Unknown;
    }
    Admission::Denied
}
