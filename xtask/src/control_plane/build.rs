//! Building the programs with Go, once, with visible progress.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{ChildStderr, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::go_module::{GoModule, Version};
use crate::{lock::lock, say, workspace};

/// How often a long build says that it is alive. CI systems end a step that is silent for some minutes.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What goes into a build's stamp beside the pinned modules; raise it when the command below changes.
const RECIPE: &str = "1";

/// The folder with the programs, built if the pinned versions are not those that were built last.
pub(super) fn up_to_date() -> Result<PathBuf> {
    let target = workspace::control_plane_target();
    let bin = target.join("bin");
    fs::create_dir_all(&bin).with_context(|| format!("{} cannot be made", bin.display()))?;
    let module = GoModule::read(&workspace::root().join("tests/control-plane"))?;
    let stamp_file = target.join("build.stamp");
    let stamp = stamp(&module);
    let is_built = || {
        fs::read_to_string(&stamp_file).is_ok_and(|built| built == stamp)
            && bin.join("kube-apiserver").is_file()
    };
    // Without the lock: who only looks makes nobody wait.
    if is_built() {
        return Ok(bin);
    }
    let lock = lock(&target.join("build.lock"), "the control plane")?;
    // Who was waited for has built it.
    if is_built() {
        return Ok(bin);
    }
    require_go(&module)?;
    build(&module, &bin)?;
    fs::write(&stamp_file, &stamp)
        .with_context(|| format!("{} cannot be written", stamp_file.display()))?;
    drop(lock);
    Ok(bin)
}

fn stamp(module: &GoModule) -> String {
    let mut hash = Sha256::new();
    for part in [RECIPE, &module.requirements, &module.sums] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Go fetches the newer toolchain that `go.mod` asks for by itself, unless it is older than 1.21 or told not to.
fn require_go(module: &GoModule) -> Result<()> {
    let needed = module.go;
    let advice = format!(
        "install Go {needed} or newer from https://go.dev/dl, or set KUBEBUILDER_ASSETS to a folder with the programs"
    );
    let output = match Command::new("go")
        .args(["env", "GOVERSION"])
        .current_dir(&module.folder)
        .output()
    {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("the real Kubernetes is built with Go, which is not installed: {advice}")
        }
        Err(error) => return Err(error).context("go cannot be started"),
    };
    if !output.status.success() {
        bail!(
            "the installed Go does not do ({}): {advice}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let answer = String::from_utf8_lossy(&output.stdout);
    let installed = answer.trim();
    match installed.strip_prefix("go").and_then(Version::parse) {
        Some(version) if version < needed => bail!("the installed Go is {version}: {advice}"),
        // Something like "devel go1.27-…": whoever has that knows.
        Some(_) | None => Ok(()),
    }
}

fn build(module: &GoModule, bin: &Path) -> Result<()> {
    let kubernetes = module.kubernetes;
    say::line(&format!(
        "Building Kubernetes {kubernetes}, etcd and helm with Go. This takes about 12 minutes the first time, seconds later."
    ));
    let began = Instant::now();
    let total = count_packages(module)?;
    let version = "k8s.io/component-base/version";
    let flags = format!(
        "-s -w -X {version}.gitVersion=v{kubernetes} -X {version}.gitMajor={} -X {version}.gitMinor={}",
        kubernetes.major, kubernetes.minor
    );
    let mut go = Command::new("go")
        .args(["build", "-v", "-trimpath", "-ldflags", &flags, "-o"])
        .arg(bin)
        .arg("tool")
        .current_dir(&module.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("go cannot be started")?;
    let lines = go.stderr.take().map(lines_of).transpose()?;
    let other = lines
        .map(|lines| watch(&lines, total, began))
        .unwrap_or_default();
    if !go.wait()?.success() {
        bail!(
            "the control plane could not be built in {}:\n{}",
            module.folder.display(),
            other.join("\n")
        );
    }
    say::line(&format!(
        "Built in {} s: {}",
        began.elapsed().as_secs(),
        bin.display()
    ));
    Ok(())
}

/// Downloads what is missing on the way, so a machine without network fails here, with Go's own words.
fn count_packages(module: &GoModule) -> Result<usize> {
    say::line("Fetching the sources …");
    let output = Command::new("go")
        .args(["list", "-deps", "tool"])
        .current_dir(&module.folder)
        .output()?;
    if !output.status.success() {
        bail!(
            "the sources of the control plane cannot be fetched:\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .count())
}

fn lines_of(output: ChildStderr) -> Result<Receiver<String>> {
    let (sender, lines) = channel();
    thread::Builder::new()
        .name("reads-go".into())
        .spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        })?;
    Ok(lines)
}

/// Tells how far the build is until it ends; returns what was printed beside the names of compiled packages.
fn watch(lines: &Receiver<String>, total: usize, began: Instant) -> Vec<String> {
    let (mut compiled, mut other, mut told) = (0, Vec::new(), Instant::now());
    loop {
        match lines.recv_timeout(HEARTBEAT) {
            // With -v go prints each package that it compiles on a line of its own; all else has spaces.
            Ok(line) if line.contains(' ') => other.push(line),
            Ok(_) => compiled += 1,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return other,
        }
        if told.elapsed() >= HEARTBEAT {
            told = Instant::now();
            say::line(&format!(
                "  {:>4} s: {compiled} packages compiled, of at most {total}; linking comes last",
                began.elapsed().as_secs()
            ));
        }
    }
}
