//! MCP with the clients people have: arguments as models and their hosts write them, schemas that every API takes, pages of other
//! origins, and a scope that is too small.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Assistant, Kind, Server,
    oauth::{App, holder},
};

async fn tools(assistant: &Assistant) -> Vec<Value> {
    assistant.result("tools/list", json!({})).await["tools"].as_array().unwrap().clone()
}

on_both_databases! {
    /// n8n adds four arguments to each call, and models write numbers as text.
    async fn arguments_are_taken_as_they_are_meant(server) {
        let ada = server.user("Ada").await;
        let assistant = Assistant::of(&ada);
        let added = json!({ "sessionId": "s", "action": "sendMessage", "chatInput": "hello", "toolCallId": "call_1" });
        let call = async |tool: &str, arguments: Value| {
            let mut all = added.clone();
            all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
            let result = assistant.result("tools/call", json!({ "name": tool, "arguments": all })).await;
            assert!(result["isError"] != true, "{tool}: {result}");
            let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
            let mut structured = result["structuredContent"].clone();
            let ignored = structured.as_object_mut().unwrap().remove("ignored").unwrap();
            let ignored: BTreeSet<_> = ignored.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            assert_eq!(ignored, ["action", "chatInput", "sessionId", "toolCallId"].into(), "{result}");
            assert_eq!(text, structured);
            let note = result["content"][1]["text"].as_str().unwrap();
            for name in ["sessionId", "action", "chatInput", "toolCallId"] {
                assert!(note.contains(name), "{note}");
            }
            text
        };
        let task = call("create_task", json!({ "title": 2026, "due_at": null, "request_id": "a", "status": null })).await;
        assert_eq!((&task["title"], &task["status"]), (&json!("2026"), &json!("pending")));
        let found = call("list_tasks", json!({ "limit": "20", "status": "Pending", "team_id": null, "cursor": null })).await;
        assert_eq!(found["items"][0]["id"], task["id"]);
        assert_eq!(call("search", json!({ "query": "2026", "limit": 20.0 })).await["items"][0]["id"], task["id"]);
        call("get_statistics", json!({ "days": " 3 " })).await;
        let changed = call("update_task", json!({ "task_id": task["id"], "description": "x" })).await;
        assert_eq!(changed["description"], "x");
        assert_eq!(call("update_task", json!({ "task_id": task["id"], "description": null })).await["description"], Value::Null);
        // A repeated call has another toolCallId, and is the same call.
        let again = json!({ "title": "2026", "request_id": "a", "toolCallId": "call_2", "due_at": null });
        assert_eq!(assistant.call("create_task", again).await.unwrap()["id"], task["id"]);
        // A misspelt argument is named beside those that there are.
        let result = assistant
            .result("tools/call", json!({ "name": "create_task", "arguments": { "title": "x", "due_date": "2026-12-24" } }))
            .await;
        let note = result["content"][1]["text"].as_str().unwrap();
        assert!(note.contains("“due_date”") && note.contains("due_at"), "{note}");
        let plain = assistant.result("tools/call", json!({ "name": "list_teams", "arguments": {} })).await;
        assert_eq!(plain["content"].as_array().unwrap().len(), 1);
    }

    async fn wrong_arguments_are_an_error_result_in_words(server) {
        let ada = server.user("Ada").await;
        let assistant = Assistant::of(&ada);
        let task = ada.task("Mine").await;
        for (tool, arguments, field, words) in [
            ("list_tasks", json!({ "limit": "many" }), "limit", "has to be a whole number from 1 to 100"),
            ("list_tasks", json!({ "limit": -1 }), "limit", "has to be a whole number from 1 to 100"),
            ("list_tasks", json!({ "limit": 1e300 }), "limit", "has to be a whole number from 1 to 100"),
            ("list_tasks", json!({ "limit": [20] }), "limit", "has to be a whole number from 1 to 100"),
            ("list_tasks", json!({ "status": "open" }), "status", "has to be one of pending"),
            ("list_tasks", json!({ "status": { "is": "open" } }), "status", "has to be one of pending"),
            ("list_tasks", json!({ "team_id": "House" }), "team_id", "not an id"),
            ("search", json!({}), "query", "is missing; it has to be text"),
            ("search", json!({ "query": null }), "query", "is missing; it has to be text"),
            ("search", json!({ "query": ["a"] }), "query", "has to be text"),
            ("get_task", json!({ "task_id": 1 }), "task_id", "not an id"),
            ("update_task", json!({ "task_id": task, "if_unchanged_since": "today" }), "if_unchanged_since", "a time with an offset"),
            ("create_task", json!({ "title": "x", "due_at": 20261224.5 }), "due_at", "a date like"),
            ("save_message", json!({ "role": "system", "content": "x" }), "role", "has to be one of"),
        ] {
            let error = assistant.call(tool, arguments.clone()).await.unwrap_err();
            assert_eq!(error["code"], "VALIDATION_ERROR");
            assert!(error["fields"][field].as_str().is_some_and(|why| why.contains(words)), "{tool} {arguments}: {error}");
            let text = error.to_string();
            for parser in ["expected", "invalid type", "invalid value", "unknown variant", "line ", "column", "u32", "parsing"] {
                assert!(!text.contains(parser), "{tool} {arguments}: {text}");
            }
        }
        // Two mistakes are reported together.
        let error = assistant.call("search", json!({ "limit": "x" })).await.unwrap_err();
        assert_eq!(error["fields"].as_object().unwrap().len(), 2, "{error}");
        for arguments in [json!([1]), json!(5), json!("{"), json!("search for it"), json!(true)] {
            let result = assistant.result("tools/call", json!({ "name": "list_tasks", "arguments": arguments })).await;
            assert_eq!(result["isError"], true, "{arguments}: {result}");
            assert!(result["content"][0]["text"].as_str().unwrap().contains("one JSON object"), "{result}");
        }
        for arguments in [json!(null), json!([]), json!(""), json!("{}"), json!("{\"limit\": \"5\"}")] {
            for assistant in [&assistant, &Assistant::speaking(&ada, "2025-06-18")] {
                let result = assistant.result("tools/call", json!({ "name": "list_tasks", "arguments": arguments })).await;
                assert!(result["isError"] != true, "{arguments}: {result}");
            }
        }
    }

    /// Gemini and APIs like it refuse a list of types, and references.
    async fn schemas_are_what_every_api_takes(server) {
        let ada = server.user("Ada").await;
        let assistant = Assistant::of(&ada);
        let listed = tools(&assistant).await;
        fn walk(path: &str, value: &Value, check: &mut impl FnMut(&str, &Value)) {
            check(path, value);
            match value {
                Value::Object(fields) => fields.iter().for_each(|(name, field)| walk(&format!("{path}/{name}"), field, check)),
                Value::Array(items) => items.iter().for_each(|item| walk(&format!("{path}/[]"), item, check)),
                _ => {}
            }
        }
        for tool in &listed {
            for schema in ["inputSchema", "outputSchema"] {
                assert!(tool[schema]["properties"].is_object() && tool[schema]["type"] == "object", "{tool}");
                walk(&format!("{}/{schema}", tool["name"]), &tool[schema], &mut |path, value| {
                    let is_named = path.ends_with("/properties");
                    assert!(!value["type"].is_array() || is_named, "{path}: {value}");
                    for name in ["$ref", "$defs", "oneOf", "allOf"] {
                        assert!(value.get(name).is_none() || is_named, "{path}: {value}");
                    }
                    if schema == "inputSchema" {
                        assert!(value.get("anyOf").is_none() && value != "null", "{path}: {value}");
                    }
                });
            }
        }
        let update = listed.iter().find(|tool| tool["name"] == "update_task").unwrap();
        assert_eq!(update["inputSchema"]["required"], json!(["task_id"]));
        assert_eq!(update["inputSchema"]["properties"]["due_at"]["type"], "string");
        assert_eq!(tools(&assistant).await, listed);
        let texts = [assistant.answer("tools/list", json!({})).await.text, assistant.answer("tools/list", json!({})).await.text];
        assert_eq!(texts[0], texts[1]);
    }

    /// An app that may only read learns which scope it needs; no scope would help a personal token.
    async fn an_insufficient_scope_is_reported_where_asking_again_helps(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let reader = holder(&ada, &app.connect(&ada, "read").await);
        let create = json!({ "name": "create_task", "arguments": { "title": "x" } });
        for revision in ["2025-06-18", "2025-11-25", crate::support::STATELESS] {
            let assistant = Assistant::speaking(&reader, revision);
            let refused = assistant.answer("tools/call", create.clone()).await;
            let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", server.base);
            let challenge = refused.header("www-authenticate").to_owned();
            refused.expect_error(403, "FORBIDDEN");
            assert!(challenge.starts_with("Bearer error=\"insufficient_scope\", scope=\"read write\", "), "{challenge}");
            assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
            assistant.call("list_tasks", json!({})).await.unwrap();
        }
        let writer = holder(&ada, &app.connect(&ada, "read write").await);
        Assistant::of(&writer).call("create_task", json!({ "title": "x" })).await.unwrap();
        let personal = Assistant::of(&ada.personal(&["read"]).await);
        assert_eq!(personal.outcome("create_task", json!({ "title": "x" })).await, "FORBIDDEN");
        // One that has registered for reading alone could not ask for more.
        let metadata = json!({
            "client_name": "Narrow", "redirect_uris": [crate::support::oauth::REDIRECT], "scope": "read",
            "token_endpoint_auth_method": "none",
        });
        let registered = app.http.post("/oauth/register", metadata).await.expect(201);
        let narrow = App { client_id: registered["client_id"].as_str().unwrap().to_owned(), http: server.anybody() };
        let narrow = Assistant::of(&holder(&ada, &narrow.connect(&ada, "read").await));
        assert_eq!(narrow.outcome("create_task", json!({ "title": "x" })).await, "FORBIDDEN");
        assert_eq!(ada.numbers().await[0], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_in_a_browser_may_ask() {
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_SERVER_CORS_ORIGINS", "https://app.example")]).await;
    let ada = server.user("Ada").await;
    let anybody = server.anybody();
    let preflight = async |path: &str, origin: &str, method: &str| {
        let request = anybody
            .request(Method::OPTIONS, path)
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header(
                "access-control-request-headers",
                "authorization,content-type,mcp-session-id,mcp-protocol-version,last-event-id",
            );
        anybody.send(request).await
    };
    let open = [
        ("/.well-known/oauth-protected-resource", "GET"),
        ("/.well-known/oauth-protected-resource/mcp", "GET"),
        ("/.well-known/oauth-authorization-server", "GET"),
        ("/oauth/register", "POST"),
        ("/oauth/token", "POST"),
        ("/oauth/revoke", "POST"),
        ("/oauth/device_authorization", "POST"),
    ];
    let mcp = [("/mcp", "POST"), ("/mcp", "GET"), ("/mcp/", "DELETE")];
    let strangers = open.map(|(path, method)| ("https://elsewhere.example", path, method));
    let known = mcp.iter().flat_map(|(path, method)| {
        ["https://app.example", "http://localhost:6274"].map(|origin| (origin, *path, *method))
    });
    for (origin, path, method) in strangers.into_iter().chain(known) {
        let answer = preflight(path, origin, method).await;
        assert_eq!(answer.status, 200, "{origin} {path}: {}", answer.text);
        assert_eq!(answer.header("access-control-allow-origin"), origin, "{path}");
        assert!(answer.header("access-control-allow-methods").contains(method), "{path}");
        let headers = answer.header("access-control-allow-headers").to_lowercase();
        for name in ["authorization", "content-type", "mcp-session-id", "mcp-protocol-version", "last-event-id"] {
            assert!(headers.contains(name), "{path}: {headers}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
    }
    // An origin that `/mcp` refuses gets no CORS headers either.
    let answer = preflight("/mcp", "https://elsewhere.example", "POST").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    // The consent page isn't an endpoint for scripts.
    assert_eq!(
        preflight("/oauth/authorize", "https://elsewhere.example", "POST").await.header("access-control-allow-origin"),
        ""
    );

    let refused = anybody.request(Method::POST, "/mcp").header("origin", "https://app.example").json(&json!({}));
    let refused = anybody.send(refused).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "https://app.example"));
    let exposed = refused.header("access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("www-authenticate") && exposed.contains("mcp-session-id"), "{exposed}");
    let request = Assistant::of(&ada).request("tools/list", json!({})).header("origin", "http://localhost:6274");
    let answer = ada.send(request).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, "http://localhost:6274"));
    let metadata =
        anybody.request(Method::GET, "/.well-known/oauth-authorization-server").header("origin", "https://x.example");
    let metadata = anybody.send(metadata).await;
    assert_eq!((metadata.status, metadata.header("access-control-allow-origin")), (200, "https://x.example"));
    assert!(metadata.header("vary").to_lowercase().contains("origin"), "{:?}", metadata.headers);
}
