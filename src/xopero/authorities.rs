//! Certificate authorities that are trusted beside the platform's.

use std::fmt;

use reqwest::Certificate;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::errors::{BundleDefect, Error};

/// Authorities, read and found usable. None by default.
#[derive(Clone, Default)]
pub struct Authorities(Vec<Certificate>);

impl Authorities {
    /// The certificates of a PEM bundle.
    ///
    /// # Errors
    /// If there is none in it, or one that cannot be read.
    pub fn from_pem(bundle: &[u8]) -> Result<Self, Error> {
        let unreadable = |_| Error::Bundle(BundleDefect::Unreadable);
        let certificates = Certificate::from_pem_bundle(bundle).map_err(unreadable)?;
        if certificates.is_empty() {
            return Err(Error::Bundle(BundleDefect::Empty));
        }
        // reqwest looks into a certificate only when it builds a client, and then says "builder error" for all there is.
        let mut probe = rustls::RootCertStore::empty();
        for der in CertificateDer::pem_slice_iter(bundle) {
            let der = der.map_err(|_| Error::Bundle(BundleDefect::Unreadable))?;
            probe
                .add(der)
                .map_err(|_| Error::Bundle(BundleDefect::Unreadable))?;
        }
        Ok(Self(certificates))
    }

    /// These and the others.
    #[must_use]
    pub(super) fn and(&self, others: Self) -> Vec<Certificate> {
        let Self(others) = others;
        self.0.iter().cloned().chain(others).collect()
    }
}

/// A certificate is public, and long.
impl fmt::Debug for Authorities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(certificates) = self;
        write!(
            formatter,
            "Authorities({} certificates)",
            certificates.len()
        )
    }
}
