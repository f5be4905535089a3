//! How the server speaks where the reference is silent: each fact that is only assumed is a switch.

mod speech;

pub(crate) use speech::Row;
pub use speech::UnknownKey;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The switches. The default is our best reading of the reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Dialect {
    /// Other names on the wire: `request.activate.repositoryIds: repositoriesIds`, `response.repository.hasLicence: hasLicense`.
    /// Null takes the field out of answers, and makes no name count for it in requests.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, Option<String>>,
    /// What becomes of a request's field whose name the server does not know.
    pub unknown_names: UnknownNames,
    /// The casing of names in answers. Requests may have any.
    pub casing: Casing,
    /// How the plans of an organization are listed.
    pub plans_listing: PlansListing,
    /// The body of a write's answer.
    pub empty_answer: EmptyAnswer,
    /// The answer to attaching what is attached.
    pub double_attach: Repeat,
    /// The answer to detaching what is not attached.
    pub double_detach: Repeat,
    /// What an activation of more than the licences left does.
    pub short_pool: ShortPool,
    /// What becomes of the settings that a modification leaves out.
    pub modify: Modify,
    /// The organization's own `plans` array.
    pub organization_plans: OrganizationPlans,
    /// The licence on repository rows.
    pub licences: Visibility,
    /// The `plans` array on repository rows.
    pub repository_plans: Visibility,
    /// The `organizationId` on repository rows.
    pub repository_organization: Visibility,
    /// Rows marked removed in the listing of repositories.
    pub removed_rows: Visibility,
    /// A listing of an organization that does not exist.
    pub unknown_organization: UnknownOrganization,
    /// A write that names a plan, repository, project or organization that does not exist.
    pub unknown_id: UnknownId,
    /// The status of a rejected login.
    pub login_rejection: LoginRejection,
    /// What a new password does to the tokens given out before.
    pub password_change: PasswordChange,
    /// The most rows of a page, whatever `limit` asks; no cap when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size_cap: Option<usize>,
    /// What `protectedRepositories` counts.
    pub protected_repositories: ProtectedRepositories,
    /// What `repoCount` counts.
    pub repo_count: RepoCount,
    /// Where it shows that a project is in a plan.
    pub project_membership: ProjectMembership,
    /// What attaching a project means for its repositories.
    pub project_attachment: ProjectAttachment,
    /// Attaching to, or detaching from, a plan that protects everything.
    pub everything_plan: EverythingPlan,
}

macro_rules! switch {
    ($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident, $($(#[$other_doc:meta])* $other:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name {
            $(#[$first_doc])*
            #[default]
            $first,
            $($(#[$other_doc])* $other,)+
        }
    };
}

switch!(
    /// What becomes of a request's field whose name the server does not know.
    UnknownNames {
        /// It is as if it were not there: a listing under another name for `organizationId` lists everything.
        Ignored,
        /// The call is answered 400.
        Refused,
    }
);
switch!(
    /// The casing of names in answers.
    Casing {
        /// `organizationId`
        CamelCase,
        /// `OrganizationId`
        PascalCase,
    }
);
switch!(
    /// How the plans of an organization are listed.
    PlansListing {
        /// As an array.
        BareArray,
        /// As an object whose `result` is the array.
        Result,
    }
);
switch!(
    /// The body of a write's answer.
    EmptyAnswer {
        /// No byte.
        Nothing,
        /// `{}`
        Object,
    }
);
switch!(
    /// The answer to a write that is done already. It never has an effect.
    Repeat {
        /// 200
        Accepted,
        /// 409
        Conflict,
        /// 500
        ServerError,
    }
);
switch!(
    /// What an activation of more than the licences left does.
    ShortPool {
        /// Nothing, and answers 400.
        Refused,
        /// Gives what is left, in the order asked, and answers 200.
        Partial,
    }
);
switch!(
    /// What becomes of the settings that a modification leaves out.
    Modify {
        /// They keep their value.
        Patches,
        /// They fall back to the default.
        Replaces,
        /// They fall back to the default, and the plan's repositories and projects are detached.
        ReplacesAll,
    }
);
switch!(
    /// Whether answers show something.
    Visibility {
        /// They do.
        Shown,
        /// They do not.
        Hidden,
    }
);
switch!(
    /// The organization's own `plans` array.
    OrganizationPlans {
        /// It holds the plans.
        Shown,
        /// It is not there.
        Hidden,
        /// It is there and holds nothing.
        Empty,
    }
);
switch!(
    /// A listing of an organization that does not exist.
    UnknownOrganization {
        /// 404
        NotFound,
        /// A page without rows.
        EmptyPage,
        /// 500
        ServerError,
    }
);
switch!(
    /// A write that names what does not exist.
    UnknownId {
        /// 404
        NotFound,
        /// 400
        BadRequest,
        /// 500
        ServerError,
        /// 200, without effect.
        Ignored,
    }
);
switch!(
    /// The status of a rejected login.
    LoginRejection {
        /// 401
        Unauthorized,
        /// 400
        BadRequest,
        /// 403
        Forbidden,
    }
);
switch!(
    /// What a new password does to the tokens given out before.
    PasswordChange {
        /// They stay valid.
        KeepsTokens,
        /// They are answered 401.
        RevokesTokens,
    }
);
switch!(
    /// What `protectedRepositories` counts.
    ProtectedRepositories {
        /// Repositories with a licence that are in a plan.
        LicensedInAPlan,
        /// Repositories with a licence.
        Licensed,
    }
);
switch!(
    /// What `repoCount` counts.
    RepoCount {
        /// The plan's repositories of the organization listed.
        OfTheOrganization,
        /// The plan's repositories of all organizations.
        OfThePlan,
    }
);
switch!(
    /// Where it shows that a project is in a plan.
    ProjectMembership {
        /// The rows of its repositories name the plan.
        OnRepositories,
        /// The plan has an array `projects` of ids; the rows name the plan only if the repository itself is attached.
        OnPlans,
        /// Nowhere.
        Hidden,
    }
);
switch!(
    /// What attaching a project means for its repositories.
    ProjectAttachment {
        /// All of them are in the plan, those created later too.
        Covers,
        /// Those known at that moment are attached; attaching again adds the later ones.
        Snapshot,
    }
);
switch!(
    /// Attaching to, or detaching from, a plan that protects everything.
    EverythingPlan {
        /// Answers 400.
        Refuses,
        /// Answers 200, without effect.
        Accepts,
    }
);
