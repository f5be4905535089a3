//! What a process has taken so far, as Linux counts it.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// Linux tells user space the time of processes in hundredths of a second, whatever the kernel's own clock (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// What a process has taken since it began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Taken {
    /// In user and kernel mode, all threads.
    pub(super) cpu: Duration,
    /// The most memory at one time, in bytes.
    pub(super) peak: u64,
    /// The memory now, in bytes.
    pub(super) now: u64,
}

/// What the process has taken.
///
/// # Errors
/// If there is no such process.
pub(super) fn taken(pid: i32) -> Result<Taken> {
    let read = |file: &str| {
        let path = format!("/proc/{pid}/{file}");
        fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))
    };
    let (stat, status) = (read("stat")?, read("status")?);
    Ok(Taken {
        cpu: cpu(&stat).context("/proc/PID/stat has no times")?,
        peak: memory(&status, "VmHWM:").context("/proc/PID/status has no VmHWM")?,
        now: memory(&status, "VmRSS:").context("/proc/PID/status has no VmRSS")?,
    })
}

/// The fields `utime` and `stime`, the 14th and 15th. The 2nd, in brackets, may itself have spaces and brackets.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u32>().ok();
    let sum = f64::from(ticks()?) + f64::from(ticks()?);
    Some(Duration::from_secs_f64(sum / TICKS_A_SECOND))
}

fn memory(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_a_process_follow_its_name_whatever_that_is() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 150 25 0 0 20 0 5 0 100 1 2";
        assert_eq!(cpu(stat), Some(Duration::from_millis(1750)));
        assert_eq!(cpu("7 (a) S 1"), None);
    }

    #[test]
    fn memory_is_told_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t 12 kB\n";
        assert_eq!(memory(status, "VmHWM:"), Some(2 << 20));
        assert_eq!(memory(status, "VmSwap:"), None);
    }

    #[test]
    fn this_process_has_taken_something() {
        let own = i32::try_from(std::process::id()).unwrap();
        let taken = taken(own).unwrap();
        assert!(taken.peak >= taken.now && taken.now > 0);
    }
}
