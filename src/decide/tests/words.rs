//! What messages say where another sentence would mislead: what is wrong, and what to do.

use rstest::rstest;
use serde_json::json;

use super::surplus::{exclusive, surplus};
use crate::{
    api::{DeletionPolicy, Reason, RepositoryLicense, conditions::ConditionType},
    decide::{
        Action, Claim, Service, Visibility, Writes,
        fixtures::{
            Answer, Operator, organization, plan_claim, project_claim, repository,
            repository_claim, settings,
        },
    },
    inventory::trust::Doubt,
};

fn in_sync_message(operator: &Operator, name: &str) -> String {
    let statements = operator.verdict(name).statements;
    let in_sync = statements
        .into_iter()
        .find(|statement| statement.type_ == ConditionType::InSync);
    in_sync.map_or_else(String::new, |statement| statement.message)
}

#[rstest]
#[case::selects_nothing(plan_claim("nightly"), "The resource selects nothing")]
#[case::matches_nothing(plan_claim("nightly").include(&["typo"]), "The selectors match nothing")]
#[case::settings_that_are_not_shown(
    plan_claim("nightly").include(&["api"]).setting(settings(None, &[("retention", json!(7))])),
    "cannot be read back"
)]
#[case::settings_that_are_shown(
    plan_claim("nightly").include(&["api"]).setting(settings(Some(false), &[])),
    "Xopero ONE is as declared."
)]
fn a_plan_in_sync_says_what_that_means(#[case] claim: Claim, #[case] says: &str) {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([claim]);
    operator.pass();
    let message = in_sync_message(&operator, "nightly");
    assert!(message.contains(says), "{message}");
}

#[rstest]
#[case::what_comes_before_has_failed(
    |operator: &mut Operator| operator.world.fails = |_, action| matches!(action, Action::Detach(..)),
    repository_claim("api").in_plans(&["nightly"]).deleting_with(DeletionPolicy::Deactivate).leaving(),
    "Made once what comes before it is made: Deactivate api."
)]
#[case::what_comes_before_is_under_way(
    |operator: &mut Operator| operator.organization.service = Service::Azure,
    plan_claim("weekly").named("api").include(&["api"]).projects(&["payments"]),
    "Changes are under way; status.drift names them."
)]
#[case::its_finalizer_comes_before(
    |_: &mut Operator| {},
    repository_claim("web").named("api").in_plans(&["nightly"]).license(RepositoryLicense::Active).without_finalizer(),
    "Changes are under way; status.drift names them."
)]
fn what_is_made_in_its_turn_says_what_it_waits_for(
    #[case] change: fn(&mut Operator),
    #[case] claim: Claim,
    #[case] says: &str,
) {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .in_project("payments")
                .licensed()
                .in_plan("nightly"),
        )
        .with(repository("web"))
        .with_plan("weekly")
        .operated([claim]);
    change(&mut operator);
    if operator.organization.service == Service::Git {
        operator.pass();
    }
    let message = operator.message("api");
    assert!(message.contains(says), "{message}");
    let others = ["Changes are under way", "Made once what comes before"];
    let said = others.iter().filter(|other| message.contains(**other));
    assert_eq!(said.count(), 1, "{message}");
}

/// Each of the two older ones with what it has in dispute.
#[test]
fn a_conflict_names_the_other_and_what_it_is_about() {
    let inactive = |name| {
        repository_claim(name)
            .license(RepositoryLicense::Inactive)
            .younger_by(-10)
    };
    let operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([
            inactive("api"),
            inactive("web"),
            plan_claim("nightly").include(&["*"]),
        ]);
    let message = operator.message("nightly");
    for name in ["api", "web"] {
        let says = format!(
            "XoperoRepository backup/{name} declares the contrary and is older, so it keeps what is in dispute. Change or delete \
             one of the two: Activate {name}."
        );
        assert!(message.contains(&says), "{message}");
    }
    let message = operator.message("api");
    let says = "XoperoBackupPlan backup/nightly declares the contrary, so nothing is taken from it. Change or delete one of the two: \
                Deactivate api.";
    assert!(message.contains(says), "{message}");
}

/// Nobody asked for it by name: that it is not removed keeps nothing from being ready.
#[rstest]
#[case::a_listing_that_is_not_believed(|operator: &mut Operator| operator.doubt = Some(Doubt::Shrunk))]
#[case::claims_that_may_be_unseen(|operator: &mut Operator| {
    operator.visibility = Visibility::Partial { message: "Not all is listed.".to_owned() };
})]
fn what_is_only_derived_is_not_waited_for(#[case] change: fn(&mut Operator)) {
    let mut operator = surplus(2).operated([exclusive()]);
    change(&mut operator);
    operator.next();
    assert_eq!(
        operator.progress("nightly"),
        (ConditionType::Ready, Reason::Converged)
    );
}

