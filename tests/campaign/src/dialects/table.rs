//! All dialects that are tried: each switch by itself where a scenario meets it, and together.

use xopero_simulator::{
    Dialect, Endpoint,
    dialect::{
        Casing, EmptyAnswer, EverythingPlan, LoginRejection, Modify, OrganizationPlans,
        PasswordChange, PlansListing, ProjectAttachment, ProjectMembership, ProtectedRepositories,
        Repeat, RepoCount, ShortPool, UnknownId, UnknownNames, UnknownOrganization, Visibility,
    },
};

use super::{
    Difference, Ends, Speech, Waiting,
    expected::{
        BY_NAME, BY_PLANS, NOT_SHOWN, ONE_BY_ONE, REMOVED_WITH_ITS_PLAN, REPLACED,
        SAID_BY_THE_CONNECTION, WITHOUT_CLEAN_UPS,
    },
};

/// Where all are tried: between them they call every endpoint, and take away in every way there is.
pub(crate) const PLAYED: [&str; 5] = ["S1", "S2", "S5", "S8", "S11"];

const SAME: Ends = Ends::Alike(&[]);

const fn alike(name: &'static str, change: fn(&mut Dialect)) -> Speech {
    Speech {
        name,
        change,
        ends: SAME,
        told: "",
        also: &[],
    }
}

const fn otherwise(
    name: &'static str,
    change: fn(&mut Dialect),
    differences: &'static [Difference],
) -> Speech {
    Speech {
        ends: Ends::Alike(differences),
        ..alike(name, change)
    }
}

const fn waits(name: &'static str, change: fn(&mut Dialect), waiting: Waiting) -> Speech {
    Speech {
        ends: Ends::Waits(waiting),
        ..alike(name, change)
    }
}

const fn also(speech: Speech, also: &'static [&'static str]) -> Speech {
    Speech { also, ..speech }
}

/// Everywhere.
const ALL: &[&str] = &PLAYED;

