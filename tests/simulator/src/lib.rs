//! A Xopero ONE server for tests and the demo: all 14 endpoints, state from a file, a journal, faults and dialects on demand.
//!
//! It is written from the description of the REST API alone, and shares no code with the operator's client: two readings of one text find each other's mistakes.
//!
//! ```
//! use xopero_simulator::{Simulator, builder::{organization, repository, state, user}};
//!
//! let simulator = Simulator::start(
//!     state().user(user("operator@example.com", "secret")).with(
//!         organization("acme")
//!             .plan("nightly")
//!             .with(repository("api").licensed().in_plan("nightly"))
//!             .with("web"),
//!     ),
//! )?;
//! assert!(simulator.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(simulator.members("acme", "nightly")?, ["api"]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod admin;
pub mod builder;
mod call;
pub mod dialect;
mod duration;
pub mod edit;
mod endpoint;
mod endpoints;
pub mod faults;
pub mod ids;
pub mod journal;
pub mod names;
mod reply;
mod server;
mod simulation;
mod simulator;
pub mod state;
mod tls;
mod tokens;
mod watch;
mod world;

pub use dialect::Dialect;
pub use edit::Edit;
pub use endpoint::Endpoint;
pub use faults::{Effect, Fault};
pub use journal::{Answer, Entry, Summary};
pub use simulator::{Error, Options, RepositoryView, Simulator};
pub use state::State;
pub use tls::{Certificate, Error as TlsError};
pub use watch::{Error as WatchError, Watched};
pub use world::{FindError, LoadError};
