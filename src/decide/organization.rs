//! What the organization itself is to say: coverage, its own drift, and whether all its claims are in force.

use std::collections::BTreeSet;

use super::{
    CoverageReport, Trouble, Verdict, Writes,
    assess::Assessment,
    coverage,
    namers::Namers,
    removals::Held,
    verdict::{self, Judge, Said},
};
use crate::api::{
    DriftStatus, Reason,
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
    pub drift: Option<DriftStatus>,
    /// The removals of all claims that wait for approval, the organization's own among them.
    pub held: Vec<Held>,
}

pub(super) fn report(
    judge: &Judge<'_>,
    namers: &Namers,
    unclaimed: &Assessment,
    verdicts: &[Verdict],
) -> OrganizationReport {
    let coverage = coverage::report(judge, namers);
    let mut statements = vec![
        in_sync(judge, unclaimed, verdicts),
        coverage.protected.clone(),
    ];
    statements.extend(progress(judge, unclaimed));
    OrganizationReport {
        coverage,
        statements,
        drift: judge.drift(&unclaimed.dues),
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
        // What is wrong with the exceptions is wrong in what is shown as well.
        Writes::Observe if organization.except.is_ok() => {
            let message =
                "Observed. Nothing is written in Observe mode; InSync says whether Manage would.";
            return say(
                ConditionType::Ready,
                Truth::True,
                Reason::Observed,
                message.to_owned(),
            );
        }
        Writes::All | Writes::Observe => {}
    }
    let mut said = Said::default();
    if organization.writes == Writes::All {
        judge.say_held(None, &organization.uid, unclaimed, &mut said);
    }
    if let Err(error) = &organization.except {
        let message = format!(
            "protection: {error}. Nothing is excepted from protection until it is corrected."
        );
        said.trouble(Reason::InvalidSpec, &message);
    }
    let troubles = input.trouble.into_iter().chain(input.unconfirmed);
    for Trouble { reason, message } in troubles.chain(&organization.not_synchronized) {
        said.trouble(*reason, message);
    }
    if let Some(statement) = said.statement() {
        return vec![statement];
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
    let said = Claimed::of(verdicts);
    if !said.differing.is_empty() {
        let names = verdict::listed(said.differing.iter().map(String::as_str));
        let reason = if said.all_held {
            Reason::Held
        } else {
            Reason::Drift
        };
        let message = format!("Xopero ONE differs from what these declare: {names}.");
        return say(Truth::False, reason, &message);
    }
    if unclaimed.stubborn {
        let message = "Licences that nobody claims are activated again by somebody else.";
        return say(Truth::False, Reason::NotKept, message);
    }
    if let Some(reason) = verdict::differing(unclaimed.dues.iter()) {
        let message = "Some licences are claimed by nobody; status.drift names them.";
        return say(Truth::False, reason, message);
    }
    // Without a due one of its own, the organization is in doubt where its claims are.
    let due = !unclaimed.dues.is_empty();
    if let Some(doubt) = judge.input.distrust()
        && (due || said.unknown.contains(&Reason::InventoryUntrusted))
    {
        return say(Truth::Unknown, Reason::InventoryUntrusted, doubt.sentence());
    }
    if let Some(message) = judge.invisible
        && (due || said.unknown.contains(&Reason::ClaimsNotVisible))
    {
        return say(Truth::Unknown, Reason::ClaimsNotVisible, message);
    }
    if unclaimed.not_judged || said.unknown.contains(&Reason::NotVisible) {
        let message = "This Xopero ONE does not show whether all that is declared is in force.";
        return say(Truth::Unknown, Reason::NotVisible, message);
    }
    if !said.not_observed.is_empty() {
        let names = verdict::listed(said.not_observed.iter().map(String::as_str));
        let message = format!("What these declare could not be compared with Xopero ONE: {names}.");
        return say(Truth::Unknown, Reason::NotObserved, &message);
    }
    say(
        Truth::True,
        Reason::AsDeclared,
        "Xopero ONE is as declared.",
    )
}

/// What the claims say of `InSync`.
#[derive(Debug, Default)]
struct Claimed {
    differing: Vec<String>,
    all_held: bool,
    /// Why it is Unknown on some of them.
    unknown: BTreeSet<Reason>,
    not_observed: Vec<String>,
}

impl Claimed {
    fn of(verdicts: &[Verdict]) -> Self {
        let mut said = Self {
            all_held: true,
            ..Self::default()
        };
        for verdict in verdicts {
            let in_sync = verdict
                .statements
                .iter()
                .find(|statement| statement.type_ == ConditionType::InSync);
            let Some(Statement { truth, reason, .. }) = in_sync else {
                continue;
            };
            match truth {
                Truth::True => {}
                Truth::False => {
                    said.differing.push(verdict.key.to_string());
                    said.all_held &= *reason == Reason::Held;
                }
                Truth::Unknown => {
                    said.unknown.insert(*reason);
                    if *reason == Reason::NotObserved {
                        said.not_observed.push(verdict.key.to_string());
                    }
                }
            }
        }
        said
    }
}
