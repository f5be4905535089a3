//! `docs/reference/metrics.md`, from the same descriptions as what is scraped.

use std::fmt::{self, Write};

use prometheus_client::metrics::MetricType;

use super::{calls, description::Description, objects, passes, process, queue, replica, work};

/// The first line.
const SOURCE: &str =
    "<!-- Generated from src/controllers/metrics by cargo xtask generate. Do not edit. -->";

const BEGINNING: &str = "# Metrics

`/metrics` is served on port 8080 (`--listen`), as OpenMetrics to who accepts that and as Prometheus text to anybody else. How to scrape
it, alerts and the dashboard: [Watch it](../tasks/watch-it.md).

- Series of a resource go away with the resource. `namespace` and `name` are those of the resource in Kubernetes: scrape with
  `honorLabels: true`, else Prometheus calls the namespace `exported_namespace`.
- Only connections, organizations and plans have series of their own. Repositories and projects are counted; no name of a repository is
  a label, and no secret is shown.
- Of each metric, 2,000 series of resources are shown at the most, conditions that tell of trouble first, then by namespace and name; how many more there
  are is counted.
- The sections from \"Connections\" on are shown by the replica that leads, and by no other.";

/// A section of the page.
struct Section {
    title: &'static str,
    metrics: Vec<&'static [&'static Description]>,
}

fn sections() -> [Section; 7] {
    [
        Section {
            title: "The replica",
            metrics: vec![replica::OWN, replica::OF_ANY_PROCESS, process::ALL],
        },
        Section {
            title: "Passes over resources",
            metrics: vec![passes::ALL, queue::ALL],
        },
        Section {
            title: "Requests to Xopero ONE",
            metrics: vec![calls::ALL, work::ALL],
        },
        Section {
            title: "Connections",
            metrics: vec![objects::CONNECTIONS],
        },
        Section {
            title: "Organizations",
            metrics: vec![objects::ORGANIZATIONS],
        },
        Section {
            title: "Plans",
            metrics: vec![objects::PLANS],
        },
        Section {
            title: "Conditions and watches",
            metrics: vec![objects::CONDITIONS, objects::WATCHES, objects::BOUNDS],
        },
    ]
}

/// Every metric.
pub(super) fn descriptions() -> impl Iterator<Item = &'static Description> {
    sections()
        .into_iter()
        .flat_map(|section| section.metrics)
        .flatten()
        .copied()
}

/// The names to ask for, of all metrics: a histogram has three.
pub fn names() -> Vec<String> {
    descriptions()
        .flat_map(|description| {
            let name = description.full_name();
            if description.type_ == MetricType::Histogram {
                ["bucket", "sum", "count"]
                    .map(|part| format!("{name}_{part}"))
                    .to_vec()
            } else {
                vec![name]
            }
        })
        .collect()
}

/// The page, in Markdown.
pub fn page() -> String {
    let mut text = format!("{SOURCE}\n{BEGINNING}\n");
    for Section { title, metrics } in sections() {
        line(
            &mut text,
            format_args!(
                "\n## {title}\n\n| Metric | Type | Labels | Meaning | Question |\n| --- | --- | --- | --- | --- |"
            ),
        );
        for description in metrics.into_iter().flatten() {
            row(&mut text, description);
        }
    }
    text
}

/// Adds a line. Writing to a text cannot fail.
fn line(text: &mut String, line: fmt::Arguments<'_>) {
    let written = writeln!(text, "{line}");
    debug_assert!(written.is_ok());
}

fn row(text: &mut String, description: &Description) {
    let labels = description
        .labels
        .iter()
        .map(|label| format!("`{label}`"))
        .collect::<Vec<_>>()
        .join(", ");
    line(
        text,
        format_args!(
            "| `{}` | {} | {labels} | {}. | {} |",
            description.full_name(),
            description.type_.as_str(),
            description.meaning,
            description.question,
        ),
    );
}
