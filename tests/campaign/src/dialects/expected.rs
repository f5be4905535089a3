//! What comes of dialects, with the reasons.

use xopero_simulator::Endpoint;

use super::Difference;

/// Where something is left that can say what is not shown: who is deleted by name is not there any more.
pub(super) const WITHOUT_CLEAN_UPS: &[&str] = &["S1", "S2", "S8", "S11"];

/// Where nothing else is left.
pub(super) const SAID_BY_THE_CONNECTION: &[(&str, Difference)] = &[
    (
        "S5",
        Difference::End(
            "/status/notShown",
            "the connection names each fact that this Xopero ONE does not show",
        ),
    ),
    (
        "S5",
        Difference::End("/status/coverage/", "what is not shown is not counted"),
    ),
];

/// What is removed goes out of its plan with it. Where that plan is not known to be of the organization, it is not let go before, so
/// that its removal, asked for by name and approved, is of one step less.
pub(super) const REMOVED_WITH_ITS_PLAN: &[(&str, Difference)] = &[
    (
        "S5",
        Difference::End("approve-removals", "it approves two steps and not three"),
    ),
    (
        "S5",
        Difference::End("/usedTokens", "it approves two steps and not three"),
    ),
    (
        "S5",
        Difference::Calls(Endpoint::DetachRepository, "it goes with the removal"),
    ),
];

/// What goes by name, and is approved.
pub(super) const BY_NAME: &[(Endpoint, &str)] = &[
    (
        Endpoint::DetachProject,
        "a resource that is deleted asks for it, and it is sent once",
    ),
    (
        Endpoint::Deactivate,
        "a resource that is deleted asks for it, and nothing else in what is listed is needed",
    ),
    (
        Endpoint::Remove,
        "a resource that is deleted asks for it, and a person approves it",
    ),
];

/// What goes where licences are not shown.
pub(super) const BY_PLANS: &[(Endpoint, &str)] = &[
    (
        Endpoint::DetachRepository,
        "which plans a repository is in is shown, and nothing else is needed to let it go",
    ),
    (
        Endpoint::DetachProject,
        "a resource that is deleted asks for it, and its plans are shown",
    ),
];

/// A server that attaches the repositories of a project holds each by itself.
pub(super) const ONE_BY_ONE: &[Difference] = &[Difference::End(
    "/xopero/organizations/northwind/repositories/",
    "the repositories of a project are attached one by one, by the server",
)];

/// What follows from a fact that is not shown, and that nothing hangs on.
pub(super) const NOT_SHOWN: &[Difference] = &[Difference::End(
    "/status/notShown",
    "the connection names each fact that this Xopero ONE does not show",
)];

/// What follows from a modification that lets everything go.
pub(super) const REPLACED: &[Difference] = &[
    Difference::Calls(
        Endpoint::AttachRepository,
        "the settings let the members go, and they are attached again",
    ),
    Difference::Calls(
        Endpoint::AttachProject,
        "the settings let the members go, and they are attached again",
    ),
];
