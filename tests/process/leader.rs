//! Two operators and one Lease: one writes, the other follows.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::StatusCode;
use rstest::rstest;
use xopero_campaign::{gates::Gates, journal::Deed, oracles::one_writer::Terms};
use xopero_simulator::{
    Endpoint, Simulator,
    builder::{organization, state, user},
    journal::Entry,
};
use xtask::{
    control_plane::{ControlPlane, Options},
    operator as installed,
};

use crate::operator::{Operator, PATIENCE};

/// Short enough to wait for, and long enough for a busy machine to renew in time.
const TIMES: [&str; 4] = [
    "--leader-election",
    "--lease-duration=9s",
    "--lease-renew-deadline=7s",
    "--lease-renew-interval=2s",
];

/// What the oracle of replicas has to know of them: how long a request may take is what the connection says.
const TERMS: Terms = Terms {
    duration: Duration::from_secs(9),
    timeout: Duration::from_secs(1),
};

/// Two times the duration of the Lease.
const TAKEOVER: Duration = Duration::from_secs(18);

const REPOSITORIES: usize = 40;

/// An organization of which nothing is protected yet, and two operators for it. A test that is through must have ended it with
/// [`Pair::end`].
struct Pair {
    leader: Operator,
    standby: Operator,
    gates: Gates,
    namespace: String,
    simulator: Simulator,
    control_plane: ControlPlane,
}

impl Pair {
    async fn start(name: &str) -> Self {
        let control_plane = ControlPlane::shared().await.unwrap();
        installed::install(&control_plane).await.unwrap();
        // Long enough for a test to step in between.
        let simulator = unprotected(Duration::from_millis(100));
        let namespace = format!("{name}-{}", std::process::id());
        prepare(&control_plane, &namespace).await;
        let gates = Gates::of_replicas(&control_plane, &simulator, &namespace);
        let gates = gates.await.unwrap();
        let start = |role: &str| {
            let name = format!("{namespace}-{role}");
            let watch = ["--watch-namespace", &namespace];
            let arguments = [TIMES.as_slice(), &watch].concat();
            let account = (gates.kubeconfig(), namespace.as_str());
            let operator = Operator::start_as(account, &control_plane, &name, &arguments);
            gates.started_beside(operator.id());
            operator
        };
        let leader = start("leader");
        leader.has_logged("Leading: the Lease").await;
        let standby = start("standby");
        standby.has_logged("Standing by").await;
        Self {
            leader,
            standby,
            gates,
            namespace,
            simulator,
            control_plane,
        }
    }

    async fn kubectl(&self, arguments: &[&str], input: Option<&str>) -> String {
        let arguments = [&["--namespace", &self.namespace], arguments].concat();
        let done = self.control_plane.kubectl(&arguments, input);
        done.await.unwrap().success().unwrap()
    }

    /// In which versions the resources are.
    async fn versions(&self) -> String {
        let versions = "--output=jsonpath={.items[*].metadata.resourceVersion}";
        self.kubectl(&["get", "xconn,xorg,xplan", versions], None)
            .await
    }

    /// Declares that everything is protected.
    async fn apply(&self) {
        let resources = resources(&self.gates.url());
        self.kubectl(&["apply", "-f", "-"], Some(&resources)).await;
    }

    fn writes_since(&self, number: u64) -> Vec<Entry> {
        let mut entries = self.simulator.journal_since(number);
        entries.retain(Entry::is_write);
        entries
    }

    fn protected(&self) -> usize {
        let members = self.simulator.members("acme", "Nightly").unwrap();
        members.len()
    }

    /// What every test ends with: the oracles have nothing against what went between both and their servers.
    async fn end(self) {
        for operator in [&self.leader, &self.standby] {
            operator.kill();
        }
        self.gates.ends(Deed::Killed).await.unwrap();
        let violations = self.gates.violations_of_replicas(&self.simulator, TERMS);
        assert!(
            violations.is_empty(),
            "{violations:#?}\n{}",
            self.gates.shown()
        );
    }
}

/// A namespace, with the Lease in it, for an operator with no more rights than it needs elsewhere.
async fn prepare(control_plane: &ControlPlane, namespace: &str) {
    let account = format!(
        "--serviceaccount={}:{}",
        installed::NAMESPACE,
        installed::ACCOUNT
    );
    let within = format!("--namespace={namespace}");
    let allow = [
        "create",
        "rolebinding",
        "replicas",
        "--clusterrole=admin",
        &account,
        &within,
    ];
    for arguments in [&["create", "namespace", namespace][..], &allow] {
        let done = control_plane.kubectl(arguments, None);
        done.await.unwrap().success().unwrap();
    }
}

