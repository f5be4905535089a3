//! Child processes that are stopped in order, can be frozen, and die with this process, however it ends.
//!
//! Linux ends a child by `PR_SET_PDEATHSIG` when the *thread* that started it ends, and the threads of a test come and go. So one
//! thread, which lives as long as the process, starts them all; and `setpriv` (util-linux) makes the call, since it needs `unsafe`.

use std::{
    ffi::OsStr,
    fs::{File, OpenOptions},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

/// How often a process that was asked to end is looked at. Far below what a person or a test notices.
const POLL: Duration = Duration::from_millis(10);

/// A running (or ended) child process, with its output in a log file. Dropping it kills it.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    pid: Pid,
    child: Mutex<Child>,
}

impl Process {
    /// Starts `command`, appending both its outputs to `log`.
    ///
    /// Program, arguments, folder and variables are taken over from `command`; its standard streams are not.
    /// The child gets a process group of its own, so that Ctrl-C in a terminal reaches this process alone, which then ends the
    /// children in order.
    ///
    /// # Errors
    /// If the log cannot be opened or `setpriv` is not installed. A program that does not exist shows as an exit with status 127.
    pub fn spawn(
        name: impl Into<String>,
        command: &Command,
        log: impl Into<PathBuf>,
    ) -> Result<Self> {
        let (name, log) = (name.into(), log.into());
        let output = append(&log)?;
        let errors = output
            .try_clone()
            .context("the log cannot be opened twice")?;
        let mut tied = tied_to_this_process(command);
        tied.stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0);
        let child = spawn_on_lasting_thread(tied)
            .with_context(|| format!("{name} cannot be started; it needs the program setpriv, which is in the package util-linux"))?;
        let pid = Pid::from_child(&child);
        let child = Mutex::new(child);
        Ok(Self {
            name,
            log,
            pid,
            child,
        })
    }

    /// What it was called when it was started.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file that holds all it has printed.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its process id.
    pub fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// How it ended; `None` while it runs.
    ///
    /// # Errors
    /// If the system cannot tell.
    pub fn ended(&self) -> Result<Option<ExitStatus>> {
        self.child()
            .try_wait()
            .with_context(|| format!("the state of {} cannot be read", self.name))
    }

    /// Stops its execution where it is (SIGSTOP), until [`Process::thaw`]. Its sockets stay open and answer nothing.
    ///
    /// # Errors
    /// If it has ended.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)?;
        // The signal is sent, not obeyed: threads on other processors run on for a moment, and may answer a request.
        let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        while waitid(WaitId::Pid(self.pid), stopped)?.is_none() {
            if let Some(status) = self.ended()? {
                return Err(anyhow!("{} has ended ({status})", self.name));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Lets a frozen process go on (SIGCONT).
    ///
    /// # Errors
    /// If it has ended.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// Asks it to end (SIGTERM), without waiting. See [`Process::stop`].
    ///
    /// # Errors
    /// If it has ended.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Asks it to end, and kills it if it has not within `patience`. Blocks until it is gone. Fine if it has ended already.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn stop(&self, patience: Duration) -> Result<ExitStatus> {
        // A frozen process does not see SIGTERM before it is thawed.
        if let Some(status) = self.signal_if_alive(&[Signal::TERM, Signal::CONT])? {
            return Ok(status);
        }
        match self.wait(patience)? {
            Some(status) => Ok(status),
            None => self.kill(),
        }
    }

    /// Ends it at once (SIGKILL), frozen or not, and waits until it is gone. Fine if it has ended already.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(&self) -> Result<ExitStatus> {
        let mut child = self.child();
        child
            .kill()
            .and_then(|()| child.wait())
            .with_context(|| format!("{} cannot be killed", self.name))
    }

    /// Blocks until it has ended, at most for `patience`; `None` if it still runs then.
    ///
    /// # Errors
    /// If the system cannot tell.
    pub fn wait(&self, patience: Duration) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + patience;
        loop {
            let ended = self.ended()?;
            if ended.is_some() || Instant::now() >= deadline {
                return Ok(ended);
            }
            thread::sleep(POLL);
        }
    }

    /// The last lines that it printed, for an error message; says so if there are none.
    pub fn last_lines(&self, count: usize) -> String {
        let text = match std::fs::read(&self.log) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                return format!("(the log {} cannot be read: {error})", self.log.display());
            }
        };
        let lines: Vec<&str> = text.lines().collect();
        match lines.get(lines.len().saturating_sub(count)..) {
            Some([]) | None => format!("(the log {} is empty)", self.log.display()),
            Some(last) => last.join("\n"),
        }
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        match self.signal_if_alive(&[signal])? {
            None => Ok(()),
            Some(status) => Err(anyhow!("{} has ended already ({status})", self.name)),
        }
    }

    /// Sends them in their order, or tells how it had ended before the first. Ending by one of them hinders none after it: a process
    /// that was not waited for still takes signals.
    fn signal_if_alive(&self, signals: &[Signal]) -> Result<Option<ExitStatus>> {
        // Holding the lock, nobody reaps the child between the question and the signals, so its id cannot be another's by then.
        let mut child = self.child();
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        for signal in signals {
            kill_process(self.pid, *signal)
                .with_context(|| format!("{} does not take a signal", self.name))?;
        }
        Ok(None)
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Nobody is left to tell; an ended process is no failure here, and one that cannot be killed is the system's to explain.
        if child.kill().is_ok() {
            drop(child.wait());
        }
    }
}

fn append(log: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("the log {} cannot be opened", log.display()))
}

/// The same command, which the kernel kills as soon as the thread that started it ends.
fn tied_to_this_process(command: &Command) -> Command {
    let mut tied = Command::new("setpriv");
    tied.args(["--pdeathsig", "KILL", "--"])
        .arg(command.get_program())
        .args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        tied.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        let name: &OsStr = name;
        match value {
            Some(value) => tied.env(name, value),
            None => tied.env_remove(name),
        };
    }
    tied
}

type Order = (Command, Sender<io::Result<Child>>);

/// The way to the thread that starts all children. Never closed, so the thread ends with the process and not before.
static STARTER: Mutex<Option<Sender<Order>>> = Mutex::new(None);

fn spawn_on_lasting_thread(command: Command) -> io::Result<Child> {
    let (reply, answer) = channel();
    let starter = {
        let mut starter = STARTER.lock().unwrap_or_else(PoisonError::into_inner);
        match &*starter {
            Some(orders) => orders.clone(),
            None => starter.insert(start_lasting_thread()?).clone(),
        }
    };
    let gone = || io::Error::other("the thread that starts processes is gone");
    starter.send((command, reply)).map_err(|_| gone())?;
    answer.recv().map_err(|_| gone())?
}

fn start_lasting_thread() -> io::Result<Sender<Order>> {
    let (orders, inbox) = channel::<Order>();
    thread::Builder::new()
        .name("starts-processes".into())
        .spawn(move || {
            for (mut command, reply) in inbox {
                // If nobody waits for the child any more it must not live on.
                if let Err(unheard) = reply.send(command.spawn())
                    && let Ok(mut child) = unheard.0
                    && child.kill().is_ok()
                {
                    drop(child.wait());
                }
            }
        })?;
    Ok(orders)
}
