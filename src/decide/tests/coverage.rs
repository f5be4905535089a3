//! How much of the organization is said to be protected: coverage, and `Protected`.

use rstest::rstest;

use crate::{
    api::{
        Coverage, ProtectionRequirement, Reason, RepositoryLicense, UnprotectedStatus,
        conditions::Truth,
    },
    decide::{
        Counts, Selector, Service, Visibility,
        fixtures::{
            Operator, organization, plan_claim, project_claim, repository, repository_claim,
        },
    },
    inventory::trust::Doubt,
};

pub(super) fn mixed() -> Operator {
    organization("acme")
        .with(repository("protected").licensed().in_plan("nightly"))
        .with(repository("licensed").licensed())
        .with(repository("in-a-plan").in_plan("nightly"))
        .with(repository("bare"))
        .with(repository("sandbox"))
        .with(
            repository("gone")
                .gone_upstream()
                .licensed()
                .in_plan("nightly"),
        )
        .operated([])
}

#[test]
fn coverage_counts_what_is_known_and_not_gone() {
    let counts = mixed().decide().organization.coverage.counts;
    let expected = Counts {
        known: 5,
        licensed: 2,
        in_a_plan: 2,
        protected: 1,
        unprotected: 4,
        removed_upstream: 1,
    };
    assert_eq!(counts, expected);
}

/// Where a request is not understood as it was meant, the answer may be empty.
#[test]
fn where_nothing_is_listed_nothing_is_known_to_be_protected() {
    let coverage = organization("acme")
        .operated([])
        .decide()
        .organization
        .coverage;
    let said = coverage.protected;
    assert_eq!(
        (said.truth, said.reason),
        (Truth::Unknown, Reason::NotVisible)
    );
    assert!(said.message.contains("request.repositories.organizationId"));
}

/// Its name says nothing of whether it is backed up.
#[test]
fn a_repository_without_a_name_is_counted_as_any_other() {
    let world = organization("acme").with(repository("x").licensed().nameless());
    let claims = [plan_claim("nightly").include(&["*"])];
    let counts = world.with_plan("nightly").operated(claims).decide();
    assert_eq!(counts.organization.coverage.counts.unprotected, 1);
}

#[test]
fn the_unprotected_are_named_but_those_that_are_excepted() {
    let operator = mixed().managing(|own| {
        let globs = ["sand*".to_owned()];
        own.except = Ok(Some(std::sync::Arc::new(Selector::globs(&globs).unwrap())));
        own.require = ProtectionRequirement::EveryRepository;
    });
    let coverage = operator.decide().organization.coverage;
    let named = coverage.unprotected.unwrap();
    assert_eq!(named.names, ["bare", "in-a-plan", "licensed"]);
    assert_eq!(coverage.protected.truth, Truth::False);
    assert!(
        coverage
            .protected
            .message
            .contains("bare, in-a-plan, licensed")
    );
    assert!(!coverage.protected.message.contains("sandbox"));
}

#[rstest]
#[case::all_of_them(ProtectionRequirement::EveryRepository, &["bare", "in-a-plan", "licensed", "sandbox"])]
#[case::what_a_resource_names(ProtectionRequirement::Declared, &["bare"])]
fn only_what_protection_demands_is_named(
    #[case] require: ProtectionRequirement,
    #[case] names: &[&str],
) {
    let mut operator = mixed().managing(|own| own.require = require);
    let claim = plan_claim("nightly")
        .include(&["bare", "protected"])
        .paused();
    operator.claims.push(claim);
    let coverage = operator.decide().organization.coverage;
    assert_eq!(coverage.unprotected.unwrap().names, names);
    assert_eq!(coverage.counts.unprotected, 4, "which counts all");
}

#[rstest]
//                                               declared                                                        truth
#[case::nothing(None, Truth::True)]
#[case::by_a_plan(                               Some(plan_claim("nightly").include(&["bare"]).paused()),        Truth::False)]
#[case::by_a_plan_that_is_missing(               Some(plan_claim("missing").include(&["bare"])),                 Truth::False)]
#[case::by_its_licence(                          Some(repository_claim("bare").license(RepositoryLicense::Active).paused()), Truth::False)]
#[case::without_a_licence_on_purpose(            Some(repository_claim("bare").license(RepositoryLicense::Inactive)), Truth::True)]
#[case::named_and_nothing_asked(Some(repository_claim("bare")), Truth::True)]
#[case::that_is_protected(                       Some(plan_claim("nightly").include(&["protected"])),            Truth::True)]
fn declared_protection_is_of_what_resources_ask_for(
    #[case] declared: Option<crate::decide::Claim>,
    #[case] truth: Truth,
) {
    let mut operator = mixed();
    operator.claims.extend(declared);
    assert_eq!(
        operator.decide().organization.coverage.protected.truth,
        truth
    );
}

#[rstest]
#[case::that_is_to_be_in_a_plan(&["nightly"], Truth::False)]
#[case::of_which_nothing_is_asked(&[], Truth::True)]
fn a_resource_for_a_project_asks_for_the_protection_of_its_repositories(
    #[case] plans: &[&str],
    #[case] truth: Truth,
) {
    let operator = organization("acme")
        .with(repository("api").in_project("payments"))
        .with_plan("nightly")
        .operated([project_claim("payments").in_plans(plans)])
        .managing(|own| own.service = Service::Azure);
    assert_eq!(
        operator.decide().organization.coverage.protected.truth,
        truth
    );
}

