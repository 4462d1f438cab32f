use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use crate::support::jwt;

const KEY: &str = "a key for tests, long enough to be one";

fn claims_of(token: &str) -> Value {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn signed(key: &str, claims: &Value) -> String {
    jwt::sign_with_secret(hmac::HMAC_SHA256, key, claims)
}

on_both_databases! {
    async fn only_our_own_tokens_are_taken(server) {
        let ada = server.user("Ada").await;
        let grace = server.user("Grace").await;
        let claims = claims_of(ada.token.as_ref().unwrap());
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 24 * 3600);
        // Each forgery differs from a valid token in one thing; this token is valid.
        ada.with_token(&signed(KEY, &claims)).get("/api/auth/me").await.expect(200);

        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            signed(KEY, &claims)
        };
        let unsigned = format!(
            "{}.{}.",
            BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
            ada.token.as_ref().unwrap().split('.').nth(1).unwrap()
        );
        let forgeries = [
            ("none", unsigned),
            ("another algorithm", jwt::sign_with_secret(hmac::HMAC_SHA512, KEY, &claims)),
            ("another key", signed("another key that is long enough too", &claims)),
            ("another issuer", with("iss", json!("somebody"))),
            ("another audience", with("aud", json!("something"))),
            ("expired", with("exp", json!(1_700_000_000))),
            ("not valid yet", with("nbf", json!(claims["iat"].as_i64().unwrap() + 3600))),
            ("another user's session", with("sub", json!(grace.id))),
            ("a session that is not", with("sid", json!("019f0000-0000-7000-8000-000000000000"))),
            ("nothing", String::new()),
            ("rubbish", "a.b.c".to_owned()),
        ];
        for (what, token) in forgeries {
            let answer = ada.with_token(&token).get("/api/auth/me").await;
            assert_eq!(answer.status, 401, "{what}: {}", answer.text);
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
}
