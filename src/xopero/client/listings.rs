//! The listings. A page is asked for again when the server is in trouble, a listing when its pages do not fit together.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use futures::{StreamExt as _, stream::FuturesOrdered};

use super::{Client, Denial};
use crate::xopero::{
    errors::{AnswerDefect, Error, Inconsistency},
    ids::OrganizationId,
    model::{Facts, Listed, Organization, Plan, Repository, RepositoryListing, ScopeProbe},
    paging::{Assembler, Judged, Page, Reading, Readings, Row, Step, Trouble, Unannounced},
    wire::{self, Body, Endpoint, Requests, WireNames},
};

/// Rows asked for at once; a server may send fewer.
const PAGE_SIZE: u32 = 100;

/// Pages asked for at once, as soon as the first one tells how many there are: a listing of a hundred pages would otherwise
/// take a hundred times as long as an answer. The connection's limits hold all the same.
const PAGES_AT_ONCE: usize = 8;

/// Repetitions of a request for a page. The whole listing is tried again at the next resync anyway.
const REPETITIONS: usize = 2;

/// The wait before the first repetition; it doubles, with a jitter.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// What to ask for.
#[derive(Clone, Copy)]
struct Place {
    /// From 1.
    page: u32,
    /// How many rows the first page had; 0 before it came.
    first_page_rows: u32,
}

/// One kind of listing.
struct Listing<'call, R: Row> {
    endpoint: Endpoint,
    unannounced: Unannounced,
    /// What a refusal is about.
    denial: Denial,
    request: &'call (dyn Fn(Requests<'_>, Place) -> Body + Sync),
    decode: fn(&[u8], &WireNames) -> Result<Page<R>, AnswerDefect>,
    /// What has to hold of every row.
    check: &'call (dyn Fn(&R) -> Result<(), Error> + Sync),
}

impl Client {
    /// All organizations that the account sees.
    ///
    /// # Errors
    /// When the listing is not whole.
    pub async fn organizations(&self) -> Result<Listed<Organization>, Error> {
        let listing = Listing {
            endpoint: Endpoint::Organizations,
            unannounced: Unannounced::IsUncounted,
            denial: Denial::Call,
            request: &|requests, place| requests.organizations(PAGE_SIZE, place.page),
            decode: wire::organization_page,
            check: &|_| Ok(()),
        };
        self.list(&listing).await
    }

    /// The plans of an organization. Whether they are its own must be proved by [`Organization::plans`].
    ///
    /// # Errors
    /// When the listing is not whole.
    pub async fn plans(&self, organization: OrganizationId) -> Result<Listed<Plan>, Error> {
        let listing = Listing {
            endpoint: Endpoint::Plans,
            unannounced: Unannounced::IsWhole,
            denial: Denial::Organization(organization),
            // The server chose how many rows the first page has, and the next ones must fit to it.
            request: &|requests, place| {
                let page = (place.page > 1).then_some((place.first_page_rows, place.page));
                requests.plans(organization, page)
            },
            decode: wire::plan_page,
            check: &|_| Ok(()),
        };
        self.list(&listing).await
    }

    /// The repositories of an organization: each once, and none that names another organization.
    ///
    /// # Errors
    /// When the listing is not whole, or a row is another organization's.
    pub async fn repositories(
        &self,
        organization: OrganizationId,
    ) -> Result<RepositoryListing, Error> {
        let listing = Listing {
            endpoint: Endpoint::Repositories,
            unannounced: Unannounced::IsUncounted,
            denial: Denial::Organization(organization),
            request: &|requests, place| requests.repositories(organization, PAGE_SIZE, place.page),
            decode: wire::repository_page,
            check: &|row: &Repository| match row.organization {
                Some(other) if other != organization => Err(self.not_scoped()),
                Some(_) | None => Ok(()),
            },
        };
        let Listed { rows, counted } = self.list(&listing).await?;
        // Names that never show are a name that we do not know; taken for empty, no pattern would match anything.
        if !rows.is_empty() && rows.iter().all(|row| row.name.is_empty()) {
            let defect = AnswerDefect::FieldMissing {
                key: wire::REPOSITORY_NAME.key,
            };
            return Err(Error::NotUnderstood {
                endpoint: Endpoint::Repositories,
                defect,
            });
        }
        let facts = Facts::of(&rows);
        Ok(RepositoryListing {
            rows,
            counted,
            facts,
        })
    }

    /// Asks for the repositories of an organization that does not exist. Where rows do not say whose they are, this
    /// tells whether the server looks at the organization at all. `listed` is an organization that was listed a moment ago.
    ///
    /// # Errors
    /// When the server did not give an answer of its own: then nothing is proved.
    pub async fn repositories_of_nobody(
        &self,
        listed: OrganizationId,
    ) -> Result<ScopeProbe, Error> {
        match self.probe_scope().await {
            Err(error) if error.is_failure_of_server() => {}
            answered => return answered,
        }
        // It may fail because there is no such organization, or because it fails at the moment. It is the former if it
        // answers about an organization that there is, and then fails again.
        self.first_repository(listed).await?;
        match self.probe_scope().await {
            Err(error) if error.is_failure_of_server() => Ok(ScopeProbe::Scoped),
            answered => answered,
        }
    }

    async fn first_repository(
        &self,
        organization: OrganizationId,
    ) -> Result<Page<Repository>, Error> {
        let endpoint = Endpoint::Repositories;
        let body = self.requests().repositories(organization, 1, 1);
        let denial = Denial::Organization(organization);
        let body = self.read(endpoint, &body, denial).await?;
        let page = wire::repository_page(&body, &self.inner.names);
        page.map_err(|defect| Error::NotUnderstood { endpoint, defect })
    }

