//! Addresses that are confirmed by mail, and what others can do with those that are not.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    identities::{self, Provider, cookie_of},
    mail::{PUBLIC_URL, forget, mailing_to_unconfirmed, none_waits, settings},
    support::{Answer, Client, Kind, PASSWORD, Server, SmtpServer},
};

const LINK: &str = "http://tasks.test/confirm-email?token=";
const SUBJECT: &str = "Confirm your email address for Tallyboard";

async fn confirm(server: &Server, token: &str) -> Answer {
    server.anybody().post("/api/auth/email/confirm", json!({ "token": token })).await
}

async fn is_confirmed(who: &Client) -> bool {
    who.get("/api/auth/me").await.expect(200)["email_verified"].as_bool().unwrap()
}

async fn share(by: &Client, task: &str, email: &str) -> Answer {
    by.post(&format!("/api/tasks/{task}/shares"), json!({ "email": email })).await
}

/// What a browser sends for a form, signed in or not.
async fn submit(server: &Server, who: &Client, name: &str, page: &str, form: &[(&str, &str)]) -> Answer {
    let cookie = who.token.as_ref().map(|token| format!("session={token}"));
    server.anybody().form(name, cookie.as_deref(), PUBLIC_URL, page, form).await
}

on_both_kinds! {
    async fn nobody_finds_an_account_by_an_address_before_it_is_confirmed(kind) {
        let (smtp, server) = mailing_to_unconfirmed(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let mail = smtp.mail(&grace.email, 1).await;
        assert_eq!(mail.subject, SUBJECT);
        assert!(!mail.text.contains("Grace"), "the reader may be somebody else: {}", mail.text);
        let token = mail.link(LINK);
        let (task, team) = (ada.task("Mine").await, server.team(&ada, &[]).await);
        let members = format!("/api/teams/{team}/members");
        let add = async |email: &str| ada.post(&members, json!({ "email": email })).await;
        // The same as for an address that nobody has.
        let unknown = share(&ada, &task, "nobody@example.org").await.expect_error(404, "NOT_FOUND");
        assert_eq!(share(&ada, &task, &grace.email).await.expect_error(404, "NOT_FOUND"), unknown);
        let unknown = add("nobody@example.org").await.expect_error(404, "NOT_FOUND");
        assert_eq!(add(&grace.email).await.expect_error(404, "NOT_FOUND"), unknown);

        // Their own data works in the meantime.
        assert!(!is_confirmed(&grace).await);
        let own = grace.task("Own").await;
        grace.get(&format!("/api/tasks/{own}")).await.expect(200);
        let page = grace.get("/dashboard").await.text;
        assert!(page.contains("Confirm your email address by the link in our mail") && page.contains("value=\"send_confirmation\""), "{page}");
        assert!(!server.anybody().get("/signin").await.text.contains("value=\"send_confirmation\""));

        // But they have no mails sent to others.
        let invitations = format!("/api/teams/{}/invitations", server.team(&grace, &[]).await);
        grace.post(&invitations, json!({ "email": "x@example.org" })).await.expect_error(403, "FORBIDDEN");
        grace.post(&invitations, json!({})).await.expect(201);

        // Looking at the link changes nothing: programs that scan mails do.
        let shown = server.anybody().get(&format!("/confirm-email?token={token}")).await;
        assert!(shown.status == 200 && shown.text.contains(&grace.email) && shown.text.contains("value=\"confirm_email\""), "{}", shown.text);
        assert!(!is_confirmed(&grace).await);
        let done = submit(&server, &server.anybody(), "confirm_email", "/confirm-email", &[("token", &token)]).await;
        assert_eq!((done.status, done.header("location")), (303, "/confirm-email?confirmed=done"), "{}", done.text);
        assert!(is_confirmed(&grace).await);
        confirm(&server, &token).await.expect(204);
        assert!(server.anybody().get(&format!("/confirm-email?token={token}")).await.text.contains("is confirmed"));
        let page = grace.get("/dashboard").await.text;
        assert!(!page.contains("value=\"send_confirmation\""), "{page}");
        share(&ada, &task, &grace.email).await.expect(201);
        add(&grace.email.to_uppercase()).await.expect(201);
        let actions = grace.listed("/api/audit", "action").await;
        assert_eq!(actions.iter().filter(|action| *action == "auth.email_confirmed").count(), 1, "{actions:?}");
    }

    async fn forged_links_and_links_of_another_address_confirm_nothing(kind) {
        let (smtp, server) = mailing_to_unconfirmed(kind, &[]).await;
        let ada = server.user("Ada").await;
        let token = smtp.mail(&ada.email, 1).await.link(LINK);
        let (text, signature) = token.rsplit_once('.').unwrap();
        for forged in [format!("{text}x.{signature}"), format!("{text}.x"), "x".to_owned()] {
            confirm(&server, &forged).await.expect_error(404, "NOT_FOUND");
            assert_eq!(server.anybody().get(&format!("/confirm-email?token={forged}")).await.status, 404);
        }
        ada.patch("/api/auth/me", json!({ "email": "other@example.org" })).await.expect(200);
        confirm(&server, &token).await.expect_error(404, "NOT_FOUND");
        assert!(!is_confirmed(&ada).await);
        let other = smtp.mail("other@example.org", 1).await.link(LINK);
        confirm(&server, &other).await.expect(204);
        assert!(is_confirmed(&ada).await);
    }

    async fn a_new_address_has_to_be_confirmed_and_the_old_one_gets_a_note(kind) {
        let (smtp, server) = mailing_to_unconfirmed(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        confirm(&server, &smtp.mail(&ada.email, 1).await.link(LINK)).await.expect(204);
        forget(&server, &ada.email).await.expect(204);
        let reset = smtp.mail(&ada.email, 2).await.link("http://tasks.test/reset-password?token=");
        let task = grace.task("Hers").await;

        let changed = ada.patch("/api/auth/me", json!({ "email": "New@example.org" })).await.expect(200);
        assert_eq!((&changed["email"], &changed["email_verified"]), (&json!("new@example.org"), &json!(false)));
        let note = smtp.mail(&ada.email, 3).await;
        assert_eq!(note.subject, "Your email address was changed");
        assert!(!note.text.contains("new@example.org"), "{}", note.text);
        assert_eq!(server.anybody().get(&format!("/reset-password?token={reset}")).await.status, 404, "the links die");
        for email in [ada.email.as_str(), "new@example.org"] {
            share(&grace, &task, email).await.expect_error(404, "NOT_FOUND");
        }
        confirm(&server, &smtp.mail("new@example.org", 1).await.link(LINK)).await.expect(204);
        share(&grace, &task, "new@example.org").await.expect(201);
        // The same address, and other fields, change nothing of that.
        ada.patch("/api/auth/me", json!({ "email": " NEW@example.org ", "name": "Ada L" })).await.expect(200);
        assert!(is_confirmed(&ada).await);
        none_waits(&server).await;
        assert_eq!(smtp.mails_to("new@example.org").len(), 1);
        let taken = ada.patch("/api/auth/me", json!({ "email": grace.email, "name": "X" })).await.expect_error(409, "CONFLICT");
        assert_eq!(taken["fields"]["email"], "is taken");
        assert_eq!(ada.get("/api/auth/me").await.expect(200)["name"], "Ada L");
    }

    async fn a_link_that_reached_the_mailbox_for_something_else_confirms_it_too(kind) {
        let (smtp, server) = mailing_to_unconfirmed(kind, &[]).await;
        let (ada, iris) = (server.user("Ada").await, server.user("Iris").await);
        confirm(&server, &smtp.mail(&iris.email, 1).await.link(LINK)).await.expect(204);
        let team = server.team(&iris, &[]).await;
        let invite = async |email: &str| {
            iris.post(&format!("/api/teams/{team}/invitations"), json!({ "email": email })).await.expect(201);
        };
        let sign_up = async |name: &str, email: &str, invitation: &str| {
            let new = json!({ "name": name, "email": email, "password": PASSWORD, "invitation": invitation });
            server.anybody().post("/api/auth/signup", new).await.expect(201)
        };
        invite("grace@example.org").await;
        let token = smtp.mail("grace@example.org", 1).await.link("http://tasks.test/invite?token=");
        assert_eq!(sign_up("Grace", "Grace@example.org", &token).await["email_verified"], true);
        // With another address, it proves nothing.
        invite("alan@example.org").await;
        let token = smtp.mail("alan@example.org", 1).await.link("http://tasks.test/invite?token=");
        assert_eq!(sign_up("Eve", "eve@example.org", &token).await["email_verified"], false);
        assert_eq!(smtp.mails_to("grace@example.org").len(), 1);

        // Choosing a password by a mailed link proves access to the address.
        assert_eq!(smtp.mail(&ada.email, 1).await.subject, SUBJECT);
        forget(&server, &ada.email).await.expect(204);
        let reset = smtp.mail(&ada.email, 2).await.link("http://tasks.test/reset-password?token=");
        let form = [("token", reset.as_str()), ("new_password", "brass-kettle-41-meadow")];
        assert_eq!(submit(&server, &server.anybody(), "reset_password", "/reset-password", &form).await.status, 303);
        let mut ada = ada;
        ada.sign_in("brass-kettle-41-meadow").await;
        assert!(is_confirmed(&ada).await);
    }

    async fn a_provider_that_has_verified_an_address_confirms_it(kind) {
        let (provider, smtp) = (Provider::start().await, SmtpServer::start(&[]));
        let address = format!("smtp://127.0.0.1:{}", smtp.port);
        let server = provider.server(kind, &settings(&address, &[])).await;
        let ada = server.user("Ada").await;
        let connecting = cookie_of(&provider.sign_in(&server, "ada", &ada.email, true).await, "identity").unwrap();
        assert!(!is_confirmed(&ada).await);
        identities::submit(&server, "connect_identity", &connecting, &[("password", PASSWORD)]).await;
        assert!(is_confirmed(&ada).await);
        ada.patch("/api/auth/me", json!({ "email": "new@example.org" })).await.expect(200);
        for (email, is_verified, confirms) in [(ada.email.as_str(), true, false), ("new@example.org", false, false), ("new@example.org", true, true)] {
            let done = provider.sign_in(&server, "ada", email, is_verified).await;
            assert_eq!(done.header("location"), "/tasks", "{}", done.text);
            assert_eq!(is_confirmed(&ada).await, confirms, "{email} {is_verified}");
        }
        let connecting = cookie_of(&provider.sign_in(&server, "new", "somebody@example.org", true).await, "identity").unwrap();
        let form = [("name", "New"), ("password", PASSWORD), ("time_zone", "UTC")];
        let done = identities::submit(&server, "sign_up_with_identity", &connecting, &form).await;
        assert_eq!(identities::who(&server, &done).await["email_verified"], true);
        none_waits(&server).await;
        assert!(smtp.mails_to("somebody@example.org").is_empty());
    }

    async fn the_mail_is_sent_again_three_times_an_hour(kind) {
        let limits = [("TALLYBOARD_LIMITS_ENABLED", "true")];
        let (smtp, server) = mailing_to_unconfirmed(kind, &limits).await;
        let ada = server.user("Ada").await;
        smtp.mail(&ada.email, 1).await;
        ada.touch("/api/auth/email/send").await.expect(204);
        let done = submit(&server, &ada, "send_confirmation", "/settings", &[]).await;
        assert_eq!((done.status, done.header("location")), (303, "/settings?saved=confirmation"), "{}", done.text);
        smtp.mail(&ada.email, 3).await;
        ada.touch("/api/auth/email/send").await.expect_error(429, "RATE_LIMITED");
        confirm(&server, &smtp.mails_to(&ada.email)[0].link(LINK)).await.expect(204);
        // Nothing is left to send.
        ada.touch("/api/auth/email/send").await.expect(204);
        let token = ada.personal(&["read", "write"]).await;
        token.touch("/api/auth/email/send").await.expect_error(403, "FORBIDDEN");
    }

    async fn without_mail_everybody_is_found_and_stays_so(kind) {
        let server = Server::start(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        assert!(is_confirmed(&ada).await && !ada.get("/dashboard").await.text.contains("value=\"send_confirmation\""));
        let changed = ada.patch("/api/auth/me", json!({ "email": "new@example.org" })).await.expect(200);
        assert_eq!(changed["email_verified"], json!(true));
        let task = grace.task("Hers").await;
        share(&grace, &task, "new@example.org").await.expect(201);
        // Somebody who has signed up while there was mail, and was found while there was none.
        server.sql(format!("UPDATE users SET email_verified_at = NULL WHERE id = '{}'", grace.id)).await;
        let (folder, url) = server.stop();
        let server = Server::start_on(kind, folder, url, &[]);
        let ada = ada.with_base(&server.base);
        let hers = ada.task("Mine").await;
        share(&ada, &hers, &grace.email).await.expect(201);
        let (folder, url) = server.stop();
        let smtp = SmtpServer::start(&[]);
        let address = format!("smtp://127.0.0.1:{}", smtp.port);
        let server = Server::start_on(kind, folder, url, &settings(&address, &[]));
        let ada = ada.with_base(&server.base);
        let other = ada.task("Another").await;
        share(&ada, &other, &grace.email).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_many_addresses_has_to_wait() {
    let limits = [("TALLYBOARD_LIMITS_ENABLED", "true"), ("TALLYBOARD_LIMITS_SIGN_UPS_PER_MINUTE", "1000")];
    let server = Server::start(Kind::Sqlite, &limits).await;
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let (task, team) = (ada.task("Mine").await, server.team(&ada, &[]).await);
    for number in 0..15 {
        let email = json!({ "email": format!("nobody{number}@example.org") });
        ada.post(&format!("/api/teams/{team}/members"), email.clone()).await.expect_error(404, "NOT_FOUND");
        ada.post(&format!("/api/tasks/{task}/shares"), email).await.expect_error(404, "NOT_FOUND");
    }
    // The answer must not reveal whether somebody has the address.
    for email in ["other@example.org", &grace.email] {
        share(&ada, &task, email).await.expect_error(429, "RATE_LIMITED");
    }
    // Somebody else at the same address still can.
    let hers = grace.task("Hers").await;
    share(&grace, &hers, &ada.email).await.expect(201);
    let taken = json!({ "name": "X", "email": ada.email, "password": PASSWORD });
    for _ in 0..30 {
        server.anybody().post("/api/auth/signup", taken.clone()).await.expect_error(409, "CONFLICT");
    }
    let refused: Value = server.anybody().post("/api/auth/signup", taken).await.expect_error(429, "RATE_LIMITED");
    assert_eq!(refused["error"], "Too many email addresses tried");
    let page = grace.request(Method::GET, "/api/tasks");
    grace.send(page).await.expect(200);
}
