//! Deleted tasks can be restored.

use serde_json::{Value, json};

use crate::support::{Assistant, Client};

const TRASH: &str = "/api/tasks?trash=true";

async fn restore(client: &Client, task: &str) -> Value {
    client.touch(&format!("/api/tasks/{task}/restore")).await.expect(200)
}

/// Every way in which a task can be read.
async fn assert_gone(client: &Client, task: &str) {
    let path = format!("/api/tasks/{task}");
    client.get(&path).await.expect_error(404, "NOT_FOUND");
    client.patch(&path, json!({ "title": "Changed" })).await.expect_error(404, "NOT_FOUND");
    client.touch(&format!("{path}/complete")).await.expect_error(404, "NOT_FOUND");
    assert!(client.listed("/api/tasks", "id").await.is_empty());
    assert!(client.listed("/api/tasks?q=Ours", "id").await.is_empty());
    assert_eq!(client.numbers().await, [0, 0, 0, 0]);
    let export = client.get("/api/export?format=json").await.expect(200);
    assert_eq!(export["tasks"], json!([]));
    let found = Assistant::of(client).call("list_tasks", json!({})).await.unwrap();
    assert_eq!(found["items"], json!([]));
}

on_both_databases! {
    async fn a_deleted_task_comes_back_as_it_was(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let before = ada.post("/api/tasks", json!({
            "title": "Ours", "description": "In the cellar", "status": "completed", "due_at": "2026-12-24T18:00:00Z"
        })).await.expect(201);
        assert_eq!(before["deleted_at"], Value::Null);
        let task = before["id"].as_str().unwrap().to_owned();
        server.share(&task, &ada, &grace, "edit").await;
        ada.delete(&format!("/api/tasks/{task}")).await.expect(204);
        assert_gone(&ada, &task).await;
        assert_gone(&grace, &task).await;

        let deleted = ada.get(TRASH).await.expect(200)["items"][0].clone();
        assert_eq!((&deleted["id"], &deleted["title"]), (&json!(task), &json!("Ours")));
        assert_eq!(deleted["deleted_by"], json!({ "user_id": ada.id, "name": "Ada", "via": null }));
        assert!(deleted["deleted_at"].is_string());
        // Someone who couldn't have deleted it can't restore it.
        assert!(grace.listed(TRASH, "id").await.is_empty());
        grace.touch(&format!("/api/tasks/{task}/restore")).await.expect_error(404, "NOT_FOUND");
        grace.delete(&format!("/api/tasks/{task}?permanently=true")).await.expect_error(404, "NOT_FOUND");

        let export = ada.get("/api/export?format=json").await.expect(200);
        assert_eq!(export["trash"][0]["title"], "Ours");
        let imported = grace.post("/api/import", export).await.expect(200);
        assert_eq!(imported["tasks"], json!([]));

        let after = restore(&ada, &task).await;
        for field in ["id", "user_id", "title", "description", "status", "due_at", "completed_at", "created_at", "deleted_at"] {
            assert_eq!(after[field], before[field], "{field}");
        }
        assert_ne!(after["updated_at"], before["updated_at"]);
        assert_eq!(ada.numbers().await, [1, 0, 1, 0]);
        assert_eq!(grace.numbers().await, [0, 0, 0, 1]);
        assert_eq!(grace.get(&format!("/api/tasks/{task}")).await.expect(200)["access"], "shared_edit");
        assert_eq!(ada.listed("/api/tasks?q=cellar", "title").await, ["Ours"]);
        assert!(ada.listed(TRASH, "id").await.is_empty());
        ada.touch(&format!("/api/tasks/{task}/restore")).await.expect_error(404, "NOT_FOUND");
    }

    async fn a_task_is_deleted_for_good_on_purpose(server) {
        let ada = server.user("Ada").await;
        let (first, second, third) = (ada.task("First").await, ada.task("Second").await, ada.task("Third").await);
        ada.delete(&format!("/api/tasks/{first}?permanently=true")).await.expect(204);
        assert!(ada.listed(TRASH, "id").await.is_empty());
        ada.delete(&format!("/api/tasks/{second}")).await.expect(204);
        ada.delete(&format!("/api/tasks/{second}")).await.expect_error(404, "NOT_FOUND");
        ada.delete(&format!("/api/tasks/{second}?permanently=true")).await.expect(204);
        ada.touch(&format!("/api/tasks/{second}/restore")).await.expect_error(404, "NOT_FOUND");
        ada.post("/api/tasks/bulk", json!({ "ids": [third], "action": "delete" })).await.expect(200);
        assert_eq!(ada.listed(TRASH, "title").await, ["Third"]);
        ada.delete("/api/trash").await.expect(204);
        ada.delete("/api/trash").await.expect(204);
        assert!(ada.listed(TRASH, "id").await.is_empty());
        let error = ada.get("/api/tasks?trash=true&status=pending").await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["status"].is_string(), "{error}");
    }

    async fn a_team_restores_what_its_members_deleted(server) {
        let (ada, grace, mary) = (server.user("Ada").await, server.user("Grace").await, server.user("Mary").await);
        let team = server.team(&ada, &[(&grace, "member"), (&mary, "member")]).await;
        let (mine, left, gone) =
            (grace.team_task("Mine", &team).await, mary.team_task("Left", &team).await, mary.team_task("Gone", &team).await);
        for (client, task) in [(&ada, &mine), (&mary, &left), (&mary, &gone)] {
            client.delete(&format!("/api/tasks/{task}")).await.expect(204);
        }
        // The owner of a task and the team's owner see it in their trash; another member doesn't.
        assert_eq!(grace.listed(TRASH, "title").await, ["Mine"]);
        assert_eq!(ada.listed(TRASH, "title").await, ["Gone", "Left", "Mine"]);
        let restored = restore(&ada, &mine).await;
        assert_eq!((&restored["user_id"], &restored["team_id"]), (&json!(grace.id), &json!(team)));
        // Emptying one's trash leaves what members deleted of their own.
        ada.delete("/api/trash").await.expect(204);
        assert_eq!(ada.listed(TRASH, "title").await, ["Gone", "Left"]);

        mary.touch(&format!("/api/teams/{team}/leave")).await.expect(204);
        assert!(mary.listed(TRASH, "title").await.is_empty());
        mary.touch(&format!("/api/tasks/{left}/restore")).await.expect_error(404, "NOT_FOUND");
        let restored = restore(&ada, &left).await;
        assert_eq!((&restored["user_id"], &restored["team_id"]), (&json!(ada.id), &json!(team)));
        ada.delete(&format!("/api/teams/{team}")).await.expect(204);
        let restored = restore(&mary, &gone).await;
        assert_eq!((&restored["user_id"], &restored["team_id"]), (&json!(mary.id), &Value::Null));
    }

    async fn an_assistant_restores_and_is_named(server) {
        let ada = server.user("Ada").await;
        let task = ada.task("Ours").await;
        let assistant = ada.personal(&["read", "write"]).await;
        assistant.delete(&format!("/api/tasks/{task}")).await.expect(204);
        let deleted = ada.get(TRASH).await.expect(200)["items"][0].clone();
        assert!(deleted["deleted_by"]["via"].is_string(), "{deleted}");
        let restored = Assistant::of(&assistant).call("restore_task", json!({ "task_id": task })).await.unwrap();
        assert_eq!(restored["id"], json!(task));
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
    }

    async fn two_restores_at_once_make_one_task(server) {
        let ada = server.user("Ada").await;
        let task = ada.task("Ours").await;
        ada.delete(&format!("/api/tasks/{task}")).await.expect(204);
        let path = format!("/api/tasks/{task}/restore");
        let answers = futures::future::join_all((0..8).map(|_| ada.touch(&path))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(answers.iter().filter(|answer| answer.status == 404).count(), 7);
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
    }
}
