//! `Retry-After`: seconds, or an HTTP date.

use std::time::{Duration, SystemTime};

/// The longest wait that is believed. A server whose clock is wrong, or that is, must not silence a connection for days.
const LONGEST: Duration = Duration::from_hours(1);

/// How long to wait from `now` on; `None` when the value is neither seconds nor a date. A date that has passed is zero.
pub(super) fn parse(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let wait = if is_number {
        // More digits than a u64 holds are a long time, too.
        Duration::from_secs(value.parse().unwrap_or(u64::MAX))
    } else {
        httpdate::parse_http_date(value)
            .ok()?
            .duration_since(now)
            .unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT.
    const NOW: Duration = Duration::from_secs(784_111_777);

    #[test]
    fn any_text_at_any_time_is_at_most_an_hour() {
        bolero::check!()
            .with_type::<(String, u32)>()
            .for_each(|(value, seconds)| {
                let now = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::from(*seconds));
                assert!(parse(value, now).is_none_or(|wait| wait <= LONGEST));
            });
    }

    proptest::proptest! {
        #[test]
        fn a_date_is_read_as_it_was_written(now in 0_u64..4_000_000_000, ahead in 0_u64..10_000) {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
            let ahead = Duration::from_secs(ahead);
            let written = httpdate::fmt_http_date(now + ahead);
            proptest::prop_assert_eq!(parse(&written, now), Some(ahead.min(LONGEST)));
        }
    }

    #[rstest]
    #[case::seconds("7", Some(7))]
    #[case::zero("0", Some(0))]
    #[case::spaces(" 12 ", Some(12))]
    #[case::too_long("86400", Some(3600))]
    #[case::absurd("99999999999999999999999999", Some(3600))]
    #[case::date("Sun, 06 Nov 1994 08:50:07 GMT", Some(30))]
    #[case::obsolete_date("Sunday, 06-Nov-94 08:50:07 GMT", Some(30))]
    #[case::date_passed("Sun, 06 Nov 1994 08:00:00 GMT", Some(0))]
    #[case::date_far_away("Tue, 06 Nov 2040 08:00:00 GMT", Some(3600))]
    #[case::negative("-5", None)]
    #[case::fraction("1.5", None)]
    #[case::nothing("", None)]
    #[case::words("soon", None)]
    fn retry_after_is_seconds_or_a_date_and_at_most_an_hour(
        #[case] value: &str,
        #[case] seconds: Option<u64>,
    ) {
        assert_eq!(
            parse(value, SystemTime::UNIX_EPOCH + NOW),
            seconds.map(Duration::from_secs)
        );
    }
}
