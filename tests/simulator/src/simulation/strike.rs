//! What a fault makes of a call.

use serde_json::{Value, json};
use tracing::warn;

use super::{Arrived, Simulation};
use crate::{
    call::Call,
    dialect::{Dialect, Row},
    endpoint::Endpoint,
    endpoints,
    faults::{Effect, LateReply, Status},
    ids,
    names::Shape,
    reply::{Answer, Delivery, HTML, JSON, Listing, Pace, Reply},
    world::Repository,
};

impl Simulation {
    pub(super) fn strike(&mut self, arrived: &Arrived, call: &Call) -> Delivery {
        let number = arrived.number;
        let Some(effect) = &arrived.effect else {
            let reply = self.execute(number, call);
            return self.deliver(&reply);
        };
        match effect {
            Effect::Before => Delivery::Close,
            Effect::Lost => {
                self.execute(number, call);
                Delivery::Close
            }
            Effect::Late(late) => {
                self.postpone(arrived, call, late);
                match late.reply {
                    LateReply::None => Delivery::Close,
                    LateReply::Success => self.deliver(&Reply::done(&self.world.dialect, 0)),
                    LateReply::GatewayTimeout => {
                        Delivery::Answer(Answer::of_fault(&Status::code(504).html()))
                    }
                }
            }
            Effect::Twice => {
                self.execute(number, call);
                let reply = self.execute(number, call);
                self.deliver(&reply)
            }
            Effect::Status(status) => {
                if status.applied {
                    self.execute(number, call);
                }
                Delivery::Answer(Answer::of_fault(status))
            }
            Effect::Html => Delivery::Answer(Answer::new(200, "text/html", HTML)),
            Effect::Redirect(origin) => {
                let mut answer = Answer::new(307, JSON, "");
                let location = format!("{}{}", origin.trim_end_matches('/'), arrived.path);
                answer.headers.push(("location", location));
                Delivery::Answer(answer)
            }
            Effect::Edits(edits) => {
                for edit in edits.clone() {
                    if let Err(error) = self.edit(edit) {
                        warn!(%error, "A fault's edit could not be made");
                    }
                }
                let reply = self.execute(number, call);
                self.deliver(&reply)
            }
            Effect::Empty
            | Effect::Truncated
            | Effect::WrongType(_)
            | Effect::NullResult
            | Effect::Slow(_)
            | Effect::SlowBefore(_)
            | Effect::Drip(_)
            | Effect::ResetInBody => {
                let reply = self.execute(number, call);
                Delivery::Answer(mangled(effect, &reply, &self.world.dialect))
            }
            Effect::PageRepeats
            | Effect::PageShort(_)
            | Effect::PageEmpty
            | Effect::PageVanishes
            | Effect::RowRepeats
            | Effect::ForeignRow
            | Effect::PageCount(_)
            | Effect::TotalEntries(_)
            | Effect::RowRemovedBefore
            | Effect::RowAddedBefore => {
                let reply = self.listing(number, call, effect);
                self.deliver(&reply)
            }
        }
    }

    pub(super) fn deliver(&self, reply: &Reply) -> Delivery {
        Delivery::Answer(Answer::of(reply, &self.world.dialect))
    }

    /// A listing with something wrong about the page. An answer that is no listing is left as it is.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "strike has sorted the effects, without a wildcard"
    )]
    fn listing(&mut self, number: u64, call: &Call, effect: &Effect) -> Reply {
        if *effect == Effect::RowRemovedBefore {
            self.remove_first_row(call);
        }
        if *effect == Effect::RowAddedBefore {
            self.add_first_row(call, number);
        }
        let asked = call.number(&self.world.dialect, "page").ok().flatten();
        let asked = asked.unwrap_or(1).max(1);
        let mut call = call.clone();
        if *effect == Effect::PageRepeats {
            call.other_page = Some(asked.saturating_sub(1).max(1));
        }
        let mut reply = self.execute(number, &call);
        let foreign = if call.endpoint == Endpoint::ListPlans {
            endpoints::foreign_plan_row(&self.world)
        } else {
            endpoints::foreign_repository_row(&self.world)
        };
        let Some(listing) = reply.listing_mut() else {
            return reply;
        };
        match effect {
            Effect::PageVanishes => return Reply::refused(404, "there is no such page"),
            Effect::PageEmpty => listing.rows.clear(),
            Effect::PageShort(rows) => {
                let left = listing.rows.len().saturating_sub(*rows);
                listing.rows.truncate(left);
            }
            Effect::RowRepeats => listing.rows.extend(listing.rows.last().cloned()),
            Effect::ForeignRow => listing.rows.push(foreign),
            Effect::PageRepeats | Effect::PageCount(_) | Effect::TotalEntries(_) => {
                number_wrongly(listing, asked, effect);
            }
            _ => {}
        }
        reply
    }

    /// Takes away the first repository of the organization that a call lists.
    fn remove_first_row(&mut self, call: &Call) {
        let organization = call
            .id(&self.world.dialect, "organizationId")
            .ok()
            .flatten();
        let first = organization
            .and_then(|id| self.world.organization(id)?.repositories.first())
            .map(|place| place.id);
        if let Some(first) = first {
            self.world.forget(first);
        }
    }

    /// Adds a repository that sorts before every usual name.
    fn add_first_row(&mut self, call: &Call, number: u64) {
        let organization = call
            .id(&self.world.dialect, "organizationId")
            .ok()
            .flatten();
        let Some((id, name)) = organization
            .and_then(|id| self.world.organization(id))
            .map(|organization| (organization.id, organization.name.clone()))
        else {
            return;
        };
        let added = format!("!added-{number}");
        let repository = ids::repository(&name, None, &added);
        self.world.add_upstream(id, repository, added.clone(), None);
        self.world.know(
            repository,
            Repository {
                organization: id,
                name: added,
                project: None,
                licensed: false,
                removed: false,
                plans: std::collections::BTreeSet::new(),
            },
        );
    }
}

fn number_wrongly(listing: &mut Listing, asked: usize, effect: &Effect) {
    let Some(paging) = &mut listing.paging else {
        return;
    };
    paging.current_page = asked;
    if let Effect::PageCount(difference) = effect {
        paging.page_count += difference;
    }
    if let Effect::TotalEntries(difference) = effect {
        paging.total_entries += difference;
    }
}

/// An answer to a call that was applied, which arrives damaged or late.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "strike has sorted the effects, without a wildcard"
)]
fn mangled(effect: &Effect, reply: &Reply, dialect: &Dialect) -> Answer {
    let mut answer = Answer::of(reply, dialect);
    match effect {
        Effect::Empty => answer.body.clear(),
        // The half of a body without a byte would be the whole of it.
        Effect::Truncated if answer.body.is_empty() => answer.body = "{".into(),
        Effect::Truncated => answer.body.truncate(answer.body.len() / 2),
        Effect::WrongType(value) => answer.body = value.to_string().into(),
        Effect::NullResult => {
            answer.body = Row::new(dialect, Shape::Page)
                .put("result", Value::Null)
                .done()
                .to_string()
                .into();
        }
        Effect::Slow(delay) => answer.delay = *delay,
        Effect::Drip(each) => answer.pace = Pace::Drip(*each),
        Effect::ResetInBody => {
            answer.pace = Pace::Reset;
            if answer.body.is_empty() {
                answer.body = json!({}).to_string().into();
            }
        }
        _ => {}
    }
    answer
}
