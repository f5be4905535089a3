//! The pages of promises, to users and to tenants, name tests that exist.

/// The pages that say which test holds what they promise.
pub(crate) const PAGES: &[&str] = &["docs/promises.md", "docs/tasks/multi-tenancy.md"];

/// The names of tests in the page that no source defines. A name of a test is what stands in backquotes and has an underscore.
pub(crate) fn unknown_tests<'a>(page: &'a str, sources: &[(String, String)]) -> Vec<&'a str> {
    page.split('`')
        .skip(1)
        .step_by(2)
        .filter(|quoted| quoted.contains('_') && !quoted.contains(' '))
        .filter(|name| {
            let definition = format!("fn {name}(");
            !sources.iter().any(|(_, text)| text.contains(&definition))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_was_renamed_is_found_out() {
        let page = "| **One.** `deletionPolicy` | `it_is_kept`, `it_was_renamed`; run `cargo xtask test it_` |";
        let source = ("a.rs".to_owned(), "async fn it_is_kept() {}".to_owned());
        assert_eq!(unknown_tests(page, &[source]), ["it_was_renamed"]);
    }
}
