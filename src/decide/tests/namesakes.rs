//! What a name meant is not listed any more, and something else has that name. What was made anew under it is followed; what stood
//! beside it is another one, and nothing is done to that for the name.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, RepositoryLicense, conditions::ConditionType},
    decide::{
        Claim, Service,
        fixtures::{
            Operator, organization, plan_claim, plan_id, project_claim, repository,
            repository_claim, repository_id,
        },
    },
};

/// Whether the process that saw both is still the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Process {
    Same,
    Another,
}

/// All that is sent in a while.
fn sent_later(operator: &mut Operator, process: Process) -> Vec<String> {
    let mut sent = match process {
        Process::Same => operator.next(),
        Process::Another => {
            operator.restart();
            operator.first()
        }
    };
    sent.extend((0..4).flat_map(|_| operator.next()));
    sent
}

/// The plan nightly as declared, beside one that differs by its case alone and holds what a person put in.
fn beside_another_plan(claim: Claim) -> Operator {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("NIGHTLY"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    operator
}

#[rstest]
fn a_plan_that_is_gone_is_not_taken_for_one_that_stood_beside_it(
    #[values(Process::Same, Process::Another)] process: Process,
    #[values(
        plan_claim("nightly").include(&["api"]).exclusive(),
        repository_claim("api").in_plans(&["nightly"]),
    )]
    claim: Claim,
) {
    let mut operator = beside_another_plan(claim.clone());
    operator.world.delete_plan("nightly");
    let sent = sent_later(&mut operator, process);
    // Of the plans of such a claim status keeps no id, so that another process adds to the one that is left, and no more.
    if process == Process::Another && claim.remembered.plan.is_none() && claim.key.name == "api" {
        assert_eq!(sent, ["Attach api NIGHTLY"]);
        return;
    }
    assert!(sent.is_empty(), "{sent:?}");
    let name = claim.key.name;
    assert_eq!(
        operator.progress(&name),
        (ConditionType::Stalled, Reason::PlanNotFound)
    );
    let message = operator.message(&name);
    assert!(
        message.contains("It lists \"NIGHTLY\", which is another one"),
        "{message}"
    );
}

#[rstest]
fn the_clean_up_of_a_plan_that_is_gone_empties_no_other(
    #[values(Process::Same, Process::Another)] process: Process,
) {
    let claim = plan_claim("nightly")
        .include(&["**"])
        .deleting_with(DeletionPolicy::Detach);
    let mut operator = beside_another_plan(claim.clone().include(&["api"]));
    operator.world.delete_plan("nightly");
    operator.claims[0] = Claim {
        remembered: operator.claims[0].remembered.clone(),
        ..claim.leaving()
    };
    assert!(sent_later(&mut operator, process).is_empty());
    assert!(operator.claims.is_empty(), "the deletion hangs");
}

#[test]
fn a_plan_that_is_shown_and_not_listed_is_not_gone() {
    let claim = plan_claim("nightly").include(&["api"]).exclusive();
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    // The row goes on to show it, and another one comes.
    operator.world.plans.remove(&plan_id("nightly"));
    operator.world = operator
        .world
        .clone()
        .with(repository("web").licensed().in_plan("NIGHTLY"));
    assert!(sent_later(&mut operator, Process::Same).is_empty());
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Stalled, Reason::PlanNotFound)
    );
}

#[rstest]
fn a_plan_that_was_made_anew_is_followed(
    #[values(Process::Same, Process::Another)] process: Process,
) {
    let claim = plan_claim("nightly").include(&["api"]).exclusive();
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    operator.world.delete_plan("nightly");
    assert!(operator.next().is_empty());
    operator.world = operator.world.clone().with_plan("anew");
    let anew = operator.world.plans.get_mut(&plan_id("anew")).unwrap();
    "nightly".clone_into(&mut anew.name);
    assert_eq!(sent_later(&mut operator, process), ["Attach api nightly"]);
    assert_eq!(operator.claims[0].remembered.plan, Some(plan_id("anew")));
}

/// How a repository is not there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    NotListed,
    FromTheGitService,
}

/// Two repositories of one name, of which the first is meant: the other came when that was known.
fn beside_another_repository(claim: Claim) -> Operator {
    let mut operator = organization("acme")
        .with(repository("foo").in_project("p1"))
        .operated([claim]);
    operator.first();
    operator.world = operator.world.clone().with(
        repository("foo")
            .in_project("p2")
            .licensed()
            .in_plan("nightly"),
    );
    operator.next();
    operator.next();
    operator.world.journal.clear();
    operator
}

