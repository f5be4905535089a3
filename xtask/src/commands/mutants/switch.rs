//! All mutants in one build: each stands in the source beside what it changes, behind a switch of its own.
//!
//! `a < b` becomes `(if on(7) { (a) <= (b) } else { a < b })`, with a comment before and after that tells which mutant it is.

use std::{collections::BTreeSet, ops::Range};

use super::{
    list::{Genre, Mutant},
    places::{Change, Number, changes},
};

/// The module that the switches call, and what it is called.
pub(super) const MODULE: &str = include_str!("switched.rs");
pub(super) const MODULE_NAME: &str = "switched";

/// A source with all the mutants of the list that are in this file and are not left out, and which these are.
pub(super) fn switched(
    source: &str,
    mutants: &[(Number, &Mutant)],
) -> syn::Result<(String, BTreeSet<Number>)> {
    let file = syn::parse_file(source)?;
    let changes = changes(&file, mutants);
    let mut writer = Writer {
        source,
        mutants,
        written: BTreeSet::new(),
    };
    let text = writer.text(0..source.len(), &changes);
    Ok((text, writer.written))
}

/// Which mutant this byte of a source with switches belongs to.
pub(super) fn mutant_at(text: &str, byte: usize) -> Option<Number> {
    let number = |text: &str, end: &str| text.split_once(end)?.0.parse::<Number>().ok();
    let mut open = Vec::new();
    let mut rest = text.get(..byte)?;
    while let Some((_, comment)) = rest.split_once("/*") {
        rest = comment;
        if let Some(begun) = comment.strip_prefix('<') {
            open.extend(number(begun, "*/"));
        } else if number(comment, ">*/").is_some() {
            open.pop();
        }
    }
    open.last().copied()
}

struct Writer<'a> {
    source: &'a str,
    mutants: &'a [(Number, &'a Mutant)],
    written: BTreeSet<Number>,
}

impl<'a> Writer<'a> {
    fn part(&self, range: Range<usize>) -> &'a str {
        self.source.get(range).unwrap_or_default()
    }

    /// This part of the source, with the changes within it.
    fn text(&mut self, range: Range<usize>, changes: &[Change]) -> String {
        let mut text = String::new();
        let mut done = range.start;
        let mut following = changes.iter();
        while let Some(change) = following.next() {
            let place = change.range();
            // In another part, or within a change that was written already.
            if place.start < done || place.end > range.end {
                continue;
            }
            text.push_str(self.part(done..place.start));
            text.push_str(&self.change(change, following.as_slice()));
            done = place.end;
        }
        text.push_str(self.part(done..range.end));
        text
    }

    fn change(&mut self, change: &Change, within: &[Change]) -> String {
        match change {
            Change::Body { mutants, .. } => mutants
                .iter()
                .map(|number| {
                    let replacement = self.replacement(*number);
                    marked(
                        *number,
                        &format!("if {} {{ return {replacement}; }}", on(*number)),
                    ) + "\n    "
                })
                .collect(),
            Change::Binary {
                left,
                operator,
                right,
                mutants,
            } => {
                let left = self.text(left.clone(), within);
                let right = self.text(right.clone(), within);
                let operator = self.part(operator.clone());
                let unchanged = format!("{left} {operator} {right}");
                let assigns =
                    operator.ends_with('=') && !["==", "<=", ">=", "!="].contains(&operator);
                self.either(mutants, unchanged, |replacement| {
                    if assigns {
                        format!("{left} {replacement} {right}")
                    } else {
                        format!("({left}) {replacement} ({right})")
                    }
                })
            }
            Change::Unary {
                whole,
                operand,
                mutants,
            } => {
                let operator = self.part(whole.start..operand.start);
                let operand = self.text(operand.clone(), within);
                let unchanged = format!("{operator}{operand}");
                self.either(mutants, unchanged, |replacement| {
                    format!("{replacement}{operand}")
                })
            }
            Change::Fields { whole, fields } => {
                let unchanged = self.text(whole.clone(), within);
                fields.iter().fold(unchanged, |otherwise, (field, number)| {
                    let before = self.text(whole.start..field.start, within);
                    let after = self.text(field.end..whole.end, within);
                    self.either(&[*number], otherwise, |_| format!("{before}{after}"))
                })
            }
            Change::Arm { mutant, .. } => {
                self.written.insert(*mutant);
                marked(*mutant, &format!(" if !{}", on(*mutant)))
            }
            Change::Guard {
                guard,
                arm,
                mutants,
            } => {
                let guard = self.text(guard.clone(), within);
                let guard = self.either(mutants, guard, str::to_owned);
                match arm {
                    Some(mutant) => {
                        self.written.insert(*mutant);
                        format!(
                            "{} ({guard})",
                            marked(*mutant, &format!("!{} &&", on(*mutant)))
                        )
                    }
                    None => guard,
                }
            }
        }
    }

    /// One of the mutants, if it is switched on, or what was there.
    fn either(
        &mut self,
        mutants: &[Number],
        unchanged: String,
        changed: impl Fn(&str) -> String,
    ) -> String {
        mutants.iter().fold(unchanged, |otherwise, number| {
            let changed = changed(&self.replacement(*number));
            let choice = format!(
                "(if {} {{ {changed} }} else {{ {otherwise} }})",
                on(*number)
            );
            marked(*number, &choice)
        })
    }

    fn replacement(&mut self, number: Number) -> String {
        self.written.insert(number);
        let found = self.mutants.iter().find(|(other, _)| *other == number);
        found.map_or_else(String::new, |(_, mutant)| {
            match (mutant.genre, mutant.replacement.as_str()) {
                (Genre::FnValue, "") => "()".to_owned(),
                (_, replacement) => replacement.to_owned(),
            }
        })
    }
}

