//! An app that connects by OAuth, and a person who answers its question.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Answer, Client, Server};

pub const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-0123456789";
pub const REDIRECT: &str = "http://127.0.0.1/callback";

/// A registered app.
pub struct App {
    pub client_id: String,
    pub http: Client,
}

pub fn challenge() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

/// A query without empty values.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The parameters of the address that a browser is led to.
pub fn parameters(location: &str) -> Vec<(String, String)> {
    let query = location.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

pub fn parameter(location: &str, name: &str) -> String {
    parameters(location).into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

impl App {
    pub async fn register(server: &Server, name: &str) -> Self {
        Self::register_with(server, name, REDIRECT).await
    }

    /// Registers with this redirect address.
    pub async fn register_with(server: &Server, name: &str, redirect: &str) -> Self {
        let http = server.anybody();
        let metadata = json!({
            "client_name": name, "redirect_uris": [redirect], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        });
        let client = http.post("/oauth/register", metadata).await.expect(201);
        Self { client_id: client["client_id"].as_str().unwrap().to_owned(), http }
    }

    /// The address that the app opens in a browser; `other` takes the place of what it would say, or is added.
    pub fn address(&self, other: &[(&str, &str)]) -> String {
        let challenge = challenge();
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", REDIRECT),
            ("scope", "read write"),
            ("state", "the-state"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in other {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        format!("/oauth/authorize?{}", query(&pairs))
    }

    /// The person answers the question of this address: where their browser is led.
    pub async fn answered(&self, person: &Client, address: &str, decision: &str) -> String {
        let nonce = nonce_of(&person.get(address).await);
        let answer = decide(person, "/oauth/authorize", &nonce, decision).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.header("location").to_owned()
    }

    /// A code to which the person has said yes.
    pub async fn code(&self, person: &Client, other: &[(&str, &str)]) -> String {
        parameter(&self.answered(person, &self.address(other), "allow").await, "code")
    }

    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![("client_id", self.client_id.as_str())];
        pairs.extend_from_slice(form);
        self.http.send(self.http.request(Method::POST, "/oauth/token").form(&pairs)).await
    }

    pub async fn redeem(&self, code: &str) -> Answer {
        let grant = ("grant_type", "authorization_code");
        self.token(&[grant, ("code", code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]).await
    }

    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Connects for this person: the tokens.
    pub async fn connect(&self, person: &Client, scope: &str) -> Value {
        let code = self.code(person, &[("scope", scope)]).await;
        self.redeem(&code).await.expect(200)
    }
}

pub fn nonce_of(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let after =
        page.text.split("name=\"nonce\" value=\"").nth(1).unwrap_or_else(|| panic!("no question: {}", page.text));
    after.split('"').next().unwrap().to_owned()
}

pub async fn decide(person: &Client, path: &str, nonce: &str, decision: &str) -> Answer {
    decide_with(person, path, nonce, decision, None).await
}

/// The same with the scope that the person has chosen.
pub async fn decide_with(person: &Client, path: &str, nonce: &str, decision: &str, scope: Option<&str>) -> Answer {
    let mut form = vec![("nonce", nonce), ("decision", decision)];
    form.extend(scope.map(|scope| ("scope", scope)));
    person.submit("consent", path, &form).await
}

/// The token's client, to call `/mcp` with.
pub fn holder(person: &Client, tokens: &Value) -> Client {
    person.with_token(tokens["access_token"].as_str().unwrap())
}
