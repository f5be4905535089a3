//! Tests of several steps of a pass together.

mod gone;
mod integrity;
