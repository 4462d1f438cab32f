//! Signed state of a process in progress, kept by the browser or program: the server stores nothing.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Serialize, de::DeserializeOwned};

use super::Auth;
use tallyboard_db::now;
use tallyboard_model::error::{Error, Result};

/// One kind of state: what is signed names the kind, so that one is not taken for another.
pub trait SignedState: Serialize + DeserializeOwned {
    /// The name of the kind.
    const KIND: &str;
    /// How long the state is valid.
    const VALID_FOR: TimeDelta;
}

fn signed_text(kind: &str, text: &str) -> String {
    format!("{kind}:{text}")
}

impl Auth {
    /// The state as a text, which everybody can read and only this server can make; an address and a cookie can hold it.
    pub(super) fn sign_state<T: SignedState>(&self, state: &T) -> Result<String> {
        let expires = (now() + T::VALID_FOR).timestamp();
        let json = serde_json::to_vec(&(expires, state)).map_err(Error::internal)?;
        let text = BASE64_URL_SAFE_NO_PAD.encode(json);
        let signature = self.tokens.sign_text(&signed_text(T::KIND, &text));
        Ok(format!("{text}.{signature}"))
    }

    /// The state in such a text; `None` when this server has not made it, or it is too old.
    pub(super) fn read_state<T: SignedState>(&self, signed: &str) -> Option<T> {
        let (text, signature) = signed.rsplit_once('.')?;
        if !self.tokens.verify_text(&signed_text(T::KIND, text), signature) {
            return None;
        }
        let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (expires, state): (i64, T) = serde_json::from_slice(&json).ok()?;
        (expires > now().timestamp()).then_some(state)
    }
}