    async fn probe_scope(&self) -> Result<ScopeProbe, Error> {
        let endpoint = Endpoint::Repositories;
        let body = self
            .requests()
            .repositories(OrganizationId::of_nobody(), 1, 1);
        match self.read(endpoint, &body, Denial::Request).await {
            // That there is no such organization may be said in many ways, but a 401 is about the token.
            Err(error) if error.refusal().is_some_and(|status| status != 401) => {
                Ok(ScopeProbe::Scoped)
            }
            Err(error) => Err(error),
            Ok(body) => {
                let page = wire::repository_page(&body, &self.inner.names);
                let page = page.map_err(|defect| Error::NotUnderstood { endpoint, defect })?;
                if !page.rows.is_empty() {
                    return Ok(ScopeProbe::NotScoped);
                }
                if page.total.is_some_and(|total| total > 0) {
                    let inconsistency = Inconsistency::RowsMissing;
                    return Err(Error::Inconsistent {
                        endpoint,
                        inconsistency,
                    });
                }
                Ok(ScopeProbe::Scoped)
            }
        }
    }

    /// A row of another organization, with what to do about it.
    fn not_scoped(&self) -> Error {
        let field = &wire::REPOSITORIES_ORGANIZATION;
        Error::ListingNotScoped {
            endpoint: Endpoint::Repositories,
            key: field.key,
            wire_name: self.inner.names.name(field).to_owned(),
        }
    }

    async fn list<R: Row>(&self, listing: &Listing<'_, R>) -> Result<Listed<R>, Error> {
        let endpoint = listing.endpoint;
        let mut readings = Readings::new();
        loop {
            match readings.take(self.read_pages(listing).await?) {
                Judged::Listed(listed) => return Ok(listed),
                Judged::Again(inconsistency) => {
                    tracing::debug!(endpoint = endpoint.as_str(), %inconsistency, "A listing is read again");
                }
                Judged::Inconsistent(inconsistency) => {
                    return Err(Error::Inconsistent {
                        endpoint,
                        inconsistency,
                    });
                }
            }
        }
    }

    /// One reading.
    async fn read_pages<R: Row>(&self, listing: &Listing<'_, R>) -> Result<Reading<R>, Error> {
        let first = Place {
            page: 1,
            first_page_rows: 0,
        };
        let Some(page) = self.page(listing, first).await? else {
            return Ok(Reading::Torn(Inconsistency::PageGone));
        };
        let first_page_rows = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let place = |page| Place {
            page,
            first_page_rows,
        };
        let announced = pages(page.total, page.rows.len());
        let mut asked = 1;
        let mut ahead = FuturesOrdered::new();
        let mut assembler = Assembler::new(listing.unannounced);
        let mut step = assembler.take(page);
        loop {
            let next = match step {
                Ok(Step::Next(next)) => next,
                Ok(Step::Ended(listed)) => return Ok(Reading::Listed(listed)),
                Ok(Step::Miscounted(read)) => return Ok(Reading::Miscounted(read)),
                Err(Trouble::Inconsistent(inconsistency)) => {
                    return Ok(Reading::Torn(inconsistency));
                }
                Err(Trouble::NotUnderstood(defect)) => {
                    let endpoint = listing.endpoint;
                    return Err(Error::NotUnderstood { endpoint, defect });
                }
            };
            while asked < announced && ahead.len() < PAGES_AT_ONCE {
                asked += 1;
                ahead.push_back(self.page(listing, place(asked)));
            }
            let read = match ahead.next().await {
                Some(read) => read,
                // More pages than the first one made believe.
                None => self.page(listing, place(next)).await,
            };
            step = match read? {
                Some(page) => assembler.take(page),
                None => assembler.page_is_gone(),
            };
        }
    }

    /// One page, with its rows checked; none where a page after the first is not there.
    async fn page<R: Row>(
        &self,
        listing: &Listing<'_, R>,
        place: Place,
    ) -> Result<Option<Page<R>>, Error> {
        let endpoint = listing.endpoint;
        let request = (listing.request)(self.requests(), place);
        let body = match self.read(endpoint, &request, listing.denial).await {
            Err(error) if place.page > 1 && error.is_not_found() => {
                return Ok(None);
            }
            result => result?,
        };
        let page = (listing.decode)(&body, &self.inner.names);
        let page = page.map_err(|defect| Error::NotUnderstood { endpoint, defect })?;
        page.rows.iter().try_for_each(listing.check)?;
        Ok(Some(page))
    }

    /// One page, asked for a few times when the server is in trouble.
    async fn read(
        &self,
        endpoint: Endpoint,
        body: &Body,
        denial: Denial,
    ) -> Result<Vec<u8>, Error> {
        let waits = ExponentialBuilder::default()
            .with_min_delay(FIRST_WAIT)
            .with_max_times(REPETITIONS)
            .with_jitter();
        (|| self.call(endpoint, body, denial, None))
            .retry(waits)
            .when(Error::is_passing)
            .await
    }
}

/// How many pages there are, if all are like the first. A number that makes no sense is the assembler's to refuse.
fn pages(total: Option<i64>, rows: usize) -> u32 {
    let total = total.and_then(|total| usize::try_from(total).ok());
    match (total, rows) {
        (None, _) | (_, 0) => 1,
        (Some(total), rows) => u32::try_from(total.div_ceil(rows)).unwrap_or(u32::MAX),
    }
}
