//! What an answer that a fault has spoilt tells the operator: whether the call was carried out, and whether a listing is what it says.

use std::collections::BTreeSet;

use xopero_simulator::{Effect, Endpoint, Fault};

use crate::plan::Plan;

/// The numbers of the faults after which nobody can tell from the answer whether the call was carried out.
pub fn left_open(plan: &Plan, faults: &[u64]) -> BTreeSet<u64> {
    numbered(plan, faults, |fault| leaves_open(&fault.effect))
}

/// The numbers of the faults that spoil what a listing says.
pub fn spoilt(plan: &Plan, faults: &[u64]) -> BTreeSet<u64> {
    numbered(plan, faults, spoils)
}

fn numbered(plan: &Plan, faults: &[u64], concerns: impl Fn(&Fault) -> bool) -> BTreeSet<u64> {
    let all = faults.iter().zip(&plan.xopero);
    all.filter(|(_, fault)| concerns(fault))
        .map(|(number, _)| *number)
        .collect()
}

/// Whether the answer to a write leaves it open whether that was carried out. Statuses speak for themselves, and an answer that never
/// came is seen at the gate. An empty answer is a good one, for writes.
fn leaves_open(effect: &Effect) -> bool {
    match effect {
        Effect::Html
        | Effect::Truncated
        | Effect::WrongType(_)
        | Effect::NullResult
        | Effect::ResetInBody
        | Effect::Redirect(_) => true,
        Effect::Before
        | Effect::Lost
        | Effect::Late(_)
        | Effect::Twice
        | Effect::Status(_)
        | Effect::Empty
        | Effect::Slow(_)
        | Effect::SlowBefore(_)
        | Effect::Drip(_)
        | Effect::Edits(_)
        | Effect::PageRepeats
        | Effect::PageShort(_)
        | Effect::PageEmpty
        | Effect::PageVanishes
        | Effect::RowRepeats
        | Effect::ForeignRow
        | Effect::PageCount(_)
        | Effect::TotalEntries(_)
        | Effect::RowRemovedBefore
        | Effect::RowAddedBefore => false,
    }
}

/// Whether a listing in which this happens is not what it says. One that is slow is; one of a world that changed before its first page
/// was read is as well; and one that began to synchronize, or is of an organization that was just added again, is not to be trusted.
pub fn spoils(fault: &Fault) -> bool {
    match &fault.effect {
        Effect::Slow(_) | Effect::SlowBefore(_) | Effect::Drip(_) | Effect::Twice => false,
        Effect::Edits(_) | Effect::RowRemovedBefore | Effect::RowAddedBefore => {
            fault.page.is_some_and(|page| page > 1)
        }
        Effect::PageRepeats => fault.page != Some(1),
        // A plan that the organization does not name as its own is set aside, and the others are what they say.
        Effect::ForeignRow => fault.endpoint != Some(Endpoint::ListPlans),
        Effect::Before
        | Effect::Lost
        | Effect::Late(_)
        | Effect::Status(_)
        | Effect::Html
        | Effect::Empty
        | Effect::Truncated
        | Effect::WrongType(_)
        | Effect::NullResult
        | Effect::ResetInBody
        | Effect::Redirect(_)
        | Effect::PageShort(_)
        | Effect::PageEmpty
        | Effect::PageVanishes
        | Effect::RowRepeats
        | Effect::PageCount(_)
        | Effect::TotalEntries(_) => true,
    }
}

/// Whether the call has its effect although this happens.
pub fn is_applied(effect: &Effect) -> bool {
    match effect {
        Effect::Lost
        | Effect::Late(_)
        | Effect::Twice
        | Effect::Empty
        | Effect::Truncated
        | Effect::WrongType(_)
        | Effect::NullResult
        | Effect::Slow(_)
        | Effect::SlowBefore(_)
        | Effect::Drip(_)
        | Effect::ResetInBody
        | Effect::Edits(_)
        | Effect::PageRepeats
        | Effect::PageShort(_)
        | Effect::PageEmpty
        | Effect::PageVanishes
        | Effect::RowRepeats
        | Effect::ForeignRow
        | Effect::PageCount(_)
        | Effect::TotalEntries(_)
        | Effect::RowRemovedBefore
        | Effect::RowAddedBefore => true,
        Effect::Status(status) => status.applied,
        Effect::Before | Effect::Html | Effect::Redirect(_) => false,
    }
}

/// Whether a call is hindered by this at all.
pub fn hinders(endpoint: Endpoint, effect: &Effect) -> bool {
    match effect {
        Effect::Drip(_) | Effect::Twice => false,
        // An answer without a body is what writes have anyway, and so is an object with whatever fields.
        Effect::Empty | Effect::NullResult => !endpoint.is_write(),
        Effect::Before
        | Effect::Lost
        | Effect::Late(_)
        | Effect::Status(_)
        | Effect::Html
        | Effect::Truncated
        | Effect::WrongType(_)
        | Effect::ResetInBody
        | Effect::Redirect(_)
        | Effect::Slow(_)
        | Effect::SlowBefore(_)
        | Effect::Edits(_)
        | Effect::PageRepeats
        | Effect::PageShort(_)
        | Effect::PageEmpty
        | Effect::PageVanishes
        | Effect::RowRepeats
        | Effect::ForeignRow
        | Effect::PageCount(_)
        | Effect::TotalEntries(_)
        | Effect::RowRemovedBefore
        | Effect::RowAddedBefore => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use xopero_simulator::faults::Status;

    use super::*;

    #[test]
    fn faults_are_known_by_their_numbers() {
        let of = Endpoint::AttachRepository;
        let plan = Plan {
            xopero: vec![
                Fault::on(of, Effect::Empty),
                Fault::on(of, Effect::Html),
                Fault::on(of, Effect::WrongType(json!(7))),
            ],
            ..Plan::reference("S2")
        };
        assert_eq!(left_open(&plan, &[4, 5, 6]), BTreeSet::from([5, 6]));
    }

    #[test]
    fn an_answer_without_a_body_is_good_for_a_write_and_bad_for_a_listing() {
        assert!(!hinders(Endpoint::Remove, &Effect::Empty));
        assert!(hinders(Endpoint::ListPlans, &Effect::Empty));
        assert!(hinders(Endpoint::Login, &Effect::Empty));
        assert!(!leaves_open(&Effect::Empty));
    }

    #[test]
    fn a_change_before_the_first_page_spoils_nothing_and_one_midway_does() {
        let change = |page| {
            let edit = xopero_simulator::Edit::ReAddOrganization {
                organization: "acme".to_owned(),
            };
            spoils(&Fault::on(Endpoint::ListRepositories, Effect::from(edit)).page(page))
        };
        assert!(!change(1));
        assert!(change(2));
        let repeats = |page| spoils(&Fault::on_any(Effect::PageRepeats).page(page));
        assert!(!repeats(1), "it is itself");
        assert!(repeats(2));
        assert!(spoils(&Fault::on_any(Status::code(500))));
        assert!(!spoils(&Fault::on_any(Effect::Slow(
            std::time::Duration::ZERO
        ))));
    }

    #[test]
    fn what_is_answered_otherwise_is_not_carried_out_and_what_is_answered_badly_is() {
        assert!(!is_applied(&Effect::Html));
        assert!(!is_applied(&Status::code(500).into()));
        assert!(is_applied(&Status::code(500).applied().into()));
        assert!(is_applied(&Effect::Truncated));
    }
}
