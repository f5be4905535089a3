//! Which names a selector means. Globs are translated to regular expressions, because a glob library that works on bytes
//! does not match `?pi` with `äpi`; memory is bounded, because a pattern such as `\w{40}x.{60}` takes megabytes.

use regex::{RegexBuilder, RegexSet, RegexSetBuilder};
use thiserror::Error;

use crate::{api::NameSelector, inventory::Repository};

/// How much memory one compiled pattern may take.
const PATTERN_BYTES: usize = 2 << 20;
/// How much memory the compiled patterns of a resource may take together.
const RESOURCE_BYTES: usize = 8 << 20;
/// A plan selects repositories and projects, and each selector includes and excludes.
const LISTS: usize = 4;
/// How much memory each of these lists may take.
const LIST_BYTES: usize = RESOURCE_BYTES / LISTS;

/// A pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// It is no regular expression, or one that is too large.
    #[error(
        "{list}[{index}] \"{pattern}\" cannot be used: {reason}; correct it or write it as a glob"
    )]
    Pattern {
        /// The field that holds it, for example `includeRegex`.
        list: &'static str,
        /// Its place in the field, from 0.
        index: usize,
        /// The pattern itself.
        pattern: String,
        /// The parser's own words.
        reason: String,
    },
    /// Each pattern fits, all of them together do not.
    #[error(
        "the patterns of {list} take more than 2 MiB together; use fewer, or shorter repetitions"
    )]
    TooLarge {
        /// Which half of the selector.
        list: &'static str,
    },
}

/// A compiled selector: in is what some include matches and no exclude does.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    include: RegexSet,
    exclude: RegexSet,
    /// Whether the project of a repository may decide that an include matches, and an exclude.
    by_project: ByProject,
}

#[derive(Clone, Copy, Debug, Default)]
struct ByProject {
    include: bool,
    exclude: bool,
}

impl Selector {
    /// Compiles all four lists of a selector.
    ///
    /// # Errors
    /// When a regular expression is broken, or a pattern or a list takes too much memory.
    pub fn new(spec: &NameSelector) -> Result<Self, Error> {
        Ok(Self {
            include: list(
                "include",
                &spec.include,
                "includeRegex",
                &spec.include_regex,
            )?,
            exclude: list(
                "exclude",
                &spec.exclude,
                "excludeRegex",
                &spec.exclude_regex,
            )?,
            by_project: ByProject {
                include: may_mean_project(&spec.include) || !spec.include_regex.is_empty(),
                exclude: may_mean_project(&spec.exclude) || !spec.exclude_regex.is_empty(),
            },
        })
    }

    /// What a selector still says, where some pattern of it cannot be used: each include that can be, as if nothing
    /// were excluded. To be protected by, never to be carried out.
    pub fn usable(spec: &NameSelector) -> Self {
        let fitting = |patterns: &[String], source: fn(&str) -> String| {
            let fitting = patterns
                .iter()
                .filter(|pattern| fits(&source(pattern)).is_ok());
            fitting.cloned().collect()
        };
        let usable = |include_regex| NameSelector {
            include: fitting(&spec.include, glob_to_regex),
            include_regex,
            ..NameSelector::default()
        };
        let regexes: Vec<String> = fitting(&spec.include_regex, str::to_owned);
        // Each fits, and all of them together may not.
        let all = Self::new(&usable(regexes));
        let globs = || Self::new(&usable(Vec::new()));
        all.or_else(|_| globs()).unwrap_or_default()
    }

    /// Globs alone, with no exclude, as in `protection.except`.
    ///
    /// # Errors
    /// When a pattern or the list takes too much memory.
    pub fn globs(globs: &[String]) -> Result<Self, Error> {
        Ok(Self {
            include: list("except", globs, "", &[])?,
            exclude: RegexSet::empty(),
            by_project: ByProject {
                include: may_mean_project(globs),
                exclude: false,
            },
        })
    }

    /// Whether the repository is in. One of which that is not known never is: it might be one that is left out.
    pub fn contains(&self, repository: &Repository) -> bool {
        self.judge(repository) == Some(true)
    }

