use reqwest::Method;
use serde_json::json;

on_both_databases! {
    async fn every_refusal_has_the_one_shape(server) {
        let ada = server.user("Ada").await;
        let anybody = server.anybody();
        let raw = |method, path: &str, kind: &str, body: String|
            ada.send(ada.request(method, path).header("content-type", kind).body(body));
        insta::assert_json_snapshot!("no_token", anybody.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED"));
        insta::assert_json_snapshot!("no_route", ada.get("/api/nothing").await.expect_error(404, "NOT_FOUND"));
        ada.get("/api").await.expect_error(404, "NOT_FOUND");
        ada.get("/api/tasks/x/y/z").await.expect_error(404, "NOT_FOUND");
        ada.get("/api/ui/nothing").await.expect_error(404, "NOT_FOUND");
        let wrong_method = ada.delete("/api/dashboard/statistics").await;
        insta::assert_json_snapshot!("method", wrong_method.expect_error(405, "METHOD_NOT_ALLOWED"));
        ada.delete("/health").await.expect_error(405, "METHOD_NOT_ALLOWED");
        insta::assert_json_snapshot!("bad_id", ada.get("/api/tasks/1").await.expect_error(400, "BAD_REQUEST"));
        let not_json = raw(Method::POST, "/api/tasks", "application/json", "{".to_owned()).await;
        insta::assert_json_snapshot!("not_json", not_json.expect_error(400, "BAD_REQUEST"));
        let xml = raw(Method::POST, "/api/tasks", "application/xml", "<x/>".to_owned()).await;
        insta::assert_json_snapshot!("media_type", xml.expect_error(415, "UNSUPPORTED_MEDIA_TYPE"));
        ada.touch("/api/tasks").await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        let large = json!({ "title": "x".repeat(70_000) }).to_string();
        let large = raw(Method::POST, "/api/tasks", "application/json", large).await;
        insta::assert_json_snapshot!("too_large", large.expect_error(413, "PAYLOAD_TOO_LARGE"));
        let query = ada.get("/api/dashboard/statistics?fresh=1").await;
        insta::assert_json_snapshot!("unknown_parameter", query.expect_error(422, "VALIDATION_ERROR"));
        let basic = ada.send(server.anybody().request(Method::GET, "/api/tasks").header("authorization", "Basic abc")).await;
        basic.expect_error(401, "UNAUTHORIZED");
        ada.get("/api/tasks/%ff").await.expect_error(400, "BAD_REQUEST");
    }

    async fn an_array_is_not_taken_for_an_object(server) {
        let ada = server.user("Ada").await;
        for (path, body) in [("/api/teams", json!(["Name"])), ("/api/tasks", json!([])), ("/api/auth/signin", json!(["a", "b"]))] {
            ada.post(path, body).await.expect_error(422, "VALIDATION_ERROR");
        }
        let goals = ada.request(Method::PUT, "/api/dashboard/goals").json(&json!([5, null]));
        ada.send(goals).await.expect_error(422, "VALIDATION_ERROR");
        let broken = ada.request(Method::POST, "/api/teams").header("content-type", "application/json").body(" [\"Name\"");
        ada.send(broken).await.expect_error(400, "BAD_REQUEST");
        assert_eq!(ada.listed("/api/teams", "name").await, [""; 0]);
    }

    async fn every_answer_has_an_id_and_is_not_kept_by_caches(server) {
        let ada = server.user("Ada").await;
        for path in ["/api/tasks", "/api/nothing", "/health", "/pkg/nothing.js"] {
            let answer = ada.get(path).await;
            assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        }
    }

    async fn health_is_open_and_asks_the_database(server) {
        for path in ["/health", "/api/dashboard/health"] {
            let health = server.anybody().get(path).await.expect(200);
            assert_eq!(health["status"], "healthy");
            assert!(health["timestamp"].is_string());
        }
    }

    async fn a_stolen_cookie_from_another_site_changes_nothing(server) {
        let ada = server.user("Ada").await;
        let cookie = format!("session={}", ada.token.as_ref().unwrap());
        let anybody = server.anybody();
        let post = |origin: Option<&str>| {
            let mut request = anybody.request(Method::POST, "/api/tasks").header("cookie", &cookie).json(&json!({ "title": "x" }));
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            anybody.send(request)
        };
        post(Some("https://evil.example")).await.expect_error(403, "FORBIDDEN");
        post(Some("null")).await.expect_error(403, "FORBIDDEN");
        post(None).await.expect_error(403, "FORBIDDEN");
        assert_eq!(ada.numbers().await, [0; 4]);
        post(Some(&server.base)).await.expect(201);
        let read = anybody.request(Method::GET, "/api/tasks").header("cookie", &cookie).header("origin", "https://evil.example");
        anybody.send(read).await.expect(200);
    }
}
