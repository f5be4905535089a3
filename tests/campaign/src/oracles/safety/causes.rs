//! Who may ask for a removal, and who stands against it: the promises on absence and on owners, stated a second time.

use serde_json::Value;
use xopero_simulator::Endpoint;

use super::{
    glob,
    known::Known,
    view::{Object, View},
};

/// A write, in names.
#[derive(Clone, Debug)]
pub(super) struct Removal {
    pub(super) endpoint: Endpoint,
    /// The organization's id in Xopero ONE.
    pub(super) organization_id: String,
    /// Its name there.
    pub(super) organization: String,
    /// The plan, where the write is about one.
    plan: String,
    /// The repository or project, empty where it is about neither.
    name: String,
    project: Option<String>,
}

impl Removal {
    /// None if no listing has shown what it is about.
    pub(super) fn of(endpoint: Endpoint, body: &Value, known: &Known) -> Option<Self> {
        let ids = ids(body);
        let (mut organization, mut plan, mut name, mut project) =
            (None, String::new(), String::new(), None);
        for id in ids {
            if let Some((of, named)) = known.plan_named(&id) {
                plan.clone_from(named);
                organization.get_or_insert_with(|| of.clone());
            } else if let Some(row) = known.repository(&id) {
                name.clone_from(&row.name);
                project.clone_from(&row.project);
                organization = Some(row.organization.clone());
            } else if let Some((of, named)) = known.project(&id) {
                name.clone_from(named);
                organization.get_or_insert_with(|| of.clone());
            } else if known.organization(&id).is_some() {
                organization = Some(id);
            }
        }
        let organization_id = organization?;
        let organization = known.organization(&organization_id)?.to_owned();
        Some(Self {
            endpoint,
            organization_id,
            organization,
            plan,
            name,
            project,
        })
    }

    fn is_about_project(&self) -> bool {
        self.endpoint == Endpoint::DetachProject
    }
}

/// All strings in a body that look like ids.
fn ids(body: &Value) -> Vec<String> {
    match body {
        Value::String(text) => uuid::Uuid::parse_str(text)
            .map(|id| vec![id.to_string()])
            .unwrap_or_default(),
        Value::Array(values) => values.iter().flat_map(ids).collect(),
        Value::Object(fields) => fields.values().flat_map(ids).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// A resource that asks for a removal.
#[derive(Clone, Debug)]
pub(super) struct Cause<'a> {
    pub(super) object: &'a Object,
    /// It asks for it by not naming the item, and not by name.
    pub(super) is_derived: bool,
}

/// The resources that ask for a removal and that nobody stands against.
pub(super) fn causes<'a>(view: &'a View, removal: &Removal) -> Result<Vec<Cause<'a>>, String> {
    let claims = view.claims(&removal.organization);
    let claims: Vec<&Object> = claims
        .into_iter()
        .filter(|claim| !view.is_released(claim))
        .collect();
    let wanting: Vec<&Object> = claims
        .iter()
        .copied()
        .filter(|claim| wants(claim, removal))
        .collect();
    let mut asking = Vec::new();
    let mut paused = Vec::new();
    for cause in named(view, &claims, removal).chain(derived(view, &claims, removal)) {
        if cause.object.is_paused() {
            paused.push(cause.object.shown());
        } else {
            asking.push(cause);
        }
    }
    if asking.is_empty() {
        return Err(if paused.is_empty() {
            "no resource asks for it".to_owned()
        } else {
            format!("only a paused resource asks for it: {}", paused.join(", "))
        });
    }
    // A claim that is being deleted does not stand against what is asked by name: neither itself nor another that goes.
    let against = |cause: &Cause<'_>| {
        let against = wanting
            .iter()
            .find(|claim| cause.is_derived || !claim.is_deleting());
        against.map(|claim| claim.shown())
    };
    let protected: Vec<String> = asking.iter().filter_map(against).collect();
    asking.retain(|cause| against(cause).is_none());
    if asking.is_empty() {
        return Err(format!("it is what {} names", protected.join(", ")));
    }
    Ok(asking)
}

