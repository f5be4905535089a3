//! The page docs/tasks/install-with-helm.md: every command on it is run, in its order, by a shell.

use std::{env, fs, os::unix::fs::symlink, path::Path, process::Command};

use tokio::task::spawn_blocking;
use xtask::workspace;

use crate::stage::Stage;

const PAGE: &str = "docs/tasks/install-with-helm.md";

/// A fenced block of the page.
#[derive(Debug, PartialEq, Eq)]
enum Block {
    /// To be run.
    Commands(String),
    /// To be there as a file of that name.
    File(String, String),
}

/// Blocks without a language are commands; YAML that begins with a name in a comment is a file.
fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut parts = page.split("\n```");
    parts.next();
    while let (Some(block), _) = (parts.next(), parts.next()) {
        let (language, text) = block.split_once('\n').unwrap();
        match language {
            "" => blocks.push(Block::Commands(text.to_owned())),
            "yaml" => {
                let name = text.lines().next().unwrap().strip_prefix("# ").unwrap();
                blocks.push(Block::File(name.to_owned(), text.to_owned()));
            }
            other => panic!("a block of {other:?} on {PAGE}"),
        }
    }
    blocks
}

fn run(commands: &str, folder: &Path, kubeconfig: &Path, path: &str) -> Result<String, String> {
    let shell = Command::new("sh")
        .args(["-e", "-u", "-c", commands])
        .current_dir(folder)
        .env("KUBECONFIG", kubeconfig)
        .env("PATH", path)
        .env("HELM_CACHE_HOME", folder.join("cache"))
        .env("HELM_CONFIG_HOME", folder.join("config"))
        .env("HELM_DATA_HOME", folder.join("data"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&shell.stdout) + &text(&shell.stderr);
    if shell.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

#[tokio::test]
async fn every_command_of_the_page_does_what_it_says() {
    let stage = Stage::start().await;
    let folder = stage.control_plane.folder().join("commands");
    fs::create_dir_all(&folder).unwrap();
    for name in ["charts", "crds"] {
        symlink(workspace::root().join(name), folder.join(name)).unwrap();
    }
    let programs = stage
        .control_plane
        .helm_program()
        .unwrap()
        .parent()
        .unwrap();
    let path = format!("{}:{}", programs.display(), env::var("PATH").unwrap());
    let page = fs::read_to_string(workspace::root().join(PAGE)).unwrap();
    let blocks = blocks(&page);
    let commands = blocks
        .iter()
        .filter(|block| matches!(block, Block::Commands(_)));
    assert!(commands.count() > 5, "{blocks:?}");
    for block in blocks {
        match block {
            Block::File(name, text) => fs::write(folder.join(name), text).unwrap(),
            Block::Commands(commands) => {
                let (folder, path) = (folder.clone(), path.clone());
                let kubeconfig = stage.control_plane.kubeconfig().to_owned();
                let shown = commands.clone();
                let done = spawn_blocking(move || run(&commands, &folder, &kubeconfig, &path));
                if let Err(complaint) = done.await.unwrap() {
                    stage.fail(&format!("{shown}\n{complaint}"));
                }
            }
        }
    }
    assert_ne!(stage.kubelet.ends(), []);
}
