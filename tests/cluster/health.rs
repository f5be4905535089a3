//! What is said of backups: the last run, its age, and what is unprotected.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use xopero_simulator::{
    Dialect, Fault, State,
    builder::{self, organization, repository, state},
    dialect::Visibility,
    faults::Status,
    state::LastStatus,
};

use crate::{
    objects::{Kind, Object},
    world::World,
    yaml::{acme, plan},
};

/// In milliseconds since the Unix epoch, as Xopero ONE counts.
fn milliseconds_ago(ago: Duration) -> i64 {
    let then = SystemTime::now().checked_sub(ago);
    let since = then.and_then(|then| then.duration_since(UNIX_EPOCH).ok());
    since
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}

const HOUR: Duration = Duration::from_hours(1);

fn backed_up() -> State {
    state().licences(10).with(
        organization("acme")
            .plan(builder::plan("Nightly"))
            .with(repository("api").licensed().in_plan("Nightly")),
    )
}

const FRESH: &str = "repositories: {include: [api]}\nfreshness: {maxAge: 36h}";

async fn says(world: &World, expected: &'static str) -> Object {
    world
        .wait_for(
            Kind::Plan,
            "nightly",
            &format!("BackupHealthy {expected}"),
            |object| object.says("BackupHealthy") == expected,
        )
        .await
}

#[tokio::test]
async fn a_plan_tells_how_its_last_run_ended_and_stays_ready() {
    let world = World::with(backed_up()).await;
    world.apply(&(acme("") + &plan("Nightly", FRESH))).await;
    let never = says(&world, "False NeverBackedUp").await;
    assert!(never.at("/status/lastBackup").is_null());

    let run = |successes, errors, ago| {
        let status = LastStatus {
            successes,
            warnings: 0,
            errors,
        };
        let ended = milliseconds_ago(ago);
        world
            .simulator
            .finish_run("acme", "Nightly", status, ended)
            .unwrap();
    };
    run(1, 0, HOUR);
    let good = says(&world, "True BackedUp").await;
    assert_eq!(good.number("/status/lastBackup/successes"), Some(1));
    world.quiet_for_three_resyncs().await;

    run(0, 1, HOUR);
    let failed = says(&world, "False BackupFailed").await;
    assert_eq!(failed.number("/status/lastBackup/errors"), Some(1));
    assert!(failed.is_ready(), "Ready speaks of the declaration");

    run(1, 0, 40 * HOUR);
    says(&world, "False BackupTooOld").await;
    world.quiet_for_three_resyncs().await;
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.end().await;
}

/// Time passes also where nobody can be asked for a later run.
#[tokio::test]
async fn a_backup_becomes_too_old_while_xopero_one_does_not_answer() {
    let world = World::with(backed_up()).await;
    world.apply(&(acme("") + &plan("Nightly", FRESH))).await;
    let status = LastStatus {
        successes: 1,
        warnings: 0,
        errors: 0,
    };
    let ended = milliseconds_ago(Duration::from_secs(36 * 60 * 60 - 20));
    world
        .simulator
        .finish_run("acme", "Nightly", status, ended)
        .unwrap();
    says(&world, "True BackedUp").await;
    let down = Fault::on_any(Status::code(503)).until_healed();
    world.simulator.inject(down);
    let old = says(&world, "False BackupTooOld").await;
    assert!(old.is_ready(), "Ready speaks of the declaration");
    world.end().await;
}

#[tokio::test]
async fn the_age_of_a_backup_is_not_judged_without_freshness() {
    let world = World::with(backed_up()).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: [api]}")))
        .await;
    let status = LastStatus {
        successes: 1,
        warnings: 0,
        errors: 0,
    };
    let ended = milliseconds_ago(10_000 * HOUR);
    world
        .simulator
        .finish_run("acme", "Nightly", status, ended)
        .unwrap();
    says(&world, "True BackedUp").await;
    world.end().await;
}

#[tokio::test]
async fn a_run_whose_errors_are_not_shown_is_not_called_good() {
    let silent = Dialect::default().without("response.lastStatus.errors");
    let world = World::with(backed_up().dialect(silent)).await;
    world.apply(&(acme("") + &plan("Nightly", FRESH))).await;
    let status = LastStatus {
        successes: 1,
        warnings: 0,
        errors: 0,
    };
    let ended = milliseconds_ago(HOUR);
    world
        .simulator
        .finish_run("acme", "Nightly", status, ended)
        .unwrap();
    let shown = world
        .wait_for(Kind::Plan, "nightly", "a run of unknown errors", |object| {
            object.says("BackupHealthy") == "Unknown NotObserved"
                && object.number("/status/lastBackup/successes") == Some(1)
        })
        .await;
    assert!(shown.at("/status/lastBackup/errors").is_null(), "{shown}");
    world.end().await;
}

fn partly() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with(repository("idle").licensed())
            .with("orphan")
            .with("my-sandbox"),
    )
}

#[tokio::test]
async fn an_organization_names_what_is_unprotected_until_it_is_covered() {
    let world = World::with(partly()).await;
    let organization = acme("protection: {require: EveryRepository, except: ['*-sandbox']}");
    world
        .apply(&(organization + &plan("Nightly", "repositories: {include: [api]}")))
        .await;

    let shown = world
        .wait_for(Kind::Organization, "acme", "unprotected", |object| {
            object.says("Protected") == "False Unprotected"
        })
        .await;
    assert!(shown.is_ready(), "{shown}");
    let names = shown.at("/status/unprotected/names");
    assert_eq!(names, &serde_json::json!(["idle", "orphan"]));
    assert_eq!(shown.number("/status/coverage/known"), Some(4));
    assert_eq!(shown.number("/status/coverage/licensed"), Some(2));
    assert_eq!(shown.number("/status/coverage/protected"), Some(1));

    world
        .apply(&plan(
            "Nightly",
            "repositories: {include: ['**'], exclude: ['*-sandbox']}",
        ))
        .await;
    world
        .wait_for(Kind::Organization, "acme", "protected", |object| {
            object.says("Protected") == "True AllProtected"
        })
        .await;
    world.quiet_for_three_resyncs().await;
    world.end().await;
}

#[tokio::test]
async fn protection_is_unknown_where_licences_are_not_shown() {
    let dialect = Dialect {
        licences: Visibility::Hidden,
        ..Dialect::default()
    };
    let world = World::with(backed_up().dialect(dialect)).await;
    world
        .apply(&acme("protection: {require: EveryRepository}"))
        .await;
    let unknown = |object: &Object| object.says("Protected") == "Unknown NotVisible";
    let what = "of unknown protection";
    world
        .wait_for(Kind::Organization, "acme", what, unknown)
        .await;
    world.end().await;
}

#[tokio::test]
async fn where_protection_demands_what_is_declared_nothing_else_is_called_unprotected() {
    let world = World::with(partly()).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: [api]}")))
        .await;
    let shown = world.in_sync(Kind::Organization, "acme").await;
    assert_eq!(shown.says("Protected"), "True AllProtected");
    assert!(shown.at("/status/unprotected").is_null(), "{shown}");
    assert_eq!(shown.number("/status/coverage/unprotected"), Some(3));
    world.end().await;
}
