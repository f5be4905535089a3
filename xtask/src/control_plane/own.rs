//! A control plane of our own: etcd, API server and controllers as child processes, with throw-away certificates.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::net::TcpSocket;

use super::{
    Programs, arguments,
    certificates::{self, Authority, Pair},
    directory::Directory,
    kubeconfig::{Endpoint, Identity},
    readiness::{self, Goal},
};
use crate::process::Process;

/// How long a program may take to end in order; an API server waits for requests under way, etcd for its disk.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

const ETCD: &str = "etcd";
const API_SERVER: &str = "kube-apiserver";
const CONTROLLER_MANAGER: &str = "kube-controller-manager";

pub(super) struct Own {
    programs: Programs,
    authority: Authority,
    endpoint: Endpoint,
    port: ReservedPort,
    api_server_arguments: Vec<String>,
    /// In the order in which they are ended: nothing loses what it depends on before it is gone itself.
    controller_manager: Mutex<Process>,
    api_server: Mutex<Process>,
    etcd: Mutex<Process>,
}

impl Own {
    /// Blocks until all of it is ready.
    pub(super) fn start(
        programs: Programs,
        directory: &Directory,
        api_server_arguments: Vec<String>,
        controllers: &[String],
    ) -> Result<Self> {
        let authority = Authority::new()?;
        let port = ReservedPort::take()?;
        let endpoint = Endpoint::new(
            &format!("https://127.0.0.1:{}", port.number),
            &authority.certificate(),
        );
        write_files(&authority, &endpoint, directory)?;

        let folder = directory.path();
        let etcd = spawn(ETCD, &programs.etcd, arguments::etcd(), folder)?;
        let api_server = spawn_api_server(&programs, port.number, &api_server_arguments, folder)?;
        readiness::wait(
            Goal::ApiServer,
            &admin_kubeconfig(directory),
            &[&etcd, &api_server],
        )?;
        let manager = spawn(
            CONTROLLER_MANAGER,
            &programs.kube_controller_manager,
            arguments::controller_manager(controllers),
            folder,
        )?;
        readiness::wait(
            Goal::Controllers,
            &admin_kubeconfig(directory),
            &[&etcd, &api_server, &manager],
        )?;
        Ok(Self {
            programs,
            authority,
            endpoint,
            port,
            api_server_arguments,
            controller_manager: Mutex::new(manager),
            api_server: Mutex::new(api_server),
            etcd: Mutex::new(etcd),
        })
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number).into()
    }

    /// A certificate for `user`, with which the API server knows them.
    pub(super) fn client_certificate(&self, user: &str, group: Option<&str>) -> Result<Pair> {
        self.authority.client(user, group)
    }

    pub(super) fn api_server(&self) -> MutexGuard<'_, Process> {
        locked(&self.api_server)
    }

    pub(super) fn etcd(&self) -> MutexGuard<'_, Process> {
        locked(&self.etcd)
    }

    pub(super) fn stop_api_server(&self) -> Result<()> {
        self.api_server().stop(STOP_PATIENCE).map(drop)
    }

    /// Ends it if it runs, and starts it on the same port and data, after etcd if that does not run. Blocks until it is ready.
    pub(super) fn restart_api_server(&self, directory: &Directory) -> Result<()> {
        let mut api_server = self.api_server();
        api_server.stop(STOP_PATIENCE)?;
        let mut etcd = self.etcd();
        if etcd.ended()?.is_some() {
            *etcd = spawn(
                ETCD,
                &self.programs.etcd,
                arguments::etcd(),
                directory.path(),
            )?;
        }
        *api_server = spawn_api_server(
            &self.programs,
            self.port.number,
            &self.api_server_arguments,
            directory.path(),
        )?;
        readiness::wait(
            Goal::ApiServer,
            &admin_kubeconfig(directory),
            &[&etcd, &api_server],
        )
    }

    /// Ends all of it in order.
    pub(super) fn stop(&self) -> Result<()> {
        for process in [&self.controller_manager, &self.api_server, &self.etcd] {
            locked(process).stop(STOP_PATIENCE)?;
        }
        Ok(())
    }
}

pub(super) fn admin_kubeconfig(directory: &Directory) -> std::path::PathBuf {
    directory.file("admin.kubeconfig")
}

fn locked(process: &Mutex<Process>) -> MutexGuard<'_, Process> {
    process.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spawn(name: &str, program: &Path, arguments: Vec<String>, folder: &Path) -> Result<Process> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    Process::spawn(name, &command, folder.join(format!("{name}.log")))
}

fn spawn_api_server(
    programs: &Programs,
    port: u16,
    extra: &[String],
    folder: &Path,
) -> Result<Process> {
    spawn(
        API_SERVER,
        &programs.kube_apiserver,
        arguments::api_server(port, extra),
        folder,
    )
}

fn write_files(authority: &Authority, endpoint: &Endpoint, directory: &Directory) -> Result<()> {
    let server = authority.server()?;
    let tokens = certificates::service_account_key()?;
    let admin = authority.client("xopero-test-admin", Some("system:masters"))?;
    let manager = authority.client("system:kube-controller-manager", None)?;
    for (name, contents) in [
        ("authority.crt", authority.certificate()),
        ("apiserver.crt", server.certificate),
        ("apiserver.key", server.key),
        ("service-account.pub", tokens.certificate),
        ("service-account.key", tokens.key),
        ("audit-policy.yaml", arguments::AUDIT_POLICY.to_owned()),
        (
            "admin.kubeconfig",
            endpoint.kubeconfig(&Identity::Certificate(&admin)),
        ),
        (
            "controller-manager.kubeconfig",
            endpoint.kubeconfig(&Identity::Certificate(&manager)),
        ),
    ] {
        directory.write(name, &contents)?;
    }
    Ok(())
}

/// A port that nobody else is given as long as this lives. The API server shares it (`--permit-port-sharing`), so it finds it free at
/// each start; the socket here never listens, so no connection goes astray.
struct ReservedPort {
    number: u16,
    _socket: TcpSocket,
}

impl ReservedPort {
    fn take() -> Result<Self> {
        let reserve = || {
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseport(true)?;
            socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
            Ok::<_, std::io::Error>(Self {
                number: socket.local_addr()?.port(),
                _socket: socket,
            })
        };
        reserve().context("no port can be reserved for the API server")
    }
}
