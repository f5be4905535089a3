//! Patterns of any kind: no panic, bounded memory, an error that names its place, and globs that mean what a plain reading says.

use proptest::prelude::*;

use crate::{
    api::NameSelector,
    decide::{PatternError, Selector},
};

fn globs(globs: &[&str]) -> Result<Selector, PatternError> {
    let globs: Vec<String> = globs.iter().map(|glob| (*glob).to_owned()).collect();
    Selector::globs(&globs)
}

/// A glob read character by character. `organization/name` is a form of every name, so an organization without a letter of the
/// alphabet keeps it out of the way.
fn matches(glob: &[char], name: &[char]) -> bool {
    match glob {
        [] => name.is_empty(),
        ['*', '*', rest @ ..] => (0..=name.len()).any(|taken| matches(rest, &name[taken..])),
        ['*', rest @ ..] => {
            let within = name
                .iter()
                .take_while(|character| **character != '/')
                .count();
            (0..=within).any(|taken| matches(rest, &name[taken..]))
        }
        ['?', rest @ ..] => {
            matches!(name, [first, after @ ..] if *first != '/' && matches(rest, after))
        }
        [literal, rest @ ..] => {
            matches!(name, [first, after @ ..] if first == literal && matches(rest, after))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_glob_means_what_a_plain_reading_says(glob in "[abä./*?]{0,8}", name in "[abä./]{1,8}") {
        let selector = globs(&[&glob]).unwrap();
        let (pattern, text): (Vec<char>, Vec<char>) = (glob.chars().collect(), name.chars().collect());
        let with_organization: Vec<char> = format!("x/{name}").chars().collect();
        prop_assert_eq!(
            selector.contains_name("x", &name),
            matches(&pattern, &text) || matches(&pattern, &with_organization)
        );
    }

    #[test]
    fn a_name_is_a_glob_that_means_it(name in "[^*?]{1,40}") {
        prop_assert!(globs(&[&name]).unwrap().contains_name("acme", &name));
        prop_assert!(globs(&["**"]).unwrap().contains_name("acme", &name));
    }
}

#[test]
fn any_globs_are_a_selector_or_an_error_and_match_without_a_panic() {
    bolero::check!()
        .with_type::<(Vec<String>, String)>()
        .for_each(|(patterns, name)| match Selector::globs(patterns) {
            Ok(selector) => {
                selector.contains_name(name, name);
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        });
}

/// Parts of which expressions are made that grow, that nest, or that are none.
const PARTS: [&str; 16] = [
    "a", "\\w", ".", "{60}", "{1000}", "*", "+", "?", "(", ")", "|", "[", "]", "^", "(?i)",
    "\\p{L}",
];

#[test]
fn any_regular_expression_is_a_selector_or_an_error_that_names_its_place() {
    bolero::check!()
        .with_type::<(Vec<u8>, String)>()
        .with_iterations(300)
        .for_each(|(parts, text)| {
            let made: String = parts
                .iter()
                .take(24)
                .map(|part| PARTS[usize::from(*part) % PARTS.len()])
                .collect();
            for (index, regex) in [(0, made), (1, text.chars().take(256).collect())] {
                let mut include_regex = vec!["fine".to_owned(); index];
                include_regex.push(regex);
                let spec = NameSelector {
                    include_regex,
                    ..NameSelector::default()
                };
                match Selector::new(&spec) {
                    Ok(selector) => {
                        selector.contains_name("acme", "api");
                    }
                    Err(PatternError::TooLarge { list }) => assert_eq!(list, "include"),
                    Err(error @ PatternError::Pattern { .. }) => {
                        let place = format!("includeRegex[{index}] ");
                        assert!(error.to_string().starts_with(&place), "{error}");
                    }
                }
            }
        });
}
