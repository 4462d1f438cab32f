//! Mails: the forgotten password, and an SMTP server that is dead, slow or lying.

use std::{
    net::TcpListener,
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    notifications,
    support::{Answer, Kind, PASSWORD, Server, SmtpServer, binary, scalar, until},
};

pub const PUBLIC_URL: &str = "http://tasks.test";
const FROM: &str = "Tallyboard <tasks@tasks.test>";
const OTHER_PASSWORD: &str = "brass-kettle-41-meadow";

/// The settings of a server that sends mails by this port, and more of them.
pub fn settings<'a>(server: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mail = [
        ("TALLYBOARD_MAIL_SERVER", server),
        ("TALLYBOARD_MAIL_FROM", FROM),
        ("TALLYBOARD_SERVER_PUBLIC_URL", PUBLIC_URL),
    ];
    mail.into_iter().chain(more.iter().copied()).collect()
}

/// A server that sends mails, whose new accounts have confirmed addresses.
pub async fn mailing(kind: Kind, more: &[(&str, &str)]) -> (SmtpServer, Server) {
    let (smtp, server) = mailing_to_unconfirmed(kind, more).await;
    server.confirm_new_addresses().await;
    (smtp, server)
}

/// A server that sends mails, also to confirm the addresses of new accounts.
pub async fn mailing_to_unconfirmed(kind: Kind, more: &[(&str, &str)]) -> (SmtpServer, Server) {
    let smtp = SmtpServer::start(&[]);
    let address = format!("smtp://127.0.0.1:{}", smtp.port);
    let server = Server::start(kind, &settings(&address, more)).await;
    (smtp, server)
}

pub async fn forget(server: &Server, email: &str) -> Answer {
    server.anybody().post("/api/auth/password/forgot", json!({ "email": email })).await
}

/// Every mail that waits may be sent now; something new has the server look.
pub async fn send_waiting_now(server: &Server, wake_with: &str) {
    server.sql(format!("UPDATE outbox SET next_attempt_at = {}", past(server))).await;
    forget(server, wake_with).await.expect(204);
}

pub fn past(server: &Server) -> &'static str {
    if server.kind == Kind::Sqlite { "'2026-01-01T00:00:00.000000+00:00'" } else { "'2026-01-01'" }
}

async fn waiting(server: &Server) -> i64 {
    scalar(&server.url, "SELECT COUNT(*) FROM outbox").await
}

pub async fn none_waits(server: &Server) {
    until(Duration::from_secs(30), async || waiting(server).await, |count| *count == 0).await;
}

