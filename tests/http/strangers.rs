//! Isolation, route by route: somebody else's data is 403, what does not exist is 404, and no list
//! says a word of either.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Client, Server};

const NOWHERE: &str = "019f0000-0000-7000-8000-000000000000";

struct Things {
    task: String,
    team: String,
    conversation: String,
    session: String,
    owner: String,
}

async fn things_of(ada: &Client, server: &Server, friend: &Client) -> Things {
    let id = |value: Value| value["id"].as_str().unwrap().to_owned();
    let team = server.team(ada, &[(friend, "member")]).await;
    let task = ada.team_task("Secret", &team).await;
    server.share(&task, ada, friend, "view").await;
    let conversation = id(ada.post("/api/conversations", json!({ "title": "Secret" })).await.expect(201));
    ada.post(&format!("/api/conversations/{conversation}/messages"), json!({ "content": "Secret" })).await.expect(201);
    let session = id(ada.get("/api/auth/sessions").await.expect(200)["items"][0].clone());
    Things { task, team, conversation, session, owner: ada.id.clone() }
}

/// Every route with an id, as a template.
fn doors(things: &Things) -> Vec<(Method, String, Value)> {
    let Things { task, team, conversation, session, owner } = things;
    let table = format!(
        "GET /api/tasks/{task}
         PATCH /api/tasks/{task} {{\"title\":\"x\"}}
         PUT /api/tasks/{task} {{\"title\":\"x\"}}
         DELETE /api/tasks/{task}
         POST /api/tasks/{task}/complete
         POST /api/tasks/{task}/reopen
         GET /api/tasks/{task}/shares
         POST /api/tasks/{task}/shares {{\"user_id\":\"{owner}\"}}
         PATCH /api/tasks/{task}/shares/{owner} {{\"permission\":\"edit\"}}
         DELETE /api/tasks/{task}/shares/{owner}
         GET /api/tasks?team_id={team}
         POST /api/tasks {{\"title\":\"x\",\"team_id\":\"{team}\"}}
         GET /api/teams/{team}
         PATCH /api/teams/{team} {{\"name\":\"x\"}}
         DELETE /api/teams/{team}
         GET /api/teams/{team}/members
         POST /api/teams/{team}/members {{\"user_id\":\"{owner}\"}}
         PATCH /api/teams/{team}/members/{owner} {{\"role\":\"member\"}}
         DELETE /api/teams/{team}/members/{owner}
         POST /api/teams/{team}/leave
         POST /api/teams/{team}/transfer {{\"user_id\":\"{owner}\"}}
         GET /api/conversations/{conversation}
         PATCH /api/conversations/{conversation} {{\"title\":\"x\"}}
         DELETE /api/conversations/{conversation}
         GET /api/conversations/{conversation}/messages
         POST /api/conversations/{conversation}/messages {{\"content\":\"x\"}}
         POST /api/conversations/{conversation}/ask {{\"content\":\"/help\"}}
         POST /api/conversations/{conversation}/ask {{\"content\":\"x\"}}
         POST /api/conversations/{conversation}/stop
         DELETE /api/auth/sessions/{session}"
    );
    let door = |line: &str| {
        let mut words = line.trim().splitn(3, ' ');
        let method = words.next().unwrap().parse().unwrap();
        let path = words.next().unwrap().to_owned();
        (method, path, words.next().map_or(Value::Null, |body| serde_json::from_str(body).unwrap()))
    };
    table.lines().map(door).collect()
}

async fn knock(client: &Client, method: &Method, path: &str, body: &Value) -> crate::support::Answer {
    let request = client.request(method.clone(), path);
    client.send(if body.is_null() { request } else { request.json(body) }).await
}

on_both_databases! {
    async fn no_door_opens_to_a_stranger(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let things = things_of(&ada, &server, &grace).await;
        let before = everything(&ada, &things).await;
        for (method, path, body) in doors(&things) {
            let answer = knock(&eve, &method, &path, &body).await;
            // Other users' sessions are 404, not 403: their existence is not revealed.
            let expected = if path.contains("/sessions/") { (404, "NOT_FOUND") } else { (403, "FORBIDDEN") };
            assert_eq!(answer.status, expected.0, "{method} {path}: {}", answer.text);
            let error = answer.expect_error(expected.0, expected.1);
            assert!(!error.to_string().contains("Secret"), "{error}");
            knock(&server.anybody(), &method, &path, &body).await.expect_error(401, "UNAUTHORIZED");
        }
        assert_eq!(everything(&ada, &things).await, before);
        for list in ["/api/tasks", "/api/tasks?shared=with_me", "/api/tasks?q=Secret", "/api/teams", "/api/conversations"] {
            assert!(eve.listed(list, "id").await.is_empty(), "{list}");
        }
        assert_eq!(eve.get("/api/dashboard/teams").await.expect(200), json!({ "teams": [] }));
        assert_eq!(eve.numbers().await, [0; 4]);
        // A member of the team sees the shared things and no conversation.
        grace.get(&format!("/api/conversations/{}", things.conversation)).await.expect_error(403, "FORBIDDEN");
        assert!(grace.listed("/api/conversations", "id").await.is_empty());
        assert_eq!(grace.listed("/api/tasks?shared=with_me", "id").await, [things.task.as_str()]);
    }

    async fn unknown_ids_are_not_found(server) {
        let eve = server.user("Eve").await;
        let id = || NOWHERE.to_owned();
        let nothing = Things { task: id(), team: id(), conversation: id(), session: id(), owner: id() };
        for (method, path, body) in doors(&nothing) {
            let answer = knock(&eve, &method, &path, &body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        }
    }
}

/// What Ada sees of all this, to find it unchanged.
async fn everything(ada: &Client, things: &Things) -> Vec<String> {
    let mut seen = Vec::new();
    for path in [
        format!("/api/tasks/{}", things.task),
        format!("/api/tasks/{}/shares", things.task),
        format!("/api/tasks?team_id={}", things.team),
        format!("/api/teams/{}", things.team),
        format!("/api/teams/{}/members", things.team),
        format!("/api/conversations/{}", things.conversation),
        format!("/api/conversations/{}/messages", things.conversation),
    ] {
        seen.push(ada.get(&path).await.expect(200).to_string());
    }
    seen
}
