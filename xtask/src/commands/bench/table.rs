//! Figures beside their lower bounds, as a Markdown table.

/// What is at most allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// It is told, and nothing is demanded.
    None,
    /// No more than this.
    AtMost(f64),
    /// Less than this.
    Below(f64),
}

/// How a figure is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Things.
    Count,
    /// Seconds, with two decimals.
    Seconds,
    /// Thousandths of a second, with two decimals.
    Milliseconds,
    /// Millions of bytes, with one decimal.
    Megabytes,
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) figure: f64,
    pub(super) lower_bound: Option<f64>,
    pub(super) target: Target,
}

/// Whether a figure is what was demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing was demanded.
    Told,
    /// It is.
    Reached,
    /// It is not.
    Missed,
}

impl Row {
    /// A figure that is told only.
    pub(super) fn told(what: impl Into<String>, unit: Unit, figure: f64) -> Self {
        Self {
            what: what.into(),
            unit,
            figure,
            lower_bound: None,
            target: Target::None,
        }
    }

    /// A number of things that cannot be smaller than `lower_bound`, and may be larger by the factor `allowance`.
    pub(super) fn count(
        what: impl Into<String>,
        figure: u64,
        lower_bound: u64,
        allowance: f64,
    ) -> Self {
        let lower_bound = number(lower_bound);
        Self {
            what: what.into(),
            unit: Unit::Count,
            figure: number(figure),
            lower_bound: Some(lower_bound),
            target: Target::AtMost((lower_bound * allowance).floor()),
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let reached = match self.target {
            Target::None => return Verdict::Told,
            Target::AtMost(most) => self.figure <= most,
            Target::Below(bound) => self.figure < bound,
        };
        if reached {
            Verdict::Reached
        } else {
            Verdict::Missed
        }
    }

    fn cells(&self) -> [String; 5] {
        let target = match self.target {
            Target::None => String::new(),
            Target::AtMost(most) => format!("≤ {}", self.unit.write(most)),
            Target::Below(bound) => format!("< {}", self.unit.write(bound)),
        };
        let verdict = match self.verdict() {
            Verdict::Told => "",
            Verdict::Reached => "reached",
            Verdict::Missed => "MISSED",
        };
        [
            self.what.clone(),
            self.unit.write(self.figure),
            self.lower_bound
                .map_or_else(String::new, |bound| self.unit.write(bound)),
            target,
            verdict.to_owned(),
        ]
    }
}

impl Unit {
    fn write(self, figure: f64) -> String {
        match self {
            Self::Count => format!("{figure:.0}"),
            Self::Seconds => format!("{figure:.2} s"),
            Self::Milliseconds => format!("{figure:.2} ms"),
            Self::Megabytes => format!("{figure:.1} MB"),
        }
    }
}

/// Exact up to 2^53, which nothing here comes near.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of things that were made one by one"
)]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

/// All rows, aligned.
pub(super) fn print(rows: &[Row]) -> String {
    let head = ["", "measured", "lower bound", "target", ""].map(str::to_owned);
    let lines: Vec<[String; 5]> = std::iter::once(head)
        .chain(rows.iter().map(Row::cells))
        .collect();
    let widths = lines.iter().fold([3; 5], |widths, line| {
        std::array::from_fn(|column| {
            let cell = line.get(column).map_or(0, |cell| cell.chars().count());
            widths.get(column).copied().unwrap_or(0).max(cell)
        })
    });
    let rule = widths.into_iter().enumerate().map(|(column, width)| {
        if is_words(column) {
            "-".repeat(width)
        } else {
            format!("{}:", "-".repeat(width - 1))
        }
    });
    let mut shown = lines.iter().map(|line| {
        let cells = line.iter().zip(widths).enumerate();
        joined(cells.map(|(column, (cell, width))| {
            if is_words(column) {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        }))
    });
    let head: Vec<String> = shown.next().into_iter().chain([joined(rule)]).collect();
    head.into_iter().chain(shown).collect()
}

/// Words stand to the left, numbers to the right.
fn is_words(column: usize) -> bool {
    matches!(column, 0 | 4)
}

fn joined(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.collect();
    format!("| {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_judged_by_its_target() {
        let row = Row::count("attachments", 105, 100, 1.05);
        assert_eq!(row.verdict(), Verdict::Reached);
        assert_eq!(
            Row {
                figure: 106.0,
                ..row
            }
            .verdict(),
            Verdict::Missed
        );
        let peak = Row {
            what: "peak".to_owned(),
            unit: Unit::Megabytes,
            figure: 150.0,
            lower_bound: None,
            target: Target::Below(150.0),
        };
        assert_eq!(peak.verdict(), Verdict::Missed);
        assert_eq!(
            Row::told("CPU", Unit::Seconds, 7.0).verdict(),
            Verdict::Told
        );
    }

    #[test]
    fn a_table_is_aligned_markdown() {
        let rows = [
            Row::count("list calls", 103, 102, 1.05),
            Row::told("CPU", Unit::Seconds, 1.5),
        ];
        assert_eq!(
            print(&rows),
            "|            | measured | lower bound | target |         |\n\
             | ---------- | -------: | ----------: | -----: | ------- |\n\
             | list calls |      103 |         102 |  ≤ 107 | reached |\n\
             | CPU        |   1.50 s |             |        |         |\n"
        );
    }
}
