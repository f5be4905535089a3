use rstest::rstest;

use super::*;

fn parse(arguments: &[&str]) -> Result<Command, clap::Error> {
    let program = std::iter::once("xopero-operator");
    Command::parse_from(program.chain(arguments.iter().copied()).map(OsString::from))
}

fn run(arguments: &[&str]) -> RunArguments {
    match parse(arguments).unwrap() {
        Command::Run(arguments) => *arguments,
        Command::Crds => unreachable!("the definitions were not asked for"),
    }
}

#[test]
fn the_definition_of_the_arguments_is_sound() {
    <Arguments as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn without_arguments_the_operator_runs_on_all_namespaces() {
    let RunArguments {
        watch_namespaces,
        leader_election,
        lease,
        listen,
        log_format,
        log_level,
        wire_names,
        allowed_hosts,
        extra_ca_bundle,
        drain_timeout,
    } = run(&[]);
    assert_eq!(watch_namespaces, Vec::<String>::new());
    assert_eq!(leader_election, LeaderElection::Off);
    assert_eq!(lease.lease_name, "xopero-operator");
    assert_eq!(lease.lease_duration, Duration::from_secs(30));
    assert_eq!(lease.lease_renew_interval, Duration::from_secs(4));
    assert_eq!(lease.lease_renew_deadline, Duration::from_secs(20));
    assert_eq!(listen.to_string(), "[::]:8080");
    assert_eq!(log_format, LogFormat::Text);
    assert_eq!(log_level, "info".parse().unwrap());
    assert_eq!(wire_names, None);
    assert_eq!(allowed_hosts, Vec::<String>::new());
    assert_eq!(extra_ca_bundle, None);
    assert_eq!(drain_timeout, Duration::from_secs(25));
}

#[rstest]
#[case::with_the_subcommand(&["run", "--watch-namespace", "backup", "--watch-namespace=audit"])]
#[case::without(&["--watch-namespace", "backup", "--watch-namespace=audit"])]
#[case::as_a_list(&["--watch-namespace", "backup,audit"])]
fn namespaces_are_taken_in_each_way(#[case] arguments: &[&str]) {
    assert_eq!(run(arguments).watch_namespaces, ["backup", "audit"]);
}

#[rstest]
#[case::a_deadline_past_the_lease(&["--lease-renew-deadline", "30s"], "--lease-duration must be longer")]
#[case::a_renewal_past_the_deadline(&["--lease-renew-interval", "20s"], "--lease-duration must be longer")]
#[case::a_renewal_all_the_time(&["--lease-renew-interval", "0s"], "which is not zero")]
#[case::a_lease_without_a_name(&["--lease-name", ""], "for example xopero-operator")]
#[case::leader_election_perhaps(&["--leader-election=perhaps"], "write true or false")]
#[case::no_namespace(&["--watch-namespace", ""], "leave the flag and its variable out to watch all namespaces")]
#[case::a_namespace_in_capitals(&["--watch-namespace", "Backup"], "a namespace has up to 63 lower case letters")]
#[case::a_port_alone(&["--listen", ":8080"], "write an address with a port")]
#[case::a_host_with_a_scheme(&["--allowed-hosts", "https://xopero.example.com"], "write it without scheme")]
#[case::a_number_without_a_unit(&["--drain-timeout", "25"], "write a duration")]
#[case::a_negative_duration(&["--drain-timeout=-1s"], "write a duration")]
#[case::a_duration_past_the_hour(&["--drain-timeout", "61m"], "write a duration")]
#[case::a_duration_past_all_bounds(&["--drain-timeout", "99999999999999999999999999999999h"], "write a duration")]
#[case::a_level_that_is_none(&["--log-level", "loud"], "write error, warn, info, debug or trace")]
#[case::a_format_that_is_none(&["--log-format", "xml"], "text, json")]
#[case::a_flag_that_is_none(&["--verbose"], "--verbose")]
#[case::a_subcommand_that_is_none(&["walk"], "walk")]
fn what_is_wrong_is_refused_with_a_way_out(#[case] arguments: &[&str], #[case] sentence: &str) {
    let refusal = parse(arguments).unwrap_err();
    assert_eq!(refusal.exit_code(), 2);
    let text = refusal.to_string();
    assert!(text.contains(sentence), "{text}");
}

#[rstest]
#[case::by_its_value(&["--leader-election=true"])]
#[case::by_its_name_alone(&["--leader-election"])]
fn leader_election_is_switched_on(#[case] arguments: &[&str]) {
    assert_eq!(run(arguments).leader_election, LeaderElection::On);
}

#[rstest]
#[case::none("0s", 0)]
#[case::seconds("25s", 25)]
#[case::two_units("1m30s", 90)]
#[case::the_longest("1h", 3600)]
fn durations_are_written_as_in_kubernetes(#[case] text: &str, #[case] seconds: u64) {
    assert_eq!(
        run(&["--drain-timeout", text]).drain_timeout,
        Duration::from_secs(seconds)
    );
}

#[test]
fn each_flag_explains_itself_and_has_its_variable() {
    let program = <Arguments as clap::CommandFactory>::command();
    let run = program.find_subcommand("run").unwrap();
    for argument in run.get_arguments() {
        let flag = argument.get_long().unwrap();
        assert!(argument.get_help().is_some(), "--{flag}");
        let variable = format!("XOPERO_{}", flag.replace('-', "_").to_uppercase());
        assert_eq!(argument.get_env().unwrap().to_string_lossy(), variable);
    }
}
