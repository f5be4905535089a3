//! Licences: in batches, by age and name, within the limit, and what refusals tell of the pool.

use rstest::rstest;

use super::projects::on_azure;
use crate::{
    api::{
        DeletionPolicy, Reason, RepositoryLicense,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Action,
        fixtures::{
            Answer, World, organization, plan_claim, repository, repository_claim, repository_id,
        },
    },
    inventory::trust::Doubt,
};

fn unlicensed(count: usize) -> World {
    let mut world = organization("acme").with_plan("nightly");
    for number in 0..count {
        world = world.with(repository(&format!("r-{number:03}")));
    }
    world
}

fn batches(sent: &[String]) -> Vec<usize> {
    let of = |words: &String| words.split(' ').count() - 1;
    sent.iter()
        .filter(|words| words.starts_with("Activate"))
        .map(of)
        .collect()
}

#[test]
fn licences_are_asked_for_in_batches_of_fifty() {
    let mut operator = unlicensed(120).operated([plan_claim("nightly").include(&["**"])]);
    let sent = operator.first();
    assert_eq!(batches(&sent), [50, 50, 20]);
}

/// Rule 14, within one claim: whether the repository or its project is selected is no matter.
#[rstest]
#[case::by_their_names(&["*"], &[], "a b c d e f")]
#[case::by_their_projects(&[], &["*"], "a b c d e f")]
#[case::some_by_each(&["b", "e"], &["one", "two"], "a b c d e f")]
#[case::not_all(&["f"], &["one"], "a c e f")]
fn the_licences_of_a_plan_go_by_name(
    #[case] include: &[&str],
    #[case] projects: &[&str],
    #[case] order: &str,
) {
    let places = [
        ("f", "two"),
        ("e", "one"),
        ("d", "two"),
        ("c", "one"),
        ("b", "two"),
        ("a", "one"),
    ];
    let world = places
        .iter()
        .fold(organization("acme"), |world, (name, project)| {
            world.with(repository(name).in_project(project))
        });
    let claim = plan_claim("nightly").include(include).projects(projects);
    let mut operator = on_azure(world.with_plan("nightly"), [claim]);
    operator.organization.license_limit = Some(3);
    let limited = order.get(..5).map(|first| format!("Activate {first}"));
    assert_eq!(operator.first().first(), limited.as_ref());
    operator.organization.license_limit = None;
    let left = order.get(6..).map(|left| format!("Activate {left}"));
    assert_eq!(operator.next().first(), left.as_ref());
}

#[test]
fn a_refused_batch_is_halved_until_the_pool_is_used_to_the_last() {
    let mut operator = unlicensed(60)
        .with_licences_left(7)
        .operated([plan_claim("nightly").include(&["**"])]);
    let sent = operator.first();
    assert_eq!(operator.world.licences_left, Some(0));
    let first: Vec<usize> = batches(&sent).into_iter().take(4).collect();
    // The second batch was on its way when the first was refused.
    assert_eq!(first, [50, 10, 5, 10], "{sent:?}");
    let refused = batches(&sent)
        .iter()
        .rev()
        .take(2)
        .copied()
        .collect::<Vec<_>>();
    assert_eq!(refused, [1, 1], "two refused single ones end it");
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::LicensesExhausted)
    );
    assert!(
        operator.message("nightly").contains("r-0"),
        "names of those left out"
    );
}

#[test]
fn an_empty_pool_is_asked_with_two_calls_a_listing() {
    let mut operator = unlicensed(60)
        .with_licences_left(0)
        .operated([plan_claim("nightly").include(&["**"])]);
    operator.first();
    assert_eq!(batches(&operator.next()), [1, 1]);
    assert!(operator.first().is_empty(), "none before the next listing");
    operator.world.licences_left = Some(100);
    let sent = operator.next();
    assert_eq!(batches(&sent), [1, 2, 4, 8, 16, 29], "{sent:?}");
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[test]
fn one_repository_that_is_refused_keeps_no_other_from_its_licence() {
    fn hits_the_bad_one(action: &Action) -> bool {
        matches!(action, Action::Activate(ids) if ids.contains(&repository_id("r-000")))
    }
    let mut operator = unlicensed(5)
        .refusing(hits_the_bad_one)
        .operated([plan_claim("nightly").include(&["**"])]);
    operator.first();
    operator.next();
    operator.next();
    for name in ["r-001", "r-002", "r-003", "r-004"] {
        assert!(operator.world.is_in_plan(name, "nightly"), "{name}");
    }
    assert_eq!(operator.progress("nightly").1, Reason::LicensesExhausted);
}

#[test]
fn the_limit_counts_every_licence_and_names_who_is_left_out() {
    let mut operator = unlicensed(4)
        .with(repository("by-hand").licensed())
        .with(repository("gone").licensed().gone_upstream())
        .operated([plan_claim("nightly").include(&["r-*"])])
        .managing(|own| own.license_limit = Some(4));
    assert_eq!(operator.first()[0], "Activate r-000 r-001");
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::LicenseLimitReached)
    );
    let message = operator.message("nightly");
    assert!(
        message.contains("Activate r-002, Activate r-003"),
        "{message}"
    );
    assert_eq!(operator.in_sync("nightly"), (Truth::False, Reason::Held));
}