    /// Whether the repository is in; `None` where its row does not show what decides that, its name or that of its project.
    pub fn judge(&self, repository: &Repository) -> Option<bool> {
        if repository.name.is_empty() {
            return None;
        }
        let matches = |set: &RegexSet| repository.any_form(|form| set.is_match(form));
        let hides_project = repository.hides_project();
        let is_included = matches(&self.include);
        let may_be_included = is_included || (hides_project && self.by_project.include);
        if !may_be_included || matches(&self.exclude) {
            return Some(false);
        }
        let may_be_excluded = hides_project && self.by_project.exclude;
        (is_included && !may_be_excluded).then_some(true)
    }

    /// Whether a name that has no other forms is in; used for projects, as `name` and `organization/name`. One that is not
    /// shown never is.
    pub fn contains_name(&self, organization: &str, name: &str) -> bool {
        if name.is_empty() {
            return false;
        }
        let name = name.to_lowercase();
        let full = format!("{}/{name}", organization.to_lowercase());
        let any = |set: &RegexSet| set.is_match(&name) || set.is_match(&full);
        any(&self.include) && !any(&self.exclude)
    }
}

/// Whether one of these globs may match a form of a name that begins with a project.
fn may_mean_project(globs: &[String]) -> bool {
    globs
        .iter()
        .any(|glob| glob.contains('/') || glob.contains("**"))
}

fn list(
    glob_field: &'static str,
    globs: &[String],
    regex_field: &'static str,
    regexes: &[String],
) -> Result<RegexSet, Error> {
    let mut sources = Vec::with_capacity(globs.len() + regexes.len());
    for (index, glob) in globs.iter().enumerate() {
        let source = glob_to_regex(glob);
        fits(&source).map_err(|reason| Error::Pattern {
            list: glob_field,
            index,
            pattern: glob.clone(),
            reason,
        })?;
        sources.push(source);
    }
    for (index, regex) in regexes.iter().enumerate() {
        // Alone first: `a)(b` must be refused, though it would be well-formed once it stands in a group.
        fits(regex)
            .and_then(|()| fits(&whole(regex)))
            .map_err(|reason| Error::Pattern {
                list: regex_field,
                index,
                pattern: regex.clone(),
                reason,
            })?;
        sources.push(whole(regex));
    }
    RegexSetBuilder::new(&sources)
        .case_insensitive(true)
        .size_limit(LIST_BYTES)
        .build()
        .map_err(|_| Error::TooLarge { list: glob_field })
}

fn whole(regex: &str) -> String {
    let plain = format!("^(?:{regex})$");
    // In the extended syntax, (?x), a comment at the end swallows the bracket; the line break ends the comment.
    if fits(&plain).is_ok() {
        plain
    } else {
        format!("^(?:{regex}\n)$")
    }
}

fn fits(source: &str) -> Result<(), String> {
    RegexBuilder::new(source)
        .case_insensitive(true)
        .size_limit(PATTERN_BYTES)
        .build()
        .map(|_| ())
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it takes more than 2 MiB".to_owned(),
            regex::Error::Syntax(text) => text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned(),
            other => other.to_string(),
        })
}

