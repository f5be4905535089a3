//! What `/metrics` shows of a small organization: the numbers are right, go away with their resource, and give nothing away.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what a test cannot read is its failure"
)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::tempdir;
use xopero_simulator::{
    State,
    builder::{organization, repository, state},
    state::LastStatus,
};
use xtask::promtool::promtool;

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, plan, repository as declared},
};

const PROMETHEUS: &str = "text/plain";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0";

/// Three known repositories, two of them protected by the plan, one by nobody.
fn three() -> State {
    state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly"))
            .with_all(["web", "docs"]),
    )
}

const PLAN: &str = "repositories: {include: [api, web]}\nfreshness: {maxAge: 36h}";

/// With an organization, a plan, and a repository that does not exist.
async fn world() -> World {
    let world = World::with(three()).await;
    let finished = SystemTime::now() - Duration::from_hours(1);
    let finished = finished.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let run = LastStatus {
        successes: 5,
        warnings: 1,
        errors: 0,
    };
    let finished = i64::try_from(finished).unwrap();
    world
        .simulator
        .finish_run("acme", "Nightly", run, finished)
        .unwrap();
    let protection =
        "protection: {require: EveryRepository}\nlicenses: {limit: 7}\nremovalLimit: 3";
    world
        .apply(&(acme(protection) + &plan("Nightly", PLAN) + &declared("ghost", "license: Active")))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world
        .stalled(Kind::Repository, "ghost", "RepositoryNotFound")
        .await;
    world
        .wait_for(Kind::Organization, "acme", "two are protected", |object| {
            object.number("/status/coverage/protected") == Some(2)
        })
        .await;
    world
}

/// Waits until the series has this value; without the prefix of all names.
async fn shows(world: &World, series: &str, value: &str) {
    let line = format!("xopero_operator_{series} {value}");
    world
        .eventually(&line, async || {
            let text = world.metrics(PROMETHEUS).await;
            text.lines().any(|shown| shown == line)
        })
        .await;
}

/// The one value of a series.
fn value(text: &str, series: &str) -> f64 {
    let shown = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("xopero_operator_{series} ")));
    let shown = shown.unwrap_or_else(|| panic!("{series} is missing in {text}"));
    shown.parse().unwrap()
}

