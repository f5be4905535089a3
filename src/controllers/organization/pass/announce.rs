//! What is told of a pass once it has ended.

use kube::ResourceExt;
use tracing::info;

use super::{super::made::Told, Pass};

impl Pass<'_> {
    /// Tells what was made in the pass: once, with counts.
    pub(super) async fn announce(&self) {
        for told in self.made.told(&self.resource.name_any()) {
            let Told {
                kind,
                count,
                reason,
                note,
            } = told;
            info!(organization = %self.place, action = kind, count, "{note}");
            self.context
                .announce(self.resource, reason, kind, &note)
                .await;
        }
    }
}
