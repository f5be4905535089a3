//! What is gathered for an organization, and whether that is known to be everything.

use rstest::rstest;
use serde_json::{Value, json};

use super::{
    super::{
        super::{
            claims::SettingsRights,
            observed::{Observed, Place},
            watches::Stored,
        },
        Context, Shared,
        gather::{Gathered, gather},
    },
    There,
};
use crate::{
    api::{XoperoBackupPlan, XoperoOrganization},
    decide::{self, Standing, Visibility, Wants, fixtures::plan_id},
    inventory::OrganizationId,
};

const ID: &str = "00000000-0000-0000-0000-000000000007";

/// One of them, that was found to be the same as the others, which lets in who is told.
fn organization(name: &str, namespace: &str, from: &str) -> XoperoOrganization {
    serde_json::from_value(json!({
        "metadata": { "name": name, "namespace": namespace, "uid": name },
        "spec": {
            "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub",
            "allowedNamespaces": { "from": from },
        },
        "status": { "organizationId": ID },
    }))
    .unwrap()
}

fn plan(organization: &str, namespace: &str, status: &Value) -> Observed<XoperoBackupPlan> {
    let whole = json!({
        "metadata": { "name": organization, "namespace": namespace, "uid": organization },
        "spec": { "organizationRef": { "name": organization, "namespace": "backup" }, "planName": "Nightly" },
        "status": status,
    });
    serde_json::from_value(whole).unwrap()
}

fn broken(organization: &str) -> Observed<XoperoBackupPlan> {
    let whole = json!({
        "metadata": { "name": "broken", "namespace": "backup" },
        "spec": { "organizationRef": { "name": organization }, "planName": 7 },
    });
    serde_json::from_value(whole).unwrap()
}

/// What is gathered for `acme`, which stands beside `twin`.
async fn gathered(context: &Context) -> Gathered {
    let acme = organization("acme", "backup", "Same");
    let place = Place::of(&acme);
    let observed = context.organizations.get(&place).unwrap();
    let resource = observed.understood().unwrap();
    let id = OrganizationId::parse(ID);
    let inventory = decide::fixtures::organization("acme")
        .with(decide::fixtures::repository("api"))
        .with_plan("nightly")
        .inventory();
    let known = (id, Some(&inventory));
    gather(
        context,
        (&place, resource),
        known,
        SettingsRights::Forbidden,
    )
    .await
}

async fn held(from: [&str; 2], plans: Vec<Observed<XoperoBackupPlan>>) -> Shared {
    let there = There {
        organizations: vec![
            organization("acme", "backup", from[0]),
            organization("twin", "backup", from[1]),
        ],
        ..There::default()
    };
    let (mut shared, _server) = there.shared().await;
    shared.plans = Stored::holding(plans);
    shared
}

#[rstest]
#[case::one_that_is_let_in(["Same", "Same"], "backup", json!({}), Some(Standing::Beside))]
#[case::one_that_is_not(["Same", "Same"], "team-a", json!({}), None)]
#[case::one_that_was(["Same", "Same"], "team-a", json!({ "planId": ID }), Some(Standing::Beside))]
#[case::one_that_only_the_other_lets_in(["Same", "All"], "team-a", json!({}), Some(Standing::Beside))]
#[case::one_that_the_other_does_not(["All", "Same"], "team-a", json!({}), None)]
#[tokio::test]
async fn a_claim_on_another_resource_of_the_organization_stands_beside_its_own(
    #[case] from: [&str; 2],
    #[case] namespace: &str,
    #[case] status: Value,
    #[case] standing: Option<Standing>,
) {
    let own = plan("acme", "backup", &json!({}));
    let other = plan("twin", namespace, &status);
    let context = Context::begin(held(from, vec![own, other]).await);
    let gathered = gathered(&context).await;
    assert_eq!(
        gathered.beside,
        [Place {
            namespace: "backup".to_owned(),
            name: "twin".to_owned()
        }]
    );
    let beside = gathered.claims.into_iter().map(|claim| claim.standing);
    let beside = beside.filter(|standing| *standing != Standing::Accepted);
    assert_eq!(beside.collect::<Vec<_>>(), Vec::from_iter(standing));
}

/// What is removed by name spares what it names, as far as that can be read.
#[tokio::test]
async fn what_cannot_be_decoded_protects_what_can_be_read_of_it() {
    let whole = json!({
        "metadata": { "name": "broken", "namespace": "backup" },
        "spec": { "organizationRef": { "name": "acme" }, "planName": "Nightly", "membership": "Sometimes",
            "repositories": { "include": ["api"] } },
    });
    let broken: Observed<XoperoBackupPlan> = serde_json::from_value(whole).unwrap();
    assert!(broken.understood().is_none());
    let context = Context::begin(held(["Same", "Same"], vec![broken]).await);
    let gathered = gathered(&context).await;
    let [claim] = &*gathered.claims else {
        panic!("{:?}", gathered.claims)
    };
    assert_eq!(claim.standing, Standing::Beside);
    let Wants::Plan(wants) = &claim.wants else {
        panic!("{:?}", claim.wants)
    };
    assert_eq!(wants.plan_name, "Nightly");
    assert!(matches!(gathered.visibility, Visibility::Unreadable { .. }));
}

