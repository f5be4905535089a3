//! What is to be done, held back and said: a pure function over the declarations, what is there, and the time.
//!
//! No client, no clock, no log. The same input gives the same words in the same order. A reason not to act is a value: drift,
//! conditions, events, the cap and Observe mode all print the same decision, and none computes again.

mod additions;
mod answer;
mod assess;
mod backup;
mod basis;
mod change;
mod claims;
mod coverage;
mod differences;
mod digest;
mod due;
mod elsewhere;
#[cfg(test)]
pub(crate) mod fixtures;
mod ledger;
mod licences;
mod memory;
mod missing;
mod named;
mod namers;
mod order;
mod organization;
mod owner;
mod patterns;
mod removals;
mod renames;
mod resolve;
mod settings;
mod synchronization;
#[cfg(test)]
mod tests;
mod turn;
mod unclaimed;
mod verdict;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use k8s_openapi::jiff::Timestamp;

pub use backup::{LastRun, backup_too_old};
pub use basis::Basis;
pub use change::{Action, Change, Declared};
pub use claims::{
    Claim, ClaimKey, ClaimKind, Life, OrganizationClaim, PlanWants, ProjectName, ProjectWants,
    Remembered, RepositoryWants, Service, Settings, SettingsRefusal, Standing, Visibility, Wants,
    Writes,
};
pub use coverage::{Counts, CoverageReport};
pub use differences::{Difference, Differences};
pub use digest::digest_of;
pub use due::{Due, Ground, Hold};
pub use elsewhere::{Elsewhere, HeldElsewhere, SentElsewhere, Setter};
pub use ledger::{Approval, Ledger};
pub use memory::{ACTIVATION_BATCH, Claimant, Memory, Noted, Sent};
pub use missing::Missed;
pub use organization::OrganizationReport;
pub use owner::Owner;
pub use patterns::{Error as PatternError, Selector};
pub use removals::{Admitted, By, Held, Why};
pub use renames::Renames;
pub use synchronization::{NotAsked, Schedule, Synchronization};
pub use turn::Turn;
pub use verdict::{About, Verdict, about, counted, listed, paused};

use crate::{
    api::Reason,
    inventory::{Inventory, PlanId, Repository, trust::Doubt},
};
use assess::{Assessment, Scene};
use named::{Astray, Named, followed};
use namers::Namers;
use settings::SettingsClaims;

/// What stopped the last attempt to observe or to act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The word.
    pub reason: Reason,
    /// What happened, and what to do.
    pub message: String,
}

/// All that a decision is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What the organization's own resource declares.
    pub organization: &'a OrganizationClaim,
    /// Every claim on it, whatever its state, in any order.
    pub claims: &'a [Claim],
    /// Whether that is every claim.
    pub visibility: &'a Visibility,
    /// What is set on plans for other organizations.
    pub elsewhere: &'a Elsewhere,
    /// What is there.
    pub inventory: &'a Inventory,
    /// Why what is there may not be believed for removals.
    pub doubt: Option<Doubt>,
    /// What this process remembers.
    pub memory: &'a Memory,
    /// What was removed and approved.
    pub ledger: &'a Ledger,
    /// What stopped the last attempt.
    pub trouble: Option<&'a Trouble>,
    /// What went wrong with a write whose answer was lost, while one is waited for: also between its tries, where nothing is in trouble.
    pub unconfirmed: Option<&'a Trouble>,
    /// Now.
    pub now: Timestamp,
}

impl Input<'_> {
    fn synchronizing(&self) -> bool {
        self.inventory.organization().synchronizing == Some(true)
    }

    /// Whether another resource manages the organization: which settings are in force is not known then.
    fn contested(&self) -> bool {
        matches!(self.organization.writes, Writes::Conflict(_))
    }

    /// Why nothing may be removed: a doubt about the listing, or an organization in motion at this moment.
    fn distrust(&self) -> Option<Doubt> {
        self.doubt
            .or_else(|| self.synchronizing().then_some(Doubt::Synchronizing))
    }

    /// Whether the repository may be in a plan by way of its project although its row is in none: no endpoint lists projects, and rows
    /// tell of them only where they were seen to.
    fn may_be_in_plans_by_project(&self, repository: &Repository) -> bool {
        let is_in_project = repository.project.is_some()
            || repository.hides_project()
            || repository.hides_project_id();
        self.organization.service == Service::Azure
            && is_in_project
            && !self.memory.projects().rows_follow()
    }
}

