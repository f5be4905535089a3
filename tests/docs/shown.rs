//! What a page shows of an output, beside what is printed.

/// How they differ. Of a table the headings must be the same, of anything else every word, up to a `…`.
pub(crate) fn differs(shown: &str, printed: &str) -> Option<String> {
    let same = match headings(shown).as_slice() {
        [] => words(printed).starts_with(&words(shown)),
        shown => headings(printed) == shown,
    };
    (!same).then(|| format!("it did not print what the page shows:\n{shown}"))
}

/// The headings of each table: a line all in capitals.
fn headings(text: &str) -> Vec<Vec<&str>> {
    let is_heading =
        |line: &&str| line.starts_with(char::is_uppercase) && !line.contains(char::is_lowercase);
    let lines = text.lines().filter(is_heading);
    lines
        .map(|line| line.split_whitespace().collect())
        .collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace()
        .take_while(|word| *word != "…")
        .collect()
}

#[test]
fn tables_are_compared_by_their_headings_and_sentences_word_by_word() {
    assert_eq!(differs("NAME   AGE\na   1s", "NAME AGE\nb 2s\nc 3s"), None);
    assert!(differs("NAME   AGE\na   1s", "NAME READY AGE\na True 1s").is_some());
    assert_eq!(differs("two\nwords …", "two words more"), None);
    assert!(differs("two words", "two wards").is_some());
}
