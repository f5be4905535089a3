//! What keeps a project, or one of its repositories, in a plan, and where Exclusive cannot be kept for projects.

use rstest::rstest;

use super::renames::rename_project;
use crate::{
    api::{
        DeletionPolicy, Reason,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim, Service, Writes,
        fixtures::{
            Answer, Operator, World, organization, plan_claim, project_claim, repository,
            repository_claim,
        },
    },
};

/// Two projects, of which `payments` is in the plan nightly as a whole.
pub(super) fn azure() -> World {
    let of = |project: &str, name: &str| repository(name).in_project(project).licensed();
    organization("acme")
        .with(of("payments", "api").in_plan("nightly"))
        .with(of("payments", "ledger").in_plan("nightly"))
        .with(of("front", "web"))
        .with_plan("weekly")
}

pub(super) fn on_azure(world: World, claims: impl IntoIterator<Item = Claim>) -> Operator {
    world
        .operated(claims)
        .managing(|own| own.service = Service::Azure)
}

/// One repository, whose row shows no project, as that of a Git service does.
fn without_projects() -> World {
    organization("acme").with(repository("api").licensed().in_plan("nightly"))
}

/// Whatever is sent in a while that takes something out of a plan.
pub(super) fn detached(operator: &mut Operator) -> Vec<String> {
    let mut sent = operator.first();
    sent.extend((0..4).flat_map(|_| operator.next()));
    sent.retain(|action| action.starts_with("Detach"));
    sent
}

#[test]
fn a_project_that_nobody_names_leaves_an_exclusive_plan() {
    let claims = [plan_claim("nightly").projects(&["front"]).exclusive()];
    assert_eq!(
        detached(&mut on_azure(azure(), claims)),
        ["DetachProject payments nightly"]
    );
}

/// What takes its project out is not done yet, or never in Observe mode: until then it is where its own resource does not want it.
#[test]
fn a_repository_whose_project_is_still_to_leave_is_not_as_declared() {
    let claims = [
        project_claim("payments").in_plans(&["weekly"]).exclusive(),
        repository_claim("api").in_plans(&["weekly"]).exclusive(),
    ];
    let mut operator = on_azure(azure(), claims).managing(|own| own.writes = Writes::Observe);
    for _ in 0..3 {
        operator.next();
    }
    assert_ne!(operator.in_sync("api").0, Truth::True);
    operator.organization.writes = Writes::All;
    assert_eq!(
        detached(&mut operator),
        ["DetachProject payments nightly"],
        "not one by one as well"
    );
    operator.next();
    assert_eq!(operator.in_sync("api").0, Truth::True);
}

/// Its name means another now: both are kept in the pass that finds this, and what follows after that waits for approval.
#[test]
fn a_project_that_has_another_name_now_is_kept_by_its_own_resource() {
    let claims = [
        plan_claim("nightly").projects(&["front"]).exclusive(),
        project_claim("payments").in_plans(&["nightly"]),
    ];
    let mut operator = on_azure(azure(), claims);
    operator.first();
    let another = repository("new").in_project("fresh").licensed();
    operator.world = operator.world.clone().with(another);
    rename_project(&mut operator, "payments", "billing");
    rename_project(&mut operator, "fresh", "payments");
    operator.list();
    assert!(operator.decide().derived.is_empty());
}

/// Any plan may be the one that it means.
#[test]
fn what_is_named_for_a_plan_that_is_not_found_stays_where_it_is() {
    let other = project_claim("payments")
        .named("other")
        .in_plans(&["missing"]);
    let exclusive = plan_claim("nightly").projects(&["front"]).exclusive();
    let leaving = project_claim("payments")
        .in_plans(&["nightly"])
        .deleting_with(DeletionPolicy::Detach)
        .leaving();
    for claim in [exclusive, leaving] {
        let mut operator = on_azure(azure(), [claim, other.clone()]);
        assert_eq!(detached(&mut operator), [""; 0]);
    }
}

/// Its last copy may be the one in the plan.
#[test]
fn a_project_with_a_repository_in_the_plan_that_is_gone_upstream_stays() {
    let gone = |name: &str| repository(name).in_project("payments").gone_upstream();
    let exclusive = || [plan_claim("nightly").projects(&["front"]).exclusive()];
    let kept = azure().with(gone("old").in_plan("nightly"));
    assert_eq!(detached(&mut on_azure(kept, exclusive())), [""; 0]);
    let elsewhere = azure().with(gone("old").in_plan("weekly"));
    assert_eq!(
        detached(&mut on_azure(elsewhere, exclusive())),
        ["DetachProject payments nightly"]
    );
}

