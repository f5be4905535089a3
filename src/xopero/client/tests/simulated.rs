//! Listings that the simulator corrupts or that change while they are read: each is an error or the whole truth, and the same client
//! recovers.

use futures::future::join_all;
use rstest::rstest;
use xopero_simulator::{
    Dialect, Edit, Effect, Endpoint as At, Fault, Simulator,
    builder::{organization, repository, state, user},
    faults::Status,
};

use super::*;
use crate::xopero::OrganizationId;

/// Rows that a page holds, and pages that a listing has. Two rows may go, and it still has as many pages.
const ROWS: usize = 3;
const PAGES: usize = 5;

/// What the listing is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Plans,
    Repositories,
}

impl Of {
    fn endpoint(self) -> At {
        match self {
            Self::Plans => At::ListPlans,
            Self::Repositories => At::ListRepositories,
        }
    }

    /// The names listed, in order.
    async fn list(
        self,
        client: &Client,
        organization: OrganizationId,
    ) -> Result<Vec<String>, Error> {
        let mut names: Vec<String> = match self {
            Self::Plans => client
                .plans(organization)
                .await?
                .rows
                .into_iter()
                .map(|row| row.name)
                .collect(),
            Self::Repositories => {
                let listing = client.repositories(organization).await?;
                listing.rows.into_iter().map(|row| row.name).collect()
            }
        };
        names.sort_unstable();
        Ok(names)
    }

    /// The names there are, in order.
    fn truth(self, simulator: &Simulator) -> Vec<String> {
        let mut names: Vec<String> = match self {
            Self::Plans => vec!["nightly".to_owned(), "weekly".to_owned()],
            Self::Repositories => {
                let repositories = simulator.repositories("o01").unwrap();
                repositories.into_iter().map(|row| row.name).collect()
            }
        };
        names.sort_unstable();
        names
    }
}

fn world() -> Simulator {
    let mut world = state().user(user(EMAIL, PASSWORD)).dialect(Dialect {
        page_size_cap: Some(ROWS),
        ..Dialect::default()
    });
    for number in 1..=ROWS * PAGES {
        let mut one = organization(&format!("o{number:02}"));
        if number == 1 {
            one = one.plan("nightly").plan("weekly");
            for row in 1..=ROWS * PAGES {
                one = one.with(
                    repository(&format!("r{row:02}"))
                        .licensed()
                        .in_plan("nightly"),
                );
            }
        }
        world = world.with(one);
    }
    Simulator::start(world).unwrap()
}

/// What a cell ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// An error: nothing is believed.
    Voided,
    /// All that is there, and nothing else.
    Whole,
}

async fn cell(of: Of, page: Option<usize>, effect: Effect) -> End {
    let simulator = world();
    let client = Client::new(settings(&simulator.url()), credentials(), surroundings()).unwrap();
    let organization =
        OrganizationId::parse(&simulator.organization_id("o01").unwrap().to_string()).unwrap();
    let mut fault = Fault::on(of.endpoint(), effect.clone()).until_healed();
    fault.page = page;
    let fault = simulator.inject(fault);
    let end = match of.list(&client, organization).await {
        Ok(names) => {
            assert_eq!(names, of.truth(&simulator), "{of:?} {page:?} {effect:?}");
            End::Whole
        }
        Err(error) => {
            assert!(!error.to_string().contains(PASSWORD));
            assert!(!error.to_string().is_empty());
            End::Voided
        }
    };
    assert!(
        simulator.firings(fault) > 0,
        "{of:?} {page:?} {effect:?} did not happen"
    );
    simulator.heal_all();
    let healed = of.list(&client, organization).await;
    assert_eq!(
        healed.unwrap(),
        of.truth(&simulator),
        "{of:?} {page:?} {effect:?}, healed"
    );
    end
}

/// A change before the first page is read is no corruption: what is listed then is what there is.
#[rstest]
#[case::inserted(Effect::RowAddedBefore)]
#[case::removed(Effect::RowRemovedBefore)]
#[tokio::test]
async fn rows_that_come_or_go_between_pages_void_the_listing(#[case] effect: Effect) {
    let cells = (1..=PAGES).map(|page| cell(Of::Repositories, Some(page), effect.clone()));
    let mut expected = vec![End::Voided; PAGES];
    expected[0] = End::Whole;
    assert_eq!(join_all(cells).await, expected);
}

#[tokio::test]
async fn a_plan_listing_that_is_none_is_an_error() {
    let effects: [Effect; 7] = [
        Effect::Empty,
        Effect::Truncated,
        Effect::WrongType(7.into()),
        Effect::Html,
        Status::code(404).into(),
        Status::code(500).into(),
        Effect::Redirect("http://127.0.0.1:9".to_owned()),
    ];
    let cells = effects
        .into_iter()
        .map(|effect| cell(Of::Plans, None, effect));
    assert_eq!(join_all(cells).await, [End::Voided; 7]);
}

/// A synchronization that begins between two pages shows in the organization, which is read after its rows.
#[tokio::test]
async fn a_synchronization_that_begins_midway_shows_afterwards() {
    for page in [1, 3, PAGES] {
        let simulator = world();
        simulator
            .set_synchronization(xopero_simulator::state::Synchronization::UntilReleased)
            .unwrap();
        let client =
            Client::new(settings(&simulator.url()), credentials(), surroundings()).unwrap();
        let id =
            OrganizationId::parse(&simulator.organization_id("o01").unwrap().to_string()).unwrap();
        let begin = Effect::from(Edit::StartSynchronization {
            organization: "o01".into(),
        });
        let fault = simulator.inject(Fault::on(At::ListRepositories, begin).page(page));
        client.repositories(id).await.unwrap();
        assert_eq!(simulator.firings(fault), 1, "page {page}");
        let organizations = client.organizations().await.unwrap();
        let one = organizations
            .rows
            .into_iter()
            .find(|row| row.id == id)
            .unwrap();
        assert_eq!(one.synchronizing, Some(true), "page {page}");
    }
}
