//! `cargo xtask control-plane`: a cluster to look around in.

use anyhow::Result;
use xtask::{
    control_plane::{ControlPlane, Options},
    say,
};

pub(crate) async fn run() -> Result<()> {
    let control_plane = tokio::select! {
        started = ControlPlane::start(Options::default()) => started?,
        // Whatever runs already ends with this process.
        asked = super::asked_to_end() => return asked,
    };
    describe(&control_plane);
    super::asked_to_end().await?;
    say::line("Stopping …");
    control_plane.stop().await
}

/// The first line is for a shell, the rest for a person.
fn describe(control_plane: &ControlPlane) {
    let folder = control_plane.folder().display();
    let kubectl = control_plane.kubectl_program().display();
    println!("export KUBECONFIG={}", control_plane.kubeconfig().display());
    println!();
    if let Some(address) = control_plane.address() {
        println!("kube-apiserver           https://{address}   log {folder}/kube-apiserver.log");
    }
    println!("etcd                     {folder}/etcd.sock   log {folder}/etcd.log");
    println!(
        "kube-controller-manager  garbage collector, namespaces, service accounts, aggregated roles"
    );
    println!("                         log {folder}/kube-controller-manager.log");
    println!("who did what             {folder}/audit.log");
    println!("kubectl                  {kubectl}");
    println!();
    println!("Nothing runs pods here. Ctrl-C stops all of it; the data is thrown away.");
}
