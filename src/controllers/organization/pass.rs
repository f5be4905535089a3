//! One pass: dereference, observe when it is due, decide, act in slices, report. Each step is a file beside this one.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use tracing::{info, warn};

use super::{
    super::{
        claims::SettingsRights,
        connections::{Connected, ConnectionKey, Usable},
        messages,
        namespaces::{Allowance, Permission},
        observed::Place,
    },
    Context, Error,
    act::{self, Acting, Made, Next},
    gather::{Gathered, gather},
    observe::{self, Stalls},
    owners::{self, Owner},
    report::{self, When},
    state::State,
};
use crate::{
    api::{
        Mode, Provider, Reason, Reported, Rights, XoperoOrganization, annotations,
        conditions::{ConditionType, Statement, Truth},
        whole_seconds,
    },
    decide::{Action, Claim, Decision, Input, OrganizationClaim, Service, Trouble, Writes, decide},
    inventory::{OrganizationId, trust::Asked},
};

/// While the organization synchronizes it is looked at this often, so that what appears is taken up soon.
const SYNCHRONIZING_LOOK: Duration = Duration::from_secs(5);
/// What is waited for is looked at again after this, though its change wakes the organization at once.
const WAITING_LOOK: Duration = Duration::from_mins(1);

/// Does one pass. Says when the next is due.
pub(super) async fn pass(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
) -> Result<Duration, Error> {
    let interval = resource.spec.resync_interval();
    let usable = match dereference(context, place, resource).await {
        Ok(Some(usable)) => usable,
        // Its change wakes the organization.
        Ok(None) => return Ok(WAITING_LOOK),
        Err(trouble) => {
            // Whatever failed before is not what is waited for now.
            state.recover();
            wait(context, place, resource, state, (&trouble, Stalls::No)).await?;
            return Ok(interval.min(WAITING_LOOK));
        }
    };
    if state.instance.as_ref() != Some(&usable.url) {
        if state.instance.is_some() {
            state.forget_organization();
        }
        state.instance = Some(Arc::clone(&usable.url));
    }
    let key = ConnectionKey::meant(&resource.spec.connection_ref, &place.namespace);
    let mut pass = Pass {
        context,
        place,
        resource,
        key,
        usable,
        made: Made::default(),
        asked: Asked::No,
    };
    let next = pass.run(state, interval).await?;
    pass.announce().await;
    Ok(next)
}

/// The connection, usable from this namespace; `None` while its first look is under way.
async fn dereference(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
) -> Result<Option<Usable>, Trouble> {
    let key = ConnectionKey::meant(&resource.spec.connection_ref, &place.namespace);
    let missing = || Trouble {
        reason: Reason::WaitingForConnection,
        message: messages::connection_missing(&key.name, &key.namespace),
    };
    // One that is not there and one that is not allowed are told in the same words.
    if !is_permitted(context, place, &key).await {
        return Err(missing());
    }
    match context.connections.get(&key) {
        Connected::Usable(usable) => Ok(Some(usable)),
        Connected::Unread => Ok(None),
        Connected::Missing => Err(missing()),
        Connected::Waiting { reason, message } => Err(Trouble {
            reason: Reason::WaitingForConnection,
            message: format!("XoperoConnection {key} cannot be used yet ({reason}): {message}"),
        }),
    }
}

async fn is_permitted(context: &Context, place: &Place, key: &ConnectionKey) -> bool {
    let connection = Place {
        namespace: key.namespace.clone(),
        name: key.name.clone(),
    };
    let Some(observed) = context.connection_resources.get(&connection) else {
        return false;
    };
    let Some(found) = observed.understood() else {
        return key.namespace == place.namespace;
    };
    let allowance = Allowance {
        own: key.namespace.clone(),
        from: found.spec.namespaces_from(),
        selector: found
            .spec
            .allowed_namespaces
            .as_ref()
            .and_then(|allowed| allowed.selector.clone()),
        rights: Rights::Full,
    };
    allowance.permits(&place.namespace, &context.labels).await != Permission::Denied
}

