//! What all runs share: the control plane, and the program under test.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, Result};
use kube::Client;
use xtask::{
    control_plane::{ControlPlane, Options},
    operator,
};

use super::Played;
use crate::{account::Account, journal::Event, plan::Plan};

/// What all runs share.
#[derive(Debug)]
pub struct Stage {
    pub(super) control_plane: ControlPlane,
    pub(super) client: ClientOf,
    /// The program under test.
    pub(super) operator: PathBuf,
    /// The one that an upgrade begins with.
    pub(super) previous: PathBuf,
    /// The operator's.
    pub(super) account: Account,
    /// Where what failed is kept.
    kept: PathBuf,
    made: AtomicU64,
}

/// A client that does not show itself.
pub(super) struct ClientOf(pub(super) Client);

impl std::fmt::Debug for ClientOf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Client")
    }
}

impl Stage {
    /// On a running control plane, with this program. What fails is kept in the folder `kept`.
    ///
    /// # Errors
    /// If the operator's definitions or rights cannot be installed.
    pub async fn on(control_plane: ControlPlane, operator: &Path, kept: &Path) -> Result<Self> {
        operator::install(&control_plane).await?;
        let client = control_plane.client().await?;
        let account = Account::on(&control_plane).await?;
        Ok(Self {
            control_plane,
            client: ClientOf(client),
            operator: operator.to_owned(),
            previous: operator.to_owned(),
            account,
            kept: kept.to_owned(),
            made: AtomicU64::new(0),
        })
    }

    /// With another program that an upgrade begins with; without it is the same one.
    #[must_use]
    pub fn upgrading_from(self, previous: PathBuf) -> Self {
        Self { previous, ..self }
    }

    /// Another one, on a control plane of its own, which ends with it: for a run that others must not feel.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) async fn apart(&self) -> Result<Self> {
        let control_plane = ControlPlane::start(Options::default()).await?;
        let stage = Self::on(control_plane, &self.operator, &self.kept).await?;
        Ok(stage.upgrading_from(self.previous.clone()))
    }

    /// A name that no other run has.
    pub(super) fn fresh_name(&self, scenario: &str) -> String {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        format!("{}-{number}", scenario.to_lowercase())
    }

    /// Writes a file of wire names, if there are any.
    pub(super) fn wire_names(&self, name: &str, names: &str) -> Result<Option<PathBuf>> {
        if names.is_empty() {
            return Ok(None);
        }
        let path = self
            .control_plane
            .folder()
            .join(format!("{name}.wire-names.yaml"));
        fs::write(&path, names)?;
        Ok(Some(path))
    }

    /// Keeps what is needed to see why a run failed, and to repeat it.
    pub(super) fn keep(&self, plan: &Plan, played: &Played, found: &[String]) -> Result<()> {
        let folder = self.keep_traces(plan, &played.log, &played.all)?;
        fs::write(folder.join("violations.txt"), found.join("\n"))?;
        Ok(())
    }

    /// The plan, the operator's logs and the journal: what there is of a run that did not come to its end, too.
    pub(super) fn keep_traces(&self, plan: &Plan, log: &str, events: &[Event]) -> Result<PathBuf> {
        let folder = self.folder_of(plan)?;
        fs::write(folder.join("operator.log"), log)?;
        let mut lines = String::new();
        for event in events {
            lines.push_str(&serde_json::to_string(event)?);
            lines.push('\n');
        }
        fs::write(folder.join("journal.jsonl"), lines)?;
        Ok(folder)
    }

    fn folder_of(&self, plan: &Plan) -> Result<PathBuf> {
        let title = plan.title();
        let name: String = title
            .chars()
            .map(|character| {
                if character.is_alphanumeric() {
                    character
                } else {
                    '-'
                }
            })
            .take(100)
            .collect();
        let folder = self.kept.join(name);
        fs::create_dir_all(&folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        fs::write(folder.join("plan.yaml"), plan.to_yaml()?)?;
        Ok(folder)
    }
}
