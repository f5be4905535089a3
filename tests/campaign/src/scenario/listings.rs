//! Scenarios of what is listed: several pages of organizations and of repositories, and an organization that is added again.

use xopero_simulator::{Edit, builder::organization};

use super::{
    Scenario, Step,
    all::{floor, members, only, server},
};
use crate::manifests::base;

/// Rows of a page.
const ROWS: usize = 3;

/// Organizations that nothing is declared of; acme stands among them, on the third of five pages.
const OTHERS: [&str; 13] = [
    "aa-1", "aa-2", "aa-3", "aa-4", "aa-5", "aa-6", "aa-7", "zz-1", "zz-2", "zz-3", "zz-4", "zz-5",
    "zz-6",
];

/// Repositories in the plan, in the order of a listing: on each page one is to leave, and on the first one is in no plan.
const MEMBERS: [&str; 14] = [
    "b-keep", "c-old", "d-keep", "e-keep", "f-old", "g-keep", "h-keep", "i-old", "j-keep",
    "k-keep", "l-old", "m-keep", "n-keep", "o-old",
];

/// A repository that sorts first, that no resource names, and that no plan holds.
pub(crate) const SPARE: &str = "!spare";

/// An organization that sorts first.
pub(crate) const FIRST: &str = OTHERS[0];

pub(super) fn page_by_page() -> Scenario {
    let acme = organization("acme").plan("Nightly").with(SPARE);
    let mut state = server([acme.with_all(members(MEMBERS))]);
    state.organizations.extend(OTHERS.map(organization));
    state.dialect.page_size_cap = Some(ROWS);
    Scenario {
        name: "S12",
        about: "of 15 repositories on 5 pages 5 leave an exclusive plan, one of each page; the organizations have 5 pages as well",
        floor: floor(11, 5, 5),
        state,
        before: base("") + &only("'*-keep', '*-old'"),
        steps: vec![Step::Apply(only("'*-keep'"))],
    }
}

pub(super) fn added_again() -> Scenario {
    let acme = organization("acme").plan("Nightly");
    let mut state = server([acme.with_all(members(MEMBERS))]);
    state.dialect.page_size_cap = Some(ROWS);
    Scenario {
        name: "S13",
        about: "an organization with 5 pages of repositories is removed and added again: it has another id, and nothing is protected",
        floor: floor(11, 10, 0),
        state,
        before: base("")
            + &only("'*-keep'").replace("membership: Exclusive", "membership: Additive"),
        steps: vec![Step::Edit(again())],
    }
}

/// The organization is removed and added again.
pub(crate) fn again() -> Edit {
    Edit::ReAddOrganization {
        organization: "acme".to_owned(),
    }
}
