//! Watches on their way through a gate, line by line.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http_body_util::{BodyExt, StreamBody};
use hyper::{Response, body::Frame};
use serde_json::{Value, json};

use super::{
    forward::of_the_message,
    pass::{Body, Cut, Passing},
    trap::Fault,
};
use crate::journal::{Reached, Watched, What};

/// A watch under way.
struct Lines {
    passing: Passing,
    answer: reqwest::Response,
    /// What came of a line that is not whole yet.
    begun: BytesMut,
    ready: VecDeque<Bytes>,
    fault: Option<Fault>,
}

pub(super) async fn begin(passing: Passing, fault: Option<Fault>) -> Result<Response<Body>, Cut> {
    let Some(answer) = passing.asked().await else {
        return Err(Cut);
    };
    let (status, headers) = (answer.status(), of_the_message(answer.headers()));
    passing.end(Some((status, &Bytes::new())), Reached::Whole);
    let mut lines = Lines {
        passing,
        answer,
        begun: BytesMut::new(),
        ready: VecDeque::new(),
        fault,
    };
    if status.is_success() {
        lines.ready.extend(first_line(fault));
    }
    let frames = stream::unfold(lines, async |mut lines| {
        let line = lines.next().await?;
        Some((line.map(Frame::data), lines))
    });
    let mut response = Response::new(BodyExt::boxed_unsync(StreamBody::new(
        Box::pin(frames).map(same),
    )));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

const fn same<T>(value: T) -> T {
    value
}

/// What a fault puts before the lines of the API server.
fn first_line(fault: Option<Fault>) -> Option<Bytes> {
    let line = match fault? {
        Fault::Gone => json!({"type": "ERROR", "object": {
            "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
            "message": "too old resource version: 1 (2)", "reason": "Expired", "code": 410,
        }}),
        Fault::Undecodable => json!({"type": "MODIFIED", "object": {
            "apiVersion": "xopero.dev/v1alpha1", "kind": "Unreadable",
            "metadata": {"name": 7, "generation": "none"}, "spec": [], "status": true,
        }}),
        Fault::Crash(_)
        | Fault::Answer(_)
        | Fault::LostAnswer(_)
        | Fault::Reset
        | Fault::Close
        | Fault::Outage
        | Fault::Blow
        | Fault::Held
        | Fault::Earlier => return None,
    };
    Some(format!("{line}\n").into())
}

impl Lines {
    /// The next line for the operator; none at the end.
    async fn next(&mut self) -> Option<Result<Bytes, Cut>> {
        if self.fault == Some(Fault::Close) {
            return None;
        }
        if self.fault == Some(Fault::Held) {
            self.passing.shared.healed().await;
        }
        loop {
            if let Some(line) = self.ready.pop_front() {
                self.note(&line);
                return Some(Ok(line));
            }
            match self.answer.chunk().await {
                Ok(Some(chunk)) => self.take(&chunk),
                Ok(None) => return None,
                Err(_) => return Some(Err(Cut)),
            }
        }
    }

    fn take(&mut self, chunk: &Bytes) {
        self.begun.extend_from_slice(chunk);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            self.ready.push_back(self.begun.split_to(end + 1).freeze());
        }
    }

    fn note(&self, line: &Bytes) {
        let line: Value = serde_json::from_slice(line).unwrap_or_default();
        let watched = Watched {
            request: self.passing.number,
            line,
        };
        let journal = &self.passing.shared.journal;
        journal.note(self.passing.process, What::Watched(watched));
    }
}
