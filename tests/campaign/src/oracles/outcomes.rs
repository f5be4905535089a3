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

/// What a fault does to a call, as far as the oracles tell faults apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Harm {
    /// It does not arrive.
    Stopped,
    /// It arrives, and its answer does not, or late.
    Unanswered,
    /// It is answered with a status, which speaks for itself.
    Refused {
        /// It is carried out nevertheless.
        applied: bool,
    },
    /// Something else answers in the place of Xopero ONE.
    Intercepted,
    /// It is carried out, and its answer cannot be understood.
    Garbled,
    /// It is carried out, and its answer says nothing, as the answers to writes do anyway.
    Bare,
    /// It takes long.
    Delayed,
    /// None: the answer comes in pieces, or the call is carried out twice.
    None,
    /// A page of a listing is not what it should be.
    Page,
    /// The world changes under a listing.
    World,
}

/// The one place that knows every fault of Xopero ONE.
fn harm(effect: &Effect) -> Harm {
    match effect {
        Effect::Before => Harm::Stopped,
        Effect::Lost | Effect::Late(_) => Harm::Unanswered,
        Effect::Status(status) => Harm::Refused {
            applied: status.applied,
        },
        Effect::Html | Effect::Redirect(_) => Harm::Intercepted,
        Effect::Truncated | Effect::WrongType(_) | Effect::ResetInBody => Harm::Garbled,
        Effect::Empty | Effect::NullResult => Harm::Bare,
        Effect::Slow(_) | Effect::SlowBefore(_) => Harm::Delayed,
        Effect::Drip(_) | Effect::Twice => Harm::None,
        Effect::PageRepeats
        | Effect::PageShort(_)
        | Effect::PageEmpty
        | Effect::PageVanishes
        | Effect::RowRepeats
        | Effect::ForeignRow
        | Effect::PageCount(_)
        | Effect::TotalEntries(_) => Harm::Page,
        Effect::Edits(_) | Effect::RowRemovedBefore | Effect::RowAddedBefore => Harm::World,
    }
}

/// Whether the answer to a write leaves it open whether that was carried out. An answer that never came is seen at the gate.
fn leaves_open(effect: &Effect) -> bool {
    matches!(harm(effect), Harm::Intercepted | Harm::Garbled)
}

/// Whether a listing in which this happens is not what it says. One that is slow is; one of a world that changed before its first page
/// was read is as well; and one that began to synchronize, or is of an organization that was just added again, is not to be trusted.
pub fn spoils(fault: &Fault) -> bool {
    match harm(&fault.effect) {
        Harm::Delayed | Harm::None => false,
        Harm::World => fault.page.is_some_and(|page| page > 1),
        Harm::Page => {
            let is_before_itself = fault.effect == Effect::PageRepeats && fault.page == Some(1);
            // A plan that the organization does not name as its own is set aside, and the others are what they say.
            let is_set_aside =
                fault.effect == Effect::ForeignRow && fault.endpoint == Some(Endpoint::ListPlans);
            !is_before_itself && !is_set_aside
        }
        Harm::Stopped
        | Harm::Unanswered
        | Harm::Refused { .. }
        | Harm::Intercepted
        | Harm::Garbled
        | Harm::Bare => true,
    }
}

/// Whether the call has its effect although this happens.
pub fn is_applied(effect: &Effect) -> bool {
    match harm(effect) {
        Harm::Refused { applied } => applied,
        Harm::Stopped | Harm::Intercepted => false,
        Harm::Unanswered
        | Harm::Garbled
        | Harm::Bare
        | Harm::Delayed
        | Harm::None
        | Harm::Page
        | Harm::World => true,
    }
}

/// Whether a call is hindered by this at all.
pub fn hinders(endpoint: Endpoint, effect: &Effect) -> bool {
    match harm(effect) {
        Harm::None => false,
        Harm::Bare => !endpoint.is_write(),
        Harm::Stopped
        | Harm::Unanswered
        | Harm::Refused { .. }
        | Harm::Intercepted
        | Harm::Garbled
        | Harm::Delayed
        | Harm::Page
        | Harm::World => true,
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
