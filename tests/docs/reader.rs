//! Somebody who reads a page and does what it says, in order, in a checkout, with bash.

use std::{
    collections::VecDeque,
    env, fs,
    os::unix::fs::symlink,
    path::PathBuf,
    process::{Command as Program, Output, Stdio},
    thread,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    time::timeout,
};
use xtask::{process::Process, workspace};

use crate::{
    not_run,
    page::{Command, Step, steps},
    shown,
    world::{ADDRESS, PATIENCE, PROGRAM, World},
};

pub(crate) struct Reader<'a> {
    page: String,
    world: &'a World,
    steps: VecDeque<Step>,
    instead: Vec<(String, String)>,
    /// What never ends, and what the reader leaves running in another window.
    windows: Vec<Process>,
    home: TempDir,
}

impl<'a> Reader<'a> {
    pub(crate) fn of(page: impl Into<String>, world: &'a World) -> Self {
        let page = page.into();
        let text = fs::read_to_string(workspace::root().join(&page)).unwrap();
        let home = tempfile::tempdir().unwrap();
        let checkout = home.path().join("checkout");
        fs::create_dir_all(checkout.join("target/release")).unwrap();
        for name in ["charts", "crds", "docs", "xtask"] {
            symlink(workspace::root().join(name), checkout.join(name)).unwrap();
        }
        symlink(PROGRAM, checkout.join("target/release/xopero-operator")).unwrap();
        let mut steps = VecDeque::from(steps(&text));
        steps.retain(
            |step| !matches!(step, Step::Run(command) if not_run::is_listed(&page, &command.text)),
        );
        Self {
            page,
            world,
            steps,
            instead: vec![(ADDRESS.to_owned(), world.simulator.url())],
            windows: Vec::new(),
            home,
        }
    }

    /// What this reader writes where the page says `words`.
    pub(crate) fn instead(&mut self, words: &str, other: impl Into<String>) {
        let is_there = self.steps.iter().any(|step| match step {
            Step::Run(command) => command.text.contains(words),
            Step::Write { text, .. } => text.contains(words),
        });
        assert!(is_there, "{} does not say {words:?}", self.page);
        self.instead.push((words.to_owned(), other.into()));
    }

    /// Puts real names into commands that leave them open.
    pub(crate) fn fills_in(&mut self, names: impl Fn(&str) -> String) {
        for step in &mut self.steps {
            if let Step::Run(command) = step {
                command.text = names(&command.text);
            }
        }
    }

    /// Goes on in another cluster, with the same files.
    pub(crate) fn go_on_in(&mut self, world: &'a World) {
        self.world = world;
    }

    /// Writes other words into a file below `docs`, as the page asks of who reads it.
    pub(crate) fn corrects(&self, file: &str, words: &str, other: &str) {
        let docs = self.checkout().join("docs");
        if docs.is_symlink() {
            fs::remove_file(&docs).unwrap();
            let mut copy = Program::new("cp");
            copy.arg("--recursive");
            copy.arg(workspace::root().join("docs")).arg(&docs);
            assert!(copy.status().unwrap().success());
        }
        let file = self.checkout().join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert!(
            text.contains(words),
            "{} does not say {words}",
            file.display()
        );
        fs::write(file, text.replace(words, other)).unwrap();
    }

    /// A file that the page takes for granted.
    pub(crate) fn has(&self, name: &str, text: &str) {
        fs::write(self.checkout().join(name), text).unwrap();
    }

    /// Types it where a command reads it from standard input, with a line break at its end.
    pub(crate) fn types_the_password(&mut self, password: &str) {
        self.has("typed", &format!("{password}\n"));
        self.instead("password=/dev/stdin", "password=typed");
    }

    /// Does everything before the next command that begins so.
    pub(crate) async fn before(&mut self, command: &str) {
        loop {
            match self.steps.front() {
                Some(Step::Run(next)) if next.text.starts_with(command) => return,
                Some(_) => self.step().await,
                None => panic!("{} does not go on with {command:?}", self.page),
            }
        }
    }

    /// Does everything up to the next command that begins so, and that one.
    pub(crate) async fn through(&mut self, command: &str) {
        self.before(command).await;
        self.step().await;
    }

    /// Leaves the next command, which begins so, running with these further words.
    pub(crate) async fn leaves_running(&mut self, command: &str, more: &str) {
        let Command { text, .. } = self.next(command).await;
        // The program itself, and no shell around it that would end without it.
        let script = self.script(&format!("exec env {} {more}", self.adapted(&text)));
        let mut shell = Program::new("bash");
        self.in_place(shell.args(["-c", &script]));
        let log = format!("window-{}.log", self.windows.len());
        let window = Process::spawn(text, &shell, self.home.path().join(log));
        self.windows.push(window.unwrap());
    }

    /// Does the next command, which begins so and is meant to fail with these words.
    pub(crate) async fn fails(&mut self, command: &str, words: &str) {
        let Command { line, text, .. } = self.next(command).await;
        let output = self.output(&self.adapted(&text)).await;
        let said = String::from_utf8_lossy(&output.stderr);
        let is_meant = !output.status.success() && said.contains(words);
        assert!(is_meant, "{}:{line}: {said}", self.page);
    }

