//! What a listing becomes.

use std::collections::BTreeSet;

use rstest::rstest;

use super::{
    Inventory, Licence, Organization, OrganizationId, Plan, PlanId, Plans, ProjectId,
    ProjectMembership, RepositoryId,
};

pub(super) fn organization() -> Organization {
    Organization {
        id: OrganizationId::numbered(1),
        driver: None,
        name: "Acme".to_owned(),
        synchronizing: None,
        plans: None,
        removed_repositories: None,
    }
}

fn plan(number: u128, name: &str) -> Plan {
    Plan {
        id: PlanId::numbered(number),
        name: name.to_owned(),
        backup_type: None,
        include_metadata: None,
        repository_count: None,
        last_status: None,
        finished_at: None,
        running: None,
    }
}

pub(super) fn row(number: u128, name: &str) -> crate::xopero::Repository {
    crate::xopero::Repository {
        id: RepositoryId::numbered(number),
        name: name.to_owned(),
        organization: None,
        project: None,
        project_name: None,
        licence: Some(false),
        removed: Some(false),
        plans: Some(BTreeSet::new()),
    }
}

fn in_project(number: u128, name: &str, plans: &[u128]) -> crate::xopero::Repository {
    crate::xopero::Repository {
        project: Some(ProjectId::numbered(7)),
        project_name: Some("Payments Core".to_owned()),
        plans: Some(plans.iter().copied().map(PlanId::numbered).collect()),
        ..row(number, name)
    }
}

fn inventory(rows: Vec<crate::xopero::Repository>) -> Inventory {
    Inventory::new(
        organization(),
        vec![plan(1, "nightly"), plan(2, "weekly")],
        rows,
        1,
    )
}

fn names<'a>(found: impl Iterator<Item = (usize, &'a super::Repository)>) -> Vec<&'a str> {
    found
        .map(|(_, repository)| repository.name.as_str())
        .collect()
}

#[test]
fn rows_are_found_by_id_and_by_name_without_case() {
    let inventory = inventory(vec![
        row(9, "web"),
        row(3, "API"),
        row(5, "api"),
        row(1, "Äpi"),
    ]);
    assert_eq!(names(inventory.named("Api")), ["API", "api"]);
    assert_eq!(names(inventory.named("äPI")), ["Äpi"]);
    assert_eq!(names(inventory.named("ap")), [""; 0]);
    assert_eq!(
        names(inventory.rows_by_name()),
        ["API", "api", "web", "Äpi"]
    );
    let found = inventory
        .row(RepositoryId::numbered(5))
        .and_then(|row| inventory.repository(row));
    assert_eq!(
        found.map(|repository| repository.name.as_str()),
        Some("api")
    );
    assert_eq!(inventory.row(RepositoryId::numbered(4)), None);
}

#[test]
fn what_a_row_does_not_show_is_unknown() {
    let mut blind = row(1, "api");
    blind.licence = None;
    blind.plans = None;
    blind.removed = None;
    let inventory = inventory(vec![blind]);
    let repository = &inventory.repositories()[0];
    assert_eq!(repository.licence, Licence::Unknown);
    assert_eq!(repository.plans, Plans::Unknown);
    assert_eq!(repository.plans.contains(PlanId::numbered(1)), None);
    assert!(
        !repository.removed,
        "a row that does not say it is removed is not"
    );
}

#[test]
fn a_confirmed_write_is_taken_up_and_unknown_stays_unknown() {
    let mut blind = row(2, "blind");
    blind.licence = None;
    blind.plans = None;
    let mut inventory = inventory(vec![row(1, "api"), blind]);
    for number in [1, 2] {
        inventory.confirm_licence(RepositoryId::numbered(number), Licence::Held);
        inventory.confirm_attached(PlanId::numbered(2), RepositoryId::numbered(number));
        inventory.confirm_attached(PlanId::numbered(1), RepositoryId::numbered(number));
        inventory.confirm_detached(PlanId::numbered(2), RepositoryId::numbered(number));
    }
    let [api, blind] = inventory.repositories() else {
        panic!("two rows")
    };
    assert_eq!(api.licence, Licence::Held);
    assert_eq!(api.plans.shown(), Some([PlanId::numbered(1)].as_slice()));
    assert_eq!(
        (blind.licence, &blind.plans),
        (Licence::Unknown, &Plans::Unknown)
    );
}

