//! Signing in with an account at a provider (OpenID Connect). The browser tests do it with a real one; the provider here
//! lies, is dead, or changes its keys.

use std::sync::{Arc, Mutex};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Utc;
use reqwest::Method;
use ring::hmac::HMAC_SHA256;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    mail::PUBLIC_URL,
    support::{Answer, Kind, PASSWORD, Server, from_hex, jwt, oauth::parameter, scalar},
};

pub const CLIENT: &str = "tallyboard";
const SECRET: &str = "a-secret-of-the-tests-alone-2026";
/// Two keys for signatures (Ed25519), made for these tests: PKCS #8, and the public part of the first.
const KEYS: [&str; 2] = [
    "302e020100300506032b65700422042013c8e6f76af1b16b5a2ab41e93ce327dc7263ab1d806674dfdf0adae9b2db242",
    "302e020100300506032b657004220420135fae4e7e5ae4d99fc041371f929b8845dc9220ce4f943b1ccb24491006b3a1",
];
const PUBLIC: &str = "fmjjIs8vAtaJNjyeFMghLcarZf1DQO5gwSGA5ilpiCY";

/// What the provider answers next.
#[derive(Clone, Default)]
struct Script {
    /// The token of the person.
    token: String,
    /// What it says of a person when it is asked; null: an error.
    user_info: Value,
    /// The challenge for the verifier of PKCE.
    challenge: String,
    is_broken: bool,
}

pub struct Provider {
    pub issuer: String,
    script: Arc<Mutex<Script>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script::default()));
        let description = json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/me"), "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "EdDSA"],
        });
        let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "one", "x": PUBLIC }] });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(async || Json(description)))
            .route("/keys", get(async || Json(keys)))
            .route("/token", post(token))
            .route("/me", get(me))
            .with_state(script.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, script }
    }

    pub async fn server(&self, kind: Kind, more: &[(&str, &str)]) -> Server {
        let own = [
            ("TALLYBOARD_OIDC_ISSUER", self.issuer.as_str()),
            ("TALLYBOARD_OIDC_CLIENT_ID", CLIENT),
            ("TALLYBOARD_OIDC_CLIENT_SECRET", SECRET),
            ("TALLYBOARD_OIDC_NAME", "Home"),
            ("TALLYBOARD_SERVER_PUBLIC_URL", PUBLIC_URL),
        ];
        Server::start(kind, &[&own, more].concat()).await
    }

    /// What an honest token says.
    fn claims(&self, begun: &Begun, subject: &str) -> Value {
        let now = Utc::now().timestamp();
        json!({ "iss": self.issuer, "aud": CLIENT, "sub": subject, "nonce": begun.nonce, "iat": now, "exp": now + 300 })
    }

    fn answers(&self, begun: &Begun, token: String, user_info: Value) {
        let challenge = begun.challenge.clone();
        *self.script.lock().unwrap() = Script { token, user_info, challenge, is_broken: false };
    }

    /// Signs somebody in and sends them back; the provider tells the address when it is asked.
    pub async fn sign_in(&self, server: &Server, subject: &str, email: &str, is_verified: bool) -> Answer {
        let begun = begin(server, "/tasks").await;
        let user_info = json!({ "sub": subject, "email": email, "email_verified": is_verified, "name": "Ada at home" });
        self.answers(&begun, signed(&self.claims(&begun, subject), 0), user_info);
        begun.come_back(server, &[]).await
    }
}

async fn token(
    State(script): State<Arc<Mutex<Script>>>,
    headers: axum::http::HeaderMap,
    Form(form): Form<Vec<(String, String)>>,
) -> (StatusCode, Json<Value>) {
    let script = script.lock().unwrap().clone();
    let value =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let basic = base64::prelude::BASE64_STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    let is_client =
        headers.get("authorization").is_some_and(|value| value.to_str().unwrap() == format!("Basic {basic}"));
    let proof = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(value("code_verifier")));
    if !is_client || proof != script.challenge || value("code") != "a-code" {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    }
    if script.is_broken {
        return (StatusCode::INTERNAL_SERVER_ERROR, Json(json!("oh")));
    }
    (StatusCode::OK, Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": script.token })))
}

async fn me(State(script): State<Arc<Mutex<Script>>>) -> (StatusCode, Json<Value>) {
    let said = script.lock().unwrap().user_info.clone();
    (if said.is_null() { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }, Json(said))
}

