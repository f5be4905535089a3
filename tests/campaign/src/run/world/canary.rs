//! Another host, to which Xopero ONE redirects: whatever is asked there is written down, and nothing may be.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::lock;

/// The most of a request that is read. Its head is far shorter.
const MOST: usize = 64 * 1024;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A host that listens. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Canary {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

impl Canary {
    pub(super) async fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .context("no port for another host")?;
        let address = listener.local_addr()?;
        let heard = Arc::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, Arc::clone(&heard)));
        Ok(Self {
            address,
            heard,
            _serving: serving,
        })
    }

    /// Its origin.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked there that only the operator asks, a sentence each.
    pub(super) fn heard(&self) -> Vec<String> {
        let heard = lock(&self.heard);
        heard.iter().filter_map(|request| told(request)).collect()
    }
}

async fn serve(listener: TcpListener, heard: Arc<Mutex<Vec<String>>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(hear(stream, Arc::clone(&heard)));
    }
}

async fn hear(mut stream: TcpStream, heard: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while request.len() < MOST && !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece).await {
            Ok(read) if read > 0 => request.extend(piece.iter().take(read)),
            Ok(_) | Err(_) => break,
        }
    }
    lock(&heard).push(String::from_utf8_lossy(&request).into_owned());
    // Who asks has been heard, whether the answer is taken or not.
    drop(stream.write_all(ANSWER).await);
}

/// A call of Xopero ONE, or one with a token. Another program of the machine may knock at any port.
fn told(request: &str) -> Option<String> {
    let first = request.lines().next().unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default();
    let has_token = request
        .lines()
        .any(|line| line.to_ascii_lowercase().starts_with("authorization:"));
    if has_token {
        Some(format!("{first}: asked of another host, with its token"))
    } else if crate::journal::xopero::endpoint(path).is_some() {
        Some(format!("{first}: asked of another host"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use xopero_simulator::Endpoint;
    use xtask::wait::until_true;

    use super::*;

    async fn asked(request: String) -> Vec<String> {
        let canary = Canary::open().await.unwrap();
        let mut stream = TcpStream::connect(canary.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let patience = std::time::Duration::from_secs(10);
        let is_heard = async || Ok(!lock(&canary.heard).is_empty());
        assert!(until_true(patience, is_heard).await.unwrap());
        canary.heard()
    }

    #[tokio::test]
    async fn a_token_and_a_call_are_heard_and_a_stranger_is_not() {
        let path = Endpoint::ListPlans.path();
        let call = format!("POST {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        assert_eq!(asked(call).await.len(), 1);
        let token = "POST /x HTTP/1.1\r\nAuthorization: Bearer y\r\n\r\n".to_owned();
        let told = asked(token).await;
        assert!(told.concat().contains("with its token"), "{told:?}");
        let stranger = "GET / HTTP/1.1\r\n\r\n".to_owned();
        assert_eq!(asked(stranger).await, [""; 0]);
    }
}
