//! What happens when a fault fires.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{duration, edit::Edit, endpoint::Endpoint};

/// What happens when a fault fires. "Applied" means that the call has its effect on the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Effect {
    /// Not applied; the connection is closed without a reply.
    Before,
    /// Applied; the connection is closed without a reply.
    Lost,
    /// Applied only after more calls.
    Late(Late),
    /// Applied twice in a row; the reply is that of the second time.
    Twice,
    /// Another status.
    Status(Status),
    /// Not applied; a page in HTML with status 200, such as a maintenance page or a login form of a proxy.
    Html,
    /// Applied; status 200 without a body.
    Empty,
    /// Applied; the first half of the body, as if it were whole.
    Truncated,
    /// Applied; this value in place of the body.
    WrongType(Value),
    /// Applied; `result` is null.
    NullResult,
    /// Applied at once; the reply comes after this long.
    Slow(#[serde(with = "duration")] Duration),
    /// Applied after this long, and replied to then. A client that gave up by then does not prevent it.
    SlowBefore(#[serde(with = "duration")] Duration),
    /// Applied; the body comes byte after byte, one each so long.
    Drip(#[serde(with = "duration")] Duration),
    /// Applied; half of the body, then the connection is reset.
    ResetInBody,
    /// Not applied; a redirect (307) to the same path under this origin.
    Redirect(String),
    /// Before the call is carried out, as usual, the world changes: a synchronization begins between two pages, an organization is added again.
    Edits(Vec<Edit>),
    /// A listing: the rows of the page before, as if they were this page's; of the page itself if it is the first.
    PageRepeats,
    /// A listing: so many rows missing at the end of the page.
    PageShort(usize),
    /// A listing: no row on the page.
    PageEmpty,
    /// A listing: 404 for the page.
    PageVanishes,
    /// A listing: the last row of the page twice.
    RowRepeats,
    /// A listing: a row of another organization at the end of the page; its `organizationId` says so.
    ForeignRow,
    /// A listing: `pageCount` differs by this.
    PageCount(i64),
    /// A listing: `totalEntries` differs by this.
    TotalEntries(i64),
    /// A listing: before the page is read, the very first repository of the organization is removed from the system, so that one row is skipped.
    RowRemovedBefore,
    /// A listing: before the page is read, a repository that sorts first is added, so that one row repeats.
    RowAddedBefore,
}

/// Applied only after more calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Late {
    /// After so many more calls have been answered.
    pub calls: u64,
    /// Only calls of this endpoint count; every call when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Endpoint>,
    /// What the caller sees meanwhile.
    #[serde(default)]
    pub reply: LateReply,
}

/// What the caller of a late write sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LateReply {
    /// The connection is closed without a reply.
    #[default]
    None,
    /// Success at once: listings lag behind.
    Success,
    /// 504
    GatewayTimeout,
}

/// Another status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Status {
    /// The status code.
    pub code: u16,
    /// The header `Retry-After`; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<RetryAfter>,
    /// The body; empty when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body's type; `application/json` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether the call is applied all the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub applied: bool,
}

/// The header `Retry-After`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum RetryAfter {
    /// So many seconds.
    Seconds(u64),
    /// An HTTP date so many seconds from now.
    DateIn(u64),
    /// This very text.
    Text(String),
}

impl Status {
    /// This status, not applied, with an empty body.
    pub fn code(code: u16) -> Self {
        Self {
            code,
            ..Self::default()
        }
    }

    /// With `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after_seconds(mut self, seconds: u64) -> Self {
        self.retry_after = Some(RetryAfter::Seconds(seconds));
        self
    }

    /// With `Retry-After` as an HTTP date so many seconds from now.
    #[must_use]
    pub fn retry_after_date_in(mut self, seconds: u64) -> Self {
        self.retry_after = Some(RetryAfter::DateIn(seconds));
        self
    }

    /// With an HTML body, as a proxy answers.
    #[must_use]
    pub fn html(mut self) -> Self {
        self.body = Some(crate::reply::HTML.to_owned());
        self.content_type = Some("text/html".to_owned());
        self
    }

    /// Applied all the same.
    #[must_use]
    pub fn applied(mut self) -> Self {
        self.applied = true;
        self
    }
}

impl From<Status> for Effect {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Edit> for Effect {
    fn from(edit: Edit) -> Self {
        Self::Edits(vec![edit])
    }
}

impl From<Late> for Effect {
    fn from(late: Late) -> Self {
        Self::Late(late)
    }
}
