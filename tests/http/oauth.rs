//! How an app gets a token for `/mcp` by a person's yes, and loses it again.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{
    Assistant, Kind, Server, Socket,
    oauth::{App, REDIRECT, VERIFIER, decide, holder, nonce_of, parameter},
    until,
};

on_both_databases! {
    async fn a_client_gets_from_a_refusal_to_a_tool_call_with_only_the_address(server) {
        let ada = server.user("Ada").await;
        // 401, the resource's metadata, the server's metadata: as a client finds its way.
        let refused = server.anybody().post("/mcp", json!({})).await;
        let challenge = refused.header("www-authenticate").to_owned();
        let address = challenge.split('"').nth(1).unwrap();
        let found = server.anybody().get(address.strip_prefix(&server.base).unwrap()).await.expect(200);
        assert_eq!(found["resource"], format!("{}/mcp", server.base));
        assert_eq!(found["authorization_servers"], json!([server.base]));
        let metadata = server.anybody().get("/.well-known/oauth-authorization-server").await.expect(200);
        assert_eq!(metadata["issuer"], server.base);
        assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
        assert_eq!(metadata["client_id_metadata_document_supported"], true);
        for endpoint in ["authorization", "token", "revocation", "registration", "device_authorization"] {
            let address = metadata[format!("{endpoint}_endpoint")].as_str().unwrap_or_else(|| panic!("{endpoint}: {metadata}"));
            assert!(address.starts_with(&format!("{}/oauth/", server.base)), "{address}");
        }
        let app = App::register(&server, "Claude <b>Desktop</b>").await;
        let resource = format!("{}/mcp", server.base);
        let page = ada.get(&app.address(&[("resource", &resource)])).await;
        assert!(page.text.contains("Claude &lt;b&gt;Desktop&lt;/b&gt;"), "{}", page.text);
        assert!(page.text.contains("nobody has verified it") && page.text.contains("a program on this computer"));
        assert!(page.header("content-security-policy").contains("form-action 'self' http://127.0.0.1;"));
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        let location = app.answered(&ada, &app.address(&[("resource", &resource)]), "allow").await;
        assert!(location.starts_with(&format!("{REDIRECT}?")), "{location}");
        assert_eq!(parameter(&location, "state"), "the-state");
        assert_eq!(parameter(&location, "iss"), server.base);
        let answer = app.redeem(&parameter(&location, "code")).await;
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.expect(200);
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(3600)));
        let claude = Assistant::of(&holder(&ada, &tokens));
        claude.call("create_task", json!({ "title": "By an app" })).await.unwrap();
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
        let records = ada.get("/api/audit").await.expect(200);
        let created = records["items"].as_array().unwrap().iter().find(|record| record["action"] == "task.created").unwrap();
        assert_eq!(created["actor"]["via"], "app:Claude <b>Desktop</b>");
        let settings = ada.get("/settings").await.text;
        assert!(settings.contains("Claude &lt;b&gt;Desktop&lt;/b&gt;") && settings.contains("Reads and changes · self-declared name"));
    }

    async fn an_apps_token_is_for_the_mcp_server_and_its_scope_alone(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "Reader").await;
        let tokens = app.connect(&ada, "read").await;
        assert_eq!(tokens["scope"], "read");
        let reader = holder(&ada, &tokens);
        let assistant = Assistant::of(&reader);
        assistant.call("list_tasks", json!({})).await.unwrap();
        let create = json!({ "name": "create_task", "arguments": { "title": "No" } });
        assistant.answer("tools/call", create).await.expect_error(403, "FORBIDDEN");
        for path in ["/api/tasks", "/api/auth/me", "/api/auth/sessions", "/api/auth/tokens", "/api/audit", "/api/performance"] {
            reader.get(path).await.expect_error(403, "FORBIDDEN");
        }
        assert_eq!(ada.numbers().await, [0, 0, 0, 0]);
        let mut socket = Socket::open(&server, &format!("?token={}", reader.token.unwrap()), &[]).await.unwrap();
        assert_eq!(socket.closed().await, 1008);
    }

    async fn refreshing_rotates_the_token(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let first = app.connect(&ada, "read write").await;
        let old = first["refresh_token"].as_str().unwrap();
        let second = app.refresh(old).await.expect(200);
        assert_ne!(old, second["refresh_token"]);
        assert_ne!(first["access_token"], second["access_token"]);
        Assistant::of(&holder(&ada, &second)).call("list_tasks", json!({})).await.unwrap();
    }

    async fn a_revoked_app_loses_access_within_five_seconds_and_only_its_user_revokes_it(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let app = App::register(&server, "App").await;
        let tokens = app.connect(&ada, "read write").await;
        let holder_of_ada = Assistant::of(&holder(&ada, &tokens));
        holder_of_ada.call("list_tasks", json!({})).await.unwrap();
        let settings = ada.get("/settings").await.text;
        let id = settings.split("value=\"revoke_app\"").nth(1).unwrap().split("value=\"").nth(1).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        assert!(!eve.get("/settings").await.text.contains("value=\"revoke_app\""));
        assert_eq!(eve.submit("revoke_app", "/settings", &[("id", &id)]).await.status, 404);
        holder_of_ada.call("list_tasks", json!({})).await.unwrap();
        assert_eq!(ada.submit("revoke_app", "/settings", &[("id", &id)]).await.status, 303);
        assert_eq!(holder_of_ada.answer("tools/list", json!({})).await.status, 401);
        assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(400)["error"], "invalid_grant");
        // By the app itself (RFC 7009): an unknown token isn't an error.
        let tokens = app.connect(&ada, "read").await;
        for token in [tokens["refresh_token"].as_str().unwrap(), "never-given-out"] {
            let form = [("client_id", app.client_id.as_str()), ("token", token)];
            let request = app.http.request(Method::POST, "/oauth/revoke").form(&form);
            assert_eq!(app.http.send(request).await.status, 200);
        }
        let holder = Assistant::of(&holder(&ada, &tokens));
        let status = async || holder.answer("tools/list", json!({})).await.status;
        until(Duration::from_secs(7), status, |status| *status == 401).await;
    }

    async fn a_device_without_a_browser_waits_for_its_person(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let app = App::register(&server, "Television").await;
        let begin = async || {
            let form = [("client_id", app.client_id.as_str()), ("scope", "read")];
            let request = app.http.request(Method::POST, "/oauth/device_authorization").form(&form);
            app.http.send(request).await.expect(200)
        };
        let poll = async |device: &serde_json::Value| {
            let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
            app.token(&[grant, ("device_code", device["device_code"].as_str().unwrap())]).await
        };
        let device = begin().await;
        assert_eq!(device["verification_uri"], format!("{}/oauth/device", server.base));
        assert_eq!(poll(&device).await.expect(400)["error"], "authorization_pending");
        assert!(ada.get("/oauth/device").await.text.contains("Code shown on the device"));
        assert!(ada.get("/oauth/device?user_code=WRONG-CODE").await.text.contains("No device is waiting with this code"));
        let address = format!("/oauth/device?user_code={}", device["user_code"].as_str().unwrap().to_lowercase());
        let page = ada.get(&address).await;
        assert!(page.text.contains("Television") && !page.text.contains("create, change"), "{}", page.text);
        let nonce = nonce_of(&page);
        assert_eq!(decide(&eve, "/oauth/device", &nonce, "allow").await.status, 409);
        assert!(decide(&ada, "/oauth/device", &nonce, "allow").await.text.contains("The device is connected"));
        // Not sooner than it may ask again.
        tokio::time::sleep(Duration::from_secs(device["interval"].as_u64().unwrap() + 1)).await;
        let tokens = poll(&device).await.expect(200);
        Assistant::of(&holder(&ada, &tokens)).call("list_tasks", json!({})).await.unwrap();
        assert_eq!(poll(&device).await.expect(400)["error"], "invalid_grant");
        // No.
        let device = begin().await;
        let nonce = nonce_of(&ada.get(&format!("/oauth/device?user_code={}", device["user_code"].as_str().unwrap())).await);
        assert!(decide(&ada, "/oauth/device", &nonce, "deny").await.text.contains("didn't get access"));
        assert_eq!(poll(&device).await.expect(400)["error"], "access_denied");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_survives_a_restart_and_unconnected_ones_are_deleted() {
    // The audience is the address, which would change with the port.
    let address = [("TALLYBOARD_SERVER_PUBLIC_URL", "http://localhost:1")];
    let server = Server::start(Kind::Sqlite, &address).await;
    let ada = server.user("Ada").await;
    let (app, idle) = (App::register(&server, "App").await, App::register(&server, "Idle").await);
    let tokens = app.connect(&ada, "read write").await;
    let (folder, url) = server.stop();
    crate::support::sql(
        &url,
        "UPDATE oauth_records SET expires_at = '2026-01-01T00:00:00+00:00' WHERE kind = 'client'",
    )
    .await;
    let server = Server::start_on(Kind::Sqlite, folder, url, &address);
    let app = App { http: server.anybody(), ..app };
    let ada = ada.with_base(&server.base);
    Assistant::of(&holder(&ada, &tokens)).call("list_tasks", json!({})).await.unwrap();
    app.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(200);
    let page = async || ada.get(&idle.address(&[])).await.status;
    until(Duration::from_secs(10), page, |status| *status == 422).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_first_keeps_the_request_and_no_is_as_easy_as_yes() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let app = App::register(&server, "App").await;
    let address = app.address(&[]);
    let led = server.anybody().get(&address).await;
    assert_eq!(led.status, 303);
    let next = parameter(led.header("location"), "next");
    assert_eq!(next, address);
    let location = app.answered(&ada, &next, "deny").await;
    assert_eq!((parameter(&location, "error").as_str(), parameter(&location, "code").as_str()), ("access_denied", ""));
    assert_eq!(
        (parameter(&location, "state"), parameter(&location, "iss")),
        ("the-state".to_owned(), server.base.clone())
    );
    // Any port of this computer, when it has registered one.
    let other_port = "http://127.0.0.1:49152/callback";
    let location = app.answered(&ada, &app.address(&[("redirect_uri", other_port)]), "allow").await;
    assert!(location.starts_with(&format!("{other_port}?code=")), "{location}");
    let code = parameter(&location, "code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", other_port),
        ("code_verifier", VERIFIER),
    ];
    app.token(&form).await.expect(200);
}
