//! One request: read, carried out, answered.

use std::sync::Arc;

use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{AUTHORIZATION, HeaderName, HeaderValue},
};
use tokio::time::sleep;
use tracing::debug;

use super::{
    Connection, Shared,
    body::{HangUp, PacedBody},
};
use crate::{
    admin,
    call::Authorization,
    endpoint::Endpoint,
    journal,
    reply::{self, Delivery},
    simulation,
};

/// The longest body that is read: enough for a state of a hundred thousand repositories.
const LONGEST_BODY: usize = 256 << 20;

pub(super) async fn respond(
    connection: Connection,
    request: Request<Incoming>,
) -> Result<Response<PacedBody>, HangUp> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, LONGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            debug!(%error, "A request was not read to its end");
            return Err(HangUp);
        }
    };
    let path = head.uri.path();
    if let Some(path) = path.strip_prefix(admin::ROOT) {
        let answer = admin::answer(
            &connection.shared,
            &admin::Request {
                method: &head.method,
                path,
                query: head.uri.query().unwrap_or_default(),
                body: &body,
            },
        );
        return response(answer, &connection);
    }
    let authorization = head.headers.get(AUTHORIZATION);
    let authorization = authorization.and_then(|value| value.to_str().ok());
    let request = simulation::Request {
        is_post: head.method == Method::POST,
        path: path.to_owned(),
        authorization: Authorization(authorization.map(str::to_owned)),
        body: body.to_vec(),
    };
    call(connection, request).await
}

async fn call(
    connection: Connection,
    request: simulation::Request,
) -> Result<Response<PacedBody>, HangUp> {
    let shared = Arc::clone(&connection.shared);
    let arrived = shared.lock().arrive(request);
    let mut leaving = Leaving {
        shared: Arc::clone(&shared),
        number: arrived.number,
        endpoint: arrived.endpoint,
        answer: journal::Answer::Abandoned,
    };
    let delivery = match arrived.wait() {
        None => shared.lock().apply(&arrived),
        Some(wait) => {
            // A task of its own: a client that gives up drops this future, and the call is applied all the same.
            let shared_by_task = Arc::clone(&shared);
            let applying = shared.tasks.spawn(async move {
                sleep(wait).await;
                shared_by_task.lock().apply(&arrived)
            });
            applying.await.map_err(|_| HangUp)?
        }
    };
    let answer_time = shared.lock().world.answer_time;
    match delivery {
        Delivery::Close => {
            sleep(answer_time).await;
            leaving.answer = journal::Answer::Closed;
            Err(HangUp)
        }
        Delivery::Answer(answer) => {
            let delay = answer_time + answer.delay;
            if !delay.is_zero() {
                sleep(delay).await;
            }
            leaving.answer = journal::Answer::Status(answer.status);
            response(answer, &connection)
        }
    }
}

fn response(answer: reply::Answer, connection: &Connection) -> Result<Response<PacedBody>, HangUp> {
    let body = PacedBody::new(answer.body, answer.pace, connection.reset());
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(|_| HangUp)?;
    for (name, value) in answer.headers {
        let value = HeaderValue::from_str(&value).map_err(|_| HangUp)?;
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
    Ok(response)
}

/// Writes down that a call has left, also when its future is dropped because the client went away.
struct Leaving {
    shared: Arc<Shared>,
    number: u64,
    endpoint: Option<Endpoint>,
    answer: journal::Answer,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let mut simulation = self.shared.lock();
        simulation
            .journal
            .leave(self.number, self.endpoint, self.answer);
    }
}
