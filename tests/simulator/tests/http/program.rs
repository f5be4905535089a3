//! The program: its arguments, and the state file that it reads again.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use xopero_simulator::{Certificate, Dialect, Simulator, State, Watched};

use crate::client::{world, written_world};

/// A program that is killed when the test is over.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Program {
    /// Starts it on a free port; the URL is what it says itself.
    fn start(arguments: &[&str]) -> (Self, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_xopero-simulator"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("NO_COLOR", "1")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let program = Self(child);
        let line = lines
            .find(|line| line.as_ref().unwrap().contains("listens on"))
            .unwrap()
            .unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap();
        // The pipe must be read to its end, or the program would wait for it.
        std::thread::spawn(move || lines.for_each(drop));
        (program, url.to_owned())
    }
}

async fn state_of(url: &str, http: &reqwest::Client) -> State {
    let url = format!("{url}/_simulator/state?format=yaml");
    let text = http.get(url).send().await.unwrap().text().await.unwrap();
    State::from_yaml(&text).unwrap()
}

#[tokio::test]
async fn the_program_serves_the_file_and_reads_it_again_when_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.yaml");
    std::fs::write(&file, world().to_yaml().unwrap()).unwrap();
    let (_program, url) = Program::start(&["--state", file.to_str().unwrap()]);
    let any = Simulator::start(world()).unwrap();
    let http = crate::client::Client::of(&any).http();
    assert_eq!(state_of(&url, &http).await, written_world());
    std::fs::write(&file, "organizations: 7").unwrap();
    std::fs::write(&file, "organizations:\n  - name: other\n").unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while state_of(&url, &http)
        .await
        .organizations
        .first()
        .unwrap()
        .name
        != "other"
    {
        assert!(Instant::now() < patience, "the change was not seen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_program_serves_tls_with_the_files_given() {
    let directory = tempfile::tempdir().unwrap();
    let (state, cert, key) = ["state.yaml", "tls.crt", "tls.key"]
        .map(|name| directory.path().join(name))
        .into();
    std::fs::write(&state, world().to_yaml().unwrap()).unwrap();
    let certificate = Certificate::generate().unwrap();
    std::fs::write(&cert, certificate.chain_pem()).unwrap();
    std::fs::write(&key, certificate.key_pem()).unwrap();
    let [state, cert, key] = [&state, &cert, &key].map(|path| path.to_str().unwrap());
    let (_program, url) = Program::start(&["--state", state, "--tls-cert", cert, "--tls-key", key]);
    assert!(url.starts_with("https://"));
    let options = xopero_simulator::Options {
        certificate: Some(certificate),
        ..Default::default()
    };
    let twin = Simulator::start_with(world(), options).unwrap();
    let http = crate::client::Client::of(&twin).http();
    assert_eq!(state_of(&url, &http).await, written_world());
}

#[test]
fn a_file_that_cannot_be_used_leaves_the_former_state() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.yaml");
    std::fs::write(&file, world().to_yaml().unwrap()).unwrap();
    let (mut watched, state) = Watched::read(&file).unwrap();
    let simulator = Simulator::start(state).unwrap();
    assert!(!watched.refresh(&simulator).unwrap());
    let twice = "organizations: [{name: acme}, {name: acme}]";
    for wrong in ["organizations: 7", "organisations: []", twice] {
        std::fs::write(&file, wrong).unwrap();
        assert!(watched.refresh(&simulator).is_err(), "{wrong}");
        assert!(!watched.refresh(&simulator).unwrap(), "it is reported once");
        assert_eq!(simulator.state(), written_world());
    }
    std::fs::write(&file, "organizations: [{name: other}]").unwrap();
    assert!(watched.refresh(&simulator).unwrap());
    assert!(simulator.organization_id("other").is_ok());
}

#[test]
fn the_demo_holds_the_hundred_names_and_some_of_everything() {
    let demo = State::from_yaml(include_str!("../../data/demo.yaml")).unwrap();
    let names: Vec<&str> = include_str!("../../data/github-kubernetes-sigs.txt")
        .lines()
        .collect();
    let [sigs, gitlab, azure] = demo.organizations.as_slice() else {
        panic!("three organizations");
    };
    let found: Vec<&str> = sigs
        .repositories
        .iter()
        .map(|repository| repository.name.as_str())
        .collect();
    assert_eq!(found, names);
    assert!(
        gitlab
            .repositories
            .iter()
            .any(|repository| repository.name == "platform/runtime/api")
    );
    assert!(
        gitlab.upstream.as_ref().unwrap().len() > gitlab.repositories.len(),
        "a synchronization shows new ones"
    );
    assert!(
        azure
            .projects
            .iter()
            .all(|project| project.name.contains(' '))
    );
    assert!(
        azure
            .repositories
            .iter()
            .all(|repository| repository.project.is_some())
    );
    let licences = demo.licences.unwrap();
    let simulator = Simulator::start(demo.clone()).unwrap();
    assert!(simulator.licences_left().unwrap() < licences);
    assert!(
        demo.organizations
            .iter()
            .all(|organization| organization.plans.len() >= 2)
    );
}

#[test]
fn the_dialect_in_the_readme_is_the_default_but_for_its_examples() {
    let readme = include_str!("../../README.md");
    let (_, block) = readme.split_once("```yaml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let mut dialect = State::from_yaml(block).unwrap().dialect;
    assert_eq!((dialect.names.len(), dialect.page_size_cap), (2, Some(100)));
    dialect.names.clear();
    dialect.page_size_cap = None;
    assert_eq!(dialect, Dialect::default());
    let switches = serde_json::to_value(&dialect).unwrap();
    for switch in switches.as_object().unwrap().keys() {
        assert!(
            block.contains(&format!("  {switch}: ")),
            "{switch} is missing"
        );
    }
}