#[test]
fn a_removed_row_is_gone_from_every_view() {
    let mut inventory = inventory(vec![
        in_project(2, "web", &[]),
        in_project(1, "api", &[]),
        row(3, "aaa"),
        in_project(4, "zoo", &[]),
    ]);
    inventory.confirm_removed(RepositoryId::numbered(1));
    assert_eq!(inventory.row(RepositoryId::numbered(1)), None);
    assert_eq!(names(inventory.rows_by_name()), ["aaa", "web", "zoo"]);
    assert_eq!(names(inventory.named("web")), ["web"]);
    let project = &inventory.projects()[&ProjectId::numbered(7)];
    let of_project: Vec<&str> = project
        .rows
        .iter()
        .filter_map(|row| inventory.repository(*row))
        .map(|r| r.name.as_str())
        .collect();
    assert_eq!(of_project, ["web", "zoo"]);
    inventory.confirm_removed(RepositoryId::numbered(1));
    assert_eq!(inventory.repositories().len(), 3, "twice is once");
}

#[rstest]
//                            first row's plans   second row's plans   membership
#[case::all_are_in(           Some(&[1][..]),     Some(&[1, 2][..]),   ProjectMembership::In)]
#[case::one_is_not(           Some(&[1][..]),     Some(&[2][..]),      ProjectMembership::NotAll)]
#[case::one_is_not_shown(     Some(&[1][..]),     None,                ProjectMembership::Unknown)]
fn a_project_is_in_a_plan_with_all_its_living_repositories(
    #[case] first: Option<&[u128]>,
    #[case] second: Option<&[u128]>,
    #[case] membership: ProjectMembership,
) {
    let of = |number, plans: Option<&[u128]>| {
        let mut row = in_project(number, &format!("r{number}"), plans.unwrap_or_default());
        row.plans = row.plans.filter(|_| plans.is_some());
        row
    };
    let mut gone = in_project(3, "gone", &[]);
    gone.removed = Some(true);
    let inventory = inventory(vec![of(1, first), of(2, second), gone]);
    assert_eq!(
        inventory.project_membership(ProjectId::numbered(7), PlanId::numbered(1)),
        membership
    );
    let project = &inventory.projects()[&ProjectId::numbered(7)];
    assert_eq!((project.rows.len(), project.removed_rows.len()), (2, 1));
}

#[test]
fn a_project_that_no_row_shows_is_unknown_and_one_takes_its_name_from_any_row() {
    let mut nameless = in_project(1, "api", &[]);
    nameless.project_name = None;
    let inventory = inventory(vec![nameless, in_project(2, "web", &[])]);
    assert_eq!(
        inventory.projects()[&ProjectId::numbered(7)].name,
        "Payments Core"
    );
    assert!(inventory.repositories()[0].hides_project());
    assert!(!inventory.repositories()[1].hides_project());
    let unknown = inventory.project_membership(ProjectId::numbered(8), PlanId::numbered(1));
    assert_eq!(unknown, ProjectMembership::Unknown);
}

#[rstest]
//                                the row shows                    asked for
#[case::id_and_name(             (Some(7), Some("Payments Core")), (Some(7), None),                  false)]
#[case::its_id_alone(            (Some(7), None),                  (Some(7), None),                  true)]
#[case::another_id(              (Some(8), None),                  (Some(7), None),                  false)]
#[case::some_id(                 (Some(8), None),                  (None,    Some("Payments Core")), true)]
#[case::its_name_alone(          (None,    Some("Payments Core")), (Some(7), Some("payments core")), true)]
#[case::another_name(            (None,    Some("Front")),         (Some(7), Some("Payments Core")), false)]
#[case::a_name_for_one_without(  (None,    Some("Front")),         (Some(7), Some("")),              true)]
#[case::nothing(                 (None,    None),                  (Some(7), Some("Payments Core")), true)]
fn a_row_may_hide_that_it_is_of_a_project(
    #[case] (project, project_name): (Option<u128>, Option<&str>),
    #[case] (id, name): (Option<u128>, Option<&str>),
    #[case] may_hide: bool,
) {
    let row = crate::xopero::Repository {
        project: project.map(ProjectId::numbered),
        project_name: project_name.map(str::to_owned),
        ..row(1, "api")
    };
    let inventory = inventory(vec![row]).with_everything_in_projects();
    let row = &inventory.repositories()[0];
    assert_eq!(
        row.may_hide_project(id.map(ProjectId::numbered), name),
        may_hide
    );
}

