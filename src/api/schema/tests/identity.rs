//! What cannot be changed, and the sentences of refusals.

use rstest::rstest;

use super::*;

#[rstest]
#[case("XoperoOrganization", "{}", "connectionRef: {name: other}", "refused")]
#[case(
    "XoperoOrganization",
    "{}",
    "connectionRef: {name: xopero, namespace: backup}",
    "refused"
)]
#[case(
    "XoperoOrganization",
    "connectionRef: {name: xopero, namespace: backup}",
    "{}",
    "refused"
)]
#[case("XoperoOrganization", "{}", "name: other", "refused")]
#[case("XoperoOrganization", "{}", "provider: GitLab", "refused")]
#[case("XoperoOrganization", "{}", "driver: 1", "taken")]
#[case("XoperoOrganization", "driver: 1", "driver: 1", "taken")]
#[case("XoperoOrganization", "driver: 1", "driver: 2", "refused")]
#[case("XoperoOrganization", "driver: 1", "{}", "refused")]
#[case("XoperoOrganization", "{}", "mode: Observe", "taken")]
#[case("XoperoBackupPlan", "{}", "organizationRef: {name: other}", "refused")]
#[case("XoperoBackupPlan", "{}", "planName: Weekly", "refused")]
#[case("XoperoBackupPlan", "{}", "repositories: {include: ['**']}", "taken")]
#[case("XoperoRepository", "{}", "name: other", "refused")]
#[case("XoperoRepository", "{}", "organizationRef: {name: other}", "refused")]
#[case("XoperoRepository", "{}", "project: P", "refused")]
#[case("XoperoRepository", "project: P", "{}", "refused")]
#[case("XoperoRepository", "project: P", "project: Q", "refused")]
#[case(
    "XoperoRepository",
    "project: P",
    "{project: P, license: Active}",
    "taken"
)]
#[case("XoperoAzureProject", "{}", "name: other", "refused")]
#[case(
    "XoperoAzureProject",
    "{}",
    "{name: null, projectId: 6f1c9a52-0c1e-4d0b-9a3e-2f6f5b8f7c11}",
    "refused"
)]
#[case(
    "XoperoAzureProject",
    "{}",
    "organizationRef: {name: other}",
    "refused"
)]
#[case("XoperoAzureProject", "{}", "plans: [Nightly]", "taken")]
#[case("XoperoConnection", "{}", "url: https://other.example.com", "taken")]
fn identity_is_immutable_and_the_rest_is_not(
    #[case] kind: &str,
    #[case] before: &str,
    #[case] after: &str,
    #[case] expected: &str,
) {
    let (old, new) = (with(kind, before), with(kind, after));
    assert_eq!(
        objections(kind, &old, None),
        Vec::<String>::new(),
        "the old one was taken"
    );
    assert_eq!(
        objections(kind, &new, None),
        Vec::<String>::new(),
        "the new one would be, by itself"
    );
    let verdict = if objections(kind, &new, Some(&old)).is_empty() {
        "taken"
    } else {
        "refused"
    };
    assert_eq!(verdict, expected);
}

#[rstest]
#[case("XoperoConnection", "url: http://a.example.com", "write https://host")]
#[case("XoperoConnection", "requests: {timeout: 1m}", "from 1s to 15s")]
#[case(
    "XoperoBackupPlan",
    "membership: Exclusive",
    "write for example include: [\"**\"]"
)]
#[case("XoperoAzureProject", "name: null", "either name or projectId")]
fn a_refusal_says_what_to_write_instead(
    #[case] kind: &str,
    #[case] fields: &str,
    #[case] sentence: &str,
) {
    let objections = objections(kind, &with(kind, fields), None);
    assert!(
        objections
            .iter()
            .any(|objection| objection.contains(sentence)),
        "{objections:?}"
    );
}
