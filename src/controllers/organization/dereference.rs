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
    api::{Reason, Rights, XoperoOrganization},
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
        message: messages::connection_missing(&key.name, &key.namespace),
    };
    // One that is not there and one that is not allowed are told in the same words.
    if !is_permitted(context, place, &key).await {
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

async fn is_permitted(context: &Context, place: &Place, key: &ConnectionKey) -> bool {
    let connection = Place {
        namespace: key.namespace.clone(),
        name: key.name.clone(),
    };
    let Some(observed) = context.connection_resources.get(&connection) else {
        return false;
    };
    let Some(found) = observed.understood() else {
        return key.namespace == place.namespace;
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
    allowance.permits(&place.namespace, &context.labels).await != Permission::Denied
}
