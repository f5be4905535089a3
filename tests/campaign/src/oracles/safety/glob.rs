//! Patterns on names, as the documentation describes them: `*` stays within a segment, `**` does not, `?` is one character.

/// Whether a glob matches a whole name, in any casing.
pub(super) fn matches(glob: &str, name: &str) -> bool {
    let characters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    rest(&characters(glob), &characters(name))
}

fn rest(glob: &[char], name: &[char]) -> bool {
    match (glob, name) {
        ([], _) => name.is_empty(),
        (['*', '*', glob @ ..], _) => {
            (0..=name.len()).any(|taken| rest(glob, name.get(taken..).unwrap_or_default()))
        }
        (['*', glob @ ..], _) => {
            let segment = name
                .iter()
                .take_while(|character| **character != '/')
                .count();
            (0..=segment).any(|taken| rest(glob, name.get(taken..).unwrap_or_default()))
        }
        (['?', glob @ ..], [character, name @ ..]) => *character != '/' && rest(glob, name),
        ([wanted, glob @ ..], [character, name @ ..]) => wanted == character && rest(glob, name),
        (_, []) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names() {
        for (glob, name, expected) in [
            ("api", "API", true),
            ("api", "api-2", false),
            ("api*", "api-2", true),
            ("*", "group/api", false),
            ("**", "group/api", true),
            ("group/**", "group/a/b", true),
            ("?pi", "äpi", true),
            ("?pi", "pi", false),
        ] {
            assert_eq!(matches(glob, name), expected, "{glob} {name}");
        }
    }
}
