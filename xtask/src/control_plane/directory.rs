//! One folder per running control plane: data, certificates, logs.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::workspace;

/// How many folders this process has made; several control planes may run at once.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A folder `target/control-plane/run/<pid>-<n>`. It stays when the control plane ends, since the logs are wanted most after a
/// failure; the next start of any control plane removes it once the process is gone.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(super) fn make() -> Result<Self> {
        let runs = workspace::control_plane_target().join("run");
        fs::create_dir_all(&runs).with_context(|| format!("{} cannot be made", runs.display()))?;
        remove_stale(&runs)?;
        let path = runs.join(format!(
            "{}-{}",
            process::id(),
            MADE.fetch_add(1, Ordering::Relaxed)
        ));
        // Left by a process that had the same id.
        remove(&path)?;
        fs::create_dir(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file into the folder and tells where it is. Whoever reads it meanwhile finds the old one whole.
    pub(super) fn write(&self, name: &str, contents: &str) -> Result<PathBuf> {
        let path = self.file(name);
        replace(&path, contents)
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(path)
    }
}

fn replace(path: &Path, contents: &str) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or_else(|| Path::new(".")))?;
    file.write_all(contents.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

fn remove_stale(runs: &Path) -> Result<()> {
    for entry in
        fs::read_dir(runs).with_context(|| format!("{} cannot be listed", runs.display()))?
    {
        let path = entry?.path();
        if owner(&path).is_some_and(|pid| !is_alive(pid)) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// Another process may remove the same folder at the same moment, so what is gone is no failure.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", path.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The process that made the folder; `None` if the name is not one of ours.
fn owner(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.split_once('-')?.0.parse().ok()
}

fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn only_folders_of_ended_processes_are_removed() {
        let runs = tempfile::tempdir().unwrap();
        let alive = runs.path().join(format!("{}-7", process::id()));
        // Above the largest id that Linux gives (2^22), so it is nobody's.
        let ended = runs.path().join("4194305-0");
        let foreign = runs.path().join("notes");
        for folder in [&alive, &ended, &foreign] {
            fs::create_dir(folder).unwrap();
        }

        remove_stale(runs.path()).unwrap();

        assert_eq!(
            [alive.exists(), ended.exists(), foreign.exists()],
            [true, false, true]
        );
    }

    #[test]
    fn a_file_that_is_written_again_is_never_read_in_part() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.kubeconfig");
        let texts = ["a", "b"].map(|letter| letter.repeat(100_000));
        replace(&path, &texts[0]).unwrap();
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for text in texts.iter().cycle().take(200) {
                    replace(&path, text).unwrap();
                }
            });
            while !writer.is_finished() {
                assert!(texts.contains(&fs::read_to_string(&path).unwrap()));
            }
        });
    }
}
