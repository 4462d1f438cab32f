//! Signing in with a code in addition to the password.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::support::{Answer, Client, Kind, PASSWORD, Server, binary, scalar};

/// The app on somebody's phone.
pub struct App(String);

impl App {
    /// The code of the present half minute, or of one before or after it.
    pub fn code(&self, half_minutes: i64) -> String {
        let secret = Secret::try_from_base32(&self.0).unwrap();
        let totp = Builder::new().with_secret(secret).with_account_name("a").build().unwrap();
        let seconds = chrono::Utc::now().timestamp() + 30 * half_minutes;
        totp.generate(seconds.try_into().unwrap()).to_string()
    }
}

async fn confirm(who: &Client, code: &str) -> Answer {
    who.post("/api/auth/two-step/confirm", json!({ "code": code })).await
}

/// Sets the second step up with the present code. The next one is accepted already, and is left for the test.
pub async fn set_up(who: &Client) -> (App, Vec<String>) {
    let begun = who.post("/api/auth/two-step", json!({ "password": PASSWORD })).await.expect(201);
    let app = App(begun["secret"].as_str().unwrap().to_owned());
    let codes = confirm(who, &app.code(0)).await.expect(200);
    let codes = codes["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (app, codes.collect())
}

async fn sign_in(server: &Server, email: &str, code: Option<&str>) -> Answer {
    let credentials = json!({ "email": email, "password": PASSWORD, "code": code });
    server.anybody().post("/api/auth/signin", credentials).await
}

async fn end(who: &Client, password: &str, code: &str) -> Answer {
    let body = json!({ "password": password, "code": code });
    who.send(who.request(Method::DELETE, "/api/auth/two-step").json(&body)).await
}

/// The text in the box with this label.
fn in_box<'a>(page: &'a str, label: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("aria-label=\"{label}\"")).unwrap_or_else(|| panic!("{label}: {page}"));
    rest.split_once('>').unwrap().1.split('<').next().unwrap()
}

/// What a browser sends for a form.
async fn submit(server: &Server, name: &str, page: &str, form: &[(&str, &str)]) -> Answer {
    let page = format!("{}{page}", server.base);
    server.anybody().form(name, None, &server.base, &page, form).await
}