#[test]
fn attaching_a_project_takes_its_repositories_along() {
    let mut inventory = inventory(vec![
        in_project(1, "api", &[]),
        in_project(2, "web", &[2]),
        row(3, "aaa"),
    ]);
    let (plan, project) = (PlanId::numbered(1), ProjectId::numbered(7));
    inventory.confirm_project_attached(plan, project);
    assert_eq!(
        inventory.project_membership(project, plan),
        ProjectMembership::In
    );
    assert_eq!(
        inventory.repositories()[2].plans.contains(plan),
        Some(false)
    );
    inventory.confirm_project_detached(plan, project);
    assert_eq!(
        inventory.project_membership(project, plan),
        ProjectMembership::NotAll
    );
    assert_eq!(
        inventory.repositories()[1]
            .plans
            .contains(PlanId::numbered(2)),
        Some(true)
    );
}

#[test]
fn where_it_is_not_shown_that_a_synchronization_ended_it_goes_on() {
    let shows = |synchronizing| Organization {
        synchronizing,
        ..organization()
    };
    let mut inventory = Inventory::new(shows(Some(true)), Vec::new(), Vec::new(), 1);
    inventory.observe_organization(shows(None));
    assert_eq!(inventory.organization().synchronizing, Some(true));
    inventory.observe_organization(shows(Some(false)));
    assert_eq!(inventory.organization().synchronizing, Some(false));
}

#[rstest]
#[case::as_listed("Nightly", true)]
#[case::another_casing("NIGHTLY", true)]
#[case::a_plan_of_the_organization("weekly", false)]
#[case::no_plan("hourly", false)]
fn a_plan_that_is_not_the_organizations_is_known_by_name_and_is_none_of_its_plans(
    #[case] name: &str,
    #[case] expected: bool,
) {
    let inventory = Inventory::new(organization(), vec![plan(2, "weekly")], Vec::new(), 1)
        .with_unowned_plans(vec!["Nightly".to_owned()]);
    assert_eq!(inventory.lists_unowned_plan(name), expected);
    assert!(!inventory.plans().contains_key(&PlanId::numbered(1)));
}

#[rstest]
//                    counted  marked per row                        may the unmarked be removed
#[case::nothing_known(None,    &[None, None],                        true)]
#[case::none_counted( Some(0), &[None, None],                        true)]
#[case::only_removed( None,    &[Some(true), None],                  false)]
#[case::both_marked(  None,    &[Some(true), Some(false), None],     true)]
#[case::one_counted(  Some(1), &[Some(true), None],                  false)]
#[case::two_counted(  Some(2), &[Some(true), None],                  true)]
#[case::none_counted_and_one_marked(Some(0), &[Some(true), None],    true)]
#[case::one_counted_and_none_marked(Some(1), &[None, None],          true)]
#[case::negative(     Some(-1), &[Some(true), None],                 true)]
fn a_row_that_is_not_marked_is_living_only_where_rows_and_count_agree(
    #[case] counted: Option<i64>,
    #[case] marked: &[Option<bool>],
    #[case] may_be_removed: bool,
) {
    let rows = marked.iter().zip(1..).map(|(removed, number)| {
        let mut row = row(number, &format!("r{number}"));
        row.removed = *removed;
        row
    });
    let organization = Organization {
        removed_repositories: counted,
        ..organization()
    };
    let inventory = Inventory::new(organization, Vec::new(), rows.collect(), 1);
    let unmarked = inventory.repositories().last().unwrap();
    assert_eq!(unmarked.may_be_removed, may_be_removed);
}
