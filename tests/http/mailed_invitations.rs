//! Invitations to a team that are mailed.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    mail::{mailing, none_waits, send_waiting_now},
    support::{scalar, until},
};

on_both_kinds! {
    async fn a_mailed_invitation_has_no_link_but_ours_and_an_address_gets_five_an_hour(kind) {
        let (smtp, server) = mailing(kind, &[("TALLYBOARD_LIMITS_ENABLED", "true")]).await;
        let ada = server.user("Free money at www.evil.example").await;
        let team = ada.post("/api/teams", json!({ "name": "https://evil.example/pay" })).await.expect(201);
        let path = format!("/api/teams/{}/invitations", team["id"].as_str().unwrap());
        for _ in 0..5 {
            ada.post(&path, json!({ "email": "grace@example.org" })).await.expect(201);
        }
        ada.post(&path, json!({ "email": "Grace@example.org" })).await.expect_error(429, "RATE_LIMITED");
        let mail = smtp.mail("grace@example.org", 1).await;
        for words in [&mail.subject, &mail.text] {
            assert!(!words.contains("evil.example"), "{words}");
        }
        ada.post(&path, json!({ "email": "somebody.else@example.org" })).await.expect(201);
    }

    async fn nobody_is_mailed_an_invitation_by_somebody_they_have_blocked(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        grace.post("/api/auth/blocks", json!({ "user_id": ada.id })).await.expect(201);
        let team = server.team(&ada, &[]).await;
        ada.post(&format!("/api/teams/{team}/invitations"), json!({ "email": grace.email })).await.expect(201);
        none_waits(&server).await;
        assert!(smtp.mails_to(&grace.email).is_empty());
    }

    async fn an_invitation_is_mailed_and_its_link_is_known_to_nobody_else(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[]).await;
        let path = format!("/api/teams/{team}/invitations");
        eve.post(&path, json!({ "email": "x@example.org" })).await.expect_error(403, "FORBIDDEN");
        let new = json!({ "role": "viewer", "email": " Grace@Example.org " });
        let created = ada.post(&path, new).await.expect(201);
        assert_eq!((&created["token"], &created["url"], &created["email"]), (&Value::Null, &Value::Null, &json!("grace@example.org")));
        assert_eq!(created["single_use"], true);
        let mail = smtp.mail("grace@example.org", 1).await;
        assert_eq!(mail.subject, "Ada invites you to “Team”");
        assert!(!mail.text.contains(&ada.email), "{}", mail.text);
        let token = mail.link("http://tasks.test/invite?token=");
        none_waits(&server).await;
        let joined = grace.post("/api/invitations/accept", json!({ "token": token })).await.expect(200);
        assert_eq!(joined["role"], "viewer");
        let listed = ada.get(&path).await.expect(200);
        assert_eq!((&listed["items"][0]["email"], &listed["items"][0]["uses"]), (&json!("grace@example.org"), &json!(1)));
        assert!(ada.get(&format!("/teams/{team}")).await.text.contains("mailed to grace@example.org"));
        for (body, field) in [
            (json!({ "email": "x@example.org", "single_use": false }), "single_use"),
            (json!({ "email": "nobody" }), "email"),
            (json!({ "email": "" }), "email"),
        ] {
            let error = ada.post(&path, body).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{error}");
        }
    }

    async fn an_invitation_that_was_revoked_is_not_mailed(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&ada, &[(&grace, "admin")]).await;
        let path = format!("/api/teams/{team}/invitations");
        // Postponed the first time: both wait.
        let mine = ada.post(&path, json!({ "email": "later.one@example.org" })).await.expect(201);
        grace.post(&path, json!({ "email": "later.two@example.org" })).await.expect(201);
        let attempts = async || scalar(&server.url, "SELECT CAST(COALESCE(SUM(attempts), 0) AS bigint) FROM outbox").await;
        until(Duration::from_secs(20), attempts, |attempts| *attempts == 2).await;
        let id = mine["id"].as_str().unwrap();
        ada.delete(&format!("{path}/{id}")).await.expect(204);
        let member = json!({ "role": "member" });
        ada.patch(&format!("/api/teams/{team}/members/{}", grace.id), member).await.expect(200);
        send_waiting_now(&server, &ada.email).await;
        smtp.mail(&ada.email, 1).await;
        none_waits(&server).await;
        assert!(smtp.mails_to("later.one@example.org").is_empty() && smtp.mails_to("later.two@example.org").is_empty());
    }

    async fn an_invitation_is_mailed_from_the_teams_page(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        let submit = async |email: &str| {
            let form = [("role", "member"), ("single_use", "true"), ("expires_in_days", "7"), ("invitation_email", email)];
            ada.submit("create_invitation", &format!("/teams/{team}"), &form).await
        };
        let page = submit("grace@example.org").await;
        assert!(page.status == 200 && page.text.contains("The link is on its way to grace@example.org."), "{}", page.text);
        assert!(!page.text.contains("/invite?token="), "{}", page.text);
        smtp.mail("grace@example.org", 1).await;
        // An empty form field isn't an address.
        assert!(submit("").await.text.contains("http://tasks.test/invite?token="));
        let wrong = submit("nobody").await;
        assert!(wrong.text.contains("value=\"nobody\"") && wrong.text.contains("has to look like an address"), "{}", wrong.text);
    }
}
