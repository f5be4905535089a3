//! Where a connection leads: an origin, `https` unless it never leaves the machine.

use std::fmt;

use reqwest::Url;

use super::wire::Endpoint;

/// A server's root, `https://host[:port]`, or `http` to a literal loopback address.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    root: Url,
}

/// Why an address is no origin. The address itself is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No URL at all.
    #[error("url is not an address; write it as https://host or https://host:port")]
    NotUrl,
    /// Neither https, nor http to this machine.
    #[error(
        "url must begin with https://; http:// is accepted for localhost, 127.0.0.1 and [::1] only"
    )]
    Scheme,
    /// A user or password.
    #[error(
        "url must not hold a user name or password; the account belongs into the Secret of credentialsSecretRef"
    )]
    UserInfo,
    /// More than an origin.
    #[error("url must end after the host and port; Xopero ONE has no path, query or fragment")]
    MoreThanOrigin,
}

impl Origin {
    /// Reads an address.
    ///
    /// # Errors
    /// When it is anything but an origin that credentials may be sent to.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        // The parser drops white space and reads a backslash as a slash; people who write either mean something else.
        if text.contains(|character: char| {
            character.is_whitespace() || character.is_control() || character == '\\'
        }) {
            return Err(OriginError::NotUrl);
        }
        let root = Url::parse(text).map_err(|_| OriginError::NotUrl)?;
        if text.contains('@') {
            return Err(OriginError::UserInfo);
        }
        if root.path() != "/" && !root.path().is_empty()
            || root.query().is_some()
            || root.fragment().is_some()
        {
            return Err(OriginError::MoreThanOrigin);
        }
        let origin = Self { root };
        match origin.root.scheme() {
            _ if origin.host().is_empty() => Err(OriginError::NotUrl),
            "https" => Ok(origin),
            "http" if origin.is_loopback() => Ok(origin),
            _ => Err(OriginError::Scheme),
        }
    }

    /// The host as it is connected to: a name in lower case, or an address, an IPv6 one in brackets.
    pub fn host(&self) -> &str {
        self.root.host_str().unwrap_or_default()
    }

    /// Whether it is this machine, by its literal name or address; what a resolver says is not asked.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }

    /// Whether requests are encrypted.
    pub(super) fn is_https(&self) -> bool {
        self.root.scheme() == "https"
    }

    /// Where an endpoint is.
    pub(super) fn at(&self, endpoint: Endpoint) -> Url {
        let mut url = self.root.clone();
        url.set_path(endpoint.path());
        url
    }
}

/// As it would be written: without the slash that the parser adds.
impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.root.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::name("https://xopero.example.com", "https://xopero.example.com")]
    #[case::slash("https://xopero.example.com/", "https://xopero.example.com")]
    #[case::port("https://XOPERO.example.com:8443", "https://xopero.example.com:8443")]
    #[case::loopback("http://127.0.0.1:30000", "http://127.0.0.1:30000")]
    #[case::loopback_network("http://127.9.9.9:1", "http://127.9.9.9:1")]
    #[case::loopback_name("http://localhost:30000", "http://localhost:30000")]
    #[case::loopback_six("http://[::1]:30000", "http://[::1]:30000")]
    fn an_origin_is_accepted(#[case] text: &str, #[case] shown: &str) {
        assert_eq!(
            Origin::parse(text).map(|origin| origin.to_string()),
            Ok(shown.to_owned())
        );
    }

    #[rstest]
    #[case::nothing("", OriginError::NotUrl)]
    #[case::no_scheme("xopero.example.com", OriginError::NotUrl)]
    #[case::no_host("https://", OriginError::NotUrl)]
    #[case::space("https://xopero.example.com /", OriginError::NotUrl)]
    #[case::backslash("https:\\\\xopero.example.com", OriginError::NotUrl)]
    #[case::plain_http("http://xopero.example.com", OriginError::Scheme)]
    #[case::http_to_a_lookalike("http://localhost.example.com", OriginError::Scheme)]
    #[case::http_to_a_lookalike_address("http://127.0.0.1.example.com", OriginError::Scheme)]
    #[case::another_scheme("ftp://xopero.example.com", OriginError::Scheme)]
    #[case::password("https://a:b@xopero.example.com", OriginError::UserInfo)]
    #[case::empty_user("https://@xopero.example.com", OriginError::UserInfo)]
    #[case::path("https://xopero.example.com/api", OriginError::MoreThanOrigin)]
    #[case::query("https://xopero.example.com/?a=b", OriginError::MoreThanOrigin)]
    #[case::empty_query("https://xopero.example.com/?", OriginError::MoreThanOrigin)]
    #[case::fragment("https://xopero.example.com/#a", OriginError::MoreThanOrigin)]
    fn anything_else_is_refused(#[case] text: &str, #[case] expected: OriginError) {
        assert_eq!(Origin::parse(text), Err(expected));
    }

    #[test]
    fn every_endpoint_is_under_the_root() {
        let origin = Origin::parse("https://xopero.example.com:8443").unwrap();
        assert_eq!(
            origin.at(Endpoint::AttachProject).as_str(),
            "https://xopero.example.com:8443/plans/AttachAzureProject"
        );
    }
}
