//! Attacks on the way to a token. Each fails, and nobody is connected by it.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{
    Assistant, Kind, Server,
    oauth::{App, REDIRECT, VERIFIER, challenge, decide, holder, nonce_of, parameter, query},
    scalar, until,
};

on_both_databases! {
    async fn a_code_is_used_once_by_its_app_with_its_verifier_and_its_redirect(server) {
        let ada = server.user("Ada").await;
        let (app, thief) = (App::register(&server, "App").await, App::register(&server, "Thief").await);
        let grant = ("grant_type", "authorization_code");
        let code = app.code(&ada, &[]).await;
        for form in [
            vec![grant, ("code", code.as_str()), ("redirect_uri", REDIRECT)],
            vec![grant, ("code", &code), ("redirect_uri", REDIRECT), ("code_verifier", "wrong-verifier-wrong-verifier-wrong-verifier-1")],
            vec![grant, ("code", &code), ("redirect_uri", "http://127.0.0.1/other"), ("code_verifier", VERIFIER)],
        ] {
            let answer = app.token(&form).await;
            assert!(answer.status == 400, "{form:?}: {} {}", answer.status, answer.text);
        }
        let code = app.code(&ada, &[]).await;
        assert_eq!(thief.redeem(&code).await.expect(400)["error"], "invalid_grant");
        // Replayed: a second use means it was stolen, so what it granted ends.
        let code = app.code(&ada, &[]).await;
        let tokens = app.redeem(&code).await.expect(200);
        let holder = Assistant::of(&holder(&ada, &tokens));
        holder.call("list_tasks", json!({})).await.unwrap();
        assert_eq!(app.redeem(&code).await.expect(400)["error"], "invalid_grant");
        let status = async || holder.answer("tools/list", json!({})).await.status;
        until(Duration::from_secs(7), status, |status| *status == 401).await;
        assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(400)["error"], "invalid_grant");
    }

    async fn an_invalid_request_shows_an_error_or_redirects_back_with_one(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        // Nobody is sent to an address that was not registered.
        for redirect in [
            "https://evil.example/callback", "http://127.0.0.1/callback/../evil", "http://127.0.0.1/callbackx",
            "http://127.0.0.1@evil.example/callback", "http://localhost/callback", "http://127.0.0.1:1/other",
            "javascript:alert(1)", "//evil.example",
        ] {
            let page = ada.get(&app.address(&[("redirect_uri", redirect)])).await;
            assert_eq!((page.status, page.header("location")), (400, ""), "{redirect}: {}", page.text);
        }
        assert_eq!(ada.get(&app.address(&[("client_id", "nobody")])).await.status, 422);
        let other = format!("{}/api", server.base);
        for (changes, error) in [
            (vec![("code_challenge", "")], "invalid_request"),
            (vec![("code_challenge_method", "plain")], "invalid_request"),
            (vec![("code_challenge_method", "")], "invalid_request"),
            (vec![("response_type", "token")], "unsupported_response_type"),
            (vec![("resource", "https://evil.example/mcp")], "invalid_target"),
            (vec![("resource", other.as_str())], "invalid_target"),
        ] {
            let led = ada.get(&app.address(&changes)).await;
            assert_eq!(led.status, 303, "{changes:?}: {}", led.text);
            let location = led.header("location");
            assert!(location.starts_with(REDIRECT) && parameter(location, "error") == error, "{changes:?}: {location}");
            assert_eq!(parameter(location, "iss"), server.base);
        }
    }

    async fn a_yes_is_the_persons_own_once_and_from_our_own_page(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let app = App::register(&server, "App").await;
        let nonce = nonce_of(&ada.get(&app.address(&[])).await);
        let path = "/oauth/authorize";
        assert_eq!(decide(&eve, path, &nonce, "allow").await.status, 409);
        let mut elsewhere = ada.clone();
        elsewhere.sign_in(crate::support::PASSWORD).await;
        assert_eq!(decide(&elsewhere, path, &nonce, "allow").await.status, 409);
        assert_eq!(decide(&ada, path, "made-up", "allow").await.status, 409);
        // Another site's form, with the person's cookie.
        let cookie = format!("session={}", ada.token.as_deref().unwrap());
        let forged = |origin: &str| {
            let form = [("nonce", nonce.as_str()), ("decision", "allow")];
            let request = server.anybody().request(Method::POST, path).header("cookie", &cookie).form(&form);
            request.header("origin", origin).header("accept", "text/html")
        };
        assert_eq!(server.anybody().send(forged("https://evil.example")).await.status, 403);
        assert_eq!(server.anybody().send(forged("null")).await.status, 403);
        // A personal token is not the person.
        let token = ada.personal(&["read", "write"]).await;
        assert_eq!(decide(&token, path, &nonce, "allow").await.status, 403);
        assert_eq!(decide(&ada, path, &nonce, "allow").await.status, 303);
        assert_eq!(decide(&ada, path, &nonce, "allow").await.status, 409);
        assert!(!eve.get("/settings").await.text.contains("value=\"revoke_app\""));
    }

    async fn a_leaked_hash_gives_no_access(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let tokens = app.connect(&ada, "read").await;
        let hash = |token: &str| format!("sha256:{:x}", <sha2::Sha256 as sha2::Digest>::digest(token));
        let refresh = hash(tokens["refresh_token"].as_str().unwrap());
        assert_eq!(app.refresh(&refresh).await.expect(400)["error"], "invalid_grant");
        let access = ada.with_token(&hash(tokens["access_token"].as_str().unwrap()));
        assert_eq!(Assistant::of(&access).answer("tools/list", json!({})).await.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_asks_no_inner_address_for_a_clients_document() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = App::register(&server, "App").await;
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("2130706433:{port}"),
        format!("0x7f000001:{port}"),
        format!("127.1:{port}"),
        format!("user@127.0.0.1:{port}"),
        "10.0.0.1".to_owned(),
        "192.168.0.1".to_owned(),
        "169.254.169.254".to_owned(),
        "0.0.0.0".to_owned(),
    ] {
        let client_id = format!("https://{host}/client.json");
        let page = ada.get(&app.address(&[("client_id", &client_id)])).await;
        assert_eq!(page.status, 422, "{client_id}: {}", page.text);
    }
    for client_id in
        ["https://example.org", "https://example.org/a/../b", "https://example.org/x#y", "http://example.org/x"]
    {
        assert_eq!(ada.get(&app.address(&[("client_id", client_id)])).await.status, 422, "{client_id}");
    }
    let asked = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(asked.is_err(), "the server has asked an inner address");
}

