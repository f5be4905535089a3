//! Of each connection: its login, its token, and how much of its limits is used.

use std::collections::BTreeSet;

use crate::{
    api::{RefusedEndpoint, XoperoConnectionStatus},
    controllers::{
        connections::Measured,
        metrics::{
            description::Description,
            sample::{Sample, count, moment, number, seconds},
        },
        observed::Place,
    },
    xopero::{BudgetUse, TokenTimes},
};

static REJECTED: Description = Description::gauge(
    "connection_login_rejected",
    "1 while Xopero ONE has rejected the e-mail and password: nothing is sent until they change",
    "Is the account still good?",
)
.by(&["namespace", "name"]);

static REFUSED: Description = Description::gauge(
    "connection_refused_endpoints",
    "Endpoints that refuse the account; each is tried again a day later",
    "Does the account lack a permission?",
)
.by(&["namespace", "name"]);

static USERS: Description = Description::gauge(
    "connection_organizations",
    "Organizations that refer to the connection",
    "Who is hit if this connection fails?",
)
.by(&["namespace", "name"]);

static EXPIRY: Description = Description::gauge(
    "connection_token_expiry_timestamp",
    "When the token in use ends, in seconds since 1970; absent while there is none",
    "When does the login end?",
)
.by(&["namespace", "name"])
.in_seconds();

static RENEWAL: Description = Description::gauge(
    "connection_token_renewal_timestamp",
    "When the first request from then on asks for a new token, in seconds since 1970; absent while there is none",
    "Is a new token overdue?",
)
.by(&["namespace", "name"])
.in_seconds();

static REQUESTS: Description = Description::counter(
    "connection_requests",
    "Requests that were let through by the limits of the connection; like a gauge it is made anew at each scrape, from the connections that exist, so that its labels are bounded",
    "Which connection is used how much?",
)
.by(&["namespace", "name"]);

static WAITED: Description = Description::counter(
    "connection_budget_wait",
    "How long requests waited for the limits of the connection, all together; a second a second is one request that always waits; like a gauge it is made anew at each scrape, from the connections that exist, so that its labels are bounded",
    "Which connection's limits hold up the work?",
)
.by(&["namespace", "name"])
.in_seconds();

static IN_FLIGHT: Description = Description::gauge(
    "connection_requests_in_flight",
    "Requests under way, or next in turn",
    "Is the connection at its limit now?",
)
.by(&["namespace", "name"]);

static IN_FLIGHT_LIMIT: Description = Description::gauge(
    "connection_requests_in_flight_limit",
    "The most requests under way (spec.requests.inFlight)",
    "How many requests may be under way?",
)
.by(&["namespace", "name"]);

static RATE_LIMIT: Description = Description::gauge(
    "connection_requests_per_second_limit",
    "The most requests a second (spec.requests.perSecond)",
    "How much of the rate is used?",
)
.by(&["namespace", "name"]);

static PAUSE: Description = Description::gauge(
    "connection_pause",
    "For how long nothing more is sent because Xopero ONE asked for it",
    "Is Xopero ONE asking to be left alone?",
)
.by(&["namespace", "name"])
.in_seconds();

/// All of them.
pub(super) static ALL: &[&Description] = &[
    &REJECTED,
    &REFUSED,
    &USERS,
    &EXPIRY,
    &RENEWAL,
    &REQUESTS,
    &WAITED,
    &IN_FLIGHT,
    &IN_FLIGHT_LIMIT,
    &RATE_LIMIT,
    &PAUSE,
];

/// How many there are, for however many organizations each is refused.
fn endpoints(refused: &[RefusedEndpoint]) -> usize {
    let endpoints: BTreeSet<&str> = refused
        .iter()
        .map(|refused| refused.endpoint.as_str())
        .collect();
    endpoints.len()
}

