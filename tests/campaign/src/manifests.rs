//! Resources as a user writes them. `URL` stands for where Xopero ONE is, which is another place in every run.

/// The account of every run.
pub(crate) const EMAIL: &str = "operator@example.com";

/// Its password: a word that stands nowhere by chance.
pub(crate) const PASSWORD: &str = "canary-7c1e-correct-horse";

/// The password after the Secret was rotated.
pub(crate) const NEXT_PASSWORD: &str = "canary-9f2b-battery-staple";

/// A password that a person changes to, the first, the second and so on: the same is never tried again.
pub(crate) fn another_password(number: usize) -> String {
    format!("{NEXT_PASSWORD}-{number}")
}

/// The Secret of the account, with its consent.
pub(crate) fn secret(password: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: account, labels: {{xopero.dev/credentials: \"true\"}}}}\nstringData: {{email: {EMAIL}, password: {password}}}\n"
    )
}

/// Secret and connection `xopero`, and the organization `acme` at GitHub, looked at every second.
pub(crate) fn base(organization: &str) -> String {
    secret(PASSWORD) + &connection("") + &acme(organization)
}

/// What a connection may ask at once, in every run of one operator.
const REQUESTS: &str = "{perSecond: 1000, inFlight: 4}";

/// The same where two replicas run: one request after the other, so that nothing is under way beside the write at which something
/// befalls the leader; and none longer than a short Lease can cover.
pub(crate) fn one_after_the_other(manifests: &str) -> String {
    manifests.replace(REQUESTS, "{perSecond: 1000, inFlight: 1, timeout: 3s}")
}

/// Words of the end of such a run, and those for them in the end of a run of one operator.
pub(crate) const REQUESTS_AT_THE_END: (&str, &str) = (
    r#""requests":{"inFlight":1,"perSecond":1000,"timeout":"3s"}"#,
    r#""requests":{"inFlight":4,"perSecond":1000}"#,
);

/// The connection; `more` are further lines of its spec.
pub(crate) fn connection(more: &str) -> String {
    let spec =
        format!("url: URL\ncredentialsSecretRef: {{name: account}}\nrequests: {REQUESTS}\n{more}");
    resource("XoperoConnection", "xopero", &spec)
}

/// The organization `acme`; `more` are further lines of its spec.
pub(crate) fn acme(more: &str) -> String {
    organization("acme", "GitHub", more)
}

/// An organization with the name that Xopero ONE has for it.
pub(crate) fn organization(name: &str, provider: &str, more: &str) -> String {
    let spec = format!(
        "connectionRef: {{name: xopero}}\nname: {name}\nprovider: {provider}\nresyncInterval: 1s\n{more}"
    );
    resource("XoperoOrganization", name, &spec)
}

/// A plan of an organization; the resource has its name in lower case.
pub(crate) fn plan(organization: &str, plan: &str, more: &str) -> String {
    let spec = format!("organizationRef: {{name: {organization}}}\nplanName: {plan}\n{more}");
    resource("XoperoBackupPlan", &plan.to_lowercase(), &spec)
}

/// A repository of `acme`, by a resource of the same name.
pub(crate) fn repository(name: &str, more: &str) -> String {
    repository_by(name, name, more)
}

/// A repository of `acme`, by a resource of another name.
pub(crate) fn repository_by(resource_name: &str, name: &str, more: &str) -> String {
    let spec = format!("organizationRef: {{name: acme}}\nname: {name}\n{more}");
    resource("XoperoRepository", resource_name, &spec)
}

/// A project of an organization, by a resource of the same name.
pub(crate) fn project(organization: &str, name: &str, more: &str) -> String {
    let spec = format!("organizationRef: {{name: {organization}}}\nname: {name}\n{more}");
    resource("XoperoAzureProject", name, &spec)
}

fn resource(kind: &str, name: &str, spec: &str) -> String {
    let mut text = format!(
        "---\napiVersion: xopero.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
    );
    for line in spec.lines() {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text
}
