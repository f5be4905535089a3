//! What is played: a small world, what is declared before, and what then changes.

mod all;
pub(crate) mod listings;

pub use all::all;

use xopero_simulator::{Edit, Endpoint, State};

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name, such as `S2`.
    pub name: &'static str,
    /// What happens in it, in a line.
    pub about: &'static str,
    /// What the reference must write at least, so that the scenario cannot shrink unseen.
    pub floor: Floor,
    /// What Xopero ONE holds at the start.
    pub state: State,
    /// What is declared before, and has converged when the steps begin.
    pub before: String,
    /// What happens then, one after the other.
    pub steps: Vec<Step>,
}

/// Numbers of writes from the first step on: the least there must be, and the most there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Floor {
    /// To Kubernetes and Xopero ONE together, Leases and events aside.
    pub writes: usize,
    /// To Xopero ONE.
    pub external: usize,
    /// Those that take something away.
    pub destructive: usize,
    /// To Xopero ONE at most; as many as it likes when absent.
    pub most_external: Option<usize>,
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Step {
    /// Manifests are applied.
    Apply(String),
    /// A resource is deleted: its kind, its name. What becomes of it is for the operator.
    Delete(&'static str, &'static str),
    /// The world changes on the side of Xopero ONE.
    Edit(Edit),
    /// Nothing, until Xopero ONE was called so often at an endpoint since the first step.
    Called(Endpoint, usize),
    /// Nothing, until everything has come to rest.
    Settled,
    /// The held removals of the organization of this name are approved, once they are shown.
    Approve(&'static str),
    /// A person asks a resource for a look: its kind, its name.
    Ask(&'static str, &'static str),
    /// Nothing, until the API server's clock shows another second: what is made from now on is younger.
    NextSecond,
    /// Xopero ONE can no longer be reached.
    Unreachable,
    /// A Secret is deleted.
    ForgetSecret,
}

/// The scenario of a name.
pub fn named(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}
