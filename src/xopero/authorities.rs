//! Certificate authorities that are trusted beside the platform's.

use std::fmt;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::errors::{BundleDefect, Error};

/// Authorities, read and found usable. None by default.
#[derive(Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

impl Authorities {
    /// The certificates of a PEM bundle.
    ///
    /// # Errors
    /// If there is none in it, or one that cannot be read.
    pub fn from_pem(bundle: &[u8]) -> Result<Self, Error> {
        let unreadable = Error::Bundle(BundleDefect::Unreadable);
        let certificates = CertificateDer::pem_slice_iter(bundle)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| unreadable.clone())?;
        if certificates.is_empty() {
            return Err(Error::Bundle(BundleDefect::Empty));
        }
        // They are looked into only when a client is built, which is told of the connection and not of the bundle.
        let mut probe = rustls::RootCertStore::empty();
        for certificate in &certificates {
            let added = probe.add(certificate.clone());
            added.map_err(|_| unreadable.clone())?;
        }
        Ok(Self(certificates))
    }

    /// These and the others.
    #[must_use]
    pub(super) fn and(&self, others: Self) -> Vec<CertificateDer<'static>> {
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
