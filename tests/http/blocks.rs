//! Blocked people: they can't add somebody to a team or share with them, and learn nothing of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, PASSWORD, Server};

const BLOCKS: &str = "/api/auth/blocks";

/// The answers `who` gets when adding and sharing with somebody, by address and by id.
async fn reach(who: &Client, task: &str, team: &str, person: &Client) -> Vec<(u16, Value)> {
    let mut answers = Vec::new();
    for named in [json!({ "email": person.email }), json!({ "user_id": person.id })] {
        for (path, grant) in [
            (format!("/api/tasks/{task}/shares"), json!({ "permission": "view" })),
            (format!("/api/teams/{team}/members"), json!({ "role": "member" })),
        ] {
            let mut body = named.clone();
            body.as_object_mut().unwrap().extend(grant.as_object().unwrap().clone());
            let answer = who.post(&path, body).await;
            answers.push((answer.status, answer.json()));
        }
    }
    answers
}

async fn delete(who: &Client, path: &str, body: Value) -> Answer {
    who.send(who.request(Method::DELETE, path).json(&body)).await
}

/// Where a form leads without script.
async fn press(who: &Client, form: &str, fields: &[(&str, &str)]) -> String {
    who.submit(form, "/settings/blocked", fields).await.header("location").to_owned()
}

on_both_kinds! {
    async fn to_a_blocked_person_the_address_looks_unknown(kind) {
        let server = Server::start(kind, &[]).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (task, team) = (eve.task("Spam").await, server.team(&eve, &[]).await);
        let gone = server.user("Gone").await;
        delete(&gone, "/api/auth/me", json!({ "password": PASSWORD })).await.expect(204);

        let block = ada.post(BLOCKS, json!({ "user_id": eve.id })).await.expect(201);
        assert_eq!((&block["user_id"], &block["name"]), (&json!(eve.id), &Value::Null), "a stranger's name stays theirs");
        let listed = ada.get(BLOCKS).await.expect(200);
        assert_eq!(listed["items"], json!([block]));
        assert_eq!(reach(&eve, &task, &team, &ada).await, reach(&eve, &task, &team, &gone).await);
        assert_eq!(eve.get(BLOCKS).await.expect(200)["items"], json!([]));

        ada.post(BLOCKS, json!({ "user_id": eve.id })).await.expect_error(409, "CONFLICT");
        ada.post(BLOCKS, json!({ "user_id": ada.id })).await.expect_error(409, "CONFLICT");
        ada.post(BLOCKS, json!({ "user_id": gone.id })).await.expect_error(404, "NOT_FOUND");

        delete(&ada, BLOCKS, json!({ "user_id": eve.id })).await.expect(204);
        delete(&ada, BLOCKS, json!({ "user_id": eve.id })).await.expect_error(404, "NOT_FOUND");
        server.share(&task, &eve, &ada, "view").await;
    }

    async fn leaving_and_blocking_ends_what_the_blocked_person_shares(kind) {
        let server = Server::start(kind, &[]).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (task, team) = (eve.task("Spam").await, server.team(&eve, &[(&ada, "member")]).await);
        server.share(&task, &eve, &ada, "view").await;
        let page = ada.get(&format!("/settings/blocked?person={}", eve.id)).await.text;
        assert!(page.contains("Block Eve?"), "{page}");
        assert!(ada.get("/tasks?shared=with_me").await.text.contains(&format!("/settings/blocked?person={}", eve.id)));
        assert!(ada.get(&format!("/teams/{team}")).await.text.contains(&format!("/settings/blocked?person={}", eve.id)));

        assert_eq!(press(&ada, "block_person", &[("person", &eve.id), ("leave", "true")]).await, "/settings/blocked");
        ada.get(&format!("/api/tasks/{task}")).await.expect_error(403, "FORBIDDEN");
        ada.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        let page = ada.get("/settings/blocked").await.text;
        assert!(page.contains("Unblock Eve"), "{page}");
        assert_eq!(press(&ada, "unblock_person", &[("id", &eve.id)]).await, "/settings/blocked");
        assert_eq!(ada.get(BLOCKS).await.expect(200)["items"], json!([]));
    }
}
