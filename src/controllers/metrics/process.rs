//! What the system says of this process, by the names that every Prometheus client uses.

use std::fmt;

use procfs::{
    ProcResult,
    process::{LimitValue, Process},
};
use prometheus_client::{collector::Collector, encoding::DescriptorEncoder};

use super::{
    description::Description,
    sample::{self, Sample, count, number},
};

static CPU: Description = Description::counter(
    "process_cpu",
    "Processor time used, of user and system",
    "How much processor time does it take?",
)
.in_seconds()
.of_any_process();

static RESIDENT: Description = Description::gauge(
    "process_resident_memory",
    "Memory held in RAM",
    "How near is it to its memory limit?",
)
.in_bytes()
.of_any_process();

static VIRTUAL: Description = Description::gauge(
    "process_virtual_memory",
    "Address space taken",
    "Does its address space grow without end?",
)
.in_bytes()
.of_any_process();

static FILES: Description = Description::gauge(
    "process_open_fds",
    "Open files and connections",
    "Are connections left open?",
)
.of_any_process();

static MOST_FILES: Description = Description::gauge(
    "process_max_fds",
    "The most files and connections that may be open; absent where there is no limit",
    "How near is it to that limit?",
)
.of_any_process();

static THREADS: Description = Description::gauge(
    "process_threads",
    "Threads of the process",
    "Do threads pile up?",
)
.of_any_process();

/// All of them.
pub(super) static ALL: &[&Description] =
    &[&CPU, &RESIDENT, &VIRTUAL, &FILES, &MOST_FILES, &THREADS];

/// Reads `/proc/self` at each scrape.
#[derive(Debug)]
pub(super) struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        // Where the system does not tell, everything else is shown all the same.
        let samples = read().unwrap_or_default();
        sample::encode(encoder, ALL.iter().copied(), &samples)
    }
}

fn read() -> ProcResult<Vec<Sample>> {
    let process = Process::myself()?;
    let stat = process.stat()?;
    let most = process.limits()?.max_open_files.soft_limit;
    let unsigned = |value: u64| count(i64::try_from(value).unwrap_or(i64::MAX));
    let ticks = unsigned(stat.utime.saturating_add(stat.stime));
    let mut samples = vec![
        Sample::new(&CPU, [], ticks / unsigned(procfs::ticks_per_second())),
        Sample::new(
            &RESIDENT,
            [],
            unsigned(stat.rss.saturating_mul(procfs::page_size())),
        ),
        Sample::new(&VIRTUAL, [], unsigned(stat.vsize)),
        Sample::new(&FILES, [], number(process.fd_count()?)),
        Sample::new(&THREADS, [], count(stat.num_threads)),
    ];
    if let LimitValue::Value(most) = most {
        samples.push(Sample::new(&MOST_FILES, [], unsigned(most)));
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_threads_and_files() {
        let samples = read().unwrap();
        let shown: Vec<String> = samples.iter().map(Sample::to_string).collect();
        for name in [
            "process_resident_memory",
            "process_threads",
            "process_open_fds",
            "process_virtual_memory",
        ] {
            let value = shown
                .iter()
                .find_map(|sample| sample.strip_prefix(&format!("{name}  = ")))
                .unwrap();
            assert!(value.parse::<f64>().unwrap() >= 1.0, "{name} {value}");
        }
    }
}
