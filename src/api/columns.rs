//! What `kubectl get xopero` shows of each kind: whether it is well, what it is, how much there is.
//!
//! Columns marked wide come with `-o wide`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceColumnDefinition as Column;

const READY: &str = r#".status.conditions[?(@.type=="Ready")].status"#;
const REASON: &str = r#".status.conditions[?(@.type=="Ready")].reason"#;
const MESSAGE: &str = r#".status.conditions[?(@.type=="Ready")].message"#;
const IN_SYNC: &str = r#".status.conditions[?(@.type=="InSync")].status"#;
const PAUSED: &str = r#".status.conditions[?(@.type=="Paused")].status"#;
const PROTECTED: &str = r#".status.conditions[?(@.type=="Protected")].status"#;
const BACKUP: &str = r#".status.conditions[?(@.type=="BackupHealthy")].reason"#;

fn column(name: &str, type_: &str, json_path: &str, description: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_: type_.to_owned(),
        json_path: json_path.to_owned(),
        description: Some(description.to_owned()),
        format: None,
        priority: None,
    }
}

fn text(name: &str, json_path: &str, description: &str) -> Column {
    column(name, "string", json_path, description)
}

fn count(name: &str, json_path: &str, description: &str) -> Column {
    column(name, "integer", json_path, description)
}

fn wide(column: Column) -> Column {
    Column {
        priority: Some(1),
        ..column
    }
}

/// The columns of every kind around those of one: how it is, what it is, its age, then what is wide.
fn around(
    narrow: impl IntoIterator<Item = Column>,
    wider: impl IntoIterator<Item = Column>,
) -> Vec<Column> {
    let first = [
        text("Ready", READY, "Whether it is as declared"),
        text("Reason", REASON, "Why it is Ready, or why not"),
    ];
    let age = column(
        "Age",
        "date",
        ".metadata.creationTimestamp",
        "Since when it is declared",
    );
    let last = [
        text("Paused", PAUSED, "True when nothing is written for it"),
        text("Message", MESSAGE, "What is the matter, and the way out"),
    ];
    let wider = wider.into_iter().chain(last).map(wide);
    first
        .into_iter()
        .chain(narrow)
        .chain([age])
        .chain(wider)
        .collect()
}

pub(super) fn connection() -> Vec<Column> {
    around(
        [
            text("URL", ".spec.url", "The instance"),
            count(
                "Organizations",
                ".status.organizationsTotal",
                "How many organizations the account sees",
            ),
        ],
        [text(
            "Secret",
            ".spec.credentialsSecretRef.name",
            "The Secret with the account",
        )],
    )
}

pub(super) fn organization() -> Vec<Column> {
    around(
        [
            text("Organization", ".spec.name", "Its name in Xopero ONE"),
            count(
                "Known",
                ".status.coverage.known",
                "Repositories known to Xopero ONE",
            ),
            count(
                "Protected",
                ".status.coverage.protected",
                "Of these, with a licence and in a plan",
            ),
            count(
                "Unprotected",
                ".status.coverage.unprotected",
                "Of these, without a licence or in no plan",
            ),
        ],
        [
            text("Provider", ".spec.provider", "The Git service"),
            text("Mode", ".spec.mode", "Manage when empty"),
            text(
                "In Sync",
                IN_SYNC,
                "Whether Xopero ONE equals what is declared",
            ),
            text(
                "As Required",
                PROTECTED,
                "Whether all that protection demands is protected",
            ),
            count(
                "Licensed",
                ".status.coverage.licensed",
                "Repositories with a licence",
            ),
        ],
    )
}

pub(super) fn backup_plan() -> Vec<Column> {
    around(
        [
            text("Plan", ".spec.planName", "Its name in Xopero ONE"),
            count(
                "Matched",
                ".status.matched",
                "Repositories and projects selected",
            ),
            count("Attached", ".status.attached", "Of these, in the plan"),
            text("Backup", BACKUP, "How the last run of the plan went"),
        ],
        [
            text(
                "Organization",
                ".spec.organizationRef.name",
                "The XoperoOrganization",
            ),
            text(
                "In Sync",
                IN_SYNC,
                "Whether Xopero ONE equals what is declared",
            ),
            count(
                "Licensed",
                ".status.licensed",
                "Of those selected, with a licence",
            ),
            count(
                "Pending",
                ".status.pending",
                "Actions still to be carried out",
            ),
            column(
                "Last Backup",
                "date",
                ".status.lastBackup.finishedAt",
                "How long ago the last run finished",
            ),
        ],
    )
}

pub(super) fn repository() -> Vec<Column> {
    around(
        [
            text("Repository", ".spec.name", "Its name in Xopero ONE"),
            column(
                "Licensed",
                "boolean",
                ".status.licensed",
                "Whether it holds a licence",
            ),
            text("Plans", ".status.plans", "The plans that it is in"),
        ],
        [
            text(
                "Organization",
                ".spec.organizationRef.name",
                "The XoperoOrganization",
            ),
            text(
                "In Sync",
                IN_SYNC,
                "Whether Xopero ONE equals what is declared",
            ),
            column(
                "Removed Upstream",
                "boolean",
                ".status.removedUpstream",
                "Whether the Git service no longer has it",
            ),
        ],
    )
}

pub(super) fn azure_project() -> Vec<Column> {
    around(
        [
            text(
                "Project",
                ".spec.name",
                "Its name in Azure DevOps; empty where its id is declared",
            ),
            text(
                "Plans",
                ".status.plans",
                "The plans that it is in, where Xopero ONE shows them",
            ),
        ],
        [
            text(
                "Organization",
                ".spec.organizationRef.name",
                "The XoperoOrganization",
            ),
            text(
                "In Sync",
                IN_SYNC,
                "Whether Xopero ONE equals what is declared",
            ),
            text("Project ID", ".status.projectId", "Its id"),
        ],
    )
}
