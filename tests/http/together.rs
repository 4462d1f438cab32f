//! Rules that cross rooms: teams, their tasks, shares and numbers.

use serde_json::{Value, json};

use crate::support::{Client, PASSWORD, Server};

async fn owner_of(reader: &Client, task: &str) -> (String, Value) {
    let task = reader.get(&format!("/api/tasks/{task}")).await.expect(200);
    (task["user_id"].as_str().unwrap().to_owned(), task["team_id"].clone())
}

async fn team_numbers(client: &Client) -> Value {
    client.get("/api/dashboard/teams").await.expect(200)["teams"].clone()
}

/// Ada's team, in which Grace goes: by herself, or put out by `remover`.
async fn somebody_goes(
    server: &Server,
    remover: Option<&Client>,
    ada: &Client,
    grace: &Client,
    eve: &Client,
    team: &str,
) {
    let hers = grace.team_task("Grace's", team).await;
    let private = grace.task("Private").await;
    let adas = ada.team_task("Ada's", team).await;
    server.share(&hers, grace, eve, "edit").await;
    server.share(&hers, grace, ada, "view").await;
    server.share(&adas, ada, grace, "edit").await;
    assert_eq!((ada.numbers().await, grace.numbers().await), ([1, 1, 0, 1], [2, 2, 0, 1]));

    match remover {
        Some(remover) => remover.delete(&format!("/api/teams/{team}/members/{}", grace.id)).await.expect(204),
        None => grace.touch(&format!("/api/teams/{team}/leave")).await.expect(204),
    };
    // Access ends at once, also through a share of a team task.
    for path in [
        format!("/api/tasks/{hers}"),
        format!("/api/tasks/{adas}"),
        format!("/api/teams/{team}"),
        format!("/api/tasks?team_id={team}"),
    ] {
        grace.get(&path).await.expect_error(403, "FORBIDDEN");
    }
    assert!(grace.listed("/api/tasks?shared=with_me", "id").await.is_empty());
    assert_eq!(grace.listed("/api/tasks", "id").await, [private.as_str()]);
    // Her tasks stay and belong to Ada, whose shares of them end; Eve's share stays.
    assert_eq!(owner_of(ada, &hers).await, (ada.id.clone(), json!(team)));
    assert_eq!(ada.get(&format!("/api/tasks/{hers}")).await.expect(200)["access"], "owner");
    assert_eq!(ada.listed(&format!("/api/tasks/{hers}/shares"), "name").await, ["Eve"]);
    assert_eq!(eve.get(&format!("/api/tasks/{hers}")).await.expect(200)["access"], "shared_edit");
    // Everybody's statistics have changed.
    assert_eq!((ada.numbers().await, grace.numbers().await), ([2, 2, 0, 0], [1, 1, 0, 0]));
    assert_eq!(team_numbers(grace).await, json!([]));
    assert_eq!(team_numbers(ada).await[0]["total"], 2);
}

