//! Digests of sets of changes and of settings: equal sets, equal digests, whatever the order they came in.

use std::{collections::BTreeSet, fmt::Write as _};

use sha2::{Digest, Sha256};

use super::Change;

/// A digest of the exact set, as 64 hexadecimal digits.
pub(super) fn digest(changes: &BTreeSet<Change>) -> String {
    let mut hasher = Sha256::new();
    for change in changes {
        hasher.update(change.to_string());
        hasher.update("\n");
    }
    hexadecimal(&hasher.finalize())
}

/// A digest of any text.
pub fn digest_of(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String does not fail.
            let _infallible = write!(text, "{byte:02x}");
            text
        })
}
