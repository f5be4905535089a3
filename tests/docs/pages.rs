//! One test a page: its world, and what happens between its commands.

mod start;

/// The pages, and for each the function that reads it.
macro_rules! pages {
    ($($name:ident: $page:literal by $read:path;)*) => {
        /// The pages that are read.
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
    getting_started: "docs/getting-started.md" by start::getting_started;
}
