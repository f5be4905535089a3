//! Somebody wipes what the operator remembers in status.

use xopero_simulator::builder::{organization, repository, state};

use crate::{
    objects::Kind,
    world::World,
    yaml::{acme, plan},
};

#[tokio::test]
async fn a_status_that_was_wiped_is_written_again_and_nothing_else() {
    let world = state().licences(10).with(
        organization("acme")
            .plan("Nightly")
            .with(repository("api").licensed().in_plan("Nightly")),
    );
    let world = World::with(world).await;
    world
        .apply(&(acme("") + &plan("Nightly", "repositories: {include: [api]}")))
        .await;
    world.in_sync(Kind::Plan, "nightly").await;
    world.ready(Kind::Organization, "acme").await;
    for resource in ["xplan/nightly", "xorg/acme"] {
        let wiped = r#"[{"op": "remove", "path": "/status"}]"#;
        world
            .kubectl(&[
                "patch",
                resource,
                "--subresource=status",
                "--type=json",
                "-p",
                wiped,
            ])
            .await;
    }
    world.in_sync(Kind::Plan, "nightly").await;
    let organization = world.ready(Kind::Organization, "acme").await;
    assert_eq!(organization.number("/status/coverage/known"), Some(1));
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    world.quiet_for_three_resyncs().await;
    world.end().await;
}
