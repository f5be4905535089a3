use rstest::rstest;

use super::*;
use crate::decide::{
    Service,
    fixtures::{at, organization, plan_id, project_id, repository, repository_id},
};

const DAY: i64 = 24 * 3_600;

#[rstest]
#[case(Sent::Confirmed, "confirmed")]
#[case(Sent::Refused(400), "refused")]
#[case(Sent::Lost, "lost")]
#[case(Sent::Failed(500), "failed")]
#[case(Sent::NotDone, "not-done")]
#[case(Sent::NotPermitted(String::new()), "not-permitted")]
fn every_outcome_has_its_word(#[case] sent: Sent, #[case] word: &str) {
    assert_eq!(sent.word(), word);
}

/// In the plan is all of one project, with its licence; the other is not.
fn listed() -> Inventory {
    organization("acme")
        .with(
            repository("api")
                .in_project("in")
                .licensed()
                .in_plan("nightly"),
        )
        .with(repository("web").in_project("out"))
        .inventory()
}

/// Of the changes to a repository, and to its project, those that a listing shows to hold.
fn holding(path: &str, project: &str) -> Vec<&'static str> {
    let (id, plan, project) = (repository_id(path), plan_id("nightly"), project_id(project));
    let listed = listed();
    let changes = [
        Change::Activate(id),
        Change::Attach(plan, id),
        Change::AttachProject(plan, project),
        Change::Detach(plan, id),
        Change::DetachProject(plan, project),
        Change::Deactivate(id),
    ];
    let holds = |change: &Change| {
        let is_done = is_done(*change, &listed);
        assert_ne!(is_done, is_undone(*change, &listed), "{change}");
        is_done
    };
    let words = changes.into_iter().filter(holds);
    words.map(|change| change.as_str(Service::Azure)).collect()
}

#[test]
fn a_listing_shows_which_changes_hold() {
    assert_eq!(
        holding("in/api", "in"),
        ["Activate", "Attach", "AttachProject"]
    );
    assert_eq!(
        holding("out/web", "out"),
        ["Detach", "DetachProject", "Deactivate"]
    );
}

#[test]
fn what_is_not_listed_is_removed_and_settings_are_not_shown() {
    let listed = listed();
    let shown = |change| (is_done(change, &listed), is_undone(change, &listed));
    assert_eq!(
        shown(Change::Remove(repository_id("in/api"))),
        (false, true)
    );
    assert_eq!(shown(Change::Remove(repository_id("gone"))), (true, false));
    assert_eq!(shown(Change::Modify(plan_id("nightly"))), (false, false));
}

/// Confirmed once it is forgotten after a day; more often, and undone, only when it holds again.
#[rstest]
#[case::nearly_a_day("in/api", 1, DAY - 1, true)]
#[case::a_day("in/api", 1, DAY, false)]
#[case::undone("out/web", 1, DAY, false)]
#[case::undone_again("out/web", 2, DAY, true)]
#[case::kept_the_second_time("in/api", 2, DAY, false)]
fn what_was_kept_for_a_day_is_remembered_no_longer(
    #[case] path: &str,
    #[case] times: usize,
    #[case] seconds: i64,
    #[case] is_remembered: bool,
) {
    let change = Change::Activate(repository_id(path));
    let mut confirmed = Confirmed::first(at(0), 1);
    for _ in 1..times {
        confirmed.again(at(0), 1);
    }
    assert_eq!(
        confirmed.is_worth_keeping(change, &listed(), at(seconds)),
        is_remembered
    );
}
