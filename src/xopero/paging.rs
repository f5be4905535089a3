//! Puts the pages of a listing together, or says why they are not one listing. Pure.
//!
//! Paging by number skips rows when rows vanish between two pages. A listing counts as whole when every page announced
//! the same number of rows, exactly as many different ids came, and no further page is announced, or it came and is empty.
//! So one of `totalEntries` and `pageCount` may be wrong, and no row is missed. What this cannot see: a row that vanishes from an
//! earlier page while another one appears on a later page, both between the same two requests; then the row at the edge
//! of the pages is skipped. Only reading everything twice would show it. Promise 2 asks for two listings in a row before
//! anything is removed, so such a gap costs one resync and nothing else.

use std::{collections::BTreeSet, mem};

use super::{
    errors::{AnswerDefect, Inconsistency},
    ids::{OrganizationId, PlanId, RepositoryId},
    model::{Organization, Plan, Repository},
    wire::PAGE_TOTAL,
};

/// The most rows that a listing may have: a hundred times what one organization is expected to have. Without a bound a
/// broken server could fill the memory.
const MOST_ROWS: usize = 1_000_000;

/// One page, as it came. The server's numbers are absent where it does not show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page<Row> {
    pub(super) rows: Vec<Row>,
    /// `currentPage`, from 1.
    pub(super) number: Option<i64>,
    /// `pageCount`.
    pub(super) count: Option<i64>,
    /// `totalEntries`.
    pub(super) total: Option<i64>,
}

/// A row that is told from others by an id.
pub(super) trait Row {
    type Id: Copy + Ord;

    fn id(&self) -> Self::Id;
}

impl Row for Organization {
    type Id = OrganizationId;

    fn id(&self) -> OrganizationId {
        self.id
    }
}

impl Row for Plan {
    type Id = PlanId;

    fn id(&self) -> PlanId {
        self.id
    }
}

impl Row for Repository {
    type Id = RepositoryId;

    fn id(&self) -> RepositoryId {
        self.id
    }
}

/// Whether an answer that announces no number of rows may be a whole listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unannounced {
    /// It may: this listing is not known to have pages.
    IsWhole,
    /// It may not: how many rows there are is documented, and nothing else proves that all came.
    IsNot,
}

/// What to do after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<Row> {
    /// Ask for this page.
    Next(u32),
    /// All rows came.
    Whole(Vec<Row>),
}

/// Why pages are no listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// They do not fit together: worth reading again.
    Inconsistent(Inconsistency),
    /// They are not what this API answers.
    NotUnderstood(AnswerDefect),
}

/// The pages of one reading so far.
#[derive(Debug)]
pub(super) struct Assembler<R: Row> {
    unannounced: Unannounced,
    /// The page asked for, from 1.
    page: u32,
    /// What the first page announced.
    announced: Option<(usize, Option<i64>)>,
    ids: BTreeSet<R::Id>,
    rows: Vec<R>,
}

impl<R: Row> Assembler<R> {
    /// Nothing read yet: the first page is 1.
    pub(super) fn new(unannounced: Unannounced) -> Self {
        Self {
            unannounced,
            page: 1,
            announced: None,
            ids: BTreeSet::new(),
            rows: Vec::new(),
        }
    }

    /// Takes the page that was asked for.
    pub(super) fn take(&mut self, page: Page<R>) -> Result<Step<R>, Trouble> {
        let Page {
            rows,
            number,
            count,
            total,
        } = page;
        if number.is_some_and(|number| number != i64::from(self.page)) && !rows.is_empty() {
            return Err(Trouble::Inconsistent(Inconsistency::OtherPage));
        }
        let nothing_more = rows.is_empty();
        for row in rows {
            if !self.ids.insert(row.id()) {
                return Err(Trouble::Inconsistent(Inconsistency::RowTwice));
            }
            self.rows.push(row);
        }
        let Some(total) = total else {
            return self.unannounced(count);
        };
        let total = usize::try_from(total)
            .ok()
            .filter(|total| *total <= MOST_ROWS);
        let total = total.ok_or(Trouble::NotUnderstood(AnswerDefect::TooManyRows))?;
        let (first_total, first_count) = *self.announced.get_or_insert((total, count));
        if first_total != total {
            return Err(Trouble::Inconsistent(Inconsistency::TotalChanged));
        }
        if first_count != count {
            return Err(Trouble::Inconsistent(Inconsistency::PageCountChanged));
        }
        if self.ids.len() > total {
            return Err(Trouble::Inconsistent(Inconsistency::RowsTooMany));
        }
        // `pageCount` alone does not end the reading: a server that caps the page may still compute it from the limit asked.
        // Nor does `totalEntries`, which may count the rows of this page: a page that is announced is read.
        let page_announced = count.is_some_and(|count| count > i64::from(self.page));
        let page_asked_for_in_vain = nothing_more && self.page > 1;
        if self.ids.len() == total && (page_asked_for_in_vain || !page_announced) {
            return Ok(Step::Whole(mem::take(&mut self.rows)));
        }
        if nothing_more && self.ids.len() < total {
            return Err(Trouble::Inconsistent(Inconsistency::RowsMissing));
        }
        self.page += 1;
        Ok(Step::Next(self.page))
    }

    /// A page without a number of rows.
    fn unannounced(&mut self, count: Option<i64>) -> Result<Step<R>, Trouble> {
        let single = self.page == 1 && count.is_none_or(|count| count <= 1);
        match self.unannounced {
            _ if self.announced.is_some() => {
                Err(Trouble::Inconsistent(Inconsistency::TotalChanged))
            }
            Unannounced::IsWhole if single => Ok(Step::Whole(mem::take(&mut self.rows))),
            Unannounced::IsWhole | Unannounced::IsNot => {
                Err(Trouble::NotUnderstood(AnswerDefect::FieldMissing {
                    key: PAGE_TOTAL.key,
                }))
            }
        }
    }
}

#[cfg(test)]
mod tests;