/// Three listings in a row tell that it is gone; until then its licence is none to give to another.
#[test]
fn what_a_listing_misses_counts_against_the_limit_with_the_licence_that_it_had() {
    let mut operator = unlicensed(4)
        .with(repository("held").licensed())
        .operated([plan_claim("nightly").include(&["r-*"])])
        .managing(|own| own.license_limit = Some(2));
    assert_eq!(operator.first()[0], "Activate r-000");
    let held = operator.world.repositories.remove(&repository_id("held"));
    assert!(operator.next().is_empty());
    assert!(operator.next().is_empty());
    let held = held.unwrap();
    operator.world.repositories.insert(held.id, held.clone());
    assert!(operator.next().is_empty());
    operator.world.repositories.remove(&held.id);
    assert!(operator.next().is_empty());
    assert!(operator.next().is_empty());
    assert_eq!(operator.next()[0], "Activate r-001");
}

/// What had none has none to count.
#[test]
fn a_listing_that_misses_what_has_no_licence_leaves_as_many_to_give() {
    let mut operator = unlicensed(1)
        .with(repository("other"))
        .operated([plan_claim("nightly").include(&["r-*"]).paused()])
        .managing(|own| own.license_limit = Some(1));
    operator.world.repositories.remove(&repository_id("other"));
    assert!(operator.next().is_empty());
    operator.claims[0].paused = false;
    assert_eq!(operator.first()[0], "Activate r-000");
}

/// That the next listing misses it is no wonder.
#[test]
fn the_licence_of_what_was_removed_is_free_at_once() {
    let mut operator = unlicensed(1)
        .with(repository("old").licensed())
        .operated([
            repository_claim("old").deleting_with(DeletionPolicy::Remove),
            plan_claim("nightly").include(&["r-*"]).paused(),
        ])
        .managing(|own| own.license_limit = Some(1));
    operator.delete("old");
    let _noted = operator.look();
    let token = operator.decide().held[0].token.clone();
    operator.organization.approvals.push(token);
    assert_eq!(operator.first(), ["Deactivate old", "Remove old"]);
    operator.list();
    operator.claim("nightly").paused = false;
    assert_eq!(operator.first()[0], "Activate r-000");
}

/// After a restart only status tells how many there were.
#[test]
fn while_a_listing_is_not_believed_the_limit_counts_what_the_last_one_showed() {
    let mut operator = unlicensed(4)
        .operated([plan_claim("nightly").include(&["r-*"])])
        .managing(|own| (own.license_limit, own.licensed_before) = (Some(30), 30));
    operator.doubt = Some(Doubt::Shrunk);
    assert!(operator.first().is_empty());
    operator.doubt = None;
    assert!(operator.first()[0].starts_with("Activate"));
}

#[test]
fn a_limit_that_is_lowered_takes_nothing_away() {
    let mut operator = organization("acme")
        .with(repository("a").licensed().in_plan("nightly"))
        .with(repository("b").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["**"])])
        .managing(|own| own.license_limit = Some(1));
    assert!(operator.next().is_empty());
    assert!(operator.next().is_empty());
}

#[test]
fn licences_go_by_claim_age_then_name() {
    let mut operator = organization("acme")
        .with(repository("a-young"))
        .with(repository("z-old"))
        .with(repository("y-old"))
        .with_plan("nightly")
        .operated([
            repository_claim("a-young")
                .license(RepositoryLicense::Active)
                .younger_by(60),
            plan_claim("nightly").include(&["*-old"]),
        ])
        .managing(|own| own.license_limit = Some(2));
    assert_eq!(operator.first()[0], "Activate y-old z-old");
}