#[rstest]
//                     status  says           and not
#[case::the_account(403, "permission", "--wire-names")]
#[case::the_token(401, "permission", "--wire-names")]
#[case::the_request(400, "--wire-names", "permission")]
fn a_refusal_says_whether_the_account_or_the_request_is_in_the_way(
    #[case] status: u16,
    #[case] says: &str,
    #[case] and_not: &str,
) {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["*"])]);
    operator.world.answers.push_back(Answer::Refused(status));
    operator.pass();
    let message = operator.message("nightly");
    assert!(message.contains(&format!("status {status}")), "{message}");
    assert!(message.contains(says), "{message}");
    assert!(!message.contains(and_not), "{message}");
}

#[rstest]
#[case::an_attachment(|action: &Action| matches!(action, Action::Attach(..)), true)]
#[case::an_attachment_that_is_shown(|action: &Action| matches!(action, Action::Attach(..)), false)]
#[case::a_licence(|action: &Action| matches!(action, Action::Activate(_)), true)]
fn what_is_refused_may_be_there_already_where_that_is_not_shown(
    #[case] refuses: fn(&Action) -> bool,
    #[case] may_be_there: bool,
) {
    let shown = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .refusing(refuses);
    let world = if may_be_there {
        shown.hiding_licences().hiding_plans()
    } else {
        shown
    };
    let mut operator = world.operated([plan_claim("nightly").include(&["*"])]);
    operator.pass();
    let message = operator.message("nightly");
    assert!(message.contains("refused with status 400"), "{message}");
    assert_eq!(message.contains("may be there already"), may_be_there);
}

#[rstest]
#[case::paused(Writes::Paused, "Nothing is written: the organization is paused.")]
#[case::conflict(
    Writes::Conflict(plan_claim("other").key),
    "Nothing is written: XoperoBackupPlan backup/other is older and manages the same organization."
)]
fn what_waits_for_the_organization_says_why(#[case] writes: Writes, #[case] says: &str) {
    let operator = organization("acme")
        .with(repository("api").licensed())
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["api"])])
        .managing(|own| own.writes = writes);
    assert_eq!(operator.message("nightly"), says);
}

#[test]
fn a_plan_without_a_name_is_none_to_choose_from() {
    let mut operator = organization("acme")
        .with_plan("nightly")
        .with_plan("weekly")
        .operated([plan_claim("nigthly")]);
    operator.world.rename_plan("weekly", "");
    operator.list_now();
    let message = operator.message("nigthly");
    assert!(message.contains("name one of: nightly"), "{message}");
}

#[test]
fn a_repository_under_another_name_says_which() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .operated([repository_claim("api")]);
    operator.report();
    for (name, says) in [
        ("gateway", "is now called \"gateway\""),
        ("", "without a name"),
    ] {
        operator.world.rename("api", name);
        operator.list_now();
        let message = operator.message("api");
        assert!(message.contains(says), "{message}");
    }
}

/// Which project it is, is told by the rows of its repositories alone.
#[rstest]
#[case::unknown(|_: &mut Operator| {}, Reason::ProjectNotFound, "No repository of this organization shows a project")]
#[case::perhaps_to_come(
    |operator: &mut Operator| operator.world.begin_to_synchronize(),
    Reason::WaitingForSync,
    "is not known yet"
)]
#[case::perhaps_hidden(
    |operator: &mut Operator| call_projects(operator, None),
    Reason::ProjectNotFound,
    "does not show of every repository"
)]
fn a_project_that_is_not_found_says_what_may_be(
    #[case] change: fn(&mut Operator),
    #[case] reason: Reason,
    #[case] says: &str,
) {
    let mut operator = of_a_project("typo");
    change(&mut operator);
    operator.list_now();
    assert_eq!(operator.progress("typo").1, reason);
    let message = operator.message("typo");
    assert!(message.contains(says), "{message}");
}

#[rstest]
#[case::another_name(Some("billing"), "is now called \"billing\"")]
#[case::no_name(None, "without a name")]
fn a_project_under_another_name_says_which(#[case] name: Option<&str>, #[case] says: &str) {
    let mut operator = of_a_project("payments");
    operator.report();
    call_projects(&mut operator, name);
    operator.list_now();
    let message = operator.message("payments");
    assert!(message.contains(says), "{message}");
}

/// The resource of a project, in an organization that has one.
fn of_a_project(name: &str) -> Operator {
    organization("acme")
        .with(repository("api").in_project("payments").licensed())
        .operated([project_claim(name)])
        .managing(|own| own.service = Service::Azure)
}

/// What rows show of the names of projects.
fn call_projects(operator: &mut Operator, name: Option<&str>) {
    for row in operator.world.repositories.values_mut() {
        row.project_name = name.map(str::to_owned);
    }
}