#[rstest]
#[case::a_repository_that_is_not_listed(Some(repository_claim("elsewhere").in_plans(&["nightly"])), "XoperoRepository backup/elsewhere")]
#[case::one_of_which_nothing_is_asked(Some(repository_claim("elsewhere")), "")]
#[case::one_that_is_released(Some(repository_claim("elsewhere").in_plans(&["nightly"]).leaving()), "")]
#[case::a_project_that_is_not_listed(Some(project_claim("elsewhere").in_plans(&["nightly"])), "XoperoAzureProject backup/elsewhere")]
#[case::a_resource_that_cannot_be_evaluated(Some(plan_claim("nightly").include(&["protected"]).unreadable()), "XoperoBackupPlan backup/nightly cannot be evaluated")]
#[case::a_project_that_rows_do_not_show(Some(plan_claim("nightly").include(&["payments/*"])), "whether a resource names them")]
#[case::one_of_two_that_rows_do_not_show(Some(repository_claim("bare").of_project("payments").in_plans(&["nightly"])), "XoperoRepository backup/bare")]
#[case::nothing_else(None, "")]
fn what_is_not_seen_is_not_said_to_be_protected(
    #[case] declared: Option<crate::decide::Claim>,
    #[case] words: &str,
    #[values(
        ProtectionRequirement::Declared,
        ProtectionRequirement::EveryRepository
    )]
    require: ProtectionRequirement,
) {
    let mut operator = mixed().managing(|own| own.require = require);
    operator.world = operator.world.with_everything_in_projects();
    operator.claims.extend(declared);
    if require == ProtectionRequirement::EveryRepository {
        operator.organization.except = Ok(Some(std::sync::Arc::new(
            Selector::globs(&["bare", "in-a-plan", "licensed", "sandbox"].map(str::to_owned))
                .unwrap(),
        )));
    }
    operator.inventory = operator.world.inventory();
    let said = operator.decide().organization.coverage.protected;
    // Where all have to be protected, only what is not listed can be missing.
    let is_unlisted = words.ends_with("elsewhere") || words.ends_with("bare");
    let is_unknown =
        !words.is_empty() && (require == ProtectionRequirement::Declared || is_unlisted);
    let expected = if is_unknown {
        (Truth::Unknown, Reason::NotVisible)
    } else {
        (Truth::True, Reason::AllProtected)
    };
    assert_eq!((said.truth, said.reason), expected, "{}", said.message);
    assert!(
        !is_unknown || said.message.contains(words),
        "{}",
        said.message
    );
}

#[test]
fn what_cannot_be_decoded_may_name_what_is_not_protected() {
    let mut operator = mixed();
    let message = "XoperoBackupPlan backup/old cannot be decoded.".to_owned();
    operator.visibility = Visibility::Unreadable { message };
    let protected = |operator: &Operator| operator.decide().organization.coverage.protected;
    let said = protected(&operator);
    assert_eq!(said.truth, Truth::Unknown);
    assert!(said.message.contains("backup/old"));
    // It would change with every trouble of a watch.
    operator.visibility = Visibility::Unseen {
        message: "Not all resources are seen.".to_owned(),
    };
    assert_eq!(protected(&operator).truth, Truth::True);
}

#[rstest]
#[case::of_which_some_may_be_missing(Doubt::Shrunk, Truth::Unknown)]
#[case::that_nobody_counted(Doubt::Uncounted, Truth::Unknown)]
#[case::read_in_motion(Doubt::Synchronizing, Truth::True)]
fn all_is_not_said_to_be_protected_by_a_listing(#[case] doubt: Doubt, #[case] truth: Truth) {
    let mut operator = organization("acme")
        .with(repository("api").licensed().in_plan("nightly"))
        .operated([plan_claim("nightly").include(&["**"])]);
    operator.doubt = Some(doubt);
    operator.next();
    assert_eq!(operator.look().organization.coverage.protected.truth, truth);
}

#[rstest]
#[case::believed(None, 1)]
#[case::uncounted(Some(Doubt::Uncounted), 1)]
#[case::read_in_motion(Some(Doubt::Synchronizing), 7)]
#[case::shrunk(Some(Doubt::Shrunk), 7)]
fn what_is_not_believed_leaves_counts_and_names_as_they_were(
    #[case] doubt: Option<Doubt>,
    #[case] unprotected: i64,
) {
    let mut operator = organization("acme")
        .with(repository("api"))
        .operated([])
        .managing(|own| own.require = ProtectionRequirement::EveryRepository);
    let before = Coverage {
        unprotected: 7,
        ..Coverage::default()
    };
    let names = UnprotectedStatus::of(7, (0..7).map(|number| format!("r-{number}")));
    let (coverage, names) = operator
        .look()
        .organization
        .coverage
        .recorded(doubt, Some((before, names)));
    assert_eq!(coverage.unprotected, unprotected);
    assert_eq!(names.map(|names| names.total), Some(unprotected));
}
