//! Which tests reach which mutants, and how long they take: the others need not be asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use super::places::Number;

/// What makes all cases of the tests the same each time.
pub(super) const ENVIRONMENT: [(&str, &str); 5] = [
    // What only every hundredth would notice is not what guards a removal. With fewer, chance decides whether the model's runs remove
    // enough to be believed.
    ("PROPTEST_CASES", "200"),
    // With others for each mutant, a failure may be chance.
    ("PROPTEST_RNG_SEED", "1"),
    // How small a failure can be made is of no use here.
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1"),
    ("RUST_BACKTRACE", "0"),
];

/// Every run there is of the small scope takes minutes, and notices what random runs of the model do.
pub(super) const TOO_LONG: &str = "decide::tests::model::scope";

/// A test, the mutants that it reaches, and how long it takes.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) name: String,
    pub(super) reached: BTreeSet<Number>,
    pub(super) takes: Duration,
}

/// What all tests reach.
#[derive(Debug)]
pub(super) struct Reach {
    /// The quick ones first.
    pub(super) tests: Vec<Test>,
    /// What is reached by threads that tests have begun: it is not known by which.
    pub(super) by_unknown: BTreeSet<Number>,
}

/// The library's tests, all cases of which are the same each time.
pub(super) fn library_tests(program: &Path, copy: &Path) -> Command {
    let mut tests = Command::new(program);
    tests
        .current_dir(copy)
        .envs(ENVIRONMENT)
        .env_remove("XOPERO_MUTANT");
    tests
}

/// Runs all tests, with no mutant switched on, and reads what each has reached.
pub(super) fn run(program: &Path, copy: &Path) -> Result<Reach> {
    let folder = copy.join("target/reached");
    fs::create_dir_all(&folder)?;
    let list = library_tests(program, copy)
        .args(["--list", "--format", "terse", "--skip", TOO_LONG])
        .output()?;
    let list = String::from_utf8(list.stdout)?;
    let output = library_tests(program, copy)
        // On a single thread no test has its name.
        .args(["--quiet", "--test-threads", "2", "--skip", TOO_LONG])
        .env("XOPERO_MUTANTS_REACHED", &folder)
        .output()?;
    ensure!(
        output.status.success(),
        "with no mutant switched on the tests failed ({}):\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
    let mut threads = BTreeMap::new();
    for file in fs::read_dir(&folder)? {
        let file = file?;
        let name = file.file_name().to_string_lossy().into_owned();
        threads.insert(name, fs::read_to_string(file.path())?);
    }
    read(&list, &threads)
}

/// `list` as the test program prints it; for each thread, the milliseconds it took and the mutants it reached.
fn read(list: &str, threads: &BTreeMap<String, String>) -> Result<Reach> {
    let mut tests: BTreeMap<String, Test> = list
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(|name| {
            let test = Test {
                name: name.to_owned(),
                reached: BTreeSet::new(),
                takes: Duration::ZERO,
            };
            (name.to_owned(), test)
        })
        .collect();
    let mut by_unknown = BTreeSet::new();
    for (thread, text) in threads {
        let mut numbers = text.split(' ');
        let takes: u64 = numbers.next().context("an empty file")?.parse()?;
        let reached: BTreeSet<Number> = numbers.map(str::parse).collect::<Result<_, _>>()?;
        let name = thread
            .split('@')
            .next()
            .unwrap_or(thread)
            .replace('+', "::");
        match tests.get_mut(&name) {
            Some(test) => {
                test.takes = Duration::from_millis(takes);
                test.reached = reached;
            }
            None => by_unknown.extend(reached),
        }
    }
    let mut tests: Vec<Test> = tests.into_values().collect();
    tests.sort_by_key(|test| test.takes);
    Ok(Reach { tests, by_unknown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_without_the_name_of_a_test_is_of_nobody_known() {
        let threads = [
            ("a+slow@ThreadId(2)", "900 1 2"),
            ("a+quick@ThreadId(3)", "4 2"),
            ("tokio-rt-worker@ThreadId(4)", "0 3"),
        ];
        let threads = threads.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let Reach { tests, by_unknown } = read(
            "a::slow: test\na::quick: test\n\n2 tests\n",
            &threads.into(),
        )
        .unwrap();
        let told: Vec<(&str, Vec<Number>)> = tests
            .iter()
            .map(|test| (test.name.as_str(), test.reached.iter().copied().collect()))
            .collect();
        assert_eq!(by_unknown, [3].into());
        assert_eq!(told, [("a::quick", vec![2]), ("a::slow", vec![1, 2])]);
    }
}