    /// Does everything before the next command that begins so, which is left to the caller.
    async fn next(&mut self, command: &str) -> Command {
        self.before(command).await;
        match self.steps.pop_front() {
            Some(Step::Run(command)) => command,
            other => panic!("{other:?} is no command"),
        }
    }

    /// Knows the program by its name, as Getting started leaves it.
    pub(crate) fn has_the_program(&self) {
        let path = format!(
            "export PATH=\"{}/target/release:$PATH\"\n",
            self.checkout().display()
        );
        fs::write(self.home.path().join("exported"), path).unwrap();
    }

    /// What the window shows that was left running as the first.
    pub(crate) fn window(&self) -> String {
        fs::read_to_string(self.windows[0].log()).unwrap()
    }

    /// Does everything that is left.
    pub(crate) async fn finish(mut self) {
        while !self.steps.is_empty() {
            self.step().await;
        }
        self.world.statuses_kept_the_rules();
    }

    fn checkout(&self) -> PathBuf {
        self.home.path().join("checkout")
    }

    async fn step(&mut self) {
        match self.steps.pop_front() {
            Some(Step::Run(command)) => self.run(&command).await,
            Some(Step::Write {
                name,
                text,
                appends,
            }) => {
                let path = self.checkout().join(name);
                let before = if appends {
                    fs::read_to_string(&path).unwrap()
                } else {
                    String::new()
                };
                fs::write(path, before + &self.adapted(&text)).unwrap();
            }
            None => panic!("{} is at its end", self.page),
        }
    }

    async fn run(&self, command: &Command) {
        let text = self.adapted(&command.text);
        if text.contains("--watch") {
            return self.watch(&text).await;
        }
        let output = self.output(&text).await;
        let [printed, complaint] =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        let complaints = [
            (!output.status.success()).then(|| format!("it failed ({})", output.status)),
            (asks(&text) && printed.trim().is_empty()).then(|| "it printed nothing".to_owned()),
            command
                .shown
                .as_ref()
                .and_then(|shown| shown::differs(&self.adapted(shown), &printed)),
        ];
        if let Some(why) = complaints.into_iter().flatten().next() {
            let windows = self.windows.iter().map(|process| process.last_lines(10));
            let windows = windows.collect::<String>();
            self.world.fail(&format!(
                "{}:{}: {why}\n$ {text}\n{printed}{complaint}\n{windows}",
                self.page, command.line
            ));
        }
    }

    async fn output(&self, text: &str) -> Output {
        let mut shell = self.shell(text);
        let ends = timeout(PATIENCE * 2, shell.output()).await;
        match ends {
            Ok(output) => output.unwrap(),
            Err(_) => self
                .world
                .fail(&format!("{}: it does not end\n$ {text}", self.page)),
        }
    }

    /// A command that never ends by itself is interrupted once it has shown something.
    async fn watch(&self, text: &str) {
        let mut shell = self.shell(&format!("exec {text}"));
        let mut watching = shell.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(watching.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line()).await;
        if !matches!(line, Ok(Ok(Some(_)))) {
            self.world
                .fail(&format!("{}: it shows nothing\n$ {text}", self.page));
        }
    }

    fn shell(&self, text: &str) -> tokio::process::Command {
        let mut shell = Program::new("bash");
        self.in_place(shell.args(["-c", &self.script(text)]));
        shell.stdin(Stdio::null());
        let mut shell = tokio::process::Command::from(shell);
        shell.kill_on_drop(true);
        shell
    }

    /// All commands of a page are typed into one shell: what one of them exports the next ones see.
    fn script(&self, text: &str) -> String {
        let exported = self.home.path().join("exported");
        let exported = exported.display();
        format!(
            "set -aeuo pipefail\n[ ! -e {exported} ] || . {exported}\nexport KUBECONFIG={}\ntrap 'export -p > {exported}' EXIT\n{text}",
            self.world.control_plane.kubeconfig().display(),
        )
    }

    fn in_place(&self, shell: &mut Program) {
        let programs = self.world.control_plane.kubectl_program().parent().unwrap();
        let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap());
        shell
            .current_dir(self.checkout())
            .env("PATH", path)
            .env("HOME", self.home.path());
    }

    fn adapted(&self, text: &str) -> String {
        let each = self.instead.iter();
        each.fold(text.to_owned(), |text, (words, other)| {
            text.replace(words, other)
        })
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // What is left of a page that failed is not to be complained about.
        if !thread::panicking() {
            assert_eq!(self.steps, [], "{} was not read to its end", self.page);
        }
    }
}

/// Whether a command asks for a part that is not there if it is misspelt: then it prints nothing and succeeds.
fn asks(text: &str) -> bool {
    let asks = ["jsonpath=", "custom-columns="]
        .iter()
        .any(|word| text.contains(word));
    asks && text.starts_with("kubectl get") && !text.contains('>')
}

#[test]
fn who_asks_for_a_field_expects_an_answer() {
    assert!(asks("kubectl get a -o jsonpath='{.b}'"));
    assert!(!asks("kubectl get a -o jsonpath='{.b}' > file"));
    assert!(!asks("kubectl wait a --for=jsonpath='{.b}'=c"));
}
