//! What opens an account to others needs the password again when the sign-in was long ago.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    mail::past,
    support::{
        Client, PASSWORD, Server,
        oauth::{App, nonce_of, parameter},
        until,
    },
};

pub const LONG_AGO: &str = "is required again: you signed in more than an hour ago";

/// Somebody who signed in long ago; sessions are looked up again after a few seconds.
pub async fn signed_in_long_ago(server: &Server, name: &str) -> Client {
    let who = server.user(name).await;
    server.sql(format!("UPDATE sessions SET created_at = {} WHERE user_id = '{}'", past(server), who.id)).await;
    let page = async || who.get("/settings").await.text;
    until(Duration::from_secs(30), page, |page| page.contains("Enter it again: you signed in more than an hour ago"))
        .await;
    who
}

on_both_databases! {
    async fn a_token_or_another_email_needs_the_password_again(server) {
        let ada = signed_in_long_ago(&server, "Ada").await;
        let token = |password: Option<&str>| json!({ "name": "Script", "scopes": ["read"], "password": password });
        let error = ada.post("/api/auth/tokens", token(None)).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"], json!({ "password": LONG_AGO }));
        ada.post("/api/auth/tokens", token(Some("wrong-wrong-wrong"))).await.expect_error(422, "VALIDATION_ERROR");
        let created = ada.post("/api/auth/tokens", token(Some(PASSWORD))).await.expect(201);
        assert!(created["token"].is_string() && created.get("password").is_none(), "{created}");

        let me = async |patch: Value| ada.patch("/api/auth/me", patch).await;
        let error = me(json!({ "email": "new@example.org" })).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"], json!({ "password": LONG_AGO }));
        // Harmless changes need no password, and the same address isn't a change.
        me(json!({ "name": "Ada L", "email": ada.email.to_uppercase(), "time_zone": "Europe/Berlin" })).await.expect(200);
        let changed = me(json!({ "email": "new@example.org", "password": PASSWORD })).await.expect(200);
        assert_eq!(changed["email"], "new@example.org");
        // A new sign-in is recent, and a token gets there with no password.
        let mut ada = ada;
        ada.email = "new@example.org".to_owned();
        let script = ada.with_token(created["token"].as_str().unwrap());
        script.post("/api/auth/tokens", token(Some(PASSWORD))).await.expect_error(403, "FORBIDDEN");
        ada.sign_in(PASSWORD).await;
        ada.post("/api/auth/tokens", token(None)).await.expect(201);
        me_again(&ada).await;
    }

    async fn connecting_an_app_needs_it_before_the_question_is_used_up(server) {
        let ada = signed_in_long_ago(&server, "Ada").await;
        let app = App::register(&server, "Claude").await;
        let page = ada.get(&app.address(&[])).await;
        assert!(page.text.contains("Enter it again: you signed in more than an hour ago"), "{}", page.text);
        let nonce = nonce_of(&page);
        let answer = async |decision: &str, password: &str| {
            let form = [("nonce", nonce.as_str()), ("decision", decision), ("password", password)];
            ada.submit("consent", &app.address(&[]), &form).await
        };
        for (wrong, why) in [("", LONG_AGO), ("wrong-wrong-wrong", "is not your password")] {
            let refused = answer("allow", wrong).await;
            // The same question again, with the reason; both can be answered.
            assert!(refused.status == 422 && refused.text.contains(why), "{}", refused.text);
            assert!(!refused.text.contains(&nonce) && refused.text.contains("name=\"nonce\""), "{}", refused.text);
        }
        let allowed = answer("allow", PASSWORD).await;
        assert_eq!(allowed.status, 303, "{}", allowed.text);
        app.redeem(&parameter(allowed.header("location"), "code")).await.expect(200);
        // To say no needs nothing.
        assert!(app.answered(&ada, &app.address(&[]), "deny").await.contains("access_denied"));
    }

    async fn the_forms_require_the_password(server) {
        let ada = signed_in_long_ago(&server, "Ada").await;
        let profile = [("name", "Ada"), ("email", "new@example.org"), ("time_zone", "UTC")];
        let refused = ada.submit("update_me", "/settings", &profile).await;
        assert!(refused.status == 422 && refused.text.contains(LONG_AGO), "{}", refused.text);
        let with = [&profile[..], &[("profile_password", PASSWORD)]].concat();
        let saved = ada.submit("update_me", "/settings", &with).await;
        assert_eq!(saved.header("location"), "/settings?saved=profile", "{}", saved.text);

        let new = [("token_name", "Claude"), ("access", "read"), ("expires", "90")];
        let refused = ada.submit("create_token", "/settings/assistants", &new).await;
        assert!(refused.text.contains(LONG_AGO) && refused.text.contains("value=\"Claude\""), "{}", refused.text);
        let with = [&new[..], &[("token_password", PASSWORD)]].concat();
        assert!(ada.submit("create_token", "/settings/assistants", &with).await.text.contains("Your token"));

        let refused = ada.submit("renew_calendar", "/settings", &[]).await;
        assert!(refused.status == 422 && refused.text.contains(LONG_AGO), "{}", refused.text);
        let made = ada.submit("renew_calendar", "/settings", &[("calendar_password", PASSWORD)]).await;
        assert!(made.status == 200 && made.text.contains("/api/calendar?token="), "{}", made.text);
    }
}

/// Another email without a password.
async fn me_again(who: &Client) {
    who.send(who.request(Method::PATCH, "/api/auth/me").json(&json!({ "email": "newer@example.org" })))
        .await
        .expect(200);
}