/// A Xopero ONE whose repositories are all still to be protected.
fn unprotected(answer_time: Duration) -> Simulator {
    let names = (0..REPOSITORIES).map(|number| format!("repository-{number}"));
    let names: Vec<String> = names.collect();
    let acme = organization("acme").plan("Nightly");
    let acme = acme.with_all(names.iter().map(String::as_str));
    let mut world = state()
        .user(user("operator@example.com", "open-sesame"))
        .licences(100)
        .with(acme);
    world.answer_time = answer_time;
    Simulator::start(world).unwrap()
}

fn resources(url: &str) -> String {
    format!(
        r#"
apiVersion: v1
kind: Secret
metadata: {{name: account, labels: {{xopero.dev/credentials: "true"}}}}
stringData: {{email: operator@example.com, password: open-sesame}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: xopero}}
spec: {{url: "{url}", credentialsSecretRef: {{name: account}}, requests: {{perSecond: 1000, inFlight: 1, timeout: 1s}}}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {{name: acme}}
spec: {{connectionRef: {{name: xopero}}, name: acme, provider: GitHub}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoBackupPlan
metadata: {{name: nightly}}
spec: {{organizationRef: {{name: acme}}, planName: Nightly, repositories: {{include: ['**']}}}}
"#
    )
}

#[tokio::test]
async fn a_standby_that_cannot_watch_all_kinds_is_not_ready_and_names_them() {
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    let start = |name: &str| Operator::start(&control_plane, name, &TIMES);
    let leader = start("leader");
    leader.has_logged("Leading: the Lease").await;
    let standby = start("standby");
    standby.has_logged("Standing by").await;
    // There are no definitions yet.
    let page = standby.get("/readyz").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("xoperobackupplans"), "{}", page.text);

    installed::install(&control_plane).await.unwrap();
    standby.is_ready().await;
    assert_eq!(standby.get("/readyz").await.text, "ok: standing by\n");
    leader.is_ready().await;
    leader.terminate();
    assert_eq!(leader.ends_within(PATIENCE).await, 0);
    standby.has_logged("Leading: the Lease").await;
    standby
        .eventually("says that it leads", async || {
            standby.get("/readyz").await.text == "ok\n"
        })
        .await;
}

#[tokio::test]
async fn a_standby_is_ready_and_neither_logs_in_nor_writes() {
    let pair = Pair::start("standing-by").await;
    pair.standby.is_ready().await;
    let page = pair.standby.get("/readyz").await;
    assert_eq!(
        (page.status, page.text.as_str()),
        (StatusCode::OK, "ok: standing by\n")
    );
    assert_eq!(pair.standby.get("/livez").await.status, StatusCode::OK);
    pair.apply().await;
    let all = async || pair.protected() == REPOSITORIES;
    pair.leader.eventually("protects all", all).await;
    assert_eq!(pair.simulator.summary().of_endpoint(Endpoint::Login), 1);
    assert!(!pair.standby.log().contains("Leading"));
    pair.end().await;
}

#[tokio::test]
async fn a_leader_that_is_killed_is_followed_within_two_leases() {
    let pair = Pair::start("killed").await;
    pair.leader.kill();
    let killed = Instant::now();
    pair.standby.has_logged("Leading: the Lease").await;
    assert!(killed.elapsed() < TAKEOVER, "{:?}", killed.elapsed());
    pair.apply().await;
    let all = async || pair.protected() == REPOSITORIES;
    pair.standby.eventually("protects all", all).await;
    pair.end().await;
}

#[tokio::test]
async fn a_leader_that_ends_in_order_releases_the_lease() {
    let pair = Pair::start("released").await;
    pair.leader.is_ready().await;
    pair.leader.terminate();
    assert_eq!(pair.leader.ends_within(PATIENCE).await, 0);
    let log = pair.leader.log();
    assert!(log.contains("is released"), "{log}");
    let ended = Instant::now();
    pair.standby.has_logged("Leading: the Lease").await;
    // Before it could have expired.
    assert!(
        ended.elapsed() < Duration::from_secs(7),
        "{:?}",
        ended.elapsed()
    );
    pair.end().await;
}

