//! The rules that conditions keep, for whoever watches over them.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

use super::{ConditionType, MAX_MESSAGE_BYTES, Reason, Truth, find};

/// The rules that these conditions break, each as a sentence. Empty when they keep all of them:
///
/// 1. Every type is one of ours, and stands once.
/// 2. `Ready` is always there.
/// 3. `Reconciling` and `Stalled` are not there together.
/// 4. `Reconciling`, `Stalled` and `Paused` are there only while True.
/// 5. While `Reconciling` or `Stalled` is there, `Ready` is False with the same reason, unless `Paused` keeps it.
/// 6. `Ready` is False only while `Reconciling` or `Stalled` is there, unless `Paused` keeps it.
/// 7. `Paused` and `Reconciling` are not there together.
/// 8. They stand in the order of [`ConditionType::ALL`].
/// 9. Every one speaks of the generation of the resource.
/// 10. Every reason is one of ours, and is one for that type and status.
/// 11. No message is empty, or longer than 1,024 bytes.
pub fn violations(conditions: &[Condition], generation: i64) -> Vec<String> {
    let mut broken = each_by_itself(conditions, generation);
    let types: Vec<Option<ConditionType>> = conditions
        .iter()
        .map(|condition| ConditionType::parse(&condition.type_))
        .collect();
    if !types.is_sorted_by(|before, after| before < after) {
        broken.push("1, 8: types stand once, and in their order".to_owned());
    }
    let [ready, reconciling, stalled, paused] = [
        ConditionType::Ready,
        ConditionType::Reconciling,
        ConditionType::Stalled,
        ConditionType::Paused,
    ]
    .map(|type_| find(conditions, type_));
    let Some(ready) = ready else {
        broken.push("2: Ready is not there".to_owned());
        return broken;
    };
    if reconciling.is_some() && stalled.is_some() {
        broken.push("3: Reconciling and Stalled are there together".to_owned());
    }
    if reconciling.is_some() && paused.is_some() {
        broken.push("7: Paused and Reconciling are there together".to_owned());
    }
    if paused.is_none() {
        match stalled.or(reconciling) {
            Some(abnormal) if ready.status != "False" || ready.reason != abnormal.reason => broken
                .push(format!(
                    "5: Ready is {} ({}) beside {} ({})",
                    ready.status, ready.reason, abnormal.type_, abnormal.reason
                )),
            None if ready.status == "False" => {
                broken.push(format!(
                    "6: Ready is False ({}) without Reconciling or Stalled",
                    ready.reason
                ));
            }
            Some(_) | None => {}
        }
    }
    broken
}

/// Rules 1, 4, 9, 10 and 11.
fn each_by_itself(conditions: &[Condition], generation: i64) -> Vec<String> {
    let mut broken = Vec::new();
    for condition in conditions {
        let Condition {
            message,
            observed_generation,
            reason,
            status,
            type_,
            last_transition_time: _,
        } = condition;
        if *observed_generation != Some(generation) {
            broken.push(format!(
                "9: {type_} speaks of generation {observed_generation:?} and not of {generation}"
            ));
        }
        if message.is_empty() || message.len() > MAX_MESSAGE_BYTES {
            broken.push(format!(
                "11: the message of {type_} has {} bytes",
                message.len()
            ));
        }
        let Some(known) = ConditionType::parse(type_) else {
            broken.push(format!("1: {type_} is not one of ours"));
            continue;
        };
        let truth = Truth::parse(status);
        if known.is_abnormal_true() && truth != Some(Truth::True) {
            broken.push(format!("4: {type_} is there and {status}"));
        }
        let fits = Reason::parse(reason)
            .zip(truth)
            .is_some_and(|(reason, truth)| reason.fits(known, truth));
        if !fits {
            broken.push(format!(
                "10: {reason} is no reason for {type_} to be {status}"
            ));
        }
    }
    broken
}
