//! Every call × every bad answer × how often: what it is taken for, that no write is sent twice, that no secret shows, and that the
//! same client works again once the answers are good. (TLS that fails has no answer; see
//! `broken_tls`.)

use std::sync::atomic::{AtomicU64, Ordering};

use futures::future::join_all;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::xopero::{OrganizationId, Outcome, PlanSettings, ProjectId, Reason};

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    TooManySeconds,
    TooManyDate,
    TooManySilent,
    ServerError,
    BadGatewayPage,
    Unavailable,
    Maintenance,
    Empty,
    Truncated,
    NullResult,
    WrongType,
    Stalls,
    Reset,
    Timeout,
    Redirect,
}

impl Fault {
    const ALL: [Self; 19] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::TooManySeconds,
        Self::TooManyDate,
        Self::TooManySilent,
        Self::ServerError,
        Self::BadGatewayPage,
        Self::Unavailable,
        Self::Maintenance,
        Self::Empty,
        Self::Truncated,
        Self::NullResult,
        Self::WrongType,
        Self::Stalls,
        Self::Reset,
        Self::Timeout,
        Self::Redirect,
    ];

    fn answer(self, whole: &str, elsewhere: &str) -> Reply {
        match self {
            Self::Unauthorized => Reply::status(401),
            Self::Forbidden => Reply::status(403),
            Self::NotFound => Reply::status(404),
            Self::Conflict => Reply::status(409),
            Self::TooManySeconds => Reply::status(429).header("retry-after", "1"),
            // Long ago: the clocks of two machines differ.
            Self::TooManyDate => {
                Reply::status(429).header("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")
            }
            Self::TooManySilent => Reply::status(429),
            Self::ServerError => Reply::status(500),
            Self::BadGatewayPage => bad_gateway(),
            Self::Unavailable => Reply::status(503),
            Self::Maintenance => Reply::page("<html><body>Maintenance</body></html>"),
            Self::Empty => Reply::status(200),
            Self::Truncated => {
                let half = whole.get(..whole.len() / 2).unwrap();
                Reply::json(half)
            }
            Self::NullResult => Reply::json(r#"{"result":null}"#),
            Self::WrongType => Reply::json(r#"{"result":7}"#),
            Self::Stalls => Reply::json(whole).stall(),
            Self::Reset => Reply::json(whole).cut(),
            Self::Timeout => Reply::json(whole).after(Duration::from_mins(1)),
            Self::Redirect => Reply::status(307).header("location", elsewhere),
        }
    }

    /// Short only where it is what ends the call: a busy machine is slow as well.
    fn timeout(self) -> Duration {
        match self {
            Self::Timeout | Self::Stalls => Duration::from_secs(5),
            Self::Unauthorized
            | Self::Forbidden
            | Self::NotFound
            | Self::Conflict
            | Self::TooManySeconds
            | Self::TooManyDate
            | Self::TooManySilent
            | Self::ServerError
            | Self::BadGatewayPage
            | Self::Unavailable
            | Self::Maintenance
            | Self::Empty
            | Self::Truncated
            | Self::NullResult
            | Self::WrongType
            | Self::Reset
            | Self::Redirect => Duration::from_secs(30),
        }
    }

    /// What the caller is told; `None` where the answer confirms a write all the same.
    fn reason(self, endpoint: Endpoint) -> Option<Reason> {
        match self {
            Self::Unauthorized | Self::Forbidden => Some(Reason::PermissionMissing),
            Self::NotFound | Self::Conflict => Some(Reason::Refused),
            Self::TooManySeconds | Self::TooManyDate | Self::TooManySilent => {
                Some(Reason::RateLimited)
            }
            Self::ServerError
            | Self::BadGatewayPage
            | Self::Unavailable
            | Self::Truncated
            | Self::Stalls
            | Self::Reset
            | Self::Timeout => Some(Reason::ApiUnavailable),
            Self::Maintenance | Self::Redirect => Some(Reason::AnswerNotUnderstood),
            Self::Empty => (!endpoint.is_write()).then_some(Reason::ApiUnavailable),
            // Null is an empty list; that there are no rows is not announced, which only a listing without pages may do.
            Self::NullResult if endpoint == Endpoint::Plans => None,
            Self::NullResult | Self::WrongType => {
                (!endpoint.is_write()).then_some(Reason::AnswerNotUnderstood)
            }
        }
    }

    /// How often one call sends its request while the fault lasts. A refused token is renewed once, for any call; where the server is
    /// in trouble, a listing is asked for three times, and a write never again. What came whole and cannot be read is not asked for again.
    fn attempts(self, endpoint: Endpoint) -> u64 {
        if matches!(self, Self::Unauthorized | Self::Forbidden) {
            return 2;
        }
        let came_whole = matches!(self, Self::Empty | Self::Truncated);
        let reason = self.reason(endpoint).filter(|_| !came_whole);
        let passes = matches!(reason, Some(Reason::ApiUnavailable | Reason::RateLimited));
        if passes && !endpoint.is_write() { 3 } else { 1 }
    }

    /// Whether the request certainly had no effect: only then may it be sent again without looking.
    fn outcome(self) -> Outcome {
        match self {
            Self::Unauthorized
            | Self::Forbidden
            | Self::TooManySeconds
            | Self::TooManyDate
            | Self::TooManySilent
            | Self::Unavailable => Outcome::NotDone,
            Self::NotFound | Self::Conflict => Outcome::Refused,
            Self::ServerError
            | Self::BadGatewayPage
            | Self::Maintenance
            | Self::Empty
            | Self::Truncated
            | Self::NullResult
            | Self::WrongType
            | Self::Stalls
            | Self::Reset
            | Self::Timeout
            | Self::Redirect => Outcome::Unknown,
        }
    }
}

fn bad_gateway() -> Reply {
    Reply::status(502)
        .header("content-type", "text/html")
        .body("<html>Bad gateway</html>")
}

/// A good answer.
fn good(endpoint: Endpoint) -> String {
    let id = "00000000-0000-0000-0000-00000000000a";
    let row = json!({
        "id": id, "name": "one", "organizationId": OrganizationId::numbered(0xc).to_string(), "driver": 1,
        "hasLicence": true, "isRemoved": false, "projectId": null, "plans": [],
    });
    let answer = if endpoint == Endpoint::Plans {
        json!([row])
    } else if endpoint.is_write() {
        json!({"status": "accepted"})
    } else {
        json!({"result": [row], "currentPage": 1, "pageCount": 1, "totalEntries": 1})
    };
    answer.to_string()
}

pub(super) async fn call(client: &Client, endpoint: Endpoint) -> Result<(), Error> {
    let organization = OrganizationId::numbered(0xc);
    let project = ProjectId::numbered(0xd);
    let settings = PlanSettings {
        include_metadata: Some(true),
        parameters: [].into(),
    };
    match endpoint {
        Endpoint::Login | Endpoint::Organizations => client.organizations().await.map(drop),
        Endpoint::Plans => client.plans(organization).await.map(drop),
        Endpoint::Repositories => client.repositories(organization).await.map(drop),
        Endpoint::AttachRepository => client.attach_repository(plan(), repository()).await,
        Endpoint::DetachRepository => client.detach_repository(plan(), repository(), MAY_GO).await,
        Endpoint::AttachProject => client.attach_project(plan(), project).await,
        Endpoint::DetachProject => client.detach_project(plan(), project, MAY_GO).await,
        Endpoint::ModifyGitPlan => client.modify_git_plan(plan(), &settings).await,
        Endpoint::ModifyAzurePlan => client.modify_azure_plan(plan(), &settings).await,
        Endpoint::Activate => client.activate(&[repository()]).await,
        Endpoint::Deactivate => client.deactivate(&[repository()], MAY_GO).await,
        Endpoint::Remove => client.remove(repository(), MAY_GO).await,
        Endpoint::Synchronize => client.synchronize(organization).await,
    }
}

/// A server that answers one call badly for the next so many times.
struct Scene {
    server: Server,
    left: Arc<AtomicU64>,
    client: Client,
}

impl Scene {
    async fn new(endpoint: Endpoint, fault: Fault, times: u64, elsewhere: &str) -> Self {
        let left = Arc::new(AtomicU64::new(times));
        let (count, elsewhere) = (Arc::clone(&left), elsewhere.to_owned());
        let server = Server::with(move |request| {
            let asked = Endpoint::ALL
                .into_iter()
                .find(|endpoint| endpoint.path() == request.path)
                .unwrap();
            let one_less = |left: u64| left.checked_sub(1);
            let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
            if asked == endpoint && count.fetch_update(set, fetch, one_less).is_ok() {
                fault.answer(&good(asked), &elsewhere)
            } else {
                Reply::json(&good(asked))
            }
        })
        .await;
        let settings = Settings {
            timeout: fault.timeout(),
            ..settings(&server.url)
        };
        let client = Client::new(settings, credentials(), surroundings()).unwrap();
        Self {
            server,
            left,
            client,
        }
    }

    /// Calls until it works, as patiently as the errors ask for.
    async fn recover(&self, endpoint: Endpoint) -> Result<(), Error> {
        let mut result = call(&self.client, endpoint).await;
        for _ in 0..10 {
            let Err(error) = &result else { break };
            tokio::time::sleep(error.retry_after().unwrap_or_default()).await;
            self.client.forget_refusals();
            result = call(&self.client, endpoint).await;
        }
        result
    }
}

fn assert_no_secret_in(error: &Error) {
    let text = format!("{error} {error:?}");
    assert!(
        !text.contains(PASSWORD) && !text.contains("token-"),
        "{text}"
    );
}

/// One call, one fault: until it is healed, or so often.
async fn cell(endpoint: Endpoint, fault: Fault, times: u64, elsewhere: &Server) {
    let place = format!("{endpoint:?} {fault:?} {times}");
    let scene = Scene::new(endpoint, fault, times, &elsewhere.url).await;

    let result = call(&scene.client, endpoint).await;

    let fired = times - scene.left.load(Ordering::SeqCst);
    assert!(fired > 0, "{place}: no bad answer was given");
    let attempts = fault.attempts(endpoint);
    let sent = scene.server.others().len();
    assert_eq!(
        u64::try_from(sent).unwrap(),
        attempts.min(times + 1),
        "{place}: so often sent"
    );
    match (&result, fault.reason(endpoint)) {
        (Ok(()), None) => {}
        // Only what is tried again can be gone meanwhile.
        (Ok(()), Some(_)) => assert!(times < attempts, "{place}: believed"),
        (Err(error), expected) => {
            assert!(times >= attempts, "{place}: {error}");
            assert_eq!(Some(error.class().1), expected, "{place}: {error}");
            if endpoint.is_write() {
                assert_eq!(error.outcome(), fault.outcome(), "{place}: {error}");
            }
            assert_no_secret_in(error);
        }
    }
    if times > 3 {
        scene.left.store(0, Ordering::SeqCst);
    }
    scene.recover(endpoint).await.unwrap();
    assert_eq!(
        elsewhere.calls().len(),
        0,
        "{place}: a redirect was followed"
    );
}

/// 13 calls × 19 faults × 3 spellings; the fourteenth call is signing in, below.
#[rstest]
#[tokio::test]
async fn a_bad_answer_is_told_from_a_good_one_and_harms_for_as_long_as_it_lasts(
    #[values(1, 3, 1_000_000)] times: u64,
) {
    let elsewhere = Server::with(|_| Reply::status(204)).await;
    let elsewhere = &elsewhere;
    let cells = Endpoint::ALL
        .into_iter()
        .filter(|endpoint| *endpoint != Endpoint::Login)
        .flat_map(|endpoint| Fault::ALL.map(|fault| cell(endpoint, fault, times, elsewhere)));
    assert_eq!(join_all(cells).await.len(), 13 * 19);
}

/// The fourteenth call. A login that fails is not tried again at once, whatever the answer was: it might lock the account.
#[tokio::test]
async fn a_login_with_a_bad_answer_is_tried_once_and_harms_no_other_connection() {
    join_all(Fault::ALL.map(login)).await;
}

async fn login(fault: Fault) {
    let elsewhere = Server::with(|_| Reply::status(204)).await;
    let url = elsewhere.url.clone();
    let organizations = |_: &Call| Reply::json(&good(Endpoint::Organizations));
    let server = Server::with_login(
        move |request| fault.answer(&server::login_answer(request), &url),
        organizations,
    )
    .await;
    let settings = Settings {
        timeout: fault.timeout(),
        ..settings(&server.url)
    };
    let broken = Client::new(settings, credentials(), surroundings()).unwrap();
    let healthy_server = Server::with(organizations).await;
    let healthy = client(&healthy_server);

    for _ in 0..5 {
        let error = call(&broken, Endpoint::Login).await.unwrap_err();
        assert_no_secret_in(&error);
        call(&healthy, Endpoint::Login).await.unwrap();
    }

    assert_eq!(
        (server.logins(), server.others().len()),
        (1, 0),
        "{fault:?}"
    );
    let rejects = matches!(fault, Fault::Unauthorized | Fault::Forbidden);
    assert_eq!(broken.remembered().login_rejected, rejects, "{fault:?}");
    assert_eq!(elsewhere.calls().len(), 0, "a redirect was followed");
}
