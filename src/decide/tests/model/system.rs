//! The three together, and what may happen to them.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{
    events::{
        Consistency, Counting, Declared, Edit, Elsewhere, Event, Fate, NAMES, PLAN_NAMES, Reading,
    },
    monitor::Monitor,
    process::Process,
    store::{Object, Store},
};
use crate::{
    api::{Membership, RemovalsStatus},
    decide::{
        Action, Claim, OrganizationClaim, Standing, Wants,
        fixtures::{World, at, organization, plan_id, repository, repository_id},
        tests::any::{PLANS, REPOSITORIES, path},
    },
};

/// Everything that there is.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub(super) consistency: Consistency,
    pub(super) store: Store,
    pub(super) world: World,
    /// The world before our last write.
    pub(super) lagging: World,
    /// Writes that were accepted, that nobody waits for, and that are not applied yet.
    pub(super) late: Vec<Action>,
    pub(super) process: Process,
    pub(super) monitor: Monitor,
    pub(super) now: Timestamp,
}

impl System {
    pub(super) fn new(
        consistency: Consistency,
        organization: OrganizationClaim,
        objects: Vec<Object>,
        world: World,
    ) -> Self {
        let store = Store {
            organization,
            objects,
            removals: RemovalsStatus::default(),
            held: Vec::new(),
            coverage: None,
            names: None,
        };
        let mut monitor = Monitor::default();
        monitor.limit(Timestamp::MIN, store.organization.removal_limit);
        Self {
            consistency,
            process: Process::begin(&store, world.clone()),
            store,
            lagging: world.clone(),
            late: Vec::new(),
            monitor,
            now: at(0),
            world,
        }
    }

