//! A converged system makes no write, in Xopero ONE or in Kubernetes.

use std::collections::BTreeMap;

use crate::{
    objects,
    world::{World, line},
};

/// How many looks a world may take until it has come to rest. What never rests writes at every one.
const LOOKS_TO_REST: usize = 30;

impl World {
    /// Waits until a whole look at Xopero ONE changes nothing, and then sees three more that change nothing either.
    pub(crate) async fn quiet_for_three_resyncs(&self) {
        let mut before = self.snapshot().await;
        let mut rested = false;
        for _ in 0..LOOKS_TO_REST {
            self.rounds(1).await;
            let after = self.snapshot().await;
            rested = after == before;
            before = after;
            if rested {
                break;
            }
        }
        if !rested {
            self.fail("it does not come to rest");
        }
        let start = self.simulator.last_number();
        self.rounds(3).await;
        let writes = self.writes_since(start);
        if !writes.is_empty() {
            let writes = writes.iter().map(line).collect::<String>();
            self.fail(&format!("written to a converged Xopero ONE:\n{writes}"));
        }
        let after = self.snapshot().await;
        if after.versions != before.versions {
            self.fail(&format!(
                "resources of a converged system changed:\n{:#?}\n{:#?}",
                before.versions, after.versions
            ));
        }
    }

    /// The resourceVersion of every resource of the operator.
    pub(crate) async fn versions(&self) -> BTreeMap<String, String> {
        let objects = objects::all(&self.client, &self.namespace).await;
        let versions = objects.into_iter().map(|(kind, object)| {
            let name = format!("{kind:?} {}", object.name());
            (name, object.version().to_owned())
        });
        versions.collect()
    }

    async fn snapshot(&self) -> Snapshot {
        Snapshot {
            versions: self.versions().await,
            writes: self.writes_since(0).len(),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Snapshot {
    versions: BTreeMap<String, String>,
    writes: usize,
}
