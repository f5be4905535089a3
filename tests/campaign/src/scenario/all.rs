//! The scenarios.

use xopero_simulator::{
    Edit, Endpoint, State,
    builder::{self, organization, repository, state},
    state::{Organization, Password, Repository},
};

use super::{Floor, Scenario, Step, listings};
use crate::manifests::{
    EMAIL, NEXT_PASSWORD, PASSWORD, acme, base, connection, plan, project, repository as claim,
    repository_by, secret,
};

/// All scenarios, in the order of their names.
pub fn all() -> Vec<Scenario> {
    vec![
        onboard(),
        reselect(),
        change_plans(),
        delete_plan(),
        delete_repositories(),
        rotate_secret(),
        conflict(),
        azure(),
        retain(),
        select_again(),
        set_and_synchronize(),
        listings::page_by_page(),
        listings::added_again(),
        retain_while_it_answers(),
    ]
}

pub(super) const fn floor(writes: usize, external: usize, destructive: usize) -> Floor {
    Floor {
        writes,
        external,
        destructive,
        most_external: None,
    }
}

/// Nothing may be written to Xopero ONE.
const UNTOUCHED: Floor = Floor {
    most_external: Some(0),
    ..floor(0, 0, 0)
};

/// A server with the account and these organizations.
pub(super) fn server(organizations: impl IntoIterator<Item = Organization>) -> State {
    let account = builder::user(EMAIL, PASSWORD);
    let mut state = state().licences(100).user(account);
    state.organizations.extend(organizations);
    state
}

/// Repositories with a licence, in the plan Nightly.
pub(super) fn members<const N: usize>(names: [&str; N]) -> [Repository; N] {
    names.map(|name| repository(name).licensed().in_plan("Nightly"))
}

/// The plan Nightly, which is to hold these alone.
pub(super) fn only(include: &str) -> String {
    let more = format!("repositories: {{include: [{include}]}}\nmembership: Exclusive");
    plan("acme", "Nightly", &more)
}

fn onboard() -> Scenario {
    let names = ["api", "docs", "infra", "mobile", "shop", "web"];
    let claims = ["infra", "shop"].map(|name| claim(name, "license: Active\nplans: [Nightly]"));
    let selector = "repositories: {include: [api, docs, mobile, web]}";
    Scenario {
        name: "S1",
        about: "6 repositories are licensed and attached, four by a plan and two by resources of their own",
        floor: floor(16, 7, 0),
        state: server([organization("acme").plan("Nightly").with_all(names)]),
        before: String::new(),
        steps: vec![Step::Apply(
            base("") + &plan("acme", "Nightly", selector) + &claims.concat(),
        )],
    }
}

fn reselect() -> Scenario {
    let acme = organization("acme")
        .plan("Nightly")
        .with("new-1")
        .with_all(members(["keep", "old-1", "old-2", "old-3"]))
        .with_all(["new-2", "new-3"]);
    Scenario {
        name: "S2",
        about: "an exclusive plan selects others: 3 go in, 3 go out",
        floor: floor(10, 7, 3),
        state: server([acme]),
        before: base("") + &only("keep, 'old-*'"),
        steps: vec![Step::Apply(only("keep, 'new-*'"))],
    }
}

fn change_plans() -> Scenario {
    let names = ["api", "docs", "shop", "web"];
    let acme = organization("acme").plan("Nightly").plan("Weekly");
    let acme = acme.with_all(members(names));
    let claims = |plan: &str| {
        let more = format!("plans: [{plan}]\nmembership: Exclusive");
        names.map(|name| claim(name, &more)).concat()
    };
    Scenario {
        name: "S3",
        about: "4 repositories change from one plan to another, by their own resources",
        floor: floor(20, 8, 4),
        state: server([acme]),
        before: base("") + &claims("Nightly"),
        steps: vec![Step::Apply(claims("Weekly"))],
    }
}

fn delete_plan() -> Scenario {
    let names = ["a-1", "a-2", "a-3", "a-4", "a-5", "a-6", "by-hand"];
    let acme = organization("acme").plan("Nightly");
    let acme = acme.with_all(members(names));
    let selector = "repositories: {include: ['a-*']}\ndeletionPolicy: Detach";
    Scenario {
        name: "S4",
        about: "a plan with Detach is deleted, and its 6 repositories leave",
        floor: floor(14, 6, 6),
        state: server([acme]),
        // A crash costs a step of four: two of them, and the six, are more than the hour has by default.
        before: base("removalLimit: 20") + &plan("acme", "Nightly", selector),
        steps: vec![Step::Delete("XoperoBackupPlan", "nightly")],
    }
}

fn delete_repositories() -> Scenario {
    let acme = organization("acme").plan("Nightly");
    let acme = acme.with_all(members(["old", "stays", "web"]));
    let wants =
        |policy: &str| format!("license: Active\nplans: [Nightly]\ndeletionPolicy: {policy}");
    Scenario {
        name: "S5",
        about: "a repository with Deactivate and one with Remove are deleted; the latter is approved",
        floor: floor(23, 5, 5),
        state: server([acme]),
        before: base("") + &claim("web", &wants("Deactivate")) + &claim("old", &wants("Remove")),
        steps: vec![
            Step::Delete("XoperoRepository", "web"),
            Step::Delete("XoperoRepository", "old"),
            Step::Approve("acme"),
        ],
    }
}

