//! The ids that the simulator gives when a state names none: version 5 UUIDs of the names, so that a test can say an id before the server runs.

use uuid::Uuid;

/// The namespace of every derived id; any constant would do, this one is the simulator's own.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d3c_2b7e_0f4a_4c61_9a55_7866_1e0d_3a11);

/// The id of a user without an explicit one.
pub fn user(email: &str) -> Uuid {
    derived(&["user", email])
}

/// The id of an organization without an explicit one.
pub fn organization(name: &str) -> Uuid {
    derived(&["organization", name])
}

/// The id of a plan without an explicit one.
pub fn plan(organization: &str, name: &str) -> Uuid {
    derived(&["plan", organization, name])
}

/// The id of a project without an explicit one.
pub fn project(organization: &str, name: &str) -> Uuid {
    derived(&["project", organization, name])
}

/// The id of a repository without an explicit one. `project` is part of it, since two projects may hold one name.
pub fn repository(organization: &str, project: Option<&str>, name: &str) -> Uuid {
    match project {
        Some(project) => derived(&["repository", organization, project, name]),
        None => derived(&["repository", organization, name]),
    }
}

/// The id of an organization's worker without an explicit one.
pub(crate) fn derived_worker(organization: &str) -> Uuid {
    derived(&["worker", organization])
}

/// Another id for what `id` names: what Xopero ONE gives when an organization is removed and added again.
pub(crate) fn successor(id: Uuid) -> Uuid {
    Uuid::new_v5(&id, b"again")
}

/// The parts are joined by a character that no name holds, so that `a`, `b/c` and `a/b`, `c` differ.
fn derived(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_in_every_process_and_differs_by_every_part() {
        assert_eq!(
            repository("acme", None, "api"),
            repository("acme", None, "api")
        );
        assert_eq!(repository("acme", None, "api").get_version_num(), 5);
        assert_ne!(repository("acme", None, "api"), plan("acme", "api"));
        assert_ne!(
            repository("acme", Some("a"), "b/c"),
            repository("acme", Some("a/b"), "c")
        );
    }
}
