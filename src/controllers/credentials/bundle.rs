//! The bundle of certificates: from a Secret or a `ConfigMap`, and only the certificates.

use std::{fmt, sync::Arc};

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Client, api::ObjectMeta};
use sha2::{Digest as _, Sha256};

use super::{
    Defect, Error, Object, Version,
    object::{self, Answer},
};
use crate::api::{CaBundleKind, CaBundleReference};

/// Where the object is named.
const NAME_FIELD: &str = "tls.caBundleRef.name";

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
/// Stands in every line that begins or ends something, and in no line of a certificate.
const BOUNDARY: &str = "-----";
const END: &str = "-----END CERTIFICATE-----";

/// Certificates in PEM. Whether they can be used is for the client to say.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::controllers) struct Bundle {
    pub(in crate::controllers) pem: Vec<u8>,
    /// Tells bundles apart.
    pub(in crate::controllers) digest: [u8; 32],
}

impl Bundle {
    /// The certificates of a text. Whatever else stands in it, a private key for example, is left behind.
    pub(super) fn of(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let mut pem = String::new();
        let mut inside = false;
        for line in text.lines().map(str::trim) {
            inside |= line == BEGIN;
            // Cut short, without its end: what begins here is something else.
            inside &= !line.contains(BOUNDARY) || line == BEGIN || line == END;
            if inside {
                pem.push_str(line);
                pem.push('\n');
            }
            inside &= line != END;
        }
        Self {
            digest: Sha256::digest(&pem).into(),
            pem: pem.into_bytes(),
        }
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bundle").finish_non_exhaustive()
    }
}

/// What was found in an object, and in which writing of it.
#[derive(Clone, Debug)]
pub(in crate::controllers) struct BundleAt {
    reference: CaBundleReference,
    version: Version,
    pub(in crate::controllers) bundle: Result<Arc<Bundle>, Defect>,
}

impl BundleAt {
    fn new(reference: CaBundleReference, version: Version, bundle: Result<Bundle, Defect>) -> Self {
        Self {
            reference,
            version,
            bundle: bundle.map(Arc::new),
        }
    }

    /// What an object with this text under the key would hold.
    #[cfg(test)]
    pub(in crate::controllers) fn of_text(reference: CaBundleReference, text: &[u8]) -> Self {
        let version = Version {
            uid: String::new(),
            resource_version: String::new(),
        };
        Self::new(reference, version, Ok(Bundle::of(text)))
    }

    /// Where the text stands, as messages name it.
    pub(in crate::controllers) fn place(&self) -> String {
        let CaBundleReference { kind, name, key } = &self.reference;
        let kind = match kind {
            CaBundleKind::Secret => "Secret",
            CaBundleKind::ConfigMap => "ConfigMap",
        };
        format!("the key \"{key}\" of {kind} \"{name}\"")
    }

    /// Looks at the object again. What is `known` from the last time is taken over if the object has not changed.
    ///
    /// # Errors
    /// If the API server does not answer.
    pub(in crate::controllers) async fn read(
        client: &Client,
        namespace: &str,
        reference: &CaBundleReference,
        known: Option<Self>,
    ) -> Result<Result<Self, Defect>, Error> {
        let object = Object {
            kind: reference.kind.into(),
            namespace: namespace.to_owned(),
            name: reference.name.clone(),
        };
        let metadata = match reference.kind {
            CaBundleKind::Secret => object::metadata::<Secret>(client, &object).await?,
            CaBundleKind::ConfigMap => object::metadata::<ConfigMap>(client, &object).await?,
        };
        let metadata = match found(&object, metadata) {
            Ok(metadata) => metadata,
            Err(defect) => return Ok(Err(defect)),
        };
        if let Some(known) = known
            && known.reference == *reference
            && known.version == Version::of(&metadata)
        {
            return Ok(Ok(known));
        }
        let whole = match reference.kind {
            CaBundleKind::Secret => in_secret(
                object::whole::<Secret>(client, &object).await?,
                &reference.key,
            ),
            CaBundleKind::ConfigMap => in_config_map(
                object::whole::<ConfigMap>(client, &object).await?,
                &reference.key,
            ),
        };
        Ok(found(&object, whole).map(|(metadata, value)| {
            let absent = Defect::BundleKeyAbsent {
                object,
                key: reference.key.clone(),
            };
            let bundle = value.map(|text| Bundle::of(&text)).ok_or(absent);
            Self::new(reference.clone(), Version::of(&metadata), bundle)
        }))
    }
}

/// An object's metadata, and the value under the key.
type Keyed = (ObjectMeta, Option<Vec<u8>>);

fn in_secret(answer: Answer<Secret>, key: &str) -> Answer<Keyed> {
    match answer {
        Answer::Found(secret) => {
            let value = secret.data.and_then(|mut data| data.remove(key));
            Answer::Found((secret.metadata, value.map(|value| value.0)))
        }
        Answer::Absent => Answer::Absent,
        Answer::Forbidden => Answer::Forbidden,
    }
}

fn in_config_map(answer: Answer<ConfigMap>, key: &str) -> Answer<Keyed> {
    match answer {
        Answer::Found(map) => {
            let text = map.data.and_then(|mut data| data.remove(key));
            let bytes = map.binary_data.and_then(|mut data| data.remove(key));
            let value = text.map_or_else(
                || bytes.map(|bytes| bytes.0),
                |text| Some(text.into_bytes()),
            );
            Answer::Found((map.metadata, value))
        }
        Answer::Absent => Answer::Absent,
        Answer::Forbidden => Answer::Forbidden,
    }
}

fn found<T>(object: &Object, answer: Answer<T>) -> Result<T, Defect> {
    match answer {
        Answer::Found(found) => Ok(found),
        Answer::Absent => Err(Defect::Absent {
            object: object.clone(),
            field: NAME_FIELD,
        }),
        Answer::Forbidden => Err(Defect::Forbidden {
            object: object.clone(),
        }),
    }
}
