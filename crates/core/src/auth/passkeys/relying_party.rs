//! The relying party of WebAuthn: this server, as the devices know it that sign in with passkeys.
//! <https://www.w3.org/TR/webauthn-3/#relying-party>

use serde::Serialize;
use serde_json::Value;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Webauthn, WebauthnBuilder, WebauthnResult,
};

use tallyboard_model::error::{Code, Error, Result};

/// This service's name on devices and in browsers.
const NAME: &str = "Tallyboard";

/// The host passkeys are for: they sign in nowhere else.
pub struct RelyingParty(Webauthn);

impl RelyingParty {
    /// The relying party at this address.
    ///
    /// # Errors
    /// 409 at an IP address: passkeys belong to the name of a host.
    pub fn at(public_url: &str) -> Result<Self> {
        let no_name = || {
            Error::new(Code::Conflict, "Passkeys don't work at an IP address")
                .detail("Open the server by its domain name over https, or at http://localhost on your own machine")
        };
        let url = Url::parse(public_url).map_err(|_| no_name())?;
        let host = url.domain().ok_or_else(no_name)?;
        let builder = WebauthnBuilder::new(host, &url).map_err(|_| no_name())?;
        Ok(Self(builder.rp_name(NAME).build().map_err(Error::internal)?))
    }

    /// Begins to make a passkey of an account; `known`: the ones that it has already.
    pub fn begin_registration(
        &self,
        user: Uuid,
        email: &str,
        name: &str,
        known: Vec<CredentialID>,
    ) -> Result<(Value, PasskeyRegistration)> {
        let begun = self.0.start_passkey_registration(user, email, name, Some(known));
        let (options, state) = begun.map_err(Error::internal)?;
        let mut options = public_key(&options)?;
        // Signing in asks for no email address, so the device has to find the passkey by the site alone.
        let selection = &mut options["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        Ok((options, state))
    }

    /// The passkey that a device has made; the error says what is wrong with its answer.
    pub fn finish_registration(
        &self,
        answer: &RegisterPublicKeyCredential,
        state: &PasskeyRegistration,
    ) -> WebauthnResult<Passkey> {
        self.0.finish_passkey_registration(answer, state)
    }

    /// Begins a sign-in by any passkey of this host.
    pub fn begin_sign_in(&self) -> Result<(Value, DiscoverableAuthentication)> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(Error::internal)?;
        Ok((public_key(&options)?, state))
    }

    /// The account that a device says the passkey is of.
    pub fn user_of(&self, answer: &PublicKeyCredential) -> WebauthnResult<Uuid> {
        Ok(self.0.identify_discoverable_authentication(answer)?.0)
    }

    /// Checks the signature of a device: by this passkey, of this challenge, after it has verified the person.
    pub fn finish_sign_in(
        &self,
        answer: &PublicKeyCredential,
        state: DiscoverableAuthentication,
        passkey: &Passkey,
    ) -> WebauthnResult<AuthenticationResult> {
        self.0.finish_discoverable_authentication_v2(answer, state, passkey)
    }
}

/// The bit of a device's answer that says that its passkey may be copied to other devices (authenticator data, flag BE).
const BACKUP_ELIGIBLE: u8 = 1 << 3;
/// Where the flags are in that answer.
const FLAGS_AT: usize = 32;

/// The stored passkey, as it has to be for this answer. A passkey that was bound to its device may be copied to others since,
/// when its password manager has learnt to; the library takes that for another passkey. The other way round it stays refused.
pub fn passkey_for(stored: &str, answer: &PublicKeyCredential) -> Result<Passkey> {
    let mut stored: Value = serde_json::from_str(stored).map_err(Error::internal)?;
    let data: &[u8] = answer.response.authenticator_data.as_ref();
    if data.get(FLAGS_AT).is_some_and(|flags| flags & BACKUP_ELIGIBLE != 0) {
        stored["cred"]["backup_eligible"] = true.into();
    }
    serde_json::from_value(stored).map_err(Error::internal)
}

/// The options without the envelope of `navigator.credentials`.
fn public_key(options: &impl Serialize) -> Result<Value> {
    let mut options = serde_json::to_value(options).map_err(Error::internal)?;
    Ok(options["publicKey"].take())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_a_name() {
        for url in ["https://board.example.org", "http://localhost:3000", "https://board:8443"] {
            assert!(RelyingParty::at(url).is_ok(), "{url}");
        }
        for url in ["http://127.0.0.1:3000", "https://[::1]", "http://", ""] {
            assert!(RelyingParty::at(url).is_err(), "{url}");
        }
    }

    #[test]
    fn devices_keep_the_passkey_and_verify_the_person() {
        let party = RelyingParty::at("https://board.example.org").unwrap();
        let (options, _) = party.begin_registration(Uuid::nil(), "ada@example.org", "Ada", Vec::new()).unwrap();
        let selection = &options["authenticatorSelection"];
        assert_eq!(
            (&selection["residentKey"], &selection["userVerification"]),
            (&"required".into(), &"required".into())
        );
        let (options, _) = party.begin_sign_in().unwrap();
        assert_eq!(options["userVerification"], "required", "{options}");
        assert_eq!(options["rpId"], "board.example.org", "{options}");
    }
}