/// What is to be done, held back and said.
#[derive(Clone, Debug)]
#[must_use = "a decision that is neither carried out nor reported is lost"]
pub struct Decision {
    /// Additions, in order: licences, then what the claims add in turns.
    pub additions: Vec<Action>,
    /// Removals that may go, by turns with additions, claim by claim, oldest first.
    pub removals: Vec<Admitted>,
    /// Removals that wait for a person.
    pub held: Vec<Held>,
    /// Every derived removal that this listing calls for: the next one must call for it again.
    pub derived: BTreeSet<Change>,
    /// Those that it called for before the organization began to synchronize.
    pub suspended: BTreeSet<Change>,
    /// All removals that each claim calls for, whatever holds them back.
    pub removing: BTreeMap<Arc<str>, BTreeSet<Change>>,
    /// What is where its present name puts it, of what may have had another.
    pub known_by_name: Renames,
    /// The claims for which a change is sent whose effect listings do not show, or may not: each is sent once a generation.
    pub unseen: BTreeMap<Change, Vec<(Arc<str>, i64)>>,
    /// What status says was sent for a claim's generation, where this process does not know it yet.
    pub recalled: Vec<(Arc<str>, i64, BTreeSet<Change>)>,
    /// Which claim the settings come from that are sent to a plan, with their digest.
    pub settings: BTreeMap<PlanId, (Arc<str>, String)>,
    /// The digest of settings that are found in force: status says that they were sent, or the listing shows all of them.
    pub settings_in_force: BTreeMap<PlanId, String>,
    /// What the claims set on plans: others may set the same for other organizations.
    pub setters: Vec<Setter>,
    /// Whether settings are held back for what is declared on other organizations.
    pub held_elsewhere: HeldElsewhere,
    /// What each resource is to say, in the order of age.
    pub verdicts: Vec<Verdict>,
    /// What the organization is to say.
    pub organization: OrganizationReport,
    /// What differs, over all claims.
    pub differences: Differences,
    /// Whether a lost answer waits for a listing, or the end of a clean-up.
    pub needs_listing: bool,
    /// What this listing misses of what each claim names.
    pub missing: BTreeSet<(Arc<str>, Missed)>,
    /// What claims mean now in place of what their status says.
    pub followed: Renames,
    /// Whether another resource manages the organization: which settings are in force is not known then.
    pub contested: bool,
}

impl Decision {
    /// Whether anything is to be sent.
    pub fn is_idle(&self) -> bool {
        self.additions.is_empty() && self.removals.is_empty()
    }

    /// Whether settings are to be sent.
    pub fn sends_settings(&self) -> bool {
        let is_settings = |action: &Action| {
            matches!(action, Action::ModifyPlan(..) | Action::ModifyAzurePlan(..))
        };
        self.additions.iter().any(is_settings)
    }
}

