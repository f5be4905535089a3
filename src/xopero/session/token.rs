//! An access token and how long it lives. Its text is readable to the transport alone.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::time::Instant;

/// The life of a token that does not say how long it lives. Documented.
const DOCUMENTED_LIFE: Duration = Duration::from_hours(30 * 24);

/// The longest life that is believed; a token that is refused earlier is renewed anyway.
const LONGEST_LIFE: Duration = Duration::from_hours(365 * 24);

/// A token that lives shorter is treated as living this long: the clock of the server and ours may differ, and a login
/// before each call would be worse than a 401.
const SHORTEST_LIFE: Duration = Duration::from_mins(1);

/// A token is renewed at the latest this long before its end.
const WIDEST_MARGIN: Duration = Duration::from_hours(24);

/// A token in use. The times are those of our own steady clock.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) secret: SecretString,
    /// From here on a new one is asked for, while this one still serves.
    pub(super) renew: Instant,
    /// From here on it serves no more.
    pub(super) end: Instant,
    pub(super) times: TokenTimes,
}

/// When a token in use is renewed, and when it ends, as a clock on the wall shows it: for people, not for deciding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenTimes {
    /// The first request from here on asks for a new one.
    pub renewal: SystemTime,
    /// From here on it serves no more.
    pub end: SystemTime,
}

impl Token {
    /// A token that was given just now.
    pub(super) fn new(secret: SecretString, issued: Instant, now: SystemTime) -> Self {
        let life = life(secret.expose_secret(), now)
            .unwrap_or(DOCUMENTED_LIFE)
            .clamp(SHORTEST_LIFE, LONGEST_LIFE);
        let margin = WIDEST_MARGIN.min(life / 10);
        let renewal = life.saturating_sub(margin);
        Self {
            secret,
            renew: issued + renewal,
            end: issued + life,
            times: TokenTimes {
                renewal: now + renewal,
                end: now + life,
            },
        }
    }
}

/// How long a JWT lives, from its own two times where it has both: they come from one clock. `None` when it cannot be read.
fn life(token: &str, now: SystemTime) -> Option<Duration> {
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    let time = |name: &str| {
        let seconds = claims.get(name)?.as_f64()?;
        Duration::try_from_secs_f64(seconds).ok()
    };
    let end = time("exp")?;
    let beginning = match time("iat") {
        Some(issued) => issued,
        None => now.duration_since(SystemTime::UNIX_EPOCH).ok()?,
    };
    // Over before it began: a clock is wrong, and a token that is refused is renewed anyway.
    end.checked_sub(beginning).filter(|life| !life.is_zero())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOW: u64 = 1_700_000_000;
    const DAY: u64 = 86_400;

    fn jwt(payload: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
    }

    #[rstest]
    //                    token                                          renewed after (s)  ends after (s)
    #[case::thirty_days(jwt(&format!(r#"{{"exp":{},"role":["a"]}}"#, NOW + 30 * DAY)), 29 * DAY, 30 * DAY)]
    #[case::an_hour(jwt(&format!(r#"{{"exp":{}}}"#, NOW + 3600)), 3240, 3600)]
    #[case::both_times_of_a_wrong_clock(jwt(&format!(r#"{{"iat":{},"exp":{}}}"#, 5 * DAY, 5 * DAY + 3600)), 3240, 3600)]
    #[case::float(jwt(&format!(r#"{{"exp":{}.0}}"#, NOW + 3600)), 3240, 3600)]
    #[case::already_over(jwt(&format!(r#"{{"exp":{}}}"#, NOW - 5)), 29 * DAY, 30 * DAY)]
    #[case::soon_over(jwt(&format!(r#"{{"exp":{}}}"#, NOW + 5)), 54, 60)]
    #[case::absurd(jwt(r#"{"exp":1e300}"#), 29 * DAY, 30 * DAY)]
    #[case::far_away(jwt(r#"{"exp":99999999999}"#), 364 * DAY, 365 * DAY)]
    #[case::no_exp(jwt(r#"{"sub":"a"}"#), 29 * DAY, 30 * DAY)]
    #[case::text_exp(jwt(r#"{"exp":"tomorrow"}"#), 29 * DAY, 30 * DAY)]
    #[case::no_json(jwt("hello"), 29 * DAY, 30 * DAY)]
    #[case::no_jwt("opaque".to_owned(), 29 * DAY, 30 * DAY)]
    #[case::no_base64("a.%%%.c".to_owned(), 29 * DAY, 30 * DAY)]
    fn a_token_is_renewed_before_its_end(
        #[case] token: String,
        #[case] renew: u64,
        #[case] end: u64,
    ) {
        let issued = Instant::now();
        let token = Token::new(
            token.into(),
            issued,
            SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
        );
        assert_eq!(token.renew.duration_since(issued).as_secs(), renew);
        assert_eq!(token.end.duration_since(issued).as_secs(), end);
        let on_the_wall = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + seconds);
        let times = TokenTimes {
            renewal: on_the_wall(renew),
            end: on_the_wall(end),
        };
        assert_eq!(token.times, times);
    }

    fn is_within_bounds(text: &str) {
        let issued = Instant::now();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let token = Token::new(text.to_owned().into(), issued, now);
        let end = token.end.duration_since(issued);
        assert!((SHORTEST_LIFE..=LONGEST_LIFE).contains(&end), "{end:?}");
        assert!(token.renew > issued && token.renew < token.end);
    }

    #[test]
    fn any_text_is_a_token_with_a_life_within_bounds() {
        bolero::check!()
            .with_type::<String>()
            .for_each(|text| is_within_bounds(text));
    }

    #[test]
    fn any_payload_is_a_token_with_a_life_within_bounds() {
        bolero::check!()
            .with_type::<(u8, i64, u64)>()
            .for_each(|(shape, end, bits)| {
                let end = match shape % 5 {
                    0 => end.to_string(),
                    1 => format!("{:?}", f64::from_bits(*bits)),
                    2 => format!("\"{end}\""),
                    3 => format!("{end}e{}", bits % 400),
                    _ => format!("[{end}]"),
                };
                is_within_bounds(&jwt(&format!(r#"{{"exp":{end},"iat":{bits}}}"#)));
                is_within_bounds(&jwt(&format!(r#"{{"exp":{end}}}"#)));
            });
    }

    #[test]
    fn a_padded_payload_is_read_too() {
        let payload = base64::engine::general_purpose::URL_SAFE
            .encode(format!(r#"{{"exp":{}}}"#, NOW + 3600));
        let life = life(
            &format!("a.{payload}.b"),
            SystemTime::UNIX_EPOCH + Duration::from_secs(NOW),
        );
        assert_eq!(life, Some(Duration::from_hours(1)));
    }
}
