//! How long one decision takes at the size that is promised: 10,000 repositories, by one selector or by one resource each.

#![expect(
    clippy::expect_used,
    reason = "a fixture that cannot be made is a broken bench"
)]

use std::{collections::BTreeSet, hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use k8s_openapi::jiff::Timestamp;
use xopero_operator::{
    api::{
        AttachmentDeletionPolicy, DeletionPolicy, Membership, NameSelector, PlanLicense,
        ProtectionRequirement, RepositoryLicense, Unclaimed,
    },
    decide::{
        Claim, ClaimKey, ClaimKind, Elsewhere, Input, Ledger, Life, Memory, OrganizationClaim,
        PlanWants, Remembered, RepositoryWants, Selector, Service, Standing, Visibility, Wants,
        Writes, decide,
    },
    inventory::{Inventory, Organization, OrganizationId, Plan, PlanId, RepositoryId},
    xopero::Repository,
};

const REPOSITORIES: usize = 10_000;
const PLANS: usize = 50;

fn guid(kind: u32, number: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{number:012x}")
}

fn organization() -> Organization {
    Organization {
        id: OrganizationId::parse(&guid(1, 1)).expect("a guid"),
        driver: Some(1),
        name: "acme".to_owned(),
        synchronizing: Some(false),
        plans: None,
        removed_repositories: None,
    }
}

fn plan_id() -> PlanId {
    plan_number(0)
}

fn plan_number(number: usize) -> PlanId {
    PlanId::parse(&guid(2, number + 1)).expect("a guid")
}

fn plan_name(number: usize) -> String {
    match number {
        0 => "nightly".to_owned(),
        _ => format!("team-{number}"),
    }
}

/// Whether everything is in force already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Converged,
    Fresh,
}

fn inventory(state: State) -> Inventory {
    let plans = (0..PLANS).map(|number| Plan {
        id: plan_number(number),
        name: plan_name(number),
        backup_type: Some(1),
        include_metadata: Some(true),
        repository_count: Some(0),
        last_status: None,
        finished_at: None,
        running: Some(false),
    });
    let rows = (0..REPOSITORIES).map(|number| Repository {
        id: RepositoryId::parse(&guid(3, number + 1)).expect("a guid"),
        name: format!("team-{}/service-{number}", number % 50),
        organization: Some(organization().id),
        project: None,
        project_name: None,
        licence: Some(state == State::Converged),
        removed: Some(false),
        plans: Some(if state == State::Converged {
            BTreeSet::from([plan_id()])
        } else {
            BTreeSet::new()
        }),
    });
    Inventory::new(organization(), plans.collect(), rows.collect(), 1)
}

fn organization_claim() -> OrganizationClaim {
    OrganizationClaim {
        key: ClaimKey {
            kind: ClaimKind::Organization,
            namespace: "backup".to_owned(),
            name: "acme".to_owned(),
        },
        uid: "organization".into(),
        generation: 1,
        created: Timestamp::UNIX_EPOCH,
        id: organization().id,
        writes: Writes::All,
        service: Service::Git,
        removal_limit: 10,
        license_limit: None,
        licensed_before: 0,
        unclaimed: Unclaimed::Keep,
        require: ProtectionRequirement::EveryRepository,
        except: Ok(None),
        approvals: Vec::new(),
        resync: Duration::from_mins(10),
        not_synchronized: None,
    }
}

fn claim(kind: ClaimKind, name: &str, wants: Wants) -> Claim {
    Claim {
        key: ClaimKey {
            kind,
            namespace: "backup".to_owned(),
            name: name.to_owned(),
        },
        uid: format!("uid-{name}").into(),
        generation: 1,
        created: Timestamp::UNIX_EPOCH,
        standing: Standing::Accepted,
        life: Life::Living,
        paused: false,
        held_by_finalizer: true,
        accepted_once: true,
        remembered: Remembered::default(),
        requested: None,
        wants,
    }
}

fn plan_claim() -> Claim {
    let spec = NameSelector {
        include: ["team-*/**", "shared-*", "platform/**"]
            .map(str::to_owned)
            .to_vec(),
        exclude: ["*-archive", "**/sandbox-*"].map(str::to_owned).to_vec(),
        ..NameSelector::default()
    };
    let wants = PlanWants {
        plan_name: "nightly".to_owned(),
        repositories: Some(Arc::new(
            Selector::new(&spec).expect("the globs of a bench compile"),
        )),
        projects: None,
        membership: Membership::Exclusive,
        license: PlanLicense::Ensure,
        settings: None,
        max_age: None,
        deletion: AttachmentDeletionPolicy::Retain,
    };
    claim(
        ClaimKind::BackupPlan,
        "nightly",
        Wants::Plan(Box::new(wants)),
    )
}

/// A plan for each of fifty teams.
fn plan_claims() -> Vec<Claim> {
    let of = |number: usize| {
        let spec = NameSelector {
            include: vec![format!("team-{number}/**")],
            ..NameSelector::default()
        };
        let mut claim = plan_claim();
        claim.uid = format!("uid-{number}").into();
        claim.key.name = plan_name(number);
        if let Wants::Plan(wants) = &mut claim.wants {
            wants.plan_name = plan_name(number);
            let compiled = Selector::new(&spec).expect("the globs of a bench compile");
            wants.repositories = Some(Arc::new(compiled));
        }
        claim
    };
    (0..PLANS).map(of).collect()
}

fn repository_claims() -> Vec<Claim> {
    let of = |number: usize| {
        let wants = RepositoryWants {
            name: format!("team-{}/service-{number}", number % 50),
            project: None,
            license: Some(RepositoryLicense::Active),
            plans: vec!["nightly".to_owned()],
            membership: Membership::Additive,
            deletion: DeletionPolicy::Retain,
        };
        claim(
            ClaimKind::Repository,
            &format!("service-{number}"),
            Wants::Repository(wants),
        )
    };
    (0..REPOSITORIES).map(of).collect()
}

fn measure(criterion: &mut Criterion, name: &str, claims: &[Claim], state: State) {
    let (own, inventory) = (organization_claim(), inventory(state));
    let (memory, ledger) = (Memory::default(), Ledger::default());
    let elsewhere = Elsewhere::default();
    let input = Input {
        organization: &own,
        claims,
        visibility: &Visibility::Whole,
        elsewhere: &elsewhere,
        inventory: &inventory,
        doubt: None,
        memory: &memory,
        ledger: &ledger,
        trouble: None,
        unconfirmed: None,
        now: Timestamp::UNIX_EPOCH,
    };
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| black_box(decide(black_box(&input))));
    });
}

fn decisions(criterion: &mut Criterion) {
    let one = [plan_claim()];
    let many = repository_claims();
    measure(criterion, "one plan, converged", &one, State::Converged);
    measure(criterion, "one plan, all to do", &one, State::Fresh);
    let teams = plan_claims();
    measure(criterion, "50 plans, all to do", &teams, State::Fresh);
    measure(
        criterion,
        "10,000 resources, converged",
        &many,
        State::Converged,
    );
    measure(
        criterion,
        "10,000 resources, all to do",
        &many,
        State::Fresh,
    );
}

criterion_group!(benches, decisions);
criterion_main!(benches);
