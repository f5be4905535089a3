//! `cargo xtask`: the one door to this repository.

fn main() {}
