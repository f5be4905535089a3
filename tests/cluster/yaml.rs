//! Manifests as a user writes them, in short.

use std::fmt::Display;

/// The account that every simulator of these tests knows.
pub(crate) const EMAIL: &str = "operator@example.com";
pub(crate) const PASSWORD: &str = "correct-horse";

/// The Secret of the account, with its consent.
pub(crate) fn secret() -> String {
    format!(
        "
---
apiVersion: v1
kind: Secret
metadata:
  name: account
  labels: {{xopero.dev/credentials: \"true\"}}
stringData: {{email: {EMAIL}, password: {PASSWORD}}}
"
    )
}

/// The connection `xopero`, as fast as it may be.
pub(crate) fn connection(url: impl Display) -> String {
    connection_with(url, "")
}

/// `more` are further lines of the spec.
pub(crate) fn connection_with(url: impl Display, more: &str) -> String {
    resource(
        "XoperoConnection",
        "xopero",
        &format!(
            "url: {url}\ncredentialsSecretRef: {{name: account}}\nrequests: {{perSecond: 1000, inFlight: 16}}\n{more}"
        ),
    )
}

/// The organization `acme` at GitHub, looked at every second; `more` are further lines of the spec.
pub(crate) fn acme(more: &str) -> String {
    organization("acme", "GitHub", more)
}

/// An organization with the name that Xopero ONE has for it.
pub(crate) fn organization(name: &str, provider: &str, more: &str) -> String {
    resource(
        "XoperoOrganization",
        name,
        &format!(
            "connectionRef: {{name: xopero}}\nname: {name}\nprovider: {provider}\nresyncInterval: 1s\n{more}"
        ),
    )
}

/// A plan of `acme`; the resource has the name of the plan in lower case.
pub(crate) fn plan(plan: &str, more: &str) -> String {
    plan_of("acme", plan, more)
}

/// A plan of any organization.
pub(crate) fn plan_of(organization: &str, plan: &str, more: &str) -> String {
    resource(
        "XoperoBackupPlan",
        &label(plan),
        &format!("organizationRef: {{name: {organization}}}\nplanName: {plan}\n{more}"),
    )
}

/// A repository of `acme`; the resource has its name in lower case.
pub(crate) fn repository(name: &str, more: &str) -> String {
    resource(
        "XoperoRepository",
        &label(name),
        &format!("organizationRef: {{name: acme}}\nname: {name}\n{more}"),
    )
}

/// Any resource of the operator; `spec` is YAML without indentation.
pub(crate) fn resource(kind: &str, name: &str, spec: &str) -> String {
    let spec = indented(spec, 2);
    format!(
        "---\napiVersion: xopero.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{spec}"
    )
}

/// The same manifest with these annotations, as YAML in one line.
pub(crate) fn annotated(manifest: &str, annotations: &str) -> String {
    manifest.replacen(
        "metadata: {",
        &format!("metadata: {{annotations: {{{annotations}}}, "),
        1,
    )
}

/// The same manifests in another namespace than that of their organization `acme`, which is `home`.
pub(crate) fn in_namespace(namespace: &str, home: &str, manifests: &str) -> String {
    manifests
        .replace(
            "metadata: {",
            &format!("metadata: {{namespace: {namespace}, "),
        )
        .replace(
            "{name: acme}",
            &format!("{{name: acme, namespace: {home}}}"),
        )
}

/// Every line of the text moved to the right.
pub(crate) fn indented(text: &str, spaces: usize) -> String {
    let mut moved = String::new();
    for line in text.lines() {
        moved.push_str(&" ".repeat(spaces));
        moved.push_str(line);
        moved.push('\n');
    }
    moved
}

fn label(name: &str) -> String {
    name.to_lowercase().replace([' ', '/', '_'], "-")
}
