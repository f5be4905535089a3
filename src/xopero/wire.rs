//! Every name on the wire, of requests and of answers; nothing else in the operator holds one.
//!
//! Names that the vendor documents and names that are assumed stand in one table ([`fields`]); all of it can be replaced
//! at deployment by a file ([`WireNames`]). Requests are written strictly: what the table says, nothing more. Answers are
//! read tolerantly: any casing, likely spellings, unknown fields ignored, null accepted but where an id is needed.

mod answers;
mod endpoint;
mod fields;
#[cfg(test)]
mod fuzz;
mod names;
mod requests;

pub use endpoint::Endpoint;
pub use names::{WireNames, WireNamesError};

pub(super) use answers::{
    access_token, defect_of_acknowledgement, organization_page, plan_page, repository_page,
    without_byte_order_mark,
};
pub(super) use fields::{PAGE_TOTAL, REPOSITORIES_ORGANIZATION, REPOSITORY_NAME};
pub(super) use requests::{Body, Requests};
