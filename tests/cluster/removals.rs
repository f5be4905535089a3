//! What is taken out: nothing by default, within the limit where a plan is exclusive, and beyond it only by approval.

use rstest::rstest;
use xopero_simulator::{
    Endpoint, Fault, State,
    builder::{organization, repository, state},
    faults::Status,
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, annotated, plan, resource},
};

/// Two that the selector takes, and three that somebody put in by hand.
fn crowded() -> State {
    let mut acme = organization("acme").plan("Nightly");
    for name in ["api", "web", "x-1", "x-2", "x-3"] {
        acme = acme.with(repository(name).licensed().in_plan("Nightly"));
    }
    state().licences(100).with(acme)
}

const SELECTOR: &str = "repositories: {include: [api, web]}";

fn exclusive() -> String {
    plan("Nightly", &format!("{SELECTOR}\nmembership: Exclusive"))
}

#[tokio::test]
async fn an_additive_plan_detaches_nothing() {
    let world = World::with(crowded()).await;
    world.apply(&(acme("") + &plan("Nightly", SELECTOR))).await;

    let plan = world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(plan.number("/status/attached"), Some(2));
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn promise_2_nothing_is_lost_by_absence_only_what_two_whole_listings_call_for_is_detached() {
    let world = World::with(crowded()).await;
    let beside = crate::yaml::repository("x-2", "plans: [Nightly]");
    world.apply(&(acme("") + &beside + &exclusive())).await;

    world.in_sync(Kind::Plan, "nightly").await;
    let members = world.members("acme", "Nightly");
    assert_eq!(members, ["api", "web", "x-2"]);
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 2)].into());
    let journal = world.simulator.journal();
    let first = journal.iter().position(xopero_simulator::Entry::is_write);
    let listed = journal
        .iter()
        .take(first.unwrap())
        .filter(|entry| entry.endpoint == Some(Endpoint::ListRepositories));
    // The proof that a listing is scoped is another call.
    assert!(listed.count() >= 2, "two listings called for it");
    let licensed = world.licensed("acme");
    assert_eq!(licensed.len(), 5, "licences stay");
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

#[tokio::test]
async fn promise_3_blast_radius_more_than_the_limit_is_held_until_its_token_is_given_and_goes_once()
{
    let world = World::with(crowded()).await;
    let organization = acme("removalLimit: 2");
    world.apply(&(organization.clone() + &exclusive())).await;

    let held = world.stalled(Kind::Plan, "nightly", "RemovalHeld").await;
    let drift = ["x-1", "x-2", "x-3"].map(|name| format!("Detach {name} Nightly RemovalHeld"));
    assert_eq!(held.drift(), drift);
    assert_eq!(held.says("InSync"), "False Held");
    let shown = world
        .wait_for(
            Kind::Organization,
            "acme",
            "showing the held removals",
            |object| object.number("/status/removals/held/0/count") == Some(3),
        )
        .await;
    let token = shown.text("/status/removals/held/0/token");
    assert!(token.starts_with("3-"), "{token}");
    assert!(
        held.message("Stalled").contains(token),
        "{}",
        held.message("Stalled")
    );
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    // A token of something else lets nothing through.
    let wrong = annotated(&organization, "xopero.dev/approve-removals: \"3-000000\"");
    world.apply(&wrong).await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());

    let approval = annotated(
        &organization,
        &format!("xopero.dev/approve-removals: \"{token}\""),
    );
    world.apply(&approval).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());

    // The annotation stays in Git, and the same set comes again.
    for name in ["x-1", "x-2", "x-3"] {
        world.simulator.attach("acme", "Nightly", name).unwrap();
    }
    let again = world.stalled(Kind::Plan, "nightly", "RemovalHeld").await;
    assert!(
        !again.message("Stalled").contains(token),
        "a new set has a new token"
    );
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.end().await;
}

#[tokio::test]
async fn what_fits_the_limit_but_not_the_rest_of_the_hour_waits_and_is_not_stalled() {
    let world = World::with(crowded()).await;
    world.apply(&(acme("removalLimit: 4") + &exclusive())).await;
    world.in_sync(Kind::Plan, "nightly").await;
    for name in ["x-1", "x-2"] {
        world.simulator.attach("acme", "Nightly", name).unwrap();
    }

    let paced = world
        .wait_for(Kind::Plan, "nightly", "paced", |object| {
            object.says("Reconciling") == "True RemovalPaced"
        })
        .await;
    assert_eq!(paced.drift().len(), 2, "{:?}", paced.drift());
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.end().await;
}

