//! A task in one line, from any page; and what the dashboard says of days.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Client, Server};

async fn preview(client: &Client, text: &str) -> Answer {
    let request = client.request(Method::GET, "/api/ui/quick_add_preview").query(&[("text", text)]);
    client.send(request).await
}

async fn add(server: &Server, client: &Client, text: &str) -> Answer {
    let request = client.request(Method::POST, "/api/ui/quick_add").header("origin", &server.base);
    client.send(request.form(&[("text", text)])).await
}

on_both_databases! {
    async fn an_offline_quick_add_is_added_once_with_the_day_it_was_typed(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let send = async |who: &Client, text: &str, waited: &str| {
            let request = who.request(Method::POST, "/api/ui/quick_add").header("origin", &server.base);
            let request = request.header("idempotency-key", "first-attempt").header("x-waited-seconds", waited);
            who.send(request.form(&[("text", text)])).await
        };
        let first = send(&ada, "Buy milk tomorrow", "86400").await.expect(200);
        assert_eq!(first["said"], "Added “Buy milk”, due tomorrow");
        assert_eq!(send(&ada, "Buy milk tomorrow", "90000").await.expect(200), first);
        // Written a day ago: tomorrow is today.
        assert_eq!(ada.listed("/api/tasks?due=today", "title").await, ["Buy milk"]);
        assert_eq!(ada.numbers().await[0], 1);
        send(&ada, "Something else", "0").await.expect_error(422, "VALIDATION_ERROR");
        // A key belongs to its user; anything but a number means no wait.
        for waited in ["-1", "soon", "99999999999999999999"] {
            send(&eve, "Buy milk tomorrow", waited).await.expect(200);
        }
        assert_eq!(eve.numbers().await[0], 1);
        assert!(eve.listed("/api/tasks?due=today", "title").await.is_empty());
    }

    async fn a_line_is_shown_as_understood_and_then_added(server) {
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        ada.patch(&format!("/api/teams/{team}"), json!({ "name": "Our Household" })).await.expect(200);
        let day = chrono::NaiveDate::from_ymd_opt(2199, 12, 24).unwrap().format("%a %-d %b %Y");
        for (text, words, title, marks) in [
            ("", String::new(), "", json!([])),
            ("Buy milk", "Buy milk".to_owned(), "Buy milk", json!([])),
            (" Öl 🙂 by 2199-12-24", format!("Öl 🙂 · {day}"), "Öl 🙂", json!([[7, 20]])),
            ("Buy milk 2199-12-24 at 6 pm", format!("Buy milk · {day} 18:00"), "Buy milk", json!([[9, 27]])),
            ("Buy milk 2199-12-24 @our", format!("Buy milk · {day} · Our Household"), "Buy milk", json!([[9, 19], [20, 24]])),
            ("Buy milk @our 24.12.2199", format!("Buy milk · {day} · Our Household"), "Buy milk", json!([[9, 13], [14, 24]])),
            ("Buy milk tomorrow\u{2060}", "Buy milk tomorrow".to_owned(), "Buy milk tomorrow", json!([])),
            ("\"Call Fri\"", "Call Fri".to_owned(), "Call Fri", json!([])),
            ("<b>", "<b>".to_owned(), "<b>", json!([])),
        ] {
            let expected = json!({ "words": words, "title": title, "marks": marks });
            assert_eq!(preview(&ada, text).await.expect(200), expected, "{text}");
        }
        let no_day = preview(&ada, "Buy milk 31 feb").await.expect(200);
        assert_eq!(no_day, json!({ "words": "“31 feb” isn't a valid date", "title": "", "marks": [] }));
        let unknown = preview(&ada, "Buy milk 2199-12-24 @Choir").await.expect(200);
        let words = "Team “Choir” not found. Yours: @Our Household";
        assert_eq!(unknown, json!({ "words": words, "title": "", "marks": [[9, 19]] }));
        assert_eq!(ada.numbers().await, [0, 0, 0, 0], "a preview adds nothing");

        let added = add(&server, &ada, "Buy milk today @our").await.expect(200);
        assert_eq!(added["said"], "Added “Buy milk”, due today, in the team Our Household");
        let path = format!("/tasks?team_id={team}#task-{}", added["id"].as_str().unwrap());
        assert_eq!((&added["title"], &added["path"]), (&json!("Buy milk"), &json!(path)));
        assert_eq!(ada.listed(&format!("/api/tasks?due=today&team_id={team}"), "title").await, ["Buy milk"]);
        for wrong in ["", "  ", "Buy milk @Choir", &"x".repeat(201), "a\u{0}b"] {
            assert!(add(&server, &ada, wrong).await.status >= 400, "{wrong}");
        }
        assert_eq!(ada.numbers().await[0], 1);
        // Another site's page cannot add for somebody, and nobody adds without signing in.
        let request = server.anybody().request(Method::POST, "/api/ui/quick_add").form(&[("text", "x")]);
        let foreign = server.anybody().send(request.header("origin", "https://evil.example")).await;
        assert_eq!(foreign.status, 403);
        assert_eq!(preview(&server.anybody(), "x").await.status, 401);
    }

    async fn a_viewer_gets_the_error_before_adding(server) {
        let (ada, vic) = (server.user("Ada").await, server.user("Vic").await);
        let team = ada.post("/api/teams", json!({ "name": "Choir" })).await.expect(201)["id"].as_str().unwrap().to_owned();
        let new = json!({ "user_id": vic.id, "role": "viewer" });
        ada.post(&format!("/api/teams/{team}/members"), new).await.expect(201);
        let error = preview(&vic, "Sing @choir").await.expect(200);
        assert_eq!(error["words"], "Viewers may not create tasks in their team. You are one in “Choir”");
        add(&server, &vic, "Sing @choir").await.expect_error(403, "FORBIDDEN");
    }

    async fn the_pending_card_says_what_is_overdue_and_due_today(server) {
        let ada = server.user_in("Ada", "Pacific/Kiritimati").await;
        let eve = server.user("Eve").await;
        let note = async |client: &Client| {
            client.get("/api/ui/dashboard").await.expect(200)["pending_note"].as_str().unwrap().to_owned()
        };
        assert_eq!(note(&ada).await, "");
        let late = ada.post("/api/tasks", json!({ "title": "Late", "due_at": "2020-01-01T00:00:00Z" })).await.expect(201);
        assert_eq!(note(&ada).await, "1 overdue");
        // A change of the day alone is shown at once, too.
        let path = format!("/api/tasks/{}", late["id"].as_str().unwrap());
        ada.patch(&path, json!({ "due_at": null })).await.expect(200);
        assert_eq!(note(&ada).await, "");
        let many = (0..3).map(|_| ada.post("/api/tasks", json!({ "title": "x", "due_at": "2020-01-01T00:00:00Z" })));
        futures::future::join_all(many).await;
        // Her day, which is 14 hours ahead of UTC.
        let now = chrono::Utc::now().with_timezone(&chrono_tz::Tz::Pacific__Kiritimati);
        let tonight = now.date_naive().and_hms_opt(23, 59, 59).unwrap();
        let tonight = tonight.and_local_timezone(chrono_tz::Tz::Pacific__Kiritimati).unwrap().to_utc();
        ada.patch(&path, json!({ "due_at": tonight })).await.expect(200);
        assert_eq!(note(&ada).await, "3 overdue, 1 due today");
        ada.touch(&format!("{path}/complete")).await.expect(200);
        assert_eq!(note(&ada).await, "3 overdue");
        assert_eq!(note(&eve).await, "");
        for _ in 0..2 {
            let changes = (0..50).map(|_| ada.post("/api/tasks", json!({ "title": "x", "due_at": "2020-01-01T00:00:00Z" })));
            futures::future::join_all(changes).await;
        }
        assert_eq!(note(&ada).await, "99+ overdue");
    }
}
