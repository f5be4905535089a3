//! The table of names: ours (`request.<call>.<name>`, `response.<shape>.<name>`) and what stands on the wire.

/// One field of a request or of an answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::xopero) struct Field {
    /// Our name for it, as it stands in the file of wire names.
    pub(in crate::xopero) key: &'static str,
    /// What it is called on the wire; of an answer's field all spellings that are tried, the likeliest first.
    pub(super) spellings: &'static [&'static str],
}

/// Declares the fields and the list of all of them from one table, so that none can be forgotten in the list.
macro_rules! fields {
    ($($name:ident = $key:literal => [$($spelling:literal),+];)+) => {
        $(pub(in crate::xopero) const $name: Field = Field { key: $key, spellings: &[$($spelling),+] };)+

        /// All fields, in the table's order.
        pub(super) const ALL: &[Field] = &[$($name),+];
    };
}

// Of requests, where two names differ only in case, the one that the vendor prints is sent.
fields! {
    LOGIN_EMAIL = "request.login.email" => ["email"];
    LOGIN_PASSWORD = "request.login.password" => ["password"];
    LOGIN_REMEMBER = "request.login.rememberMe" => ["rememberMe"];

    ORGANIZATIONS_LIMIT = "request.organizations.limit" => ["limit"];
    ORGANIZATIONS_PAGE = "request.organizations.page" => ["page"];
    ORGANIZATIONS_ORDER_BY = "request.organizations.orderby" => ["orderby"];
    ORGANIZATIONS_ORDER_TYPE = "request.organizations.ordertype" => ["ordertype"];

    PLANS_ORGANIZATION = "request.plans.organizationId" => ["organizationId"];
    PLANS_LIMIT = "request.plans.limit" => ["limit"];
    PLANS_PAGE = "request.plans.page" => ["page"];

    REPOSITORIES_ORGANIZATION = "request.repositories.organizationId" => ["organizationId"];
    REPOSITORIES_LIMIT = "request.repositories.limit" => ["limit"];
    REPOSITORIES_PAGE = "request.repositories.page" => ["page"];
    REPOSITORIES_ORDER_BY = "request.repositories.orderby" => ["orderby"];
    REPOSITORIES_ORDER_TYPE = "request.repositories.ordertype" => ["ordertype"];
    REPOSITORIES_FILTERS = "request.repositories.filters" => ["filters"];

    ATTACH_REPOSITORY_PLAN = "request.attachRepository.planId" => ["planid"];
    ATTACH_REPOSITORY_REPOSITORY = "request.attachRepository.repositoryId" => ["repositoryid"];
    DETACH_REPOSITORY_PLAN = "request.detachRepository.planId" => ["planid"];
    DETACH_REPOSITORY_REPOSITORY = "request.detachRepository.repositoryId" => ["repositoryid"];
    ATTACH_PROJECT_PLAN = "request.attachProject.planId" => ["planid"];
    ATTACH_PROJECT_PROJECT = "request.attachProject.projectId" => ["projectid"];
    DETACH_PROJECT_PLAN = "request.detachProject.planId" => ["planid"];
    DETACH_PROJECT_PROJECT = "request.detachProject.projectId" => ["projectid"];

    MODIFY_GIT_PLAN_PLAN = "request.modifyGitPlan.planId" => ["planid"];
    MODIFY_GIT_PLAN_METADATA = "request.modifyGitPlan.includeMetadata" => ["includeMetadata"];
    MODIFY_AZURE_PLAN_PLAN = "request.modifyAzurePlan.planId" => ["planid"];
    MODIFY_AZURE_PLAN_METADATA = "request.modifyAzurePlan.includeMetadata" => ["includeMetadata"];

    ACTIVATE_REPOSITORIES = "request.activate.repositoryIds" => ["repositoryIds"];
    DEACTIVATE_REPOSITORIES = "request.deactivate.repositoryIds" => ["repositoryIds"];
    REMOVE_REPOSITORY = "request.remove.repositoryId" => ["repositoryId"];
    SYNCHRONIZE_ORGANIZATION = "request.synchronize.organizationId" => ["organizationId"];

    LOGIN_TOKEN = "response.login.accessToken" => ["accessToken"];

    PAGE_ROWS = "response.page.result" => ["result", "results"];
    // A list of its own: it may be bare, and its name is assumed, while that of the other listings is documented.
    PLAN_ROWS = "response.planPage.result" => ["result", "results", "plans", "items", "data"];
    PAGE_NUMBER = "response.page.currentPage" => ["currentPage"];
    PAGE_COUNT = "response.page.pageCount" => ["pageCount"];
    PAGE_TOTAL = "response.page.totalEntries" => ["totalEntries"];

    ORGANIZATION_ID = "response.organization.id" => ["id", "organizationId"];
    ORGANIZATION_DRIVER = "response.organization.driver" => ["driver"];
    ORGANIZATION_NAME = "response.organization.name" => ["name"];
    ORGANIZATION_SYNCHRONIZING = "response.organization.synchronizationInProgress"
        => ["synchronizationInProgress", "isSynchronizationInProgress"];
    ORGANIZATION_PLANS = "response.organization.plans" => ["plans"];
    ORGANIZATION_REMOVED = "response.organization.removedRepositories" => ["removedRepositories"];

    PLAN_ID = "response.plan.id" => ["id", "planId"];
    PLAN_NAME = "response.plan.name" => ["name", "planName"];
    PLAN_BACKUP_TYPE = "response.plan.backupType" => ["backupType"];
    PLAN_METADATA = "response.plan.includeMetadata" => ["includeMetadata"];
    PLAN_REPOSITORIES = "response.plan.repoCount" => ["repoCount", "repositoryCount"];
    PLAN_STATUS = "response.plan.lastStatus" => ["lastStatus"];
    PLAN_FINISHED = "response.plan.planFinishedTime" => ["planFinishedTime"];
    PLAN_RUNNING = "response.plan.isRunning" => ["isRunning"];

    STATUS_SUCCESSES = "response.lastStatus.successes" => ["successes"];
    STATUS_WARNINGS = "response.lastStatus.warnings" => ["warnings"];
    STATUS_ERRORS = "response.lastStatus.errors" => ["errors"];

    REPOSITORY_ID = "response.repository.id" => ["id", "repositoryId"];
    REPOSITORY_NAME = "response.repository.name" => ["name", "repositoryName"];
    REPOSITORY_ORGANIZATION = "response.repository.organizationId"
        => ["organizationId", "organisationId", "gitOrganizationId", "orgId"];
    REPOSITORY_PROJECT = "response.repository.projectId" => ["projectId", "azureProjectId"];
    REPOSITORY_PROJECT_NAME = "response.repository.projectName" => ["projectName", "azureProjectName"];
    REPOSITORY_LICENCE = "response.repository.hasLicence" => [
        "hasLicence", "hasLicense", "isLicenced", "isLicensed", "licenceAssigned", "licenseAssigned",
        "isLicenceAssigned", "isLicenseAssigned", "licenceActive", "licenseActive", "licenced", "licensed"
    ];
    REPOSITORY_REMOVED = "response.repository.isRemoved" => ["isRemoved", "removed", "isDeleted", "deleted"];
    REPOSITORY_PLANS = "response.repository.plans" => ["plans", "assignedPlans", "backupPlans", "planIds"];

    PLAN_REFERENCE_ID = "response.planReference.id" => ["id", "planId"];
}
