//! Accounts on the command line: listing, adding, disabling, deleting, and links to choose a password.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Assistant, Client, Kind, PASSWORD, Server, Socket, binary, oauth, until};

const OTHER_PASSWORD: &str = "brass-kettle-41-meadow";

/// What a command printed to standard output and to standard error, and whether it succeeded.
fn user(server: &Server, arguments: &[&str]) -> (bool, String, String) {
    let command = &mut binary(&server.folder);
    let done = command.arg("user").args(arguments).env("DATABASE_URL", &server.url).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    (done.status.success(), text(&done.stdout), text(&done.stderr))
}

fn succeed(server: &Server, arguments: &[&str]) -> String {
    let (ok, stdout, stderr) = user(server, arguments);
    assert!(ok, "{arguments:?}: {stderr}");
    stdout
}

/// The secret of a link that was printed.
fn secret(link: &str) -> String {
    assert_eq!(link.lines().count(), 1, "{link}");
    link.split_once("/reset-password?token=").unwrap_or_else(|| panic!("{link}")).1.to_owned()
}

async fn choose(server: &Server, token: &str, new_password: &str) -> Answer {
    let page = format!("{}/reset-password?token={token}", server.base);
    let form = [("token", token), ("new_password", new_password)];
    server.anybody().form("reset_password", None, &server.base, &page, &form).await
}

async fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    server.anybody().post("/api/auth/signin", json!({ "email": email, "password": password })).await
}

async fn refused_soon(ask: impl AsyncFnMut() -> u16) {
    until(Duration::from_secs(5), ask, |status| *status == 401).await;
}

