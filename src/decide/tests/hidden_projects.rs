//! Azure DevOps and Bitbucket keep every repository in a project: a row that shows none hides it, and nothing is concluded from that.

use rstest::rstest;

use crate::{
    api::{DeletionPolicy, Reason, RepositoryLicense, Unclaimed, conditions::Truth},
    decide::{
        Claim, Service,
        fixtures::{
            Operator, World, organization, plan_claim, project_claim, repository, repository_claim,
        },
    },
};

/// Three in the project `pay`, one in `front`; all of them in the plan.
fn world() -> World {
    let in_plan = |name, project| {
        repository(name)
            .in_project(project)
            .licensed()
            .in_plan("nightly")
    };
    organization("acme")
        .with_everything_in_projects()
        .with(in_plan("api", "pay"))
        .with(in_plan("ledger", "pay"))
        .with(in_plan("cards", "pay"))
        .with(in_plan("web", "front"))
}

const ALL: &[&str] = &["pay/api", "pay/ledger", "pay/cards", "front/web"];

#[rstest]
#[case::of_some(&ALL[..2])]
#[case::of_all(ALL)]
fn what_hides_its_project_is_not_taken_out_of_an_exclusive_plan(#[case] hidden: &[&str]) {
    let mut operator =
        world().operated([plan_claim("nightly").include(&["pay/*", "web"]).exclusive()]);
    operator.next();
    operator.next();
    operator.world.hide_projects(hidden);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
}

#[test]
fn where_no_project_is_asked_for_a_hidden_one_holds_nothing_up() {
    let mut operator = world().operated([plan_claim("nightly")
        .include(&["api", "ledger", "cards"])
        .exclusive()]);
    operator.world.hide_projects(ALL);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach web nightly"]);
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::True, Reason::AsDeclared)
    );
}

#[test]
fn what_may_be_excluded_is_not_added() {
    let in_legacy = |name| repository(name).in_project("legacy");
    let mut world = organization("acme")
        .with_everything_in_projects()
        .with_plan("nightly")
        .with(in_legacy("old"))
        .with(repository("api").in_project("pay"));
    world.hide_projects(&["legacy/old"]);
    let mut operator = world.operated([plan_claim("nightly").include_but(&["**"], &["legacy/*"])]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Activate api", "Attach api nightly"]);
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
}

#[test]
fn a_licence_that_a_hidden_project_may_want_is_not_unclaimed() {
    let claims = || [plan_claim("nightly").include(&["pay/*"])];
    let world = || {
        let licensed = |name, project| repository(name).in_project(project).licensed();
        organization("acme")
            .with_everything_in_projects()
            .with(licensed("api", "pay").in_plan("nightly"))
            .with(licensed("ledger", "front"))
    };
    let taken = |mut world: World, hidden: &[&str]| -> Vec<String> {
        world.hide_projects(hidden);
        let mut operator = world
            .operated(claims())
            .managing(|own| own.unclaimed = Unclaimed::Deactivate);
        (0..4).flat_map(|_| operator.next()).collect()
    };
    assert_eq!(taken(world(), &[]), ["Deactivate ledger"]);
    assert!(taken(world(), &["front/ledger"]).is_empty());
}

#[test]
fn an_exclusive_repository_stays_where_a_pattern_may_mean_it() {
    let claims = [
        plan_claim("nightly").include(&["pay/*"]),
        repository_claim("api").in_plans(&["weekly"]).exclusive(),
    ];
    let mut operator = world().with_plan("weekly").operated(claims);
    operator.world.hide_projects(&["pay/api"]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Attach api weekly"]);
    assert_eq!(
        operator.in_sync("api"),
        (Truth::Unknown, Reason::NotVisible)
    );
    operator.claim("api").wants = repository_claim("api")
        .in_plans(&["weekly", "nightly"])
        .exclusive()
        .wants;
    assert_eq!(operator.in_sync("api"), (Truth::True, Reason::AsDeclared));
}

#[test]
fn what_a_resource_names_with_its_project_is_kept_while_the_project_is_hidden() {
    let claims = [
        plan_claim("nightly").include(&["web"]).exclusive(),
        repository_claim("api")
            .of_project("pay")
            .in_plans(&["nightly"]),
    ];
    let mut operator = world().operated(claims);
    operator.world.hide_projects(&["pay/api"]);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach ledger nightly", "Detach cards nightly"]);
}

#[test]
fn a_resource_that_names_another_project_keeps_nothing_of_the_same_name() {
    let claims = [
        plan_claim("nightly")
            .include(&["ledger", "cards", "web"])
            .exclusive(),
        repository_claim("api")
            .of_project("front")
            .in_plans(&["nightly"]),
    ];
    let mut operator = world().operated(claims);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert_eq!(sent, ["Detach api nightly"]);
}

#[test]
fn what_may_be_of_a_project_that_a_resource_attaches_is_kept() {
    let claims = [
        plan_claim("nightly").include(&["web"]).exclusive(),
        project_claim("pay").in_plans(&["nightly"]),
    ];
    let mut operator = world()
        .operated(claims)
        .managing(|own| own.service = Service::Azure);
    operator.world.hide_projects(ALL);
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn a_plan_that_selects_projects_is_not_known_to_be_in_sync_while_one_is_hidden() {
    let mut operator = world()
        .operated([plan_claim("nightly").projects(&["pay"])])
        .managing(|own| own.service = Service::Azure);
    operator.next();
    operator.world.hide_projects(&["front/web"]);
    operator.next();
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
}

/// The same in Azure DevOps, with rows that show their projects by name alone.
fn by_name_alone(claims: impl IntoIterator<Item = Claim>, paths: &[&str]) -> Operator {
    let mut world = world();
    world.hide_project_ids(paths);
    world
        .operated(claims)
        .managing(|own| own.service = Service::Azure)
}

#[rstest]
#[case::a_plan_that_selects_the_project(vec![plan_claim("nightly").include(&["web"]).projects(&["pay"]).exclusive()])]
#[case::a_resource_for_the_project(vec![
    plan_claim("nightly").include(&["web"]).exclusive(),
    project_claim("pay").in_plans(&["nightly"]),
])]
#[case::a_resource_for_its_id(vec![
    plan_claim("nightly").include(&["web"]).exclusive(),
    project_claim("pay").by_id().in_plans(&["nightly"]),
])]
fn what_is_in_a_selected_project_is_kept_where_rows_show_no_ids(#[case] claims: Vec<Claim>) {
    let mut operator = by_name_alone(claims, ALL);
    let sent: Vec<String> = (0..4).flat_map(|_| operator.next()).collect();
    assert!(
        sent.iter().all(|sent| sent.starts_with("AttachProject")),
        "{sent:?}"
    );
    assert_eq!(
        operator.in_sync("nightly"),
        (Truth::Unknown, Reason::NotVisible)
    );
}

