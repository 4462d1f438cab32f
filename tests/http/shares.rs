use serde_json::json;

use crate::support::Client;

async fn shares(client: &Client, task: &str) -> Vec<(String, String)> {
    let list = client.get(&format!("/api/tasks/{task}/shares")).await.expect(200);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap();
    items.iter().map(|share| (text(&share["name"]), text(&share["permission"]))).collect()
}

on_both_databases! {
    async fn a_share_is_made_read_changed_and_revoked(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let task = ada.task("Ours").await;
        let path = format!("/api/tasks/{task}/shares");
        assert_eq!(grace.numbers().await[3], 0);
        let share = ada.post(&path, json!({ "email": " Grace@Example.org " })).await.expect(201);
        insta::assert_json_snapshot!("share", share, {
            ".task_id" => "[id]", ".shared_with_user_id" => "[id]", ".shared_by_user_id" => "[id]", ".created_at" => "[time]"
        });
        ada.post(&path, json!({ "user_id": grace.id, "permission": "edit" })).await.expect_error(409, "CONFLICT");
        assert_eq!(grace.numbers().await[3], 1);
        assert_eq!(grace.get(&format!("/api/tasks/{task}")).await.expect(200)["access"], "shared_view");
        grace.patch(&format!("/api/tasks/{task}"), json!({ "title": "Mine" })).await.expect_error(403, "FORBIDDEN");

        let one = format!("{path}/{}", grace.id);
        assert_eq!(ada.patch(&one, json!({ "permission": "edit" })).await.expect(200)["permission"], "edit");
        let shared = grace.get("/api/dashboard/shared").await.expect(200);
        assert_eq!(shared, json!({ "total_shared": 1, "view_only": 0, "can_edit": 1 }));
        let changed = grace.patch(&format!("/api/tasks/{task}"), json!({ "title": "Ours, by Grace" })).await.expect(200);
        assert_eq!((&changed["access"], &changed["user_id"]), (&json!("shared_edit"), &json!(ada.id)));
        assert_eq!(ada.get(&format!("/api/tasks/{task}")).await.expect(200)["title"], "Ours, by Grace");

        ada.delete(&one).await.expect(204);
        ada.delete(&one).await.expect_error(404, "NOT_FOUND");
        ada.patch(&one, json!({ "permission": "view" })).await.expect_error(404, "NOT_FOUND");
        assert_eq!(grace.numbers().await[3], 0);
        grace.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
        assert!(grace.listed("/api/tasks?shared=with_me", "id").await.is_empty());
    }

    async fn nobody_shares_with_themselves_or_with_the_owner(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&grace, &[(&ada, "member")]).await;
        let task = ada.team_task("In the team", &team).await;
        let path = format!("/api/tasks/{task}/shares");
        for (body, field) in [(json!({ "email": ada.email }), "email"), (json!({ "user_id": ada.id }), "user_id")] {
            let error = ada.post(&path, body.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{error}");
            // The team's owner cannot share a task with its owner.
            let error = grace.post(&path, body).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{error}");
        }
        grace.post(&path, json!({ "user_id": grace.id })).await.expect_error(422, "VALIDATION_ERROR");
        assert!(shares(&ada, &task).await.is_empty());
    }

    async fn bad_input_is_refused_by_name(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let task = ada.task("Ours").await;
        let path = format!("/api/tasks/{task}/shares");
        for (body, field) in [
            (json!({}), "email"),
            (json!({ "email": "grace" }), "email"),
            (json!({ "email": grace.email, "user_id": grace.id }), "user_id"),
            (json!({ "email": grace.email, "permission": "own" }), "permission"),
            (json!({ "email": grace.email, "until": "tomorrow" }), "until"),
        ] {
            let error = ada.post(&path, body.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{body}: {error}");
        }
        ada.post(&path, json!({ "email": "nobody@example.org" })).await.expect_error(404, "NOT_FOUND");
        ada.post(&path, json!({ "user_id": task })).await.expect_error(404, "NOT_FOUND");
        ada.get("/api/tasks/x/shares").await.expect_error(400, "BAD_REQUEST");
        ada.delete(&format!("{path}/x")).await.expect_error(400, "BAD_REQUEST");
        ada.get("/api/tasks/019f0000-0000-7000-8000-000000000000/shares").await.expect_error(404, "NOT_FOUND");
        assert!(shares(&ada, &task).await.is_empty());
    }

    async fn a_tasks_manager_manages_its_shares_and_receivers_can_give_theirs_up(server) {
        let mut people = Vec::new();
        for name in ["boss", "admin", "owner", "member", "viewer", "editor", "reader"] {
            people.push(server.user(name).await);
        }
        let [boss, admin, owner, member, viewer, editor, reader] = &people[..] else { panic!() };
        let team = server.team(boss, &[(admin, "admin"), (owner, "member"), (member, "member"), (viewer, "viewer")]).await;
        let task = owner.team_task("In the team", &team).await;
        server.share(&task, owner, editor, "edit").await;
        server.share(&task, admin, reader, "view").await;
        let path = format!("/api/tasks/{task}/shares");
        let extra = server.user("extra").await;
        for (who, manages) in [(boss, true), (admin, true), (owner, true), (member, false), (viewer, false), (editor, false), (reader, false)] {
            let [made, changed, ended] = if manages { [201, 200, 204] } else { [403; 3] };
            who.post(&path, json!({ "user_id": extra.id })).await.expect(made);
            let theirs = format!("{path}/{}", if manages { &extra.id } else { &reader.id });
            if std::ptr::eq(who, reader) {
                who.patch(&theirs, json!({ "permission": "edit" })).await.expect(changed);
                continue;
            }
            who.patch(&theirs, json!({ "permission": "edit" })).await.expect(changed);
            who.delete(&theirs).await.expect(ended);
        }
        // Users who may not share the task see only their own share.
        assert_eq!(shares(boss, &task).await, [("reader".to_owned(), "view".to_owned()), ("editor".to_owned(), "edit".to_owned())]);
        assert_eq!(shares(editor, &task).await, [("editor".to_owned(), "edit".to_owned())]);
        assert!(shares(member, &task).await.is_empty());
        editor.delete(&format!("{path}/{}", editor.id)).await.expect(204);
        editor.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
        assert_eq!(editor.numbers().await[3], 0);
        // Somebody without a share cannot give it up.
        member.delete(&format!("{path}/{}", member.id)).await.expect_error(404, "NOT_FOUND");
    }

    async fn tasks_shared_with_me_are_sorted_by_when_they_were_shared(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let mut tasks = Vec::new();
        for title in ["One", "Two", "Three", "Four", "Five"] {
            tasks.push(ada.task(title).await);
        }
        for place in [3, 0, 4, 1, 2] {
            server.share(&tasks[place], &ada, &grace, "view").await;
        }
        assert_eq!(grace.listed("/api/tasks?shared=with_me", "title").await, ["Three", "Two", "Five", "One", "Four"]);
        ada.touch(&format!("/api/tasks/{}/complete", tasks[0])).await.expect(200);
        assert_eq!(grace.listed("/api/tasks?shared=with_me&status=completed", "title").await, ["One"]);
        assert_eq!(grace.listed("/api/tasks?shared=with_me&status=pending&q=f", "title").await, ["Five", "Four"]);
        grace.get("/api/tasks?shared=with_me&team_id=019f0000-0000-7000-8000-000000000000").await.expect_error(422, "VALIDATION_ERROR");
        for person in ["Ben", "Cleo", "Dan"] {
            server.share(&tasks[0], &ada, &server.user(person).await, "view").await;
        }
        assert_eq!(ada.listed(&format!("/api/tasks/{}/shares", tasks[0]), "name").await, ["Dan", "Cleo", "Ben", "Grace"]);
    }
}
