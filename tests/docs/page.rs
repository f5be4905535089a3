//! A page as it is: what stands in its fenced blocks, step by step, with the lines where it stands.

use std::path::Path;

/// What a reader does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Run(Command),
    /// Writes a file: the first line of the manifest names it.
    Write {
        name: String,
        text: String,
        /// The rest of a file that is there already.
        appends: bool,
    },
}

/// One command, over several lines where it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Of the page, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
    /// What the page shows that it prints.
    pub(crate) shown: Option<String>,
}

/// A fenced block.
#[derive(Debug)]
struct Block<'a> {
    /// Of its first line inside.
    line: usize,
    language: &'a str,
    lines: Vec<&'a str>,
}

/// The steps of a page, in its order.
pub(crate) fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for block in blocks(page) {
        match block.language {
            "sh" => steps.extend(commands(&block).map(Step::Run)),
            "yaml" => steps.extend(file(&block)),
            "" if block.lines[0].starts_with("$ ") => steps.push(Step::Run(shown(&block))),
            // Pictures; and parts of a test, which the compiler would have to read.
            "" | "rust" => {}
            other => panic!("line {}: a block of {other:?}", block.line),
        }
    }
    steps
}

/// The first lines of blocks that are neither to be run nor a manifest.
pub(crate) fn pictures(page: &str) -> Vec<&str> {
    let mut blocks = blocks(page);
    blocks.retain(|block| block.language.is_empty() && !block.lines[0].starts_with("$ "));
    blocks.iter().map(|block| block.lines[0]).collect()
}

/// All manifests, and parts of them.
pub(crate) fn manifests(page: &str) -> Vec<String> {
    let mut blocks = blocks(page);
    blocks.retain(|block| block.language == "yaml");
    blocks.iter().map(|block| block.lines.join("\n")).collect()
}

/// What stands in backquotes within its sentences, each in one line.
pub(crate) fn quoted(page: &str) -> Vec<String> {
    let mut is_open = false;
    let prose = page.lines().map(|line| {
        let is_fence = line.starts_with("```");
        is_open ^= is_fence;
        if is_open || is_fence { "" } else { line }
    });
    let prose = prose.collect::<Vec<_>>().join("\n");
    // By paragraphs: a backquote without its other half spoils no more than its own.
    let quoted = prose.split("\n\n").flat_map(|paragraph| {
        let parts: Vec<_> = paragraph.split('`').skip(1).collect();
        let closed = parts.chunks_exact(2);
        closed
            .map(|parts| in_one_line(parts[0]))
            .collect::<Vec<_>>()
    });
    quoted.collect()
}

/// A command as it would be typed into one line.
pub(crate) fn in_one_line(command: &str) -> String {
    let words = command.split_whitespace().filter(|word| *word != "\\");
    words.collect::<Vec<_>>().join(" ")
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (index, line) in page.lines().enumerate() {
        let fence = line.strip_prefix("```");
        assert!(
            fence.is_some() || !line.trim_start().starts_with("```"),
            "line {}: a fence that is not at the beginning of its line",
            index + 1
        );
        match (fence, &mut open) {
            (Some(language), None) => {
                open = Some(Block {
                    line: index + 2,
                    language,
                    lines: Vec::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without an end");
    blocks
}

fn commands(block: &Block<'_>) -> impl Iterator<Item = Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut is_open = false;
    for (index, line) in block.lines.iter().enumerate() {
        if is_open {
            let command = commands.last_mut().expect("one is open");
            command.text.push('\n');
            command.text.push_str(line);
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            commands.push(Command {
                line: block.line + index,
                text: (*line).to_owned(),
                shown: None,
            });
        }
        is_open = commands
            .last()
            .is_some_and(|command| goes_on(&command.text));
    }
    assert!(!is_open, "line {}: a command without an end", block.line);
    commands.into_iter()
}

/// Whether a shell would wait for another line.
fn goes_on(text: &str) -> bool {
    let words = |word| {
        text.split_whitespace()
            .filter(|other| *other == word)
            .count()
    };
    text.ends_with(['\\', '|']) || words("do") > words("done")
}

/// A command after a `$`, and what it prints.
fn shown(block: &Block<'_>) -> Command {
    let (command, output) = block.lines.split_first().expect("it has a first line");
    Command {
        line: block.line,
        text: command.trim_start_matches("$ ").to_owned(),
        shown: Some(output.join("\n")),
    }
}

/// A manifest is a file if its first line is a comment that begins with a name; else it shows a part of one.
fn file(block: &Block<'_>) -> Option<Step> {
    let comment = block.lines[0].strip_prefix("# ")?;
    let (name, rest) = comment.split_once(',').unwrap_or((comment, ""));
    let is_file = Path::new(name).extension().is_some_and(|end| end == "yaml");
    is_file.then(|| Step::Write {
        name: name.to_owned(),
        text: block.lines.join("\n") + "\n",
        appends: rest.trim() == "at its end",
    })
}

#[test]
fn a_page_is_read_in_its_order_with_its_lines() {
    let page = "# Page\n\n```sh\nkubectl get a |\n  while read -r a; do\n    echo\n  done\nhelm list\n```\n\
                ```yaml\n# a.yaml, here\nx: 1\n```\n```yaml\n# of a plan\nx: 1\n```\n```\n$ kubectl get b\nNAME\n```\n```\nsome output\n```\n";
    let steps = steps(page);
    let run = |line, text: &str, shown: Option<&str>| {
        Step::Run(Command {
            line,
            text: text.to_owned(),
            shown: shown.map(str::to_owned),
        })
    };
    let file = Step::Write {
        name: "a.yaml".to_owned(),
        text: "# a.yaml, here\nx: 1\n".to_owned(),
        appends: false,
    };
    let loops = "kubectl get a |\n  while read -r a; do\n    echo\n  done";
    assert_eq!(
        steps,
        [
            run(4, loops, None),
            run(8, "helm list", None),
            file,
            run(19, "kubectl get b", Some("NAME"))
        ]
    );
}

#[test]
fn what_is_quoted_in_a_sentence_is_told_from_what_stands_in_a_block() {
    let page = "Say `kubectl get\n  a`, or `b`.\n\n```sh\nkubectl get c `d`\n```\n\nAn odd ` here.\n\nAnd `e`.\n";
    assert_eq!(quoted(page), ["kubectl get a", "b", "e"]);
    assert_eq!(
        in_one_line("kubectl get a \\\n  -o yaml"),
        "kubectl get a -o yaml"
    );
}
