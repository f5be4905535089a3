//! Which hosts a connection may lead to: `--allowed-hosts`.

use std::fmt;

use regex::{Regex, RegexBuilder};

use crate::xopero::Origin;

/// Host names with `*` for any run of characters, dots among them.
#[derive(Clone, Debug)]
pub struct HostGlobs(Vec<Glob>);

#[derive(Clone, Debug)]
struct Glob {
    written: String,
    compiled: Regex,
}

/// Why something is no host name with `*`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "--allowed-hosts: \"{glob}\" is no host name; write it without scheme, port and path, for example xopero.example.com or *.example.com"
)]
pub struct HostGlobError {
    glob: String,
}

impl HostGlobs {
    /// Compiles the globs. Without any, no host is allowed.
    ///
    /// # Errors
    /// If one is empty, or holds what no host name has.
    pub fn new<'glob>(globs: impl IntoIterator<Item = &'glob str>) -> Result<Self, HostGlobError> {
        globs
            .into_iter()
            .map(Glob::new)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a connection may lead there.
    pub fn allow(&self, origin: &Origin) -> bool {
        self.0
            .iter()
            .any(|glob| glob.compiled.is_match(origin.host()))
    }
}

impl Glob {
    fn new(written: &str) -> Result<Self, HostGlobError> {
        let error = || HostGlobError {
            glob: written.to_owned(),
        };
        let fits = |character: char| {
            character.is_alphanumeric() || matches!(character, '*' | '.' | '-' | '_')
        };
        let address = written.starts_with('[') && written.ends_with(']');
        if written.is_empty() || !(address || written.chars().all(fits)) {
            return Err(error());
        }
        let pattern = regex::escape(&written.to_lowercase()).replace(r"\*", ".*");
        let compiled = RegexBuilder::new(&format!("^(?:{pattern})$"))
            .dot_matches_new_line(true)
            .build()
            .map_err(|_| error())?;
        Ok(Self {
            written: written.to_owned(),
            compiled,
        })
    }
}

/// As they were written, for the sentence that refuses a host.
impl fmt::Display for HostGlobs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written: Vec<&str> = self.0.iter().map(|glob| glob.written.as_str()).collect();
        formatter.write_str(&written.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_very_host(&["xopero.example.com"], "https://xopero.example.com", true)]
    #[case::in_any_casing(&["Xopero.Example.COM"], "https://XOPERO.example.com", true)]
    #[case::on_any_port(&["xopero.example.com"], "https://xopero.example.com:8443", true)]
    #[case::below_a_domain(&["*.example.com"], "https://a.b.example.com", true)]
    #[case::not_the_domain_itself(&["*.example.com"], "https://example.com", false)]
    #[case::not_a_lookalike(&["*.example.com"], "https://a.example.com.evil.test", false)]
    #[case::a_dot_is_a_dot(&["a.example.com"], "https://axexample.com", false)]
    #[case::any_of_several(&["a.test", "b.test"], "https://b.test", true)]
    #[case::all(&["*"], "https://anything.test", true)]
    #[case::none(&[], "https://anything.test", false)]
    #[case::an_address(&["127.0.0.*"], "http://127.0.0.1:30000", true)]
    #[case::an_address_six(&["[::1]"], "http://[::1]:30000", true)]
    fn a_host_is_allowed_by_a_glob_that_matches_it_whole(
        #[case] globs: &[&str],
        #[case] url: &str,
        #[case] allowed: bool,
    ) {
        let globs = HostGlobs::new(globs.iter().copied()).unwrap();
        assert_eq!(globs.allow(&Origin::parse(url).unwrap()), allowed);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::a_scheme("https://xopero.example.com")]
    #[case::a_port("xopero.example.com:8443")]
    #[case::a_path("xopero.example.com/")]
    #[case::a_list("a.test,b.test")]
    fn what_is_no_host_is_refused(#[case] glob: &str) {
        let error = HostGlobs::new([glob]).unwrap_err();
        assert!(error.to_string().contains("write it without scheme"));
    }
}
