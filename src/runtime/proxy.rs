//! Which proxy leads to the API server.
//!
//! kube 5.0.0 asks `NO_PROXY` about the proxy's own host instead of the API server's, and in a pod it reads no variable at all.
//! So what it says of the environment is decided here again, by the rules that the client of Xopero ONE follows.

use std::{env, net::IpAddr};

use axum::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use thiserror::Error;

/// Why there is no way to the API server. Without the value: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProxyError {
    /// That of the environment.
    #[error(
        "HTTPS_PROXY is no address of a proxy that can be used; write it as http://host:port or https://host:port"
    )]
    OfEnvironment,
    /// That of the kubeconfig.
    #[error(
        "proxy-url of the kubeconfig is no address of a proxy that can be used; write it as http://host:port or https://host:port"
    )]
    OfKubeconfig,
}

/// What the environment says of proxies. Absent where a variable is not set or empty.
#[derive(Clone, Default)]
pub(super) struct Environment {
    proxy: Option<String>,
    exceptions: Option<String>,
}

impl Environment {
    /// `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case.
    pub(super) fn read() -> Self {
        let first = |names: [&str; 2]| {
            let mut values = names.into_iter().filter_map(|name| env::var(name).ok());
            values.find(|value| !value.is_empty())
        };
        Self {
            proxy: first(["HTTPS_PROXY", "https_proxy"]),
            exceptions: first(["NO_PROXY", "no_proxy"]),
        }
    }

    /// The proxy on the way to `api_server`, where kube has found `configured`: that of the kubeconfig itself, else the
    /// environment's, but not for what it excepts and never for this machine itself.
    ///
    /// # Errors
    /// If the proxy cannot be one.
    pub(super) fn proxy(
        &self,
        configured: Option<Uri>,
        api_server: &Uri,
    ) -> Result<Option<Uri>, ProxyError> {
        let of_environment = self.proxy.as_ref().and_then(|proxy| proxy.parse().ok());
        if let Some(own) = configured.filter(|own| Some(own) != of_environment.as_ref()) {
            return if is_usable(&own) {
                Ok(Some(own))
            } else {
                Err(ProxyError::OfKubeconfig)
            };
        }
        let Some(proxy) = &self.proxy else {
            return Ok(None);
        };
        let exceptions = self.exceptions.as_deref().unwrap_or_default();
        // The matcher takes `*` for every name, and for no address; in a pod the API server is an address.
        let excepts_all = exceptions.split(',').any(|one| one.trim() == "*");
        if excepts_all || is_loopback(api_server) {
            return Ok(None);
        }
        let with_scheme = if proxy.contains("://") {
            proxy.clone()
        } else {
            format!("http://{proxy}")
        };
        let proxy: Uri = with_scheme.parse().map_err(|_| ProxyError::OfEnvironment)?;
        if !is_usable(&proxy) {
            return Err(ProxyError::OfEnvironment);
        }
        let rules = Matcher::builder()
            .https(with_scheme)
            .no(exceptions.to_owned())
            .build();
        Ok(rules.intercept(api_server).map(|_| proxy))
    }
}

/// Of any other scheme the client says, with the whole address, that it is not built for it.
fn is_usable(proxy: &Uri) -> bool {
    matches!(proxy.scheme_str(), Some("http" | "https"))
}

