//! The client of Xopero ONE's REST API. It knows no Kubernetes.
//!
//! [`Client`] is the way in. Listings are whole or an error; writes say what became of them ([`Error::outcome`]); all
//! calls of a connection share one [`Budget`] and one token. Every name on the wire stands in `wire`.

mod authorities;
mod budget;
mod client;
mod errors;
mod exchange;
mod hooks;
mod ids;
mod model;
mod origin;
mod paging;
mod retry_after;
mod session;
mod settings;
mod transport;
mod verifier;
mod wire;

pub use authorities::Authorities;
pub use budget::{Budget, BudgetUse};
pub use client::{Client, Settings, Surroundings};
pub use errors::{
    AnswerDefect, BundleDefect, CertificateDefect, Class, ConnectionFailure, Error, Inconsistency,
    Outcome, Reason,
};
pub use hooks::{CallOutcome, CallRecord, Hooks, LastLook, Observer, WriteGate};
pub use ids::{
    Id, OfOrganization, OfPlan, OfProject, OfRepository, OrganizationId, PlanId, ProjectId,
    RepositoryId,
};
pub use model::{
    Facts, LastStatus, Listed, Organization, Plan, Repository, RepositoryListing, ScopeProbe,
    Shown, display_name,
};
pub use origin::{Origin, OriginError};
pub use session::{Credentials, NextLogin, Refusal, Remembered, TokenTimes};
pub use settings::{PlanSettings, SettingsError};
pub use wire::{Endpoint, WireNames, WireNamesError};
