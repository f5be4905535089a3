//! Which proxy leads to the API server.
//!
//! kube 5.0.0 asks `NO_PROXY` about the proxy's own host instead of the API server's, and in a pod it reads no variable at all.
//! So what it says of the environment is decided here again, by the rules that the client of Xopero ONE follows.

use std::{env, net::IpAddr};

use axum::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use thiserror::Error;

/// Why there is no way to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("HTTPS_PROXY is no address of a proxy; write it as http://host:port")]
// Without the value: it may hold a password.
pub struct ProxyError;

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
    /// If the environment names a proxy that cannot be one.
    pub(super) fn proxy(
        &self,
        configured: Option<Uri>,
        api_server: &Uri,
    ) -> Result<Option<Uri>, ProxyError> {
        let Some(proxy) = &self.proxy else {
            return Ok(configured);
        };
        if configured.is_some() && configured != proxy.parse().ok() {
            return Ok(configured);
        }
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
        let proxy: Uri = with_scheme.parse().map_err(|_| ProxyError)?;
        // Of any other scheme the client says, with the whole address, that it is not built for it.
        if !["http", "https"].contains(&proxy.scheme_str().unwrap_or_default()) {
            return Err(ProxyError);
        }
        let rules = Matcher::builder()
            .https(with_scheme)
            .no(exceptions.to_owned())
            .build();
        Ok(rules.intercept(api_server).map(|_| proxy))
    }
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

    #[test]
    fn what_is_no_proxy_is_refused_without_its_password() {
        let refusal = environment("http://me:word@pro xy", "")
            .proxy(None, &uri(SERVICE))
            .unwrap_err();
        assert!(!refusal.to_string().contains("word"), "{refusal}");
    }
}