fn without_repository(operator: &mut Operator, gone: Gone) {
    let id = repository_id("p1/foo");
    match gone {
        Gone::NotListed => drop(operator.world.repositories.remove(&id)),
        Gone::FromTheGitService => {
            let row = operator.world.repositories.get_mut(&id).unwrap();
            row.removed = Some(true);
        }
    }
}

#[rstest]
fn a_repository_that_is_gone_is_not_taken_for_one_that_stood_beside_it(
    #[values(Process::Same, Process::Another)] process: Process,
    #[values(Gone::NotListed, Gone::FromTheGitService)] gone: Gone,
    #[values(
        repository_claim("foo").license(RepositoryLicense::Inactive),
        repository_claim("foo").license(RepositoryLicense::Active).in_plans(&["nightly"]),
    )]
    claim: Claim,
) {
    let mut operator = beside_another_repository(claim);
    without_repository(&mut operator, gone);
    assert!(sent_later(&mut operator, process).is_empty());
    assert!(operator.world.is_licensed("p2/foo"));
    let remembered = operator.claims[0].remembered.repository;
    assert_eq!(remembered, Some(repository_id("p1/foo")));
    let message = operator.message("foo");
    let expected = match gone {
        Gone::NotListed => "It lists \"p2/foo\", which is another one",
        Gone::FromTheGitService => "Everything declared is in force",
    };
    assert!(message.contains(expected), "{message}");
}

/// What the name meant has another one now: it does not mean the one that stood beside it, whatever that other name is.
#[rstest]
#[case::another_name("bar", "It lists \"p2/foo\", which is another one")]
#[case::the_name_in_another_case("FOO", "Everything declared is in force")]
fn a_repository_that_is_renamed_is_not_taken_for_one_that_stood_beside_it(
    #[case] renamed: &str,
    #[case] once_it_is_gone: &str,
) {
    let mut operator =
        beside_another_repository(repository_claim("foo").license(RepositoryLicense::Inactive));
    operator.world.rename("p1/foo", renamed);
    assert!(sent_later(&mut operator, Process::Same).is_empty());
    let message = operator.message("foo");
    assert!(
        message.contains(&format!("is now called {renamed:?}")),
        "{message}"
    );
    let id = repository_id("p1/foo");
    operator.world.repositories.get_mut(&id).unwrap().removed = Some(true);
    assert!(sent_later(&mut operator, Process::Same).is_empty());
    let message = operator.message("foo");
    assert!(message.contains(once_it_is_gone), "{message}");
}

#[rstest]
fn the_clean_up_of_a_repository_that_is_gone_takes_nothing_from_another(
    #[values(Process::Same, Process::Another)] process: Process,
    #[values(Gone::NotListed, Gone::FromTheGitService)] gone: Gone,
) {
    let claim = repository_claim("foo")
        .in_plans(&["nightly"])
        .deleting_with(DeletionPolicy::Deactivate);
    let mut operator = beside_another_repository(claim);
    without_repository(&mut operator, gone);
    operator.claims[0] = operator.claims[0].clone().leaving();
    let sent = sent_later(&mut operator, process);
    assert!(operator.world.is_licensed("p2/foo"), "{sent:?}");
    assert!(operator.world.is_in_plan("p2/foo", "nightly"), "{sent:?}");
    assert!(operator.claims.is_empty(), "the deletion hangs");
}

#[rstest]
fn a_repository_that_was_made_anew_is_followed(
    #[values(Process::Same, Process::Another)] process: Process,
    #[values(Gone::NotListed, Gone::FromTheGitService)] gone: Gone,
) {
    let claim = repository_claim("foo").license(RepositoryLicense::Active);
    let mut operator = organization("acme")
        .with(repository("foo").in_project("p1").licensed())
        .operated([claim]);
    assert!(operator.first().is_empty());
    without_repository(&mut operator, gone);
    assert!(operator.next().is_empty());
    operator.world = operator
        .world
        .clone()
        .with(repository("foo").in_project("anew"));
    assert_eq!(sent_later(&mut operator, process), ["Activate foo"]);
}

/// The resource's own status was not written before the process ended, and that of the organization was.
#[test]
fn what_was_followed_is_followed_by_the_next_process_too() {
    let claim = repository_claim("foo").license(RepositoryLicense::Active);
    let mut operator = organization("acme")
        .with(repository("foo").in_project("p1").licensed())
        .operated([claim]);
    assert!(operator.first().is_empty());
    let before = operator.claims[0].remembered.clone();
    without_repository(&mut operator, Gone::NotListed);
    assert!(operator.next().is_empty());
    operator.world = operator
        .world
        .clone()
        .with(repository("foo").in_project("anew"));
    operator.list();
    let _not_reported = operator.look();
    operator.claims[0].remembered = before;
    operator.restart();
    assert_eq!(operator.first(), ["Activate foo"]);
}

