//! How long a source file may be.

/// From here on a file is worth splitting.
const LONG: usize = 400;

/// From here on it must be split.
const TOO_LONG: usize = 500;

/// What is said about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Fine,
    Long(String),
    TooLong(String),
}

pub(crate) fn judge(path: &str, text: &str) -> Verdict {
    match text.lines().count() {
        lines if lines >= TOO_LONG => Verdict::TooLong(format!(
            "{path} has {lines} lines; split it by phase or by subject, below {TOO_LONG}"
        )),
        lines if lines > LONG => Verdict::Long(format!(
            "{path} has {lines} lines; past {LONG} a file is hard to hold in mind"
        )),
        _ => Verdict::Fine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(lines: usize) -> Verdict {
        judge("src/a.rs", &"x\n".repeat(lines))
    }

    #[test]
    fn a_file_is_warned_about_past_400_lines_and_refused_from_500() {
        assert_eq!(verdict(400), Verdict::Fine);
        assert!(matches!(verdict(401), Verdict::Long(_)));
        assert!(matches!(verdict(499), Verdict::Long(_)));
        assert!(matches!(verdict(500), Verdict::TooLong(_)));
    }
}
