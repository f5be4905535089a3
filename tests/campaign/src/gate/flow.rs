//! Answers of Xopero ONE on their way through a gate, piece by piece: that one drips, or breaks off in its middle, is part of it.

use bytes::{Bytes, BytesMut};
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::{Response, StatusCode, body::Frame};

use super::{
    forward::of_the_message,
    pass::{Body, Cut, Passing},
};
use crate::journal::Reached;

/// An answer under way.
struct Flow {
    passing: Passing,
    answer: reqwest::Response,
    status: StatusCode,
    taken: BytesMut,
    left: u64,
}

pub(super) async fn begin(passing: Passing) -> Result<Response<Body>, Cut> {
    let Some(answer) = passing.asked().await else {
        return Err(Cut);
    };
    let (status, headers) = (answer.status(), of_the_message(answer.headers()));
    let mut flow = Flow {
        passing,
        status,
        left: answer.content_length().unwrap_or_default(),
        answer,
        taken: BytesMut::new(),
    };
    if flow.left == 0 {
        flow.over();
    }
    let pieces = stream::unfold(flow, async |mut flow| {
        let piece = flow.next().await?;
        Some((piece.map(Frame::data), flow))
    });
    let mut response = Response::new(BodyExt::boxed_unsync(StreamBody::new(Box::pin(pieces))));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

impl Flow {
    /// The next piece for the operator; none at the end.
    async fn next(&mut self) -> Option<Result<Bytes, Cut>> {
        if self.left == 0 {
            return None;
        }
        let Ok(Some(piece)) = self.answer.chunk().await else {
            self.left = 0;
            self.passing.end(None, Reached::Nothing);
            return Some(Err(Cut));
        };
        self.taken.extend_from_slice(&piece);
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(length);
        // Before the operator has it, and asks for something else because of it.
        if self.left == 0 {
            self.over();
        }
        Some(Ok(piece))
    }

    fn over(&mut self) {
        let whole = self.taken.split().freeze();
        let answer = Some((self.status, &whole));
        self.passing.end(answer, Reached::Whole);
    }
}
