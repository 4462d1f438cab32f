//! The language of pages, forms and mails; the API speaks English.

use std::process::Command;

use reqwest::Method;
use serde_json::json;

use crate::{
    mail::{forget, mailing},
    support::{Answer, Client, PASSWORD},
};

/// A page, for a browser that asks for these languages.
async fn page(client: &Client, path: &str, languages: &str) -> String {
    client.send(client.request(Method::GET, path).header("accept-language", languages)).await.text
}

fn assert_has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn each_language_has_each_text_of_the_code() {
    let done = Command::new("python3").arg("scripts/texts.py").output().unwrap();
    let said = [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(done.status.success(), "{said}");
}

on_both_databases! {
    async fn a_page_is_in_the_language_that_the_browser_asks_for(server) {
        let nobody = server.anybody();
        assert_has(&page(&nobody, "/signin", "de-AT,de;q=0.9,en;q=0.8").await, &["lang=\"de\"", "Anmelden", "Passwort"]);
        assert_has(&page(&nobody, "/signin", "fr").await, &["lang=\"en\"", "Sign in", "Password"]);
        assert_has(&page(&nobody, "/nowhere", "de").await, &["lang=\"de\"", "Seite nicht gefunden", "Zur Übersicht"]);
        let mirrored = page(&nobody, "/signin", "ar-XB").await;
        assert_has(&mirrored, &["lang=\"ar-XB\"", "dir=\"rtl\"", "[Páššwóřd"]);
        // An English page carries no texts for its scripts.
        let ada = server.user("Ada").await;
        assert!(!page(&ada, "/tasks", "en").await.contains("texts={"));
        assert_has(&page(&ada, "/tasks", "de").await, &["texts={", "\"Couldn't add it\":\"Es konnte nicht hinzugefügt werden\"", "Aufgaben suchen"]);
    }

    async fn a_choice_of_the_account_comes_before_the_browsers(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let me = ada.get("/api/auth/me").await.expect(200);
        assert_eq!(me["language"], "browser");
        let changed = ada.patch("/api/auth/me", json!({ "language": "de" })).await.expect(200);
        assert_eq!(changed["language"], "de");
        assert_eq!(ada.get("/api/auth/me").await.expect(200)["language"], "de");
        assert_has(&page(&ada, "/settings", "en").await, &["lang=\"de\"", "<h1>Einstellungen</h1>"]);
        // Nobody else's pages have changed.
        assert_eq!(grace.get("/api/auth/me").await.expect(200)["language"], "browser");
        assert_has(&page(&grace, "/settings", "en").await, &["lang=\"en\"", "<h1>Settings</h1>"]);

        ada.patch("/api/auth/me", json!({ "language": "browser" })).await.expect(200);
        assert_has(&page(&ada, "/settings", "en").await, &["lang=\"en\"", "<h1>Settings</h1>"]);
        let error = ada.patch("/api/auth/me", json!({ "language": "fr" })).await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["language"].is_string(), "{error}");
        // A new account may say it at once.
        let new = json!({ "name": "Alan", "email": "alan@example.org", "password": PASSWORD, "language": "de" });
        assert_eq!(server.anybody().post("/api/auth/signup", new).await.expect(201)["language"], "de");
    }

    async fn signing_up_on_a_german_page_keeps_german(server) {
        let form = [("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
        let nobody = server.anybody();
        let sign_up = |form: &[(&str, &str)]| {
            nobody
                .request(Method::POST, "/signup")
                .header("accept-language", "de")
                .header("sec-fetch-site", "same-origin")
                .form(form)
        };
        nobody.send(sign_up(&form)).await;
        let mut ada = server.anybody();
        ada.email = "ada@example.org".to_owned();
        ada.sign_in(PASSWORD).await;
        assert_eq!(ada.get("/api/auth/me").await.expect(200)["language"], "de");
        // What is wrong with a form is said in the language of its page.
        let again = nobody.send(sign_up(&form)).await;
        assert_has(&again.text, &["Es gibt schon ein Konto mit dieser E-Mail", "ist vergeben"]);
    }

    async fn the_api_speaks_english(server) {
        let ada = server.user("Ada").await;
        ada.patch("/api/auth/me", json!({ "language": "de" })).await.expect(200);
        let new = ada.request(Method::POST, "/api/tasks").header("accept-language", "de").json(&json!({ "title": " " }));
        let error = ada.send(new).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!((&error["error"], &error["fields"]["title"]), (&json!("The input is not valid"), &json!("may not be empty")));
        let server_function = [("title", " ")];
        let form = ada.request(Method::POST, "/api/ui/create_task").header("origin", &server.base).form(&server_function);
        let Answer { text, .. } = ada.send(form).await;
        assert_has(&text, &["Die Eingabe ist nicht gültig", "darf nicht leer sein"]);
    }

    async fn numbers_and_days_are_written_as_in_the_language(server) {
        let ada = server.user("Ada").await;
        for title in ["A", "B", "C"] {
            let id = ada.post("/api/tasks", json!({ "title": title, "due_at": "2020-12-24T12:00:00Z" })).await.expect(201);
            if title != "C" {
                let done = json!({ "status": "completed" });
                ada.patch(&format!("/api/tasks/{}", id["id"].as_str().unwrap()), done).await.expect(200);
            }
        }
        assert_has(&page(&ada, "/dashboard", "de").await, &["66,7 %", "1 überfällig"]);
        assert_has(&page(&ada, "/dashboard", "en").await, &["66.7 %", "1 overdue"]);
        assert_has(&page(&ada, "/tasks?status=completed", "de").await, &["Fällig am 24. Dezember 2020"]);
        assert_has(&page(&ada, "/tasks?status=completed", "en").await, &["Due 24 December 2020"]);
    }
}

on_both_kinds! {
    async fn a_mail_is_in_the_language_of_its_reader(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        ada.patch("/api/auth/me", json!({ "language": "de" })).await.expect(200);
        for who in [&ada, &grace] {
            forget(&server, &who.email).await.expect(204);
        }
        let (german, english) = (smtp.mail(&ada.email, 1).await, smtp.mail(&grace.email, 1).await);
        assert_eq!(german.subject, "Wähle ein neues Passwort für Tallyboard");
        assert_has(&german.text, &["Hallo Ada,", "Neues Passwort wählen:"]);
        assert_has(&german.html, &["<html lang=\"de\">"]);
        assert_has(&english.text, &["Hello Grace,", "Choose a new password:"]);
    }
}
