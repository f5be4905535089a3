//! Puts the pages of a listing together, or says why they are not one listing. Pure.
//!
//! Paging by number skips rows when rows vanish between two pages. A listing counts as whole when every page announced
//! the same number of rows, exactly as many different ids came, and no further page is announced, or it came and is empty.
//! So one of `totalEntries` and `pageCount` may be wrong, and no row is missed. What this cannot see: a row that vanishes from an
//! earlier page while another one appears on a later page, both between the same two requests; then the row at the edge
//! of the pages is skipped. Only reading everything twice would show it. Promise 2 asks for two listings in a row before
//! anything is removed, so such a gap costs one resync and nothing else.
//!
//! Where a server does not say how many rows there are, nothing proves that all came. They are read to the last page that is
//! announced, or to an empty one, and what came is called uncounted: it is used, and never for a conclusion from what is missing.
//! No rows at all are proved by no pages (`pageCount` 0) as well; a server may leave out what is 0.
//! Where it says a wrong number, and the same one whenever it is asked, it says no more than such a server: see [`Readings`].

mod readings;

use std::{collections::BTreeSet, mem};

pub(super) use readings::{Judged, Miscounted, Reading, Readings};

use super::{
    errors::{AnswerDefect, Inconsistency},
    ids::{OrganizationId, PlanId, RepositoryId},
    model::{Listed, Organization, Plan, Repository},
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

/// What the single page of an answer that announces no number of rows is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unannounced {
    /// All there is: this listing is not known to have pages.
    IsWhole,
    /// Perhaps not all: how many rows there are is documented, and nothing else proves that all came.
    IsUncounted,
}

/// What to do after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step<Row> {
    /// Ask for this page.
    Next(u32),
    /// There are no more.
    Ended(Listed<Row>),
    /// There are no more, and they are not as many as each page announced.
    Miscounted(Miscounted<Row>),
}

/// Why pages are no listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// They do not fit together: worth reading again.
    Inconsistent(Inconsistency),
    /// They are not what this API answers.
    NotUnderstood(AnswerDefect),
}

/// What a page says of the whole listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Announced {
    rows: Option<usize>,
    pages: Option<i64>,
}

