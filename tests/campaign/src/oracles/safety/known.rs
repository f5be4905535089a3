//! Xopero ONE as the operator was answered: what is there, and whether the last listing of it may be trusted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use xopero_simulator::Endpoint;

/// All that listings have shown.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Names of organizations, by id.
    organizations: BTreeMap<String, String>,
    /// Those that synchronize, by the last listing of them.
    synchronizing: BTreeSet<String>,
    /// Repositories, by id.
    repositories: BTreeMap<String, Row>,
    /// Projects, by id: their organization and name.
    projects: BTreeMap<String, (String, String)>,
    /// Plans, by id: their organization and name.
    plans: BTreeMap<String, (String, String)>,
    /// Listings of repositories, by organization.
    listings: BTreeMap<String, Listings>,
    /// Requests under way: the endpoint, the organization that is listed, the page.
    open: BTreeMap<u64, (Endpoint, String, u64)>,
    /// Organizations whose plans were not listed whole the last time.
    without_plans: BTreeSet<String>,
}

/// A repository.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) organization: String,
    pub(super) name: String,
    pub(super) project: Option<String>,
}

/// The listings of an organization.
#[derive(Debug, Default)]
struct Listings {
    /// How many were whole, in this process.
    whole: usize,
    current: Pass,
    /// The ids of the last whole one, in whatever process.
    before: BTreeSet<String>,
}

/// One listing, page by page.
#[derive(Clone, Debug, Default)]
struct Pass {
    begun: u64,
    pages: BTreeSet<u64>,
    page_count: Option<u64>,
    total: Option<u64>,
    ids: BTreeSet<String>,
    /// Pages that were not answered as they should, with how; each may be asked for again.
    failed: BTreeMap<u64, String>,
    broken: Option<String>,
    is_over: bool,
}

impl Known {
    /// A new process has listed nothing yet.
    pub(super) fn forget_listings(&mut self) {
        self.open.clear();
        for listings in self.listings.values_mut() {
            listings.whole = 0;
            listings.current = Pass::default();
        }
    }

    pub(super) fn asked(&mut self, number: u64, endpoint: Endpoint, body: &Value) {
        let organization = text(body, "organizationId").to_lowercase();
        let page = body.get("page").and_then(Value::as_u64).unwrap_or(1);
        if endpoint == Endpoint::ListRepositories && page == 1 {
            let listings = self.listings.entry(organization.clone()).or_default();
            listings.current = Pass {
                begun: number,
                ..Pass::default()
            };
        }
        self.open.insert(number, (endpoint, organization, page));
    }

    pub(super) fn answered(&mut self, request: u64, (status, body): (u16, Option<&Value>)) {
        let Some((endpoint, organization, page)) = self.open.remove(&request) else {
            return;
        };
        let rows = body
            .filter(|_| status == 200)
            .and_then(|body| body.get("result").unwrap_or(body).as_array());
        if endpoint == Endpoint::ListOrganizations {
            for row in rows.into_iter().flatten() {
                let id = text(row, "id").to_lowercase();
                if row.get("synchronizationInProgress") == Some(&Value::Bool(true)) {
                    self.synchronizing.insert(id.clone());
                } else {
                    self.synchronizing.remove(&id);
                }
                let plans = row.get("plans").and_then(Value::as_array);
                for plan in plans.into_iter().flatten() {
                    self.plan(plan, &id);
                }
                self.organizations.insert(id, text(row, "name").to_owned());
            }
        } else if endpoint == Endpoint::ListPlans {
            self.without_plans.remove(&organization);
            if rows.is_none() {
                self.without_plans.insert(organization.clone());
            }
            for row in rows.into_iter().flatten() {
                self.plan(row, &organization);
            }
        } else if endpoint == Endpoint::ListRepositories {
            self.page((request, &organization, page), status, body, rows);
        }
    }

    fn plan(&mut self, row: &Value, organization: &str) {
        let named = (organization.to_owned(), text(row, "name").to_owned());
        self.plans.insert(text(row, "id").to_lowercase(), named);
    }