/// Nothing can be decided: the organization and its claims say what is waited for.
async fn wait(
    context: &Context,
    place: &Place,
    resource: &XoperoOrganization,
    state: &mut State,
    (trouble, stalls): (&Trouble, Stalls),
) -> Result<(), Error> {
    let type_ = match stalls {
        Stalls::Yes => ConditionType::Stalled,
        Stalls::No => ConditionType::Reconciling,
    };
    let statement = Statement::new(type_, Truth::True, trouble.reason, trouble.message.clone());
    let mut next = report::undecided(resource, state, statement, Timestamp::now());
    if annotations::is_paused(&resource.metadata) {
        next.conditions = paused(&next.conditions, resource);
    }
    report::write(context, place, resource, state, next).await?;
    let gathered = gather(
        context,
        place,
        resource,
        state.id,
        SettingsRights::Forbidden,
    )
    .await;
    let own: Vec<Claim> = gathered
        .claims
        .into_iter()
        .filter(|claim| claim.standing != crate::decide::Standing::Beside)
        .collect();
    let (reason, message) = match trouble.reason {
        Reason::ApiUnavailable | Reason::RateLimited => (trouble.reason, trouble.message.clone()),
        _ => (
            Reason::WaitingForOrganization,
            format!(
                "XoperoOrganization {place} cannot be observed ({}): {}",
                trouble.reason, trouble.message
            ),
        ),
    };
    report::publish_waiting(context, &own, reason, &message);
    Ok(())
}

fn paused(
    conditions: &[k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition],
    resource: &XoperoOrganization,
) -> Vec<k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition> {
    let message = "The organization is paused by xopero.dev/paused: nothing is written.";
    let statements = vec![Statement::new(
        ConditionType::Paused,
        Truth::True,
        Reason::Requested,
        message,
    )];
    let generation = resource.metadata.generation.unwrap_or_default();
    crate::api::conditions::assemble(conditions, statements, generation, Timestamp::now())
}

struct Pass<'a> {
    context: &'a Context,
    place: &'a Place,
    resource: &'a XoperoOrganization,
    key: ConnectionKey,
    usable: Usable,
    made: Made,
    asked: Asked,
}

