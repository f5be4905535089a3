//! The identifiers that Xopero ONE gives: one type an entity, so that a plan can never be passed for a repository.
//!
//! There is no way from a bare UUID to an id: the wire module makes ids from answers, and [`Id::parse`] reads back what
//! we wrote ourselves. An id is a cache key. Adding an organization to Xopero ONE again changes all of its ids, so they
//! never go into a `spec`.

use std::{fmt, marker::PhantomData};

use uuid::Uuid;

/// The identifier of one entity of the kind `Of`; a GUID that is never all zeros.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<Of> {
    value: Uuid,
    of: PhantomData<Of>,
}

/// Says that an [`Id`] is an organization's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfOrganization {}

/// Says that an [`Id`] is a backup plan's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfPlan {}

/// Says that an [`Id`] is a repository's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfRepository {}

/// Says that an [`Id`] is a project's (Azure DevOps, Bitbucket).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfProject {}

/// One organization in Xopero ONE.
pub type OrganizationId = Id<OfOrganization>;
/// One backup plan in Xopero ONE.
pub type PlanId = Id<OfPlan>;
/// One repository in Xopero ONE.
pub type RepositoryId = Id<OfRepository>;
/// One project in Xopero ONE.
pub type ProjectId = Id<OfProject>;

impl<Of> Id<Of> {
    /// Reads an id that stands in our own status, or in a resource (`projectId`), in any spelling of a GUID.
    /// `None` when it is none, or all zeros: ASP.NET writes that for "no value".
    pub fn parse(text: &str) -> Option<Self> {
        let value = Uuid::parse_str(text.trim()).ok()?;
        (!value.is_nil()).then_some(Self {
            value,
            of: PhantomData,
        })
    }

    /// An id that nothing in Xopero ONE has, to ask whether the server looks at ids at all.
    pub(super) fn of_nobody() -> Self {
        Self {
            value: Uuid::new_v4(),
            of: PhantomData,
        }
    }
}

#[cfg(test)]
impl<Of> Id<Of> {
    /// The id of a fixture; `number` must not be 0.
    pub(crate) fn numbered(number: u128) -> Self {
        Self {
            value: Uuid::from_u128(number),
            of: PhantomData,
        }
    }
}

/// Lower case with hyphens, as it is sent.
impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

impl<Of> fmt::Debug for Id<Of> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::hyphens(
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
        Some("0f8fad5b-d9cb-469f-a165-70867728950e")
    )]
    #[case::braces(
        "{0f8fad5b-d9cb-469f-a165-70867728950e}",
        Some("0f8fad5b-d9cb-469f-a165-70867728950e")
    )]
    #[case::bare(
        "0f8fad5bd9cb469fa16570867728950e",
        Some("0f8fad5b-d9cb-469f-a165-70867728950e")
    )]
    #[case::all_zeros("00000000-0000-0000-0000-000000000000", None)]
    #[case::nothing("", None)]
    #[case::a_number("17", None)]
    fn an_id_is_a_guid_in_any_spelling_but_all_zeros(#[case] text: &str, #[case] id: Option<&str>) {
        assert_eq!(PlanId::parse(text).map(|id| id.to_string()).as_deref(), id);
    }

    #[test]
    fn an_id_reads_back_what_it_displays() {
        let id = RepositoryId::numbered(7);
        assert_eq!(RepositoryId::parse(&id.to_string()), Some(id));
    }
}
