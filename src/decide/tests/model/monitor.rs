//! What must hold whenever something is sent, judged over the whole past of a run, across crashes of the process.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{events::Reading, process::Process, store::Store};
use crate::{
    api::Coverage,
    decide::{
        Action, Admitted, By, Change, Claim, Life, Writes,
        fixtures::World,
        tests::oracle::{Oracle, View},
    },
    inventory::{PlanId, RepositoryId},
};

const HOUR: SignedDuration = SignedDuration::from_mins(60);
/// How long the name of what is not listed is to be known.
const THREE_DAYS: SignedDuration = SignedDuration::from_hours(72);

/// What of the past matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Monitor {
    /// The first thing that must not have been.
    pub(super) violation: Option<String>,
    /// When removals were sent that the limit let through.
    pub(super) by_limit: Vec<Timestamp>,
    /// The limits that were in force, and until when; the last one is.
    pub(super) limits: Vec<(Timestamp, usize)>,
    pub(super) used_tokens: BTreeSet<String>,
    /// Changes whose answer was lost since the last listing.
    pub(super) lost: BTreeSet<Change>,
    /// Under which names everything was listed last.
    pub(super) names: NamesListed,
    /// The same when status was written last: the rest dies with the process.
    pub(super) recorded: NamesListed,
    /// Plans that were listed under another name, until nothing would be taken from them by that.
    pub(super) renamed_plans: BTreeSet<PlanId>,
    /// Those that were listed under another name, until they were where that name puts them.
    pub(super) renamed: BTreeSet<RepositoryId>,
    /// Whether the last listing may be believed, by what it is.
    pub(super) believable: bool,
    /// Rows of a listing that was short without a reason, and how many in a row were the same.
    pub(super) short: Option<(Vec<RepositoryId>, u8)>,
    /// How many removals were sent.
    pub(super) removals: usize,
}

/// Under which names repositories and plans were listed last.
#[derive(Clone, Debug, Default)]
pub(super) struct NamesListed {
    repositories: BTreeMap<RepositoryId, NameListed>,
    plans: BTreeMap<PlanId, NameListed>,
}

#[derive(Clone, Debug)]
struct NameListed {
    name: String,
    at: Timestamp,
}

impl Monitor {
    /// Status was written.
    pub(super) fn recorded(&mut self) {
        self.recorded.clone_from(&self.names);
    }

    /// The process died: what was not written by then nobody knows any more.
    pub(super) fn died(&mut self) {
        self.names.clone_from(&self.recorded);
        let known = &self.names;
        self.renamed
            .retain(|id| known.repositories.contains_key(id));
        self.renamed_plans.retain(|id| known.plans.contains_key(id));
    }

    pub(super) fn broken(&mut self, what: String) {
        self.violation.get_or_insert(what);
    }