fn rotate_secret() -> Scenario {
    let names = ["api", "docs", "shop", "web"];
    // One write after the other, so that the change comes between two of them.
    let one_by_one = connection("").replace("inFlight: 4", "inFlight: 1");
    let selector = "repositories: {include: ['**']}";
    let mut state = server([organization("acme").plan("Nightly").with_all(names)]);
    state.answer_time = std::time::Duration::from_millis(50);
    Scenario {
        name: "S6",
        about: "the password is rotated while 4 repositories are licensed and attached",
        floor: floor(12, 5, 0),
        state,
        before: secret(PASSWORD) + &one_by_one + &acme(""),
        steps: vec![
            Step::Apply(plan("acme", "Nightly", selector)),
            Step::Called(Endpoint::AttachRepository, 1),
            Step::Apply(secret(NEXT_PASSWORD)),
            Step::Edit(Edit::SetPassword {
                email: EMAIL.to_owned(),
                password: Password::new(NEXT_PASSWORD),
            }),
            Step::Edit(Edit::RevokeTokens { email: None }),
        ],
    }
}

fn conflict() -> Scenario {
    let acme = organization("acme")
        .plan("Nightly")
        .plan("Weekly")
        .with("web");
    let acme = acme.with(repository("api").licensed());
    let older = "license: Active\nplans: [Nightly]\ndeletionPolicy: Detach";
    Scenario {
        name: "S7",
        about: "two resources contradict each other on a licence; the older goes, and the younger takes over",
        floor: floor(22, 5, 2),
        state: server([acme]),
        before: base(""),
        steps: vec![
            Step::Apply(repository_by("z-older", "web", older)),
            Step::Settled,
            Step::NextSecond,
            Step::Apply(repository_by(
                "a-younger",
                "web",
                "license: Inactive\nplans: [Weekly]",
            )),
            Step::Settled,
            Step::Delete("XoperoRepository", "z-older"),
        ],
    }
}

fn azure() -> Scenario {
    let mut northwind = organization("northwind").azure_devops();
    northwind = northwind.plan("Azure").plan("Extra");
    for (project, name) in [("grain", "mill"), ("portal", "web"), ("stock", "count")] {
        northwind = northwind.with(repository(name).project(project).licensed());
    }
    let northwind = northwind.project(builder::project("stock").in_plan("Azure"));
    let of = |name: &str, plans: &str, more: &str| {
        project("northwind", name, &format!("plans: [{plans}]\n{more}"))
    };
    let settings = "settings: {includeMetadata: true, parameters: {compression: zstd}}";
    let before = secret(PASSWORD)
        + &connection("planSettings: Allowed")
        + &crate::manifests::organization("northwind", "AzureDevOps", "")
        + &of("stock", "Azure", "deletionPolicy: Detach");
    Scenario {
        name: "S8",
        about: "projects of Azure DevOps are attached and detached, and two plans are set",
        floor: floor(20, 5, 1),
        state: server([northwind]),
        before,
        steps: vec![
            Step::Apply(
                of("grain", "Azure", "")
                    + &of("portal", "Azure", "")
                    + &plan("northwind", "Azure", settings)
                    + &plan("northwind", "Extra", settings),
            ),
            Step::Settled,
            Step::Delete("XoperoAzureProject", "stock"),
        ],
    }
}

fn retain() -> Scenario {
    let acme = organization("acme").plan("Nightly");
    let acme = acme.with_all(members(["api", "web"]));
    Scenario {
        name: "S9",
        about: "with Retain everything is deleted while Xopero ONE, Secret and connection are gone",
        floor: UNTOUCHED,
        state: server([acme]),
        before: base("")
            + &plan("acme", "Nightly", "repositories: {include: [api]}")
            + &claim("web", "license: Active\nplans: [Nightly]"),
        steps: vec![
            Step::Unreachable,
            Step::ForgetSecret,
            Step::Delete("XoperoConnection", "xopero"),
            Step::Delete("XoperoBackupPlan", "nightly"),
            Step::Delete("XoperoRepository", "web"),
            Step::Delete("XoperoOrganization", "acme"),
        ],
    }
}

fn retain_while_it_answers() -> Scenario {
    Scenario {
        name: "S14",
        about: "with Retain everything is deleted, an exclusive plan first, while Xopero ONE answers",
        before: base("") + &only("api") + &claim("web", "license: Active\nplans: [Nightly]"),
        steps: vec![
            Step::Delete("XoperoBackupPlan", "nightly"),
            Step::Delete("XoperoRepository", "web"),
            Step::Settled,
            Step::Delete("XoperoOrganization", "acme"),
            Step::Delete("XoperoConnection", "xopero"),
        ],
        ..retain()
    }
}

fn select_again() -> Scenario {
    let before = organization("acme").plan("Nightly").with("new");
    let before = before.with_all(members(["keep", "old-1", "old-2", "claimed"]));
    Scenario {
        name: "S10",
        about: "what an exclusive plan would remove is held, then selected again, and then removals are allowed: none goes",
        floor: floor(4, 2, 0),
        state: server([before]),
        before: base("removalLimit: 0") + &only("keep") + &claim("claimed", "plans: [Nightly]"),
        steps: vec![
            Step::Apply(only("keep, 'old-*', new")),
            Step::Apply(acme("removalLimit: 10")),
        ],
    }
}

fn set_and_synchronize() -> Scenario {
    let settings = "repositories: {include: ['**']}\nsettings: {includeMetadata: true}";
    let organization = organization("acme").plan("Nightly").upstream("web");
    let organization = organization.upstream("new");
    Scenario {
        name: "S11",
        about: "a plan is set, and a repository that a synchronization makes known is licensed and attached",
        floor: floor(9, 4, 0),
        state: server([organization.with_all(members(["web"]))]),
        before: secret(PASSWORD) + &connection("planSettings: Allowed") + &acme(""),
        steps: vec![
            Step::Apply(plan("acme", "Nightly", settings)),
            Step::Settled,
            Step::Ask("XoperoOrganization", "acme"),
            Step::Called(Endpoint::Sync, 1),
        ],
    }
}
