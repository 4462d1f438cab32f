//! Bringing tasks from elsewhere.

use std::{
    io::{Cursor, Write},
    time::Duration,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Socket};

pub async fn import(who: &Client, kind: &str, query: &str, file: impl Into<reqwest::Body>) -> Answer {
    let request = who.request(Method::POST, &format!("/api/import{query}")).header("content-type", kind);
    // Other tests use the cores too.
    who.send(request.body(file).timeout(Duration::from_secs(60))).await
}

pub async fn csv(who: &Client, file: &str) -> Answer {
    import(who, "text/csv", "", file.to_owned()).await
}

pub fn titles(report: &Value) -> Vec<&str> {
    report["tasks"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect()
}

/// A zip file with these files.
pub fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

on_both_databases! {
    async fn vikunjas_export_is_imported_once(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let none = "0001-01-01T00:00:00Z";
        let data = json!([
            { "id": 1, "title": "Inbox", "description": "", "is_archived": false, "tasks": [
                { "id": 7, "title": "Buy milk", "description": "<p>Two &amp; a half<br>litres</p>", "done": false, "done_at": none,
                  "due_date": "2026-12-24T18:00:00Z", "created": "2026-01-02T03:04:05Z", "updated": none, "priority": 3,
                  "labels": null, "comments": [{ "id": 1, "comment": "soon" }] },
            ], "buckets": null },
            { "id": 2, "title": "Household", "tasks": [
                { "id": 8, "title": "Pay rent", "description": "", "done": true, "done_at": "2026-02-03T04:05:06Z", "due_date": none,
                  "created": "2026-01-02T03:04:05Z" },
                { "id": 9, "title": "Pay rent", "description": "", "done": false, "done_at": none, "due_date": none },
            ] },
            { "id": 3, "title": "Empty", "tasks": null },
        ]);
        let file = zipped(&[("VERSION", "v0.24.6"), ("data.json", &data.to_string()), ("filters.json", "[]")]);
        let planned = import(&ada, "application/zip", "?dry_run=true", file.clone()).await.expect(200);
        assert_eq!(titles(&planned), ["Buy milk", "Pay rent", "Pay rent"]);
        assert_eq!(ada.numbers().await, [0, 0, 0, 0]);
        let report = import(&ada, "application/zip", "", file.clone()).await.expect(200);
        assert_eq!(ada.numbers().await, [3, 2, 1, 0]);
        let tasks = report["tasks"].as_array().unwrap();
        assert_eq!((&tasks[0]["description"], &tasks[0]["due_at"]), (&json!("Two & a half\nlitres"), &json!("2026-12-24T18:00:00Z")));
        assert_eq!((&tasks[1]["status"], &tasks[1]["completed_at"]), (&json!("completed"), &json!("2026-02-03T04:05:06Z")));
        assert_eq!((&tasks[1]["description"], &tasks[1]["due_at"]), (&json!("Project: Household"), &Value::Null));
        assert_eq!(import(&ada, "application/zip", "", file).await.expect(200)["already_there"], 3);
        assert_eq!(eve.numbers().await, [0, 0, 0, 0]);
        let task = |title: &str| json!([{ "title": "x", "tasks": [{ "title": title }] }]).to_string();
        let deflated_zeros = "0".repeat(70 * 1024 * 1024);
        for (file, field) in [
            (b"PK, or not".to_vec(), "file"),
            (zipped(&[("VERSION", "1")]), "file"),
            (zipped(&[("data.json", "{}")]), "data.json"),
            (zipped(&[("data.json", "[{")]), "data.json"),
            (zipped(&[("data.json", &deflated_zeros)]), "data.json"),
            (zipped(&[("data.json", &task(""))]), "[0].tasks[0]: title"),
        ] {
            let error = import(&eve, "application/zip", "", file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"].as_object().unwrap().keys().any(|name| name.starts_with(field)), "{field}: {error}");
        }
        let mut cut = zipped(&[("data.json", &task("Whole"))]);
        cut.truncate(cut.len() / 2);
        import(&eve, "application/zip", "", cut).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(eve.numbers().await, [0, 0, 0, 0]);
    }

    async fn an_export_comes_back_in_another_account_once(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&ada, &[]).await;
        let full = json!({ "title": "Älteste", "description": "two\nlines", "due_at": "2026-12-24T18:00:00Z" });
        ada.post("/api/tasks", full).await.expect(201);
        let done = ada.task("Done").await;
        let done = ada.touch(&format!("/api/tasks/{done}/complete")).await.expect(200);
        ada.team_task("In a team", &team).await;
        let file = ada.get("/api/export").await.text;

        let planned = import(&grace, "application/json", "?dry_run=true", file.clone()).await.expect(200);
        assert_eq!(titles(&planned), ["In a team", "Done", "Älteste"]);
        assert_eq!(planned["without_team"], 1);
        assert_eq!(grace.numbers().await, [0, 0, 0, 0], "a dry run adds nothing");
        let mut socket = Socket::of(&server, &grace).await;
        let report = import(&grace, "application/json", "", file.clone()).await.expect(200);
        assert_eq!(titles(&report), titles(&planned));
        assert_eq!(socket.next_event_but_statistics().await.0, "refetch");
        assert_eq!(grace.numbers().await, [3, 2, 1, 0]);
        let listed = grace.get("/api/tasks").await.expect(200);
        let task = |title: &str| listed["items"].as_array().unwrap().iter().find(|task| task["title"] == title).unwrap().clone();
        let full = task("Älteste");
        assert_eq!((&full["description"], &full["due_at"]), (&json!("two\nlines"), &json!("2026-12-24T18:00:00Z")));
        assert_eq!((&full["user_id"], &full["access"]), (&json!(grace.id), &json!("owner")));
        let (came, was) = (task("Done"), done);
        assert_eq!((&came["completed_at"], &came["created_at"]), (&was["completed_at"], &was["created_at"]));
        assert_eq!(task("In a team")["team_id"], Value::Null);
        // Search knows them, too.
        assert_eq!(grace.listed("/api/tasks?q=lteste", "title").await, ["Älteste"]);

        let again = import(&grace, "application/json", "", file.clone()).await.expect(200);
        assert_eq!((titles(&again).len(), &again["already_there"]), (0, &json!(3)));
        let at_home = import(&ada, "application/json", "", file).await.expect(200);
        assert_eq!((titles(&at_home).len(), &at_home["already_there"]), (0, &json!(3)));
        assert_eq!(ada.numbers().await, [3, 2, 1, 0]);
        assert_eq!(grace.numbers().await[0], 3);
    }

    async fn conversations_lists_goals_and_settings_are_imported_once_and_replace_nothing(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let talk = ada.post("/api/conversations", json!({ "title": "Talk" })).await.expect(201);
        let messages = format!("/api/conversations/{}/messages", talk["id"].as_str().unwrap());
        for (role, content) in [("user", "What is due?"), ("assistant", "Nothing.\nReally.")] {
            ada.post(&messages, json!({ "role": role, "content": content })).await.expect(201);
        }
        ada.post("/api/conversations", json!({})).await.expect(201);
        ada.post("/api/tasks/filters", json!({ "name": "Soon", "query": "due=week" })).await.expect(201);
        ada.post("/api/tasks/filters", json!({ "name": "Mine", "query": "due=today" })).await.expect(201);
        let put = async |who: &Client, path: &str, body: Value| who.send(who.request(Method::PUT, path).json(&body)).await;
        put(&ada, "/api/dashboard/goals", json!({ "daily": 3, "days_off": ["sunday"] })).await.expect(200);
        let choices = json!([{ "topic": "task_changed", "channels": ["page"] }, { "topic": "due_today", "channels": ["page"] }]);
        put(&ada, "/api/notifications/settings", json!({ "choices": choices })).await.expect(200);
        let file = ada.get("/api/export").await.text;

        let import_it = async |who: &Client, query: &str| import(who, "application/json", query, file.clone()).await.expect(200);
        let counts = |report: &Value| ["conversations", "messages", "conversations_already_there", "saved_lists", "notifications"]
            .map(|name| report[name].as_u64().unwrap());
        grace.post("/api/tasks/filters", json!({ "name": "Mine", "query": "due=none" })).await.expect(201);
        let planned = import_it(&grace, "?dry_run=true").await;
        assert_eq!((counts(&planned), &planned["goals"]), ([2, 2, 0, 1, 2], &json!(true)));
        assert_eq!(grace.get("/api/conversations").await.expect(200)["items"], json!([]), "a dry run adds nothing");
        assert_eq!(grace.get("/api/dashboard/goals").await.expect(200)["goals"]["daily"], Value::Null);
        let mut socket = Socket::of(&server, &grace).await;
        let report = import_it(&grace, "").await;
        assert_eq!((counts(&report), &report["goals"]), (counts(&planned), &json!(true)));
        assert_eq!(socket.next_event_but_statistics().await.0, "refetch");
        let found = grace.get("/api/conversations").await.expect(200);
        assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][1]["title"]), (2, &json!("Talk")));
        assert_eq!((&found["items"][1]["created_at"], &found["items"][1]["user_id"]), (&talk["created_at"], &json!(grace.id)));
        let messages = format!("/api/conversations/{}/messages", found["items"][1]["id"].as_str().unwrap());
        let said = grace.get(&messages).await.expect(200);
        let said: Vec<_> = said["items"].as_array().unwrap().iter().map(|message| (&message["role"], &message["content"])).collect();
        assert_eq!(said, [(&json!("assistant"), &json!("Nothing.\nReally.")), (&json!("user"), &json!("What is due?"))]);
        eve.get(&messages).await.expect_error(403, "FORBIDDEN");
        let goals = grace.get("/api/dashboard/goals").await.expect(200);
        assert_eq!(goals["goals"], json!({ "daily": 3, "weekly": null, "days_off": ["sunday"] }));
        let settings = grace.get("/api/notifications/settings").await.expect(200);
        assert_eq!(settings["choices"].as_array().unwrap().len(), 2);
        let lists = grace.get("/api/tasks/filters").await.expect(200);
        let query_of = |name: &str| lists["items"].as_array().unwrap().iter().find(|list| list["name"] == name).unwrap()["query"].clone();
        assert_eq!((query_of("Soon"), query_of("Mine")), (json!("due=week"), json!("due=none")), "hers stays");

        // Again, and in the account that it comes from: nothing.
        put(&grace, "/api/dashboard/goals", json!({ "daily": 9 })).await.expect(200);
        for who in [&grace, &ada] {
            let again = import_it(who, "").await;
            assert_eq!((counts(&again), &again["goals"]), ([0, 0, 2, 0, 0], &json!(false)));
            assert_eq!(who.get("/api/conversations").await.expect(200)["items"].as_array().unwrap().len(), 2);
        }
        assert_eq!(grace.get("/api/dashboard/goals").await.expect(200)["goals"]["daily"], 9);

        // What is wrong in one part refuses all of it, and says where.
        let whole: Value = serde_json::from_str(&file).unwrap();
        for (pointer, value, place) in [
            ("/goals/daily", json!(0), "goals.daily"),
            ("/saved_lists/0/query", json!("due=someday"), "saved_lists[0].query"),
            ("/notifications/0/topic", json!("due_today"), "notifications"),
            ("/conversations/0/title", json!("x".repeat(201)), "conversations[0]: title"),
            ("/conversations/1/messages/0/content", json!(" "), "conversations[1].messages[0]: content"),
            ("/conversations/1/messages/0/created_at", json!("2999-01-01T00:00:00Z"), "conversations[1].messages[0]: created_at"),
            ("/conversations/1/messages/0/role", json!("system"), "conversations[1].messages[0].role"),
            ("/conversations/1/messages", json!(vec![json!({ "role": "user", "content": "x" }); 10_001]), "conversations"),
        ] {
            let mut broken = whole.clone();
            broken["tasks"] = json!([{ "title": "New" }]);
            *broken.pointer_mut(pointer).unwrap() = value;
            let error = import(&eve, "application/json", "", broken.to_string()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][place].is_string(), "{place}: {error}");
        }
        assert_eq!(eve.numbers().await, [0, 0, 0, 0]);
        assert_eq!(eve.get("/api/conversations").await.expect(200)["items"], json!([]));
    }

    async fn an_imported_task_stays_in_its_team_if_the_user_may_add_there(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let [member, viewer] = [server.team(&ada, &[(&grace, "member")]).await, server.team(&ada, &[(&grace, "viewer")]).await];
        let file = json!({ "format": "tallyboard", "version": 1, "tasks": [
            { "title": "One", "team_id": member }, { "title": "Two", "team_id": viewer } ] });
        let mut socket = Socket::of(&server, &ada).await;
        let report = import(&grace, "application/json", "", file.to_string()).await.expect(200);
        assert_eq!((&report["tasks"][0]["team_id"], &report["tasks"][1]["team_id"]), (&json!(member), &Value::Null));
        assert_eq!(report["without_team"], 1);
        assert_eq!(socket.next_event_but_statistics().await.0, "refetch");
        assert_eq!(ada.listed(&format!("/api/tasks?team_id={member}"), "title").await, ["One"]);
        assert_eq!(ada.listed(&format!("/api/tasks?team_id={viewer}"), "title").await, Vec::<String>::new());
    }

    async fn after_the_oldest_possible_task_everything_still_counts(server) {
        let ada = server.user("Ada").await;
        let file = json!({ "format": "tallyboard", "version": 1, "tasks": [
            { "title": "Old", "status": "completed", "created_at": "1970-01-01T00:00:00Z", "completed_at": "1970-01-01T00:00:00Z" } ] });
        import(&ada, "application/json", "", file.to_string()).await.expect(200);
        // The counters fold their changes about every 64th write.
        for number in 0..150 {
            ada.task(&format!("Task {number}")).await;
        }
        assert_eq!(ada.numbers().await, [151, 150, 1, 0]);
        let trend = ada.get("/api/dashboard/trend?days=7").await.expect(200);
        assert_eq!(trend["days"][6]["created"], 150);
    }

    async fn broken_files_are_refused_by_line_and_add_nothing(server) {
        let ada = server.user("Ada").await;
        for (file, place) in [
            ("", "line 1"),
            ("colour\nred\n", "line 1"),
            ("title\n \"\"\n", ""),
            ("title,due\nGood,2026-12-24\n,2026-12-24\n", "line 3: title"),
            ("title,due\nGood,2026-12-24\nBad,someday\n", "line 3: due_at"),
            ("title,due\nBad,2026-02-30\n", "line 2: due_at"),
            ("title,completed_at\nBad,yesterday\n", "line 2: completed_at"),
            ("title,created_at\nBad,now\n", "line 2: created_at"),
            ("title,status\nBad,maybe\n", "line 2: status"),
            ("title,team_id\nBad,7\n", "line 2: team_id"),
            ("title,due\nGood,2026-12-24\nToo,many,values\n", "line 3"),
            ("title\nGood\na\u{0}b\n", "line 3: title"),
            ("title,due\nBad,0000-01-01\n", "line 2: due_at"),
            ("title,created_at\nBad,1969-12-30\n", "line 2: created_at"),
            ("title,created_at\nBad,2999-01-01\n", "line 2: created_at"),
            ("title,status,completed_at\nBad,done,1066-10-14\n", "line 2: completed_at"),
        ].into_iter().filter(|(_, place)| !place.is_empty()) {
            let error = csv(&ada, file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][place].is_string(), "{file:?}: {error}");
        }
        let error = import(&ada, "text/csv", "", b"title\nGood \xc3\xa4\n\xff\xfe\n".to_vec()).await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["line 3"].is_string(), "{error}");
        let json = |value: Value| import(&ada, "application/json", "", value.to_string());
        for (file, field) in [
            (json!({ "format": "other", "version": 1, "tasks": [] }), "format"),
            (json!({ "format": "tallyboard", "version": 2, "tasks": [] }), "version"),
            (json!({ "format": "tallyboard", "version": 1 }), "tasks"),
            (json!({ "format": "tallyboard", "version": 1, "tasks": [{ "title": "x", "colour": 1 }] }), "tasks[0].colour"),
            (json!({ "format": "tallyboard", "version": 1, "tasks": [{ "title": "x" }, { "title": " " }] }), "tasks[1]: title"),
            (json!({ "format": "tallyboard", "version": 1, "tasks": [{ "title": "x", "due_at": "someday" }] }), "tasks[0].due_at"),
            (json!({ "format": "tallyboard", "version": 1, "tasks": vec![json!({ "title": "x" }); 10_001] }), "tasks"),
        ] {
            let error = json(file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{field}: {error}");
        }
        let many = format!("title\n{}", "\"\"\n".repeat(3)) + &"a\u{7}b\n".repeat(50);
        let error = csv(&ada, &many).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"].as_object().unwrap().len(), 20, "{error}");
        import(&ada, "application/json", "", "{").await.expect_error(400, "BAD_REQUEST");
        import(&ada, "application/xml", "", "<x/>").await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        import(&ada, "text/csv", "?dry_run=perhaps", "title\nx\n").await.expect_error(422, "VALIDATION_ERROR");
        import(&ada, "text/csv", "", vec![b'x'; 8 * 1024 * 1024 + 1]).await.expect_error(413, "PAYLOAD_TOO_LARGE");
        assert_eq!(ada.numbers().await, [0, 0, 0, 0]);
        let reader = ada.personal(&["read"]).await;
        csv(&reader, "title\nx\n").await.expect_error(403, "FORBIDDEN");
        csv(&ada, "title\nx\n").await.expect(200);
        assert_eq!(ada.numbers().await[0], 1);
    }

    async fn ten_thousand_tasks_come_at_once_and_two_imports_at_a_time_add_them_once(server) {
        let ada = server.user("Ada").await;
        let lines: String = (0..10_000).map(|number| format!("Task {number},2026-12-24,{}\n", number % 2)).collect();
        let file = format!("title,due,done\n{lines}");
        let both = tokio::join!(csv(&ada, &file), csv(&ada, &file));
        let mut added = [both.0, both.1].map(|answer| if answer.status == 200 { titles(&answer.json()).len() } else { 0 });
        added.sort_unstable();
        assert_eq!(added, [0, 10_000]);
        assert_eq!(ada.numbers().await, [10_000, 5_000, 5_000, 0]);
        assert_eq!(csv(&ada, &file).await.expect(200)["already_there"], 10_000);
    }
}
