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
            ada.send(ada.request(Method::POST, "/oauth/authorize").form(&form)).await
        };
        for (wrong, why) in [("", LONG_AGO), ("wrong-wrong-wrong", "is not your password")] {
            let refused = answer("allow", wrong).await;
            assert!(refused.status == 303 && refused.header("location").starts_with("/oauth/authorize?"), "{wrong}");
            // The same question again, with the reason; both can be answered.
            let again = ada.get(refused.header("location")).await;
            assert!(again.text.contains(why) && nonce_of(&again) != nonce, "{}", again.text);
        }
        let allowed = answer("allow", PASSWORD).await;
        assert_eq!(allowed.status, 303, "{}", allowed.text);
        app.redeem(&parameter(allowed.header("location"), "code")).await.expect(200);
        // To say no needs nothing.
        assert!(app.answered(&ada, &app.address(&[]), "deny").await.contains("access_denied"));
    }

    async fn the_forms_require_the_password(server) {
        let ada = signed_in_long_ago(&server, "Ada").await;
        let cookie = format!("session={}", ada.token.as_ref().unwrap());
        let submit = async |action: &str, from: &str, form: &[(&str, &str)]| {
            server.anybody().form(action, Some(&cookie), &server.base, &format!("{}{from}", server.base), form).await
        };
        let profile = [("name", "Ada"), ("email", "new@example.org"), ("time_zone", "UTC")];
        let refused = submit("/api/ui/update_me", "/settings", &profile).await;
        assert_eq!(refused.status, 303);
        assert!(ada.get(refused.header("location")).await.text.contains(LONG_AGO));
        let with = [&profile[..], &[("profile_password", PASSWORD)]].concat();
        assert_eq!(submit("/api/ui/update_me", "/settings", &with).await.header("location"), "/settings?saved=profile");

        let new = [("token_name", "Claude"), ("access", "read"), ("expires", "90")];
        let refused = submit("/settings/assistants", "/settings", &new).await;
        let page = ada.get(refused.header("location")).await.text;
        assert!(page.contains(LONG_AGO) && page.contains("value=\"Claude\""), "{page}");
        let with = [&new[..], &[("token_password", PASSWORD)]].concat();
        assert!(submit("/settings/assistants", "/settings", &with).await.text.contains("Your token"));

        let refused = submit("/settings/calendar", "/settings", &[]).await;
        assert!(refused.status == 303 && ada.get(refused.header("location")).await.text.contains(LONG_AGO));
        let made = submit("/settings/calendar", "/settings", &[("calendar_password", PASSWORD)]).await;
        assert!(made.status == 200 && made.text.contains("/api/calendar?token="), "{}", made.text);
    }
}

/// Another email without a password.
async fn me_again(who: &Client) {
    who.send(who.request(Method::PATCH, "/api/auth/me").json(&json!({ "email": "newer@example.org" })))
        .await
        .expect(200);
}
