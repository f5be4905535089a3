//! The account of a connection: e-mail and password, from a Secret that consents.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::{ByteString, api::core::v1::Secret};
use kube::{Client, api::ObjectMeta};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    Content, Defect, Error, Kind, Object, Version,
    object::{self, Answer},
};
use crate::{
    api::{CredentialsSecretReference, annotations::consents_to_be_read},
    xopero::Credentials,
};

/// Where the Secret is named.
const NAME_FIELD: &str = "credentialsSecretRef.name";

/// An e-mail and a password. `Debug` shows neither.
#[derive(Clone, Debug)]
pub(in crate::controllers) struct Account {
    pub(in crate::controllers) credentials: Credentials,
    pub(in crate::controllers) digest: AccountDigest,
}

/// Tells accounts apart without being one. It is keyed anew in each process, so nothing can be learnt from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::controllers) struct AccountDigest([u8; 32]);

/// The key of the digests of a process.
#[derive(Clone, Copy)]
pub(in crate::controllers) struct DigestKey([Uuid; 2]);

impl DigestKey {
    pub(in crate::controllers) fn random() -> Self {
        Self([Uuid::new_v4(), Uuid::new_v4()])
    }

    pub(in crate::controllers) fn account(
        &self,
        email: SecretString,
        password: SecretString,
    ) -> Account {
        Account {
            digest: self.digest(&email, &password),
            credentials: Credentials { email, password },
        }
    }

    fn digest(&self, email: &SecretString, password: &SecretString) -> AccountDigest {
        let mut digest = Sha256::new();
        for part in self.0 {
            digest.update(part.as_bytes());
        }
        for part in [email, password] {
            let text = part.expose_secret();
            // With its length, so that nothing can move from one to the other unnoticed.
            digest.update(text.len().to_be_bytes());
            digest.update(text.as_bytes());
        }
        AccountDigest(digest.finalize().into())
    }
}

/// What was found in a Secret, and in which writing of it.
#[derive(Clone, Debug)]
pub(in crate::controllers) struct AccountAt {
    pub(in crate::controllers) reference: CredentialsSecretReference,
    pub(in crate::controllers) version: Version,
    pub(in crate::controllers) account: Result<Arc<Account>, Defect>,
}

impl AccountAt {
    pub(in crate::controllers) fn new(
        reference: CredentialsSecretReference,
        version: Version,
        account: Result<Account, Defect>,
    ) -> Self {
        Self {
            reference,
            version,
            account: account.map(Arc::new),
        }
    }

    /// Looks at the Secret again. What is `known` from the last time is taken over if the Secret has not changed.
    ///
    /// # Errors
    /// If the API server does not answer.
    pub(in crate::controllers) async fn read(
        client: &Client,
        key: &DigestKey,
        namespace: &str,
        reference: &CredentialsSecretReference,
        known: Option<Self>,
    ) -> Result<Result<Self, Defect>, Error> {
        let object = Object {
            kind: Kind::Secret,
            namespace: namespace.to_owned(),
            name: reference.name.clone(),
        };
        let metadata = match consenting(&object, object::metadata::<Secret>(client, &object).await?)
        {
            Ok(metadata) => metadata,
            Err(defect) => return Ok(Err(defect)),
        };
        if let Some(known) = known
            && known.reference == *reference
            && known.version == Version::of(&metadata)
        {
            return Ok(Ok(known));
        }
        let secret = match object::whole::<Secret>(client, &object).await? {
            Answer::Found(secret) => secret,
            Answer::Absent => return Ok(Err(absent(object))),
            Answer::Forbidden => return Ok(Err(Defect::Forbidden { object })),
        };
        let Secret { metadata, data, .. } = secret;
        // The consent may have been withdrawn between the two.
        Ok(
            consenting(&object, Answer::Found(metadata)).map(|metadata| {
                let account = account(key, &object, reference, data.unwrap_or_default());
                Self::new(reference.clone(), Version::of(&metadata), account)
            }),
        )
    }
}

/// The metadata of a Secret that is there and consents.
fn consenting(object: &Object, answer: Answer<ObjectMeta>) -> Result<ObjectMeta, Defect> {
    let object = || object.clone();
    match answer {
        Answer::Found(metadata) if consents_to_be_read(&metadata) => Ok(metadata),
        Answer::Found(_) => Err(Defect::NotConsenting { object: object() }),
        Answer::Absent => Err(absent(object())),
        Answer::Forbidden => Err(Defect::Forbidden { object: object() }),
    }
}

fn absent(object: Object) -> Defect {
    Defect::Absent {
        object,
        field: NAME_FIELD,
    }
}

/// The account in the data of a Secret.
pub(super) fn account(
    key: &DigestKey,
    object: &Object,
    reference: &CredentialsSecretReference,
    mut data: BTreeMap<String, ByteString>,
) -> Result<Account, Defect> {
    let email = text(object, &mut data, reference.email_key(), Content::Email)?;
    let password = text(
        object,
        &mut data,
        reference.password_key(),
        Content::Password,
    )?;
    Ok(key.account(email, password))
}

fn text(
    object: &Object,
    data: &mut BTreeMap<String, ByteString>,
    key: &str,
    content: Content,
) -> Result<SecretString, Defect> {
    let (object, owned_key) = (|| object.clone(), || key.to_owned());
    let bytes = data.get(key).ok_or_else(|| Defect::KeyAbsent {
        object: object(),
        key: owned_key(),
        field: match content {
            Content::Email => "credentialsSecretRef.emailKey",
            Content::Password => "credentialsSecretRef.passwordKey",
        },
    })?;
    let text = std::str::from_utf8(&bytes.0).map_err(|_| Defect::KeyNotText {
        object: object(),
        key: owned_key(),
        content,
    })?;
    // `echo` and editors leave a line break behind, and neither an e-mail nor a password ends in one.
    let text = text.trim_end_matches(['\r', '\n']);
    if text.trim().is_empty() {
        return Err(Defect::KeyEmpty {
            object: object(),
            key: owned_key(),
            content,
        });
    }
    Ok(SecretString::from(text))
}
