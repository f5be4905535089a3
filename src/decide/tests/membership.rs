//! What a plan's members are: Additive and Exclusive, attach before detach, patterns that match nothing.

use rstest::rstest;

use crate::{
    api::{
        Membership, Reason, RepositoryLicense,
        conditions::{ConditionType, Truth},
    },
    decide::{
        Claim, Service, Settings, Wants,
        fixtures::{
            RepositoryFixture, organization, plan_claim, plan_id, repository, repository_claim,
            settings,
        },
    },
};

#[test]
fn a_new_repository_is_licensed_and_attached_in_one_pass() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with(repository("web").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["**"])]);
    assert_eq!(operator.first(), ["Activate api", "Attach api nightly"]);
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
    assert!(operator.next().is_empty());
}

#[test]
fn what_is_in_force_needs_nothing() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["**"]).exclusive(),
            repository_claim("api")
                .license(RepositoryLicense::Active)
                .in_plans(&["nightly"])
                .exclusive(),
        ]);
    assert!(operator.first().is_empty());
    assert!(operator.next().is_empty());
    assert_eq!(operator.in_sync("api"), (Truth::True, Reason::AsDeclared));
}

#[rstest]
//                                     membership              attached      detached
#[case::additive_keeps_what_is_there(  Membership::Additive,   &["old"],     &[])]
#[case::exclusive_detaches_the_rest(   Membership::Exclusive,  &[],          &["Detach old nightly"])]
fn only_exclusive_detaches(
    #[case] membership: Membership,
    #[case] stays: &[&str],
    #[case] detached: &[&str],
) {
    let mut claim = plan_claim("nightly").include(&["api"]);
    if let Wants::Plan(wants) = &mut claim.wants {
        wants.membership = membership;
    }
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("old").licensed().in_plan("nightly"))
        .operated([claim]);
    assert!(operator.first().is_empty());
    assert_eq!(operator.next(), detached);
    for name in stays {
        assert!(operator.world.is_in_plan(name, "nightly"));
    }
}

#[test]
fn a_claim_beside_an_exclusive_plan_is_no_conflict() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("extra").licensed().in_plan("nightly"))
        .operated([
            plan_claim("nightly").include(&["api"]).exclusive(),
            repository_claim("extra").in_plans(&["nightly"]),
        ]);
    operator.first();
    assert!(operator.next().is_empty());
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

#[test]
fn a_repository_goes_into_its_new_plan_before_it_leaves_the_old_one() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .with_plan("hourly")
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            plan_claim("hourly").include(&["api"]),
        ]);
    let mut sent = operator.first();
    sent.extend(operator.next());
    sent.extend(operator.next());
    assert_eq!(sent, ["Attach api hourly", "Detach api nightly"]);
}

#[test]
fn a_derived_detachment_waits_for_an_attachment_that_is_refused() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("web").licensed().in_plan("nightly"))
        .with_plan("hourly")
        .refusing(|action| matches!(action, crate::decide::Action::Attach(..)))
        .operated([
            plan_claim("nightly").include(&["web"]).exclusive(),
            plan_claim("hourly").include(&["api"]),
        ]);
    for _ in 0..5 {
        operator.next();
    }
    assert!(operator.world.is_in_plan("api", "nightly"));
}

#[rstest]
//                                           exclusive   members         truth         reason
#[case::additive(                            false,      &["old"],       Truth::True,  Reason::NothingMatched)]
#[case::exclusive_without_members(           true,       &[],            Truth::True,  Reason::NothingMatched)]
#[case::exclusive_with_members(              true,       &["old"],       Truth::False, Reason::NothingMatched)]
fn patterns_that_match_nothing_remove_nothing(
    #[case] exclusive: bool,
    #[case] members: &[&str],
    #[case] truth: Truth,
    #[case] reason: Reason,
) {
    let mut claim = plan_claim("nightly").include(&["typo-*"]);
    if exclusive {
        claim = claim.exclusive();
    }
    let mut world = organization("acme").with_plan("nightly");
    for name in members {
        world = world.with(repository(name).licensed().in_plan("nightly"));
    }
    let mut operator = world.operated([claim]);
    operator.first();
    assert!(operator.next().is_empty());
    assert!(operator.next().is_empty());
    assert_eq!(operator.in_sync("nightly"), (truth, reason));
}

#[rstest]
#[case::nothing(None, Reason::NothingMatched)]
#[case::settings_alone(Some(settings(Some(true), &[])), Reason::AsDeclared)]
fn a_plan_that_selects_nothing_says_so_unless_it_is_there_for_its_settings(
    #[case] settings: Option<Settings>,
    #[case] reason: Reason,
) {
    let mut claim = plan_claim("nightly");
    if let Some(settings) = settings {
        claim = claim.setting(settings);
    }
    let mut operator = organization("acme").with_plan("nightly").operated([claim]);
    operator.first();
    operator.next();
    assert_eq!(operator.in_sync("nightly"), (Truth::True, reason));
}

#[rstest]
#[case::of_repositories(plan_claim("nightly").include(&["none"]))]
#[case::of_projects(plan_claim("nightly").projects(&["none"]))]
fn patterns_that_match_nothing_are_said_beside_settings(#[case] claim: Claim) {
    let mut operator = organization("acme")
        .with(repository("api").in_project("payments"))
        .with_plan("nightly")
        .operated([claim.setting(settings(Some(true), &[]))])
        .managing(|own| own.service = Service::Azure);
    operator.first();
    operator.next();
    let expected = (Truth::True, Reason::NothingMatched);
    assert_eq!(operator.in_sync("nightly"), expected);
}

