//! What can be said to the program, on its command line or in its environment.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, error::ErrorKind};

use super::telemetry::{LogFormat, LogLevel};

mod lease;
mod values;

pub use self::{lease::LeaseArguments, values::LeaderElection};

/// Keeps Git backups in Xopero ONE as declared in custom resources.
#[derive(Debug, Parser)]
#[command(name = "xopero-operator", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What the program is asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the operator, until it is asked to end (SIGTERM or SIGINT); the default without a subcommand
    ///
    /// The API server is the one of the pod, or the current context of KUBECONFIG.
    Run(Box<RunArguments>),
    /// Print the five custom resource definitions as a YAML stream, to be applied with `kubectl apply --server-side -f -`
    Crds,
}

/// How the operator runs. Each can be given in the environment, too, where a list is separated by commas.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Watch the resources of this namespace; can be repeated. Without it, all namespaces are watched
    ///
    /// Restricted to namespaces, the operator needs no rights on the whole cluster, but reads the labels of namespaces one by
    /// one where an allowedNamespaces selects by them.
    #[arg(
        long = "watch-namespace",
        value_name = "NAMESPACE",
        env = "XOPERO_WATCH_NAMESPACE"
    )]
    #[arg(value_delimiter = ',', value_parser = values::namespace)]
    pub watch_namespaces: Vec<String>,

    /// Whether replicas agree on the one that writes: true or false. Needed for more than one
    ///
    /// They agree by a Lease in the namespace of the pod. The others stand by, and are ready.
    #[arg(
        long,
        value_name = "BOOL",
        env = "XOPERO_LEADER_ELECTION",
        default_value = "false"
    )]
    #[arg(action = ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub leader_election: LeaderElection,

    /// By what they agree.
    #[command(flatten)]
    pub lease: LeaseArguments,

    /// Serve /livez, /readyz and /metrics at this address and port. With port 0 the system chooses one, which is logged
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "XOPERO_LISTEN",
        default_value = "[::]:8080"
    )]
    #[arg(value_parser = values::address)]
    pub listen: SocketAddr,

    /// How the log on stderr is written: lines to read, or one JSON object a line
    #[arg(
        long,
        value_name = "FORMAT",
        env = "XOPERO_LOG_FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// How much is logged: error, warn, info, debug or trace of the operator itself, with the warnings of its libraries
    ///
    /// Or levels for parts of the program, such as "info,kube=debug,hyper=debug".
    #[arg(
        long,
        value_name = "LEVEL",
        env = "XOPERO_LOG_LEVEL",
        default_value = "info"
    )]
    pub log_level: LogLevel,

    /// A YAML file that replaces names of fields in requests to Xopero ONE and in its answers, one "KEY: NAME" a line
    ///
    /// Only needed where a version of Xopero ONE spells a field in another way than the operator knows. A key that does not
    /// exist is refused with the list of those that do.
    #[arg(long, value_name = "FILE", env = "XOPERO_WIRE_NAMES")]
    pub wire_names: Option<PathBuf>,

    /// Let connections lead to hosts that match, such as "xopero.example.com" or "*.example.com"; can be repeated. Without
    /// it, any host is allowed
    #[arg(
        long,
        value_name = "GLOB",
        env = "XOPERO_ALLOWED_HOSTS",
        value_delimiter = ','
    )]
    #[arg(value_parser = values::host_glob)]
    pub allowed_hosts: Vec<String>,

    /// A PEM file of certificate authorities that every connection trusts, beside the platform's and its own tls.caBundleRef
    ///
    /// For example that of a company whose proxy opens TLS. It is read at the start.
    #[arg(long, value_name = "FILE", env = "XOPERO_EXTRA_CA_BUNDLE")]
    pub extra_ca_bundle: Option<PathBuf>,

    /// How long requests under way may take to be answered once the operator is asked to end; after that it ends anyway
    ///
    /// At most 1h. Keep it below the pod's terminationGracePeriodSeconds. A second signal ends the operator at once.
    #[arg(
        long,
        value_name = "DURATION",
        env = "XOPERO_DRAIN_TIMEOUT",
        default_value = "25s"
    )]
    #[arg(value_parser = values::duration)]
    pub drain_timeout: Duration,
}

impl Command {
    /// Understands the arguments; the first is the name of the program.
    ///
    /// # Errors
    /// If they are wrong, or ask for help or the version: for [`print()`] either way.
    pub fn parse_from(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut arguments: Vec<OsString> = arguments.into_iter().collect();
        let about_the_program = ["-h", "--help", "-V", "--version"];
        let runs = arguments.get(1).is_none_or(|first| {
            let first = first.to_string_lossy();
            first.starts_with('-') && !about_the_program.contains(&first.as_ref())
        });
        if runs {
            arguments.insert(arguments.len().min(1), "run".into());
        }
        let Arguments { command } = Arguments::try_parse_from(arguments)?;
        if let Self::Run(run) = &command
            && let Err(wrong) = run.lease.check()
        {
            return Err(Arguments::command().error(ErrorKind::ValueValidation, wrong));
        }
        Ok(command)
    }
}

/// Prints what is wrong with the arguments, or the help that they ask for, and returns the fitting exit code: 2 or 0.
pub fn print(refusal: &clap::Error) -> ExitCode {
    match refusal.print() {
        Ok(()) => u8::try_from(refusal.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from),
        // Nobody reads.
        Err(_) => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests;