fn on(number: Number) -> String {
    format!("crate::{MODULE_NAME}::on({number})")
}

fn marked(number: Number, text: &str) -> String {
    format!("/*<{number}*/{text}/*{number}>*/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::mutants::list::{Place, Span};

    fn mutant(genre: Genre, line: usize, column: usize, replacement: &str) -> Mutant {
        Mutant {
            name: String::new(),
            file: String::new(),
            span: Span {
                start: Place { line, column },
            },
            genre,
            replacement: replacement.to_owned(),
        }
    }

    /// Without the marks, and with `on` alone.
    fn plain(source: &str, mutants: &[Mutant]) -> String {
        let numbered: Vec<(Number, &Mutant)> = mutants.iter().enumerate().collect();
        let (text, written) = switched(source, &numbered).unwrap();
        assert_eq!(written, (0..mutants.len()).collect());
        let mut plain = text.replace("crate::switched::", "");
        for number in 0..mutants.len() {
            plain = plain
                .replace(&format!("/*<{number}*/"), "")
                .replace(&format!("/*{number}>*/"), "");
        }
        plain
    }

    #[test]
    fn each_kind_of_change_stands_beside_what_it_changes() {
        for (source, mutants, expected) in [
            (
                "fn f() -> bool { true }",
                vec![
                    mutant(Genre::FnValue, 1, 18, "false"),
                    mutant(Genre::FnValue, 1, 18, "true"),
                ],
                "fn f() -> bool { if on(0) { return false; }\n    if on(1) { return true; }\n    true }",
            ),
            (
                "fn f(a: u8) { g(a < 1) }",
                vec![
                    mutant(Genre::BinaryOperator, 1, 19, "=="),
                    mutant(Genre::BinaryOperator, 1, 19, "<="),
                ],
                "fn f(a: u8) { g((if on(1) { (a) <= (1) } else { (if on(0) { (a) == (1) } else { a < 1 }) })) }",
            ),
            (
                "fn f(a: bool) -> bool { a && !a }",
                vec![
                    mutant(Genre::BinaryOperator, 1, 27, "||"),
                    mutant(Genre::UnaryOperator, 1, 30, ""),
                ],
                "fn f(a: bool) -> bool { (if on(0) { (a) || ((if on(1) { a } else { !a })) } else { a && (if on(1) { a } else { !a }) }) }",
            ),
            (
                "fn f(mut a: u8) { a += 1; }",
                vec![mutant(Genre::BinaryOperator, 1, 21, "-=")],
                "fn f(mut a: u8) { (if on(0) { a -= 1 } else { a += 1 }); }",
            ),
            (
                "fn f(a: u8) -> S { S { a, b: 1, ..g() } }",
                vec![
                    mutant(Genre::StructField, 1, 24, ""),
                    mutant(Genre::StructField, 1, 27, ""),
                ],
                "fn f(a: u8) -> S { (if on(1) { S { a, ..g() } } else { (if on(0) { S { b: 1, ..g() } } else { S { a, b: 1, ..g() } }) }) }",
            ),
            (
                "fn f(a: u8) { match a { 1 => (), 2 if b => (), _ => () } }",
                vec![
                    mutant(Genre::MatchArm, 1, 25, ""),
                    mutant(Genre::MatchArm, 1, 34, ""),
                    mutant(Genre::MatchArmGuard, 1, 39, "true"),
                ],
                "fn f(a: u8) { match a { 1 if !on(0) => (), 2 if !on(1) && ((if on(2) { true } else { b })) => (), _ => () } }",
            ),
        ] {
            assert_eq!(plain(source, &mutants), expected);
        }
    }

    #[test]
    fn what_binds_a_name_for_what_follows_is_left_alone() {
        let source = "fn f(a: Option<bool>) { if let Some(b) = a && b {} }";
        let and = mutant(Genre::BinaryOperator, 1, 44, "||");
        let (text, written) = switched(source, &[(0, &and)]).unwrap();
        assert_eq!(text, source);
        assert!(written.is_empty());
    }

    #[test]
    fn a_byte_belongs_to_the_innermost_mutant_around_it() {
        let text = "/*<1*/a /*<2*/b/*2>*/ c/*1>*/ d \"/* e\" f";
        let of = |letter: &str| mutant_at(text, text.find(letter).unwrap());
        assert_eq!(
            ["a", "b", "c", "d", "f"].map(of),
            [Some(1), Some(2), Some(1), None, None]
        );
    }
}
