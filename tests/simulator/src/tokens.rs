//! Access tokens: shaped like a JWT whose claims can be read, valid only as long as this server knows them.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use uuid::Uuid;

/// Whom a token speaks for. The roles are those at sign-in: a permission given later needs a new login.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) email: String,
    pub(crate) roles: Vec<String>,
    /// In seconds since the Unix epoch.
    expires: u64,
}

/// The tokens given out and not revoked.
#[derive(Default)]
pub(crate) struct Tokens {
    sessions: BTreeMap<String, Session>,
}

// The tokens are the keys.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Tokens({})", self.sessions.len())
    }
}

impl Tokens {
    /// Gives out a token. `exp` is in whole seconds, so a lifetime below one second is expired at once.
    pub(crate) fn issue(
        &mut self,
        user: Uuid,
        email: &str,
        roles: &[String],
        lifetime: Duration,
    ) -> String {
        let issued = now_in_seconds();
        let expires = issued.saturating_add(lifetime.as_secs());
        let header = json!({"alg": "HS256", "typ": "JWT"});
        let claims = json!({
            "sub": user,
            "email": email,
            "role": roles,
            "iat": issued,
            "exp": expires,
            "jti": Uuid::new_v4(),
        });
        // Nothing verifies the signature, so it only has to be there and not to be guessed.
        let signature = [*Uuid::new_v4().as_bytes(), *Uuid::new_v4().as_bytes()].concat();
        let token = [
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string()),
            URL_SAFE_NO_PAD.encode(signature),
        ]
        .join(".");
        let session = Session {
            email: email.to_owned(),
            roles: roles.to_vec(),
            expires,
        };
        self.sessions.insert(token.clone(), session);
        token
    }

    /// Whom an `Authorization` header speaks for, if its token is known and has not expired.
    pub(crate) fn session(&self, authorization: Option<&str>) -> Option<&Session> {
        let (scheme, token) = authorization?.split_once(' ')?;
        let session = self.sessions.get(token.trim())?;
        (scheme.eq_ignore_ascii_case("bearer") && now_in_seconds() < session.expires)
            .then_some(session)
    }

    /// Forgets every token of an account, or of all accounts.
    pub(crate) fn revoke(&mut self, email: Option<&str>) {
        self.sessions.retain(|_, session| {
            email.is_some_and(|email| !session.email.eq_ignore_ascii_case(email))
        });
    }
}

fn now_in_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(tokens: &mut Tokens, lifetime: u64) -> String {
        tokens.issue(
            Uuid::nil(),
            "a@b.c",
            &["System Administrator".to_owned()],
            Duration::from_secs(lifetime),
        )
    }

    #[test]
    fn the_expiry_of_a_token_can_be_read() {
        let token = issue(&mut Tokens::default(), 60);
        let claims = token.split('.').nth(1).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!(
            claims["exp"].as_u64().unwrap(),
            claims["iat"].as_u64().unwrap() + 60
        );
        assert_eq!(claims["role"], json!(["System Administrator"]));
    }

    #[test]
    fn only_a_known_token_that_has_not_expired_counts() {
        let mut tokens = Tokens::default();
        let valid = format!("Bearer {}", issue(&mut tokens, 60));
        let expired = format!("Bearer {}", issue(&mut tokens, 0));
        assert!(tokens.session(Some(&valid)).is_some());
        assert!(tokens.session(Some(&expired)).is_none());
        assert!(tokens.session(Some("Bearer x.y.z")).is_none());
        assert!(tokens.session(None).is_none());
        tokens.revoke(Some("A@B.C"));
        assert!(tokens.session(Some(&valid)).is_none());
    }
}