/// Where that is not shown of any row, each may be such a one.
#[test]
fn a_project_stays_where_one_of_its_repositories_may_be_gone_upstream() {
    let claims = [
        project_claim("payments").in_plans(&["weekly"]).exclusive(),
        plan_claim("nightly").projects(&["front"]).exclusive(),
    ];
    let mut operator = on_azure(azure(), claims);
    for row in operator.world.repositories.values_mut() {
        row.removed = None;
    }
    assert_eq!(detached(&mut operator), [""; 0]);
    for claim in ["payments", "nightly"] {
        assert_eq!(
            operator.in_sync(claim),
            (Truth::Unknown, Reason::NotVisible)
        );
    }
}

#[test]
fn a_repository_of_a_project_leaves_an_exclusive_plan_as_any_other() {
    let claims = [plan_claim("nightly").include(&["payments/api"]).exclusive()];
    assert_eq!(
        detached(&mut on_azure(azure(), claims)),
        ["Detach ledger nightly"]
    );
}

/// With its project: first that has to have come.
#[test]
fn a_repository_that_comes_into_a_plan_with_its_project_is_taken_out_of_the_other_after_that() {
    let claims = [
        plan_claim("nightly").include(&["front/web"]).exclusive(),
        project_claim("payments").in_plans(&["weekly"]),
    ];
    let mut world = azure();
    world.attach_by_hand("front/web", "nightly");
    let mut operator = on_azure(world, claims);
    operator.world.answers.extend([Answer::LostBefore; 3]);
    let sent: Vec<String> = (0..3).flat_map(|_| operator.next()).collect();
    let of = |word: &str| sent.iter().position(|action| action.starts_with(word));
    assert!(of("AttachProject payments weekly").is_some(), "{sent:?}");
    assert_eq!(of("Detach "), None, "{sent:?}");
    operator.world.answers.clear();
    assert!(detached(&mut operator).len() >= 2);
    assert!(operator.world.is_in_plan("payments/api", "weekly"));
}

/// What is in the plan besides nobody can know.
#[test]
fn exclusive_cannot_be_kept_for_projects_that_their_rows_do_not_follow() {
    let world = azure().rows_do_not_follow_projects();
    let mut operator = on_azure(
        world,
        [plan_claim("weekly").projects(&["front"]).exclusive()],
    );
    assert_eq!(operator.first(), ["AttachProject front weekly"]);
    operator.next();
    assert_eq!(
        operator.progress("weekly"),
        (ConditionType::Stalled, Reason::InvalidSpec)
    );
    let message = operator.message("weekly");
    assert!(message.contains("membership: Additive"), "{message}");
    assert_eq!(operator.in_sync("weekly").0, Truth::Unknown);
}

/// Two steps of one stage do not wait for each other.
#[test]
fn a_repository_leaves_one_plan_whatever_holds_it_in_another() {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .licensed()
                .in_plan("nightly")
                .in_plan("weekly"),
        )
        .operated([repository_claim("api")
            .in_plans(&["nightly", "weekly"])
            .deleting_with(DeletionPolicy::Detach)
            .leaving()]);
    operator
        .world
        .answers
        .extend([Answer::Refused(409), Answer::LostBefore]);
    assert_eq!(operator.first().len(), 2);
    assert_eq!(operator.next().len(), 1, "{:?}", operator.drift("api"));
}

#[test]
fn a_repository_leaves_an_exclusive_plan_beside_a_project_that_leaves_it() {
    let of_another = |name: &str| repository(name).in_project("other").licensed();
    let world = azure()
        .with(of_another("alone").in_plan("nightly"))
        .with(of_another("second"));
    let claim = plan_claim("nightly").include(&["front/*"]);
    let claims = [claim.projects(&["front"]).exclusive()];
    let mut gone = detached(&mut on_azure(world, claims));
    gone.sort();
    assert_eq!(
        gone,
        ["Detach alone nightly", "DetachProject payments nightly"]
    );
}

#[test]
fn a_repository_goes_in_beside_a_paused_resource_for_its_project() {
    let claims = [
        project_claim("front").in_plans(&["nightly"]).paused(),
        repository_claim("web").in_plans(&["nightly"]),
    ];
    let mut operator = on_azure(azure(), claims);
    assert_eq!(operator.first(), ["Attach web nightly"]);
}

