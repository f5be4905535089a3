//! What people may do who have Kubernetes' own roles.

use crate::stage::Stage;

/// Kubernetes' own roles, given to people in one namespace.
pub(super) async fn people_may_what_their_roles_say(stage: &Stage) {
    for role in ["view", "edit", "admin"] {
        let (binding, person) = (format!("{role}s"), format!("--user={role}er"));
        let role = format!("--clusterrole={role}");
        stage
            .kubectl(&[
                "create",
                "rolebinding",
                &binding,
                &role,
                &person,
                "--namespace=backup",
            ])
            .await;
    }
    let may = async |person: &str, verb: &str, kind: &str, more: &[&str]| {
        let person = format!("--as={person}");
        let asked = [&["auth", "can-i", verb, kind, &person], more].concat();
        let answer = stage.control_plane.kubectl(&asked, None).await.unwrap();
        match answer.stdout.trim() {
            "yes" => true,
            "no" => false,
            // A question that failed is no refusal.
            _ => stage.fail(&format!("{}: {answer:?}", asked.join(" "))),
        }
    };
    let (backup, elsewhere) = ["--namespace=backup", "--namespace=team-a"]
        .map(|place| [place])
        .into();
    let status = ["--namespace=backup", "--subresource=status"];
    stage
        .eventually("the roles are aggregated", async || {
            may("viewer", "list", "xplan", &backup).await
                && may("editer", "create", "xplan", &backup).await
                && may("adminer", "create", "xconn", &backup).await
        })
        .await;
    assert!(may("adminer", "delete", "xrepo", &backup).await);
    assert!(may("editer", "list", "xconn", &backup).await);
    assert!(!may("viewer", "create", "xplan", &backup).await);
    assert!(!may("editer", "patch", "xorg", &backup).await);
    assert!(!may("adminer", "patch", "xorg", &status).await);
    assert!(!may("adminer", "list", "xplan", &elsewhere).await);
}
