//! How much may be removed in an hour: a number, or a share of the organization's repositories.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// The most removals in any 60 minutes. In a resource a number (`10`) or a percentage (`"5%"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RemovalLimit {
    /// That many removals.
    Count(u32),
    /// That share of the repositories of the last trusted listing, from 0 to 100.
    Percent(u8),
}

/// What was written as a limit is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a limit: write a number such as 10, or a percentage from \"0%\" to \"100%\"")]
pub struct InvalidRemovalLimit(String);

impl RemovalLimit {
    /// The number of removals meant in an organization of so many repositories: a percentage is rounded down, and is
    /// at least one removal unless it is zero.
    pub fn of(self, repositories: u64) -> u64 {
        match self {
            Self::Count(count) => u64::from(count),
            Self::Percent(0) => 0,
            Self::Percent(percent) => {
                (repositories.saturating_mul(u64::from(percent)) / 100).max(1)
            }
        }
    }
}

impl fmt::Display for RemovalLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(formatter, "{count}"),
            Self::Percent(percent) => write!(formatter, "{percent}%"),
        }
    }
}

impl FromStr for RemovalLimit {
    type Err = InvalidRemovalLimit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidRemovalLimit(text.to_owned());
        // Only digits: u8::from_str takes a sign as well.
        let digits = text
            .strip_suffix('%')
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let percent = digits
            .and_then(|digits| digits.parse().ok())
            .filter(|percent| *percent <= 100);
        percent.map(Self::Percent).ok_or_else(invalid)
    }
}

impl Serialize for RemovalLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(count) => serializer.serialize_u32(*count),
            Self::Percent(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for RemovalLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = RemovalLimit;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number or a percentage such as \"5%\"")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Self::Value, E> {
                u32::try_from(count)
                    .map(RemovalLimit::Count)
                    .map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Self::Value, E> {
                u32::try_from(count)
                    .map(RemovalLimit::Count)
                    .map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for RemovalLimit {
    fn schema_name() -> Cow<'static, str> {
        "RemovalLimit".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "x-kubernetes-int-or-string": true,
            "maxLength": 4,
            "x-kubernetes-validations": [{
                // Only a text equals itself written out as one; `type(self)` cannot be asked in unit tests.
                "rule": "string(self) == self ? self.matches('^(100|[1-9]?[0-9])%$') : self >= 0 && self <= 2147483647",
                "message": "removalLimit is a number such as 10, or a percentage from \"0%\" to \"100%\"",
            }],
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case(json!(0), RemovalLimit::Count(0))]
    #[case(json!(250), RemovalLimit::Count(250))]
    #[case(json!("0%"), RemovalLimit::Percent(0))]
    #[case(json!("100%"), RemovalLimit::Percent(100))]
    fn a_limit_is_written_back_as_it_was_read(#[case] written: Value, #[case] limit: RemovalLimit) {
        assert_eq!(
            serde_json::from_value::<RemovalLimit>(written.clone()).unwrap(),
            limit
        );
        assert_eq!(serde_json::to_value(limit).unwrap(), written);
    }

    #[rstest]
    #[case(json!(-1))]
    #[case(json!("10"))]
    #[case(json!("101%"))]
    #[case(json!("+5%"))]
    #[case(json!("%"))]
    #[case(json!(1.5))]
    fn anything_else_is_refused(#[case] written: Value) {
        assert!(serde_json::from_value::<RemovalLimit>(written).is_err());
    }

    #[rstest]
    #[case::a_number_is_itself(RemovalLimit::Count(10), 3, 10)]
    #[case::a_share_is_rounded_down(RemovalLimit::Percent(5), 199, 9)]
    #[case::but_is_at_least_one(RemovalLimit::Percent(1), 20, 1)]
    #[case::unless_it_is_zero(RemovalLimit::Percent(0), 1000, 0)]
    fn a_limit_is_a_number_of_removals(
        #[case] limit: RemovalLimit,
        #[case] repositories: u64,
        #[case] removals: u64,
    ) {
        assert_eq!(limit.of(repositories), removals);
    }
}