impl Pass<'_> {
    async fn run(&mut self, state: &mut State, interval: Duration) -> Result<Duration, Error> {
        let mut needs_listing = false;
        loop {
            let gathered = self.gather(state).await;
            let asked = self.take_requests(state, &gathered.claims);
            if let Some(wait) = self
                .observe(state, (interval, needs_listing || asked))
                .await?
            {
                return Ok(wait);
            }
            // The organization may have been found just now: then its claims are not all gathered.
            let gathered = if state.listings == 1 {
                self.gather(state).await
            } else {
                gathered
            };
            self.synchronize(state).await;
            let now = Timestamp::now();
            let ledger_shrank = state.ledger.prune(now);
            let Some(decision) = self.decide(state, &gathered, now) else {
                return Ok(interval);
            };
            self.settle(state, &decision, &gathered.claims, ledger_shrank)
                .await;
            needs_listing = decision.needs_listing && !self.was_just_listed(state);
            if !needs_listing && (decision.is_idle() || self.context.stop.is_cancelled()) {
                return self.finish(state, &gathered, &decision, interval).await;
            }
            if needs_listing {
                continue;
            }
            report::publish(self.context, &decision.verdicts, When::Between);
            let mut acting = Acting {
                context: self.context,
                place: self.place,
                resource: self.resource,
                usable: &self.usable,
                key: &self.key,
                made: &mut self.made,
            };
            let next = if decision.additions.is_empty() {
                acting.removals(state, &decision, &gathered.claims).await
            } else {
                acting.additions(state, &decision).await
            };
            if next == Next::Later {
                let now = Timestamp::now();
                let Some(decision) = self.decide(state, &gathered, now) else {
                    return Ok(interval);
                };
                return self.finish(state, &gathered, &decision, interval).await;
            }
            state.recover();
        }
    }

    async fn gather(&self, state: &State) -> Gathered {
        let settings = if self.usable.settings_allowed {
            SettingsRights::Allowed
        } else {
            SettingsRights::Forbidden
        };
        gather(self.context, self.place, self.resource, state.id, settings).await
    }

    /// Requests by annotation that were not taken up yet: their waits end, and everything is read anew.
    fn take_requests(&mut self, state: &mut State, claims: &[Claim]) -> bool {
        let now = Timestamp::now();
        let mut asked = false;
        for claim in claims {
            state
                .memory
                .note_generation(&claim.uid, claim.generation, now);
            let Some(value) = &claim.requested else {
                continue;
            };
            if state.requests.get(&claim.uid) != Some(value) {
                state.requests.insert(Arc::clone(&claim.uid), value.clone());
                state.memory.end_waits(&claim.uid, now);
                asked = true;
            }
        }
        let uid = Arc::clone(&state.uid);
        state.memory.note_generation(
            &uid,
            self.resource.metadata.generation.unwrap_or_default(),
            now,
        );
        if self.resource.is_reconcile_requested()
            && let Some(value) = annotations::reconcile_requested_at(&self.resource.metadata)
            && state.requests.get(&uid).map(String::as_str) != Some(value)
        {
            state.requests.insert(Arc::clone(&uid), value.to_owned());
            state.memory.end_all_waits(now);
            state.failures = 0;
            self.asked = Asked::ByAPerson;
            asked = true;
        }
        asked
    }

    /// Reads Xopero ONE when that is due. Says how long to wait where it failed.
    async fn observe(
        &mut self,
        state: &mut State,
        (interval, wanted): (Duration, bool),
    ) -> Result<Option<Duration>, Error> {
        let is_due = wanted
            || state.inventory.is_none()
            || state.listed_at.is_none_or(|at| at.elapsed() >= interval)
            || state.trouble.is_some();
        if !is_due && !is_synchronizing(state) {
            return Ok(None);
        }
        let was_synchronizing = is_synchronizing(state);
        let read = if is_due {
            self.list(state).await
        } else {
            match observe::glance(&self.usable, state).await {
                Ok(()) if was_synchronizing && !is_synchronizing(state) => self.list(state).await,
                other => other,
            }
        };
        match read {
            Ok(()) => {
                state.recover();
                self.context.connections.note_use(&self.key, Ok(()));
                Ok(None)
            }
            Err(error) => {
                let (reason, stalls) = error.reason();
                warn!(organization = %self.place, error = %error, reason = %reason, "{} could not be observed", self.place);
                self.context
                    .connections
                    .note_use(&self.key, error.call().map_or(Ok(()), Err));
                let (trouble, stalls) = of_the_connection(error.trouble(), stalls);
                state.fail(trouble.clone(), error.retry_after());
                wait(
                    self.context,
                    self.place,
                    self.resource,
                    state,
                    (&trouble, stalls),
                )
                .await?;
                Ok(Some(
                    state.backoff().min(interval.max(Duration::from_secs(1))),
                ))
            }
        }
    }

    async fn list(&self, state: &mut State) -> Result<(), observe::Error> {
        let scene = observe::Scene {
            context: self.context,
            place: self.place,
            resource: self.resource,
            usable: &self.usable,
            key: &self.key,
        };
        observe::observe(scene, state, self.asked).await?;
        if let Some(id) = state.id {
            let owner = Owner {
                uid: state.uid.to_string(),
                created: created(self.resource),
                mode: self.resource.spec.mode(),
            };
            for other in self.context.owners.enter(id, self.place, owner) {
                self.context.wake.organization(&other);
            }
        }
        Ok(())
    }

    /// Asks Xopero ONE to read the Git service again, when that is due or was asked for.
    async fn synchronize(&mut self, state: &mut State) {
        let Some(id) = state.id else { return };
        let due = self.resource.spec.sync_interval().is_some_and(|interval| {
            let last = state.status.last_sync_at.as_ref().map(|at| at.0);
            last.is_none_or(|last| {
                Duration::try_from(Timestamp::now().duration_since(last))
                    .is_ok_and(|elapsed| elapsed >= interval)
            })
        });
        let asked = std::mem::replace(&mut self.asked, Asked::No) == Asked::ByAPerson;
        if !(due || asked) || is_synchronizing(state) || self.writes(id) != Writes::All {
            return;
        }
        let (action, result) = act::send(self.usable.client.clone(), id, Action::Sync).await;
        let outcome = if result.is_ok() {
            "confirmed"
        } else {
            "failed"
        };
        self.context.metrics.note_action(action.kind(), outcome);
        if let Err(error) = result {
            warn!(organization = %self.place, error = %error, "{} could not be synchronized", self.place);
            return;
        }
        state.status.last_sync_at = Some(whole_seconds(Timestamp::now()));
        if let Some(inventory) = state.inventory.as_mut() {
            let mut organization = inventory.organization().clone();
            organization.synchronizing = Some(true);
            inventory.observe_organization(organization);
        }
        self.context
            .announce(
                self.resource,
                "SyncRequested",
                "Sync",
                "Xopero ONE reads the Git service again.",
            )
            .await;
    }

    fn decide(&self, state: &State, gathered: &Gathered, now: Timestamp) -> Option<Decision> {
        let inventory = state.inventory.as_ref()?;
        let organization = self.organization(state, inventory.living())?;
        Some(decide(&Input {
            organization: &organization,
            claims: &gathered.claims,
            visibility: &gathered.visibility,
            inventory,
            doubt: state.doubt,
            memory: &state.memory,
            ledger: &state.ledger,
            trouble: state.trouble.as_ref(),
            now,
        }))
    }

    fn organization(&self, state: &State, living: usize) -> Option<OrganizationClaim> {
        let spec = &self.resource.spec;
        let id = state.id?;
        let generation = self.resource.metadata.generation.unwrap_or_default();
        let approvals = annotations::approved_removals(&self.resource.metadata).unwrap_or_default();
        let except = spec.protection_exceptions();
        Some(OrganizationClaim {
            key: owners::key(self.place),
            uid: Arc::clone(&state.uid),
            generation,
            created: created(self.resource),
            id,
            writes: self.writes(id),
            service: match spec.provider {
                Provider::AzureDevOps => Service::Azure,
                Provider::GitHub | Provider::GitLab | Provider::Bitbucket => Service::Git,
            },
            removal_limit: usize::try_from(spec.removal_limit().of(living as u64))
                .unwrap_or(usize::MAX),
            license_limit: spec
                .license_limit()
                .map(|limit| usize::try_from(limit).unwrap_or_default()),
            unclaimed: spec.unclaimed(),
            require: spec.protection_requirement(),
            except: (!except.is_empty())
                .then(|| {
                    self.context
                        .selectors
                        .globs((&state.uid, generation), except)
                        .ok()
                })
                .flatten(),
            approvals: approvals
                .split([',', ' '])
                .filter(|token| !token.is_empty())
                .map(str::to_owned)
                .collect(),
            resync: spec.resync_interval(),
        })
    }

    fn writes(&self, id: OrganizationId) -> Writes {
        if self.resource.spec.mode() == Mode::Observe {
            return Writes::Observe;
        }
        if let Some(older) = self.context.owners.older(id, self.place) {
            return Writes::Conflict(owners::key(&older));
        }
        if annotations::is_paused(&self.resource.metadata) {
            return Writes::Paused;
        }
        Writes::All
    }

    /// Notes what a decision says of removals: for the next listing, for the log, for approvals that are over.
    async fn settle(
        &self,
        state: &mut State,
        decision: &Decision,
        claims: &[Claim],
        ledger_shrank: bool,
    ) {
        let listing = state
            .inventory
            .as_ref()
            .map_or(0, crate::inventory::Inventory::listing);
        state.memory.note_derived(&decision.derived, listing);
        let with_removals = decision
            .removals
            .iter()
            .map(|admitted| admitted.uid.to_string())
            .collect();
        if state.doubt.is_none() {
            state.ledger.end_approvals(&with_removals);
        }
        for note in report::log_held(self.place, state, decision, claims, self.resource) {
            self.context
                .warn(self.resource, "RemovalHeld", "Remove", &note)
                .await;
        }
        if ledger_shrank {
            info!(organization = %self.place, "Removals of more than an hour ago no longer count against removalLimit");
        }
    }

    fn was_just_listed(&self, state: &State) -> bool {
        state.trouble.is_none()
            && state
                .listed_at
                .is_some_and(|at| at.elapsed() < Duration::from_millis(100))
    }

    /// Reports everything, and says when to look again.
    async fn finish(
        &self,
        state: &mut State,
        gathered: &Gathered,
        decision: &Decision,
        interval: Duration,
    ) -> Result<Duration, Error> {
        report::publish(self.context, &decision.verdicts, When::AtTheEnd);
        let now = Timestamp::now();
        let mut status = report::decided(self.resource, state, decision, &gathered.claims, now);
        if let Some(value) = state.requests.get(&state.uid) {
            status.last_handled_reconcile_at = Some(value.clone());
        }
        report::write(self.context, self.place, self.resource, state, status).await?;
        if state.trouble.is_some() {
            return Ok(state.backoff());
        }
        let listed = state
            .listed_at
            .map_or(Duration::ZERO, |at: Instant| at.elapsed());
        let mut next = jittered(interval).saturating_sub(listed);
        if is_synchronizing(state) {
            next = next.min(SYNCHRONIZING_LOOK);
        }
        if let Some(release) = state.ledger.next_release(now)
            && let Ok(until) = Duration::try_from(release.duration_since(now))
        {
            next = next.min(until);
        }
        Ok(next.max(Duration::from_millis(100)))
    }

    async fn announce(&self) {
        for (kind, count) in self.made.counts() {
            let name = self.resource.name_any();
            info!(organization = %self.place, action = kind, count, "{kind}: {count} in {}", self.place);
            let (reason, note) = told(kind, count, &name);
            self.context
                .announce(self.resource, reason, kind, &note)
                .await;
        }
    }
}

