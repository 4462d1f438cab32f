//! `sharing.acceptance = "strangers"`: strangers are asked before they are in a team or get a task.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Kind, Server};

const RECEIVED: &str = "/api/invitations/received";
const STRANGERS: (&str, &str) = ("TALLYBOARD_SHARING_ACCEPTANCE", "strangers");

async fn received(who: &Client) -> Vec<Value> {
    who.get(RECEIVED).await.expect(200)["items"].as_array().unwrap().clone()
}

async fn answer(who: &Client, invitation: &Value, how: &str) -> crate::support::Answer {
    who.post(&format!("{RECEIVED}/{}/{how}", invitation["id"].as_str().unwrap()), json!({})).await
}

async fn offer(server: &Server, who: &Client, to: &Client) -> (String, String) {
    let (task, team) = (who.task("Paint the fence").await, server.team(who, &[]).await);
    let sent = who.post(&format!("/api/tasks/{task}/shares"), json!({ "email": to.email, "permission": "edit" })).await;
    let sent = sent.expect(202);
    assert_eq!((&sent["task_id"], &sent["team_id"], &sent["access"]), (&json!(task), &Value::Null, &json!("edit")));
    let sent = who.post(&format!("/api/teams/{team}/members"), json!({ "user_id": to.id, "role": "viewer" })).await;
    assert!(!sent.text.contains(&to.email) && !sent.text.contains("Grace"), "the sender learns nothing: {}", sent.text);
    let sent = sent.expect(202);
    assert_eq!((&sent["team_id"], &sent["task_id"], &sent["access"]), (&json!(team), &Value::Null, &json!("viewer")));
    (task, team)
}

on_both_kinds! {
    async fn a_stranger_is_asked_first(kind) {
        let server = Server::start(kind, &[STRANGERS]).await;
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let (task, team) = offer(&server, &ada, &grace).await;
        grace.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
        grace.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        let again = json!({ "email": grace.email, "permission": "view" });
        ada.post(&format!("/api/tasks/{task}/shares"), again).await.expect_error(409, "CONFLICT");

        let [to_team, to_task] = &received(&grace).await[..] else { panic!("two invitations") };
        assert_eq!(
            to_task,
            &json!({ "id": to_task["id"], "from_user_id": ada.id, "from_name": "Ada", "team_id": null, "task_id": task,
                "subject": "Paint the fence", "access": "edit", "created_at": to_task["created_at"] })
        );
        assert_eq!(grace.get("/api/notifications/unread").await.expect(200)["count"], 2);
        let page = grace.get("/invitations").await.text;
        assert!(page.contains("Ada wants to share “Paint the fence” with you, to edit"), "{page}");
        for path in ["/notifications", "/teams"] {
            assert!(grace.get(path).await.text.contains("href=\"/invitations\""), "{path} doesn't lead to them");
        }

        // Nobody else sees or answers them, their sender included.
        for other in [&ada, &eve] {
            assert_eq!(received(other).await, Vec::<Value>::new());
            for how in ["accept", "decline"] {
                answer(other, to_task, how).await.expect_error(404, "NOT_FOUND");
            }
        }
        assert_eq!(received(&grace).await.len(), 2);

        answer(&grace, to_task, "accept").await.expect(200);
        assert_eq!(grace.get(&format!("/api/tasks/{task}")).await.expect(200)["access"], "shared_edit");
        answer(&grace, to_task, "accept").await.expect_error(404, "NOT_FOUND");
        answer(&grace, to_team, "decline").await.expect(204);
        grace.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        assert_eq!(received(&grace).await, Vec::<Value>::new());
        // They have a share in common now: the team takes them at once.
        let added = json!({ "email": grace.email, "role": "viewer" });
        ada.post(&format!("/api/teams/{team}/members"), added).await.expect(201);
    }

    async fn accepting_gives_no_more_than_the_sender_may_give_by_then(kind) {
        let server = Server::start(kind, &[STRANGERS]).await;
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let (task, team) = offer(&server, &ada, &grace).await;
        let [to_team, to_task] = &received(&grace).await[..] else { panic!("two invitations") };
        // Eve takes over the team and puts Ada out of it; the task is deleted.
        let admin = json!({ "email": eve.email, "role": "admin" });
        ada.post(&format!("/api/teams/{team}/members"), admin).await.expect(202);
        answer(&eve, &received(&eve).await[0], "accept").await.expect(200);
        ada.post(&format!("/api/teams/{team}/transfer"), json!({ "user_id": eve.id })).await.expect(200);
        eve.send(eve.request(Method::DELETE, &format!("/api/teams/{team}/members/{}", ada.id))).await.expect(204);
        answer(&grace, to_team, "accept").await.expect_error(404, "NOT_FOUND");
        grace.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        ada.send(ada.request(Method::DELETE, &format!("/api/tasks/{task}"))).await.expect(204);
        answer(&grace, to_task, "accept").await.expect_error(404, "NOT_FOUND");
        assert_eq!(received(&grace).await, Vec::<Value>::new());

        // What a blocked person offers isn't shown and can't be accepted.
        let task = ada.task("Again").await;
        ada.post(&format!("/api/tasks/{task}/shares"), json!({ "email": grace.email })).await.expect(202);
        let [offered] = &received(&grace).await[..] else { panic!("one invitation") };
        grace.post("/api/auth/blocks", json!({ "user_id": ada.id })).await.expect(201);
        assert_eq!(received(&grace).await, Vec::<Value>::new());
        answer(&grace, offered, "accept").await.expect_error(404, "NOT_FOUND");
    }

    async fn without_the_setting_nobody_is_asked(kind) {
        let server = Server::start(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let task = ada.task("At once").await;
        ada.post(&format!("/api/tasks/{task}/shares"), json!({ "email": grace.email })).await.expect(201);
        assert_eq!(received(&grace).await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_offer_accept_and_decline() {
    let server = Server::start(Kind::Sqlite, &[STRANGERS]).await;
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let press = async |who: &Client, form: &str, fields: &[(&str, &str)]| {
        who.submit(form, "/invitations", fields).await.header("location").to_owned()
    };
    let (_, team) = offer(&server, &ada, &grace).await;
    let [to_team, to_task] = &received(&grace).await[..] else { panic!("two invitations") };
    let id = |invitation: &Value| invitation["id"].as_str().unwrap().to_owned();
    assert_eq!(press(&grace, "decline_received_invitation", &[("id", &id(to_task))]).await, "/invitations");
    assert_eq!(press(&grace, "accept_received_invitation", &[("id", &id(to_team))]).await, format!("/teams/{team}"));
    assert_eq!(received(&grace).await, Vec::<Value>::new());
}