/// All dialects.
pub const TABLE: &[Speech] = &[
    alike("pascal case", |dialect| dialect.casing = Casing::PascalCase),
    alike("plans in an object", |dialect| {
        dialect.plans_listing = PlansListing::Result;
    }),
    alike("an object for an empty answer", |dialect| {
        dialect.empty_answer = EmptyAnswer::Object;
    }),
    alike("attached twice 409", |dialect| {
        dialect.double_attach = Repeat::Conflict;
    }),
    alike("attached twice 500", |dialect| {
        dialect.double_attach = Repeat::ServerError;
    }),
    alike("detached twice 409", |dialect| {
        dialect.double_detach = Repeat::Conflict;
    }),
    alike("detached twice 500", |dialect| {
        dialect.double_detach = Repeat::ServerError;
    }),
    alike("settings replaced", |dialect| {
        dialect.modify = Modify::Replaces;
    }),
    otherwise(
        "settings and members replaced",
        |dialect| dialect.modify = Modify::ReplacesAll,
        REPLACED,
    ),
    alike("unknown names refused", |dialect| {
        dialect.unknown_names = UnknownNames::Refused;
    }),
    otherwise(
        "rows that do not say whose they are",
        |dialect| dialect.repository_organization = Visibility::Hidden,
        NOT_SHOWN,
    ),
    alike("an organization does not name its plans", |dialect| {
        dialect.organization_plans = OrganizationPlans::Hidden;
    }),
    alike("rows of what is gone not shown", |dialect| {
        dialect.removed_rows = Visibility::Hidden;
    }),
    also(
        alike("an unknown organization is empty", |dialect| {
            dialect.unknown_organization = UnknownOrganization::EmptyPage;
        }),
        &["S13"],
    ),
    also(
        alike("an unknown organization is an error", |dialect| {
            dialect.unknown_organization = UnknownOrganization::ServerError;
        }),
        &["S13"],
    ),
    also(
        alike("an unknown id is a bad request", |dialect| {
            dialect.unknown_id = UnknownId::BadRequest;
        }),
        &["S13"],
    ),
    also(
        alike("an unknown id is ignored", |dialect| {
            dialect.unknown_id = UnknownId::Ignored;
        }),
        &["S13"],
    ),
    also(
        alike("a rejected login is a bad request", |dialect| {
            dialect.login_rejection = LoginRejection::BadRequest;
        }),
        &["S6"],
    ),
    also(
        alike("a rejected login is forbidden", |dialect| {
            dialect.login_rejection = LoginRejection::Forbidden;
        }),
        &["S6"],
    ),
    also(
        alike("a new password ends tokens", |dialect| {
            dialect.password_change = PasswordChange::RevokesTokens;
        }),
        &["S6"],
    ),
    alike("pages of two", |dialect| dialect.page_size_cap = Some(2)),
    alike("protected is what has a licence", |dialect| {
        dialect.protected_repositories = ProtectedRepositories::Licensed;
    }),
    alike("a plan counts all its repositories", |dialect| {
        dialect.repo_count = RepoCount::OfThePlan;
    }),
    otherwise(
        "a project is attached as it is",
        |dialect| dialect.project_attachment = ProjectAttachment::Snapshot,
        ONE_BY_ONE,
    ),
    alike("a plan of everything accepts", |dialect| {
        dialect.everything_plan = EverythingPlan::Accepts;
    }),
    Speech {
        told: "request.activate.repositoryIds: repositoriesIds\nresponse.repository.hasLicence: seat\n",
        ..alike("other names, of which the operator is told", |dialect| {
            *dialect = dialect
                .clone()
                .naming("request.activate.repositoryIds", "repositoriesIds")
                .naming("response.repository.hasLicence", "seat");
            dialect.unknown_names = UnknownNames::Refused;
        })
    },
    alike("all of another server", |dialect| {
        dialect.casing = Casing::PascalCase;
        dialect.plans_listing = PlansListing::Result;
        dialect.empty_answer = EmptyAnswer::Object;
        dialect.double_attach = Repeat::Conflict;
        dialect.double_detach = Repeat::Conflict;
        dialect.short_pool = ShortPool::Partial;
        dialect.modify = Modify::Replaces;
        dialect.unknown_id = UnknownId::BadRequest;
        dialect.login_rejection = LoginRejection::BadRequest;
        dialect.password_change = PasswordChange::RevokesTokens;
    }),
    otherwise(
        "all of a server that fails",
        |dialect| {
            dialect.double_attach = Repeat::ServerError;
            dialect.double_detach = Repeat::ServerError;
            dialect.unknown_organization = UnknownOrganization::ServerError;
            dialect.unknown_id = UnknownId::ServerError;
            dialect.login_rejection = LoginRejection::Forbidden;
            dialect.repository_organization = Visibility::Hidden;
            dialect.page_size_cap = Some(2);
        },
        NOT_SHOWN,
    ),
    otherwise(
        "all of a server that counts otherwise",
        |dialect| {
            dialect.casing = Casing::PascalCase;
            dialect.page_size_cap = Some(1);
            dialect.protected_repositories = ProtectedRepositories::Licensed;
            dialect.repo_count = RepoCount::OfThePlan;
            dialect.removed_rows = Visibility::Hidden;
            dialect.project_membership = ProjectMembership::OnPlans;
            dialect.project_attachment = ProjectAttachment::Snapshot;
            dialect.everything_plan = EverythingPlan::Accepts;
        },
        ONE_BY_ONE,
    ),
    waits(
        "licences not shown",
        |dialect| dialect.licences = Visibility::Hidden,
        Waiting {
            says: &["NotVisible"],
            takes: BY_PLANS,
            once: &[Endpoint::Activate],
            felt: WITHOUT_CLEAN_UPS,
            otherwise: SAID_BY_THE_CONNECTION,
        },
    ),
    waits(
        "plans of repositories not shown",
        |dialect| dialect.repository_plans = Visibility::Hidden,
        Waiting {
            says: &["NotVisible"],
            takes: BY_NAME,
            once: &[Endpoint::AttachRepository, Endpoint::AttachProject],
            felt: WITHOUT_CLEAN_UPS,
            otherwise: SAID_BY_THE_CONNECTION,
        },
    ),
    waits(
        "an organization names no plans",
        |dialect| dialect.organization_plans = OrganizationPlans::Empty,
        Waiting {
            says: &["PlanNotFound"],
            takes: BY_NAME,
            once: &[],
            felt: ALL,
            otherwise: REMOVED_WITH_ITS_PLAN,
        },
    ),
    waits(
        "projects not shown",
        |dialect| dialect.project_membership = ProjectMembership::Hidden,
        Waiting {
            says: &["NotVisible"],
            takes: BY_NAME,
            once: &[Endpoint::AttachProject],
            felt: &["S8"],
            otherwise: &[],
        },
    ),
    waits(
        "plans name their projects",
        |dialect| dialect.project_membership = ProjectMembership::OnPlans,
        Waiting {
            says: &["NotVisible"],
            takes: BY_NAME,
            once: &[Endpoint::AttachProject],
            felt: &["S8"],
            otherwise: &[],
        },
    ),
    waits(
        "rows not counted",
        |dialect| *dialect = dialect.clone().without("response.page.totalEntries"),
        Waiting {
            says: &["InventoryUntrusted", "AnswerNotUnderstood"],
            takes: &[],
            once: &[],
            felt: ALL,
            otherwise: &[],
        },
    ),
    waits(
        "the organization has another name in requests, and others are refused",
        |dialect| {
            dialect.unknown_names = UnknownNames::Refused;
            *dialect = dialect.clone().naming(
                "request.listRepositories.organizationId",
                "gitOrganizationId",
            );
        },
        Waiting {
            says: &["Refused"],
            takes: &[],
            once: &[],
            felt: ALL,
            otherwise: &[],
        },
    ),
    waits(
        "repositories without an id",
        |dialect| *dialect = dialect.clone().without("response.repository.id"),
        Waiting {
            says: &["AnswerNotUnderstood"],
            takes: &[],
            once: &[],
            felt: ALL,
            otherwise: &[],
        },
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_dialect_has_a_name_of_its_own_and_differs_from_all_others() {
        let names: BTreeSet<_> = TABLE.iter().map(|speech| speech.name).collect();
        assert_eq!(names.len(), TABLE.len());
        let mut seen = vec![Dialect::default()];
        for speech in TABLE {
            let dialect = speech.of(&Dialect::default());
            assert!(!seen.contains(&dialect), "{}", speech.name);
            seen.push(dialect);
        }
        for name in TABLE.iter().flat_map(|speech| speech.also).chain(&PLAYED) {
            assert!(crate::scenario::named(name).is_some(), "{name}");
        }
    }
}
