//! O3, of what is left: the count of removals in status, which is made before they are sent.

use std::ops::RangeInclusive;

use serde_json::Value;

/// How many removals are counted in one step at most: as many as may be in flight.
const STEP: u64 = 4;

/// What the resources count as used of the limit.
pub fn counted(resources: &[Value]) -> u64 {
    let entries = resources.iter().flat_map(|resource| {
        let entries = resource.pointer("/status/removals/inTheLastHour");
        entries.and_then(Value::as_array).into_iter().flatten()
    });
    entries
        .filter_map(|entry| entry.get("count").and_then(Value::as_u64))
        .sum()
}

/// Never less than the reference counts, and at most a step more for each fault: what was counted and then not sent stays counted.
pub fn violations(counted: u64, reference: RangeInclusive<u64>, faults: u64) -> Vec<String> {
    let (least, reference) = reference.into_inner();
    let most = reference + STEP * faults;
    if (least..=most).contains(&counted) {
        Vec::new()
    } else {
        vec![format!(
            "{counted} removals are counted in status; the reference counts {reference}, and {faults} faults may cost {} more",
            most - reference
        )]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_costs_a_step_at_most_and_nothing_is_forgotten() {
        let organization =
            json!({"status": {"removals": {"inTheLastHour": [{"count": 3}, {"count": 2}]}}});
        assert_eq!(counted(&[organization, json!({})]), 5);
        assert!(violations(5, 3..=3, 1).is_empty());
        assert_eq!(violations(2, 3..=3, 1).len(), 1);
        assert_eq!(violations(8, 3..=3, 1).len(), 1);
    }
}
