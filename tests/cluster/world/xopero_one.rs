//! What Xopero ONE holds, and was asked for.

use std::collections::BTreeMap;

use xopero_simulator::{Endpoint, journal::Entry};

use super::World;

impl World {
    /// The repositories of the organization in the plan, sorted.
    pub(crate) fn members(&self, organization: &str, plan: &str) -> Vec<String> {
        let members = self.simulator.members(organization, plan);
        let mut members = members.expect("the plan exists");
        members.sort();
        members
    }

    /// The repositories of the organization that hold a licence, sorted.
    pub(crate) fn licensed(&self, organization: &str) -> Vec<String> {
        let licensed = self.simulator.licensed(organization);
        let mut licensed = licensed.expect("the organization exists");
        licensed.sort();
        licensed
    }

    /// Every call since `number` that could write.
    pub(crate) fn writes_since(&self, number: u64) -> Vec<Entry> {
        let mut entries = self.simulator.journal_since(number);
        entries.retain(Entry::is_write);
        entries
    }

    /// Calls of this endpoint so far.
    pub(crate) fn calls(&self, endpoint: Endpoint) -> u64 {
        self.simulator.summary().of_endpoint(endpoint)
    }

    /// Each endpoint that writes, with its calls so far.
    pub(crate) fn writes(&self) -> BTreeMap<Endpoint, u64> {
        let mut counts = self.simulator.summary().by_endpoint;
        counts.retain(|endpoint, _| endpoint.is_write());
        counts
    }

    /// Waits until every organization of the simulator that is asked for was listed so many times more, whole.
    pub(crate) async fn rounds(&self, rounds: usize) {
        let start = self.simulator.last_number();
        self.eventually(&format!("{rounds} more looks at Xopero ONE"), async || {
            // One more: the first may have begun before.
            self.looks_since(start) > rounds
        })
        .await;
    }

    /// How often the plans or repositories of the organization looked at least were listed.
    fn looks_since(&self, number: u64) -> usize {
        let mut looks: BTreeMap<String, usize> = BTreeMap::new();
        for entry in self.simulator.journal_since(number) {
            let first_page = entry.page.is_none_or(|page| page <= 1);
            if entry.endpoint == Some(Endpoint::ListRepositories) && first_page {
                for target in &entry.targets {
                    *looks.entry(target.id.to_string()).or_default() += 1;
                }
            }
        }
        looks.into_values().min().unwrap_or_default()
    }
}

/// A call in a line.
pub(crate) fn line(entry: &Entry) -> String {
    let names = entry
        .targets
        .iter()
        .map(|target| target.name.clone().unwrap_or_else(|| target.id.to_string()));
    let names = names.take(6).collect::<Vec<_>>().join(", ");
    let endpoint = entry
        .endpoint
        .map_or_else(|| entry.path.clone(), |endpoint| endpoint.to_string());
    format!(
        "{:>5} {endpoint} page {:?} [{names}] -> {:?}, {} changes\n",
        entry.number, entry.page, entry.answer, entry.changes
    )
}
