//! The dialects and what must come of each, for the page.

use crate::dialects::{Difference, Ends, Speech, TABLE, Waiting};

/// The section of the page.
pub(super) fn section() -> String {
    let rows = TABLE
        .iter()
        .map(|speech| format!("| {} | {} |\n", speech.name, expected(speech)));
    let head = "## Dialects\n\n| Xopero ONE speaks so | What must come of it |\n| --- | --- |\n";
    [head.to_owned()].into_iter().chain(rows).collect()
}

fn expected(speech: &Speech) -> String {
    let told = if speech.told.is_empty() {
        ""
    } else {
        "; the operator is told the names"
    };
    match &speech.ends {
        Ends::Alike([]) => format!("the end of the reference{told}"),
        Ends::Alike(differences) => {
            let but: Vec<String> = differences.iter().map(difference).collect();
            format!("the end of the reference{told}, but for {}", but.join(", "))
        }
        Ends::Waits(waiting) => waits(waiting),
    }
}

fn waits(waiting: &Waiting) -> String {
    let Waiting {
        says,
        takes,
        once,
        felt,
        otherwise,
    } = waiting;
    let felt = felt.join(", ");
    let says = says.join(" or ");
    let mut sentences = vec![format!(
        "in {felt} a condition says {says}, and nothing is taken away meanwhile"
    )];
    let takes = takes.iter();
    sentences.extend(takes.map(|(endpoint, why)| format!("but `{endpoint}`: {why}")));
    let once = once.iter();
    sentences.extend(
        once.map(|endpoint| format!("`{endpoint}` is sent once, since what it does is not shown")),
    );
    sentences.push("the end of the reference once it speaks as usual".to_owned());
    let otherwise = otherwise.iter();
    sentences.extend(
        otherwise.map(|(scenario, different)| {
            format!("but in {scenario} for {}", difference(different))
        }),
    );
    sentences.join("; ")
}

fn difference(difference: &Difference) -> String {
    match difference {
        Difference::End(path, why) => format!("`{path}` ({why})"),
        Difference::Calls(endpoint, why) => format!("calls of `{endpoint}` ({why})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_and_every_reason_stand_on_the_page() {
        let section = section();
        for speech in TABLE {
            assert!(section.contains(speech.name), "{}", speech.name);
        }
        assert!(section.contains("they are attached again"), "{section}");
        assert!(section.contains("NotVisible"), "{section}");
    }
}
