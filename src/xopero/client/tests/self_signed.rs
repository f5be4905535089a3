//! A server whose certificate it signed itself, as `openssl req -x509` makes it: one of an authority (`CA:TRUE`).

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, KeyPair};
use rstest::rstest;

use super::{
    tls::{TlsServer, acceptor_with, authority},
    *,
};
use crate::xopero::{CertificateDefect, Class, Outcome, Reason};

/// A certificate as `openssl req -x509` makes it, and the server that shows it.
struct SelfSigned {
    certificate: Certificate,
    key: KeyPair,
}

impl SelfSigned {
    fn new(name: &str, change: fn(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::with_key(name, key, change)
    }

    fn with_key(name: &str, key: KeyPair, change: fn(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        change(&mut params);
        Self {
            certificate: params.self_signed(&key).unwrap(),
            key,
        }
    }

    async fn server(&self) -> TlsServer {
        TlsServer::with(acceptor_with(&self.certificate, &self.key)).await
    }
}

/// What is wrong with the certificate, where the server was told nothing.
async fn defect(client: &Client) -> CertificateDefect {
    let error = client.activate(&[repository()]).await.unwrap_err();
    assert_eq!(
        (error.class(), error.outcome()),
        (
            (Class::Terminal, Reason::CertificateInvalid),
            Outcome::NotDone
        )
    );
    let Error::LoginFailed { because, .. } = error else {
        panic!("{error:?}")
    };
    let Error::Certificate { defect, .. } = *because else {
        panic!("{because:?}")
    };
    defect
}

#[rstest]
#[case::an_authority(|_: &mut CertificateParams| {})]
#[case::none(|params: &mut CertificateParams| params.is_ca = IsCa::ExplicitNoCa)]
#[tokio::test]
async fn it_is_trusted_where_it_stands_in_the_bundle_itself(
    #[case] change: fn(&mut CertificateParams),
) {
    let own = SelfSigned::new("localhost", change);
    let other = authority("other");
    let server = own.server().await;
    let client = server.client(&format!("{}{}", other.pem(), own.certificate.pem()));
    client.organizations().await.unwrap();
    // The server serves one at a time.
    drop(client);
    // A bundle that every connection trusts does as well.
    let surroundings = Surroundings {
        authorities: Authorities::from_pem(own.certificate.pem().as_bytes()).unwrap(),
        ..surroundings()
    };
    let client = Client::new(settings(&server.url), credentials(), surroundings).unwrap();
    client.organizations().await.unwrap();
}

#[rstest]
#[case::of_another_host("xopero.example.com", |_: &mut CertificateParams| {}, CertificateDefect::OtherName)]
#[case::without_a_name("localhost", |params: &mut CertificateParams| params.subject_alt_names.clear(), CertificateDefect::OtherName)]
#[case::expired("localhost", |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2001, 1, 1), CertificateDefect::Expired)]
#[case::not_yet("localhost", |params: &mut CertificateParams| params.not_before = rcgen::date_time_ymd(2900, 1, 1), CertificateDefect::NotYetValid)]
#[tokio::test]
async fn it_has_to_be_good_all_the_same(
    #[case] name: &str,
    #[case] change: fn(&mut CertificateParams),
    #[case] expected: CertificateDefect,
) {
    let own = SelfSigned::new(name, change);
    let server = own.server().await;
    let client = server.client(&own.certificate.pem());
    assert_eq!(defect(&client).await, expected);
}

#[tokio::test]
async fn one_that_does_not_stand_in_the_bundle_is_refused_however_like_it_is() {
    let own = SelfSigned::new("localhost", |_| {});
    let key = || KeyPair::from_pem(&own.key.serialize_pem()).unwrap();
    let others = [
        SelfSigned::new("localhost", |_| {}),
        // Of the same key, and signed by what stands in the bundle therefore.
        SelfSigned::with_key("localhost", key(), |params| {
            params.not_after = rcgen::date_time_ymd(2900, 1, 1);
        }),
    ];
    for other in others {
        let server = other.server().await;
        let client = server.client(&own.certificate.pem());
        assert_eq!(defect(&client).await, CertificateDefect::IsAuthority);
    }
}

#[rstest]
#[case::version_1_2(&rustls::version::TLS12)]
#[case::version_1_3(&rustls::version::TLS13)]
#[tokio::test]
async fn a_server_that_shows_it_without_its_key_is_told_nothing(
    #[case] version: &'static rustls::SupportedProtocolVersion,
) {
    let own = SelfSigned::new("localhost", |_| {});
    let other = KeyPair::generate().unwrap();
    install_provider();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(other.serialize_der().into());
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
    let chain = vec![own.certificate.der().clone()];
    let shown = rustls::sign::CertifiedKey::new(chain, key);
    let config = rustls::ServerConfig::builder_with_protocol_versions(&[version])
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(shown)));
    let server = TlsServer::with(tokio_rustls::TlsAcceptor::from(Arc::new(config))).await;
    let client = server.client(&own.certificate.pem());
    assert_eq!(defect(&client).await, CertificateDefect::Other);
}