/// Its resource may come back, or it is moved to another.
#[rstest]
#[case::what_it_meant_is_here(plan_id("nightly").to_string(), true)]
#[case::what_it_meant_is_another_organization_s(plan_id("weekly").to_string(), false)]
#[case::it_never_meant_anything("", false)]
#[tokio::test]
async fn a_claim_whose_organization_is_gone_still_protects_what_it_named_there(
    #[case] meant: String,
    #[case] protects: bool,
) {
    let status = match meant.as_str() {
        "" => json!({}),
        id => json!({ "planId": id }),
    };
    let left = plan("globex", "team-a", &status);
    let context = Context::begin(held(["Same", "Same"], vec![left]).await);
    let gathered = gathered(&context).await;
    let standings: Vec<_> = gathered.claims.into_iter().map(|it| it.standing).collect();
    assert_eq!(
        standings,
        Vec::from_iter(protects.then_some(Standing::Beside))
    );
}

#[rstest]
#[case::of_its_own("acme", true)]
#[case::of_the_one_beside_it("twin", true)]
#[case::of_another("globex", false)]
#[tokio::test]
async fn what_cannot_be_decoded_may_name_anything_in_its_organization(
    #[case] organization: &str,
    #[case] concerned: bool,
) {
    let context = Context::begin(held(["Same", "Same"], vec![broken(organization)]).await);
    let visibility = gathered(&context).await.visibility;
    let is_unreadable = matches!(visibility, Visibility::Unreadable { .. });
    assert_eq!(is_unreadable, concerned, "{visibility:?}");
}

#[rstest]
#[case::who_lets_nobody_in(["Same", "Same"], None)]
#[case::who_lets_others_in(["All", "Same"], Some("this organization"))]
#[case::beside_one_who_does(["Same", "All"], Some("XoperoOrganization backup/twin"))]
#[tokio::test]
async fn where_not_all_namespaces_are_watched_others_may_refer_unseen(
    #[case] from: [&str; 2],
    #[case] open: Option<&str>,
) {
    let mut shared = held(from, Vec::new()).await;
    shared.sees_whole_cluster = false;
    let visibility = gathered(&Context::begin(shared)).await.visibility;
    let said = match visibility {
        Visibility::Partial { message } => message,
        Visibility::Whole | Visibility::Unreadable { .. } | Visibility::Unseen { .. } => {
            String::new()
        }
    };
    assert_eq!(
        said.starts_with("allowedNamespaces"),
        open.is_some(),
        "{said}"
    );
    let open = open.map(|open| format!("refer to {open},"));
    assert!(open.is_none_or(|open| said.contains(&open)), "{said}");
}

#[rstest]
#[case::plans(|shared: &mut Shared| shared.plans = Stored::not_listed())]
#[case::repositories(|shared: &mut Shared| shared.repositories = Stored::not_listed())]
#[case::projects(|shared: &mut Shared| shared.projects = Stored::not_listed())]
#[tokio::test]
async fn a_kind_that_is_not_listed_yet_may_name_anything(#[case] unlist: fn(&mut Shared)) {
    let mut shared = held(["Same", "Same"], Vec::new()).await;
    unlist(&mut shared);
    let message = unseen(shared).await;
    assert!(
        message.starts_with("Not all resources are listed yet"),
        "{message}"
    );
}

/// It was listed, and is not heard of at the moment.
#[tokio::test]
async fn a_kind_whose_watch_fails_may_name_what_is_new() {
    let mut shared = held(["Same", "Same"], Vec::new()).await;
    shared.projects = Stored::failing();
    let message = unseen(shared).await;
    assert!(
        message.starts_with("Not all resources are seen (XoperoAzureProject)"),
        "{message}"
    );
}

/// What is said of that, where not all is seen.
async fn unseen(shared: Shared) -> String {
    let visibility = gathered(&Context::begin(shared)).await.visibility;
    let Visibility::Unseen { message } = visibility else {
        panic!("{visibility:?}")
    };
    message
}

/// What refers to it is not gathered before, and a clean-up would not spare what that names.
#[tokio::test]
async fn while_another_one_of_that_name_was_not_looked_at_nothing_is_removed() {
    let mut twin = organization("twin", "backup", "Same");
    twin.status = None;
    let there = There {
        organizations: vec![organization("acme", "backup", "Same"), twin.clone()],
        ..There::default()
    };
    let (context, _server) = there.held().await;
    let seen = gathered(&context).await.visibility;
    assert!(matches!(seen, Visibility::Unseen { .. }), "{seen:?}");
    context.owners.note_tried(&Place::of(&twin));
    let seen = gathered(&context).await.visibility;
    assert!(!matches!(seen, Visibility::Unseen { .. }), "{seen:?}");
}
