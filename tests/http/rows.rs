//! The rows that the lists of pages fetch, as HTML: those of the page, and nobody else's.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    pages::cookie_of,
    support::{Client, Server},
};

/// The rows at an address; `None`: the user may not see them.
async fn rows(client: &Client, path: &str) -> Option<String> {
    match client.get(&format!("/api/ui/{path}")).await.expect(200) {
        Value::Null => None,
        rows => Some(rows.as_str().unwrap_or_else(|| panic!("{path} answered {rows}")).to_owned()),
    }
}

async fn page(server: &Server, client: &Client, path: &str) -> String {
    let cookie = cookie_of(server, client).await;
    client.send(client.request(Method::GET, path).header("cookie", cookie)).await.text
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

on_both_databases! {
    async fn a_list_fetches_the_rows_that_its_page_has(server) {
        let ada = server.user("Ada").await;
        ada.post("/api/tasks", json!({ "title": "<b>Milk</b> & \"bread\"", "description": "</span>x" })).await.expect(201);
        let fetched = rows(&ada, "task_rows?query=status%3Dpending").await.unwrap();
        assert!(fetched.contains("&lt;b&gt;Milk&lt;/b&gt; &amp; &quot;bread&quot;") && fetched.contains("&lt;/span&gt;x"), "{fetched}");
        assert!(!fetched.contains("<b>") && !fetched.contains("today"), "{fetched}");
        let html = page(&server, &ada, "/tasks?status=pending").await;
        assert!(html.contains(&fetched), "{fetched}\nis not in\n{html}");
        let with_button = rows(&ada, "task_rows?query=status%3Dall&move_to=today").await.unwrap();
        assert!(with_button.contains("value=\"today\""), "{with_button}");
        ada.get("/api/ui/task_rows?query=&move_to=someday").await.expect_error(422, "VALIDATION_ERROR");
        ada.get("/api/ui/task_rows?query=status%3Dnone").await.expect_error(422, "VALIDATION_ERROR");
        server.anybody().get("/api/ui/task_rows?query=").await.expect_error(401, "UNAUTHORIZED");

        let conversation = id(&ada.post("/api/conversations", json!({ "title": "<i>Talk</i>" })).await.expect(201));
        let fetched = rows(&ada, "conversation_rows?").await.unwrap();
        assert!(fetched.contains(&conversation) && fetched.contains("&lt;i&gt;Talk"), "{fetched}");
        let html = page(&server, &ada, "/chat").await;
        assert!(html.contains(&fetched), "{fetched}\nis not in\n{html}");
    }

    async fn many_rows_are_compressed(server) {
        let ada = server.user("Ada").await;
        let encoding = async || {
            let request = ada.request(Method::GET, "/api/ui/task_rows?query=").header("accept-encoding", "gzip");
            ada.send(request).await.header("content-encoding").to_owned()
        };
        assert_eq!(encoding().await, "");
        for number in 0..20 {
            ada.task(&format!("Task {number}")).await;
        }
        assert_eq!(encoding().await, "gzip");
    }

    async fn nobody_fetches_the_rows_of_others(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let secret = ada.task("Secret").await;
        let team = id(&ada.post("/api/teams", json!({ "name": "Band" })).await.expect(201));
        ada.team_task("Of the band", &team).await;
        ada.post("/api/conversations", json!({ "title": "Secret talk" })).await.expect(201);

        assert!(rows(&ada, &format!("open_task?id={secret}")).await.unwrap().contains("Secret"));
        assert_eq!(rows(&grace, &format!("open_task?id={secret}")).await, None);
        let strange = page(&server, &grace, &format!("/tasks/{secret}")).await;
        assert!(!strange.contains("Secret"), "{strange}");

        assert!(rows(&ada, &format!("share_dialog?task_id={secret}")).await.unwrap().contains("Share"));
        assert_eq!(rows(&ada, &format!("task_shares?task_id={secret}")).await.as_deref(), Some(""));
        assert!(rows(&ada, &format!("team_members?team_id={team}")).await.unwrap().contains("Ada"));
        assert!(rows(&ada, &format!("task_rows?query=team_id%3D{team}")).await.unwrap().contains("Of the band"));

        assert_eq!(rows(&grace, "task_rows?query=").await.as_deref(), Some(""));
        assert_eq!(rows(&grace, "conversation_rows?").await.as_deref(), Some(""));
        for path in [
            format!("share_dialog?task_id={secret}"),
            format!("task_shares?task_id={secret}"),
            format!("team_members?team_id={team}"),
            format!("task_rows?query=team_id%3D{team}"),
        ] {
            assert_eq!(rows(&grace, &path).await, None, "{path}");
        }
        // View-only access doesn't reveal whom else a task is shared with.
        ada.post(&format!("/api/tasks/{secret}/shares"), json!({ "email": grace.email, "permission": "edit" })).await.expect(201);
        assert!(rows(&grace, "task_rows?query=shared%3Dwith_me").await.unwrap().contains("Secret"));
        assert_eq!(rows(&grace, &format!("share_dialog?task_id={secret}")).await, None);
    }
}
