//! What can be said to the program without a cluster.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use rstest::rstest;

/// The program in an environment that says nothing.
fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xopero-operator"));
    command
        .args(arguments)
        .env_clear()
        .env("KUBECONFIG", "/nowhere");
    command
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[rstest]
#[case("--watch-namespace", "XOPERO_WATCH_NAMESPACE")]
#[case("--leader-election", "XOPERO_LEADER_ELECTION")]
#[case("--lease-name", "XOPERO_LEASE_NAME")]
#[case("--lease-duration", "XOPERO_LEASE_DURATION")]
#[case("--lease-renew-interval", "XOPERO_LEASE_RENEW_INTERVAL")]
#[case("--lease-renew-deadline", "XOPERO_LEASE_RENEW_DEADLINE")]
#[case("--listen", "XOPERO_LISTEN")]
#[case("--log-format", "XOPERO_LOG_FORMAT")]
#[case("--log-level", "XOPERO_LOG_LEVEL")]
#[case("--wire-names", "XOPERO_WIRE_NAMES")]
#[case("--allowed-hosts", "XOPERO_ALLOWED_HOSTS")]
#[case("--extra-ca-bundle", "XOPERO_EXTRA_CA_BUNDLE")]
#[case("--drain-timeout", "XOPERO_DRAIN_TIMEOUT")]
fn the_help_lists_each_flag_with_its_variable(#[case] flag: &str, #[case] variable: &str) {
    let help = output(&["run", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.contains(flag), "{text}");
    assert!(text.contains(variable), "{text}");
}

#[test]
fn the_help_of_the_program_lists_what_it_can_do() {
    let help = output(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.contains("run ") && text.contains("crds "), "{text}");
}

#[test]
fn a_list_in_the_environment_is_separated_by_commas() {
    let mut program = program(&["run"]);
    program.env("XOPERO_ALLOWED_HOSTS", "xopero.example.com,https://other");
    let refused = program.output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let text = errors(&refused);
    assert!(text.contains("\"https://other\" is no host name"), "{text}");
}

#[test]
fn the_definitions_are_those_of_the_repository() {
    let printed = output(&["crds"]);
    assert_eq!(printed.status.code(), Some(0));
    let text = String::from_utf8(printed.stdout).unwrap();
    let documents: BTreeSet<&str> = text.split("---\n").collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    for file in &files {
        let committed = fs::read_to_string(file).unwrap();
        assert!(
            documents.contains(committed.as_str()),
            "{} is not printed as it is",
            file.display()
        );
    }
    assert_eq!((documents.len(), files.len()), (5, 5));
}

#[test]
fn wire_names_that_do_not_exist_are_refused_with_those_that_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("names.yaml");
    fs::write(&file, "request.login.mail: Email\n").unwrap();
    let refused = output(&["--wire-names", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let text = errors(&refused);
    assert!(text.contains("of --wire-names cannot be used"), "{text}");
    assert!(
        text.contains("\"request.login.mail\", which is none of ours"),
        "{text}"
    );
    assert!(text.contains("request.login.email"), "{text}");
}

#[test]
fn a_file_of_wire_names_that_is_not_there_is_named() {
    let refused = output(&["--wire-names", "/nowhere/names.yaml"]);
    assert_eq!(refused.status.code(), Some(1));
    let text = errors(&refused);
    assert!(
        text.contains("\"/nowhere/names.yaml\" cannot be read"),
        "{text}"
    );
}

#[rstest]
#[case::that_is_not_there(None, "cannot be read; correct --extra-ca-bundle")]
#[case::without_a_certificate(Some("hello"), "holds no certificate; give it PEM blocks")]
#[case::with_a_damaged_one(
    Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    "cannot be read; give it PEM blocks"
)]
fn a_bundle_of_authorities_that_cannot_be_used_stops_the_start(
    #[case] text: Option<&str>,
    #[case] sentence: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt");
    if let Some(text) = text {
        fs::write(&file, text).unwrap();
    }
    let refused = output(&["--extra-ca-bundle", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let errors = errors(&refused);
    assert!(errors.contains("--extra-ca-bundle"), "{errors}");
    assert!(errors.contains(sentence), "{errors}");
}

#[test]
fn without_an_api_server_the_program_says_how_to_name_one() {
    let refused = output(&[]);
    assert_eq!(refused.status.code(), Some(1));
    let text = errors(&refused);
    assert!(
        text.contains("run in a pod with a service account, or set KUBECONFIG"),
        "{text}"
    );
}

#[test]
fn each_line_of_the_json_log_is_an_object() {
    let refused = output(&["--log-format", "json"]);
    let text = errors(&refused);
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.last().unwrap();
    assert_eq!(last["level"], "ERROR");
    assert!(
        last["message"]
            .as_str()
            .unwrap()
            .contains("no API server is configured")
    );
}
