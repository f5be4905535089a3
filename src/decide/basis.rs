//! Whether the claims are still those that a removal was decided on: it may wait for its turn while somebody declares what spares it.

use std::{
    collections::HashMap,
    mem::{Discriminant, discriminant},
};

use super::{Claim, Standing, Visibility};

/// What something was decided on. In which words it is said why a claim counts or does not makes no difference.
#[derive(Debug)]
pub struct Basis<'a> {
    claims: HashMap<&'a str, (i64, Discriminant<Standing>)>,
    visibility: Discriminant<Visibility>,
}

impl<'a> Basis<'a> {
    /// What these claims declared, and how far they could be seen.
    pub fn of(claims: &'a [Claim], visibility: &Visibility) -> Self {
        let claims = claims.iter().map(|claim| {
            (
                &*claim.uid,
                (claim.generation, discriminant(&claim.standing)),
            )
        });
        Self {
            claims: claims.collect(),
            visibility: discriminant(visibility),
        }
    }

    /// Compares it with what is declared now. One that is gone protects nothing any more, so it makes no difference.
    ///
    /// # Errors
    /// Where something is declared that was not: in words for the log.
    pub fn is_still(&self, claims: &[Claim], visibility: &Visibility) -> Result<(), String> {
        // To see more than before is no reason against it.
        if discriminant(visibility) != self.visibility && *visibility != Visibility::Whole {
            return Err("what is seen of the resources changed".to_owned());
        }
        let known = |claim: &&Claim| {
            self.claims.get(&*claim.uid) == Some(&(claim.generation, discriminant(&claim.standing)))
        };
        match claims.iter().find(|claim| !known(claim)) {
            Some(claim) => Err(format!("{} is new, or has changed", claim.key)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::decide::fixtures::repository_claim;

    fn whole() -> Visibility {
        Visibility::Whole
    }

    fn unseen() -> Visibility {
        Visibility::Unseen {
            message: "XoperoRepository".to_owned(),
        }
    }

    #[rstest]
    #[case::as_it_was(|_: &mut Vec<Claim>| {}, whole(), None)]
    #[case::one_is_gone(|claims: &mut Vec<Claim>| { claims.pop(); }, whole(), None)]
    #[case::in_another_order(|claims: &mut Vec<Claim>| claims.reverse(), whole(), None)]
    #[case::one_is_new(
        |claims: &mut Vec<Claim>| claims.push(repository_claim("docs")),
        whole(),
        Some("XoperoRepository backup/docs is new, or has changed")
    )]
    #[case::one_was_edited(
        |claims: &mut Vec<Claim>| claims[1].generation += 1,
        whole(),
        Some("XoperoRepository backup/web is new, or has changed")
    )]
    #[case::one_was_made_anew(
        |claims: &mut Vec<Claim>| claims[0].uid = "other".into(),
        whole(),
        Some("XoperoRepository backup/api is new, or has changed")
    )]
    #[case::one_is_let_in(
        |claims: &mut Vec<Claim>| claims[1].standing = Standing::Beside,
        whole(),
        Some("XoperoRepository backup/web is new, or has changed")
    )]
    #[case::it_is_said_otherwise(
        |claims: &mut Vec<Claim>| claims[2].standing = Standing::Unreadable { message: "other words".to_owned() },
        whole(),
        None
    )]
    #[case::not_all_is_seen(
        |_: &mut Vec<Claim>| {},
        unseen(),
        Some("what is seen of the resources changed")
    )]
    fn what_is_declared_meanwhile_is_noticed(
        #[case] change: fn(&mut Vec<Claim>),
        #[case] seen: Visibility,
        #[case] why: Option<&str>,
    ) {
        let then = [
            repository_claim("api"),
            repository_claim("web"),
            repository_claim("zoo").unreadable(),
        ];
        let mut now = then.to_vec();
        change(&mut now);
        let said = Basis::of(&then, &whole()).is_still(&now, &seen);
        assert_eq!(said.err().as_deref(), why);
    }

    #[test]
    fn to_see_more_than_before_is_no_reason_against_a_removal() {
        let claims = [repository_claim("api")];
        let basis = Basis::of(&claims, &unseen());
        assert_eq!(basis.is_still(&claims, &whole()), Ok(()));
    }
}