#[rstest]
#[case::deleted("deleted", &["delete", "lease", "xopero-operator"], "the Lease is lost: it was deleted")]
#[case::stolen(
    "stolen",
    &["patch", "lease", "xopero-operator", "--type=merge", "--patch={\"spec\":{\"holderIdentity\":\"thief\"}}"],
    "the Lease is lost: it is no longer held by this process"
)]
#[tokio::test]
async fn a_leader_that_loses_the_lease_ends_and_says_so(
    #[case] name: &str,
    #[case] change: &[&str],
    #[case] sentence: &str,
) {
    let pair = Pair::start(name).await;
    pair.leader.is_ready().await;
    pair.kubectl(change, None).await;
    assert_eq!(pair.leader.ends_within(PATIENCE).await, 1);
    let log = pair.leader.log();
    assert!(log.contains(sentence), "{log}");
    assert!(!log.contains("Ended in order"), "{log}");
    pair.standby.has_logged("Leading: the Lease").await;
    pair.end().await;
}

/// The fence alone: the renewals fail, and the leader gives up long after it may write.
#[tokio::test]
async fn without_a_renewal_no_write_is_sent_that_the_lease_might_not_outlive() {
    const LEASE: Duration = Duration::from_secs(16);
    const TIMEOUT: Duration = Duration::from_secs(6);
    let times = [
        "--leader-election",
        "--lease-duration=16s",
        "--lease-renew-deadline=15s",
        "--lease-renew-interval=1s",
    ];
    let control_plane = ControlPlane::start(Options::default()).await.unwrap();
    // One write after the other, they would take twice as long as the Lease.
    let simulator = unprotected(Duration::from_millis(800));
    let namespace = "fenced";
    installed::install(&control_plane).await.unwrap();
    prepare(&control_plane, namespace).await;
    let gates = Gates::of_replicas(&control_plane, &simulator, namespace);
    let gates = gates.await.unwrap();
    let declared = resources(&gates.url()).replace("timeout: 1s", "timeout: 6s");
    let apply = ["apply", "--namespace", namespace, "-f", "-"];
    let applied = control_plane.kubectl(&apply, Some(&declared));
    applied.await.unwrap().success().unwrap();
    let account = (gates.kubeconfig(), namespace);
    let leader = Operator::start_as(account, &control_plane, namespace, &times);
    gates.started_beside(leader.id());
    let writes = || {
        let mut entries = simulator.journal();
        entries.retain(Entry::is_write);
        entries
    };
    let several = async || writes().len() > 2;
    leader.eventually("writes", several).await;

    control_plane.freeze().unwrap();
    let frozen = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert_eq!(leader.ends_within(PATIENCE).await, 1);
    control_plane.thaw().unwrap();

    let log = leader.log();
    assert!(log.contains("it could not be renewed in time"), "{log}");
    assert!(writes().len() < REPOSITORIES, "nothing was left to write");
    let last = Duration::from_millis(writes().last().unwrap().time).saturating_sub(frozen);
    assert!(
        last + TIMEOUT <= LEASE,
        "a write was sent {last:?} after the last renewal that could be answered"
    );
    assert!(
        last > Duration::from_secs(2),
        "the leader stopped for another reason: {log}"
    );
    gates.ends(Deed::Ended).await.unwrap();
    let terms = Terms {
        duration: LEASE,
        timeout: TIMEOUT,
    };
    let violations = gates.violations_of_replicas(&simulator, terms);
    assert!(violations.is_empty(), "{violations:#?}");
    control_plane.stop().await.unwrap();
}

#[tokio::test]
async fn promise_9_one_writer_a_leader_that_stood_still_writes_nothing_any_more() {
    let pair = Pair::start("frozen").await;
    pair.apply().await;
    let several = async || pair.writes_since(0).len() > 3;
    pair.leader.eventually("writes", several).await;
    pair.leader.freeze();
    assert!(pair.protected() < REPOSITORIES, "nothing is left to write");
    let all = async || pair.protected() == REPOSITORIES;
    pair.standby.eventually("protects the rest", all).await;
    let ready = [
        "wait",
        "--for=condition=Ready",
        "--timeout=100s",
        "xorg/acme",
        "xplan/nightly",
    ];
    pair.kubectl(&ready, None).await;
    // What is written from here on is written by the other.
    pair.standby.kill();
    let number = pair.simulator.last_number();
    let versions = pair.versions().await;
    pair.leader.thaw();
    assert_eq!(pair.leader.ends_within(PATIENCE).await, 1);
    let log = pair.leader.log();
    assert!(log.contains("it could not be renewed in time"), "{log}");
    let late = pair.writes_since(number);
    assert!(late.is_empty(), "{late:?}");
    assert_eq!(
        pair.versions().await,
        versions,
        "no status is written, either"
    );
    pair.end().await;
}
