//! A Kubernetes operator that keeps Git backups in Xopero ONE as declared in custom resources.

pub mod xopero;
