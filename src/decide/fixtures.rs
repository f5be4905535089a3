//! Worlds for tests, in the words of the domain: `organization("acme").with(repository("api").licensed().in_plan("nightly"))`.