#[test]
fn where_licences_are_not_shown_the_limit_counts_those_that_were_sent() {
    let mut operator = unlicensed(5)
        .hiding_licences()
        .operated([plan_claim("nightly").include(&["**"])])
        .managing(|own| own.license_limit = Some(2));
    for _ in 0..4 {
        operator.next();
    }
    let licensed = (0..5).filter(|number| operator.world.is_licensed(&format!("r-{number:03}")));
    assert_eq!(licensed.count(), 2);
    operator.restart();
    operator.next();
    let licensed = (0..5).filter(|number| operator.world.is_licensed(&format!("r-{number:03}")));
    assert!(
        licensed.count() <= 4,
        "a restart sends the set once more at the most"
    );
}

/// What was sent without being shown counts only where it was a licence.
#[test]
fn where_plans_are_not_shown_the_limit_counts_licences_alone() {
    let mut operator = organization("acme")
        .with(repository("a").licensed())
        .with(repository("b").licensed())
        .with(repository("c"))
        .with_plan("nightly")
        .hiding_plans()
        .operated([plan_claim("nightly").include(&["a", "b"])])
        .managing(|own| own.license_limit = Some(3));
    assert_eq!(operator.first().len(), 2);
    let wants = repository_claim("c").license(RepositoryLicense::Active);
    operator.claims.push(wants);
    assert_eq!(operator.next(), ["Activate c"]);
}

/// An instance that does not show licences, and refuses to give one that is there.
fn hidden(count: usize) -> World {
    fn is_held(action: &Action) -> bool {
        let held = |number| repository_id(&format!("r-{number:03}"));
        matches!(action, Action::Activate(ids) if (0..30).any(|number| ids.contains(&held(number))))
    }
    unlicensed(count).hiding_licences().refusing(is_held)
}

#[test]
fn where_licences_are_not_shown_a_refusal_is_no_empty_pool() {
    let mut operator = hidden(35).operated([plan_claim("nightly").include(&["**"])]);
    operator.first();
    assert!(operator.world.is_in_plan("r-034", "nightly"));
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::Refused)
    );
    assert!(
        !operator.world.is_licensed("r-034"),
        "after twenty refusals the listing comes first"
    );
    operator.next();
    for number in 30..35 {
        let name = format!("r-{number:03}");
        assert!(operator.world.is_licensed(&name), "{name}");
    }
    let message = operator.message("nightly");
    assert!(message.contains("may be there already"), "{message}");
}

#[test]
fn where_licences_are_not_shown_each_refused_one_is_asked_for_at_growing_intervals() {
    let mut operator = hidden(3).operated([plan_claim("nightly").include(&["**"])]);
    let mut asked = operator.first().len();
    assert!(asked > 3, "in a batch, and then one by one");
    let mut listings_without = 0;
    for _ in 0..40 {
        let now = operator.next().len();
        assert!(now <= 3);
        asked += now;
        listings_without += usize::from(now == 0);
    }
    assert!(listings_without > 30, "{asked} calls");
    assert_eq!(operator.progress("nightly").1, Reason::Refused);
}

#[test]
fn a_request_ends_the_wait_for_licences() {
    let mut operator = unlicensed(1)
        .with_licences_left(0)
        .operated([plan_claim("nightly").include(&["**"])]);
    operator.first();
    operator.world.licences_left = Some(1);
    assert!(operator.first().is_empty());
    let uid = std::sync::Arc::clone(&operator.claims[0].uid);
    operator.memory.end_waits(&uid, operator.now);
    assert_eq!(operator.first(), ["Activate r-000", "Attach r-000 nightly"]);
}

/// It may have been carried out all the same, and which one it failed for is not said.
#[test]
fn what_failed_together_is_asked_for_in_halves_after_the_next_listing() {
    let world = unlicensed(50)
        .failing(|_, action| matches!(action, Action::Activate(ids) if ids.len() > 30));
    let mut operator = world.operated([plan_claim("nightly").include(&["**"])]);
    assert_eq!(batches(&operator.first()), [50]);
    assert_eq!(batches(&operator.next()), [25, 25]);
}

#[test]
fn what_nobody_answered_is_asked_for_together_again() {
    let mut operator = unlicensed(50).operated([plan_claim("nightly").include(&["**"])]);
    operator.world.answers.extend([Answer::LostBefore; 2]);
    for _ in 0..3 {
        assert_eq!(batches(&operator.next()), [50]);
    }
}

/// It was given one after the last listing, and the next does not list it.
#[test]
fn a_licence_that_was_just_given_counts_where_the_next_listing_misses_its_repository() {
    let mut operator = unlicensed(2)
        .operated([plan_claim("nightly").include(&["**"])])
        .managing(|own| own.license_limit = Some(1));
    assert!(operator.first().contains(&"Activate r-000".to_owned()));
    operator.world.lose("r-000");
    assert_eq!(operator.next(), Vec::<String>::new());
    assert!(!operator.world.is_licensed("r-001"));
}
