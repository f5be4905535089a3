//! The body of an answer: whole, dripping, or cut off by a reset.

use std::{
    pin::Pin,
    sync::{Arc, atomic::AtomicBool},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::demand_reset;
use crate::reply::Pace;

/// How long the first half of a body has to reach the wire before the reset.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// The connection ends here.
#[derive(Debug, thiserror::Error)]
#[error("a fault ends the connection")]
pub(super) struct HangUp;

#[derive(Debug)]
pub(super) struct PacedBody {
    left: Bytes,
    pace: Pace,
    sleep: Option<Pin<Box<Sleep>>>,
    reset: Arc<AtomicBool>,
    half: usize,
}

impl PacedBody {
    pub(super) fn new(bytes: Bytes, pace: Pace, reset: Arc<AtomicBool>) -> Self {
        Self {
            half: bytes.len().div_ceil(2),
            left: bytes,
            pace,
            sleep: None,
            reset,
        }
    }

    /// Waits for so long, then once more from the start.
    fn poll_wait(&mut self, context: &mut Context<'_>, duration: Duration) -> Poll<()> {
        let waiting = self.sleep.get_or_insert_with(|| Box::pin(sleep(duration)));
        ready!(waiting.as_mut().poll(context));
        self.sleep = None;
        Poll::Ready(())
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = HangUp;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HangUp>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        let frame = match self.pace {
            Pace::Whole => std::mem::take(&mut self.left),
            Pace::Drip(each) => {
                ready!(self.poll_wait(context, each));
                self.left.split_to(1)
            }
            Pace::Reset if self.half > 0 => {
                let half = std::mem::take(&mut self.half);
                // Something is always kept back, or the body would be whole.
                let half = half
                    .min(self.left.len() - 1)
                    .max(usize::from(self.left.len() > 1));
                self.left.split_to(half)
            }
            Pace::Reset => {
                ready!(self.poll_wait(context, BEFORE_RESET));
                demand_reset(&self.reset);
                return Poll::Ready(Some(Err(HangUp)));
            }
        };
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.left.len()).unwrap_or(u64::MAX))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }
}
