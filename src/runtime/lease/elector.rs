//! Gets the Lease, keeps it, and gives it back.

use std::{sync::Arc, time::Duration};

use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt,
    api::{ObjectMeta, PostParams},
};
use thiserror::Error;
use tokio::time::{error::Elapsed, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Terms, clock,
    decision::{Decision, Record, Role, Seen, decide, observe},
    fence::Fence,
};
use crate::controllers::chain::chain;

/// Why this process no longer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Loss {
    /// By a person, or with its namespace.
    #[error("it was deleted")]
    Deleted,
    /// It names another holder, or none.
    #[error("it is no longer held by this process")]
    Taken,
    /// The API server did not answer, or the process stood still.
    #[error("it could not be renewed in time")]
    NotRenewed,
}

/// Why one look at the Lease led to nothing.
#[derive(Debug, Error)]
enum Failure {
    #[error("the API server does not answer in time")]
    Late(#[from] Elapsed),
    #[error(transparent)]
    Refused(#[from] kube::Error),
}

/// A candidate, and the leader once it has acquired the Lease.
#[derive(Debug)]
pub(in crate::runtime) struct Elector {
    leases: Api<Lease>,
    terms: Terms,
    fence: Arc<Fence>,
    seen: Option<Seen>,
    /// When the request of the last successful renewal was sent. `None`: it does not lead yet.
    renewed: Option<Duration>,
    stands_by: CancellationToken,
}

impl Elector {
    /// `client` must not retry by itself: an answer that comes late is worth nothing.
    pub(in crate::runtime) fn new(client: Client, terms: Terms, fence: Arc<Fence>) -> Self {
        let leases = match &terms.namespace {
            Some(namespace) => Api::namespaced(client, namespace),
            None => Api::default_namespaced(client),
        };
        Self {
            leases,
            terms,
            fence,
            seen: None,
            renewed: None,
            stands_by: CancellationToken::new(),
        }
    }

    /// Cancelled once the Lease was not to be had at the first attempt.
    pub(in crate::runtime) fn stands_by(&self) -> CancellationToken {
        self.stands_by.clone()
    }

    /// Waits until this process leads.
    pub(in crate::runtime) async fn acquire(&mut self) {
        let name = self.terms.name.clone();
        info!(identity = %self.terms.identity, "Asking for the Lease {name}");
        loop {
            match self.look().await {
                Ok(Decision::Create | Decision::Acquire) => break,
                // Said only now: a replica that has not seen the Lease yet takes a deleted one for one that never was.
                Ok(_) if !self.stands_by.is_cancelled() => {
                    info!("Standing by until the Lease {name} is free");
                }
                Ok(_) => {}
                Err(error) => {
                    let why = chain(&error);
                    warn!(error = why, "The Lease {name} could not be acquired: {why}");
                }
            }
            self.stands_by.cancel();
            sleep(self.terms.renew_interval).await;
        }
        info!("Leading: the Lease {name} is held by this process");
    }

    /// Renews it for as long as that goes well.
    pub(in crate::runtime) async fn keep(&mut self) -> Loss {
        let loss = self.renew().await;
        self.fence.close();
        loss
    }

    async fn renew(&mut self) -> Loss {
        loop {
            sleep(self.terms.renew_interval).await;
            let since = clock::now().saturating_sub(self.renewed.unwrap_or_default());
            let Some(left) = self.terms.renew_deadline.checked_sub(since) else {
                return Loss::NotRenewed;
            };
            match timeout(left, self.look()).await {
                Ok(Ok(Decision::Deleted)) => return Loss::Deleted,
                Ok(Ok(Decision::Taken)) => return Loss::Taken,
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    let (name, why) = (&self.terms.name, chain(&error));
                    warn!(
                        error = why,
                        "The Lease {name} could not be renewed yet: {why}"
                    );
                }
                Err(_) => return Loss::NotRenewed,
            }
        }
    }

    /// Gives it back, if it is ours. Only once nothing is on the wire any more.
    pub(in crate::runtime) async fn release(self) {
        self.fence.close();
        let name = &self.terms.name;
        match self.give_back().await {
            Ok(true) => info!("The Lease {name} is released"),
            Ok(false) => {}
            Err(error) => {
                let why = chain(&error);
                warn!(
                    error = why,
                    "The Lease {name} could not be released, and expires: {why}"
                );
            }
        }
    }

    async fn give_back(&self) -> Result<bool, Failure> {
        // It stands within the time that the process has to end.
        let limit = self.terms.renew_interval / 2;
        let found = timeout(limit, self.leases.get_opt(&self.terms.name)).await??;
        let holder = |lease: &Lease| lease.spec.as_ref()?.holder_identity.clone();
        let Some(mut lease) =
            found.filter(|lease| holder(lease).as_ref() == Some(&self.terms.identity))
        else {
            return Ok(false);
        };
        let spec = lease.spec.get_or_insert_default();
        spec.holder_identity = None;
        spec.renew_time = Some(MicroTime(Timestamp::now()));
        let params = PostParams::default();
        timeout(
            limit,
            self.leases.replace(&self.terms.name, &params, &lease),
        )
        .await??;
        Ok(true)
    }

    /// Reads it, and does what that asks for. A write is refused by the API server if another was there in between.
    async fn look(&mut self) -> Result<Decision, Failure> {
        let limit = self.terms.request_timeout();
        let found = timeout(limit, self.leases.get_opt(&self.terms.name)).await??;
        let now = clock::now();
        self.seen = observe(self.seen.take(), found.as_ref().map(record), now);
        let Terms {
            identity, duration, ..
        } = &self.terms;
        let role = self.renewed.map_or(Role::Candidate, |_| Role::Leader);
        let decision = decide(role, identity, *duration, self.seen.as_ref(), now);
        let params = PostParams::default();
        let sent = clock::now();
        match &decision {
            Decision::Create => {
                let lease = self.ours(Lease::default(), &decision);
                timeout(limit, self.leases.create(&params, &lease)).await??;
            }
            Decision::Acquire | Decision::Renew => {
                let lease = self.ours(found.unwrap_or_default(), &decision);
                timeout(
                    limit,
                    self.leases.replace(&self.terms.name, &params, &lease),
                )
                .await??;
            }
            Decision::Wait | Decision::Deleted | Decision::Taken => return Ok(decision),
        }
        self.renewed = Some(sent);
        self.fence.renewed(sent);
        Ok(decision)
    }

    /// The Lease as it is when this process holds it. What others wrote in it stays.
    fn ours(&self, lease: Lease, decision: &Decision) -> Lease {
        let now = MicroTime(Timestamp::now());
        let mut spec = lease.spec.unwrap_or_default();
        if *decision != Decision::Renew {
            let transitions = spec.lease_transitions.unwrap_or_default();
            spec.lease_transitions = Some(transitions.saturating_add(1));
            spec.acquire_time = Some(now.clone());
        }
        let seconds = self.terms.duration.as_millis().div_ceil(1000);
        Lease {
            metadata: ObjectMeta {
                name: Some(self.terms.name.clone()),
                ..lease.metadata
            },
            spec: Some(LeaseSpec {
                holder_identity: Some(self.terms.identity.clone()),
                lease_duration_seconds: Some(i32::try_from(seconds).unwrap_or(i32::MAX)),
                renew_time: Some(now),
                ..spec
            }),
        }
    }
}

fn record(lease: &Lease) -> Record {
    let spec = lease.spec.as_ref();
    let holder = spec.and_then(|spec| spec.holder_identity.clone());
    let seconds = spec.and_then(|spec| spec.lease_duration_seconds);
    Record {
        version: lease.resource_version().unwrap_or_default(),
        holder: holder.filter(|holder| !holder.is_empty()),
        duration: Duration::from_secs(
            seconds
                .and_then(|seconds| u64::try_from(seconds).ok())
                .unwrap_or_default(),
        ),
    }
}
