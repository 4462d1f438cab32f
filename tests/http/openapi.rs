use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Kind, Server};

/// The contract's table of routes.
const CONTRACT: &str = "
POST /api/auth/signup
POST /api/auth/signin
POST /api/auth/signout
GET, PATCH, DELETE /api/auth/me
POST /api/auth/password
POST /api/auth/password/forgot
POST /api/auth/email/confirm
POST /api/auth/email/send
GET, POST, DELETE /api/auth/two-step
POST /api/auth/two-step/confirm
GET, POST /api/auth/signin/passkey
GET, POST /api/auth/passkeys
GET, POST, DELETE /api/auth/blocks
POST /api/auth/passkeys/options
DELETE /api/auth/passkeys/{id}
GET /api/notifications
GET /api/notifications/unread
POST /api/notifications/read
GET, PUT /api/notifications/settings
GET /api/auth/sessions
DELETE /api/auth/sessions/{id}
GET, POST /api/auth/tokens
DELETE /api/auth/tokens/{id}
GET /api/dashboard/statistics
GET /api/dashboard/activity
GET /api/dashboard/breakdown
GET /api/dashboard/shared
GET /api/dashboard/trend
GET /api/dashboard/teams
GET, PUT /api/dashboard/goals
GET /api/dashboard/health
GET /health
GET /healthz
GET /readyz
GET /api/audit
GET /api/performance
GET, POST /api/tasks
POST /api/tasks/bulk
GET, POST /api/tasks/filters
DELETE /api/tasks/filters/{id}
GET /api/export
GET /api/calendar
POST /api/import
GET, PATCH, PUT, DELETE /api/tasks/{id}
POST /api/tasks/{id}/complete
POST /api/tasks/{id}/reopen
POST /api/tasks/{id}/restore
DELETE /api/trash
GET, POST /api/tasks/{id}/shares
PATCH, DELETE /api/tasks/{id}/shares/{user_id}
GET, POST /api/teams
GET, PATCH, DELETE /api/teams/{id}
GET, POST /api/teams/{id}/members
PATCH, DELETE /api/teams/{id}/members/{user_id}
GET, POST /api/teams/{id}/invitations
DELETE /api/teams/{id}/invitations/{invitation_id}
GET /api/teams/{id}/invitations/{invitation_id}/uses
GET /api/invitations
POST /api/invitations/accept
GET /api/invitations/received
POST /api/invitations/received/{id}/accept
POST /api/invitations/received/{id}/decline
POST /api/teams/{id}/leave
POST /api/teams/{id}/transfer
GET, POST /api/conversations
GET, PATCH, DELETE /api/conversations/{id}
GET, POST /api/conversations/{id}/messages
POST /api/conversations/{id}/ask
POST /api/conversations/{id}/stop";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((method.to_uppercase(), path.clone(), operation.clone()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_routes_that_exist_are_the_contracts_and_the_documented_ones() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let anybody = server.anybody();
    let document = anybody.get("/api/openapi.json").await.expect(200);
    let documented: BTreeSet<_> =
        operations(&document).into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    let contract: BTreeSet<_> = CONTRACT
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .flat_map(|(methods, path)| methods.split(", ").map(move |method| format!("{method} {path}")))
        .collect();
    assert_eq!(documented, contract);

    // Every documented route exists, and other methods of it do not.
    let ada = server.user("Ada").await;
    for path in document["paths"].as_object().unwrap().keys() {
        let address = path.replace("{id}", "019f0000-0000-7000-8000-000000000000").replace("{user_id}", &ada.id);
        for method in METHODS {
            let request = anybody.request(Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(), &address);
            let answer = anybody.send(request).await;
            let there = document["paths"][path][method].is_object();
            assert_eq!(answer.status != 405, there, "{method} {path}: {}", answer.text);
            assert_ne!(answer.status, 404, "{method} {path}");
        }
    }

    // Every REST route is registered with its documentation; Router::route would be the other way.
    let mut by_hand = Vec::new();
    for (name, text) in crate::architecture::product() {
        let routes =
            text.match_indices(".route(\"/api").map(|(at, _)| text[at..].split('"').nth(1).unwrap().to_owned());
        by_hand.extend(routes.map(|route| format!("{name} {route}")));
    }
    by_hand.sort();
    assert_eq!(
        by_hand,
        [
            // OpenAPI cannot describe a WebSocket; docs/API.md does.
            "crates/api/src/live/mod.rs /api/ws",
            "src/openapi.rs /api/docs",
            "src/openapi.rs /api/docs/",
            "src/openapi.rs /api/docs/{*file}",
            "src/openapi.rs /api/openapi.json",
            "src/server/router.rs /api/ui/{*name}"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_whole() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let document = server.anybody().get("/api/openapi.json").await.expect(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{name} is there twice");
        assert!(operation["summary"].is_string(), "{name} says nothing");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
        let is_health = ["/health", "/healthz", "/readyz"].iter().any(|end| path.ends_with(end));
        assert!(is_health || responses.contains_key("4XX"), "{name} is never refused");
        let takes_body = ["POST", "PUT", "PATCH"].contains(&method.as_str());
        let without =
            ["signout", "complete", "reopen", "restore", "leave", "stop", "email/send", "{id}/accept", "decline"]
                .iter()
                .any(|end| path.ends_with(end));
        let is_confirmed = ["delete_me", "end_two_step", "unblock_person"].contains(&name.as_str());
        assert_eq!(operation["requestBody"].is_object(), (takes_body && !without) || is_confirmed, "{name}");
    }
    // Every reference has a target.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_to_read_it_on_comes_from_this_server_alone() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let anybody = server.anybody();
    let moved = anybody.get("/api/docs").await;
    assert_eq!((moved.status, moved.header("location")), (308, "/api/docs/"));
    let page = anybody.get("/api/docs/").await;
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.header("content-type"));
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    let files: Vec<_> =
        page.text.split(['"', '\'']).filter(|word| word.ends_with(".js") || word.ends_with(".css")).collect();
    assert!(files.len() >= 3, "{}", page.text);
    for file in files {
        assert!(!file.starts_with('/') && !file.contains(':'), "{file} is somewhere else");
        let path = format!("/api/docs/{}", file.trim_start_matches("./"));
        let found = anybody.get(&path).await;
        assert_eq!(found.status, 200, "{path}");
        assert!(!found.text.is_empty());
    }
    assert!(anybody.get("/api/docs/swagger-initializer.js").await.text.contains("/api/openapi.json"));
    anybody.get("/api/docs/nothing.js").await.expect_error(404, "NOT_FOUND");
}
