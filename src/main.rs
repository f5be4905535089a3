//! The `xopero-operator` program.

fn main() {}
