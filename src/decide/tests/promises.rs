//! Property tests of the promises, one file a promise or two. The oracle restates each in its own words, over names, and calls
//! nothing of what it checks.

mod absence;
mod blast_radius;
mod convergence;
mod decisions;
mod leaving;
mod writes;

use proptest::prelude::*;

use crate::decide::{Decision, fixtures::Operator};

/// Passes with every decision looked at: what is checked holds for each of them.
fn pass_checked(operator: &mut Operator, mut check: impl FnMut(&Operator, &Decision)) {
    for _ in 0..300 {
        let decision = operator.look();
        check(operator, &decision);
        if !operator.slice() {
            operator.report();
            return;
        }
    }
    panic!("the pass never ends");
}

/// Fewer cases than usual, each of many listings; `PROPTEST_CASES` asks for more.
fn config() -> ProptestConfig {
    let asked = ProptestConfig::default();
    let cases = if asked.cases == 256 { 24 } else { asked.cases };
    // A scene in which nothing is held says nothing of approvals.
    let max_global_rejects = cases * 100;
    ProptestConfig {
        cases,
        max_global_rejects,
        ..asked
    }
}
