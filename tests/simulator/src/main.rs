//! The `xopero-simulator` program.

fn main() {}
