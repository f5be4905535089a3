//! The operator as its users meet it: real resources applied by kubectl to a real API server, the real program as a process, and a
//! simulated Xopero ONE. One operator and one namespace a test, so that the tests run side by side.
//! And what only a real API server can tell of its parts: patches that test, permissions, finalizers.

mod connections;
mod licences_and_plans;
mod objects;
mod order;
mod quiet;
mod removals;
mod scope;
mod upstream;
mod world;
mod yaml;