on_both_databases! {
    async fn a_disabled_account_loses_all_access_and_gets_it_back_when_enabled(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let task = ada.task("Stays").await;
        server.share(&task, &ada, &grace, "view").await;
        let token = ada.personal(&["read", "write"]).await;
        let app = oauth::App::register(&server, "App").await;
        let tokens = app.connect(&ada, "read").await;
        let assistant = Assistant::of(&oauth::holder(&ada, &tokens));
        let mut socket = Socket::of(&server, &ada).await;
        let link = secret(&succeed(&server, &["reset-password", &ada.email]));

        succeed(&server, &["disable", &ada.email.to_uppercase()]);
        refused_soon(async || ada.get("/api/tasks").await.status).await;
        refused_soon(async || token.get("/api/tasks").await.status).await;
        refused_soon(async || assistant.answer("tools/list", json!({})).await.status).await;
        assert_eq!(socket.closed().await, 1008);
        assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(400)["error"], "invalid_grant");
        assert_eq!(server.anybody().get(&format!("/reset-password?token={link}")).await.status, 404);
        let error = sign_in(&server, &ada.email, PASSWORD).await.expect_error(403, "FORBIDDEN");
        assert_eq!(error["error"], "This account is disabled");
        // Only who knows the password learns it.
        let wrong = sign_in(&server, &ada.email, "wrong").await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(wrong["error"], "The email or the password is wrong");
        let listed = succeed(&server, &["list"]);
        let states: Vec<_> = listed.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
        assert_eq!(states, ["disabled", "enabled"], "{listed}");
        // What the account owns stays where it is.
        assert_eq!(grace.get(&format!("/api/tasks/{task}")).await.expect(200)["user_id"], ada.id);

        succeed(&server, &["enable", &ada.email]);
        ada.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        token.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        let again = sign_in(&server, &ada.email, PASSWORD).await.expect(200);
        let ada = ada.with_token(again["access_token"].as_str().unwrap());
        assert_eq!(ada.listed("/api/tasks", "title").await, ["Stays"]);
        let actions = ada.listed("/api/audit", "action").await;
        for action in ["auth.account_disabled", "auth.account_enabled", "auth.password_link_created"] {
            assert!(actions.iter().any(|done| done == action), "{action}: {actions:?}");
        }
    }

    async fn a_row_that_slips_in_while_an_account_is_disabled_lets_nobody_in(server) {
        let ada = server.user("Ada").await;
        let token = ada.personal(&["read"]).await;
        succeed(&server, &["disable", &ada.email]);
        server.sql("UPDATE sessions SET revoked_at = NULL; UPDATE access_tokens SET revoked_at = NULL".to_owned()).await;
        refused_soon(async || ada.get("/api/tasks").await.status).await;
        refused_soon(async || token.get("/api/tasks").await.status).await;
    }

    async fn a_link_sets_the_password_once_and_ends_every_session(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let old = secret(&succeed(&server, &["reset-password", &ada.email]));
        let link = secret(&succeed(&server, &["reset-password", &ada.email]));
        let graces = secret(&succeed(&server, &["reset-password", &grace.email]));
        assert_ne!(old, link);
        let anybody = server.anybody();
        let page = anybody.get(&format!("/reset-password?token={link}")).await;
        assert!(page.status == 200 && page.text.contains(&ada.email) && !page.text.contains(&grace.email), "{}", page.text);
        assert_eq!(page.header("cache-control"), "no-store");
        for wrong in ["", "x", &old, "%00", &link[1..]] {
            assert_eq!(anybody.get(&format!("/reset-password?token={wrong}")).await.status, 404, "{wrong}");
            assert_eq!(choose(&server, wrong, OTHER_PASSWORD).await.status, 404, "{wrong}");
        }
        // A password that is easily guessed does not use the link up.
        let weak = choose(&server, &link, "password1").await;
        assert!(weak.status == 422 && weak.text.contains("field-error") && !weak.text.contains("password1"), "{}", weak.text);

        let both = tokio::join!(choose(&server, &link, OTHER_PASSWORD), choose(&server, &link, OTHER_PASSWORD));
        let mut answers = [&both.0, &both.1].map(|answer| (answer.status, answer.header("location")));
        answers.sort();
        assert_eq!(answers, [(303, "/signin?reset=done"), (404, "")]);
        ada.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        sign_in(&server, &ada.email, PASSWORD).await.expect_error(401, "UNAUTHORIZED");
        sign_in(&server, &ada.email, OTHER_PASSWORD).await.expect(200);
        assert!(anybody.get("/signin?reset=done").await.text.contains("Your password is changed"));
        // Nothing happened to Grace, whose link is too old an hour later.
        grace.get("/api/tasks").await.expect(200);
        let past = if server.kind == Kind::Sqlite { "'2026-01-01T00:00:00.000000+00:00'" } else { "'2026-01-01'" };
        assert_eq!(anybody.get(&format!("/reset-password?token={graces}")).await.status, 200);
        server.sql(format!("UPDATE password_links SET expires_at = {past}")).await;
        assert_eq!(anybody.get(&format!("/reset-password?token={graces}")).await.status, 404);
    }

    async fn the_operator_lists_and_deletes(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&ada, &[(&grace, "member")]).await;
        let listed = succeed(&server, &["list", "--json"]);
        let accounts: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(accounts.len(), 2);
        assert_eq!((&accounts[0]["id"], &accounts[0]["email"]), (&json!(ada.id), &json!(ada.email)));
        assert!(accounts[0]["last_seen_at"].is_string() && accounts[0]["disabled_at"].is_null(), "{listed}");
        assert!(!listed.contains("argon2"), "{listed}");

        let (ok, _, stderr) = user(&server, &["delete", &ada.email]);
        assert!(!ok && stderr.contains("--yes"), "{stderr}");
        ada.get("/api/tasks").await.expect(200);
        succeed(&server, &["delete", &ada.email, "--yes"]);
        refused_soon(async || ada.get("/api/tasks").await.status).await;
        assert_eq!(grace.get(&format!("/api/teams/{team}")).await.expect(200)["owner_id"], grace.id);
        for command in [&["delete", "--yes"][..], &["disable"], &["enable"], &["reset-password"]] {
            let (ok, stdout, stderr) = user(&server, &[command, &[ada.email.as_str()]].concat());
            assert!(!ok && stdout.is_empty() && stderr.contains("No account uses this email address"), "{command:?}: {stdout} {stderr}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_account_chooses_its_password_also_where_nobody_may_sign_up() {
    let variables = [("TALLYBOARD_AUTH_ALLOW_SIGNUP", "false")];
    let server = Server::start(Kind::Sqlite, &variables).await;
    let add = ["add", "ada@example.org", "--name", "Ada", "--time-zone", "Europe/Berlin"];
    let link = secret(&succeed(&server, &add));
    let (ok, stdout, stderr) = user(&server, &add);
    assert!(!ok && stdout.is_empty() && stderr.contains("email"), "{stdout} {stderr}");
    let (ok, _, stderr) = user(&server, &["add", "nobody", "--name", ""]);
    assert!(!ok && stderr.contains("email") && stderr.contains("name"), "{stderr}");
    assert_eq!(choose(&server, &link, OTHER_PASSWORD).await.header("location"), "/signin?reset=done");
    let signed_in = sign_in(&server, "ada@example.org", OTHER_PASSWORD).await.expect(200);
    let ada: Client = server.anybody().with_token(signed_in["access_token"].as_str().unwrap());
    assert_eq!(ada.get("/api/auth/me").await.expect(200)["time_zone"], "Europe/Berlin");
    let activity = ada.send(ada.request(Method::GET, "/settings/activity")).await;
    assert!(activity.text.contains("An administrator created the account"), "{}", activity.text);
}
