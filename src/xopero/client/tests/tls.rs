//! Which servers are believed to be Xopero ONE.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use rstest::rstest;
use rustls::pki_types::PrivateKeyDer;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinSet,
};

use super::*;
use crate::xopero::{BundleDefect, CertificateDefect, Class, ConnectionFailure, Outcome, Reason};

pub(super) type Authority = CertifiedIssuer<'static, KeyPair>;

pub(super) fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Takes connections with a certificate of `authority` for these names.
pub(super) fn acceptor(
    authority: &Authority,
    names: &[&str],
    change: fn(&mut CertificateParams),
) -> tokio_rustls::TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let mut params =
        CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    change(&mut params);
    acceptor_with(&params.signed_by(&key, authority).unwrap(), &key)
}

/// Takes connections with this certificate.
pub(super) fn acceptor_with(certificate: &Certificate, key: &KeyPair) -> tokio_rustls::TlsAcceptor {
    install_provider();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

/// A server that signs everybody in and has no organizations.
pub(super) struct TlsServer {
    pub(super) url: String,
    _tasks: JoinSet<()>,
}

impl TlsServer {
    async fn start(
        authority: &Authority,
        names: &[&str],
        change: fn(&mut CertificateParams),
    ) -> Self {
        Self::with(acceptor(authority, names, change)).await
    }

    pub(super) async fn with(acceptor: tokio_rustls::TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "https://localhost:{}",
            listener.local_addr().unwrap().port()
        );
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // A client that does not trust us ends the handshake.
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = vec![0; 64 * 1024];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    let answer = r#"{"accessToken":"a","result":[],"totalEntries":0}"#;
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                        answer.len()
                    );
                    stream
                        .write_all(format!("{head}{answer}").as_bytes())
                        .await
                        .unwrap();
                }
            }
        });
        Self { url, _tasks: tasks }
    }

    pub(super) fn client(&self, bundle: &str) -> Client {
        let settings = Settings {
            ca_bundle: Some(bundle.into()),
            ..settings(&self.url)
        };
        Client::new(settings, credentials(), surroundings()).unwrap()
    }
}

#[tokio::test]
async fn a_server_is_trusted_by_an_authority_of_the_bundle() {
    let (ours, other) = (authority("ours"), authority("other"));
    let server = TlsServer::start(&ours, &["localhost"], |_| {}).await;
    server
        .client(&format!("{}{}", other.pem(), ours.pem()))
        .organizations()
        .await
        .unwrap();
}

#[tokio::test]
async fn http_2_is_offered_to_a_server_of_the_bundle_as_well() {
    let ours = authority("ours");
    let acceptor = acceptor(&ours, &["localhost"], |_| {});
    let mut config = rustls::ServerConfig::clone(acceptor.config());
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = Settings {
        ca_bundle: Some(ours.pem().into()),
        ..settings(&format!("https://localhost:{port}"))
    };
    let client = Client::new(settings, credentials(), surroundings()).unwrap();
    let agreed = async {
        let (stream, _) = listener.accept().await.unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let stream = acceptor.accept(stream).await.unwrap();
        let (_, session) = stream.get_ref();
        session.alpn_protocol().map(<[u8]>::to_vec)
    };
    let (agreed, called) = tokio::join!(agreed, client.organizations());
    // That was all that the server had to say.
    called.unwrap_err();
    assert_eq!(agreed.as_deref(), Some(b"h2".as_slice()));
}

#[rstest]
#[case::without_a_bundle_of_its_own(None)]
#[case::beside_its_own_bundle(Some("other"))]
#[tokio::test]
async fn a_server_is_trusted_by_an_authority_of_the_surroundings(#[case] own: Option<&str>) {
    let ours = authority("ours");
    let server = TlsServer::start(&ours, &["localhost"], |_| {}).await;
    let settings = Settings {
        ca_bundle: own.map(|own| authority(own).pem().into()),
        ..settings(&server.url)
    };
    let surroundings = Surroundings {
        authorities: Authorities::from_pem(ours.pem().as_bytes()).unwrap(),
        ..surroundings()
    };
    let client = Client::new(settings, credentials(), surroundings).unwrap();
    client.organizations().await.unwrap();
}

#[rstest]
#[case::unknown_authority("other", &["localhost"], |_: &mut CertificateParams| {}, CertificateDefect::UnknownIssuer)]
#[case::other_host("ours", &["xopero.example.com"], |_: &mut CertificateParams| {}, CertificateDefect::OtherName)]
#[case::expired("ours", &["localhost"], |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2001, 1, 1), CertificateDefect::Expired)]
#[case::not_yet("ours", &["localhost"], |params: &mut CertificateParams| params.not_before = rcgen::date_time_ymd(2900, 1, 1), CertificateDefect::NotYetValid)]
#[tokio::test]
async fn a_server_that_is_not_trusted_is_told_nothing(
    #[case] signed_by: &str,
    #[case] names: &'static [&'static str],
    #[case] change: fn(&mut CertificateParams),
    #[case] expected: CertificateDefect,
) {
    let (ours, other) = (authority("ours"), authority("other"));
    let server = TlsServer::start(
        if signed_by == "ours" { &ours } else { &other },
        names,
        change,
    )
    .await;
    let error = server
        .client(&ours.pem())
        .activate(&[repository()])
        .await
        .unwrap_err();
    let Error::LoginFailed { because, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(**because, Error::Certificate { defect, .. } if defect == expected),
        "{because:?}"
    );

    assert_eq!(
        (error.class(), error.outcome()),
        (
            (Class::Terminal, Reason::CertificateInvalid),
            Outcome::NotDone
        )
    );
    assert!(
        !error
            .to_string()
            .contains(|character: char| character.is_ascii_digit()),
        "a moving number: {error}"
    );
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_is_told_from_a_bad_certificate() {
    let server = Server::with(|_| no_organizations()).await;
    let client = Client::new(
        settings(&server.url.replace("http://", "https://")),
        credentials(),
        surroundings(),
    );
    let error = client.unwrap().organizations().await.unwrap_err();
    let Error::LoginFailed { because, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(
        matches!(
            **because,
            Error::Connection {
                failure: ConnectionFailure::Tls,
                ..
            }
        ),
        "{because:?}"
    );
}

#[rstest]
#[case::nothing("", BundleDefect::Empty)]
#[case::words("hello", BundleDefect::Empty)]
#[case::a_key(
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    BundleDefect::Empty
)]
#[case::cut_short("-----BEGIN CERTIFICATE-----\nAAAA\n", BundleDefect::Unreadable)]
#[case::damaged(
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    BundleDefect::Unreadable
)]
fn a_bundle_that_cannot_be_read_makes_no_client(
    #[case] bundle: &str,
    #[case] expected: BundleDefect,
) {
    let settings = Settings {
        ca_bundle: Some(bundle.into()),
        ..settings("https://xopero.example.com")
    };
    let error = Client::new(settings, credentials(), surroundings()).unwrap_err();
    assert!(
        matches!(error, Error::Bundle(defect) if defect == expected),
        "{error}"
    );
    assert_eq!(error.class(), (Class::Terminal, Reason::CertificateInvalid));
}