#[tokio::test]
async fn the_numbers_of_an_organization_are_right_and_go_away_with_it() {
    let world = world().await;
    let at = |name: &str| format!(r#"namespace="{}",name="{name}""#, world.namespace);
    let (acme, nightly, xopero) = (at("acme"), at("nightly"), at("xopero"));
    let repositories = format!("organization_repositories{{{acme}");
    for (series, value) in [
        (format!(r#"{repositories},state="known"}}"#), "3.0"),
        (format!(r#"{repositories},state="licensed"}}"#), "2.0"),
        (format!(r#"{repositories},state="in_a_plan"}}"#), "2.0"),
        (format!(r#"{repositories},state="protected"}}"#), "2.0"),
        (format!(r#"{repositories},state="unprotected"}}"#), "1.0"),
        (format!("organization_unprotected_repositories{{{acme}}}"), "1.0"),
        (format!("organization_inventory_trusted{{{acme}}}"), "1.0"),
        (format!("organization_removal_limit{{{acme}}}"), "3.0"),
        (format!("organization_removals_used{{{acme}}}"), "0.0"),
        (format!("organization_license_limit{{{acme}}}"), "7.0"),
        (format!("organization_resync_interval_seconds{{{acme}}}"), "1.0"),
        (format!(r#"plan_items{{{nightly},state="matched"}}"#), "2.0"),
        (format!(r#"plan_items{{{nightly},state="attached"}}"#), "2.0"),
        (format!(r#"plan_last_backup_items{{{nightly},result="success"}}"#), "5.0"),
        (format!("plan_max_age_seconds{{{nightly}}}"), "129600.0"),
        (format!("connection_organizations{{{xopero}}}"), "1.0"),
        (format!("connection_login_rejected{{{xopero}}}"), "0.0"),
        (format!("connection_requests_per_second_limit{{{xopero}}}"), "1000.0"),
        (
            format!(r#"condition{{kind="XoperoBackupPlan",{nightly},type="BackupHealthy",status="True",reason="BackedUp"}}"#),
            "1.0",
        ),
        (
            r#"resource_conditions{kind="XoperoRepository",type="Stalled",status="True",reason="RepositoryNotFound"}"#.to_owned(),
            "1.0",
        ),
        (r#"resources{kind="XoperoRepository"}"#.to_owned(), "1.0"),
        (r#"watches{kind="XoperoRepository",state="listed"}"#.to_owned(), "1.0"),
        (r#"actions_total{action="Attach",outcome="confirmed"}"#.to_owned(), "1"),
        ("leader".to_owned(), "1"),
    ] {
        shows(&world, &series, value).await;
    }
    let text = world.metrics(PROMETHEUS).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let since = |series: &str| now.as_secs_f64() - value(&text, series);
    let listed = since(&format!(
        "organization_last_listing_timestamp_seconds{{{acme}}}"
    ));
    assert!((0.0..60.0).contains(&listed), "{listed} s ago");
    let backed_up = since(&format!("plan_last_backup_timestamp_seconds{{{nightly}}}"));
    assert!((3600.0..3900.0).contains(&backed_up), "{backed_up} s ago");
    let token = -since(&format!(
        "connection_token_expiry_timestamp_seconds{{{xopero}}}"
    ));
    assert!(token > 3600.0, "the token ends in {token} s");
    assert!(!text.contains("ghost"), "a repository is a label");

    world.delete(Kind::Plan, "nightly").await;
    world.delete(Kind::Organization, "acme").await;
    world.delete(Kind::Connection, "xopero").await;
    world
        .eventually("no series of what is gone", async || {
            let text = world.metrics(PROMETHEUS).await;
            !text.contains(&world.namespace)
        })
        .await;
    shows(&world, r#"resources{kind="XoperoRepository"}"#, "1.0").await;
    world.end().await;
}

#[tokio::test]
async fn what_was_woken_waited_until_its_pass_and_waits_no_more() {
    let world = world().await;
    for kind in [
        "XoperoBackupPlan",
        "XoperoConnection",
        "XoperoOrganization",
        "XoperoRepository",
    ] {
        shows(&world, &format!(r#"queue_depth{{kind="{kind}"}}"#), "0.0").await;
        let text = world.metrics(PROMETHEUS).await;
        let waits = format!(r#"queue_wait_seconds_count{{kind="{kind}"}}"#);
        assert!(value(&text, &waits) >= 1.0, "{kind}");
        let longest = format!(r#"queue_longest_wait_seconds{{kind="{kind}"}}"#);
        assert!(value(&text, &longest) < 60.0, "{kind}");
    }
    world.end().await;
}

#[tokio::test]
async fn prometheus_takes_every_line_and_none_gives_a_secret_away() {
    let world = world().await;
    let text = world.metrics(PROMETHEUS).await;
    promtool(&["check", "metrics"], &text).unwrap();

    let open = world.metrics(OPEN_METRICS).await;
    assert!(open.ends_with("# EOF\n"));
    // The parser of OpenMetrics is reached through the command that takes samples with a time.
    let mut timed = String::new();
    for line in open.lines() {
        timed.push_str(line);
        if !line.starts_with('#') {
            timed.push_str(" 1795564800");
        }
        timed.push('\n');
    }
    let folder = tempdir().unwrap();
    let (file, blocks) = (folder.path().join("metrics"), folder.path().join("blocks"));
    std::fs::write(&file, timed).unwrap();
    let arguments = [
        "tsdb".as_ref(),
        "create-blocks-from".as_ref(),
        "openmetrics".as_ref(),
        file.as_os_str(),
        blocks.as_os_str(),
    ];
    promtool(&arguments, "").unwrap();

    // Where it begins, a token says that it is one.
    for secret in [yaml::PASSWORD, yaml::EMAIL, "eyJ", "Bearer"] {
        assert!(!text.contains(secret) && !open.contains(secret), "{secret}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_rejected_login_is_shown_at_its_connection() {
    let world = World::bare(three()).await;
    let mut world = world;
    let wrong = yaml::secret().replace(yaml::PASSWORD, "not-the-password");
    let connection = yaml::connection(world.url());
    world.apply(&(wrong + &connection + &acme(""))).await;
    world.start_operator().await;
    let xopero = format!(r#"namespace="{}",name="xopero""#, world.namespace);
    shows(
        &world,
        &format!("connection_login_rejected{{{xopero}}}"),
        "1.0",
    )
    .await;
    let text = world.metrics(PROMETHEUS).await;
    assert!(!text.contains("token_expiry_timestamp_seconds{"));
    assert!(!text.contains("not-the-password"));
    world.end().await;
}
