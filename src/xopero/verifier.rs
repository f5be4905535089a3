//! Whose certificate is accepted: what the platform's check accepts, and a certificate that itself stands in the CA bundle though it is
//! one of an authority, as `openssl req -x509` makes it.
//!
//! That takes nothing away: whoever holds the key of such a certificate is trusted with every other name already.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, OtherError,
    RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};
use rustls_platform_verifier::Verifier as Platform;

use super::errors::{BundleDefect, Error};

#[derive(Debug)]
struct Verifier {
    platform: Platform,
    /// Trusts the bundle alone.
    bundle: Arc<WebPkiServerVerifier>,
    certificates: Vec<CertificateDer<'static>>,
}

/// How to connect to a server, where `certificates` are trusted beside the platform's.
pub(super) fn client_config(
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<ClientConfig, Error> {
    let no_roots = || Error::Bundle(BundleDefect::NoRoots);
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates.iter().cloned());
    let bundle = WebPkiServerVerifier::builder_with_provider(roots.into(), Arc::clone(provider));
    let platform = Platform::new_with_extra_roots(certificates.clone(), Arc::clone(provider));
    let verifier = Verifier {
        platform: platform.map_err(|_| no_roots())?,
        bundle: bundle.build().map_err(|_| no_roots())?,
        certificates,
    };
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()
        .map_err(|_| no_roots())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    // What reqwest offers by itself.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Whether a certificate was refused for being one of an authority. Its validity was found good before; its name was not looked at.
pub(super) fn is_of_authority(error: &CertificateError) -> bool {
    let CertificateError::Other(OtherError(error)) = error else {
        return false;
    };
    matches!(error.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let verify = |by: &dyn ServerCertVerifier| {
            by.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        // Asked first, as the platform's writes an error into the log for each certificate that it refuses.
        if self.certificates.contains(end_entity)
            && let Err(TlsError::InvalidCertificate(refusal)) = verify(&*self.bundle)
            && is_of_authority(&refusal)
        {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        verify(&self.platform)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.platform
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.platform
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.platform.supported_verify_schemes()
    }
}