#[test]
fn a_project_is_not_detached_while_a_row_of_its_name_shows_no_id() {
    let claims = || [plan_claim("nightly").projects(&["front"]).exclusive()];
    let mut shown = by_name_alone(claims(), &[]);
    let sent: Vec<String> = (0..4).flat_map(|_| shown.next()).collect();
    assert_eq!(sent, ["DetachProject pay nightly"]);
    let mut hidden = by_name_alone(claims(), &["pay/api"]);
    for _ in 0..4 {
        assert!(hidden.next().is_empty());
    }
}

#[test]
fn a_licence_is_not_unclaimed_where_its_row_shows_no_project_id() {
    let mut world = organization("acme")
        .with_everything_in_projects()
        .with_plan("nightly")
        .with(repository("api").in_project("pay").licensed());
    world.hide_project_ids(&["pay/api"]);
    let mut operator = world.operated([]).managing(|own| {
        own.service = Service::Azure;
        own.unclaimed = Unclaimed::Deactivate;
    });
    for _ in 0..4 {
        assert!(operator.next().is_empty());
    }
}

#[test]
fn a_resource_goes_only_when_it_is_known_what_it_names() {
    let leaving = |claim: Claim| claim.deleting_with(DeletionPolicy::Detach).leaving();
    let names_a_repository = repository_claim("api")
        .of_project("pay")
        .in_plans(&["nightly"]);
    for claim in [
        names_a_repository,
        plan_claim("nightly").include(&["pay/api"]),
    ] {
        let mut world = world();
        world.hide_projects(&["pay/api"]);
        let mut operator = world.operated([leaving(claim)]);
        for _ in 0..3 {
            assert!(operator.next().is_empty());
        }
        assert_eq!(operator.claims.len(), 1, "it waits");
        let message = operator.message(&operator.claims[0].key.name);
        assert!(message.contains("--wire-names"), "{message}");
        operator.world = self::world();
        operator.next();
        operator.next();
        assert!(operator.claims.is_empty());
        assert!(!operator.world.is_in_plan("pay/api", "nightly"));
    }
}

#[rstest]
#[case::detach(plan_claim("nightly").include(&["api"]).named("leaving"), DeletionPolicy::Detach)]
#[case::deactivate(repository_claim("api").named("leaving"), DeletionPolicy::Deactivate)]
#[case::remove(repository_claim("api").named("leaving"), DeletionPolicy::Remove)]
fn what_is_taken_by_name_waits_while_another_may_mean_it(
    #[case] claim: Claim,
    #[case] policy: DeletionPolicy,
) {
    let claims = || {
        [
            plan_claim("nightly").include(&["pay/*"]),
            claim.clone().deleting_with(policy).leaving(),
        ]
    };
    let mut operator = world().operated(claims());
    operator.world.hide_projects(&["pay/api"]);
    operator.list();
    for _ in 0..4 {
        assert!(operator.next().is_empty());
        assert!(
            operator.decide().held.is_empty(),
            "nobody is asked to approve it"
        );
    }
    assert!(!operator.verdict("leaving").released);
    let verdict = operator.verdict("leaving");
    assert!(verdict.settled, "what is waited for is written");
    let message = operator.message("leaving");
    assert!(
        message.contains("XoperoBackupPlan backup/nightly may name the same"),
        "{message}"
    );
    operator.world = world();
    operator.next();
    assert!(operator.claims.len() == 1, "then it is spared");
}

#[test]
fn a_licence_that_is_refused_by_name_says_what_it_waits_for() {
    let mut operator = world().operated([
        plan_claim("nightly").include(&["pay/*"]),
        repository_claim("api").license(RepositoryLicense::Inactive),
    ]);
    operator.world.hide_projects(&["pay/api"]);
    operator.list();
    for _ in 0..3 {
        assert!(operator.next().is_empty());
    }
    assert!(operator.verdict("api").settled);
    let message = operator.message("api");
    assert!(message.contains("may name the same"), "{message}");
}

#[test]
fn a_resource_that_is_found_goes_beside_a_row_of_its_name_that_hides_its_project() {
    let claim = repository_claim("api")
        .of_project("pay")
        .in_plans(&["nightly"]);
    let other = repository("api")
        .in_project("front")
        .licensed()
        .in_plan("nightly");
    let mut world = world().with(other);
    world.hide_projects(&["front/api"]);
    let mut operator = world.operated([claim.deleting_with(DeletionPolicy::Detach).leaving()]);
    assert_eq!(operator.first(), ["Detach api nightly"]);
    assert!(operator.claims.is_empty());
}