fn signed(claims: &Value, key: usize) -> String {
    jwt::sign_with_ed25519(&from_hex(KEYS[key]), "one", claims)
}

/// A sign-in that a browser has begun.
struct Begun {
    cookie: String,
    state: String,
    nonce: String,
    challenge: String,
}

pub fn cookie_of(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter_map(|value| value.split(';').next());
    pairs.filter_map(|pair| pair.strip_prefix(&format!("{name}="))).find(|value| !value.is_empty()).map(str::to_owned)
}

async fn begin(server: &Server, next: &str) -> Begun {
    let answer = server.anybody().get(&format!("/signin/identity?next={next}")).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let address = answer.header("location").to_owned();
    let of = |name: &str| parameter(&address, name);
    assert_eq!(
        (of("client_id"), of("response_type"), of("code_challenge_method")),
        (CLIENT.into(), "code".into(), "S256".into())
    );
    assert_eq!(of("redirect_uri"), format!("{PUBLIC_URL}/signin/identity/callback"));
    assert!(answer.header("set-cookie").contains("HttpOnly; SameSite=Lax"));
    let cookie = cookie_of(&answer, "identity").unwrap();
    Begun { cookie, state: of("state"), nonce: of("nonce"), challenge: of("code_challenge") }
}

impl Begun {
    /// What the browser brings from the provider: honest, but for what `other` says.
    async fn come_back(&self, server: &Server, other: &[(&str, &str)]) -> Answer {
        let mut query = vec![("code", "a-code"), ("state", &self.state), ("session_state", "means nothing here")];
        query.retain(|(name, _)| !other.iter().any(|(changed, _)| changed == name));
        query.extend(other);
        let query = serde_urlencoded::to_string(query).unwrap();
        with_cookie(server, &format!("/signin/identity/callback?{query}"), &self.cookie).await
    }
}

async fn with_cookie(server: &Server, path: &str, cookie: &str) -> Answer {
    let anybody = server.anybody();
    anybody.send(anybody.request(Method::GET, path).header("cookie", format!("identity={cookie}"))).await
}

pub async fn submit(server: &Server, name: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
    let page = format!("{PUBLIC_URL}/signin/connect");
    let cookie = format!("identity={cookie}");
    server.anybody().form(name, Some(&cookie), PUBLIC_URL, &page, form).await
}

/// The user that an answer's cookie signs in.
pub async fn who(server: &Server, answer: &Answer) -> Value {
    let session =
        cookie_of(answer, "session").unwrap_or_else(|| panic!("no session: {} {}", answer.status, answer.text));
    server.anybody().with_token(&session).get("/api/auth/me").await.expect(200)
}