/// The same for a plan.
#[test]
fn a_plan_that_was_followed_is_followed_by_the_next_process_too() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["api"])]);
    assert!(operator.first().is_empty());
    let before = operator.claims[0].remembered.clone();
    operator.world.delete_plan("nightly");
    assert!(operator.next().is_empty());
    operator.world = operator.world.clone().with_plan("NIGHTLY");
    operator.list();
    let _not_reported = operator.look();
    operator.claims[0].remembered = before;
    operator.restart();
    assert_eq!(operator.first(), ["Attach api NIGHTLY"]);
}

/// The name goes from one to another that stood beside it: it is taken for the one that is meant only where that name is new to it.
#[rstest]
#[case::one_that_had_it(false)]
#[case::one_that_gets_it(true)]
fn a_name_whose_bearer_has_another_now_means_what_got_it(
    #[case] gets_it: bool,
    #[values(Process::Same, Process::Another)] process: Process,
) {
    let claim = plan_claim("nightly").include(&["api"]);
    let other = if gets_it { "spare" } else { "NIGHTLY" };
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with_plan(other)
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    operator.world.rename_plan("nightly", "old");
    if gets_it {
        operator.world.rename_plan("spare", "nightly");
    }
    let sent = sent_later(&mut operator, process);
    if gets_it {
        assert_eq!(sent, ["Attach api nightly"]);
    } else {
        assert!(sent.is_empty(), "{sent:?}");
        let message = operator.message("nightly");
        assert!(message.contains("is now called \"old\""), "{message}");
    }
}

#[rstest]
#[case::one_that_had_it(false)]
#[case::one_that_gets_it(true)]
fn a_repository_whose_bearer_has_another_name_now_means_what_got_it(#[case] gets_it: bool) {
    let claim = repository_claim("foo")
        .of_project("p")
        .license(RepositoryLicense::Active);
    let other = if gets_it { "spare" } else { "FOO" };
    let mut operator = organization("acme")
        .with(repository("foo").in_project("p").licensed())
        .with(repository(other).in_project("p"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    operator.world.rename("p/foo", "old");
    if gets_it {
        operator.world.rename("p/spare", "foo");
    }
    let sent = sent_later(&mut operator, Process::Same);
    if gets_it {
        assert_eq!(sent, ["Activate foo"]);
    } else {
        assert!(sent.is_empty(), "{sent:?}");
        let message = operator.message("foo");
        assert!(message.contains("is now called \"old\""), "{message}");
    }
}

/// Two projects whose names differ by case alone, of which the first is meant.
fn beside_another_project() -> Operator {
    let claim = project_claim("front").in_plans(&["nightly"]);
    organization("acme")
        .with(repository("web").in_project("front").licensed())
        .with_plan("nightly")
        .operated([claim])
        .managing(|own| own.service = Service::Azure)
}

fn with_namesake(operator: &mut Operator) {
    let docs = repository("docs").in_project("FRONT").licensed();
    operator.world = operator.world.clone().with(docs);
}

#[test]
fn a_project_that_is_gone_is_not_taken_for_one_that_stood_beside_it() {
    let mut operator = beside_another_project();
    assert_eq!(operator.first(), ["AttachProject front nightly"]);
    with_namesake(&mut operator);
    assert!(operator.next().is_empty());
    operator.world.lose("front/web");
    let sent = sent_later(&mut operator, Process::Same);
    assert!(sent.is_empty(), "{sent:?}");
    assert_eq!(
        operator.progress("front"),
        (ConditionType::Stalled, Reason::ProjectNotFound)
    );
}

/// Of the first nothing is left but what is gone from the Git service when the other one comes.
#[test]
fn a_project_that_came_when_nothing_was_left_of_the_first_was_made_anew() {
    let mut operator = beside_another_project();
    assert_eq!(operator.first(), ["AttachProject front nightly"]);
    operator.world.mark_removed("front/web");
    assert!(operator.next().is_empty());
    with_namesake(&mut operator);
    assert!(operator.next().is_empty());
    operator.world.lose("front/web");
    let sent = sent_later(&mut operator, Process::Same);
    assert_eq!(sent, ["AttachProject FRONT nightly"]);
}
