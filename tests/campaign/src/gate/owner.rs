//! Whose a connection is, by what the system says: the only thing that tells apart two processes that call the same address.

use std::{collections::BTreeMap, fs, net::SocketAddr};

/// Connections of IPv4 on this machine, one a line.
const CONNECTIONS: &str = "/proc/net/tcp";

/// Columns of that table: both addresses, and the number of the socket.
const OWN_ADDRESS: usize = 1;
const OTHER_ADDRESS: usize = 2;
const SOCKET: usize = 9;

/// Which of these processes holds the other end of a connection from `peer` to `gate`; `processes` are known by the ids that the system has for
/// them. None if none does (any more).
pub(super) fn owner(
    (peer, gate): (SocketAddr, SocketAddr),
    processes: &BTreeMap<u32, i32>,
) -> Option<u32> {
    let table = fs::read_to_string(CONNECTIONS).ok()?;
    let socket = socket(&table, [peer, gate])?;
    let link = format!("socket:[{socket}]");
    let mut all = processes.iter();
    all.find(|(_, id)| holds(**id, &link))
        .map(|(process, _)| *process)
}

/// The number of the socket between these: one port may lead to several others at a time.
fn socket(table: &str, ends: [SocketAddr; 2]) -> Option<&str> {
    let [own, other] = ends.map(written);
    let mut rows = table.lines().map(|line| line.split_whitespace());
    rows.find_map(|row| {
        let columns: Vec<&str> = row.collect();
        let is_between = columns.get(OWN_ADDRESS) == Some(&own.as_str())
            && columns.get(OTHER_ADDRESS) == Some(&other.as_str());
        is_between.then(|| columns.get(SOCKET).copied()).flatten()
    })
}

/// An address as the system writes it: the number in this machine's order, the port as it is read.
fn written(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => {
            let ip = u32::from_ne_bytes(address.ip().octets());
            format!("{ip:08X}:{:04X}", address.port())
        }
        // Gates have none.
        SocketAddr::V6(_) => String::new(),
    }
}

fn holds(id: i32, link: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{id}/fd")) else {
        return false;
    };
    files
        .filter_map(Result::ok)
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| target.as_os_str() == link)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_is_of_the_process_that_opened_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let ends = (
            connection.local_addr().unwrap(),
            listener.local_addr().unwrap(),
        );
        let own = i32::try_from(std::process::id()).unwrap();
        // The first process of the machine has other files.
        let processes = BTreeMap::from([(1, 1), (2, own)]);
        assert_eq!(owner(ends, &processes), Some(2));
        assert_eq!(owner(ends, &BTreeMap::from([(1, 1)])), None);
        // Another connection from the same port is another.
        assert_eq!(owner((ends.0, ends.0), &processes), None);
        drop(connection);
        assert_eq!(owner(ends, &processes), None);
    }
}
