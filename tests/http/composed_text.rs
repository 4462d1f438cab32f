//! A letter with an accent is one word in both of Unicode's forms: `é`, and `e` with an accent behind it.

use reqwest::Method;
use serde_json::json;

use crate::support::PASSWORD;

const COMPOSED: &str = "Crème brûlée";
const DECOMPOSED: &str = "Cre\u{300}me bru\u{302}le\u{301}e";

on_both_databases! {
    async fn words_are_found_in_both_forms(server) {
        let ada = server.user("Ada").await;
        let new = ada.post("/api/tasks", json!({ "title": DECOMPOSED, "description": DECOMPOSED })).await.expect(201);
        assert_eq!((&new["title"], &new["description"]), (&json!(COMPOSED), &json!(COMPOSED)));
        // Older versions stored what came.
        let old = ada.task("Old").await;
        server.sql(format!("UPDATE tasks SET title = 'Old {DECOMPOSED}' WHERE id = '{old}'")).await;
        for words in [COMPOSED, DECOMPOSED, "CRÈME", "cre\u{300}", "û", "u\u{302}"] {
            let request = ada.request(Method::GET, "/api/tasks").query(&[("q", words)]);
            let found = ada.send(request).await.expect(200);
            assert_eq!(found["items"].as_array().unwrap().len(), 2, "{words:?}: {found}");
        }
        // The list is long enough that only the index finds them.
        let file: String = (0..1100).map(|number| format!("Task {number}\n")).collect();
        crate::import::csv(&ada, &format!("title\n{file}")).await.expect(200);
        for words in [COMPOSED, DECOMPOSED] {
            let request = ada.request(Method::GET, "/api/tasks").query(&[("q", words)]);
            assert_eq!(ada.send(request).await.expect(200)["items"].as_array().unwrap().len(), 2, "{words:?}");
        }
        let eve = server.user("Eve").await;
        let request = eve.request(Method::GET, "/api/tasks").query(&[("q", DECOMPOSED)]);
        assert_eq!(eve.send(request).await.expect(200)["items"], json!([]));
    }

    async fn teams_are_found_in_both_forms(server) {
        let ada = server.user("Ada").await;
        let [new, old] = [server.team(&ada, &[]).await, server.team(&ada, &[]).await];
        let named = ada.patch(&format!("/api/teams/{new}"), json!({ "name": format!("New {DECOMPOSED}") })).await.expect(200);
        assert_eq!(named["name"], format!("New {COMPOSED}"));
        server.sql(format!("UPDATE teams SET name = 'Old {DECOMPOSED}' WHERE id = '{old}'")).await;
        for (team, form) in [("New", COMPOSED), ("New", DECOMPOSED), ("Old", COMPOSED), ("Old", DECOMPOSED)] {
            let text = format!("Bake @{team} {form}");
            let request = ada.request(Method::GET, "/api/ui/quick_add_preview").query(&[("text", &text)]);
            let said = ada.send(request).await.expect(200);
            assert!(said["words"].as_str().is_some_and(|said| said.starts_with("Bake · ")), "{text}: {said}");
        }
    }

    async fn an_address_is_one_account_in_both_forms(server) {
        let (composed, decomposed) = ("rené@example.org", "rene\u{301}@example.org");
        let anybody = server.anybody();
        let sign_up = async |email: &str| anybody.post("/api/auth/signup", json!({ "name": "R", "email": email, "password": PASSWORD })).await;
        let sign_in = async |email: &str| anybody.post("/api/auth/signin", json!({ "email": email, "password": PASSWORD })).await;
        // Older versions had accounts with such addresses.
        let rene = sign_up("rene@example.org").await.expect(201);
        let ada = server.user("Ada").await;
        let shared = async |email: &str| {
            let task = ada.task("Shared").await;
            ada.post(&format!("/api/tasks/{task}/shares"), json!({ "email": email })).await.status
        };
        for stored in [composed, decomposed] {
            server.sql(format!("UPDATE users SET email = '{stored}' WHERE id = '{}'", rene["id"].as_str().unwrap())).await;
            for email in [composed, decomposed, "RENÉ@example.org"] {
                assert_eq!(sign_in(email).await.expect(200)["user"]["id"], rene["id"], "{email:?} {stored:?}");
                assert_eq!(shared(email).await, 201, "{email:?} {stored:?}");
                assert_eq!(sign_up(email).await.status, 422, "{email:?}");
                assert_eq!(ada.patch("/api/auth/me", json!({ "email": email, "password": PASSWORD })).await.status, 422, "{email:?}");
            }
        }
    }
}