    fn page(
        &mut self,
        (request, organization, page): (u64, &str, u64),
        status: u16,
        body: Option<&Value>,
        rows: Option<&Vec<Value>>,
    ) {
        for row in rows.into_iter().flatten() {
            let project = row.get("projectName").and_then(Value::as_str);
            let own = text(row, "organizationId").to_lowercase();
            // Where rows do not say whose they are, they are of the organization that was asked for.
            let own = if own.is_empty() {
                organization.to_owned()
            } else {
                own
            };
            let found = Row {
                organization: own.clone(),
                name: text(row, "name").to_owned(),
                project: project.map(str::to_owned),
            };
            if let Some(project) = project {
                let named = (own, project.to_owned());
                self.projects
                    .insert(text(row, "projectId").to_lowercase(), named);
            }
            self.repositories
                .insert(text(row, "id").to_lowercase(), found);
        }
        let Some(listings) = self.listings.get_mut(organization) else {
            return;
        };
        let pass = &mut listings.current;
        // An answer to a listing that was given up says nothing of the one that was begun since.
        if request < pass.begun {
            return;
        }
        let number = |name: &str| body.and_then(|body| body.get(name)).and_then(Value::as_u64);
        if let Some(rows) = rows {
            let counts = (number("pageCount"), number("totalEntries"));
            pass.take(organization, page, counts, rows);
        } else {
            let how = format!("page {page} was answered {status}");
            pass.failed.insert(page, how);
        }
        if pass.is_whole() && !pass.is_over {
            pass.is_over = true;
            listings.whole += 1;
            listings.before = pass.ids.clone();
        }
    }

    /// Whether the last listing of an organization may be trusted for removals.
    pub(super) fn is_trusted(&self, organization: &str) -> Result<(), String> {
        if self.synchronizing.contains(organization) {
            return Err("the organization synchronizes".to_owned());
        }
        if self.without_plans.contains(organization) {
            return Err("its plans were not listed".to_owned());
        }
        let Some(listings) = self.listings.get(organization) else {
            return Err("there is none".to_owned());
        };
        let pass = &listings.current;
        if let Some(broken) = pass.broken.as_ref().or_else(|| pass.failed.values().next()) {
            return Err(broken.clone());
        }
        if !pass.is_whole() {
            return Err("it is not whole".to_owned());
        }
        if pass.ids.is_empty() {
            return Err("it is empty".to_owned());
        }
        Ok(())
    }

    /// How many whole listings this process has seen.
    pub(super) fn listings(&self, organization: &str) -> usize {
        self.listings
            .get(organization)
            .map_or(0, |listings| listings.whole)
    }

    /// The number of the request with which the last listing began.
    pub(super) fn begun_last(&self, organization: &str) -> u64 {
        self.listings
            .get(organization)
            .map_or(0, |listings| listings.current.begun)
    }

    /// How many repositories the last whole listing had.
    pub(super) fn rows(&self, organization: &str) -> usize {
        self.listings
            .get(organization)
            .map_or(0, |listings| listings.before.len())
    }

    pub(super) fn organization(&self, id: &str) -> Option<&str> {
        self.organizations.get(id).map(String::as_str)
    }

    pub(super) fn repository(&self, id: &str) -> Option<&Row> {
        self.repositories.get(id)
    }

    pub(super) fn plan_named(&self, id: &str) -> Option<&(String, String)> {
        self.plans.get(id)
    }

    pub(super) fn project(&self, id: &str) -> Option<&(String, String)> {
        self.projects.get(id)
    }
}

impl Pass {
    fn take(
        &mut self,
        organization: &str,
        page: u64,
        counts: (Option<u64>, Option<u64>),
        rows: &[Value],
    ) {
        let (page_count, total) = counts;
        if self.pages.contains(&page) {
            self.breaks(format!("page {page} came twice"));
        }
        self.failed.remove(&page);
        self.pages.insert(page);
        let differs = |before: Option<u64>, now: Option<u64>| before.is_some() && before != now;
        if differs(self.page_count, page_count) || differs(self.total, total) {
            self.breaks("its pages contradict each other".to_owned());
        }
        (self.page_count, self.total) = counts;
        for row in rows {
            let own = text(row, "organizationId");
            if !own.is_empty() && !own.eq_ignore_ascii_case(organization) {
                self.breaks("it has a row of another organization".to_owned());
            }
            if !self.ids.insert(text(row, "id").to_lowercase()) {
                self.breaks("it has a row twice".to_owned());
            }
        }
        let rows = u64::try_from(self.ids.len()).unwrap_or_default();
        let is_last = self.page_count.is_some_and(|count| self.has_all(count));
        if is_last && self.total.is_some_and(|total| total != rows) {
            self.breaks("it has not the number of rows that it says".to_owned());
        }
    }

    fn breaks(&mut self, why: String) {
        self.broken.get_or_insert(why);
    }

    fn has_all(&self, count: u64) -> bool {
        (1..=count).all(|page| self.pages.contains(&page))
    }

    fn is_whole(&self) -> bool {
        let has_all = self.page_count.is_some_and(|count| self.has_all(count));
        has_all && !self.pages.is_empty() && self.broken.is_none() && self.failed.is_empty()
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    // Requests may spell a field in any casing.
    let fields = value.as_object().into_iter().flatten();
    let mut found = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
    found
        .find_map(|(_, value)| value.as_str())
        .unwrap_or_default()
}
