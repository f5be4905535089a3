//! The client against a server that answers as a test says.

mod bad_answers;
mod broken_tls;
mod dropped;
mod failed_logins;
mod forms;
mod integrity;
mod last_look;
mod limits;
mod listing;
mod miscounted;
mod paused;
mod refusals;
mod refused_organizations;
mod scope;
mod secrets;
mod self_signed;
mod server;
mod session;
mod simulated;
mod slow;
mod successors;
mod tls;
mod write;

use secrecy::SecretString;

use self::server::{Call, Reply, Server};
use super::*;
use crate::xopero::{PlanId, RepositoryId};

const EMAIL: &str = "operator@example.com";
const PASSWORD: &str = "correct horse";

fn credentials() -> Credentials {
    Credentials {
        email: SecretString::from(EMAIL),
        password: SecretString::from(PASSWORD),
    }
}

fn settings(url: &str) -> Settings {
    install_provider();
    Settings {
        url: url.to_owned(),
        ca_bundle: None,
        timeout: Duration::from_secs(5),
    }
}

/// Limits that no test notices.
fn surroundings() -> Surroundings {
    Surroundings {
        names: Arc::default(),
        budget: Arc::new(Budget::new(10_000, 8)),
        hooks: Hooks::default(),
        remembered: Remembered::default(),
        authorities: Authorities::default(),
    }
}

fn client(server: &Server) -> Client {
    client_with(server, surroundings())
}

fn client_with(server: &Server, surroundings: Surroundings) -> Client {
    Client::new(settings(&server.url), credentials(), surroundings).unwrap()
}

/// A client of a connection that has one request under way at a time, with the limits that hold others up.
fn client_in_turn(server: &Server) -> (Client, Arc<Budget>) {
    let budget = Arc::new(Budget::new(1000, 1));
    let surroundings = Surroundings {
        budget: Arc::clone(&budget),
        ..surroundings()
    };
    (client_with(server, surroundings), budget)
}

/// The last look of a removal that nothing has come in the way of.
static MAY_GO: &LastLook<'static> = &|| Box::pin(std::future::ready(true));

/// What `main` does first. Whoever comes second finds it done.
fn install_provider() {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}

fn plan() -> PlanId {
    PlanId::numbered(0xa)
}

fn repository() -> RepositoryId {
    RepositoryId::numbered(0xb)
}

/// A page of organizations that is the whole listing.
fn no_organizations() -> Reply {
    Reply::json(r#"{"result":[],"currentPage":1,"pageCount":0,"totalEntries":0}"#)
}