/// The pages of one reading so far.
#[derive(Debug)]
pub(super) struct Assembler<R: Row> {
    unannounced: Unannounced,
    /// The page asked for, from 1.
    page: u32,
    /// What the first page announced.
    announced: Option<Announced>,
    /// The last page had no rows.
    nothing_more: bool,
    /// It shows no number, and so not even that it is a page.
    shows_no_number: bool,
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
            nothing_more: false,
            shows_no_number: false,
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
            // Some answer with the last page instead of one that is behind it.
            if self
                .pages()
                .is_some_and(|pages| pages < i64::from(self.page))
            {
                return self.miscounted(Inconsistency::RowsMissing);
            }
            return Err(Trouble::Inconsistent(Inconsistency::OtherPage));
        }
        self.nothing_more = rows.is_empty();
        self.shows_no_number = [number, count, total] == [None; 3];
        for row in rows {
            if !self.ids.insert(row.id()) {
                return Err(Trouble::Inconsistent(Inconsistency::RowTwice));
            }
            self.rows.push(row);
        }
        let pages = count;
        let total = total.map(rows_announced).transpose()?;
        let first = *self
            .announced
            .get_or_insert(Announced { rows: total, pages });
        if first.rows != total {
            return Err(Trouble::Inconsistent(Inconsistency::TotalChanged));
        }
        if first.pages != pages {
            return Err(Trouble::Inconsistent(Inconsistency::PageCountChanged));
        }
        match total {
            Some(total) => self.counted(total, pages),
            None => self.uncounted(pages),
        }
    }

    /// The page that was asked for is not there.
    pub(super) fn page_is_gone(&mut self) -> Result<Step<R>, Trouble> {
        match self.announced {
            // Where nothing announces the last page, this is one of the ways to say that it was read.
            Some(Announced {
                rows: None,
                pages: None,
            }) => Ok(self.perhaps_whole()),
            // Nothing but the number of rows made believe that there is such a page.
            Some(Announced {
                rows: Some(total),
                pages,
            }) if pages.is_none_or(|pages| pages < i64::from(self.page)) => {
                self.miscounted(if self.ids.len() > total {
                    Inconsistency::RowsTooMany
                } else {
                    Inconsistency::RowsMissing
                })
            }
            _ => Err(Trouble::Inconsistent(Inconsistency::PageGone)),
        }
    }

    /// `pageCount`, as the first page announced it.
    fn pages(&self) -> Option<i64> {
        self.announced.and_then(|announced| announced.pages)
    }

    fn counted(&mut self, total: usize, pages: Option<i64>) -> Result<Step<R>, Trouble> {
        if self.ids.len() > total {
            return self.beyond_total(pages);
        }
        // `pageCount` alone does not end the reading: a server that caps the page may still compute it from the limit asked.
        // Nor does `totalEntries`, which may count the rows of this page: a page that is announced is read.
        let page_announced = pages.is_some_and(|pages| pages > i64::from(self.page));
        let page_asked_for_in_vain = self.nothing_more && self.page > 1;
        if self.ids.len() == total && (page_asked_for_in_vain || !page_announced) {
            return Ok(self.whole());
        }
        if self.nothing_more && self.ids.len() < total {
            return self.miscounted(Inconsistency::RowsMissing);
        }
        Ok(self.next())
    }

    /// The number of rows is wrong. The rest is read all the same, as if it had not been said: only whole readings can be compared.
    fn beyond_total(&mut self, pages: Option<i64>) -> Result<Step<R>, Trouble> {
        if self.ids.len() > MOST_ROWS {
            return Err(Trouble::NotUnderstood(AnswerDefect::TooManyRows));
        }
        let is_last = match (pages, self.unannounced) {
            (Some(pages), _) => pages <= i64::from(self.page),
            (None, Unannounced::IsWhole) => self.page == 1,
            (None, Unannounced::IsUncounted) => false,
        };
        if is_last || self.nothing_more {
            self.miscounted(Inconsistency::RowsTooMany)
        } else {
            Ok(self.next())
        }
    }

    fn uncounted(&mut self, pages: Option<i64>) -> Result<Step<R>, Trouble> {
        if self.ids.len() > MOST_ROWS {
            return Err(Trouble::NotUnderstood(AnswerDefect::TooManyRows));
        }
        let is_single = self.page == 1 && pages.is_none_or(|pages| pages <= 1);
        let is_last = pages.is_some_and(|pages| pages <= i64::from(self.page));
        match self.unannounced {
            Unannounced::IsWhole if is_single => Ok(self.whole()),
            Unannounced::IsWhole | Unannounced::IsUncounted
                if self.ids.is_empty() && self.nothing_more =>
            {
                self.no_rows(pages)
            }
            Unannounced::IsWhole | Unannounced::IsUncounted if self.nothing_more || is_last => {
                Ok(self.perhaps_whole())
            }
            Unannounced::IsWhole | Unannounced::IsUncounted => Ok(self.next()),
        }
    }

    /// No row, and no number of them: some servers leave out every number that is 0.
    fn no_rows(&mut self, pages: Option<i64>) -> Result<Step<R>, Trouble> {
        match pages {
            // Neither rows nor any number: that is no answer to the question.
            None if self.shows_no_number => {
                Err(Trouble::NotUnderstood(AnswerDefect::FieldMissing {
                    key: PAGE_TOTAL.key,
                }))
            }
            Some(0) => Ok(self.whole()),
            Some(pages) if pages > 1 => Err(Trouble::Inconsistent(Inconsistency::RowsMissing)),
            Some(_) | None => Ok(self.perhaps_whole()),
        }
    }

    fn whole(&mut self) -> Step<R> {
        let rows = mem::take(&mut self.rows);
        let counted = true;
        Step::Ended(Listed { rows, counted })
    }

    fn perhaps_whole(&mut self) -> Step<R> {
        let rows = mem::take(&mut self.rows);
        let counted = false;
        Step::Ended(Listed { rows, counted })
    }

    fn miscounted(&mut self, inconsistency: Inconsistency) -> Result<Step<R>, Trouble> {
        match self.announced {
            // No rows where some are announced are no listing, however often that is said.
            Some(announced) if !self.rows.is_empty() => Ok(Step::Miscounted(Miscounted::new(
                inconsistency,
                announced,
                mem::take(&mut self.rows),
            ))),
            Some(_) | None => Err(Trouble::Inconsistent(inconsistency)),
        }
    }

    fn next(&mut self) -> Step<R> {
        self.page += 1;
        Step::Next(self.page)
    }
}

/// `totalEntries`, if it can be.
fn rows_announced(total: i64) -> Result<usize, Trouble> {
    usize::try_from(total)
        .ok()
        .filter(|total| *total <= MOST_ROWS)
        .ok_or(Trouble::NotUnderstood(AnswerDefect::TooManyRows))
}

#[cfg(test)]
mod tests;
