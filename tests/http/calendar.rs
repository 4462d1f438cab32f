//! The calendar at a secret address.

use serde_json::json;

use crate::support::{Client, Socket};

/// Creates a calendar link like the button in Settings does; returns its secret.
async fn renew(who: &Client) -> String {
    let page = who.submit("renew_calendar", "/settings", &[]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let secret = page.text.split("/api/calendar?token=").nth(1).unwrap();
    secret.split('<').next().unwrap().to_owned()
}

fn address(secret: &str) -> String {
    format!("/api/calendar?token={secret}")
}

on_both_databases! {
    async fn a_calendar_program_reads_due_days_and_nothing_else(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        ada.post("/api/tasks", json!({ "title": "Send cards", "due_at": "2026-12-24T18:00:00Z" })).await.expect(201);
        let later = json!({ "title": "Done already", "due_at": "2026-12-25T18:00:00Z" });
        let done = ada.post("/api/tasks", later).await.expect(201);
        ada.touch(&format!("/api/tasks/{}/complete", done["id"].as_str().unwrap())).await.expect(200);
        ada.task("Without a day").await;
        eve.post("/api/tasks", json!({ "title": "Eve's secret", "due_at": "2026-12-24T18:00:00Z" })).await.expect(201);
        let secret = renew(&ada).await;
        let anybody = server.anybody();
        let calendar = anybody.get(&address(&secret)).await;
        assert_eq!((calendar.status, calendar.header("content-type")), (200, "text/calendar; charset=utf-8"));
        let text = &calendar.text;
        assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
        assert!(text.contains("SUMMARY:Send cards") && text.contains("DTSTART;VALUE=DATE:20261224"), "{text}");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
        // Changes appear at the next read.
        ada.post("/api/tasks", json!({ "title": "Bake", "due_at": "2026-12-23T18:00:00Z" })).await.expect(201);
        assert!(anybody.get(&address(&secret)).await.text.contains("SUMMARY:Bake"));

        // The same secret reaches nothing else, wherever it is sent.
        let program = anybody.with_token(&secret);
        for path in ["/api/tasks", "/api/export", "/api/dashboard/statistics", "/api/auth/me", "/api/teams", "/api/audit"] {
            program.get(path).await.expect_error(403, "FORBIDDEN");
        }
        program.post("/api/tasks", json!({ "title": "x" })).await.expect_error(403, "FORBIDDEN");
        let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
        assert_eq!(program.post("/mcp", initialize).await.status, 403);
        assert_eq!(program.get("/settings").await.status, 403);
        let mut socket = Socket::open(&server, &format!("?token={secret}"), &[]).await.unwrap();
        assert_eq!(socket.event().await["event_type"], "error");
        assert_eq!(socket.closed().await, 1008);
    }

    async fn a_new_address_ends_the_previous_one(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let eves = renew(&eve).await;
        let first = renew(&ada).await;
        let reader = ada.personal(&["read"]).await;
        let second = renew(&ada).await;
        let anybody = server.anybody();
        assert_eq!(anybody.get(&address(&first)).await.status, 401);
        assert_eq!(anybody.get(&address(&second)).await.status, 200);
        // Other tokens, and other people's, stay.
        assert_eq!((anybody.get(&address(&eves)).await.status, reader.get("/api/tasks").await.status), (200, 200));
        let tokens = ada.get("/api/auth/tokens").await.expect(200);
        let calendars: Vec<_> = tokens["items"].as_array().unwrap().iter().filter(|token| token["scopes"] == json!(["calendar"])).collect();
        assert_eq!((calendars.len(), &calendars[0]["name"]), (1, &json!("Calendar")), "{tokens}");
        assert!(ada.get("/settings").await.text.contains("Reads your due dates"));
        ada.delete(&format!("/api/auth/tokens/{}", calendars[0]["id"].as_str().unwrap())).await.expect(204);
        assert_eq!(anybody.get(&address(&second)).await.status, 401);
        // Neither a token nor another site can create a link.
        assert_eq!(reader.submit("renew_calendar", "/settings", &[]).await.status, 403);
        for wrong in ["", "?token=", "?token=x", "?token=tallyboard_x", &format!("?token={}x", &second[..second.len() - 1])] {
            let answer = anybody.get(&format!("/api/calendar{wrong}")).await;
            assert!([401, 422].contains(&answer.status), "{wrong}: {}", answer.status);
        }
    }

    async fn the_api_makes_tokens_for_the_calendar_alone(server) {
        let ada = server.user("Ada").await;
        let create = async |scopes: &[&str]| ada.post("/api/auth/tokens", json!({ "name": "Phone", "scopes": scopes })).await;
        let created = create(&["calendar"]).await.expect(201);
        assert_eq!(created["scopes"], json!(["calendar"]));
        assert_eq!(server.anybody().get(&address(created["token"].as_str().unwrap())).await.status, 200);
        for mixed in [&["calendar", "read"][..], &["calendar", "write"], &["calendar", "calendar"]] {
            create(mixed).await.expect_error(422, "VALIDATION_ERROR");
        }
        assert_eq!(server.anybody().with_token(created["token"].as_str().unwrap()).get("/api/tasks").await.status, 403);
    }
}
