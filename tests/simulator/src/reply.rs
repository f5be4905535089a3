//! What an endpoint answers, before and after a fault has been at it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{
    dialect::{Dialect, EmptyAnswer, PlansListing, Row},
    faults::{RetryAfter, Status},
    names::Shape,
};

/// The page of a proxy that has nothing better to say.
pub(crate) const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>\n";

pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// An endpoint's answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content: Content,
    /// How many things the call changed.
    pub(crate) changes: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Listing(Listing),
}

/// The rows of a listing, still to be put into their frame.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    pub(crate) rows: Vec<Value>,
    /// None for the listing of plans, which has no pages.
    pub(crate) paging: Option<Paging>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    pub(crate) current_page: usize,
    pub(crate) page_count: i64,
    pub(crate) total_entries: i64,
}

impl Reply {
    pub(crate) fn json(value: Value) -> Self {
        Self {
            status: 200,
            content: Content::Json(value),
            changes: 0,
        }
    }

    pub(crate) fn listing(rows: Vec<Value>, paging: Option<Paging>) -> Self {
        Self {
            status: 200,
            content: Content::Listing(Listing { rows, paging }),
            changes: 0,
        }
    }

    /// A write that is done, and changed so many things.
    pub(crate) fn done(dialect: &Dialect, changes: u64) -> Self {
        Self {
            status: 200,
            content: match dialect.empty_answer {
                EmptyAnswer::Nothing => Content::Empty,
                EmptyAnswer::Object => Content::Json(json!({})),
            },
            changes,
        }
    }

    /// Without a body, as the framework answers 401 and 403.
    pub(crate) fn bare(status: u16) -> Self {
        Self {
            status,
            content: Content::Empty,
            changes: 0,
        }
    }

    /// An error in the shape that ASP.NET Core gives it. Nothing may rely on the text.
    pub(crate) fn refused(status: u16, detail: &str) -> Self {
        Self {
            status,
            content: Content::Json(json!({"status": status, "detail": detail})),
            changes: 0,
        }
    }

    pub(crate) fn listing_mut(&mut self) -> Option<&mut Listing> {
        match &mut self.content {
            Content::Listing(listing) => Some(listing),
            Content::Empty | Content::Json(_) => None,
        }
    }

    pub(crate) fn body(&self, dialect: &Dialect) -> Bytes {
        match &self.content {
            Content::Empty => Bytes::new(),
            Content::Json(value) => value.to_string().into(),
            Content::Listing(listing) => listing.body(dialect).to_string().into(),
        }
    }
}

impl Listing {
    fn body(&self, dialect: &Dialect) -> Value {
        let rows = Value::Array(self.rows.clone());
        match (self.paging, dialect.plans_listing) {
            (Some(paging), _) => Row::new(dialect, Shape::Page)
                .put("currentPage", paging.current_page)
                .put("pageCount", paging.page_count)
                .put("totalEntries", paging.total_entries)
                .put("result", rows)
                .done(),
            (None, PlansListing::BareArray) => rows,
            (None, PlansListing::Result) => {
                Row::new(dialect, Shape::Page).put("result", rows).done()
            }
        }
    }
}

/// What goes over the wire in the end.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The connection is closed without a reply.
    Close,
    Answer(Answer),
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) pace: Pace,
    /// How long it waits before the first byte.
    pub(crate) delay: Duration,
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Whole,
    /// Byte after byte, one each so long.
    Drip(Duration),
    /// Half of it, then the connection is reset.
    Reset,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let content_type = (!body.is_empty()).then(|| ("content-type", content_type.to_owned()));
        Self {
            status,
            headers: content_type.into_iter().collect(),
            body,
            pace: Pace::Whole,
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn of(reply: &Reply, dialect: &Dialect) -> Self {
        let mut answer = Self::new(reply.status, JSON, reply.body(dialect));
        if reply.status == 401 {
            answer
                .headers
                .push(("www-authenticate", "Bearer".to_owned()));
        }
        answer
    }

    pub(crate) fn of_fault(status: &Status) -> Self {
        let content_type = status.content_type.as_deref().unwrap_or(JSON);
        let body = status.body.clone().unwrap_or_default();
        let mut answer = Self::new(status.code, content_type, body);
        if let Some(retry_after) = &status.retry_after {
            answer.headers.push(("retry-after", retry_after.text()));
        }
        answer
    }
}

impl RetryAfter {
    fn text(&self) -> String {
        match self {
            Self::Seconds(seconds) => seconds.to_string(),
            Self::DateIn(seconds) => {
                httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(*seconds))
            }
            Self::Text(text) => text.clone(),
        }
    }
}
