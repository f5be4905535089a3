//! What is wrong is refused by `kubectl apply`, with what to write instead.

use xopero_simulator::builder::state;

use crate::{
    world::World,
    yaml::{self, acme, connection_with, plan, repository, resource},
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

/// What is said of a field that tells which thing a resource is.
const IDENTITY: &[&str] = &[
    "cannot be changed",
    "delete this resource",
    "create another",
];

#[tokio::test]
async fn what_says_which_organization_it_is_cannot_be_changed_and_a_driver_is_added_once() {
    let world = world().await;
    let organization = |spec: &str| resource("XoperoOrganization", "acme", spec);
    let whole = "connectionRef: {name: xopero}\nname: acme\nprovider: GitHub";
    world.apply(&organization(whole)).await;
    let with_driver = format!("{whole}\ndriver: 1");
    world.apply(&organization(&with_driver)).await;

    let changes = [
        with_driver.replace("name: xopero", "name: other"),
        with_driver.replace("xopero}", "xopero, namespace: other}"),
        with_driver.replace("name: acme", "name: umbrella"),
        with_driver.replace("GitHub", "GitLab"),
        with_driver.replace("driver: 1", "driver: 2"),
        whole.to_owned(),
    ];
    let cases = changes.map(|changed| (organization(&changed), IDENTITY));
    refused(&world, &cases).await;
    world
        .apply(&organization(&format!("{with_driver}\nmode: Observe")))
        .await;
}

#[tokio::test]
async fn what_says_which_thing_a_claim_is_about_cannot_be_changed_nor_taken_out_and_put_back() {
    let world = world().await;
    let project = |which: &str| {
        let spec = format!("organizationRef: {{name: acme}}\n{which}");
        resource("XoperoAzureProject", "portal", &spec)
    };
    let claims = plan("Nightly", "")
        + &repository("api", "project: p")
        + &repository("web", "")
        + &project("name: Portal");
    world.apply(&claims).await;

    let spec = |kind: &str, name: &str, organization: &str, rest: &str| {
        let spec = format!("organizationRef: {{name: {organization}}}\n{rest}");
        (resource(kind, name, &spec), IDENTITY)
    };
    let cases = [
        spec("XoperoBackupPlan", "nightly", "acme", "planName: Hourly"),
        spec("XoperoBackupPlan", "nightly", "other", "planName: Nightly"),
        spec("XoperoRepository", "api", "acme", "name: api"),
        spec("XoperoRepository", "api", "acme", "name: api\nproject: q"),
        spec("XoperoRepository", "api", "acme", "name: web\nproject: p"),
        spec("XoperoRepository", "api", "other", "name: api\nproject: p"),
        // What was left out cannot be put in, or a field could be changed in two steps.
        spec("XoperoRepository", "web", "acme", "name: web\nproject: p"),
        (project("name: Other"), IDENTITY),
        (
            project("projectId: 6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
            IDENTITY,
        ),
    ];
    refused(&world, &cases).await;
    let changed = repository("web", "license: Active\nplans: [Nightly]")
        + &plan("Nightly", "membership: Additive\ndeletionPolicy: Detach");
    world.apply(&changed).await;
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
