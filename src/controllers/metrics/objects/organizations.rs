//! Of each organization: how much is protected, what differs, whether it is believed, how much was removed.

use std::time::Duration;

use k8s_openapi::jiff::Timestamp;

use crate::{
    api::{Coverage, RemovalsStatus, XoperoOrganization, XoperoOrganizationStatus},
    controllers::{
        looks::Look,
        metrics::{
            description::Description,
            sample::{Sample, count, moment, number, seconds},
        },
        observed::Place,
    },
    decide::Difference,
};

/// The time that `removalLimit` is about.
const HOUR: Duration = Duration::from_hours(1);

/// The label of a difference that nothing holds back.
const NOT_HELD: &str = "no";

static REPOSITORIES: Description = Description::gauge(
    "organization_repositories",
    "Repositories of the last trusted listing, by state: known, and of these licensed, in_a_plan, protected (both) and unprotected; removed_upstream are counted apart",
    "How much is protected?",
)
.by(&["namespace", "name", "state"]);

static UNPROTECTED: Description = Description::gauge(
    "organization_unprotected_repositories",
    "Repositories that spec.protection demands to be protected and that are not",
    "Is something unprotected that should not be?",
)
.by(&["namespace", "name"]);

static DIFFERENCES: Description = Description::gauge(
    "organization_differences",
    "How Xopero ONE differs from what all resources declare, by the action that would remove the difference, and the reason that holds it back (no: none does)",
    "What is still to be done, and what waits for what?",
)
.by(&["namespace", "name", "action", "held"]);

static TRUSTED: Description = Description::gauge(
    "organization_inventory_trusted",
    "1 if the last listing may be relied upon for removals",
    "May anything be removed?",
)
.by(&["namespace", "name"]);

static LISTED: Description = Description::gauge(
    "organization_last_listing_timestamp",
    "When the organization was last read as a whole by this process, in seconds since 1970; absent before the first time",
    "How old is what the operator knows?",
)
.by(&["namespace", "name"])
.in_seconds();

static INTERVAL: Description = Description::gauge(
    "organization_resync_interval",
    "How often the organization is read (spec.resyncInterval or its default)",
    "Is the last listing older than it should be?",
)
.by(&["namespace", "name"])
.in_seconds();

static REMOVED: Description = Description::gauge(
    "organization_removals_used",
    "Removals of the last 60 minutes that count against spec.removalLimit",
    "How much was removed, and how much of the limit is left?",
)
.by(&["namespace", "name"]);

static LIMIT: Description = Description::gauge(
    "organization_removal_limit",
    "The most removals in 60 minutes; a percentage is counted of the repositories known",
    "How much may be removed without approval?",
)
.by(&["namespace", "name"]);

static HELD: Description = Description::gauge(
    "organization_removals_held",
    "Removals that wait for a person's approval",
    "Does somebody have to approve something?",
)
.by(&["namespace", "name"]);

static LICENSES: Description = Description::gauge(
    "organization_license_limit",
    "The most repositories with a licence (spec.licenses.limit); absent where there is no limit",
    "How many licences are left of the organization's share?",
)
.by(&["namespace", "name"]);

/// All of them.
pub(super) static ALL: &[&Description] = &[
    &REPOSITORIES,
    &UNPROTECTED,
    &DIFFERENCES,
    &TRUSTED,
    &LISTED,
    &INTERVAL,
    &REMOVED,
    &LIMIT,
    &HELD,
    &LICENSES,
];

/// The samples of one organization, with what was last seen of it by this process.
pub(super) fn samples(
    place: &Place,
    organization: &XoperoOrganization,
    look: Option<&Look>,
    now: Timestamp,
) -> Vec<Sample> {
    let own = || {
        let Place { namespace, name } = place.clone();
        [namespace.into(), name.into()]
    };
    let spec = &organization.spec;
    let mut samples = vec![Sample::new(
        &INTERVAL,
        own(),
        seconds(spec.resync_interval()),
    )];
    let licenses = spec.license_limit();
    samples.extend(licenses.map(|limit| Sample::new(&LICENSES, own(), count(limit))));
    if let Some(Look {
        listed_at,
        differences,
    }) = look
    {
        samples.extend(listed_at.map(|at| Sample::new(&LISTED, own(), moment(at))));
        for (Difference { action, held }, found) in differences {
            let [namespace, name] = own();
            let held = held.unwrap_or(NOT_HELD).into();
            let labels = [namespace, name, (*action).into(), held];
            samples.push(Sample::new(&DIFFERENCES, labels, number(*found)));
        }
    }
    let Some(XoperoOrganizationStatus {
        coverage,
        unprotected,
        inventory,
        removals,
        ..
    }) = &organization.status
    else {
        return samples;
    };
    if let Some(coverage) = coverage {
        let unprotected = unprotected.as_ref().map_or(0, |status| status.total);
        let known = u64::try_from(coverage.known).unwrap_or_default();
        let limit = i64::try_from(spec.removal_limit().of(known)).unwrap_or(i64::MAX);
        samples.extend(by_state(place, coverage));
        samples.extend([
            Sample::new(&UNPROTECTED, own(), count(unprotected)),
            Sample::new(&LIMIT, own(), count(limit)),
        ]);
    }
    let trusted = inventory.as_ref().map(|inventory| inventory.trusted);
    samples.extend(trusted.map(|trusted| Sample::new(&TRUSTED, own(), count(trusted.into()))));
    let (used, held) = removals
        .as_ref()
        .map_or((0, 0), |removals| used_and_held(removals, now));
    samples.extend([
        Sample::new(&REMOVED, own(), count(used)),
        Sample::new(&HELD, own(), count(held)),
    ]);
    samples
}

