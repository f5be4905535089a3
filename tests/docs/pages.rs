//! One test a page: its world, and what happens between its commands.

mod account;
mod declaring;
mod engines;
mod installing;
mod operating;
mod start;
mod trouble;

/// The pages, and for each the function that reads it.
macro_rules! pages {
    ($($name:ident: $page:literal by $read:path;)*) => {
        /// The pages that are read, or folders of them.
        pub(crate) const PAGES: &[&str] = &[$($page),*];

        $(
            #[tokio::test]
            async fn $name() {
                $read($page).await;
            }
        )*
    };
}

pages! {
    readme: "README.md" by start::readme;
    chart: "charts/xopero-operator/README.md" by start::chart;
    simulator: "tests/simulator/README.md" by start::simulator;
    getting_started: "docs/getting-started.md" by start::getting_started;
    azure_devops_projects: "docs/tasks/azure-devops-projects.md" by declaring::azure_devops_projects;
    backup_health: "docs/tasks/backup-health.md" by operating::backup_health;
    credentials: "docs/tasks/credentials.md" by account::credentials;
    day_two: "docs/tasks/day-two.md" by installing::day_two;
    day_two_unseen: "docs/tasks/day-two.md" by installing::day_two_unseen;
    deletion_policies: "docs/tasks/deletion-policies.md" by operating::deletion_policies;
    gitlab_groups: "docs/tasks/gitlab-groups.md" by declaring::gitlab_groups;
    gitops: "docs/tasks/gitops.md" by engines::gitops;
    install_with_argo_cd: "docs/tasks/install-with-argo-cd.md" by engines::install_with_argo_cd;
    install_with_flux: "docs/tasks/install-with-flux.md" by engines::install_with_flux;
    install_with_helm: "docs/tasks/install-with-helm.md" by installing::install_with_helm;
    licences: "docs/tasks/licences.md" by declaring::licences;
    multi_tenancy: "docs/tasks/multi-tenancy.md" by account::multi_tenancy;
    onboard_one_repository: "docs/tasks/onboard-one-repository.md" by declaring::onboard_one_repository;
    pause_observe_reconcile: "docs/tasks/pause-observe-reconcile.md" by operating::pause_observe_reconcile;
    plan_settings: "docs/tasks/plan-settings.md" by declaring::plan_settings;
    protect_everything_new: "docs/tasks/protect-everything-new.md" by declaring::protect_everything_new;
    removal_approval: "docs/tasks/removal-approval.md" by operating::removal_approval;
    remove_the_operator: "docs/tasks/remove-the-operator.md" by installing::remove_the_operator;
    several_replicas: "docs/tasks/several-replicas.md" by installing::several_replicas;
    share_across_namespaces: "docs/tasks/share-across-namespaces.md" by account::share_across_namespaces;
    watch_it: "docs/tasks/watch-it.md" by operating::watch_it;
    wire_names: "docs/tasks/wire-names.md" by account::wire_names;
    troubleshooting: "docs/troubleshooting.md" by trouble::troubleshooting;
    runbooks: "docs/runbooks" by trouble::runbooks;
}