/// Filling the records evicts unconnected apps, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn records_that_strangers_cause_make_room_for_new_ones() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let connected = App::register(&server, "Connected").await;
    let code = connected.code(&ada, &[]).await;
    let tokens = connected.redeem(&code).await.expect(200);
    let forgotten = App::register(&server, "Forgotten").await;
    let fill = |kind: &str, key: &str| {
        format!(
            "INSERT INTO oauth_records (kind, key, client_id, record, created_at, expires_at)
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
             SELECT '{kind}', '{key}' || n, '{key}' || n, '{{}}', strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+1 minute'), '2099-01-01T00:00:00Z'
             FROM numbers"
        )
    };
    for (kind, key) in [("client", "made-up-"), ("client", "https://made-up.example/"), ("device", "made-up-")] {
        server.sql(fill(kind, key)).await;
    }
    let new = App::register(&server, "New").await;
    let code = new.code(&ada, &[]).await;
    new.redeem(&code).await.expect(200);
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let device = new.http.request(Method::POST, "/oauth/device_authorization").form(&[("client_id", &new.client_id)]);
    let device = new.http.send(device).await.expect(200);
    let waiting = new.token(&[grant, ("device_code", device["device_code"].as_str().unwrap())]).await.expect(400);
    assert_eq!(waiting["error"], "authorization_pending");
    connected.refresh(tokens["refresh_token"].as_str().unwrap()).await.expect(200);
    assert_eq!(ada.get(&forgotten.address(&[])).await.status, 422, "the oldest that nobody has connected goes");
    let count = async |condition: &str| {
        scalar(&server.url, &format!("SELECT COUNT(*) FROM oauth_records WHERE {condition}")).await
    };
    let unconnected = count("kind = 'client' AND key NOT LIKE 'https://%'").await;
    assert!((10_000..=10_002).contains(&unconnected), "{unconnected}");
    assert_eq!(count("kind = 'client' AND key LIKE 'https://%'").await, 10_000);
    assert_eq!(count("kind = 'device'").await, 10_000);
}

/// Documents that requests make the server fetch have a limit a minute, for each network and each host.
#[tokio::test(flavor = "multi_thread")]
async fn fetches_of_client_documents_are_limited() {
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_LIMITS_ENABLED", "true")]).await;
    let ada = server.user("Ada").await;
    let app = App::register(&server, "App").await;
    let mut statuses = Vec::new();
    for number in 0..40 {
        let client_id = format!("https://apps.invalid/{number}.json");
        statuses.push(ada.get(&app.address(&[("client_id", &client_id)])).await.status);
    }
    let fetched = statuses.iter().take_while(|status| **status == 422).count();
    assert!((5..40).contains(&fetched) && statuses[fetched..].contains(&429), "{statuses:?}");
    // Apps that are known are not held up.
    assert_eq!(ada.get(&app.address(&[])).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_is_checked_and_bounded() {
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_LIMITS_ENABLED", "true")]).await;
    let anybody = server.anybody();
    let with = |redirect: &str| json!({ "client_name": "App", "redirect_uris": [redirect], "token_endpoint_auth_method": "none" });
    for redirect in
        ["javascript:alert(1)", "http://evil.example/", "data:text/html,x", "not an address", "https://a.example/#x"]
    {
        assert_eq!(
            anybody.post("/oauth/register", with(redirect)).await.expect(400)["error"],
            "invalid_redirect_uri",
            "{redirect}"
        );
    }
    for metadata in [json!([]), json!({}), json!({ "redirect_uris": [REDIRECT], "grant_types": ["password"] })] {
        assert_eq!(anybody.post("/oauth/register", metadata.clone()).await.status, 400, "{metadata}");
    }
    let last = anybody.post("/oauth/register", with("com.example.app:/callback")).await;
    assert_eq!(last.status, 201, "{}", last.text);
    let mut refused = 0;
    for _ in 0..5 {
        refused += u32::from(anybody.post("/oauth/register", with(REDIRECT)).await.status == 429);
    }
    assert!(refused > 0);
    // A form that is not one.
    for (form, error) in [
        (query(&[("grant_type", "password"), ("client_id", "x")]), "unsupported_grant_type"),
        (query(&[("grant_type", "authorization_code"), ("client_id", "x")]), "invalid_request"),
        (query(&[("client_id", "x"), ("client_id", "y")]), "invalid_request"),
        (
            query(&[("grant_type", "authorization_code"), ("code", "x"), ("code_challenge", &challenge())]),
            "invalid_request",
        ),
    ] {
        let request =
            anybody.request(Method::POST, "/oauth/token").header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(anybody.send(request.body(form.clone())).await.expect(400)["error"], error, "{form}");
    }
}