/// Where its repositories follow, they tell that it has left already.
#[test]
fn a_project_that_has_left_its_plan_needs_no_call_when_its_resource_goes() {
    let claim = project_claim("payments").in_plans(&["weekly"]);
    let mut operator = on_azure(azure(), [claim.deleting_with(DeletionPolicy::Detach)]);
    assert_eq!(operator.first(), ["AttachProject payments weekly"]);
    operator.next();
    operator.world.detach_project_by_hand("payments", "weekly");
    operator.delete("payments");
    assert!(operator.next().is_empty());
    assert!(operator.claims.is_empty());
}

#[rstest]
#[case::detach(DeletionPolicy::Detach, &["DetachProject payments nightly"])]
#[case::retain(DeletionPolicy::Retain, &[])]
fn a_project_leaves_with_its_resource_where_that_says_so(
    #[case] policy: DeletionPolicy,
    #[case] sent: &[&str],
    #[values(
        project_claim("payments").in_plans(&["nightly"]),
        plan_claim("nightly").projects(&["payments"])
    )]
    claim: Claim,
) {
    let mut operator = on_azure(azure(), [claim.deleting_with(policy).leaving()]);
    assert_eq!(operator.first(), sent);
}

/// What is in the plan nightly cannot be told then.
#[rstest]
#[case::no_row_shows_a_project(without_projects(), &["front"], Some(Reason::InvalidSpec))]
#[case::no_row_shows_its_plans(azure().hiding_plans(), &["front"], Some(Reason::InvalidSpec))]
#[case::nor_does_it_select_any(azure().hiding_plans(), &["none"], Some(Reason::InvalidSpec))]
#[case::there_is_no_row(organization("acme").with_plan("nightly"), &["front"], None)]
fn exclusive_for_projects_says_what_it_cannot_be_kept_without(
    #[case] world: World,
    #[case] projects: &[&str],
    #[case] stalled: Option<Reason>,
) {
    let mut operator = on_azure(
        world,
        [plan_claim("nightly").projects(projects).exclusive()],
    );
    operator.first();
    let said = operator.progress("nightly");
    let why = (said.0 == ConditionType::Stalled).then_some(said.1);
    assert_eq!(why, stalled);
}

/// It waits for no other resource that is paused, and says nothing of it that is not so.
#[test]
fn a_repository_leaves_an_exclusive_plan_beside_a_paused_resource_for_its_project() {
    let claims = [
        plan_claim("nightly").include(&["front/web"]).exclusive(),
        project_claim("payments")
            .in_plans(&["weekly"])
            .exclusive()
            .paused(),
    ];
    let mut world = azure();
    world.attach_by_hand("front/web", "nightly");
    for row in ["payments/api", "payments/ledger"] {
        world.attach_by_hand(row, "weekly");
    }
    let mut operator = on_azure(world, claims);
    let mut gone = detached(&mut operator);
    gone.sort();
    assert_eq!(gone, ["Detach api nightly", "Detach ledger nightly"]);
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

/// They were never attached by the operator, so that it was not seen whether they follow.
#[test]
fn a_project_whose_repositories_were_seen_to_leave_needs_no_call_either() {
    let claim = project_claim("payments").in_plans(&["nightly"]);
    let mut operator = on_azure(azure(), [claim.deleting_with(DeletionPolicy::Detach)]);
    assert!(operator.first().is_empty());
    operator.world.detach_project_by_hand("payments", "nightly");
    operator.delete("payments");
    assert!(operator.next().is_empty());
    assert!(operator.claims.is_empty());
}

/// `payments` is in the plan, and of `front` one of two repositories.
#[rstest]
#[case::projects_alone(plan_claim("nightly").projects(&["payments"]), Reason::AsDeclared)]
#[case::no_repository_where_one_would_leave(plan_claim("nightly").include(&["typo"]).projects(&["payments"]), Reason::NothingMatched)]
#[case::no_repository_where_none_would(plan_claim("weekly").include(&["typo"]).projects(&["back"]), Reason::AsDeclared)]
#[case::no_project_where_none_would(plan_claim("daily").include(&["web"]).projects(&["typo"]), Reason::AsDeclared)]
fn patterns_that_match_nothing_are_said_where_something_would_leave(
    #[case] claim: Claim,
    #[case] reason: Reason,
) {
    let name = claim.key.name.clone();
    let site = repository("site").in_project("front").licensed();
    let web = repository("web").in_project("front").licensed();
    let back = repository("cron").in_project("back").licensed();
    let world = azure()
        .with(web.in_plan("nightly").in_plan("daily"))
        .with(site)
        .with(back.in_plan("weekly"));
    let operator = on_azure(world, [claim.exclusive()]);
    assert_eq!(operator.in_sync(&name).1, reason);
}
