//! Which instances were proved, in this process, to list the repositories of the organization asked for.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::super::connections::Usable;

/// The proved instances, by connection and address: one whose address changed has to prove it again.
#[derive(Debug, Default)]
pub struct Scopes {
    proved: Mutex<BTreeSet<(String, String)>>,
}

impl Scopes {
    pub(super) fn is_proved(&self, usable: &Usable) -> bool {
        self.proved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&key(usable))
    }

    pub(super) fn prove(&self, usable: &Usable) {
        self.proved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key(usable));
    }
}

fn key(usable: &Usable) -> (String, String) {
    (usable.uid.to_string(), usable.url.to_string())
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use secrecy::SecretString;

    use super::*;
    use crate::{
        api::AllowedNamespaces,
        xopero::{
            Authorities, Budget, Client, Credentials, Hooks, Remembered, Settings, Surroundings,
        },
    };

    fn usable(uid: &str, url: &str) -> Usable {
        let settings = Settings {
            url: url.to_owned(),
            ca_bundle: None,
            timeout: Duration::from_secs(1),
        };
        let credentials = Credentials {
            email: SecretString::from("e"),
            password: SecretString::from("p"),
        };
        let surroundings = Surroundings {
            names: Arc::default(),
            budget: Arc::new(Budget::new(1, 1)),
            hooks: Hooks::default(),
            remembered: Remembered::default(),
            authorities: Authorities::default(),
        };
        Usable {
            client: Client::new(settings, credentials, surroundings).unwrap(),
            generation: 1,
            url: url.into(),
            uid: uid.into(),
            settings_allowed: false,
            in_flight: 1,
            allowed: AllowedNamespaces::default(),
        }
    }

    #[test]
    fn an_instance_is_proved_for_one_connection_and_address() {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let scopes = Scopes::default();
        let proved = usable("a", "https://xopero.example.com");
        assert!(!scopes.is_proved(&proved));
        scopes.prove(&proved);
        assert!(scopes.is_proved(&proved));
        for other in [
            usable("b", "https://xopero.example.com"),
            usable("a", "https://backup.example.com"),
        ] {
            assert!(!scopes.is_proved(&other));
        }
    }
}
