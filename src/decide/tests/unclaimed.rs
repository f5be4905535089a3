//! Licences that no claim wants, given back where the organization asks for it.

use super::surplus::{exclusive, surplus};
use crate::{
    api::{Reason, RepositoryLicense, Unclaimed, conditions::ConditionType},
    decide::fixtures::{Operator, organization, plan_claim, repository, repository_claim},
};

#[test]
fn unclaimed_licences_are_given_back() {
    let mut operator = organization("acme")
        .with(repository("api").licensed())
        .with(repository("kept").licensed().in_plan("nightly"))
        .with(repository("ignored").licensed())
        .with(repository("mentioned").licensed())
        .with(repository("spare").licensed())
        .operated([
            repository_claim("api").license(RepositoryLicense::Active),
            repository_claim("mentioned"),
            plan_claim("weekly")
                .include(&["ignored"])
                .ignoring_licences(),
        ])
        .managing(|own| own.unclaimed = Unclaimed::Deactivate);
    operator.first();
    assert_eq!(operator.next(), ["Deactivate spare"]);
    assert!(operator.next().is_empty());
}

#[test]
fn the_organization_asks_for_unclaimed_licences_with_its_own_age() {
    let mut operator = surplus(3)
        .with(repository("spare").licensed())
        .operated([exclusive()])
        .managing(|own| {
            own.unclaimed = Unclaimed::Deactivate;
            own.removal_limit = 3;
        });
    operator.first();
    assert_eq!(
        operator.next(),
        ["Deactivate spare"],
        "it is older, and 3 more do not fit"
    );
    let report: Operator = operator;
    assert_eq!(
        report.progress("nightly"),
        (ConditionType::Reconciling, Reason::RemovalPaced)
    );
}
