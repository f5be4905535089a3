//! What is changed.

/// All rules.
pub(super) const RULES: &[&str] = &["src/decide/**", "src/inventory/**"];

/// Where the layers above the rules keep a write from being sent, a claim from being missed, or a listing from being believed.
pub(super) const GUARDS_OF_LAYERS: &[&str] = &[
    "src/runtime/lease/decision.rs",
    "src/runtime/lease/fence.rs",
    "src/xopero/paging.rs",
    "src/xopero/client/writes.rs",
    "src/controllers/admission.rs",
    "src/controllers/claims.rs",
    "src/controllers/namespaces.rs",
    "src/controllers/deletion.rs",
    "src/controllers/finalizers.rs",
    "src/controllers/in_use.rs",
    "src/controllers/watches/hearing.rs",
    "src/controllers/watches/unheard.rs",
    "src/controllers/observed/legible.rs",
    "src/controllers/claim/missing.rs",
    "src/controllers/claim/released.rs",
    "src/controllers/claim/cleaned_up.rs",
    "src/controllers/connections/memory.rs",
    "src/controllers/organization/declared.rs",
    "src/controllers/organization/fresh_look.rs",
    "src/controllers/organization/gather.rs",
    "src/controllers/organization/hour.rs",
    "src/controllers/organization/in_use.rs",
    "src/controllers/organization/last_look.rs",
    "src/controllers/organization/owners.rs",
    "src/controllers/organization/scopes.rs",
    "src/controllers/organization/twins.rs",
];
