//! One organization in the simulator, and what a pass over it comes to.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use k8s_openapi::jiff::Timestamp;
use serde_json::json;
use xopero_simulator::{
    Dialect, Simulator,
    builder::{organization, repository, state, user},
};

use super::{
    super::{
        super::{
            choose::choose,
            observe::{self, judged, read},
            report,
            state::State,
        },
        EMAIL, PASSWORD, client_of,
    },
    PAGES, ROWS, SELECTED,
};
use crate::{
    api::{
        Reason, RepositoryLicense, XoperoOrganization, XoperoOrganizationStatus,
        conditions::{ConditionType, Statement, Truth},
    },
    decide::{
        Change, Claim, Decision, Elsewhere, Input, Visibility, decide,
        fixtures::{organization_claim, plan_claim, repository_claim},
    },
    inventory::trust::Asked,
    xopero::{Budget, Client, Hooks},
};

/// One organization, the claims on it, and one process that passes over it.
pub(super) struct Scene {
    pub(super) simulator: Simulator,
    pub(super) client: Client,
    pub(super) resource: XoperoOrganization,
    pub(super) claims: Vec<Claim>,
    pub(super) state: State,
}

/// What a pass came to.
pub(super) struct Passed {
    /// What it decided; nothing where the listing failed.
    pub(super) decision: Option<Decision>,
    pub(super) status: XoperoOrganizationStatus,
}

impl Passed {
    pub(super) fn removals(&self) -> BTreeSet<Change> {
        let decision = self.decision.iter();
        let admitted = decision.flat_map(|decision| &decision.removals);
        admitted
            .flat_map(|admitted| admitted.changes.iter().copied())
            .collect()
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.status
            .inventory
            .as_ref()
            .is_some_and(|inventory| inventory.trusted)
    }
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::speaking(Dialect::default())
    }

    pub(super) fn speaking(dialect: Dialect) -> Self {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let mut acme = organization("acme").plan("nightly");
        for row in 1..=ROWS * PAGES {
            let name = format!("r{row:02}");
            acme = acme.with(repository(&name).licensed().in_plan("nightly"));
        }
        let world = state()
            .user(user(EMAIL, PASSWORD))
            .with(acme)
            .dialect(Dialect {
                page_size_cap: Some(ROWS),
                ..dialect
            });
        let simulator = Simulator::start(world).unwrap();
        let client = client_of(
            &simulator,
            Duration::from_secs(5),
            Arc::new(Budget::new(10_000, 8)),
            Hooks::default(),
        );
        let resource: XoperoOrganization = serde_json::from_value(json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoOrganization",
            "metadata": { "name": "acme", "namespace": "backup", "uid": "organization-acme", "generation": 1 },
            "spec": { "connectionRef": { "name": "xopero" }, "name": "acme", "provider": "GitHub", "removalLimit": 10 },
        }))
        .unwrap();
        let uid = Arc::from("organization-acme");
        Self {
            client,
            simulator,
            state: State::of(&resource, &uid),
            resource,
            claims: vec![
                plan_claim("nightly").include(&[SELECTED]).exclusive(),
                repository_claim("r15").license(RepositoryLicense::Inactive),
            ],
        }
    }

    /// What a pass does between its first call and what it would send.
    pub(super) async fn pass(&mut self) -> Passed {
        let now = Timestamp::now();
        match self.observe().await {
            Ok(()) => {
                let decision = self.decide(now);
                let listing = self.state.listings;
                self.state.memory.note_decision(&decision, listing);
                let status =
                    report::decided(&self.resource, &self.state, &decision, &self.claims, now);
                self.state.said.status = status.clone();
                Passed {
                    decision: Some(decision),
                    status,
                }
            }
            Err(error) => {
                let trouble = error.trouble();
                let statement = Statement::new(
                    ConditionType::Reconciling,
                    Truth::True,
                    Reason::ApiUnavailable,
                    trouble.message,
                );
                let mut status = report::undecided(&self.resource, &self.state, statement, now);
                report::distrust(&mut status);
                self.state.said.status = status.clone();
                Passed {
                    decision: None,
                    status,
                }
            }
        }
    }

    pub(super) async fn observe(&mut self) -> Result<(), observe::Error> {
        self.state.listings += 1;
        let organizations = self.client.organizations().await;
        let organizations = organizations.map_err(|source| observe::Error::Call {
            what: "the organizations",
            source,
        })?;
        let before = choose(organizations, &self.resource.spec, &self.state.meant)?;
        self.state.id = Some(before.id);
        let read = read(&self.client, &before).await?;
        let inventory = judged(&mut self.state, (before, read), &self.resource, Asked::No);
        self.state.memory.note_listing(&inventory, Timestamp::now());
        self.state.inventory = Some(inventory);
        Ok(())
    }

    fn decide(&self, now: Timestamp) -> Decision {
        let mut own = organization_claim("acme");
        own.id = self.state.id.unwrap();
        decide(&Input {
            organization: &own,
            claims: &self.claims,
            visibility: &Visibility::Whole,
            elsewhere: &Elsewhere::default(),
            inventory: self.state.inventory.as_ref().unwrap(),
            doubt: self.state.doubt,
            memory: &self.state.memory,
            ledger: &self.state.ledger,
            trouble: None,
            unconfirmed: None,
            now,
        })
    }

    /// What of the plan's surplus, and of the licence against which a claim is, is still there.
    pub(super) fn due(&self) -> usize {
        let rows = self.simulator.repositories("acme").unwrap();
        let surplus = rows
            .iter()
            .filter(|row| row.name.as_str() > "r09" && row.name.starts_with('r'));
        surplus.count() + usize::from(rows.iter().any(|row| row.name == "r15"))
    }
}
