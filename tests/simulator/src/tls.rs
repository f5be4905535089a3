//! TLS: from files of the user's, or a certificate of the simulator's own making.

use std::{fmt, io::Cursor, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

/// A certificate chain and its key.
#[derive(Clone)]
pub struct Certificate {
    chain: String,
    key: String,
    authority: String,
}

// The key is a secret.
impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The PEM text of the chain or the key cannot be read.
    #[error("the {0} is no PEM text of the kind expected")]
    Pem(&'static str, #[source] rustls::pki_types::pem::Error),
    /// Chain and key do not fit.
    #[error("the certificate and the key cannot be used together")]
    Pair(#[source] rustls::Error),
    /// A certificate could not be made.
    #[error("a certificate could not be made")]
    Making(#[from] rcgen::Error),
}

impl Certificate {
    /// A chain and a key in PEM.
    pub fn from_pem(chain: impl Into<String>, key: impl Into<String>) -> Self {
        let chain = chain.into();
        Self {
            authority: chain.clone(),
            chain,
            key: key.into(),
        }
    }

    /// A new certificate for `localhost`, 127.0.0.1 and `::1`, signed by a new authority that nobody trusts yet.
    ///
    /// # Errors
    ///
    /// When the keys cannot be made.
    pub fn generate() -> Result<Self, Error> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority
            .distinguished_name
            .push(rcgen::DnType::CommonName, "xopero-simulator test authority");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(names)?.signed_by(&key, &authority)?;
        Ok(Self {
            chain: leaf.pem(),
            key: key.serialize_pem(),
            authority: authority.pem(),
        })
    }

    /// The certificate chain to show, in PEM.
    pub fn chain_pem(&self) -> &str {
        &self.chain
    }

    /// The key of the certificate, in PEM.
    pub fn key_pem(&self) -> &str {
        &self.key
    }

    /// The certificate to trust, in PEM: the authority's, or the chain if it was given.
    pub fn ca_pem(&self) -> &str {
        &self.authority
    }

    /// What a server takes connections with.
    ///
    /// # Errors
    ///
    /// When a text is no PEM of its kind, or certificate and key do not fit.
    pub fn acceptor(&self) -> Result<TlsAcceptor, Error> {
        let chain = CertificateDer::pem_reader_iter(Cursor::new(&self.chain))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Error::Pem("certificate", error))?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())
            .map_err(|error| Error::Pem("key", error))?;
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
                .map_err(Error::Pair)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
