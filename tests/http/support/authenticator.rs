//! A device with a passkey, in software: it signs as WebAuthn says, and lies where a test wants it to.
//! <https://www.w3.org/TR/webauthn-3/>

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Two keys for signatures (P-256), made for these tests: PKCS #8. The last 64 bytes are the public key.
const KEYS: [&str; 2] = [
    "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420986a6ae4f50eb6ca96f1b702d1b1d25106684737d8cf81f6d1ebc945c82034e3a14403420004e8b6794b4a2f598fba8d42950727ab8ada0de4ae8f8d647ac10d6339d90e9a7f3174f5b66c8c9a88a8f188eb79d0f226e800b0d5054e6f79d49427d07e34c381",
    "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420bd86327c1584426b8c0fd26ead47b600d4876b8c2290d6009f307b102a1fde00a14403420004f50b046f55d32c0acd0bdba7209b6a1e4ff2a61d04d055d363d4610adc2be79bfe86890bb05c94fe720c7cacb4f2e90fc19279c5f7f37d591dc9f58bc2b21bdd",
];
/// The person is there, and verified; the passkey may be copied to other devices, and is.
const HONEST_FLAGS: u8 = 0b0001_1101;
/// A new passkey follows.
const WITH_PASSKEY: u8 = 0b0100_0000;

/// A device that has made a passkey, or will.
#[derive(Clone)]
pub struct Authenticator {
    pub origin: String,
    /// What the device says it has checked.
    pub flags: u8,
    /// Which of the two keys signs.
    pub key: usize,
    /// The host that the passkey is for, as the device says.
    pub host: Option<String>,
    pub user_handle: Option<String>,
    credential_id: Vec<u8>,
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        let credential_id = uuid::Uuid::now_v7().as_bytes().to_vec();
        Self { origin: origin.to_owned(), flags: HONEST_FLAGS, key: 0, host: None, user_handle: None, credential_id }
    }

    /// Makes the passkey that a server asks for.
    pub fn create(&mut self, options: &Value) -> Value {
        self.user_handle = options["user"]["id"].as_str().map(str::to_owned);
        let mut data = self.authenticator_data(options["rp"]["id"].as_str().unwrap(), WITH_PASSKEY);
        let public = &key(0)[key(0).len() - 64..];
        // No model of device; the id; the public key in COSE: EC2, ES256, P-256, x and y.
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential_id.len()).unwrap().to_be_bytes());
        data.extend(&self.credential_id);
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20]);
        data.extend(&public[..32]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&public[32..]);
        // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(data.len().try_into().unwrap());
        attestation.extend(data);
        let response = json!({
            "clientDataJSON": BASE64.encode(self.client_data("webauthn.create", options)),
            "attestationObject": BASE64.encode(attestation),
            "transports": ["internal"],
        });
        self.credential(response)
    }

    /// Signs the challenge of a server.
    pub fn sign(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(options["rpId"].as_str().unwrap(), 0);
        let message = [&data[..], &Sha256::digest(&client_data)].concat();
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key(self.key), &random).unwrap();
        let signature = key.sign(&random, &message).unwrap();
        let response = json!({
            "clientDataJSON": BASE64.encode(client_data),
            "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(signature),
            "userHandle": self.user_handle,
        });
        self.credential(response)
    }

    fn client_data(&self, what: &str, options: &Value) -> Vec<u8> {
        let data =
            json!({ "type": what, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, host: &str, more_flags: u8) -> Vec<u8> {
        let host = self.host.as_deref().unwrap_or(host);
        // A passkey that is copied counts no signatures.
        [&Sha256::digest(host)[..], &[self.flags | more_flags], &[0; 4]].concat()
    }

    fn credential(&self, response: Value) -> Value {
        let id = BASE64.encode(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {},
            "authenticatorAttachment": "platform",
        })
    }
}

fn key(which: usize) -> Vec<u8> {
    from_hex(KEYS[which])
}

/// The bytes of a text in hexadecimal.
pub fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
