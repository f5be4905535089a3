//! The connection of an organization, usable from its namespace.

use super::{
    super::{
        admission::{Admission, admits, is_by_labels},
        connections::{Connected, Usable, connection_meant},
        messages,
        observed::Place,
    },
    Context,
};
use crate::{
    api::{NamespacesFrom, Reason, XoperoOrganization},
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
        message: if context.connection_resources.watches(&key.namespace) {
            messages::connection_missing(&key.name, &key.namespace, &place.namespace)
        } else {
            messages::connection_unseen(&key.name, &key.namespace)
        },
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

/// Whether the connection admits the namespace.
pub(super) async fn admission(context: &Context, namespace: &str, key: &Place) -> Admission {
    admits(
        &context.connection_resources,
        &context.labels,
        namespace,
        key,
    )
    .await
}

/// Whether labels of namespaces decide who may refer to the organization, or whether it may refer to its connection, and no watch
/// tells of them.
pub(super) fn hears_of_no_labels(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
) -> bool {
    let key = connection_meant(&resource.spec.connection_ref, &place.namespace);
    !context.labels.are_watched()
        && (resource.spec.namespaces_from() == NamespacesFrom::Selector
            || is_by_labels(&context.connection_resources, &place.namespace, &key))
}