/// Where it may be gone from the Git service it is taken out of nothing, and whether that is to be is not known.
#[rstest]
#[case::of_a_plan_that_it_names(&["nightly"], (Truth::True, Reason::AsDeclared))]
#[case::of_another_as_well(&["nightly", "legacy"], (Truth::Unknown, Reason::NotVisible))]
fn an_exclusive_repository_that_may_be_gone_upstream_is_a_member(
    #[case] plans: &[&str],
    #[case] in_sync: (Truth, Reason),
) {
    let mut row = repository("api").licensed();
    for plan in plans {
        row = row.in_plan(plan);
    }
    let mut operator = organization("acme")
        .with(row)
        .operated([repository_claim("api").in_plans(&["nightly"]).exclusive()]);
    for row in operator.world.repositories.values_mut() {
        row.removed = None;
    }
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(operator.in_sync("api"), in_sync);
}

#[test]
fn a_repository_gone_upstream_is_neither_attached_nor_detached() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(
            repository("gone")
                .gone_upstream()
                .licensed()
                .in_plan("nightly"),
        )
        .with(repository("gone-too").gone_upstream())
        .operated([
            plan_claim("nightly")
                .include(&["api", "gone-too"])
                .exclusive(),
            repository_claim("gone-too")
                .license(RepositoryLicense::Active)
                .in_plans(&["nightly"]),
            repository_claim("gone").in_plans(&[]).exclusive(),
        ])
        .managing(|own| own.unclaimed = crate::api::Unclaimed::Deactivate);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    let (_, reason) = operator.progress("gone-too");
    assert_eq!(reason, Reason::RepositoryNotFound);
}

/// What is in force needs no word; what would have to be made is not.
#[rstest]
#[case::all_is_in_force(repository("api").licensed().in_plan("nightly"), Some(RepositoryLicense::Active), false)]
#[case::it_is_in_no_plan(repository("api").licensed(), Some(RepositoryLicense::Active), true)]
#[case::it_has_no_licence(repository("api").in_plan("nightly"), Some(RepositoryLicense::Active), true)]
#[case::a_licence_is_not_asked_for(repository("api").in_plan("nightly"), None, false)]
fn a_repository_gone_upstream_says_what_is_not_made_for_it(
    #[case] row: RepositoryFixture,
    #[case] license: Option<RepositoryLicense>,
    #[case] stalls: bool,
) {
    let mut claim = repository_claim("api").in_plans(&["nightly"]);
    if let Some(license) = license {
        claim = claim.license(license);
    }
    let mut operator = organization("acme")
        .with(row.gone_upstream())
        .with_plan("nightly")
        .operated([claim]);
    assert!(operator.first().is_empty());
    let expected = if stalls {
        (ConditionType::Stalled, Reason::RepositoryNotFound)
    } else {
        (ConditionType::Ready, Reason::Converged)
    };
    assert_eq!(operator.progress("api"), expected);
}

/// It may be another organization's.
#[test]
fn an_exclusive_repository_stays_in_a_plan_that_is_not_listed() {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .licensed()
                .in_plan("nightly")
                .in_plan("foreign"),
        )
        .operated([repository_claim("api").in_plans(&["nightly"]).exclusive()]);
    operator.world.plans.remove(&plan_id("foreign"));
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert!(operator.decide().removing.is_empty());
}

#[test]
fn a_row_without_a_name_is_neither_selected_nor_removed() {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .with(repository("x").nameless().licensed().in_plan("nightly"))
        .with(repository("y").nameless())
        .operated([plan_claim("nightly").include(&["**"]).exclusive()])
        .managing(|own| own.unclaimed = crate::api::Unclaimed::Deactivate);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn a_row_that_hides_the_name_of_its_project_is_not_detached_for_matching_nothing() {
    let mut world = organization("acme")
        .with(
            repository("api")
                .in_project("payments")
                .licensed()
                .in_plan("nightly"),
        )
        .with(repository("web").licensed().in_plan("nightly"));
    for row in world.repositories.values_mut() {
        row.project_name = None;
    }
    let mut operator = world
        .operated([plan_claim("nightly")
            .include(&["payments/*", "web"])
            .exclusive()])
        .managing(|own| own.service = Service::Azure);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn an_exclusive_repository_leaves_plans_that_nobody_names_for_it() {
    let mut operator = organization("acme")
        .with(
            repository("api")
                .licensed()
                .in_plan("nightly")
                .in_plan("weekly")
                .in_plan("legacy"),
        )
        .operated([
            repository_claim("api").in_plans(&["nightly"]).exclusive(),
            plan_claim("weekly").include(&["api"]),
        ]);
    operator.first();
    assert_eq!(operator.next(), ["Detach api legacy"]);
}

#[test]
fn without_a_licence_a_repository_waits_for_it() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .with_licences_left(0)
        .operated([plan_claim("nightly").include(&["api"])]);
    operator.first();
    assert!(!operator.world.is_in_plan("api", "nightly"));
    assert_eq!(
        operator.drift("nightly"),
        [
            "Activate api (LicensesExhausted)",
            "Attach api nightly (WaitingForLicense)"
        ]
    );
}

#[test]
fn where_licences_are_ignored_a_repository_is_attached_without() {
    let mut operator = organization("acme")
        .with(repository("api"))
        .with_plan("nightly")
        .operated([plan_claim("nightly").include(&["api"]).ignoring_licences()]);
    assert_eq!(operator.first(), ["Attach api nightly"]);
}
