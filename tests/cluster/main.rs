//! What only a real API server can tell: patches that test, permissions, finalizers, deletion.

mod connections;
