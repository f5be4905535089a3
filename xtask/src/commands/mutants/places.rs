//! Where in a source each mutant is: the list tells where it begins, and the syntax tree how far it goes.

use std::{collections::BTreeMap, ops::Range};

use syn::{
    Arm, Block, Expr, ExprBinary, ExprLet, ExprStruct, ExprUnary, ImplItemFn, ItemFn, ReturnType,
    Signature, TraitItemFn, TypeImplTrait,
    spanned::Spanned,
    visit::{self, Visit},
};

use super::list::{Genre, Mutant, Place};

/// The number of a mutant in the list.
pub(super) type Number = usize;

/// A place of the source, as bytes, with all that can be done to it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Before the first statement of a function something else may be returned.
    Body { start: usize, mutants: Vec<Number> },
    Binary {
        left: Range<usize>,
        operator: Range<usize>,
        right: Range<usize>,
        mutants: Vec<Number>,
    },
    Unary {
        whole: Range<usize>,
        operand: Range<usize>,
        mutants: Vec<Number>,
    },
    /// Fields that a struct may take from another value instead; each with what stands between it and the next.
    Fields {
        whole: Range<usize>,
        fields: Vec<(Range<usize>, Number)>,
    },
    /// An arm without a guard may get one that is never true.
    Arm { end: usize, mutant: Number },
    /// A guard, and whether its arm may be taken out as well.
    Guard {
        guard: Range<usize>,
        arm: Option<Number>,
        mutants: Vec<Number>,
    },
}

impl Change {
    /// What it puts something else in the place of.
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Body { start, .. } => *start..*start,
            Self::Binary { left, right, .. } => left.start..right.end,
            Self::Unary { whole, .. } | Self::Fields { whole, .. } => whole.clone(),
            Self::Arm { end, .. } => *end..*end,
            Self::Guard { guard, .. } => guard.clone(),
        }
    }
}

/// The changes of one file, from its beginning to its end, each before those within it. What is not found there, or could not be
/// switched on and off, is in none of them.
pub(super) fn changes(file: &syn::File, mutants: &[(Number, &Mutant)]) -> Vec<Change> {
    let mut search = Search::default();
    for (number, mutant) in mutants {
        let here = (mutant.genre, mutant.span.start);
        search.listed.entry(here).or_default().push(*number);
    }
    search.visit_file(file);
    let mut found = search.found;
    found.sort_by_key(|change| {
        let range = change.range();
        (range.start, usize::MAX - range.end)
    });
    found
}

#[derive(Default)]
struct Search {
    listed: BTreeMap<(Genre, Place), Vec<Number>>,
    found: Vec<Change>,
}

impl Search {
    fn take(&mut self, genre: Genre, at: &impl Spanned) -> Vec<Number> {
        let start = at.span().start();
        let start = Place {
            line: start.line,
            column: start.column + 1,
        };
        self.listed.remove(&(genre, start)).unwrap_or_default()
    }

    /// What is returned beside an `impl Trait` would have to be of the same type, which has no name.
    fn body(&mut self, signature: &Signature, block: &Block) {
        if is_unnamed(&signature.output) {
            return;
        }
        let Some(first) = block.stmts.first() else {
            return;
        };
        let mutants = self.take(Genre::FnValue, first);
        if !mutants.is_empty() {
            let start = first.span().byte_range().start;
            self.found.push(Change::Body { start, mutants });
        }
    }
}

impl<'a> Visit<'a> for Search {
    fn visit_item_fn(&mut self, function: &'a ItemFn) {
        self.body(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'a ImplItemFn) {
        self.body(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'a TraitItemFn) {
        if let Some(block) = &function.default {
            self.body(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_expr_binary(&mut self, binary: &'a ExprBinary) {
        let mutants = self.take(Genre::BinaryOperator, &binary.op);
        // What is bound by `let` beside an `&&` is bound for what follows, and cannot stand in parentheses.
        if !mutants.is_empty() && !binds(&binary.left) && !binds(&binary.right) {
            self.found.push(Change::Binary {
                left: bytes(&binary.left),
                operator: bytes(&binary.op),
                right: bytes(&binary.right),
                mutants,
            });
        }
        visit::visit_expr_binary(self, binary);
    }

    fn visit_expr_unary(&mut self, unary: &'a ExprUnary) {
        let mutants = self.take(Genre::UnaryOperator, &unary.op);
        if !mutants.is_empty() {
            self.found.push(Change::Unary {
                whole: bytes(unary),
                operand: bytes(&unary.expr),
                mutants,
            });
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_struct(&mut self, literal: &'a ExprStruct) {
        let nexts = literal.fields.iter().skip(1).map(bytes);
        let nexts = nexts.chain(literal.dot2_token.iter().map(bytes));
        let fields: Vec<(Range<usize>, Number)> = literal
            .fields
            .iter()
            .zip(nexts)
            .flat_map(|(field, next)| {
                let range = bytes(field).start..next.start;
                let mutants = self.take(Genre::StructField, field);
                mutants
                    .into_iter()
                    .map(move |mutant| (range.clone(), mutant))
            })
            .collect();
        if !fields.is_empty() {
            let whole = bytes(literal);
            self.found.push(Change::Fields { whole, fields });
        }
        visit::visit_expr_struct(self, literal);
    }

    fn visit_arm(&mut self, arm: &'a Arm) {
        let taken_out = self.take(Genre::MatchArm, arm).first().copied();
        match (&arm.guard, taken_out) {
            (Some((_, guard)), arm) if !binds(guard) => {
                let mutants = self.take(Genre::MatchArmGuard, guard.as_ref());
                self.found.push(Change::Guard {
                    guard: bytes(guard.as_ref()),
                    arm,
                    mutants,
                });
            }
            (None, Some(mutant)) => {
                let end = bytes(&arm.pat).end;
                self.found.push(Change::Arm { end, mutant });
            }
            _ => (),
        }
        visit::visit_arm(self, arm);
    }
}

fn bytes(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

fn is_unnamed(output: &ReturnType) -> bool {
    struct Unnamed(bool);
    impl<'a> Visit<'a> for Unnamed {
        fn visit_type_impl_trait(&mut self, _: &'a TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut unnamed = Unnamed(false);
    unnamed.visit_return_type(output);
    unnamed.0
}

/// Whether something is bound here by `let` that is seen further on.
fn binds(expression: &Expr) -> bool {
    struct Lets(bool);
    impl<'a> Visit<'a> for Lets {
        fn visit_expr_let(&mut self, _: &'a ExprLet) {
            self.0 = true;
        }
        // What is bound within these is not seen further on.
        fn visit_block(&mut self, _: &'a Block) {}
        fn visit_arm(&mut self, _: &'a Arm) {}
        fn visit_expr_if(&mut self, _: &'a syn::ExprIf) {}
        fn visit_expr_closure(&mut self, _: &'a syn::ExprClosure) {}
    }
    let mut lets = Lets(false);
    lets.visit_expr(expression);
    lets.0
}