#[tokio::test]
async fn an_organization_that_is_made_anew_begins_where_the_hour_was() {
    let world = World::with(crowded()).await;
    let organization = acme("removalLimit: 4");
    world.apply(&(organization.clone() + &exclusive())).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.delete(Kind::Organization, "acme").await;
    world.gone(Kind::Organization, "acme").await;
    for name in ["x-1", "x-2"] {
        world.simulator.attach("acme", "Nightly", name).unwrap();
    }
    world.apply(&organization).await;
    world
        .wait_for(Kind::Plan, "nightly", "paced", |object| {
            object.says("Reconciling") == "True RemovalPaced"
        })
        .await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.end().await;
}

/// What the older one counted stands in its status, and in no memory.
#[tokio::test]
async fn who_takes_over_after_a_restart_begins_where_the_hour_was() {
    let mut world = World::with(crowded()).await;
    world.apply(&(acme("removalLimit: 4") + &exclusive())).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.restart_operator().await;
    let younger = resource(
        "XoperoOrganization",
        "younger",
        "connectionRef: {name: xopero}\nname: acme\nprovider: GitHub\nresyncInterval: 1s\nremovalLimit: 4",
    );
    let its = resource(
        "XoperoBackupPlan",
        "its",
        &format!(
            "organizationRef: {{name: younger}}\nplanName: Nightly\n{SELECTOR}\nmembership: Exclusive"
        ),
    );
    world.apply(&(younger + &its)).await;
    world
        .wait_for(Kind::Organization, "younger", "in conflict", |object| {
            object.says("Stalled") == "True Conflict"
        })
        .await;
    world.delete(Kind::Plan, "nightly").await;
    world.delete(Kind::Organization, "acme").await;
    world.gone(Kind::Organization, "acme").await;
    for name in ["x-1", "x-2"] {
        world.simulator.attach("acme", "Nightly", name).unwrap();
    }
    world
        .wait_for(Kind::Plan, "its", "paced", |object| {
            object.says("Reconciling") == "True RemovalPaced"
        })
        .await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.end().await;
}

/// It contends for nothing, so that it has removed nothing.
#[tokio::test]
async fn who_only_observes_counts_no_removal_of_another() {
    let world = World::with(crowded()).await;
    let observer = |resync: &str| {
        let spec = "connectionRef: {name: xopero}\nname: acme\nprovider: GitHub\nmode: Observe";
        let spec = format!("{spec}\nresyncInterval: {resync}");
        resource("XoperoOrganization", "observer", &spec)
    };
    // While the other one removes it lists nothing: whose listing it was would not be known.
    world
        .apply(&(acme("removalLimit: 4") + &observer("1h")))
        .await;
    world.ready(Kind::Organization, "observer").await;
    world.apply(&exclusive()).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.writes(), [(Endpoint::DetachRepository, 3)].into());
    world.apply(&observer("1s")).await;
    world
        .wait_for(
            Kind::Organization,
            "observer",
            "looked at often",
            |object| object.is_observed() && object.is_ready(),
        )
        .await;
    world.rounds(4).await;
    let observer = world.get(Kind::Organization, "observer").await.unwrap();
    assert!(observer.at("/status/removals").is_null(), "{observer}");
    world.end().await;
}

#[tokio::test]
async fn an_exclusive_plan_that_matches_nothing_removes_nothing() {
    let world = World::with(crowded()).await;
    let typo = "repositories: {include: [apii]}\nmembership: Exclusive";
    world.apply(&(acme("") + &plan("Nightly", typo))).await;

    world
        .wait_for(
            Kind::Plan,
            "nightly",
            "saying that nothing matches",
            |object| object.says("InSync") == "False NothingMatched",
        )
        .await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

#[tokio::test]
async fn an_unclaimed_licence_outside_of_every_plan_is_given_back_where_that_is_declared() {
    let state = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .plan("By hand")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with(repository("used").licensed().in_plan("By hand"))
            .with(repository("wanted").licensed())
            .with(repository("idle").licensed())
            .with(repository("gone").licensed().removed()),
    );
    let world = World::with(state).await;
    let claims = plan("Nightly", "repositories: {include: [api]}")
        + &crate::yaml::repository("wanted", "license: Active");
    world.apply(&(acme("") + &claims)).await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.quiet_for_three_resyncs().await;
    assert!(
        world.writes().is_empty(),
        "Keep is the default: {:?}",
        world.writes()
    );

    world
        .apply(&acme("licenses: {unclaimed: Deactivate}"))
        .await;
    world
        .eventually("idle has no licence", async || {
            !world.simulator.repository("acme", "idle").unwrap().licensed
        })
        .await;
    world.in_sync(Kind::Organization, "acme").await;
    world.quiet_for_three_resyncs().await;
    assert_eq!(world.writes(), [(Endpoint::Deactivate, 1)].into());
    let licensed = world.licensed("acme");
    assert_eq!(licensed, ["api", "gone", "used", "wanted"]);
    world.end().await;
}

