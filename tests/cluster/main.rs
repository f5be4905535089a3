//! The operator as its users meet it: real resources applied by kubectl to a real API server, the real program as a process, and a
//! simulated Xopero ONE. One operator and one namespace a test, so that the tests run side by side.
//! And what only a real API server can tell of its parts: patches that test, permissions, finalizers.

mod accounts;
mod argo_cd;
mod artifact;
mod conflicts;
mod connections;
mod deletion;
mod events;
mod flux;
mod gitops;
mod health;
mod judged;
mod kubectl;
mod licence_pool;
mod licences_and_plans;
mod load;
mod long_passes;
mod lost_answers;
mod metrics;
mod missing_claims;
mod names;
mod namesakes;
mod objects;
mod order;
mod outages;
mod ownership;
mod plan_settings;
mod quiet;
mod reasons;
mod recorded;
mod refusals;
mod removals;
mod sample;
mod scope;
mod settings;
mod sharing;
mod synchronization;
mod tenants;
mod undecodable;
mod unheard;
mod unseen;
mod upstream;
mod wiped_status;
mod world;
mod yaml;
