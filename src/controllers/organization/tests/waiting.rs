//! What an organization that waits says of claims.

use super::{
    super::{super::verdicts::Weight, report::publish_waiting},
    There,
};
use crate::{
    api::Reason,
    decide::{Claim, fixtures::repository_claim},
};

/// Another resource for the same organization may have come further, and speaks to those on it.
#[tokio::test]
async fn it_speaks_to_its_own_claims_alone() {
    let (context, _server) = There::default().held().await;
    let claims = [repository_claim("own"), repository_claim("other").beside()];
    let what = (Reason::ApiUnavailable, "It is away.", Weight::UnderReady);
    publish_waiting(&context, &claims, what);
    let is_told = |claim: &Claim| context.verdicts.get(&claim.key, &claim.uid).is_some();
    assert_eq!(claims.each_ref().map(is_told), [true, false]);
}
