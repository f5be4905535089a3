//! The paths that a source text names, found in its tokens: also in macros, and never in comments.
//!
//! Not seen: `super` inside the braces of an import, and what a macro puts together.

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{Source, folder_of};

/// The beginning of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Beginning {
    /// What follows `crate::`, or the `super::` that lead there: a folder of `src`, or an item of `lib.rs`.
    InCrate(String),
    /// The path begins with this name: a crate, or something local.
    Name(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    /// `::`
    Separator,
    Comma,
    OpenBrace,
    CloseBrace,
    Other,
}

pub(super) fn paths(source: &Source<'_>) -> Result<Vec<Beginning>> {
    let stream: TokenStream = source
        .text
        .parse()
        .map_err(|error| anyhow!("this is not Rust: {error}"))?;
    let mut tokens = Vec::new();
    flatten(stream, &mut tokens);

    let mut found = Vec::new();
    let mut modules = Modules::of_file(source.path);
    for (index, token) in tokens.iter().enumerate() {
        let (before, rest) = (
            tokens.get(..index).unwrap_or_default(),
            tokens.get(index + 1..).unwrap_or_default(),
        );
        match token {
            Token::Name(name) if !continues_path(before) => match name.as_str() {
                "crate" => after(rest, 0, &mut found),
                "super" => after(rest, modules.depth() - 1, &mut found),
                _ if rest.first() == Some(&Token::Separator)
                    || is_keyword(before.last(), "use") =>
                {
                    found.push(Beginning::Name(name.clone()));
                }
                _ => {}
            },
            Token::OpenBrace => modules.open(before),
            Token::CloseBrace => modules.close(),
            Token::Name(_) | Token::Separator | Token::Comma | Token::Other => {}
        }
    }
    Ok(found)
}

/// How deep in modules a place is, with a mark for each open brace: is it a module's?
struct Modules {
    /// One for `src/decide.rs`, two for `src/decide/plan.rs`.
    of_file: usize,
    braces: Vec<bool>,
}

impl Modules {
    fn of_file(path: &str) -> Self {
        let of_file = if folder_of(path).is_some() {
            path.split('/').count()
        } else {
            0
        };
        Self {
            of_file,
            braces: Vec::new(),
        }
    }

    fn depth(&self) -> usize {
        self.of_file + self.braces.iter().filter(|is_module| **is_module).count()
    }

    fn open(&mut self, before: &[Token]) {
        let keyword = before
            .len()
            .checked_sub(2)
            .and_then(|index| before.get(index));
        self.braces.push(is_keyword(keyword, "mod"));
    }

    fn close(&mut self) {
        self.braces.pop();
    }
}

fn is_keyword(token: Option<&Token>, keyword: &str) -> bool {
    token.and_then(name_of) == Some(keyword)
}

/// `::kube::Api` begins a path although a separator stands before the name; `Vec::<u8>::new` and `api::Plan` go on with one.
fn continues_path(before: &[Token]) -> bool {
    match before {
        [.., Token::Name(name), Token::Separator] => name != "use",
        [.., Token::Other, Token::Separator] => true,
        _ => false,
    }
}

/// What is named after `crate` or `super`, `left` modules above the crate's own.
fn after(mut rest: &[Token], mut left: usize, found: &mut Vec<Beginning>) {
    while let [Token::Separator, Token::Name(name), further @ ..] = rest {
        if name != "super" {
            if left == 0 {
                found.push(Beginning::InCrate(name.clone()));
            }
            return;
        }
        left = left.saturating_sub(1);
        rest = further;
    }
    if let [Token::Separator, Token::OpenBrace, elements @ ..] = rest
        && left == 0
    {
        found.extend(first_names(elements).map(Beginning::InCrate));
    }
}

/// `{api::Plan, inventory}`: what each element begins with.
fn first_names(elements: &[Token]) -> impl Iterator<Item = String> {
    let mut open = 1_usize;
    let mut previous = &Token::Comma;
    elements
        .iter()
        .map_while(move |token| {
            let begins = open == 1 && previous == &Token::Comma;
            previous = token;
            match token {
                Token::OpenBrace => open += 1,
                Token::CloseBrace => open -= 1,
                Token::Name(_) | Token::Separator | Token::Comma | Token::Other => {}
            }
            (open > 0).then_some((begins, token))
        })
        .filter_map(|(begins, token)| name_of(token).filter(|_| begins).map(String::from))
}

fn name_of(token: &Token) -> Option<&str> {
    if let Token::Name(name) = token {
        Some(name)
    } else {
        None
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut stream = stream.into_iter().peekable();
    while let Some(tree) = stream.next() {
        match tree {
            TokenTree::Group(group) => {
                let braces = group.delimiter() == Delimiter::Brace;
                tokens.push(if braces {
                    Token::OpenBrace
                } else {
                    Token::Other
                });
                flatten(group.stream(), tokens);
                tokens.push(if braces {
                    Token::CloseBrace
                } else {
                    Token::Other
                });
            }
            TokenTree::Ident(ident) => tokens.push(Token::Name(ident.to_string())),
            TokenTree::Punct(punct) => {
                let second =
                    matches!(stream.peek(), Some(TokenTree::Punct(next)) if next.as_char() == ':');
                tokens.push(match punct.as_char() {
                    ':' if second => Token::Separator,
                    ',' => Token::Comma,
                    _ => Token::Other,
                });
                if punct.as_char() == ':' && second {
                    stream.next();
                }
            }
            TokenTree::Literal(_) => tokens.push(Token::Other),
        }
    }
}