/// Decides.
pub fn decide(input: &Input<'_>) -> Decision {
    let mut claims: Vec<&Claim> = input.claims.iter().collect();
    claims.sort_by(|a, b| a.age().cmp(&b.age()));
    let named = Named::all(input, &claims);
    let namers = Namers::gather(&claims, &named, input.inventory);
    let settings = SettingsClaims::gather(&claims, &named, input.elsewhere);
    let invisible = invisible(input, &claims);
    let scene = Scene {
        input,
        namers: &namers,
        settings: &settings,
        invisible: invisible.as_deref(),
    };
    let mut assessments: Vec<Assessment> = (0..)
        .zip(claims.iter().zip(&named))
        .map(|(rank, (claim, named))| assess::assess(scene, rank, claim, named))
        .collect();
    let mut unclaimed = unclaimed::assess(input, scene);

    let licences = licences::judge(input, &assessments);
    hold_licences(&mut assessments, &licences);
    let astray = Astray::of(&claims, &named, input.inventory);
    in_their_order(input, &astray, &mut assessments);
    let judged = judge_removals(input, &claims, &mut assessments, &mut unclaimed);

    let judge = verdict::Judge {
        input,
        claims: &claims,
        held: &judged.held,
        admitted: &judged.admitted,
        invisible: invisible.as_deref(),
    };
    let judged_claims = || {
        let all = claims.iter().zip(&named).zip(&assessments);
        all.filter(|((claim, _), _)| claim.standing != Standing::Beside)
    };
    let verdicts: Vec<Verdict> = judged_claims()
        .map(|((claim, named), assessment)| judge.verdict(claim, named, assessment))
        .collect();
    let shown = judged_claims()
        .map(|(_, assessment)| assessment)
        .chain([&unclaimed])
        .flat_map(|assessment| &assessment.dues);
    let differences = Differences::of(shown, input.organization.service);
    let needs_listing = assessments
        .iter()
        .chain([&unclaimed])
        .flat_map(|assessment| &assessment.dues)
        .any(|due| due.hold == Some(Hold::AwaitsListing))
        || verdicts.iter().any(|verdict| verdict.awaits_listing);
    let missing = claims.iter().zip(&named);
    let missing = missing.flat_map(|(claim, named)| missing::missed(input, claim, named));
    let missing = missing.collect();
    let followed = followed(&claims, &named, input.inventory);
    let organization = organization::report(&judge, &namers, &unclaimed, &verdicts);
    let additions = additions::gather(input, &claims, &assessments, licences.batches);
    let writes = input.organization.writes == Writes::All;
    Decision {
        additions: if writes {
            additions.actions
        } else {
            Vec::new()
        },
        removals: if writes { judged.admitted } else { Vec::new() },
        held: judged.held,
        derived: judged.derived,
        suspended: judged.suspended,
        known_by_name: input.memory.renames().known(scene, &judged.removing),
        removing: judged.removing,
        followed,
        unseen: additions.unseen,
        recalled: additions.recalled,
        settings: additions.settings,
        settings_in_force: additions.settings_in_force,
        setters: elsewhere::setters(input, &claims, &named),
        held_elsewhere: HeldElsewhere::of(&assessments),
        verdicts,
        organization,
        differences,
        needs_listing,
        missing,
        contested: input.contested(),
    }
}

/// Why derived removals are off: a claim may be unseen, or one cannot be read and so may name anything.
fn invisible(input: &Input<'_>, claims: &[&Claim]) -> Option<String> {
    match input.visibility {
        Visibility::Whole => {}
        Visibility::Partial { message }
        | Visibility::Unreadable { message }
        | Visibility::Unseen { message } => {
            return Some(message.clone());
        }
    }
    let unreadable = unreadable(claims)?;
    Some(format!(
        "{} cannot be evaluated, so it may name anything: nothing is removed that no resource names, until it is \
         corrected or deleted.",
        unreadable.key
    ))
}

/// One that cannot be evaluated, and so may name anything.
fn unreadable<'a>(claims: &[&'a Claim]) -> Option<&'a Claim> {
    let mut claims = claims.iter().copied();
    claims.find(|claim| matches!(claim.standing, Standing::Unreadable { .. }))
}

/// Holds back what waits for something else of what is due.
fn in_their_order(input: &Input<'_>, astray: &Astray, assessments: &mut [Assessment]) {
    order::projects_as_a_whole(input.inventory, assessments);
    // What did not come through keeps nothing else from being sent.
    if input.trouble.is_none() {
        order::settings_first(assessments);
    }
    order::attach_first(input.inventory, assessments, astray);
}

fn hold_licences(assessments: &mut [Assessment], licences: &licences::Licences) {
    if licences.holds.is_empty() {
        return;
    }
    for due in assessments
        .iter_mut()
        .flat_map(|assessment| &mut assessment.dues)
    {
        if let Change::Activate(id) = due.change
            && due.hold.is_none()
        {
            due.hold = licences.holds.get(&id).copied();
        }
    }
}

/// Judges all removals, oldest claim first; the organization is one of them, with its own age.
fn judge_removals(
    input: &Input<'_>,
    claims: &[&Claim],
    assessments: &mut [Assessment],
    unclaimed: &mut Assessment,
) -> removals::Judged {
    let own = input.organization;
    let own_age = (
        own.created,
        own.key.namespace.as_str(),
        own.key.name.as_str(),
        ClaimKind::Organization,
    );
    let mut order: Vec<(&Arc<str>, &mut Assessment)> = Vec::with_capacity(claims.len() + 1);
    let mut unclaimed = Some(unclaimed);
    for (claim, assessment) in claims.iter().zip(assessments) {
        if claim.age() > own_age
            && let Some(unclaimed) = unclaimed.take()
        {
            order.push((&own.uid, unclaimed));
        }
        order.push((&claim.uid, assessment));
    }
    if let Some(unclaimed) = unclaimed {
        order.push((&own.uid, unclaimed));
    }
    removals::judge(input, &mut order)
}