    /// Lets it happen.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Pass(reading, counting) => self.pass(*reading, *counting),
            Event::Relist(reading) => self.relist(*reading),
            Event::RenameUnseen(row, name) => self.rename_unseen(*row, *name),
            Event::Answer(fate) => self.answer(*fate),
            Event::Run => self.run(),
            Event::Land => {
                if !self.late.is_empty() {
                    let action = self.late.remove(0);
                    self.world.land(&action);
                }
            }
            Event::Crash => self.crash(),
            Event::Tick(minutes) => self.wait(Duration::from_mins(*minutes)),
            Event::Deliver(place) => self.deliver(*place),
            Event::Edit(edit) => {
                self.edit(edit);
                if self.consistency == Consistency::Current {
                    self.deliver_all();
                }
            }
            Event::Elsewhere(elsewhere) => self.happen(*elsewhere),
        }
    }

    pub(super) fn wait(&mut self, time: Duration) {
        let time = SignedDuration::try_from(time).unwrap();
        self.now = self.now.checked_add(time).unwrap();
        self.process.idle = false;
    }

    fn relist(&mut self, reading: Reading) {
        while !self.process.wire.is_empty() {
            self.answer(Fate::Confirmed);
        }
        self.wait(self.process.organization.resync);
        self.pass(reading, Counting::Taken);
    }

    fn rename_unseen(&mut self, row: usize, name: usize) {
        self.happen(Elsewhere::Rename(row, name));
        let id = repository_id(&path(self.store.organization.service, row));
        let place = self
            .world
            .repositories
            .keys()
            .position(|known| *known == id);
        self.relist(place.map_or(Reading::Whole, Reading::Without));
    }

    /// What was on the wire may still arrive.
    fn crash(&mut self) {
        let wire = std::mem::take(&mut self.process.wire);
        for action in &wire {
            self.monitor.lost(action);
        }
        self.late.extend(wire);
        self.monitor.died();
        self.process = Process::begin(&self.store, self.world.clone());
    }

    fn deliver(&mut self, place: usize) {
        let told = &mut self.process.objects;
        let Some(object) = self
            .store
            .objects
            .get(place % (self.store.objects.len() + 1))
        else {
            self.process.organization = self.store.organization.clone();
            // What is gone is told of as well.
            let here = &self.store.objects;
            told.retain(|known| {
                here.iter()
                    .any(|object| object.claim.uid == known.claim.uid)
            });
            self.process.idle = false;
            return;
        };
        // Of one name there is one.
        told.retain(|known| {
            known.claim.key != object.claim.key || known.claim.uid == object.claim.uid
        });
        match told
            .iter_mut()
            .find(|known| known.claim.uid == object.claim.uid)
        {
            Some(known) => *known = object.clone(),
            None => told.push(object.clone()),
        }
        self.process.idle = false;
    }

    pub(super) fn deliver_all(&mut self) {
        self.process.objects.clone_from(&self.store.objects);
        self.process.organization = self.store.organization.clone();
        self.process.idle = false;
    }

    fn edit(&mut self, edit: &Edit) {
        let objects = &mut self.store.objects;
        let own = &mut self.store.organization;
        match edit {
            Edit::Declare(declared) => {
                let Declared(claim) = &**declared;
                let taken = |object: &Object| {
                    object.claim.key == claim.key || object.claim.uid == claim.uid
                };
                if !objects.iter().any(taken) {
                    objects.push(Object::fresh(claim.clone()));
                }
            }
            Edit::Delete(place) => {
                if let Some(object) = objects.get_mut(*place)
                    && !object.deleting
                {
                    if object.finalizer {
                        object.deleting = true;
                        object.claim.generation += 1;
                    } else {
                        objects.remove(*place);
                    }
                }
            }
            Edit::Recreate(place) => {
                if let Some(object) = objects.get_mut(*place)
                    && !object.finalizer
                {
                    object.claim.uid = format!("{}'", object.claim.uid).into();
                    object.claim.generation = 1;
                    object.claim.created = self.now;
                    object.claim.remembered = crate::decide::Remembered::default();
                    object.claim.accepted_once = false;
                    object.deleting = false;
                }
            }
            Edit::Pause(place) => {
                if let Some(object) = objects.get_mut(*place) {
                    object.claim.paused = !object.claim.paused;
                }
            }
            Edit::Membership(place) => {
                if let Some(object) = objects.get_mut(*place) {
                    respecify(object, with_other_membership);
                }
            }
            Edit::Policy(place, policy) => {
                if let Some(object) = objects.get_mut(*place) {
                    respecify(object, |claim| claim.deleting_with(*policy));
                }
            }
            Edit::Break(place) => {
                if let Some(object) = objects.get_mut(*place) {
                    respecify(object, broken_or_mended);
                }
            }
            Edit::Mode(writes) => {
                own.writes = writes.clone();
                own.generation += 1;
            }
            Edit::Limit(limit) => {
                own.removal_limit = *limit;
                own.generation += 1;
                self.monitor.limit(self.now, *limit);
            }
            Edit::Unclaimed(unclaimed) => {
                own.unclaimed = *unclaimed;
                own.generation += 1;
            }
            Edit::Approve => own.approvals.extend(self.store.held.iter().cloned()),
        }
    }

    fn happen(&mut self, elsewhere: Elsewhere) {
        let path = |row: usize| path(self.store.organization.service, row % REPOSITORIES.len());
        let plan = |plan: usize| PLANS[plan % PLANS.len()];
        match elsewhere {
            Elsewhere::Attach(row, into) => self.world.attach_by_hand(&path(row), plan(into)),
            Elsewhere::Detach(row, from) => self.world.detach_by_hand(&path(row), plan(from)),
            Elsewhere::License(row) => self.world.license_by_hand(&path(row)),
            Elsewhere::Unlicense(row) => self.world.take_licence_by_hand(&path(row)),
            Elsewhere::Vanish(row) => self.world.lose(&path(row)),
            Elsewhere::MarkRemoved(row) => self.world.mark_removed(&path(row)),
            Elsewhere::Rename(row, name) => {
                let name = NAMES[name % NAMES.len()];
                self.world.rename(&path(row), name);
            }
            Elsewhere::RenamePlan(of, name) => {
                self.world
                    .rename_plan(plan(of), PLAN_NAMES[name % PLAN_NAMES.len()]);
            }
            Elsewhere::Appear(row) => {
                let path = path(row);
                let (name, _) = REPOSITORIES[row % REPOSITORIES.len()];
                let mut rows = self.world.repositories.values();
                if !rows.any(|known| known.id == repository_id(&path) || known.name == name) {
                    let mut fixture = repository(name);
                    if let Some((project, _)) = path.split_once('/') {
                        fixture = fixture.in_project(project);
                    }
                    let nothing = organization("acme");
                    self.world = std::mem::replace(&mut self.world, nothing).with(fixture);
                }
            }
            Elsewhere::BeginToSynchronize => self.world.begin_to_synchronize(),
            Elsewhere::EndToSynchronize => self.world.end_to_synchronize(),
        }
    }

    /// Whether the repository of that place is in the plan of that place.
    pub(super) fn is_in(&self, row: usize, plan: usize) -> bool {
        let path = path(self.store.organization.service, row);
        let row = self.world.repositories.get(&repository_id(&path));
        row.and_then(|row| row.plans.as_ref())
            .is_some_and(|plans| plans.contains(&plan_id(PLANS[plan])))
    }
}

fn respecify(object: &mut Object, change: impl FnOnce(Claim) -> Claim) {
    object.claim = change(object.claim.clone());
    object.claim.generation += 1;
}

fn with_other_membership(claim: Claim) -> Claim {
    let membership = match &claim.wants {
        Wants::Plan(wants) => wants.membership,
        Wants::Repository(wants) => wants.membership,
        Wants::Project(wants) => wants.membership,
    };
    match membership {
        Membership::Exclusive => claim.additive(),
        Membership::Additive => claim.exclusive(),
    }
}

fn broken_or_mended(mut claim: Claim) -> Claim {
    match claim.standing {
        Standing::Accepted => claim.unreadable(),
        Standing::Unreadable { .. } => {
            claim.standing = Standing::Accepted;
            claim
        }
        Standing::Refused { .. }
        | Standing::NotAllowed { .. }
        | Standing::NotKnownToBeAllowed { .. }
        | Standing::Beside => claim,
    }
}
