//! Rule 12: what stands in a message of a name that was listed. Whoever may name things in Xopero ONE writes no condition.

use rstest::rstest;

use super::{projects::on_azure, renames::rename_project};
use crate::{
    api::RepositoryLicense,
    decide::fixtures::{
        Operator, organization, organization_id, plan_claim, plan_id, project_claim, repository,
        repository_claim, repository_id,
    },
};

/// How many bytes of a name may be shown.
const SHOWN: usize = 300;

/// A name that would break a line, colour a terminal, turn the direction of what follows, and fill a message.
fn hostile() -> String {
    format!("a\n\u{1b}[31m\u{202e}{}", "ä".repeat(550))
}

/// A plan of that name, and claims on plans that are not there.
fn plans_that_are_not_found() -> Operator {
    organization("acme")
        .with(repository("api"))
        .with_plan(&hostile())
        .operated([
            plan_claim("missing").include(&["**"]),
            repository_claim("api").in_plans(&["missing"]),
        ])
}

/// The organization has that name, and not what is named in it.
fn an_organization() -> Operator {
    organization(&hostile())
        .operated([plan_claim("missing"), repository_claim("api")])
        .managing(|own| own.id = organization_id(&hostile()))
}

/// A plan has that name now: one claim knew its id, and the other one only what it was called.
fn a_plan_that_was_renamed() -> Operator {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["**"]),
            repository_claim("api").in_plans(&["nightly"]),
        ]);
    operator.pass();
    operator.world.rename_plan("nightly", &hostile());
    operator.list_now();
    operator
}

fn a_repository_that_was_renamed() -> Operator {
    let mut operator = organization("acme")
        .with(repository("api"))
        .operated([repository_claim("api")]);
    operator.pass();
    operator.world.rename("api", &hostile());
    operator.list_now();
    operator
}

fn a_project_that_was_renamed() -> Operator {
    let world = organization("acme").with(repository("api").in_project("payments"));
    let mut operator = on_azure(world, [project_claim("payments")]);
    operator.pass();
    rename_project(&mut operator, "payments", &hostile());
    operator.list_now();
    operator
}

/// Two plans have that name, and a claim names it.
fn plans_of_one_name() -> Operator {
    let mut operator = organization("acme")
        .with_plan("one")
        .with_plan("another")
        .operated([plan_claim(&hostile()).named("nightly")]);
    for plan in ["one", "another"] {
        let plan = operator.world.plans.get_mut(&plan_id(plan));
        plan.unwrap().name = hostile();
    }
    operator.list_now();
    operator
}

/// The same of repositories, in projects that tell them apart.
fn repositories_of_one_name() -> Operator {
    let mut operator = organization("acme")
        .with(repository("one").in_project("front"))
        .with(repository("another").in_project("payments"))
        .operated([repository_claim(&hostile()).named("api")]);
    for path in ["front/one", "payments/another"] {
        let row = operator.world.repositories.get_mut(&repository_id(path));
        row.unwrap().name = hostile();
    }
    operator.list_now();
    operator
}

/// What differs has that name.
fn what_is_held() -> Operator {
    let mut operator = organization("acme")
        .with(repository(&hostile()).in_plan(&hostile()).licensed())
        .with(repository("api"))
        .with_plan("nightly")
        .operated([
            plan_claim("nightly").include(&["**"]),
            repository_claim(&hostile())
                .named("inactive")
                .license(RepositoryLicense::Inactive),
        ]);
    operator.pass();
    operator
}

#[rstest]
#[case::plans_that_are_not_found(plans_that_are_not_found)]
#[case::an_organization(an_organization)]
#[case::a_plan_that_was_renamed(a_plan_that_was_renamed)]
#[case::a_repository_that_was_renamed(a_repository_that_was_renamed)]
#[case::a_project_that_was_renamed(a_project_that_was_renamed)]
#[case::plans_of_one_name(plans_of_one_name)]
#[case::repositories_of_one_name(repositories_of_one_name)]
#[case::what_is_held(what_is_held)]
fn names_that_were_listed_stand_in_messages_without_control_characters_and_cut(
    #[case] operated: fn() -> Operator,
) {
    let decision = operated().decide();
    let verdicts = decision.verdicts.iter();
    let statements = verdicts
        .flat_map(|verdict| &verdict.statements)
        .chain(&decision.organization.statements);
    let messages: Vec<&str> = statements
        .map(|statement| statement.message.as_str())
        .collect();
    assert!(
        messages.iter().any(|message| message.contains('ä')),
        "none shows the name: {messages:?}"
    );
    for message in messages {
        for evil in ["\n", "\u{1b}", "\u{202e}", "\\n", "\\u{"] {
            assert!(!message.contains(evil), "{evil:?} in {message:?}");
        }
        let longest = message.split(|character| character != 'ä').map(str::len);
        assert!(longest.max() <= Some(SHOWN), "{message:?}");
    }
}