fn is_loopback(server: &Uri) -> bool {
    let host = server.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const SERVICE: &str = "https://10.96.0.1:443/";

    fn uri(text: &str) -> Uri {
        text.parse().unwrap()
    }

    fn environment(proxy: &str, exceptions: &str) -> Environment {
        let set = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Environment {
            proxy: set(proxy),
            exceptions: set(exceptions),
        }
    }

    #[rstest]
    //                            HTTPS_PROXY            NO_PROXY              API server                   by way of
    #[case::without_one("", "", SERVICE, None)]
    #[case::named("http://proxy:3128", "", SERVICE, Some("http://proxy:3128"))]
    #[case::named_without_scheme("proxy:3128", "", SERVICE, Some("http://proxy:3128"))]
    #[case::with_a_user("http://me:word@proxy:1", "", SERVICE, Some("http://me:word@proxy:1"))]
    #[case::its_network_excepted("http://proxy:3128", "10.96.0.0/12", SERVICE, None)]
    #[case::its_name_excepted(
        "http://proxy:1",
        ".example.com",
        "https://k8s.example.com:6443/",
        None
    )]
    #[case::all_excepted("http://proxy:3128", "*", SERVICE, None)]
    #[case::the_proxy_excepted("http://proxy:3128", "proxy", SERVICE, Some("http://proxy:3128"))]
    #[case::another_excepted("http://proxy:1", "10.97.0.1", SERVICE, Some("http://proxy:1"))]
    #[case::this_machine("http://proxy:3128", "", "https://127.0.0.1:6443/", None)]
    #[case::this_machine_as_version_6("http://proxy:3128", "", "https://[::1]:6443/", None)]
    #[case::this_machine_by_name("http://proxy:3128", "", "https://localhost:6443/", None)]
    fn the_environment_leads_to_the_api_server(
        #[case] proxy: &str,
        #[case] exceptions: &str,
        #[case] api_server: &str,
        #[case] expected: Option<&str>,
    ) {
        let environment = environment(proxy, exceptions);
        let expected = Ok(expected.map(uri));
        // In a pod kube finds none; with a kubeconfig that of the environment, unless it takes the proxy for excepted.
        assert_eq!(environment.proxy(None, &uri(api_server)), expected);
        let found = proxy.parse().ok();
        assert_eq!(environment.proxy(found, &uri(api_server)), expected);
    }

    #[rstest]
    #[case::alone("", "")]
    #[case::beside_that_of_the_environment("http://proxy:3128", "")]
    #[case::whatever_is_excepted("http://proxy:3128", "*")]
    fn the_proxy_of_the_kubeconfig_comes_first(#[case] proxy: &str, #[case] exceptions: &str) {
        let own = Some(uri("http://jump:8080"));
        let chosen = environment(proxy, exceptions).proxy(own.clone(), &uri(SERVICE));
        assert_eq!(chosen, Ok(own));
    }

    /// What an error says, by itself and in the log.
    fn said(refusal: ProxyError) -> String {
        format!("{refusal} {refusal:?}")
    }

    #[rstest]
    #[case::of_an_address_that_is_none("http://me:word@pro xy")]
    #[case::of_socks("socks5://me:word@proxy:1080")]
    #[case::of_socks_that_resolves_names("socks5h://me:word@proxy:1080")]
    #[case::of_nothing_known("proxy://me:word@proxy:1080")]
    fn what_is_no_proxy_is_refused_without_its_password(#[case] proxy: &str) {
        for exceptions in ["", "10.96.0.1"] {
            let refusal = environment(proxy, exceptions)
                .proxy(None, &uri(SERVICE))
                .unwrap_err();
            assert_eq!(refusal, ProxyError::OfEnvironment);
            assert!(!said(refusal).contains("word"), "{refusal}");
        }
        // With a kubeconfig it is found by kube as well, unless it can find nothing in it.
        let Ok(found) = proxy.parse() else { return };
        let refusal = environment(proxy, "").proxy(Some(found), &uri(SERVICE));
        assert_eq!(refusal, Err(ProxyError::OfEnvironment));
    }

    #[rstest]
    #[case::alone("")]
    #[case::beside_that_of_the_environment("http://proxy:3128")]
    fn what_is_no_proxy_in_the_kubeconfig_is_refused_without_its_password(#[case] proxy: &str) {
        for own in ["socks5://me:word@jump:1080", "jump:8080", "/me:word@jump"] {
            let refusal = environment(proxy, "").proxy(Some(uri(own)), &uri(SERVICE));
            assert_eq!(refusal, Err(ProxyError::OfKubeconfig), "{own}");
            assert!(!said(ProxyError::OfKubeconfig).contains("word"));
        }
    }
}
