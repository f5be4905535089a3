//! What is counted.

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {}

impl Metrics {
    /// A reconcile ended.
    pub fn note_reconcile(&self, _kind: &str, _result: &str) {}
    /// A status was written.
    pub fn note_status_write(&self, _kind: &str) {}
    /// An action ended.
    pub fn note_action(&self, _action: &str, _outcome: &str) {}
    /// A resource could not be decoded.
    pub fn note_undecodable(&self, _kind: &str) {}
}