on_both_databases! {
    async fn signing_in_needs_a_code_that_works_once(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        assert_eq!(ada.get("/api/auth/two-step").await.expect(200), json!({ "enabled": false, "recovery_codes_left": 0 }));
        let wrong = ada.post("/api/auth/two-step", json!({ "password": "wrong" })).await.expect_error(422, "VALIDATION_ERROR");
        assert!(wrong["fields"]["password"].is_string(), "{wrong}");
        confirm(&ada, "123456").await.expect_error(404, "NOT_FOUND");
        let begun = ada.post("/api/auth/two-step", json!({ "password": PASSWORD })).await.expect(201);
        let url = begun["url"].as_str().unwrap();
        assert!(url.starts_with("otpauth://totp/Tallyboard:ada%40example.org?") && url.contains(begun["secret"].as_str().unwrap()), "{url}");
        // Signing in requires no code until one has proved that the app works.
        sign_in(&server, &ada.email, None).await.expect(200);
        let app = App(begun["secret"].as_str().unwrap().to_owned());
        confirm(&ada, &app.code(-4)).await.expect_error(422, "VALIDATION_ERROR");
        let used = app.code(0);
        let confirmed = confirm(&ada, &used).await.expect(200);
        assert_eq!(confirmed["recovery_codes"].as_array().unwrap().len(), 10);
        assert_eq!(ada.get("/api/auth/two-step").await.expect(200), json!({ "enabled": true, "recovery_codes_left": 10 }));
        confirm(&ada, &app.code(1)).await.expect_error(404, "NOT_FOUND");
        ada.post("/api/auth/two-step", json!({ "password": PASSWORD })).await.expect_error(409, "CONFLICT");

        let needed = sign_in(&server, &ada.email, None).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!((&needed["error"], needed["fields"]["code"].is_string()), (&json!("A sign-in code is also required"), true));
        // Without the password nobody learns that a code is needed.
        let stranger = json!({ "email": ada.email, "password": "wrong" });
        let refused = server.anybody().post("/api/auth/signin", stranger).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!((&refused["error"], &refused["fields"]), (&json!("The email or the password is wrong"), &Value::Null));
        for code in ["000000", "", "12345", "１２３４５６", &used, &app.code(-4), &app.code(4)] {
            sign_in(&server, &ada.email, Some(code)).await.expect_error(401, "UNAUTHORIZED");
        }
        let code = app.code(1);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        let (first, second) = tokio::join!(sign_in(&server, &ada.email, Some(&code)), sign_in(&server, &ada.email, Some(&spaced)));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "of two at once one gets in");
        // It is Ada's alone.
        sign_in(&server, &eve.email, None).await.expect(200);
        sign_in(&server, &eve.email, Some("000000")).await.expect(200);
        let actions = ada.listed("/api/audit", "action").await;
        assert!(actions.contains(&"auth.two_step_enabled".to_owned()), "{actions:?}");
    }

    async fn codes_are_refused_after_ten_wrong_ones_wherever_they_come_from(server) {
        let ada = server.user("Ada").await;
        let (app, codes) = set_up(&ada).await;
        // Attempts without the password don't count.
        for _ in 0..12 {
            let stranger = json!({ "email": ada.email, "password": "wrong", "code": "000000" });
            server.anybody().post("/api/auth/signin", stranger).await.expect_error(401, "UNAUTHORIZED");
        }
        let guesses = (0..14).map(|guess| {
            let code = if guess % 2 == 0 { format!("00000{}", guess % 10) } else { format!("aaaa-bbbb-cccc-ddd{}", guess % 10) };
            let server = &server;
            let email = &ada.email;
            async move { sign_in(server, email, Some(&code)).await.status }
        });
        let mut statuses = futures::future::join_all(guesses).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [&[401; 10][..], &[429; 4]].concat());
        // The right ones get the same answer, and are not used up.
        let wrong = sign_in(&server, &ada.email, Some("000000")).await;
        let wait: u64 = wrong.header("retry-after").parse().unwrap();
        assert!((800..=901).contains(&wait), "{wait}");
        let wrong = wrong.expect_error(429, "RATE_LIMITED");
        for code in [&app.code(1), &codes[0]] {
            assert_eq!(sign_in(&server, &ada.email, Some(code)).await.expect_error(429, "RATE_LIMITED"), wrong);
        }
        let needed = sign_in(&server, &ada.email, None).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(needed["error"], "A sign-in code is also required");
        // Signed-in sessions continue, and the user is notified.
        ada.get("/api/tasks").await.expect(200);
        let actions = ada.listed("/api/audit", "action").await;
        assert_eq!(actions.iter().filter(|action| *action == "auth.codes_refused").count(), 1, "{actions:?}");
        assert!(ada.get("/settings/activity").await.text.contains("entered too many wrong codes"));
        let mails = "SELECT COUNT(*) FROM outbox WHERE kind = 'account_codes_refused'";
        assert_eq!(scalar(&server.url, mails).await, 1);

        // The second time it's twice as long.
        let over = format!("UPDATE two_step SET refused_until = created_at WHERE user_id = '{}'", ada.id);
        server.sql(over.clone()).await;
        for _ in 0..10 {
            sign_in(&server, &ada.email, Some("000000")).await.expect_error(401, "UNAUTHORIZED");
        }
        let wait: u64 = sign_in(&server, &ada.email, Some("000000")).await.header("retry-after").parse().unwrap();
        assert!((1700..=1801).contains(&wait), "{wait}");
        // A new password ends the wait: a guesser doesn't know it.
        let change = json!({ "current_password": PASSWORD, "new_password": "brass-kettle-41-meadow" });
        ada.post("/api/auth/password", change).await.expect(204);
        let credentials = json!({ "email": ada.email, "password": "brass-kettle-41-meadow", "code": codes[0] });
        server.anybody().post("/api/auth/signin", credentials).await.expect(200);
    }

    async fn a_right_code_forgets_the_wrong_ones_and_so_does_time(server) {
        let ada = server.user("Ada").await;
        let (_, codes) = set_up(&ada).await;
        let nine_wrong = async || {
            for _ in 0..9 {
                sign_in(&server, &ada.email, Some("000000")).await.expect_error(401, "UNAUTHORIZED");
            }
        };
        nine_wrong().await;
        sign_in(&server, &ada.email, Some(&codes[0])).await.expect(200);
        nine_wrong().await;
        let long_ago = if server.kind == Kind::Sqlite { "'2026-01-01T00:00:00.000000+00:00'" } else { "'2026-01-01'" };
        server.sql(format!("UPDATE two_step SET wrong_since = {long_ago}")).await;
        nine_wrong().await;
        sign_in(&server, &ada.email, Some(&codes[1])).await.expect(200);
    }

    async fn after_the_clock_was_set_back_only_used_codes_are_refused(server) {
        let ada = server.user("Ada").await;
        let (app, _) = set_up(&ada).await;
        // A code of an hour from now was accepted while the clock was wrong.
        let step = chrono::Utc::now().timestamp() / 30 + 120;
        server.sql(format!("UPDATE two_step SET used_steps = '{step}'")).await;
        let [code, next] = [app.code(0), app.code(1)];
        sign_in(&server, &ada.email, Some(&next)).await.expect(200);
        // The previous one wasn't used.
        sign_in(&server, &ada.email, Some(&code)).await.expect(200);
        for used in [&code, &next] {
            sign_in(&server, &ada.email, Some(used)).await.expect_error(401, "UNAUTHORIZED");
        }
    }

    async fn a_recovery_code_signs_in_once(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (_, codes) = set_up(&ada).await;
        let (_, others) = set_up(&eve).await;
        let typed = codes[0].to_uppercase().replace('-', " ");
        let (first, second) = tokio::join!(sign_in(&server, &ada.email, Some(&typed)), sign_in(&server, &ada.email, Some(&codes[0])));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401]);
        sign_in(&server, &ada.email, Some(&others[0])).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(ada.get("/api/auth/two-step").await.expect(200)["recovery_codes_left"], 9);
        assert!(ada.listed("/api/audit", "action").await.contains(&"auth.recovery_code_used".to_owned()));
        let stored = format!("SELECT COUNT(*) FROM recovery_codes WHERE code_hash = '{}'", codes[1]);
        assert_eq!(scalar(&server.url, &stored).await, 0, "only a hash is kept");
    }

    async fn it_ends_with_password_and_code_together(server) {
        let ada = server.user("Ada").await;
        let (app, codes) = set_up(&ada).await;
        let wrong = end(&ada, "wrong", &app.code(1)).await.expect_error(422, "VALIDATION_ERROR");
        assert!(wrong["fields"]["password"].is_string(), "{wrong}");
        let wrong = end(&ada, PASSWORD, "000000").await.expect_error(422, "VALIDATION_ERROR");
        assert!(wrong["fields"]["code"].is_string(), "{wrong}");
        // A wrong password has not used the code up.
        end(&ada, PASSWORD, &app.code(1)).await.expect(204);
        sign_in(&server, &ada.email, None).await.expect(200);
        assert_eq!(ada.get("/api/auth/two-step").await.expect(200), json!({ "enabled": false, "recovery_codes_left": 0 }));
        end(&ada, PASSWORD, &codes[0]).await.expect_error(404, "NOT_FOUND");
        // Another app, with its own codes.
        let (again, _) = set_up(&ada).await;
        assert_ne!(again.0, app.0);
        sign_in(&server, &ada.email, Some(&codes[1])).await.expect_error(401, "UNAUTHORIZED");
        sign_in(&server, &ada.email, Some(&again.code(1))).await.expect(200);
    }

    async fn tokens_do_not_reach_it_and_an_operator_ends_it(server) {
        let ada = server.user("Ada").await;
        let token = ada.personal(&["read", "write"]).await;
        set_up(&ada).await;
        token.get("/api/auth/two-step").await.expect_error(403, "FORBIDDEN");
        token.post("/api/auth/two-step", json!({ "password": PASSWORD })).await.expect_error(403, "FORBIDDEN");
        confirm(&token, "123456").await.expect_error(403, "FORBIDDEN");
        end(&token, PASSWORD, "123456").await.expect_error(403, "FORBIDDEN");
        server.anybody().get("/api/auth/two-step").await.expect_error(401, "UNAUTHORIZED");
        // Tokens go on working: they were made by somebody who had signed in.
        token.get("/api/tasks").await.expect(200);
        let mut command = binary(&server.folder);
        let done = command.args(["user", "end-two-step", &ada.email]).env("DATABASE_URL", &server.url).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        sign_in(&server, &ada.email, None).await.expect(200);
        let actions = ada.listed("/api/audit", "action").await;
        assert!(actions.contains(&"auth.two_step_ended_by_operator".to_owned()), "{actions:?}");
    }

    async fn a_browser_asks_for_the_code_on_a_separate_page(server) {
        let ada = server.user("Ada").await;
        let (app, codes) = set_up(&ada).await;
        let form = [("email", ada.email.as_str()), ("password", PASSWORD), ("next", "/tasks?status=pending")];
        let asked = submit(&server, "sign_in", "/signin", &form).await;
        let address = asked.header("location").to_owned();
        assert!(asked.status == 303 && address.starts_with("/signin/code?challenge="), "{address}");
        assert!(asked.headers.get("set-cookie").is_none() && !address.contains(PASSWORD), "{:?}", asked.headers);
        let page = server.anybody().get(&address).await.text;
        assert!(page.contains("autocomplete=\"one-time-code\"") && page.contains("value=\"/tasks?status=pending\""), "{page}");
        let challenge = page.split("name=\"challenge\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let with = async |challenge: &str, code: &str| {
            let form = [("challenge", challenge), ("code", code), ("next", "/tasks?status=pending")];
            submit(&server, "sign_in_with_code", &address, &form).await
        };
        let wrong = with(&challenge, "000000").await;
        assert!(wrong.headers.get("set-cookie").is_none(), "{:?}", wrong.headers);
        let again = wrong.text;
        assert!(again.contains("The code is wrong") && again.contains(&challenge), "{again}");
        // A challenge is ours, of this account, and of the last minutes.
        let (text, signature) = challenge.rsplit_once('.').unwrap();
        let (expires, account): (i64, String) = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
        assert_eq!(account, ada.id);
        let forged = |expires: i64, account: &str| {
            format!("{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(json!([expires, account]).to_string()))
        };
        let eve = server.user("Eve").await;
        for forged in [forged(expires + 600, &account), forged(expires, &eve.id), "x".to_owned(), String::new()] {
            let refused = with(&forged, &codes[0]).await;
            assert!(refused.headers.get("set-cookie").is_none(), "{forged}");
            assert!(refused.text.contains("Sign in again"), "{}", refused.text);
        }
        let done = with(&challenge, &app.code(1)).await;
        assert_eq!((done.status, done.header("location")), (303, "/tasks?status=pending"), "{}", done.text);
        assert!(done.header("set-cookie").contains("HttpOnly"), "{:?}", done.headers);
    }

    async fn it_is_set_up_and_ended_on_a_page(server) {
        let ada = server.user("Ada").await;
        let page = async || ada.get("/settings/two-step").await.text;
        let send = async |name: &str, form: &[(&str, &str)]| ada.submit(name, "/settings/two-step", form).await;
        let wrong = send("begin_two_step", &[("password", "wrong")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("is not your password"), "{}", wrong.text);
        let begun = send("begin_two_step", &[("password", PASSWORD)]).await;
        assert_eq!((begun.status, begun.header("location")), (303, "/settings/two-step"));
        let shown = page().await;
        assert!(shown.contains("aria-label=\"QR code of the secret\""), "{shown}");
        let secret = in_box(&shown, "The secret");
        let app = App(secret.to_owned());
        let wrong = send("confirm_two_step", &[("code", "000000")]).await;
        assert!(wrong.status == 422 && wrong.text.contains("is not right, or was used before"), "{}", wrong.text);
        let confirmed = send("confirm_two_step", &[("code", &app.code(0))]).await;
        assert!(confirmed.status == 200 && confirmed.text.contains("Your recovery codes"), "{}", confirmed.text);
        let codes = in_box(&confirmed.text, "The recovery codes");
        let codes: Vec<_> = codes.lines().collect();
        assert_eq!(codes.len(), 10);
        let shown = page().await;
        assert!(shown.contains("10 recovery codes are left.") && !shown.contains(secret) && !shown.contains(codes[0]), "{shown}");
        let ended = send("end_two_step", &[("password", PASSWORD), ("code", codes[0])]).await;
        assert_eq!((ended.status, ended.header("location")), (303, "/settings/two-step?saved=ended"), "{}", ended.text);
        assert!(page().await.contains("Set it up"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_cannot_be_guessed() {
    let variables = [("TALLYBOARD_LIMITS_ENABLED", "true"), ("TALLYBOARD_LIMITS_SIGN_INS_PER_MINUTE", "1000")];
    let server = Server::start(Kind::Sqlite, &variables).await;
    let ada = server.user("Ada").await;
    let (app, _) = set_up(&ada).await;
    let mut statuses = Vec::new();
    for guess in 0..7 {
        // Asking without a code in between does not reset the count.
        assert!([401, 429].contains(&sign_in(&server, &ada.email, None).await.status));
        statuses.push(sign_in(&server, &ada.email, Some(&format!("00000{guess}"))).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
    sign_in(&server, &ada.email, Some(&app.code(1))).await.expect_error(429, "RATE_LIMITED");
}
