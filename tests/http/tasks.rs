use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::Client;

async fn titles(client: &Client, query: &str) -> Vec<String> {
    let list = client.get(&format!("/api/tasks{query}")).await.expect(200);
    list["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
}

async fn patch_if(client: &Client, id: &str, version: &str, body: Value) -> crate::support::Answer {
    client
        .send(client.request(Method::PATCH, &format!("/api/tasks/{id}")).header("if-match", version).json(&body))
        .await
}

on_both_databases! {
    async fn a_task_is_made_read_changed_and_deleted(server) {
        let ada = server.user("Ada").await;
        let new = json!({ "title": "  Buy milk ", "description": "two", "due_at": "2026-12-01T10:00:00.1234567+02:00" });
        let made = ada.post("/api/tasks", new).await.expect(201);
        insta::assert_json_snapshot!("task", made, {
            ".id" => "[id]", ".user_id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]"
        });
        let path = format!("/api/tasks/{}", made["id"].as_str().unwrap());
        assert_eq!(ada.get(&path).await.expect(200), made);
        let changed = ada.patch(&path, json!({ "description": null, "title": "Buy oat milk" })).await.expect(200);
        assert_eq!((&changed["title"], &changed["description"]), (&json!("Buy oat milk"), &Value::Null));
        assert_eq!(changed["due_at"], made["due_at"]);
        assert!(changed["updated_at"].as_str() > made["updated_at"].as_str());
        ada.send(ada.request(Method::PUT, &path).json(&json!({ "status": "pending" }))).await.expect_error(422, "VALIDATION_ERROR");
        ada.send(ada.request(Method::PUT, &path).json(&json!({ "title": "Put" }))).await.expect(200);
        ada.delete(&path).await.expect(204);
        ada.get(&path).await.expect_error(404, "NOT_FOUND");
        ada.delete(&path).await.expect_error(404, "NOT_FOUND");
    }

    async fn completing_sets_the_time_and_is_the_same_the_second_time(server) {
        let ada = server.user("Ada").await;
        let id = ada.task("Once").await;
        let done = ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
        assert_eq!(done["status"], "completed");
        assert!(done["completed_at"].is_string());
        assert_eq!(ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200), done);
        let open = ada.touch(&format!("/api/tasks/{id}/reopen")).await.expect(200);
        assert_eq!((&open["status"], &open["completed_at"]), (&json!("pending"), &Value::Null));
        assert_eq!(ada.touch(&format!("/api/tasks/{id}/reopen")).await.expect(200), open);
        let made_done = ada.post("/api/tasks", json!({ "title": "Done already", "status": "completed" })).await.expect(201);
        assert_eq!(made_done["completed_at"], made_done["created_at"]);
    }

    async fn bad_input_is_refused_by_name_and_changes_nothing(server) {
        let ada = server.user("Ada").await;
        let id = ada.task("Stays").await;
        let before = ada.get(&format!("/api/tasks/{id}")).await.expect(200);
        for (body, field) in [
            (json!({ "title": "" }), "title"),
            (json!({ "title": "x".repeat(201) }), "title"),
            (json!({ "title": 5 }), "title"),
            (json!({ "title": "a\u{0}b" }), "title"),
            (json!({ "title": "ok", "description": "x".repeat(1001) }), "description"),
            (json!({ "title": "ok", "status": "started" }), "status"),
            (json!({ "title": "ok", "due_at": "tomorrow" }), "due_at"),
            (json!({ "title": "ok", "team_id": "x" }), "team_id"),
            (json!({ "title": "ok", "colour": "red" }), "colour"),
        ] {
            let error = ada.post("/api/tasks", body.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{body}: {error}");
            let error = ada.patch(&format!("/api/tasks/{id}"), body).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{error}");
        }
        assert_eq!(ada.get(&format!("/api/tasks/{id}")).await.expect(200), before);
        assert_eq!(titles(&ada, "").await, ["Stays"]);
        // Lengths count Unicode scalar values, not bytes.
        ada.post("/api/tasks", json!({ "title": "ü".repeat(200) })).await.expect(201);
    }

    async fn lists_filter_search_and_page_without_gaps_or_doubles(server) {
        let ada = server.user("Ada").await;
        for number in 0..7 {
            let id = ada.task(&format!("Task {number} 100%_")).await;
            if number % 2 == 0 {
                ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
            }
        }
        assert_eq!(titles(&ada, "?status=pending").await.len(), 3);
        assert_eq!(titles(&ada, "?status=completed").await.len(), 4);
        assert_eq!(titles(&ada, "?q=TASK%203").await, ["Task 3 100%_"]);
        // Wildcards of LIKE are ordinary characters.
        assert_eq!(titles(&ada, "?q=%25_").await.len(), 7);
        assert_eq!(titles(&ada, "?q=k_3").await.len(), 0);
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = ada.get(&format!("/api/tasks?limit=3{cursor}")).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()));
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(pages, 3);
        assert_eq!(seen, (0..7).rev().map(|number| format!("Task {number} 100%_")).collect::<Vec<_>>());
        for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=x", "cursor"), ("status=x", "status"),
            ("shared=by_me", "shared"), ("page=1", "page"), ("team_id=1", "team_id")] {
            let error = ada.get(&format!("/api/tasks?{query}")).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{query}: {error}");
        }
    }

    async fn a_list_answers_each_task_as_it_is_read_alone(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&grace, &[(&ada, "member")]).await;
        for title in ["null", "\"quoted\" \\ back/slash", "a\u{200d}b \u{200e}\u{fffd}", "[1,2]", "💡 é ß 日本", "{\"a\":null}"] {
            let task = json!({ "title": title, "description": format!("{title}\n'; --"), "team_id": team });
            ada.post("/api/tasks", task).await.expect(201);
        }
        let due = json!({ "title": "Due", "due_at": "2030-01-02T03:04:05.678Z", "status": "completed" });
        ada.post("/api/tasks", due).await.expect(201);
        let graces = grace.task("Hers").await;
        server.share(&graces, &grace, &ada, "edit").await;
        let lists = ["", &format!("team_id={team}"), "shared=with_me", "access=change", "sort=title", "sort=due", "q=n"];
        for (list, expected) in lists.iter().zip([7, 6, 1, 8, 7, 7, 2]) {
            let answer = ada.get(&format!("/api/tasks?{list}")).await.expect(200);
            let items = answer["items"].as_array().unwrap();
            assert_eq!(items.len(), expected, "{list}");
            for item in items {
                let id = item["id"].as_str().unwrap();
                assert_eq!(ada.get(&format!("/api/tasks/{id}")).await.expect(200), *item, "{list}");
            }
        }
    }

    async fn an_old_version_is_refused_when_the_caller_asks_for_it(server) {
        let ada = server.user("Ada").await;
        let id = ada.task("First").await;
        let read = ada.get(&format!("/api/tasks/{id}")).await;
        let version = read.header("etag").to_owned();
        assert_eq!(version, format!("\"{}\"", read.json()["updated_at"].as_str().unwrap()));
        patch_if(&ada, &id, &version, json!({ "title": "Second" })).await.expect(200);
        patch_if(&ada, &id, &version, json!({ "title": "Third" })).await.expect_error(412, "PRECONDITION_FAILED");
        patch_if(&ada, &id, "Second", json!({ "title": "Third" })).await.expect_error(400, "BAD_REQUEST");
        patch_if(&ada, &id, "*", json!({ "title": "Any" })).await.expect(200);
        let delete = ada.request(Method::DELETE, &format!("/api/tasks/{id}")).header("if-match", &version);
        ada.send(delete).await.expect_error(412, "PRECONDITION_FAILED");
        assert_eq!(titles(&ada, "").await, ["Any"]);
    }

    async fn concurrent_changes_all_arrive_or_say_so(server) {
        let ada = server.user("Ada").await;
        let id = ada.task("Raced").await;
        let race = (0..8).map(|number| {
            let (ada, path) = (ada.clone(), format!("/api/tasks/{id}"));
            tokio::spawn(async move { ada.patch(&path, json!({ "title": format!("Racer {number}") })).await.status })
        });
        for racer in race.collect::<Vec<_>>() {
            assert_eq!(racer.await.unwrap(), 200);
        }
        assert!(titles(&ada, "").await[0].starts_with("Racer"));
    }

    async fn nobody_reaches_somebody_elses_task(server) {
        let ada = server.user("Ada").await;
        let eve = server.user("Eve").await;
        let id = ada.task("Secret").await;
        let path = format!("/api/tasks/{id}");
        let error = eve.get(&path).await.expect_error(403, "FORBIDDEN");
        insta::assert_json_snapshot!("somebody_elses_task", error);
        eve.patch(&path, json!({ "title": "Mine" })).await.expect_error(403, "FORBIDDEN");
        eve.delete(&path).await.expect_error(403, "FORBIDDEN");
        eve.touch(&format!("{path}/complete")).await.expect_error(403, "FORBIDDEN");
        eve.touch(&format!("{path}/reopen")).await.expect_error(403, "FORBIDDEN");
        for query in ["", "?shared=with_me", "?q=Secret"] {
            assert!(titles(&eve, query).await.is_empty());
        }
        eve.get("/api/tasks/019f0000-0000-7000-8000-000000000000").await.expect_error(404, "NOT_FOUND");
        assert_eq!(ada.get(&path).await.expect(200)["title"], "Secret");
        assert_eq!(eve.numbers().await, [0; 4]);
    }

    async fn shares_and_roles_give_what_the_contract_says_and_no_more(server) {
        let owner = server.user("Owner").await;
        let people = ["admin", "member", "viewer", "edit", "view", "stranger"];
        let mut clients = Vec::new();
        for name in people {
            clients.push(server.user(name).await);
        }
        let [admin, member, viewer, edit, view, stranger] = &clients[..] else { panic!() };
        let boss = server.user("Boss").await;
        let team = server.team(&boss, &[(admin, "admin"), (member, "member"), (viewer, "viewer"), (&owner, "member")]).await;
        boss.patch(&format!("/api/teams/{team}"), json!({ "members_edit": "own" })).await.expect(200);
        let task = |title: &str| json!({ "title": title, "team_id": team });
        let id = owner.post("/api/tasks", task("Team task")).await.expect(201)["id"].as_str().unwrap().to_owned();
        server.share(&id, &owner, edit, "edit").await;
        server.share(&id, &owner, view, "view").await;
        let path = format!("/api/tasks/{id}");
        for (person, access, read, change, manage) in [
            (&owner, "owner", 200, 200, true), (&boss, "team_owner", 200, 200, true), (admin, "team_admin", 200, 200, true),
            (member, "team_member", 200, 403, false), (viewer, "team_viewer", 200, 403, false),
            (edit, "shared_edit", 200, 200, false), (view, "shared_view", 200, 403, false), (stranger, "", 403, 403, false),
        ] {
            let seen = person.get(&path).await.expect(read);
            assert_eq!(seen["access"].as_str().unwrap_or_default(), access);
            person.patch(&path, json!({ "description": access })).await.expect(change);
            person.touch(&format!("{path}/complete")).await.expect(change);
            person.touch(&format!("{path}/reopen")).await.expect(change);
            if !manage {
                person.delete(&path).await.expect_error(403, "FORBIDDEN");
                person.patch(&path, json!({ "team_id": null })).await.expect_error(403, "FORBIDDEN");
            }
            let in_team = if ["team_owner", "team_admin", "team_member", "owner"].contains(&access) { 201 } else { 403 };
            person.post("/api/tasks", task("Another")).await.expect(in_team);
            let listed = if access.starts_with("team") || access == "owner" { 200 } else { 403 };
            person.get(&format!("/api/tasks?team_id={team}")).await.expect(listed);
        }
        assert_eq!(titles(edit, "?shared=with_me").await, ["Team task"]);
        assert!(titles(member, "?shared=with_me").await.is_empty());
        admin.delete(&path).await.expect(204);
        assert!(titles(view, "?shared=with_me").await.is_empty());
        assert_eq!(view.numbers().await, [0; 4]);
    }

    async fn ids_are_unique_and_in_order(server) {
        let ada = server.user("Ada").await;
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(ada.task(&number.to_string()).await);
        }
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect::<Vec<_>>(), ids);
        assert!(ids.iter().all(|id| id.as_bytes()[14] == b'7' && *id == id.to_lowercase()));
    }
}