/// The samples of one connection: what its status says, how many organizations refer to it, and what the process holds of it.
pub(super) fn samples(
    place: &Place,
    status: Option<&XoperoConnectionStatus>,
    (users, measured): (usize, Option<&Measured>),
) -> Vec<Sample> {
    let own = || {
        let Place { namespace, name } = place.clone();
        [namespace.into(), name.into()]
    };
    let mut samples = vec![Sample::new(&USERS, own(), number(users))];
    if let Some(status) = status {
        let rejected = status.rejected_login.is_some();
        samples.extend([
            Sample::new(&REJECTED, own(), count(rejected.into())),
            Sample::new(
                &REFUSED,
                own(),
                number(endpoints(&status.refused_endpoints)),
            ),
        ]);
    }
    let Some(Measured { token, budget }) = measured else {
        return samples;
    };
    if let Some(TokenTimes { renewal, end }) = *token {
        samples.extend([
            Sample::new(&EXPIRY, own(), moment(end)),
            Sample::new(&RENEWAL, own(), moment(renewal)),
        ]);
    }
    // No `..`: what is counted is shown.
    let BudgetUse {
        requests,
        waited,
        in_flight,
        in_flight_limit,
        per_second,
        pause,
    } = *budget;
    let requests = i64::try_from(requests).unwrap_or(i64::MAX);
    samples.extend([
        Sample::new(&REQUESTS, own(), count(requests)),
        Sample::new(&WAITED, own(), seconds(waited)),
        Sample::new(&IN_FLIGHT, own(), number(in_flight)),
        Sample::new(&IN_FLIGHT_LIMIT, own(), number(in_flight_limit)),
        Sample::new(&RATE_LIMIT, own(), f64::from(per_second)),
        Sample::new(&PAUSE, own(), seconds(pause)),
    ]);
    samples
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn measured() -> Measured {
        Measured {
            token: Some(TokenTimes {
                renewal: at(900),
                end: at(1000),
            }),
            budget: BudgetUse {
                requests: 11,
                waited: Duration::from_millis(2500),
                in_flight: 3,
                in_flight_limit: 4,
                per_second: 5,
                pause: Duration::from_secs(30),
            },
        }
    }

    fn shown(measured: Option<&Measured>) -> Vec<String> {
        let place = Place {
            namespace: "backup".to_owned(),
            name: "xopero".to_owned(),
        };
        let status = serde_json::from_value(json!({
            "rejectedLogin": {"secretUid": "s", "secretResourceVersion": "1"},
            "refusedEndpoints": [
                {"endpoint": "activate", "since": "2026-11-25T00:00:00Z"},
                {"endpoint": "plans", "organizationId": "a", "since": "2026-11-25T00:00:00Z"},
                {"endpoint": "plans", "organizationId": "b", "since": "2026-11-25T00:00:00Z"},
            ],
        }))
        .unwrap();
        samples(&place, Some(&status), (2, measured))
            .iter()
            .map(|sample| {
                sample
                    .to_string()
                    .replace("namespace=backup,name=xopero", "xopero")
            })
            .collect()
    }

    #[test]
    fn what_is_declared_and_what_is_used_stand_beside_each_other() {
        assert_eq!(
            shown(Some(&measured())),
            [
                "connection_organizations xopero = 2",
                "connection_login_rejected xopero = 1",
                "connection_refused_endpoints xopero = 2",
                "connection_token_expiry_timestamp xopero = 1000",
                "connection_token_renewal_timestamp xopero = 900",
                "connection_requests xopero = 11",
                "connection_budget_wait xopero = 2.5",
                "connection_requests_in_flight xopero = 3",
                "connection_requests_in_flight_limit xopero = 4",
                "connection_requests_per_second_limit xopero = 5",
                "connection_pause xopero = 30",
            ]
        );
    }

    #[test]
    fn without_a_token_and_of_a_connection_that_is_not_used_there_are_no_such_series() {
        let without = Measured {
            token: None,
            ..measured()
        };
        assert!(!shown(Some(&without)).concat().contains("token"));
        assert_eq!(shown(None).len(), 3);
    }
}