    /// What is wrong, if anything is.
    fn check(&mut self, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            self.broken(wrong);
        }
    }

    /// The limit becomes another one.
    pub(super) fn limit(&mut self, now: Timestamp, limit: usize) {
        self.limits.push((now, limit));
    }

    /// A listing was taken in.
    pub(super) fn listed(
        &mut self,
        (reading, now): (Reading, Timestamp),
        shown: &World,
        before: Option<Coverage>,
        limit: u32,
    ) {
        self.lost.clear();
        let listed = |name: &str| NameListed {
            name: name.to_owned(),
            at: now,
        };
        for row in shown.repositories.values() {
            if is_renamed(&mut self.names.repositories, row.id, listed(&row.name)) {
                self.renamed.insert(row.id);
            }
        }
        for plan in shown.plans.values() {
            if is_renamed(&mut self.names.plans, plan.id, listed(&plan.name)) {
                self.renamed_plans.insert(plan.id);
            }
        }
        let rows = shown.repositories.values();
        let gone = rows.clone().filter(|row| row.removed == Some(true)).count();
        let living = i64::try_from(rows.len() - gone).unwrap();
        let gone = i64::try_from(gone).unwrap();
        let missing = before.map_or(0, |before| {
            before.known - living - (gone - before.removed_upstream).max(0)
        });
        let is_short = missing > i64::from(limit)
            || (rows.len() == 0 && before.is_some_and(|before| before.known > 0));
        if reading == Reading::Synchronizing || shown.is_synchronizing() {
            self.believable = false;
            return;
        }
        if !is_short {
            self.short = None;
            self.believable = true;
            return;
        }
        let ids: Vec<RepositoryId> = shown.repositories.keys().copied().collect();
        let times = match self.short.take() {
            Some((known, times)) if known == ids => times + 1,
            Some(_) | None => 1,
        };
        // A process that crashed meanwhile counts from the beginning, and believes later than it might.
        self.believable = times >= 3;
        self.short = Some((ids, times.min(3)));
    }

    /// A decision was made by what was listed last.
    pub(super) fn decides(&mut self, process: &Process) {
        let is_any = !(self.renamed.is_empty() && self.renamed_plans.is_empty());
        if self.believable && is_any {
            let claims = process.claims();
            let oracle = Oracle::over(view(process, &claims));
            self.renamed.retain(|id| !oracle.is_in_place(*id));
            self.renamed_plans.retain(|id| oracle.is_taken_from(*id));
        }
    }

    /// An answer was lost, or nobody waits for it any more.
    pub(super) fn lost(&mut self, action: &Action) {
        self.lost.extend(action.changes());
    }

    /// An addition is sent.
    pub(super) fn adds(&mut self, action: &Action, process: &Process, claims: &[Claim]) {
        let oracle = Oracle::over(view(process, claims));
        let asked = action
            .changes()
            .into_iter()
            .all(|change| oracle.may_add(change));
        self.check((!asked).then(|| format!("{action:?} is asked for by nobody")));
        self.is_written(process);
        for change in action.changes() {
            self.observed(change);
        }
    }

    /// A set of removals is begun or gone on with.
    pub(super) fn begins(&mut self, admitted: &Admitted, process: &Process) {
        if let By::Token(token) = &admitted.by {
            let stands = process.organization.approvals.contains(token);
            self.check((!stands).then(|| format!("{token} was never approved")));
            let unused = self.used_tokens.insert(token.clone());
            self.check((!unused).then(|| format!("{token} was used before")));
        }
    }

    /// A removal is sent.
    pub(super) fn removes(
        &mut self,
        (change, admitted): (Change, &Admitted),
        process: &Process,
        store: &Store,
        now: Timestamp,
    ) {
        self.removals += 1;
        let claims = process.claims();
        let oracle = Oracle::over(view(process, &claims));
        // What there is counts, and not only what it was told of.
        let there = store.claims();
        let may =
            oracle.may_remove(change) && Oracle::over(view(process, &there)).may_remove(change);
        let concerned = oracle.repositories_of(change);
        let is_renamed = concerned.iter().any(|id| self.renamed.contains(id))
            || change
                .plan()
                .is_some_and(|id| self.renamed_plans.contains(&id));
        self.check((!may).then(|| format!("{change:?} is protected, or asked for by nobody")));
        let believable = self.believable;
        self.check(
            (!believable).then(|| format!("{change:?} by a listing that must not be believed")),
        );
        self.is_written(process);
        self.observed(change);
        let claim = claims.iter().find(|claim| claim.uid == admitted.uid);
        let derived = match change {
            Change::Detach(..) | Change::DetachProject(..) => {
                claim.is_none_or(|claim| claim.life == Life::Living)
            }
            Change::Deactivate(_) => claim.is_none(),
            Change::Remove(_)
            | Change::Activate(_)
            | Change::Attach(..)
            | Change::AttachProject(..)
            | Change::Modify(_) => false,
        };
        let twice = !derived || process.called_before.contains(&change);
        self.check((!twice).then(|| format!("{change:?} was called for by one listing")));
        let approved = !matches!(change, Change::Remove(_)) || admitted.by != By::Limit;
        self.check((!approved).then(|| format!("{change:?} was not approved")));
        let unasked = derived && is_renamed && admitted.by == By::Limit;
        self.check(
            unasked
                .then(|| format!("{change:?} follows from another name, and nobody approved it")),
        );
        if let Some(claim) = claim {
            let mut objects = store.objects.iter();
            let same = objects.any(|object| {
                object.claim.uid == claim.uid
                    && object.claim.generation == claim.generation
                    && object.deleting == (claim.life != Life::Living)
                    && !object.claim.paused
            });
            self.check(
                (!same).then(|| format!("{change:?} for a resource that is another by now")),
            );
        }
        if admitted.by == By::Limit {
            self.count(now, process.organization.removal_limit);
        }
    }

    /// What was asked for last, by the limit, and is known not to have been made, does not count.
    pub(super) fn not_made(&mut self, by: &By) {
        if *by == By::Limit {
            self.by_limit.pop();
        }
    }

    /// No more in any hour than the largest limit of that hour.
    fn count(&mut self, now: Timestamp, limit: usize) {
        self.by_limit.retain(|at| now.duration_since(*at) < HOUR);
        self.by_limit.push(now);
        let begin = self
            .limits
            .iter()
            .rposition(|(at, _)| now.duration_since(*at) >= HOUR);
        let largest = self
            .limits
            .iter()
            .skip(begin.unwrap_or_default())
            .map(|(_, limit)| *limit);
        let largest = largest.max().unwrap_or(limit).max(limit);
        let within = self.by_limit.len();
        self.check(
            (within > largest)
                .then(|| format!("{within} removals in an hour, and the limit is {largest}")),
        );
    }

    fn is_written(&mut self, process: &Process) {
        let writes = process.organization.writes == Writes::All;
        self.check(
            (!writes)
                .then(|| "a write under Observe, or while the organization is paused".to_owned()),
        );
    }

    /// What was lost is observed before it is sent again.
    fn observed(&mut self, change: Change) {
        let observed = !self.lost.contains(&change);
        self.check(
            (!observed).then(|| format!("{change:?} was sent again before it was looked up")),
        );
    }
}

/// Whether it was listed under another name, within the time for which that is to be known.
fn is_renamed<Id: Ord>(names: &mut BTreeMap<Id, NameListed>, id: Id, listed: NameListed) -> bool {
    let (name, at) = (listed.name.clone(), listed.at);
    let before = names.insert(id, listed);
    before.is_some_and(|before| before.name != name && at.duration_since(before.at) < THREE_DAYS)
}

fn view<'a>(process: &'a Process, claims: &'a [Claim]) -> View<'a> {
    View {
        organization: &process.organization,
        claims,
        world: &process.seen,
        doubt: None,
    }
}
