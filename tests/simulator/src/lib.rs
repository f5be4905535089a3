//! A Xopero ONE server for tests and the demo.