on_both_kinds! {
    async fn a_forgotten_password_gets_a_reset_link_by_mail(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        server.sql(format!("UPDATE users SET disabled_at = {} WHERE id = '{}'", past(&server), eve.id)).await;
        for email in ["stranger@example.org", &eve.email, &ada.email.to_uppercase()] {
            assert_eq!(forget(&server, email).await.expect(204), Value::Null, "{email}");
        }
        let mail = smtp.mail(&ada.email, 1).await;
        assert_eq!((mail.from.as_str(), mail.subject.as_str()), ("\"Tallyboard\" <tasks@tasks.test>", "Choose a new password for Tallyboard"));
        assert!(mail.headers.contains(&"auto-submitted".to_owned()) && mail.id.ends_with("@tasks.test>"), "{mail:?}");
        let token = mail.link("http://tasks.test/reset-password?token=");
        assert!(mail.html.contains(&token) && mail.text.contains("Hello Ada,"), "{mail:?}");
        none_waits(&server).await;

        let page = format!("{PUBLIC_URL}/reset-password?token={token}");
        let form = [("token", token.as_str()), ("new_password", OTHER_PASSWORD)];
        let done = server.anybody().form("reset_password", None, PUBLIC_URL, &page, &form).await;
        assert_eq!((done.status, done.header("location")), (303, "/signin?reset=done"), "{}", done.text);
        ada.get("/api/auth/me").await.expect_error(401, "UNAUTHORIZED");
        let sign_in = json!({ "email": ada.email, "password": OTHER_PASSWORD });
        server.anybody().post("/api/auth/signin", sign_in).await.expect(200);
        assert_eq!(smtp.mail(&ada.email, 2).await.subject, "Your password was changed");
        // A second link ends the first; nobody else got any.
        forget(&server, &ada.email).await.expect(204);
        let first = smtp.mail(&ada.email, 3).await.link("http://tasks.test/reset-password?token=");
        forget(&server, &ada.email).await.expect(204);
        smtp.mail(&ada.email, 4).await;
        assert_eq!(server.anybody().get(&format!("/reset-password?token={first}")).await.status, 404);
        assert!(smtp.mails_to("stranger@example.org").is_empty() && smtp.mails_to(&eve.email).is_empty());
        // No user is signed in, so the key belongs to nobody and is ignored.
        let body = json!({ "email": "stranger@example.org" });
        server.anybody().post_with("/api/auth/password/forgot", body, ("idempotency-key", "k")).await.expect(204);
        let error = forget(&server, "nobody").await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["email"].is_string(), "{error}");
    }

    async fn the_form_for_a_forgotten_password_says_the_same_to_everybody(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let ada = server.user("Ada").await;
        let anybody = server.anybody();
        assert!(anybody.get("/signin").await.text.contains("href=\"/forgot-password\""));
        let submit = async |email: &str| {
            let page = format!("{PUBLIC_URL}/forgot-password");
            anybody.form("forgot_password", None, PUBLIC_URL, &page, &[("email", email)]).await
        };
        for email in ["stranger@example.org", &ada.email] {
            let done = submit(email).await;
            assert_eq!((done.status, done.header("location")), (303, "/forgot-password?sent=done"), "{}", done.text);
        }
        let page = anybody.get("/forgot-password?sent=done").await;
        assert!(page.text.contains("If there is an account with this address"), "{}", page.text);
        smtp.mail(&ada.email, 1).await;
        let wrong = submit("nobody").await;
        assert!(wrong.text.contains("field-error") && wrong.text.contains("value=\"nobody\""), "{}", wrong.text);
        let form = [("email", ada.email.as_str())];
        let foreign = anybody.form("forgot_password", None, "https://evil.example", "/forgot-password", &form).await;
        assert_eq!(foreign.status, 403);
    }

    async fn an_account_gets_few_links_in_an_hour_and_nobody_learns_it(kind) {
        let limits = [("TALLYBOARD_LIMITS_ENABLED", "true"), ("TALLYBOARD_LIMITS_SIGN_INS_PER_MINUTE", "100"),
            ("TALLYBOARD_LIMITS_MAILS_PER_HOUR", "2")];
        let (smtp, server) = mailing(kind, &limits).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        for _ in 0..6 {
            forget(&server, &ada.email).await.expect(204);
        }
        smtp.mail(&ada.email, 3).await;
        // One after the other: the later mail has arrived, and no fourth for Ada.
        forget(&server, &grace.email).await.expect(204);
        smtp.mail(&grace.email, 1).await;
        none_waits(&server).await;
        assert_eq!(smtp.mails_to(&ada.email).len(), 3);

        let team = server.team(&ada, &[]).await;
        let invite = async |email: &str| ada.post(&format!("/api/teams/{team}/invitations"), json!({ "email": email })).await;
        for email in ["one@example.org", "two@example.org"] {
            invite(email).await.expect(201);
        }
        let refused = invite("three@example.org").await;
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 60), "{refused:?}");
        refused.expect_error(429, "RATE_LIMITED");
        ada.post(&format!("/api/teams/{team}/invitations"), json!({})).await.expect(201);
    }

    async fn mails_wait_while_the_smtp_server_is_down_and_survive_a_restart(kind) {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("smtp://127.0.0.1:{port}");
        let variables = settings(&address, &[]);
        let server = Server::start(kind, &variables).await;
        server.confirm_new_addresses().await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        forget(&server, &ada.email).await.expect(204);
        let attempts = async || scalar(&server.url, "SELECT COALESCE(MAX(attempts), 0) FROM outbox").await;
        until(Duration::from_secs(20), attempts, |attempts| *attempts == 1).await;
        // The next request works, and queued mails stay queued.
        ada.task("Meanwhile").await;
        let (folder, url) = server.stop();
        let smtp = SmtpServer::start(&["--port", &port.to_string()]);
        let server = Server::start_on(kind, folder, url, &variables);
        send_waiting_now(&server, &grace.email).await;
        smtp.mail(&ada.email, 1).await;
        smtp.mail(&grace.email, 1).await;
        none_waits(&server).await;
    }

    async fn a_mail_that_is_rejected_does_not_hold_up_others_and_a_lost_answer_loses_no_mail(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        // No such mailbox; not now; no way to write the address; kept, but the connection breaks before the answer.
        for name in ["Nobody", "Later", "Jurgen", "Lost", "Ada"] {
            server.user(name).await;
        }
        // From before such addresses were refused.
        server.sql("UPDATE users SET email = 'jürgen@example.org' WHERE email = 'jurgen@example.org'".to_owned()).await;
        for name in ["nobody", "later", "jürgen", "ada"] {
            forget(&server, &format!("{name}@example.org")).await.expect(204);
        }
        smtp.mail("ada@example.org", 1).await;
        until(Duration::from_secs(20), async || waiting(&server).await, |count| *count == 2).await;
        forget(&server, "lost@example.org").await.expect(204);
        let first = smtp.mail("lost@example.org", 1).await;
        until(Duration::from_secs(20), async || waiting(&server).await, |count| *count == 3).await;
        send_waiting_now(&server, "ada@example.org").await;
        smtp.mail("later@example.org", 1).await;
        let second = smtp.mail("lost@example.org", 2).await;
        assert_eq!(first.id, second.id, "a mailbox can tell that it is the same mail");
        until(Duration::from_secs(20), async || waiting(&server).await, |count| *count == 1).await;
        assert!(smtp.mails_to("nobody@example.org").is_empty());
        // The link of the last mail works.
        let token = second.link("http://tasks.test/reset-password?token=");
        assert_eq!(server.anybody().get(&format!("/reset-password?token={token}")).await.status, 200);
    }

    async fn a_mail_is_dropped_after_a_day_of_failures(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (later, ada) = (server.user("Later").await, server.user("Ada").await);
        forget(&server, &later.email).await.expect(204);
        until(Duration::from_secs(20), async || waiting(&server).await, |count| *count == 1).await;
        server.sql(format!("UPDATE outbox SET created_at = {}", past(&server))).await;
        // The mailbox would take it the second time: the age of a mail counts when an attempt fails.
        send_waiting_now(&server, &ada.email).await;
        smtp.mail(&later.email, 1).await;
        none_waits(&server).await;
        let other = server.user("Later On").await;
        forget(&server, &other.email).await.expect(204);
        until(Duration::from_secs(20), async || waiting(&server).await, |count| *count == 1).await;
        drop(smtp);
        server.sql(format!("UPDATE outbox SET created_at = {}", past(&server))).await;
        server.sql(format!("UPDATE outbox SET next_attempt_at = {}", past(&server))).await;
        none_waits(&server).await;
    }

}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_smtp_server_everything_that_needs_one_says_so() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let error = forget(&server, &ada.email).await.expect_error(403, "FORBIDDEN");
    assert_eq!(error["error"], "This server doesn't send email");
    assert!(!server.anybody().get("/signin").await.text.contains("/forgot-password"));
    assert!(server.anybody().get("/forgot-password").await.text.contains("This server doesn't send email."));
    let team = server.team(&ada, &[]).await;
    let refused = ada.post(&format!("/api/teams/{team}/invitations"), json!({ "email": "x@example.org" })).await;
    assert!(refused.expect_error(422, "VALIDATION_ERROR")["fields"]["email"].is_string());
    assert!(!ada.get(&format!("/teams/{team}")).await.text.contains("invitation_email"));
    assert!(
        notifications::choose_mails(&ada, &["due_today"]).await.expect_error(422, "VALIDATION_ERROR")["fields"]["choices"]
            .is_string()
    );
    assert_eq!(notifications::choose(&ada, &[]).await.expect(200), json!({ "choices": [], "sends_mail": false }));
    assert!(ada.get("/settings/notifications").await.text.contains("This server doesn't send email."));
}

