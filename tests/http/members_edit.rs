//! A team's setting: members edit every task of the team, or only their own.

use serde_json::json;

on_both_databases! {
    async fn a_new_teams_members_edit_every_task(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "member"), (&eve, "viewer")]).await;
        let path = format!("/api/teams/{team}");
        assert_eq!(grace.get(&path).await.expect(200)["members_edit"], "all");
        let task = ada.team_task("Ours", &team).await;
        let task_path = format!("/api/tasks/{task}");
        let changed = grace.patch(&task_path, json!({ "title": "By Grace" })).await.expect(200);
        assert_eq!((&changed["access"], &changed["user_id"]), (&json!("team_member"), &json!(ada.id)));
        assert_eq!(grace.touch(&format!("{task_path}/complete")).await.expect(200)["status"], "completed");
        assert_eq!(grace.touch(&format!("{task_path}/reopen")).await.expect(200)["status"], "pending");
        let bulk = json!({ "ids": [task], "action": "complete" });
        grace.post("/api/tasks/bulk", bulk).await.expect(200);
        // What belongs to whom stays with those who manage the task.
        grace.delete(&task_path).await.expect_error(403, "FORBIDDEN");
        grace.post(&format!("{task_path}/shares"), json!({ "user_id": eve.id })).await.expect_error(403, "FORBIDDEN");
        grace.patch(&task_path, json!({ "team_id": null })).await.expect_error(403, "FORBIDDEN");
        let other = server.team(&grace, &[]).await;
        grace.patch(&task_path, json!({ "team_id": other })).await.expect_error(403, "FORBIDDEN");
        eve.patch(&task_path, json!({ "title": "By Eve" })).await.expect_error(403, "FORBIDDEN");
        // Only their own tasks, once the team says so.
        grace.patch(&path, json!({ "members_edit": "own" })).await.expect_error(403, "FORBIDDEN");
        assert_eq!(ada.patch(&path, json!({ "members_edit": "own" })).await.expect(200)["members_edit"], "own");
        grace.patch(&task_path, json!({ "title": "Again" })).await.expect_error(403, "FORBIDDEN");
        grace.touch(&format!("{task_path}/reopen")).await.expect_error(403, "FORBIDDEN");
        let own = grace.team_task("Hers", &team).await;
        grace.touch(&format!("/api/tasks/{own}/complete")).await.expect(200);
        let error = ada.patch(&path, json!({ "members_edit": "some" })).await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["members_edit"].is_string(), "{error}");
        assert_eq!(ada.patch(&path, json!({ "name": "Renamed" })).await.expect(200)["members_edit"], "own");
    }
}