/// `*` does not cross `/`, `**` does, `?` is one character. Every other character stands for itself.
fn glob_to_regex(glob: &str) -> String {
    let mut regex = String::with_capacity(glob.len() + 8);
    regex.push('^');
    let lowered = glob.to_lowercase();
    let mut rest = lowered.as_str();
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("**") {
            regex.push_str("(?s:.*)");
            rest = after;
            continue;
        }
        match character {
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            other => regex.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
        rest = rest.strip_prefix(character).unwrap_or_default();
    }
    regex.push('$');
    regex
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn selector(
        include: &[&str],
        exclude: &[&str],
        include_regex: &[&str],
    ) -> Result<Selector, Error> {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Selector::new(&NameSelector {
            include: owned(include),
            exclude: owned(exclude),
            include_regex: owned(include_regex),
            ..NameSelector::default()
        })
    }

    #[rstest]
    //                          include               exclude       project         name                matches
    #[case::star_within_a_part( &["api*"],            &[],          None,           "api-gateway",      true)]
    #[case::whole_name(         &["api"],             &[],          None,           "api-gateway",      false)]
    #[case::case_is_folded(     &["API-*"],           &[],          None,           "Api-Gateway",      true)]
    #[case::star_stops_at_slash(&["platform/*"],      &[],          None,           "platform/run/api", false)]
    #[case::two_stars_do_not(   &["platform/**"],     &[],          None,           "platform/run/api", true)]
    #[case::top_level_alone(    &["*"],               &[],          None,           "platform/run/api", false)]
    #[case::everything(         &["**"],              &[],          None,           "platform/run/api", true)]
    #[case::one_character(      &["?pi"],             &[],          None,           "äpi",              true)]
    #[case::unicode_case(       &["ÄPI"],             &[],          None,           "äpi",              true)]
    #[case::by_organization(    &["acme/api"],        &[],          None,           "api",              true)]
    #[case::by_project(         &["payments core/*"], &[],          Some("Payments Core"), "api",       true)]
    #[case::by_both(            &["acme/payments core/api"], &[],   Some("Payments Core"), "api",       true)]
    #[case::past_the_project(   &["acme/api"],        &[],          Some("Payments Core"), "api",       true)]
    #[case::exclude_wins(       &["**"],              &["*-nested"], None,          "api-nested",       false)]
    #[case::nothing_given(      &[],                  &[],          None,           "api",              false)]
    #[case::dot_is_a_dot(       &["a.i"],             &[],          None,           "api",              false)]
    #[case::bracket_is_itself(  &["a[p]i"],           &[],          None,           "api",              false)]
    fn globs_match_whole_names(
        #[case] include: &[&str],
        #[case] exclude: &[&str],
        #[case] project: Option<&str>,
        #[case] name: &str,
        #[case] matches: bool,
    ) {
        let inventory = crate::decide::fixtures::organization("Acme")
            .with_named(project, name)
            .inventory();
        let repository: &Repository = &inventory.repositories()[0];
        assert_eq!(
            selector(include, exclude, &[])
                .unwrap()
                .contains(repository),
            matches
        );
    }

    #[rstest]
    #[case::whole_name("api", "api-gateway", false)]
    #[case::case_is_folded("API-.+", "api-gateway", true)]
    #[case::alternatives_are_one_group("a|api", "apix", false)]
    #[case::flags("(?i)api", "api", true)]
    #[case::a_comment_at_the_end("(?x) api # the front door", "api", true)]
    fn a_regular_expression_matches_the_whole_name(
        #[case] regex: &str,
        #[case] name: &str,
        #[case] matches: bool,
    ) {
        let inventory = crate::decide::fixtures::organization("Acme")
            .with_named(None, name)
            .inventory();
        assert_eq!(
            selector(&[], &[], &[regex])
                .unwrap()
                .contains(&inventory.repositories()[0]),
            matches
        );
    }

    #[rstest]
    #[case::of_the_globs("api", true)]
    #[case::of_the_expressions("web-1", true)]
    #[case::excluded_as_far_as_is_known("api-old", true)]
    #[case::of_nothing_that_can_be_used("infra", false)]
    fn what_can_be_used_of_a_selector_still_means_something(
        #[case] name: &str,
        #[case] means: bool,
    ) {
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let spec = NameSelector {
            include: strings(&["api*"]),
            include_regex: strings(&["infra-(", "web-.", r"\w{40}x.{60}\w{1000}"]),
            exclude: strings(&["*-old"]),
            exclude_regex: strings(&["("]),
        };
        let inventory = crate::decide::fixtures::organization("Acme")
            .with_named(None, name)
            .inventory();
        Selector::new(&spec).unwrap_err();
        let usable = Selector::usable(&spec);
        assert_eq!(usable.contains(&inventory.repositories()[0]), means);
    }

    #[test]
    fn expressions_that_are_too_large_together_leave_the_globs() {
        let large = |letter| format!(r"\w{{20}}{letter}");
        let spec = NameSelector {
            include: vec!["api".to_owned()],
            include_regex: ('a'..='p').map(large).collect(),
            ..NameSelector::default()
        };
        let error = Selector::new(&spec).unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        let usable = Selector::usable(&spec);
        assert!(usable.contains_name("Acme", "api"));
    }

    #[rstest]
    #[case::not_closed("api-(")]
    #[case::closed_before_it_was_opened("a)(b")]
    #[case::huge(r"\w{40}x.{60}\w{1000}")]
    fn what_cannot_be_compiled_is_named_with_its_place(#[case] regex: &str) {
        let error = selector(&[], &[], &["fine", regex])
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("includeRegex[1] "), "{error}");
    }
}