on_both_databases! {
    async fn a_leaving_member_loses_access_and_their_tasks_pass_to_the_owner(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "member")]).await;
        somebody_goes(&server, None, &ada, &grace, &eve, &team).await;
    }

    async fn a_removed_member_loses_access_and_their_tasks_pass_to_the_owner(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let admin = server.user("Admin").await;
        let team = server.team(&ada, &[(&grace, "member"), (&admin, "admin")]).await;
        somebody_goes(&server, Some(&admin), &ada, &grace, &eve, &team).await;
    }

    async fn a_deleted_team_leaves_its_tasks_to_their_owners(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "member")]).await;
        let (adas, hers) = (ada.team_task("Ada's", &team).await, grace.team_task("Grace's", &team).await);
        server.share(&hers, &grace, &eve, "view").await;
        assert_eq!(team_numbers(&grace).await, json!([{ "team_id": team, "name": "Team", "pending": 2, "completed": 0, "total": 2 }]));
        ada.delete(&format!("/api/teams/{team}")).await.expect(204);
        assert_eq!(owner_of(&ada, &adas).await, (ada.id.clone(), Value::Null));
        assert_eq!(owner_of(&grace, &hers).await, (grace.id.clone(), Value::Null));
        ada.get(&format!("/api/tasks/{hers}")).await.expect_error(403, "FORBIDDEN");
        grace.get(&format!("/api/tasks/{adas}")).await.expect_error(403, "FORBIDDEN");
        eve.get(&format!("/api/tasks/{hers}")).await.expect(200);
        assert_eq!(team_numbers(&grace).await, json!([]));
    }

    async fn deleting_an_account_transfers_its_teams_and_ends_its_shares(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let passed = server.team(&ada, &[(&eve, "member"), (&grace, "admin")]).await;
        let gone = server.team(&ada, &[(&eve, "viewer")]).await;
        let (adas, graces) = (ada.team_task("Ada's", &passed).await, grace.team_task("Grace's", &passed).await);
        let mine = ada.task("Ada's own").await;
        server.share(&mine, &ada, &eve, "view").await;
        server.share(&graces, &ada, &eve, "view").await;
        assert_eq!(eve.numbers().await[3], 2);
        let delete = ada.request(reqwest::Method::DELETE, "/api/auth/me").json(&json!({ "password": PASSWORD }));
        ada.send(delete).await.expect(204);
        assert_eq!(grace.get(&format!("/api/teams/{passed}")).await.expect(200)["role"], "owner");
        assert_eq!(grace.listed(&format!("/api/teams/{passed}/members"), "name").await.len(), 2);
        eve.get(&format!("/api/teams/{gone}")).await.expect_error(404, "NOT_FOUND");
        grace.get(&format!("/api/tasks/{adas}")).await.expect_error(404, "NOT_FOUND");
        assert_eq!(owner_of(&grace, &graces).await, (grace.id.clone(), json!(passed)));
        // Ada's shares have ended.
        assert_eq!(eve.numbers().await[3], 0);
    }

    async fn a_team_task_is_shared_with_an_outsider_and_with_nobody_else(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "viewer")]).await;
        let (one, other) = (ada.team_task("One", &team).await, ada.team_task("Other", &team).await);
        server.share(&one, &ada, &eve, "edit").await;
        let seen = eve.get(&format!("/api/tasks/{one}")).await.expect(200);
        assert_eq!((&seen["access"], &seen["team_id"]), (&json!("shared_edit"), &json!(team)));
        eve.touch(&format!("/api/tasks/{one}/complete")).await.expect(200);
        eve.patch(&format!("/api/tasks/{one}"), json!({ "team_id": null })).await.expect_error(403, "FORBIDDEN");
        for path in [format!("/api/tasks/{other}"), format!("/api/teams/{team}"), format!("/api/tasks?team_id={team}")] {
            eve.get(&path).await.expect_error(403, "FORBIDDEN");
        }
        // A viewer with an `edit` share has the stronger access of the two.
        server.share(&one, &ada, &grace, "edit").await;
        assert_eq!(grace.get(&format!("/api/tasks/{one}")).await.expect(200)["access"], "shared_edit");
        assert_eq!(grace.get(&format!("/api/tasks/{other}")).await.expect(200)["access"], "team_viewer");
    }

    async fn an_owner_moves_a_task_and_a_manager_removes_it_from_the_team(server) {
        let (ada, grace, boss) = (server.user("Ada").await, server.user("Grace").await, server.user("Boss").await);
        let team = server.team(&boss, &[(&ada, "member"), (&grace, "admin")]).await;
        let elsewhere = server.team(&grace, &[(&ada, "viewer")]).await;
        let task = ada.task("Moves").await;
        let path = format!("/api/tasks/{task}");
        let to = |team: Value| json!({ "team_id": team });
        ada.patch(&path, to(json!(elsewhere))).await.expect_error(403, "FORBIDDEN");
        assert_eq!(ada.patch(&path, to(json!(team))).await.expect(200)["team_id"], json!(team));
        grace.patch(&path, to(json!(elsewhere))).await.expect_error(403, "FORBIDDEN");
        let taken = grace.patch(&path, json!({ "team_id": null, "title": "Out" })).await.expect(200);
        assert_eq!((&taken["team_id"], &taken["title"]), (&Value::Null, &json!("Out")));
        grace.get(&path).await.expect_error(403, "FORBIDDEN");
        let mine = ada.get(&path).await.expect(200);
        assert_eq!((&mine["title"], &mine["updated_at"]), (&json!("Out"), &taken["updated_at"]));
        assert_eq!(ada.patch(&path, to(json!(team))).await.expect(200)["team_id"], json!(team));
        assert_eq!(ada.patch(&path, to(Value::Null)).await.expect(200)["team_id"], Value::Null);
        ada.patch(&path, to(json!("019f0000-0000-7000-8000-000000000000"))).await.expect_error(404, "NOT_FOUND");
    }

    async fn a_client_that_disconnects_leaves_nothing_behind(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&ada, &[(&grace, "member")]).await;
        let work = {
            let (grace, team) = (grace.clone(), team.clone());
            tokio::spawn(async move {
                loop {
                    let made = grace.post("/api/tasks", json!({ "title": "Late", "team_id": team })).await;
                    if made.status != 201 {
                        return made.status;
                    }
                }
            })
        };
        while team_numbers(&ada).await[0]["total"].as_u64() < Some(5) {}
        grace.touch(&format!("/api/teams/{team}/leave")).await.expect(204);
        assert_eq!(work.await.unwrap(), 403);
        let owners = ada.listed(&format!("/api/tasks?team_id={team}"), "user_id").await;
        assert!(owners.len() >= 5 && owners.iter().all(|owner| *owner == ada.id), "{owners:?}");
        assert_eq!(ada.numbers().await[0], owners.len() as u64);
        assert!(grace.listed("/api/tasks", "id").await.is_empty());
    }
}