/// A key and a certificate for `localhost`, in a folder.
fn certificate(folder: &TempDir) -> [String; 2] {
    let files = ["key.pem", "cert.pem"].map(|name| folder.path().join(name).display().to_string());
    let done = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", &files[0], "-out", &files[1]])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(done.success());
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_sent_to_a_server_with_a_trusted_certificate_alone() {
    let folder = TempDir::new().unwrap();
    let [key, cert] = certificate(&folder);
    let smtp = SmtpServer::start(&["--key", &key, "--cert", &cert, "--user", "me", "--password", "secret"]);
    let address = format!("smtp://localhost:{}?tls=required", smtp.port);
    let test_mail = |password: &str, trusted: bool| {
        let mut command = binary(&folder);
        let credentials = [("TALLYBOARD_MAIL_USER", "me"), ("TALLYBOARD_MAIL_PASSWORD", password)];
        command.args(["test-mail", "ada@example.org"]).envs(settings(&address, &credentials));
        if trusted {
            command.env("SSL_CERT_FILE", &cert);
        }
        let done = command.output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    };
    let (sent, said) = test_mail("secret", false);
    assert!(!sent && said.contains("certificate"), "{said}");
    let (sent, said) = test_mail("wrong", true);
    assert!(!sent && said.contains("wrong password") && !said.contains("secret"), "{said}");
    let (sent, said) = test_mail("secret", true);
    assert!(sent, "{said}");
    let mail = smtp.mail("ada@example.org", 1).await;
    assert!(mail.secure && mail.text.contains("This server can send mails."), "{mail:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tries_the_smtp_server() {
    let (smtp, server) = mailing(Kind::Sqlite, &[]).await;
    let address = format!("smtp://127.0.0.1:{}", smtp.port);
    let doctor = |address: &str| {
        let mut command = binary(&server.folder);
        command.args(["doctor", "--json"]).env("DATABASE_URL", &server.url).envs(settings(address, &[]));
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let findings = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        findings.into_iter().find(|finding| finding["check"] == "mail").unwrap()
    };
    assert_eq!(doctor(&address)["level"], "ok");
    drop(smtp);
    let finding = doctor(&address);
    assert!(finding["level"] == "error" && finding["message"].as_str().unwrap().contains(&address), "{finding}");
    // Nothing that is set wrong starts.
    let mut command = binary(&server.folder);
    let done = command.arg("serve").env("TALLYBOARD_MAIL_SERVER", "smtps://relay").output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(!done.status.success() && said.contains("mail.from"), "{said}");
    let sign_in = json!({ "email": "nobody@example.org", "password": PASSWORD });
    server.anybody().post("/api/auth/signin", sign_in).await.expect_error(401, "UNAUTHORIZED");
}