/// Whether a claim wants what the removal takes.
fn wants(claim: &Object, removal: &Removal) -> bool {
    let is_selected = |selector: &str| selects(claim, selector, removal);
    let kind = claim.text("/kind");
    let is_named = kind == "XoperoRepository" && is_same(claim.text("/spec/name"), &removal.name);
    let takes_plan = |plans: &str| {
        let plans = claim.texts(plans);
        plans.iter().any(|plan| is_same(plan, &removal.plan))
    };
    let is_plan =
        kind == "XoperoBackupPlan" && is_same(claim.text("/spec/planName"), &removal.plan);
    match removal.endpoint {
        Endpoint::DetachRepository => {
            (is_plan && is_selected("/spec/repositories"))
                || (is_named && takes_plan("/spec/plans"))
        }
        Endpoint::DetachProject => {
            let is_project =
                kind == "XoperoAzureProject" && is_same(claim.text("/spec/name"), &removal.name);
            (is_plan && is_selected("/spec/projects")) || (is_project && takes_plan("/spec/plans"))
        }
        Endpoint::Deactivate => {
            let selecting = kind == "XoperoBackupPlan" && is_selected("/spec/repositories");
            selecting || (is_named && claim.text("/spec/license") == "Active")
        }
        Endpoint::Remove => is_named && !claim.is_deleting(),
        Endpoint::Login
        | Endpoint::ListOrganizations
        | Endpoint::ListPlans
        | Endpoint::ListRepositories
        | Endpoint::AttachRepository
        | Endpoint::AttachProject
        | Endpoint::ModifyPlan
        | Endpoint::ModifyAzurePlan
        | Endpoint::Activate
        | Endpoint::Sync => false,
    }
}

/// Those that ask for it by name.
fn named<'a>(
    view: &'a View,
    claims: &[&'a Object],
    removal: &Removal,
) -> impl Iterator<Item = Cause<'a>> {
    let policies: &[&str] = if removal.endpoint == Endpoint::Remove {
        &["Remove"]
    } else if removal.endpoint == Endpoint::Deactivate {
        &["Deactivate", "Remove"]
    } else {
        &["Detach", "Deactivate", "Remove"]
    };
    let is_approved = view.has_approval();
    let asks = |claim: &&Object| {
        let name = claim.text("/spec/name");
        let is_named = claim.text("/kind") == "XoperoRepository" && is_same(name, &removal.name);
        let is_inactive = is_named && claim.text("/spec/license") == "Inactive";
        let is_inactive =
            is_inactive && removal.endpoint == Endpoint::Deactivate && !claim.is_deleting();
        let of_repository = [Endpoint::Deactivate, Endpoint::Remove];
        let names_it = if of_repository.contains(&removal.endpoint) {
            is_named
        } else {
            wants(claim, removal)
        };
        let policy = claim.text("/spec/deletionPolicy");
        let cleans_up = claim.is_deleting() && policies.contains(&policy);
        // All that leads to the removal waits for it, or nothing does.
        let is_let = is_approved || policy != "Remove";
        is_inactive || (cleans_up && names_it && is_let)
    };
    let asking: Vec<&Object> = claims.iter().copied().filter(asks).collect();
    asking.into_iter().map(|object| Cause {
        object,
        is_derived: false,
    })
}

/// Those that ask for it by not naming it.
fn derived<'a>(
    view: &'a View,
    claims: &[&'a Object],
    removal: &Removal,
) -> impl Iterator<Item = Cause<'a>> {
    let asks = |claim: &&Object| {
        let is_exclusive = claim.text("/spec/membership") == "Exclusive" && !claim.is_deleting();
        let subject = match claim.text("/kind") {
            "XoperoBackupPlan" => is_same(claim.text("/spec/planName"), &removal.plan),
            "XoperoRepository" => {
                !removal.is_about_project() && is_same(claim.text("/spec/name"), &removal.name)
            }
            "XoperoAzureProject" => {
                removal.is_about_project() && is_same(claim.text("/spec/name"), &removal.name)
            }
            _ => false,
        };
        let detaches = [Endpoint::DetachRepository, Endpoint::DetachProject];
        is_exclusive && subject && detaches.contains(&removal.endpoint)
    };
    let mut asking: Vec<&Object> = claims.iter().copied().filter(asks).collect();
    if removal.endpoint == Endpoint::Deactivate {
        let organization = view.organization(&removal.organization);
        asking.extend(
            organization.filter(|found| found.text("/spec/licenses/unclaimed") == "Deactivate"),
        );
    }
    asking.into_iter().map(|object| Cause {
        object,
        is_derived: true,
    })
}

/// Whether a selector of a plan takes it. What cannot be judged here protects.
fn selects(claim: &Object, selector: &str, removal: &Removal) -> bool {
    let matches = |list: &str| {
        let globs = claim.texts(&format!("{selector}/{list}"));
        globs
            .iter()
            .any(|glob| names(removal).iter().any(|name| glob::matches(glob, name)))
    };
    let has_expressions = ["includeRegex", "excludeRegex"]
        .iter()
        .any(|list| claim.at(&format!("{selector}/{list}")).is_array());
    has_expressions || (matches("include") && !matches("exclude"))
}

/// The names that patterns are compared with.
fn names(removal: &Removal) -> Vec<String> {
    let Removal {
        organization, name, ..
    } = removal;
    let mut names = vec![name.clone(), format!("{organization}/{name}")];
    if let Some(project) = &removal.project {
        names.push(format!("{project}/{name}"));
        names.push(format!("{organization}/{project}/{name}"));
    }
    names
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
