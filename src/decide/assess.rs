//! What one claim calls for, judged alone but for what others name. One file a kind of claim.

mod plan;
mod project;
mod repository;
mod settings;

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Change, Claim, Due, Ground, Hold, Input, Life, Remembered, Standing, Visibility, Wants, Writes,
    digest::digest,
    memory::{Asking, Effect},
    named::Named,
    namers::{Namers, Rank},
    settings::SettingsClaims,
    verdict::quoted,
};
use crate::{
    api::{Reason, conditions::Truth},
    inventory::{Inventory, Licence, PlanId},
};

/// Something about a claim that a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) reason: Reason,
    pub(super) message: String,
    /// Whether only a person can help; else it is waited for.
    pub(super) stalls: bool,
}

/// What one claim calls for.
#[derive(Debug, Default)]
pub(super) struct Assessment {
    pub(super) dues: Vec<Due>,
    pub(super) matched: usize,
    pub(super) attached: usize,
    pub(super) licensed: usize,
    pub(super) problems: Vec<Problem>,
    /// What is declared and cannot be seen, in whatever state.
    pub(super) unseen: BTreeSet<Change>,
    /// Whether it cannot be judged in whole, because Xopero ONE does not show what is in a plan, which plan is the organization's, or
    /// what a row means.
    pub(super) not_judged: bool,
    pub(super) nothing_matched: Option<Truth>,
    /// Changes that are as declared, while an older claim declares the contrary.
    pub(super) disputed: Vec<(Change, Rank)>,
    /// Whether a change was made again and again and did not stay; it is not believed until it was kept for a day.
    pub(super) stubborn: bool,
    /// A digest of `unseen`, unless that is empty.
    pub(super) unseen_digest: Option<String>,
    pub(super) sending: Sending,
    pub(super) settings_digest: Option<String>,
    /// The plan in which the settings are found in force.
    pub(super) settings_in_force: Option<PlanId>,
    pub(super) settings_note: Option<String>,
}

/// How far what cannot be seen is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sending {
    /// All that there is was sent by this process, or there is nothing.
    #[default]
    Done,
    /// All of it was sent according to status, and this process does not know it yet.
    DoneBefore,
    /// Some of it is still to be sent.
    Left,
}

/// What every assessment is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) namers: &'a Namers,
    pub(super) settings: &'a SettingsClaims<'a>,
    /// Why nothing derived may be removed, because a claim may be unseen.
    pub(super) invisible: Option<&'a str>,
}

impl Scene<'_> {
    pub(super) fn inventory(&self) -> &Inventory {
        self.input.inventory
    }

    /// What holds back every change of the owner with this uid: a claim, or the organization.
    pub(super) fn hold(
        &self,
        uid: &Arc<str>,
        change: Change,
        ground: Ground,
        effect: Effect,
    ) -> Option<Hold> {
        let (input, listing) = (self.input, self.inventory().listing());
        match &input.organization.writes {
            Writes::Paused | Writes::Conflict(_) => return Some(Hold::Organization),
            Writes::All | Writes::Observe => {}
        }
        if ground != Ground::Addition
            && let Some(doubt) = input.distrust()
        {
            return Some(Hold::Untrusted(doubt));
        }
        let unseen = matches!(input.visibility, Visibility::Unseen { .. });
        let blind = match ground {
            Ground::Addition => false,
            Ground::Named => unseen,
            Ground::Derived => self.invisible.is_some(),
        };
        if blind {
            return Some(Hold::ClaimsNotVisible);
        }
        if input.memory.not_permitted(change, listing).is_some() {
            return Some(Hold::NotPermitted);
        }
        let asking = Asking {
            uid,
            change,
            derived: ground == Ground::Derived,
            effect,
        };
        let resync = input.organization.resync;
        input.memory.hold(asking, listing, input.now, resync)
    }
}

/// An assessment in the making.
#[derive(Debug)]
struct Assessing<'a> {
    scene: Scene<'a>,
    rank: Rank,
    claim: &'a Claim,
    named: &'a Named<'a>,
    done: Assessment,
    unseen_holds: Vec<(Change, Ground, Option<Hold>)>,
}

/// Judges one claim.
pub(super) fn assess(scene: Scene<'_>, rank: Rank, claim: &Claim, named: &Named<'_>) -> Assessment {
    let mut assessing = Assessing {
        scene,
        rank,
        claim,
        named,
        done: Assessment::default(),
        unseen_holds: Vec::new(),
    };
    if let Wants::Plan(wants) = &claim.wants
        && wants.settings.is_some()
    {
        let Remembered {
            plan,
            settings_sent: sent,
            ..
        } = &claim.remembered;
        let Input {
            elsewhere, memory, ..
        } = scene.input;
        let is_replaced = |plan| {
            let in_force = match elsewhere.sent_last(plan) {
                Some(sent) => sent.digest.as_deref(),
                None => memory.settings_in_force(plan, sent.as_deref()),
            };
            in_force != sent.as_deref()
        };
        // What was sent stays known while the claim cannot be judged, unless something else was sent since.
        if !plan.is_some_and(is_replaced) {
            assessing.done.settings_digest.clone_from(sent);
        }
    }
    match &claim.standing {
        Standing::Accepted => {}
        Standing::Refused { message } => {
            assessing.stall(Reason::NotPermitted, message.clone());
            return assessing.done;
        }
        Standing::NotAllowed { message } | Standing::NotKnownToBeAllowed { message } => {
            assessing.wait(Reason::WaitingForOrganization, message.clone());
            return assessing.done;
        }
        Standing::Unreadable { message } => {
            assessing.stall(Reason::InvalidSpec, message.clone());
            return assessing.done;
        }
        Standing::Beside => return assessing.done,
    }
    match &claim.wants {
        Wants::Plan(wants) => assessing.plan(wants),
        Wants::Repository(wants) => assessing.repository(wants),
        Wants::Project(wants) => assessing.project(wants),
    }
    assessing.finish()
}

