//! What the organization itself is to say: coverage, its own drift, and whether all its claims are in force.

use super::{
    CoverageReport, Hold, Trouble, Verdict, Writes,
    assess::Assessment,
    coverage,
    named::Namers,
    removals::Held,
    verdict::{self, Judge},
};
use crate::api::{
    DriftItem, Reason, Unclaimed,
    conditions::{ConditionType, Statement, Truth},
};

/// What the organization's status is to say.
#[derive(Clone, Debug)]
pub struct OrganizationReport {
    /// Its repositories by state, and `Protected`.
    pub coverage: CoverageReport,
    /// What the conditions say, `Protected` among them.
    pub statements: Vec<Statement>,
    /// What differs from its own declaration: licences that nobody wants.
    pub drift: Vec<DriftItem>,
    /// The removals of all claims that wait for approval, the organization's own among them.
    pub held: Vec<Held>,
}

pub(super) fn report(
    judge: &Judge<'_>,
    namers: &Namers,
    unclaimed: &Assessment,
    verdicts: &[Verdict],
) -> OrganizationReport {
    let input = judge.input;
    let coverage = coverage::report(input, namers);
    let mut statements = vec![
        in_sync(judge, unclaimed, verdicts),
        coverage.protected.clone(),
    ];
    statements.extend(progress(judge, unclaimed));
    OrganizationReport {
        coverage,
        statements,
        drift: unclaimed
            .dues
            .iter()
            .map(|due| judge.drift_item(due))
            .collect(),
        held: judge.held.to_vec(),
    }
}

fn progress(judge: &Judge<'_>, unclaimed: &Assessment) -> Vec<Statement> {
    let input = judge.input;
    let organization = input.organization;
    let say =
        |type_, truth, reason, message: String| vec![Statement::new(type_, truth, reason, message)];
    match &organization.writes {
        Writes::Paused => {
            let message = "The organization is paused by xopero.dev/paused: it is observed, and nothing is written.";
            return say(
                ConditionType::Paused,
                Truth::True,
                Reason::Requested,
                message.to_owned(),
            );
        }
        Writes::Conflict(other) => {
            let message = format!(
                "{other} is older and manages the same organization of the same Xopero ONE: nothing is written by this \
                 one. Delete one of the two, or set mode: Observe here."
            );
            return say(
                ConditionType::Stalled,
                Truth::True,
                Reason::Conflict,
                message,
            );
        }
        Writes::Observe => {
            let message =
                "Observed. Nothing is written in Observe mode; InSync says whether Manage would.";
            return say(
                ConditionType::Ready,
                Truth::True,
                Reason::Observed,
                message.to_owned(),
            );
        }
        Writes::All => {}
    }
    if unclaimed
        .dues
        .iter()
        .any(|due| due.hold == Some(Hold::RemovalHeld))
    {
        let held = judge.held.iter().find(|held| held.uid == organization.uid);
        let names = unclaimed
            .dues
            .iter()
            .map(|due| judge.drift_item(due).name)
            .collect::<Vec<_>>();
        let items = verdict::listed(names.iter().map(String::as_str));
        let message = verdict::held_message(held, &items, organization.removal_limit);
        return say(
            ConditionType::Stalled,
            Truth::True,
            Reason::RemovalHeld,
            message,
        );
    }
    if unclaimed
        .dues
        .iter()
        .any(|due| due.hold == Some(Hold::RemovalPaced))
    {
        let message = "Unclaimed licences wait until the removalLimit of the hour allows for them.";
        return say(
            ConditionType::Reconciling,
            Truth::True,
            Reason::RemovalPaced,
            message.to_owned(),
        );
    }
    if let Some(Trouble { reason, message }) = input.trouble {
        return say(
            ConditionType::Reconciling,
            Truth::True,
            *reason,
            message.clone(),
        );
    }
    let under_way = unclaimed
        .dues
        .iter()
        .any(|due| due.hold.is_none_or(|hold| hold == Hold::SecondListing));
    if under_way {
        let message = "Unclaimed licences are being deactivated; status.drift names them.";
        return say(
            ConditionType::Reconciling,
            Truth::True,
            Reason::Pending,
            message.to_owned(),
        );
    }
    let message = "The organization is observed and its own declaration is in force.";
    say(
        ConditionType::Ready,
        Truth::True,
        Reason::Converged,
        message.to_owned(),
    )
}

fn in_sync(judge: &Judge<'_>, unclaimed: &Assessment, verdicts: &[Verdict]) -> Statement {
    let say = |truth, reason, message: &str| {
        Statement::new(ConditionType::InSync, truth, reason, message)
    };
    let of = |truth: Truth| {
        verdicts.iter().filter(move |verdict| {
            verdict
                .statements
                .iter()
                .any(|s| s.type_ == ConditionType::InSync && s.truth == truth)
        })
    };
    let differing: Vec<String> = of(Truth::False)
        .map(|verdict| verdict.key.to_string())
        .collect();
    if !differing.is_empty() {
        let names = verdict::listed(differing.iter().map(String::as_str));
        return Statement::new(
            ConditionType::InSync,
            Truth::False,
            Reason::Drift,
            format!("Xopero ONE differs from what these declare: {names}."),
        );
    }
    let believed =
        |hold: Option<Hold>| !matches!(hold, Some(Hold::Untrusted(_) | Hold::ClaimsNotVisible));
    if unclaimed.dues.iter().any(|due| believed(due.hold)) {
        return say(
            Truth::False,
            Reason::Drift,
            "Some licences are claimed by nobody; status.drift names them.",
        );
    }
    if let Some(doubt) = judge.input.doubt {
        return say(Truth::Unknown, Reason::InventoryUntrusted, doubt.sentence());
    }
    if !unclaimed.dues.is_empty() {
        let message = judge.invisible.unwrap_or("A claim may be unseen.");
        return say(Truth::Unknown, Reason::ClaimsNotVisible, message);
    }
    let not_shown =
        unclaimed.not_judged && judge.input.organization.unclaimed == Unclaimed::Deactivate;
    if not_shown || of(Truth::Unknown).next().is_some() {
        return say(
            Truth::Unknown,
            Reason::NotVisible,
            "Of some resources it is not known whether what they declare is in force.",
        );
    }
    say(
        Truth::True,
        Reason::AsDeclared,
        "Xopero ONE is as declared.",
    )
}