on_both_kinds! {
    async fn an_account_is_connected_once_by_its_password_and_then_signed_in(kind) {
        let provider = Provider::start().await;
        let server = provider.server(kind, &[]).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        assert!(server.anybody().get("/signin").await.text.contains("Sign in with Home"));
        let first = provider.sign_in(&server, "ada-there", &ada.email.to_uppercase(), true).await;
        assert_eq!((first.status, first.header("location")), (303, "/signin/connect"));
        assert_eq!(cookie_of(&first, "session"), None, "the provider alone opens no account that has a password");
        let connecting = cookie_of(&first, "identity").unwrap();
        let page = with_cookie(&server, "/signin/connect", &connecting).await;
        assert!(page.text.contains("Connect Home") && page.text.contains(&ada.email), "{}", page.text);
        for password in ["wrong-password-2026", ""] {
            let refused = submit(&server, "connect_identity", &connecting, &[("password", password)]).await;
            assert!((400..500).contains(&refused.status) && refused.text.contains("Connect Home"), "{}", refused.text);
            assert_eq!(cookie_of(&refused, "session"), None);
        }
        let done = submit(&server, "connect_identity", &connecting, &[("password", PASSWORD)]).await;
        assert_eq!(done.header("location"), "/tasks");
        assert_eq!(who(&server, &done).await["id"], json!(ada.id));
        // From now on without a password, whatever address the provider says; nobody else gets in by it.
        for (email, is_verified) in [(ada.email.as_str(), true), (eve.email.as_str(), true), ("other@example.org", false)] {
            let again = provider.sign_in(&server, "ada-there", email, is_verified).await;
            assert_eq!(again.header("location"), "/tasks");
            assert_eq!(who(&server, &again).await["id"], json!(ada.id));
        }
        assert_eq!(scalar(&server.url, "SELECT COUNT(*) FROM identities").await, 1);
        // Somebody else's account there with the same address has to enter the password again.
        let other = provider.sign_in(&server, "other-there", &ada.email, true).await;
        assert_eq!((other.header("location"), cookie_of(&other, "session")), ("/signin/connect", None));
        // Two browsers may connect an identity at a time; it stays with the first account.
        let late = cookie_of(&provider.sign_in(&server, "late", &ada.email, true).await, "identity").unwrap();
        let late_too = cookie_of(&provider.sign_in(&server, "late", &eve.email, true).await, "identity").unwrap();
        submit(&server, "connect_identity", &late, &[("password", PASSWORD)]).await;
        let second = submit(&server, "connect_identity", &late_too, &[("password", PASSWORD)]).await;
        assert!((400..500).contains(&second.status) && second.text.contains("Connect Home"), "{}", second.text);
        let settings = ada.get("/settings").await.text;
        assert!(settings.contains("Sign-in with Home"), "{settings}");
        assert!(!eve.get("/settings").await.text.contains("Sign-in with Home"));
        let log = ada.get("/api/audit").await;
        assert!(log.text.contains("auth.identity_connected"), "{}", log.text);
    }

    async fn the_second_step_and_a_disabled_account_hold_for_the_provider_too(kind) {
        let provider = Provider::start().await;
        let server = provider.server(kind, &[]).await;
        let ada = server.user("Ada").await;
        let connecting = cookie_of(&provider.sign_in(&server, "ada", &ada.email, true).await, "identity").unwrap();
        submit(&server, "connect_identity", &connecting, &[("password", PASSWORD)]).await;
        let (app, codes) = crate::two_step::set_up(&ada).await;
        let again = provider.sign_in(&server, "ada", &ada.email, true).await;
        assert!(again.header("location").starts_with("/signin/code?challenge="), "{}", again.header("location"));
        assert_eq!(cookie_of(&again, "session"), None);
        let challenge = parameter(again.header("location"), "challenge");
        assert_eq!(parameter(again.header("location"), "next"), "/tasks");
        let form = [("challenge", challenge.as_str()), ("code", &codes[0]), ("next", "/tasks")];
        let done = server.anybody().form("sign_in_with_code", None, PUBLIC_URL, &format!("{PUBLIC_URL}/signin/code"), &form).await;
        assert_eq!(who(&server, &done).await["id"], json!(ada.id));
        // Connecting needs the code, too.
        let other = cookie_of(&provider.sign_in(&server, "another", &ada.email, true).await, "identity").unwrap();
        let without = submit(&server, "connect_identity", &other, &[("password", PASSWORD)]).await;
        assert_eq!(cookie_of(&without, "session"), None);
        assert_eq!(scalar(&server.url, "SELECT COUNT(*) FROM identities").await, 1);
        let with = submit(&server, "connect_identity", &other, &[("password", PASSWORD), ("code", &app.code(1))]).await;
        assert_eq!(who(&server, &with).await["id"], json!(ada.id));
        server.sql(format!("UPDATE users SET disabled_at = created_at WHERE id = '{}'", ada.id)).await;
        let refused = provider.sign_in(&server, "ada", &ada.email, true).await;
        assert!(refused.status == 403 && refused.text.contains("This account is disabled"), "{}", refused.text);
        server.sql(format!("DELETE FROM users WHERE id = '{}'", ada.id)).await;
        assert_eq!(scalar(&server.url, "SELECT COUNT(*) FROM identities").await, 0);
    }

    async fn a_new_person_creates_an_account_with_their_own_password(kind) {
        let provider = Provider::start().await;
        let server = provider.server(kind, &[("TALLYBOARD_AUTH_ALLOW_SIGNUP", "false")]).await;
        let email = "new.person@example.org";
        let connecting = cookie_of(&provider.sign_in(&server, "new", email, true).await, "identity").unwrap();
        let page = with_cookie(&server, "/signin/connect", &connecting).await;
        assert!(page.text.contains("Create account") && page.text.contains("Ada at home") && page.text.contains(email), "{}", page.text);
        let weak = submit(&server, "sign_up_with_identity", &connecting, &[("name", "New"), ("password", "password")]).await;
        assert!(weak.status == 422 && weak.text.contains("value=\"New\""), "{}", weak.text);
        let form = [("name", "New"), ("password", PASSWORD), ("time_zone", "Europe/Berlin")];
        let done = submit(&server, "sign_up_with_identity", &connecting, &form).await;
        let me = who(&server, &done).await;
        assert_eq!((&me["email"], &me["name"], &me["time_zone"]), (&json!(email), &json!("New"), &json!("Europe/Berlin")));
        assert_eq!(who(&server, &provider.sign_in(&server, "new", email, true).await).await["id"], me["id"]);
        // An address that the provider has not verified opens nothing.
        for email in [email, "unknown@example.org"] {
            let refused = provider.sign_in(&server, "liar", email, false).await;
            assert!(refused.status == 403 && refused.text.contains("has not verified"), "{}", refused.text);
        }
        drop(server);
        let closed = provider
            .server(kind, &[("TALLYBOARD_AUTH_ALLOW_SIGNUP", "false"), ("TALLYBOARD_OIDC_ALLOW_SIGNUP", "false")])
            .await;
        let connecting = cookie_of(&provider.sign_in(&closed, "new", email, true).await, "identity").unwrap();
        assert_eq!(with_cookie(&closed, "/signin/connect", &connecting).await.status, 403);
        let refused = submit(&closed, "sign_up_with_identity", &connecting, &form).await;
        assert_eq!(cookie_of(&refused, "session"), None);
        assert_eq!(scalar(&closed.url, "SELECT COUNT(*) FROM users").await, 0);
    }

    async fn a_lie_signs_nobody_in(kind) {
        let provider = Provider::start().await;
        let server = provider.server(kind, &[]).await;
        let ada = server.user("Ada").await;
        let connecting = cookie_of(&provider.sign_in(&server, "ada", &ada.email, true).await, "identity").unwrap();
        submit(&server, "connect_identity", &connecting, &[("password", PASSWORD)]).await;
        let past = Utc::now().timestamp() - 60;
        for (name, value) in [
            ("iss", json!("https://evil.example")), ("aud", json!("another client")), ("aud", json!([CLIENT, "another"])),
            ("nonce", json!("of another sign-in")), ("nonce", Value::Null), ("exp", json!(past)), ("sub", Value::Null),
        ] {
            let begun = begin(&server, "/tasks").await;
            let mut claims = provider.claims(&begun, "ada");
            claims[name] = value.clone();
            provider.answers(&begun, signed(&claims, 0), json!({ "sub": "ada" }));
            refused(&begun.come_back(&server, &[]).await, &format!("{name}: {value}"));
        }
        // A foreign key, the client's secret as a key, no signature, a changed text.
        let begun = begin(&server, "/tasks").await;
        let claims = provider.claims(&begun, "ada");
        let by_secret = jwt::sign_with_secret(HMAC_SHA256, SECRET, &claims);
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let unsigned = format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims));
        let honest = signed(&provider.claims(&begun, "eve"), 0);
        let pieces: Vec<_> = honest.split('.').collect();
        let changed = format!("{}.{}.{}", pieces[0], part(&claims), pieces[2]);
        for token in [signed(&claims, 1), by_secret, unsigned, changed, String::new(), "nonsense".to_owned()] {
            provider.answers(&begun, token.clone(), json!({ "sub": "ada" }));
            refused(&begun.come_back(&server, &[]).await, &token);
        }
        // When it is asked, it speaks of somebody else.
        let begun = begin(&server, "/tasks").await;
        let stranger = json!({ "sub": "another", "email": ada.email, "email_verified": true });
        provider.answers(&begun, signed(&provider.claims(&begun, "stranger"), 0), stranger);
        refused(&begun.come_back(&server, &[]).await, "another person");
        // What the browser brings belongs to another sign-in, or to none.
        let (begun, other) = (begin(&server, "/tasks").await, begin(&server, "/tasks").await);
        provider.answers(&begun, signed(&provider.claims(&begun, "ada"), 0), json!({ "sub": "ada" }));
        let mixed = Begun { cookie: other.cookie.clone(), ..begin(&server, "/tasks").await };
        for answer in [
            begun.come_back(&server, &[("state", &other.state)]).await,
            begun.come_back(&server, &[("iss", "https://evil.example")]).await,
            begun.come_back(&server, &[("code", "another-code")]).await,
            mixed.come_back(&server, &[]).await,
            with_cookie(&server, &format!("/signin/identity/callback?code=a-code&state={}", begun.state), "x.y").await,
            with_cookie(&server, "/signin/identity/callback", &begun.cookie).await,
            with_cookie(&server, "/signin/connect", &begun.cookie).await,
        ] {
            refused(&answer, "mixed up");
        }
        let unwilling = begun.come_back(&server, &[("error", "access_denied")]).await;
        assert_eq!((unwilling.status, unwilling.header("location")), (303, "/signin"));
        // Afterwards an honest sign-in works, and never leads to another site.
        let begun = begin(&server, "https://evil.example/").await;
        provider.answers(&begun, signed(&provider.claims(&begun, "ada"), 0), json!({ "sub": "ada" }));
        let honest = begun.come_back(&server, &[("iss", &provider.issuer)]).await;
        assert_eq!(honest.header("location"), "/dashboard");
        assert_eq!(who(&server, &honest).await["id"], json!(ada.id));
    }

    async fn an_outage_of_the_provider_is_reported_and_passwords_keep_working(kind) {
        let provider = Provider::start().await;
        let server = provider.server(kind, &[]).await;
        let begun = begin(&server, "/tasks").await;
        provider.answers(&begun, signed(&provider.claims(&begun, "ada"), 0), Value::Null);
        refused(&begun.come_back(&server, &[]).await, "it cannot be asked about the person");
        provider.script.lock().unwrap().is_broken = true;
        refused(&begun.come_back(&server, &[]).await, "no token");
        drop(server);
        let dead = "http://127.0.0.1:1";
        let away = Server::start(kind, &[
            ("TALLYBOARD_OIDC_ISSUER", dead), ("TALLYBOARD_OIDC_CLIENT_ID", CLIENT), ("TALLYBOARD_SERVER_PUBLIC_URL", PUBLIC_URL),
        ]).await;
        let answer = away.anybody().get("/signin/identity").await;
        assert!(answer.status == 503 && answer.text.contains("is unavailable"), "{} {}", answer.status, answer.text);
        away.user("Grace").await.get("/api/auth/me").await.expect(200);
        drop(away);
        // It accepts the connection and stays silent: all waiting requests fail together, and everything else keeps working.
        let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", mute.local_addr().unwrap());
        let waiting = Server::start(kind, &[
            ("TALLYBOARD_OIDC_ISSUER", &issuer), ("TALLYBOARD_OIDC_CLIENT_ID", CLIENT), ("TALLYBOARD_SERVER_PUBLIC_URL", PUBLIC_URL),
        ]).await;
        let started = std::time::Instant::now();
        let (first, second, third, other) = tokio::join!(
            async { waiting.anybody().get("/signin/identity").await },
            async { waiting.anybody().get("/signin/identity").await },
            async { waiting.anybody().get("/signin/identity").await },
            async {
                waiting.user("Ada").await.get("/api/auth/me").await.expect(200);
                started.elapsed()
            },
        );
        assert_eq!([first.status, second.status, third.status], [503; 3]);
        assert!(other < started.elapsed() / 2, "a password waited for the provider");
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "each waited for itself: {:?}", started.elapsed());
    }

    async fn disconnecting_ends_it_and_without_a_provider_there_is_nothing(kind) {
        let provider = Provider::start().await;
        let server = provider.server(kind, &[]).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        for user in [&ada, &eve] {
            let connecting = cookie_of(&provider.sign_in(&server, &user.id, &user.email, true).await, "identity").unwrap();
            submit(&server, "connect_identity", &connecting, &[("password", PASSWORD)]).await;
        }
        let page = format!("{PUBLIC_URL}/settings");
        let cookie = format!("session={}", ada.token.as_ref().unwrap());
        let done = server.anybody().form("disconnect_identity", Some(&cookie), PUBLIC_URL, &page, &[]).await;
        assert_eq!(done.header("location"), "/settings?saved=identity", "{}", done.text);
        assert_eq!(provider.sign_in(&server, &ada.id, &ada.email, true).await.header("location"), "/signin/connect");
        assert_eq!(who(&server, &provider.sign_in(&server, &eve.id, &eve.email, true).await).await["id"], json!(eve.id));
        drop(server);
        let without = Server::start(kind, &[]).await;
        for path in ["/signin/identity", "/signin/identity/callback?code=a&state=b"] {
            assert_eq!(without.anybody().get(path).await.status, 404, "{path}");
        }
        assert!(!without.anybody().get("/signin").await.text.contains("Sign in with"));
    }
}

fn refused(answer: &Answer, why: &str) {
    assert!([401, 403].contains(&answer.status), "{why}: {} {}", answer.status, answer.text);
    assert_eq!(cookie_of(answer, "session"), None, "{why}");
}
