//! Item 4: listings that are not what they say, while something is due to be taken away.

use xopero_simulator::{
    Edit, Effect, Endpoint, Fault,
    builder::{organization, repository},
    faults::{Status, Times},
    state::Synchronization,
};

use super::{Item, Listed};
use crate::{
    oracles::outcomes,
    plan::Plan,
    scenario::{
        Scenario,
        listings::{FIRST, SPARE, again},
    },
};

/// The pages of each listing that has pages.
const PAGES: usize = 5;

/// The pages at which an organization is added again, or begins to synchronize: the first, one in the middle, the last.
const MIDWAY: [usize; 3] = [1, 3, 5];

/// What may be wrong with any page.
fn corruptions() -> Vec<Effect> {
    vec![
        Effect::PageEmpty,
        Effect::PageShort(1),
        Effect::PageRepeats,
        Effect::PageVanishes,
        Status::code(500).into(),
        Effect::Html,
        Effect::PageCount(1),
        Effect::PageCount(-1),
        Effect::TotalEntries(-1),
        Effect::RowRepeats,
        Effect::ForeignRow,
    ]
}

/// What may be wrong with the listing of plans, which has no pages.
fn corruptions_of_plans() -> Vec<Effect> {
    vec![
        Effect::PageEmpty,
        Effect::PageVanishes,
        Status::code(500).into(),
        Effect::Html,
        Effect::Truncated,
        Effect::RowRepeats,
        Effect::ForeignRow,
    ]
}

/// A world that changes before a page is read, with what puts it back.
fn changes(listing: Endpoint) -> [(Edit, Vec<Edit>); 2] {
    if listing == Endpoint::ListOrganizations {
        let name = |name: &str| name.to_owned();
        return [
            (
                Edit::RemoveOrganization {
                    organization: name(FIRST),
                },
                vec![Edit::AddOrganization {
                    organization: organization(FIRST),
                }],
            ),
            (
                Edit::AddOrganization {
                    organization: organization("!first"),
                },
                vec![Edit::RemoveOrganization {
                    organization: name("!first"),
                }],
            ),
        ];
    }
    let acme = || "acme".to_owned();
    let add = |name: &str| Edit::AddRepository {
        organization: acme(),
        repository: repository(name),
    };
    let remove = |name: &str| Edit::RemoveRepository {
        organization: acme(),
        repository: name.to_owned(),
    };
    // Removed from the system alone, it would still be known to the Git service.
    let forget = Edit::DeleteUpstream {
        organization: acme(),
        repository: "!first".to_owned(),
    };
    [
        (remove(SPARE), vec![add(SPARE)]),
        (add("!first"), vec![remove("!first"), forget]),
    ]
}

/// All corruptions of all pages.
pub(super) fn plans(scenario: &Scenario) -> Listed {
    let mut listed = Listed::default();
    match scenario.name {
        "S12" => {
            for listing in [Endpoint::ListOrganizations, Endpoint::ListRepositories] {
                for page in 1..=PAGES {
                    paged(&mut listed, scenario.name, (listing, page));
                }
            }
            let of_plans = corruptions_of_plans().into_iter();
            listed.plans.extend(
                of_plans
                    .map(|effect| lasting(scenario.name, Fault::on(Endpoint::ListPlans, effect))),
            );
            listed
                .plans
                .extend(MIDWAY.map(|page| synchronizing(scenario.name, page)));
        }
        "S13" => {
            listed.plans.extend(MIDWAY.map(|page| {
                let effect = Effect::from(again());
                let fault = Fault::on(Endpoint::ListRepositories, effect).page(page);
                Plan {
                    item: Item::ListingIntegrity.number(),
                    xopero: vec![fault],
                    helped: true,
                    ..Plan::reference(scenario.name)
                }
            }));
        }
        _ => {}
    }
    listed
}

fn paged(listed: &mut Listed, scenario: &str, (listing, page): (Endpoint, usize)) {
    for effect in corruptions() {
        let fault = Fault::on(listing, effect.clone()).page(page);
        if outcomes::spoils(&fault) {
            listed.plans.push(lasting(scenario, fault));
        } else {
            listed.unreached.push(format!(
                "{scenario}, {listing}, {effect:?} at page {page}: there is no page before it"
            ));
        }
    }
    for (change, back) in changes(listing) {
        listed.plans.push(Plan {
            item: Item::ListingIntegrity.number(),
            xopero: vec![Fault::on(listing, Effect::from(change)).page(page)],
            restores: back,
            helped: true,
            ..Plan::reference(scenario)
        });
    }
}

/// A fault that lasts until a status says that something is wrong.
fn lasting(scenario: &str, mut fault: Fault) -> Plan {
    fault.times = Times::UntilHealed;
    Plan {
        item: Item::ListingIntegrity.number(),
        said: outcomes::spoils(&fault),
        xopero: vec![fault],
        helped: true,
        ..Plan::reference(scenario)
    }
}

/// The organization begins to synchronize before a page is read, and does so until it is healed.
fn synchronizing(scenario: &str, page: usize) -> Plan {
    let acme = || "acme".to_owned();
    let until_released = Edit::SetSynchronization {
        synchronization: Synchronization::UntilReleased,
    };
    let begin = Edit::StartSynchronization {
        organization: acme(),
    };
    let effect = Effect::Edits(vec![until_released, begin]);
    let mut plan = lasting(
        scenario,
        Fault::on(Endpoint::ListRepositories, effect).page(page),
    );
    plan.restores = vec![
        Edit::ReleaseSynchronization {
            organization: acme(),
        },
        Edit::SetSynchronization {
            synchronization: Synchronization::default(),
        },
    ];
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;

    fn listed(name: &str) -> Listed {
        plans(&scenario::named(name).unwrap())
    }

    #[test]
    fn every_page_of_both_listings_meets_every_corruption() {
        let Listed { plans, unreached } = listed("S12");
        // 13 at 5 pages of 2 listings, but for the page that is its own; 7 of plans; 3 synchronizations.
        assert_eq!(plans.len(), 13 * PAGES * 2 - 2 + 7 + 3);
        assert_eq!(unreached.len(), 2);
        assert_eq!(listed("S13").plans.len(), 3);
        assert!(listed("S2").plans.is_empty());
    }

    #[test]
    fn a_plan_of_this_item_is_its_file() {
        for plan in listed("S12").plans {
            let text = plan.to_yaml().unwrap();
            assert_eq!(Plan::from_yaml(&text).unwrap(), plan, "{text}");
        }
    }
}
