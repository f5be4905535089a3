//! The connection of an organization, usable from its namespace.

use std::sync::Arc;

use super::{
    super::{
        connections::{Connected, Usable, connection_meant},
        messages,
        namespaces::{Allowance, Permission},
        observed::Place,
    },
    Context,
};
use crate::{
    api::{Reason, Rights, XoperoOrganization},
    decide::Trouble,
    xopero::Origin,
};

/// The connection, usable from this namespace; `None` while its first look is under way.
pub(super) async fn dereference(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
) -> Result<Option<Usable>, Trouble> {
    let key = connection_meant(&resource.spec.connection_ref, &place.namespace);
    let missing = || Trouble {
        reason: Reason::WaitingForConnection,
        message: messages::connection_missing(&key.name, &key.namespace, &place.namespace),
    };
    match admission(context, &place.namespace, &key).await {
        Admission::Admitted => {}
        // One that is not there and one that is not allowed are told in the same words.
        Admission::Denied | Admission::Missing | Admission::Unknown => return Err(missing()),
        Admission::NamespaceUnknown(why) => {
            let message = messages::namespace_unknown(
                "XoperoConnection",
                (&key.name, &key.namespace),
                &place.namespace,
                &why,
            );
            return Err(Trouble {
                reason: Reason::WaitingForConnection,
                message,
            });
        }
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

/// Where the connection that a resource means leads, as it is declared. `None` where that cannot be told.
pub(super) fn leads_to(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
) -> Option<Origin> {
    let key = connection_meant(&resource.spec.connection_ref, &place.namespace);
    let observed = context.connection_resources.get(&key)?;
    Origin::parse(&observed.understood()?.spec.url).ok()
}

/// Whether a connection admits a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It does.
    Admitted,
    /// It does not.
    Denied,
    /// It is not there.
    Missing,
    /// It cannot be decoded: it may yet.
    Unknown,
    /// It may: what decides that of the namespace is not known, for this reason.
    NamespaceUnknown(Arc<str>),
}

/// Whether the connection admits the namespace.
pub(super) async fn admission(context: &Context, namespace: &str, key: &Place) -> Admission {
    let Some(observed) = context.connection_resources.get(key) else {
        return Admission::Missing;
    };
    if key.namespace == namespace {
        return Admission::Admitted;
    }
    let Some(found) = observed.understood() else {
        return Admission::Unknown;
    };
    let allowance = Allowance {
        own: key.namespace.clone(),
        from: found.spec.namespaces_from(),
        selector: found
            .spec
            .allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.selector.clone()),
        rights: Rights::Full,
    };
    match allowance.permits(namespace, &context.labels).await {
        Permission::Granted(_) => Admission::Admitted,
        Permission::Denied => Admission::Denied,
        Permission::Unknown(why) => Admission::NamespaceUnknown(why),
    }
}