impl Assessing<'_> {
    fn stall(&mut self, reason: Reason, message: String) {
        self.done.problems.push(Problem {
            reason,
            message,
            stalls: true,
        });
    }

    fn wait(&mut self, reason: Reason, message: String) {
        self.done.problems.push(Problem {
            reason,
            message,
            stalls: false,
        });
    }

    fn is_living(&self) -> bool {
        self.claim.life == Life::Living
    }

    /// Whether its clean-up is due. Not where a policy was tightened once the deletion had begun: that is too late.
    fn is_leaving(&self) -> bool {
        self.claim.life == Life::Leaving
    }

    /// A change whose effect the listing shows.
    fn due(&mut self, change: Change, ground: Ground, first: Option<Hold>) {
        let hold = first.or_else(|| self.hold(change, ground, Effect::Shown));
        self.done.stubborn |= self.scene.input.memory.is_not_kept(&self.claim.uid, change);
        self.push(change, ground, hold);
    }

    /// Settings, which are sent when they are declared anew and never because they are seen to differ.
    fn modification(&mut self, change: Change, first: Option<Hold>) {
        let hold = first.or_else(|| self.hold(change, Ground::Addition, Effect::Hidden));
        self.push(change, Ground::Addition, hold);
    }

    /// What holds back every change of the claim.
    fn hold(&self, change: Change, ground: Ground, effect: Effect) -> Option<Hold> {
        if self.claim.paused {
            Some(Hold::Paused)
        } else if self.claim.held_by_finalizer {
            self.scene.hold(&self.claim.uid, change, ground, effect)
        } else {
            Some(Hold::Finalizer)
        }
    }

    fn push(&mut self, change: Change, ground: Ground, hold: Option<Hold>) {
        self.done.dues.push(Due {
            change,
            ground,
            hold,
        });
    }

    /// A change whose effect no listing shows: it is sent once for a declaration.
    fn unseen(&mut self, change: Change, ground: Ground, first: Option<Hold>) {
        self.done.unseen.insert(change);
        let hold = first.or_else(|| self.hold(change, ground, Effect::Hidden));
        self.unseen_holds.push((change, ground, hold));
    }

    /// A change that is as declared: made thrice and not observed since, it is not believed.
    fn settled(&mut self, change: Change) {
        self.done.stubborn |= self.scene.input.memory.is_stubborn(&self.claim.uid, change);
    }

    fn finish(mut self) -> Assessment {
        if self.done.unseen.is_empty() {
            return self.done;
        }
        let (uid, generation) = (&self.claim.uid, self.claim.generation);
        let memory = self.scene.input.memory;
        let unseen_digest = digest(&self.done.unseen);
        let remembered = self.claim.remembered.attached_once.as_ref();
        let all_sent =
            remembered.is_some_and(|(of, sent)| *of == generation && *sent == unseen_digest);
        self.done.unseen_digest = Some(unseen_digest);
        if all_sent && !memory.remembers_declaration(uid, generation) {
            self.done.sending = Sending::DoneBefore;
        }
        for (change, ground, hold) in std::mem::take(&mut self.unseen_holds) {
            // What was sent in vain comes again where a person asks for it.
            let may_be_sent = !all_sent || memory.was_lost_twice(change);
            if may_be_sent && !memory.was_sent_once(uid, generation, change) {
                self.done.sending = Sending::Left;
                self.push(change, ground, hold);
            }
        }
        self.done
    }
}

/// What is said where what was meant is not listed, and something else has its name.
fn another(what: &str, shown: &str, other: &str) -> String {
    let other = quoted(other);
    format!(
        "Xopero ONE does not list the {what} {shown} that was meant until now. It lists {other}, which is another one and was there \
         beside it: nothing is changed in that one, or for its name. If it is the one to be meant, replace this resource."
    )
}

/// What is said of what is known by its id, and listed without a name.
fn no_longer_shown(what: &str, name: &str) -> String {
    format!(
        "Xopero ONE lists the {what} {name} without a name now: nothing is changed for it until its name is shown again."
    )
}

/// Whether a licence lets an attachment go on that wants one first.
fn licence_allows(licence: Licence) -> bool {
    match licence {
        Licence::Held | Licence::Unknown => true,
        Licence::NotHeld => false,
    }
}
