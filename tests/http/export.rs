//! Taking one's tasks elsewhere.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{notifications::choose, support::Client};

async fn export(who: &Client, query: &str) -> crate::support::Answer {
    let answer = who.get(&format!("/api/export{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn titles(tasks: &Value) -> Vec<&str> {
    tasks.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn json_has_all_that_is_the_users_and_nothing_else(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let empty = export(&ada, "").await;
        let empty: Value = serde_json::from_str(&empty.text).unwrap();
        assert_eq!((&empty["format"], &empty["version"]), (&json!("tallyboard"), &json!(1)));
        assert_eq!((&empty["teams"], &empty["tasks"], &empty["conversations"]), (&json!([]), &json!([]), &json!([])));
        assert_eq!((&empty["goals"]["daily"], &empty["saved_lists"]), (&Value::Null, &json!([])));
        assert_eq!(empty["notifications"].as_array().unwrap().len(), 3, "those of a new account");
        choose(&ada, &[("shared_with_me", &["page"])]).await.expect(200);
        choose(&eve, &[("added_to_team", &["page"])]).await.expect(200);
        ada.send(ada.request(Method::PUT, "/api/dashboard/goals").json(&json!({ "daily": 3 }))).await.expect(200);
        eve.send(eve.request(Method::PUT, "/api/dashboard/goals").json(&json!({ "daily": 9 }))).await.expect(200);
        for (who, name) in [(&ada, "Soon"), (&eve, "Eve's list")] {
            who.post("/api/tasks/filters", json!({ "name": name, "query": "due=week" })).await.expect(201);
        }
        // More than a page of each.
        for number in 0..105 {
            ada.task(&format!("Task {number}")).await;
        }
        let team = server.team(&ada, &[(&eve, "admin")]).await;
        ada.team_task("In the team", &team).await;
        eve.team_task("Eve's in the team", &team).await;
        let shared = eve.task("Eve's, shared").await;
        server.share(&shared, &eve, &ada, "edit").await;
        for title in ["First ]}", "Second"] {
            let made = ada.post("/api/conversations", json!({ "title": title })).await.expect(201);
            let messages = format!("/api/conversations/{}/messages", made["id"].as_str().unwrap());
            for number in 0..if title == "Second" { 103 } else { 0 } {
                ada.post(&messages, json!({ "content": format!("{title} {number}") })).await.expect(201);
            }
        }
        let answer = export(&ada, "?format=json").await;
        assert!(answer.header("content-disposition").contains("tallyboard.json"));
        assert!(!answer.text.contains("Eve's"), "{}", answer.text);
        let whole: Value = serde_json::from_str(&answer.text).unwrap();
        let mut expected: Vec<_> = (0..105).map(|number| format!("Task {number}")).collect();
        expected.push("In the team".to_owned());
        expected.reverse();
        assert_eq!(titles(&whole["tasks"]), expected);
        assert_eq!((&whole["goals"]["daily"], &whole["saved_lists"][0]["name"]), (&json!(3), &json!("Soon")));
        assert_eq!(whole["notifications"], json!([{ "topic": "shared_with_me", "channels": ["page"], "next_at": null }]));
        assert_eq!(whole["teams"][0]["id"], json!(team));
        assert_eq!((&whole["conversations"][0]["title"], &whole["conversations"][1]["title"]), (&json!("Second"), &json!("First ]}")));
        assert_eq!(whole["conversations"][0]["messages"].as_array().unwrap().len(), 103);
        assert_eq!(whole["conversations"][0]["messages"][0]["content"], "Second 102");
        assert_eq!(whole["conversations"][1]["messages"], json!([]));
        let theirs = export(&eve, "").await.text;
        assert!(theirs.contains("Eve's in the team") && !theirs.contains("Task 1"), "{theirs}");
    }

    async fn a_task_has_its_shares(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let (shared, own, theirs) = (ada.task("Shared").await, ada.task("Own").await, grace.task("Theirs").await);
        server.share(&shared, &ada, &grace, "edit").await;
        server.share(&shared, &ada, &eve, "view").await;
        // Shared with her, and of others: not hers to export.
        server.share(&theirs, &grace, &ada, "view").await;
        server.share(&theirs, &grace, &eve, "view").await;
        let whole: Value = serde_json::from_str(&export(&ada, "").await.text).unwrap();
        let tasks = whole["tasks"].as_array().unwrap();
        assert_eq!(tasks.iter().map(|task| &task["id"]).collect::<Vec<_>>(), [&json!(own), &json!(shared)]);
        assert_eq!(tasks[0]["shares"], json!([]));
        let shares = tasks[1]["shares"].as_array().unwrap();
        let shares: Vec<_> = shares.iter().map(|share| (share["email"].as_str().unwrap(), share["permission"].as_str().unwrap())).collect();
        assert_eq!(shares, [(grace.email.as_str(), "edit"), (eve.email.as_str(), "view")]);
        // Somebody else who brings the file in gets the tasks, and shares them with nobody.
        let request = eve.request(Method::POST, "/api/import").header("content-type", "application/json");
        eve.send(request.body(whole.to_string())).await.expect(200);
        assert_eq!(eve.listed("/api/tasks", "title").await.len(), 2);
        assert_eq!(grace.listed("/api/tasks?shared=with_me", "title").await, ["Shared"]);
    }

    async fn csv_is_a_table_without_formulas(server) {
        let ada = server.user("Ada").await;
        for (title, description) in [("=HYPERLINK(\"x\")", "two\nlines, \"quoted\""), ("-1", "@SUM(A1)"), ("Ünïcode", "")] {
            ada.post("/api/tasks", json!({ "title": title, "description": description })).await.expect(201);
        }
        let answer = export(&ada, "?format=csv").await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        let mut table = csv::Reader::from_reader(answer.text.as_bytes());
        assert_eq!(table.headers().unwrap().iter().take(4).collect::<Vec<_>>(), ["id", "title", "description", "status"]);
        let rows: Vec<Vec<String>> =
            table.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let words: Vec<_> = rows.iter().map(|row| (row[1].as_str(), row[2].as_str())).collect();
        assert_eq!(words, [("Ünïcode", ""), ("'-1", "'@SUM(A1)"), ("'=HYPERLINK(\"x\")", "two\nlines, \"quoted\"")]);
    }

    async fn a_calendar_has_the_pending_tasks_on_their_days(server) {
        let ada = server.user("Ada").await;
        ada.patch("/api/auth/me", json!({ "time_zone": "Asia/Tokyo" })).await.expect(200);
        let long = "A long title; with, signs \\ and ".to_owned() + &"ü".repeat(100);
        for (title, due_at, status) in [
            ("Late in the evening", json!("2026-12-24T15:30:00Z"), "pending"), (&long, json!("2026-12-31T00:00:00Z"), "pending"),
            ("Done", json!("2026-12-24T10:00:00Z"), "completed"), ("No day", Value::Null, "pending"),
        ] {
            ada.post("/api/tasks", json!({ "title": title, "due_at": due_at, "status": status })).await.expect(201);
        }
        let text = export(&ada, "?format=ics").await.text;
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 75), "{text}");
        let unfolded = text.replace("\r\n ", "");
        // 15:30 UTC on the 24th is the 25th in Tokyo.
        assert!(unfolded.contains("DTEND;VALUE=DATE:20261226\r\n"), "the end is the day after: {text}");
        assert!(unfolded.contains("DTSTART;VALUE=DATE:20261225\r\n") && unfolded.contains("SUMMARY:Late in the evening"), "{text}");
        assert!(unfolded.contains(r"SUMMARY:A long title\; with\, signs \\ and üü"), "{text}");
        assert!(!text.contains("Done") && !text.contains("No day") && text.matches("BEGIN:VEVENT").count() == 2, "{text}");
    }

    async fn an_export_needs_a_user_and_a_known_format(server) {
        let ada = server.user("Ada").await;
        server.anybody().get("/api/export").await.expect_error(401, "UNAUTHORIZED");
        let error = ada.get("/api/export?format=xml").await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["format"].is_string(), "{error}");
    }
}