/// What is known not to have been made takes nothing of the hour's limit: else a busy server costs an hour.
#[tokio::test]
async fn a_removal_that_was_not_made_does_not_count_against_the_hour() {
    let world = World::with(crowded()).await;
    world.apply(&acme("removalLimit: 3")).await;
    world.ready(Kind::Organization, "acme").await;
    let busy = Fault::on(Endpoint::DetachRepository, Status::code(429)).times(6);
    let busy = world.simulator.inject(busy);
    world.apply(&exclusive()).await;
    world.in_sync(Kind::Plan, "nightly").await;
    assert_eq!(world.simulator.firings(busy), 6);
    assert_eq!(world.members("acme", "Nightly"), ["api", "web"]);
    let organization = world.get(Kind::Organization, "acme").await.unwrap();
    let counted = organization.at("/status/removals/inTheLastHour").as_array();
    let counted = counted.into_iter().flatten();
    let counted: u64 = counted.filter_map(|record| record["count"].as_u64()).sum();
    assert_eq!(counted, 3, "{organization}");
    world.end().await;
}

/// A plan that is to hold `api` alone, and holds as many others as a step takes, in the middle of detaching them: one call a second, and
/// the whole step waits for its turn.
async fn detaching(step: u64) -> World {
    let all = (1..=step).map(|number| repository(&format!("x-{number}")));
    let api = organization("acme").plan("Nightly");
    let api = api.with(repository("api").licensed().in_plan("Nightly"));
    let crowded = all.fold(api, |acme, stray| {
        acme.with(stray.licensed().in_plan("Nightly"))
    });
    let mut world = World::bare(state().licences(100).with(crowded)).await;
    let slow = yaml::connection(world.url()).replace("perSecond: 1000", "perSecond: 1");
    let exclusive = "repositories: {include: [api]}\nmembership: Exclusive";
    let claims = acme("removalLimit: 100") + &plan("Nightly", exclusive);
    world.apply(&(yaml::secret() + &slow + &claims)).await;
    world.start_operator().await;
    world
        .eventually("the first is detached", async || {
            world.calls(Endpoint::DetachRepository) > 0
        })
        .await;
    world
}

/// The most removals of a step.
const STEP: u64 = 16;

#[tokio::test]
async fn what_is_declared_while_removals_wait_for_their_turn_is_spared() {
    let world = detaching(STEP).await;
    let all = (1..=STEP).map(|number| {
        let name = format!("x-{number}");
        yaml::repository(&name, "plans: [Nightly]")
    });
    world.apply(&all.collect::<String>()).await;
    let is_known = |object: &crate::objects::Object| object.is_observed();
    for number in 1..=STEP {
        let name = format!("x-{number}");
        world
            .wait_for(Kind::Repository, &name, "known", is_known)
            .await;
    }
    let made = world.calls(Endpoint::DetachRepository);
    assert!(made < STEP, "{made}");
    for number in 1..=STEP {
        world
            .in_sync(Kind::Repository, &format!("x-{number}"))
            .await;
    }
    let on_the_wire = 1;
    assert!(world.calls(Endpoint::DetachRepository) <= made + on_the_wire);
    let all_of_them = usize::try_from(STEP).unwrap() + 1;
    assert_eq!(world.members("acme", "Nightly").len(), all_of_them);
    world.end().await;
}

#[rstest]
#[case::the_resource(Kind::Plan, "nightly")]
#[case::its_organization(Kind::Organization, "acme")]
#[tokio::test]
async fn what_is_paused_while_removals_wait_for_their_turn_keeps_the_rest_from_being_made(
    #[case] kind: Kind,
    #[case] name: &str,
) {
    let world = detaching(STEP).await;
    world.annotate(kind, name, "xopero.dev/paused=true").await;
    let is_paused = |object: &crate::objects::Object| object.says("Paused") == "True Requested";
    world.wait_for(kind, name, "Paused", is_paused).await;
    let strays = || world.members("acme", "Nightly").len() - 1;
    world
        .wait_for(Kind::Plan, "nightly", "showing what is left", |object| {
            object.drift().len() == strays()
        })
        .await;
    assert!(strays() > 0, "{:?}", world.writes());
    world.end().await;
}
