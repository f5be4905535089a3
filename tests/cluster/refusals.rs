//! What is wrong is refused by `kubectl apply` with what to write instead, or stalled with it where only Xopero ONE can tell.

use xopero_simulator::{
    Simulator,
    builder::{organization, state, user},
};

use crate::{
    objects::Kind,
    world::World,
    yaml::{self, acme, connection_with, indented, plan, repository, resource, secret},
};

async fn world() -> World {
    World::bare(state()).await
}

/// Each is refused with a sentence that holds all these words.
async fn refused(world: &World, cases: &[(String, &[&str])]) {
    for (manifest, words) in cases {
        let complaint = world.refused(manifest).await;
        for word in *words {
            assert!(
                complaint.contains(word),
                "{word:?} is not in: {complaint}\n{manifest}"
            );
        }
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table: one row a field")]
async fn what_says_which_thing_a_resource_is_cannot_be_changed_nor_taken_out_and_put_back() {
    let world = world().await;
    let organization = |more: &str| {
        resource(
            "XoperoOrganization",
            "acme",
            &format!("resyncInterval: 1s\n{more}"),
        )
    };
    let project = |more: &str| {
        resource(
            "XoperoAzureProject",
            "portal",
            &format!("organizationRef: {{name: acme}}\n{more}"),
        )
    };
    let whole = "connectionRef: {name: xopero}\nname: acme\nprovider: GitHub";
    let with_driver = format!("{whole}\ndriver: 1");
    world
        .apply(
            &(organization(whole)
                + &plan("Nightly", "")
                + &repository("api", "project: p")
                + &repository("web", "")
                + &project("name: Portal")),
        )
        .await;
    // A driver may be added once.
    world.apply(&organization(&with_driver)).await;

    let identity: &[&str] = &[
        "cannot be changed",
        "delete this resource",
        "create another",
    ];
    let in_place = |name: &str, spec: &str| resource("XoperoRepository", name, spec);
    refused(
        &world,
        &[
            (
                organization(&with_driver.replace("name: xopero", "name: other")),
                identity,
            ),
            (
                organization(&with_driver.replace("xopero}", "xopero, namespace: other}")),
                identity,
            ),
            (
                organization(&with_driver.replace("name: acme", "name: umbrella")),
                identity,
            ),
            (
                organization(&with_driver.replace("GitHub", "GitLab")),
                identity,
            ),
            (
                organization(&with_driver.replace("driver: 1", "driver: 2")),
                identity,
            ),
            (organization(whole), identity),
            (
                resource(
                    "XoperoBackupPlan",
                    "nightly",
                    "organizationRef: {name: acme}\nplanName: Hourly",
                ),
                identity,
            ),
            (
                resource(
                    "XoperoBackupPlan",
                    "nightly",
                    "organizationRef: {name: other}\nplanName: Nightly",
                ),
                identity,
            ),
            (
                in_place("api", "organizationRef: {name: acme}\nname: api"),
                identity,
            ),
            (
                in_place(
                    "api",
                    "organizationRef: {name: acme}\nname: api\nproject: q",
                ),
                identity,
            ),
            (
                in_place(
                    "api",
                    "organizationRef: {name: acme}\nname: web\nproject: p",
                ),
                identity,
            ),
            (
                in_place(
                    "web",
                    "organizationRef: {name: acme}\nname: web\nproject: p",
                ),
                identity,
            ),
            (project("name: Other"), identity),
            (
                project("projectId: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
                identity,
            ),
        ],
    )
    .await;
    // What does not say which thing it is can be changed.
    world
        .apply(&repository("web", "license: Active\nplans: [Nightly]"))
        .await;
    world
        .apply(&plan(
            "Nightly",
            "membership: Additive\ndeletionPolicy: Detach",
        ))
        .await;
}

#[tokio::test]
async fn a_resource_that_contradicts_itself_is_refused_with_what_to_write() {
    let world = world().await;
    let project = |more: &str| {
        resource(
            "XoperoAzureProject",
            "portal",
            &format!("organizationRef: {{name: acme}}\n{more}"),
        )
    };
    let guid = "projectId: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
    refused(
        &world,
        &[
            (
                plan("Nightly", "membership: Exclusive"),
                &["need an include", "membership: Additive"],
            ),
            (
                plan(
                    "Nightly",
                    "membership: Exclusive\nrepositories: {exclude: [x]}",
                ),
                &["need an include", "include: [\"**\"]"],
            ),
            (
                plan(
                    "Nightly",
                    "membership: Exclusive\nrepositories: {include: [x]}\nprojects: {exclude: [z]}",
                ),
                &["need an include"],
            ),
            (
                repository("api", "membership: Exclusive"),
                &["name at least one plan"],
            ),
            (project(""), &["either name or projectId"]),
            (
                project(&format!("name: Portal\n{guid}")),
                &["either name or projectId"],
            ),
            (project("projectId: portal"), &["projectId"]),
            (
                project("name: Portal\nmembership: Exclusive"),
                &["name at least one plan"],
            ),
            (
                acme("allowedNamespaces: {from: Selector}"),
                &["selector goes with from: Selector"],
            ),
            (
                acme("allowedNamespaces: {from: All, selector: {}}"),
                &["selector goes with from: Selector"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_broken_regular_expression_is_refused_in_the_words_of_the_parser() {
    let world = world().await;
    let complaint = world
        .refused(&plan("Nightly", "repositories: {includeRegex: ['a(b']}"))
        .await;
    assert!(complaint.contains("missing closing )"), "{complaint}");
    let complaint = world
        .refused(&plan(
            "Nightly",
            "repositories: {include: [x], excludeRegex: ['[z-a]']}",
        ))
        .await;
    assert!(complaint.contains("excludeRegex"), "{complaint}");
}

#[tokio::test]
async fn what_is_out_of_bounds_or_no_known_word_is_refused_and_named() {
    let world = world().await;
    let many = |count: usize, name: &str| {
        let items = (0..count)
            .map(|n| format!("r{n}"))
            .collect::<Vec<_>>()
            .join(", ");
        plan("Nightly", &format!("repositories: {{{name}: [{items}]}}"))
    };
    let long = "x".repeat(257);
    refused(
        &world,
        &[
            (many(101, "include"), &["include", "100"]),
            (many(17, "includeRegex"), &["includeRegex", "16"]),
            (
                plan("Nightly", &format!("repositories: {{include: [{long}]}}")),
                &["include", "256"],
            ),
            (
                repository("a", &format!("plans: [{long}]")),
                &["plans", "256"],
            ),
            (acme("removalLimit: -1"), &["removalLimit"]),
            (acme("removalLimit: 101%"), &["removalLimit"]),
            (acme("removalLimit: many"), &["removalLimit"]),
            (
                acme("").replacen("resyncInterval: 1s", "resyncInterval: 10ms", 1),
                &["resyncInterval", "1s"],
            ),
            (acme("sync: {interval: 1m}"), &["interval", "15"]),
            (acme("licenses: {limit: -1}"), &["limit"]),
            (acme("mode: Dry"), &["mode", "Manage", "Observe"]),
            (
                plan("Nightly", "deletionPolicy: Remove"),
                &["deletionPolicy", "Retain", "Detach"],
            ),
            (
                repository("a", "license: active"),
                &["license", "Active", "Inactive"],
            ),
            (
                connection_with("https://x.example.com", "")
                    .replace("perSecond: 1000", "perSecond: 1001"),
                &["perSecond", "1000"],
            ),
            (
                connection_with("https://x.example.com", "")
                    .replace("inFlight: 16", "inFlight: 65"),
                &["inFlight", "64"],
            ),
            (
                connection_with("https://x.example.com", "")
                    .replace("inFlight: 16", "timeout: 16s"),
                &["timeout", "15"],
            ),
            (
                plan("Nightly", "repository: {include: [x]}"),
                &["unknown field"],
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_url_is_an_origin_and_http_leads_to_this_machine_only() {
    let world = world().await;
    for url in [
        "http://xopero.example.com",
        "http://127.0.0.1.example.com",
        "ftp://xopero.example.com",
        "https://user:pass@xopero.example.com",
        "https://xopero.example.com/api",
        "https://xopero.example.com?x=1",
        "https://xopero.example.com#x",
        "xopero.example.com",
    ] {
        let complaint = world.refused(&yaml::connection(format!("'{url}'"))).await;
        assert!(
            complaint.contains("write https://host or https://host:port"),
            "{url}: {complaint}"
        );
    }
    for url in [
        "https://xopero.example.com",
        "https://xopero.example.com:8443/",
        "http://[::1]:80",
    ] {
        world.apply(&yaml::connection(format!("'{url}'"))).await;
    }
}

#[tokio::test]
async fn an_unusable_secret_is_stalled_with_what_to_change_and_then_used() {
    let mut world = World::bare(state().with(organization("acme"))).await;
    world.start_operator().await;
    let url = world.simulator.url();
    // Without the label nothing of it is read.
    let mute = secret().replace("labels: {xopero.dev/credentials: \"true\"}", "labels: {}");
    world
        .apply(&(mute + &yaml::connection(&url) + &acme("")))
        .await;
    let stalled = world
        .stalled(Kind::Connection, "xopero", "SecretNotConsenting")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("xopero.dev/credentials"), "{message}");

    world
        .apply(&secret().replace("password:", "passwort:"))
        .await;
    // kubectl apply merges: the former key goes only with a replacement.
    let stalled = world
        .wait_for(
            Kind::Connection,
            "xopero",
            "without its label or key problem",
            |object| object.is_ready() || object.is_stalled("SecretInvalid"),
        )
        .await;
    assert!(!stalled.message("Stalled").contains(yaml::PASSWORD));

    let other_key = connection_with(&url, "").replace(
        "{name: account}",
        "{name: account, passwordKey: secret-word}",
    );
    world.apply(&other_key).await;
    let stalled = world
        .stalled(Kind::Connection, "xopero", "SecretInvalid")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("secret-word"), "{message}");

    world.apply(&(secret() + &yaml::connection(&url))).await;
    world.ready(Kind::Organization, "acme").await;
    world.end().await;
}

#[tokio::test]
async fn a_rejected_login_is_asked_for_once_until_the_secret_changes() {
    let mut world = World::bare(state().with(organization("acme"))).await;
    world.start_operator().await;
    let wrong = secret().replace(yaml::PASSWORD, "wrong-battery");
    let url = world.simulator.url();
    world
        .apply(&(wrong + &yaml::connection(url) + &acme("")))
        .await;

    let stalled = world
        .stalled(Kind::Connection, "xopero", "LoginRejected")
        .await;
    assert!(!stalled.to_string().contains("wrong-battery"));
    assert_eq!(world.simulator.summary().logins, 1);
    world.restart_operator().await;
    // The operator is back when it has adopted the resource's change.
    world.apply(&acme("removalLimit: 3")).await;
    world
        .wait_for(
            Kind::Organization,
            "acme",
            "waiting for the connection",
            |object| object.says("Reconciling") == "True WaitingForConnection",
        )
        .await;
    assert_eq!(
        world.simulator.summary().logins,
        1,
        "not after a restart either"
    );

    world.apply(&secret()).await;
    world.ready(Kind::Organization, "acme").await;
    assert_eq!(world.simulator.summary().logins, 2);
    world.end().await;
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_stalled_until_its_bundle_is_given() {
    let account = user(yaml::EMAIL, yaml::PASSWORD);
    let state = state().with(organization("acme")).user(account);
    let simulator = Simulator::start_tls(state).unwrap();
    let pem = simulator.ca_pem().unwrap().to_owned();
    let mut world = World::around(simulator).await;
    world.start_operator().await;
    let url = world.simulator.url();
    let bundle = "tls: {caBundleRef: {kind: ConfigMap, name: authority, key: ca.crt}}";
    let authority = |text: &str| {
        let text = indented(text, 4);
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: authority}}\ndata:\n  ca.crt: |\n{text}"
        )
    };
    world
        .apply(&(secret() + &connection_with(&url, "") + &acme("")))
        .await;
    let stalled = world
        .stalled(Kind::Connection, "xopero", "CertificateInvalid")
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("caBundleRef"), "{message}");

    world
        .apply(&(authority("no certificate") + &connection_with(&url, bundle)))
        .await;
    let stalled = world
        .wait_for(
            Kind::Connection,
            "xopero",
            "saying what a bundle is",
            |object| {
                object.is_stalled("CertificateInvalid")
                    && object.message("Stalled").contains("CA bundle")
            },
        )
        .await;
    let message = stalled.message("Stalled");
    assert!(message.contains("-----BEGIN CERTIFICATE-----"), "{message}");

    world.apply(&authority(&pem)).await;
    world.ready(Kind::Organization, "acme").await;
    world.ready(Kind::Connection, "xopero").await;
    world.end().await;
}