fn told(kind: &str, count: usize, organization: &str) -> (&'static str, String) {
    let (reason, what) = match kind {
        "Activate" => ("LicenseActivated", "repositories were given a licence"),
        "Attach" => ("Attached", "repositories were attached to a plan"),
        "AttachProject" => ("ProjectAttached", "projects were attached to a plan"),
        "Detach" => ("Detached", "repositories were detached from a plan"),
        "DetachProject" => ("ProjectDetached", "projects were detached from a plan"),
        "Deactivate" => ("LicenseDeactivated", "licences were taken"),
        "Remove" => ("Removed", "repositories were removed from Xopero ONE"),
        _ => ("SettingsSent", "plans were set"),
    };
    (reason, format!("{count} {what} in {organization}."))
}

/// What is wrong with the connection is said by the connection; the organization waits for it.
fn of_the_connection(trouble: Trouble, stalls: Stalls) -> (Trouble, Stalls) {
    match trouble.reason {
        Reason::LoginRejected | Reason::CertificateInvalid => (
            Trouble {
                reason: Reason::WaitingForConnection,
                message: format!(
                    "The connection cannot be used ({}): {}",
                    trouble.reason, trouble.message
                ),
            },
            Stalls::No,
        ),
        _ => (trouble, stalls),
    }
}

fn is_synchronizing(state: &State) -> bool {
    state
        .inventory
        .as_ref()
        .is_some_and(|inventory| inventory.organization().synchronizing == Some(true))
}

fn created(resource: &XoperoOrganization) -> Timestamp {
    resource
        .metadata
        .creation_timestamp
        .as_ref()
        .map_or(Timestamp::MAX, |time| time.0)
}

/// Ten per cent more or less, so that organizations do not all come at once.
fn jittered(interval: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() % 2_001;
    interval.mul_f64(0.9 + f64::from(u32::try_from(random).unwrap_or_default()) / 10_000.0)
}
