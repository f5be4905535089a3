//! The faults in place, and which of them fires at a call.

use super::{Effect, Fault, Report, Times};
use crate::endpoint::Endpoint;

/// What a call is, as far as faults are concerned.
#[derive(Debug)]
pub(crate) struct Occasion<'a> {
    pub(crate) endpoint: Endpoint,
    /// The ids and names that the call is about.
    pub(crate) targets: &'a [String],
    pub(crate) page: Option<usize>,
}

/// The faults in place, in the order in which they were put there.
#[derive(Debug, Default)]
pub(crate) struct Script {
    faults: Vec<Report>,
    last_id: u64,
}

impl Script {
    pub(crate) fn inject(&mut self, fault: Fault) -> u64 {
        self.last_id += 1;
        self.faults.push(Report {
            id: self.last_id,
            seen: 0,
            fired: 0,
            healed: false,
            fault,
        });
        self.last_id
    }

    /// Stops a fault; false when there is none of that number.
    pub(crate) fn heal(&mut self, id: u64) -> bool {
        let found = self.faults.iter_mut().find(|report| report.id == id);
        found.map(|report| report.healed = true).is_some()
    }

    pub(crate) fn heal_all(&mut self) {
        for report in &mut self.faults {
            report.healed = true;
        }
    }

    pub(crate) fn reports(&self) -> &[Report] {
        &self.faults
    }

    /// The fault that fires at this call: the first in place that is due. All that the call concerns count it.
    pub(crate) fn fire(&mut self, occasion: &Occasion<'_>) -> Option<(u64, Effect)> {
        let mut fires = None;
        for report in self.faults.iter_mut().filter(|report| !report.healed) {
            if !report.fault.concerns(occasion) {
                continue;
            }
            report.seen += 1;
            let left = match report.fault.times {
                Times::Exactly(times) => report.fired < times,
                Times::UntilHealed => true,
            };
            if fires.is_none() && left && report.seen >= report.fault.nth {
                report.fired += 1;
                fires = Some((report.id, report.fault.effect.clone()));
            }
        }
        fires
    }
}

impl Fault {
    fn concerns(&self, occasion: &Occasion<'_>) -> bool {
        // No `..`: a new condition must not go unasked.
        let Self {
            endpoint,
            target,
            page,
            nth: _,
            times: _,
            effect: _,
        } = self;
        endpoint.is_none_or(|endpoint| endpoint == occasion.endpoint)
            && page.is_none_or(|page| Some(page) == occasion.page)
            && target.as_ref().is_none_or(|target| {
                occasion
                    .targets
                    .iter()
                    .any(|named| named.eq_ignore_ascii_case(target))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires(script: &mut Script, targets: &[String]) -> bool {
        let occasion = Occasion {
            endpoint: Endpoint::Activate,
            targets,
            page: None,
        };
        script.fire(&occasion).is_some()
    }

    #[test]
    fn a_fault_fires_from_the_nth_call_of_its_target_as_often_as_it_says() {
        let mut script = Script::default();
        let id = script.inject(
            Fault::on(Endpoint::Activate, Effect::Lost)
                .target("api")
                .nth(2)
                .times(2),
        );
        let api = ["api".to_owned()];
        assert!(!fires(&mut script, &["web".to_owned()]));
        assert!(!fires(&mut script, &api));
        assert!(fires(&mut script, &api));
        assert!(fires(&mut script, &api));
        assert!(!fires(&mut script, &api));
        let report = script.reports().first().unwrap();
        assert_eq!((report.id, report.seen, report.fired), (id, 4, 2));
    }

    #[test]
    fn a_healed_fault_keeps_its_count_and_fires_no_more() {
        let mut script = Script::default();
        let id = script.inject(Fault::on_any(Effect::Lost).until_healed());
        assert!(fires(&mut script, &[]));
        assert!(script.heal(id));
        assert!(!fires(&mut script, &[]));
        assert_eq!(script.reports().first().unwrap().fired, 1);
        assert!(!script.heal(id + 1));
    }
}
