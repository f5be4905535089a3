//! The operator as its users meet it: real resources applied by kubectl to a real API server, the real program as a process, and a
//! simulated Xopero ONE. One operator and one namespace a test, so that the tests run side by side.

mod licences_and_plans;
mod objects;
mod quiet;
mod world;
mod yaml;