fn by_state(place: &Place, coverage: &Coverage) -> Vec<Sample> {
    // No `..`: what is counted is shown.
    let Coverage {
        known,
        licensed,
        in_a_plan,
        protected,
        unprotected,
        removed_upstream,
    } = *coverage;
    [
        ("known", known),
        ("licensed", licensed),
        ("in_a_plan", in_a_plan),
        ("protected", protected),
        ("unprotected", unprotected),
        ("removed_upstream", removed_upstream),
    ]
    .into_iter()
    .map(|(state, repositories)| {
        let Place { namespace, name } = place.clone();
        let labels = [namespace.into(), name.into(), state.into()];
        Sample::new(&REPOSITORIES, labels, count(repositories))
    })
    .collect()
}

/// A status is written when something changes; what left the hour since then counts no more.
fn used_and_held(removals: &RemovalsStatus, now: Timestamp) -> (i64, i64) {
    let recent = removals.in_the_last_hour.iter().filter(|record| {
        Duration::try_from(now.duration_since(record.at.0)).map_or(true, |age| age < HOUR)
    });
    (
        recent.map(|record| record.count).sum(),
        removals.held.iter().map(|held| held.count).sum(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use serde_json::{Value, json};

    use super::*;

    const NOW: &str = "2026-11-25T12:00:00Z";

    fn shown(spec: &Value, status: &Value, look: Option<&Look>) -> Vec<String> {
        let mut organization = json!({
            "apiVersion": "xopero.dev/v1alpha1",
            "kind": "XoperoOrganization",
            "metadata": {"name": "acme", "namespace": "backup"},
            "spec": {"connectionRef": {"name": "xopero"}, "name": "Acme", "provider": "GitHub"},
            "status": status,
        });
        for (key, value) in spec.as_object().unwrap() {
            organization["spec"][key] = value.clone();
        }
        let place = Place {
            namespace: "backup".to_owned(),
            name: "acme".to_owned(),
        };
        let organization = serde_json::from_value(organization).unwrap();
        samples(&place, &organization, look, NOW.parse().unwrap())
            .iter()
            .map(|sample| {
                sample
                    .to_string()
                    .replace("namespace=backup,name=acme", "acme")
            })
            .collect()
    }

    #[test]
    fn the_numbers_are_those_of_the_status() {
        let status = json!({
            "coverage": {
                "known": 200, "licensed": 6, "inAPlan": 5, "protected": 4, "unprotected": 3, "removedUpstream": 2,
            },
            "unprotected": {"total": 1, "names": ["api"]},
            "inventory": {"trusted": true},
            "removals": {
                "inTheLastHour": [
                    {"at": "2026-11-25T10:59:59Z", "count": 100},
                    {"at": "2026-11-25T11:30:00Z", "count": 3},
                    {"at": "2026-11-25T11:59:00Z", "count": 4},
                ],
                "approvalsUsed": 0,
                "held": [
                    {"resource": "a", "token": "12-a", "count": 12},
                    {"resource": "b", "token": "13-b", "count": 13},
                ],
            },
        });
        let spec = json!({"removalLimit": "5%", "licenses": {"limit": 50}, "resyncInterval": "2m"});
        let mut look = Look {
            listed_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(77)),
            ..Look::default()
        };
        let held = Some("RemovalHeld");
        for (action, held, found) in [("Attach", None, 8), ("Detach", held, 25)] {
            look.differences.insert(Difference { action, held }, found);
        }
        assert_eq!(
            shown(&spec, &status, Some(&look)),
            [
                "organization_resync_interval acme = 120",
                "organization_license_limit acme = 50",
                "organization_last_listing_timestamp acme = 77",
                "organization_differences acme,action=Attach,held=no = 8",
                "organization_differences acme,action=Detach,held=RemovalHeld = 25",
                "organization_repositories acme,state=known = 200",
                "organization_repositories acme,state=licensed = 6",
                "organization_repositories acme,state=in_a_plan = 5",
                "organization_repositories acme,state=protected = 4",
                "organization_repositories acme,state=unprotected = 3",
                "organization_repositories acme,state=removed_upstream = 2",
                "organization_unprotected_repositories acme = 1",
                "organization_removal_limit acme = 10",
                "organization_inventory_trusted acme = 1",
                "organization_removals_used acme = 7",
                "organization_removals_held acme = 25",
            ]
        );
    }

    #[test]
    fn before_the_first_listing_nothing_is_said_of_what_is_protected() {
        assert_eq!(
            shown(&json!({}), &json!({}), None),
            [
                "organization_resync_interval acme = 600",
                "organization_removals_used acme = 0",
                "organization_removals_held acme = 0",
            ]
        );
    }
}
