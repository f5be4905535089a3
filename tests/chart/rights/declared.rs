//! What is declared beside the samples.

use serde_json::json;
use xopero_simulator::Simulator;

use crate::xopero_one::SPARE_EMAIL;

/// An organization that another namespace may use because of its labels.
pub(super) fn shared_organization() -> String {
    "
apiVersion: xopero.dev/v1alpha1
kind: XoperoOrganization
metadata: {name: harbour-works, namespace: backup}
spec:
  connectionRef: {name: xopero}
  name: harbour-works
  provider: GitLab
  sync: {interval: 1h}
  removalLimit: 10
  allowedNamespaces: {from: Selector, selector: {matchLabels: {backup: team}}}
"
    .to_owned()
}

/// What the samples do not have: a claim of another namespace, clean-ups of every kind, authorities from a Secret and a `ConfigMap`.
pub(super) fn more(simulator: &Simulator) -> String {
    let url = simulator.url();
    let authority = json!({"ca.crt": simulator.ca_pem().unwrap()});
    let spare = spare_account("one");
    format!(
        "
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {{name: notes, namespace: team-a}}
spec:
  organizationRef: {{name: harbour-works, namespace: backup}}
  name: teams/quay/notes
  license: Active
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoRepository
metadata: {{name: sandbox, namespace: backup}}
spec:
  organizationRef: {{name: kubernetes-sigs}}
  name: agent-sandbox
  license: Active
  plans: [Weekly]
  deletionPolicy: Detach
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoAzureProject
metadata: {{name: legacy, namespace: backup}}
spec:
  organizationRef: {{name: northwind-mills}}
  name: Legacy - do not touch
  plans: [Azure weekly]
  deletionPolicy: Detach
---
{spare}
---
apiVersion: v1
kind: Secret
metadata: {{name: authority, namespace: backup, labels: {{xopero.dev/credentials: 'true'}}}}
stringData: {authority}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: authority, namespace: backup}}
data: {authority}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: by-secret, namespace: backup}}
spec:
  url: {url}
  credentialsSecretRef: {{name: spare}}
  tls: {{caBundleRef: {{kind: Secret, name: authority, key: ca.crt}}}}
---
apiVersion: xopero.dev/v1alpha1
kind: XoperoConnection
metadata: {{name: by-config-map, namespace: backup}}
spec:
  url: {url}
  credentialsSecretRef: {{name: spare}}
  tls: {{caBundleRef: {{kind: ConfigMap, name: authority, key: ca.crt}}}}
"
    )
}

pub(super) fn spare_account(password: &str) -> String {
    format!(
        "
apiVersion: v1
kind: Secret
metadata: {{name: spare, namespace: backup, labels: {{xopero.dev/credentials: 'true'}}}}
stringData: {{email: {SPARE_EMAIL}, password: {password}}}
"
    )
}
