//! OAuth with the clients people have: what they ask for is read as they mean it, and nobody is locked out by a retry.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    Assistant, Kind, Server,
    oauth::{App, REDIRECT, VERIFIER, decide_with, holder, nonce_of, parameter},
    until,
};

const ADDRESS: (&str, &str) = ("TALLYBOARD_SERVER_PUBLIC_URL", "http://localhost:1");

/// Ends the grace period of every token that was refreshed.
async fn end_grace(server: &Server) {
    let ended = match server.kind {
        Kind::Sqlite => "json_set(record, '$.retry.until.secs_since_epoch', 1)",
        Kind::Postgres => "jsonb_set(record::jsonb, '{retry,until,secs_since_epoch}', '1')::text",
    };
    server
        .sql(format!("UPDATE oauth_records SET record = {ended} WHERE kind = 'refresh' AND record LIKE '%\"Spent\"%'"))
        .await;
}

async fn device(app: &App, form: &[(&str, &str)]) -> crate::support::Answer {
    let mut pairs = vec![("client_id", app.client_id.as_str())];
    pairs.extend_from_slice(form);
    app.http.send(app.http.request(Method::POST, "/oauth/device_authorization").form(&pairs)).await
}

async fn poll(app: &App, device: &Value) -> crate::support::Answer {
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    app.token(&[grant, ("device_code", device["device_code"].as_str().unwrap())]).await
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

on_both_databases! {
    async fn a_token_that_is_refreshed_twice_at_once_has_one_answer(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let first = app.connect(&ada, "read write").await;
        let answers = futures::future::join_all((0..6).map(|_| app.refresh(refresh_token(&first)))).await;
        let answers: Vec<Value> = answers.into_iter().map(|answer| answer.expect(200)).collect();
        assert_ne!(answers[0]["refresh_token"], first["refresh_token"]);
        for answer in &answers {
            for field in ["access_token", "refresh_token", "scope"] {
                assert_eq!(answer[field], answers[0][field], "{field}");
            }
            Assistant::of(&holder(&ada, answer)).call("list_tasks", json!({})).await.unwrap();
        }
        // Late requests get the newest tokens, so nobody is left with expired ones.
        let newest = app.refresh(refresh_token(&answers[0])).await.expect(200);
        assert_ne!(newest["refresh_token"], answers[0]["refresh_token"]);
        assert_eq!(app.refresh(refresh_token(&first)).await.expect(200)["refresh_token"], newest["refresh_token"]);
        // Another app gains nothing by it.
        let thief = App::register(&server, "Thief").await;
        assert_eq!(thief.refresh(refresh_token(&first)).await.expect(400)["error"], "invalid_grant");
        app.refresh(refresh_token(&newest)).await.expect(200);
    }

    async fn the_answer_that_is_kept_for_a_retry_cannot_be_read_in_the_database(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let first = app.connect(&ada, "read").await;
        let second = app.refresh(refresh_token(&first)).await.expect(200);
        for tokens in [&first, &second] {
            for token in ["access_token", "refresh_token"] {
                let token = tokens[token].as_str().unwrap();
                let found = format!("SELECT COUNT(*) FROM oauth_records WHERE record LIKE '%{token}%' OR key LIKE '%{token}%'");
                assert_eq!(crate::support::scalar(&server.url, &found).await, 0);
            }
        }
    }

    async fn a_token_that_is_used_after_the_grace_period_ends_the_family(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let first = app.connect(&ada, "read write").await;
        let second = app.refresh(refresh_token(&first)).await.expect(200);
        let assistant = Assistant::of(&holder(&ada, &second));
        assistant.call("list_tasks", json!({})).await.unwrap();
        end_grace(&server).await;
        assert_eq!(app.refresh(refresh_token(&first)).await.expect(400)["error"], "invalid_grant");
        assert_eq!(app.refresh(refresh_token(&second)).await.expect(400)["error"], "invalid_grant");
        let status = async || assistant.answer("tools/list", json!({})).await.status;
        until(Duration::from_secs(7), status, |status| *status == 401).await;
        // A revoked app gets no kept answer either.
        let first = app.connect(&ada, "read").await;
        app.refresh(refresh_token(&first)).await.expect(200);
        let form = [("client_id", app.client_id.as_str()), ("token", refresh_token(&first))];
        assert_eq!(app.http.send(app.http.request(Method::POST, "/oauth/revoke").form(&form)).await.status, 200);
        assert_eq!(app.refresh(refresh_token(&first)).await.expect(400)["error"], "invalid_grant");
    }

    async fn a_refresh_narrows_and_never_widens(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let tokens = app.connect(&ada, "read write").await;
        let scoped = async |token: &str, scope: &str| {
            app.token(&[("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)]).await
        };
        let same = scoped(refresh_token(&tokens), "read write offline_access").await.expect(200);
        assert_eq!(same["scope"], "read write");
        let narrow = scoped(refresh_token(&same), "openid read").await.expect(200);
        assert_eq!(narrow["scope"], "read");
        let none = scoped(refresh_token(&narrow), "offline_access").await.expect(200);
        assert_eq!(none["scope"], "read");
        assert_eq!(scoped(refresh_token(&none), "read write").await.expect(400)["error"], "invalid_scope");
        app.refresh(refresh_token(&none)).await.expect(200);
    }

    async fn scopes_of_other_servers_are_left_out(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        for (asked, granted) in [
            ("read write offline_access", "read write"),
            ("openid profile read", "read"),
            ("tasks:all read", "read"),
        ] {
            assert_eq!(app.connect(&ada, asked).await["scope"], granted, "{asked}");
        }
        let metadata = json!({
            "client_name": "Narrow", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "scope": "openid read offline_access",
        });
        let registered = app.http.post("/oauth/register", metadata).await.expect(201);
        assert_eq!(registered["scope"], "read");
        let narrow = App { client_id: registered["client_id"].as_str().unwrap().to_owned(), http: server.anybody() };
        assert_eq!(narrow.connect(&ada, "read write").await["scope"], "read");
        // It can only have what it registered: there is nothing to choose.
        let page = ada.get(&narrow.address(&[("scope", "")])).await;
        assert!(!page.text.contains("type=\"radio\"") && !page.text.contains("create, change"), "{}", page.text);
        let metadata = json!({
            "client_name": "Foreign", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none", "scope": "openid admin",
        });
        app.http.post("/oauth/register", metadata).await.expect(201);
        let started = device(&app, &[("scope", "read offline_access")]).await.expect(200);
        let page = ada.get(&format!("/oauth/device?user_code={}", started["user_code"].as_str().unwrap())).await;
        assert!(page.text.contains("read your tasks") && !page.text.contains("type=\"radio\""), "{}", page.text);
    }

    async fn without_a_scope_the_person_chooses(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        for (asked, chosen, granted) in
            [("", None, "read"), ("", Some("read"), "read"), ("openid", Some("write"), "read write")]
        {
            let page = ada.get(&app.address(&[("scope", asked)])).await;
            let (read, write) = (radio(&page.text, "read"), radio(&page.text, "write"));
            assert!(read.contains("checked") && !write.contains("checked"), "{read} {write}");
            let answer = decide_with(&ada, "/oauth/authorize", &nonce_of(&page), "allow", chosen).await;
            let code = parameter(answer.header("location"), "code");
            assert_eq!(app.redeem(&code).await.expect(200)["scope"], granted, "{asked} {chosen:?}");
        }
        // What an app asks for is what it gets: the form adds nothing.
        let page = ada.get(&app.address(&[("scope", "read")])).await;
        let answer = decide_with(&ada, "/oauth/authorize", &nonce_of(&page), "allow", Some("write")).await;
        assert_eq!(app.redeem(&parameter(answer.header("location"), "code")).await.expect(200)["scope"], "read");
        let page = ada.get(&app.address(&[("scope", "")])).await;
        assert_eq!(decide_with(&ada, "/oauth/authorize", &nonce_of(&page), "allow", Some("admin")).await.status, 422);
        let writer = app.connect(&ada, "").await;
        assert_eq!(Assistant::of(&holder(&ada, &writer)).answer("tools/list", json!({})).await.status, 200);
    }

    async fn a_device_shows_its_code_for_comparison_and_its_person_chooses_the_scope(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "Television").await;
        let started = device(&app, &[]).await.expect(200);
        let code = started["user_code"].as_str().unwrap();
        assert_eq!(poll(&app, &started).await.expect(400)["error"], "authorization_pending");
        let complete = started["verification_uri_complete"].as_str().unwrap();
        assert_eq!(complete, format!("{}/oauth/device?user_code={code}", server.base));
        // As it is typed by hand, and as it comes with the device's own address.
        for typed in [code.to_lowercase().replace('-', ""), code.to_owned()] {
            let page = ada.get(&format!("/oauth/device?user_code={typed}")).await;
            assert!(page.text.contains(&format!("<strong class=\"device-code\">{code}</strong>")), "{}", page.text);
            assert!(radio(&page.text, "read").contains("checked"), "{}", page.text);
        }
        let page = ada.get(&format!("/oauth/device?user_code={code}")).await;
        let answer = decide_with(&ada, "/oauth/device", &nonce_of(&page), "allow", Some("write")).await;
        assert!(answer.text.contains("The device is connected"), "{}", answer.text);
        tokio::time::sleep(Duration::from_secs(started["interval"].as_u64().unwrap() + 1)).await;
        let tokens = poll(&app, &started).await.expect(200);
        assert_eq!(tokens["scope"], "read write");
        Assistant::of(&holder(&ada, &tokens)).call("create_task", json!({ "title": "x" })).await.unwrap();
    }

    async fn the_resource_is_ours_in_every_spelling(server) {
        let ada = server.user("Ada").await;
        let app = App::register(&server, "App").await;
        let upper = server.base.to_uppercase().replace("/MCP", "/mcp");
        for resource in [
            format!("{}/mcp", server.base),
            format!("{}/mcp/", server.base),
            server.base.clone(),
            format!("{}/", server.base),
            format!("{upper}/mcp"),
        ] {
            let code = app.code(&ada, &[("resource", &resource)]).await;
            let form = [
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", REDIRECT),
                ("code_verifier", VERIFIER),
                ("resource", &resource),
            ];
            let tokens = app.token(&form).await.expect(200);
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token(&tokens)), ("resource", &resource)];
            let tokens = app.token(&form).await.expect(200);
            Assistant::of(&holder(&ada, &tokens)).call("list_tasks", json!({})).await.unwrap();
            device(&app, &[("resource", &resource)]).await.expect(200);
        }
        let tokens = app.connect(&ada, "read").await;
        for resource in ["https://evil.example/mcp".to_owned(), format!("{}/api", server.base), format!("{}/mcp?x", server.base)] {
            let led = ada.get(&app.address(&[("resource", &resource)])).await;
            assert_eq!(parameter(led.header("location"), "error"), "invalid_target", "{resource}");
            let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token(&tokens)), ("resource", &resource)];
            assert_eq!(app.token(&form).await.expect(400)["error"], "invalid_target", "{resource}");
            assert_eq!(device(&app, &[("resource", &resource)]).await.expect(400)["error"], "invalid_target", "{resource}");
        }
    }
}

/// The tag of the radio button with this value.
fn radio(page: &str, value: &str) -> String {
    let tags = page.split("<input").map(|rest| rest.split('>').next().unwrap_or_default());
    let mut found = tags.filter(|tag| tag.contains("type=\"radio\"") && tag.contains(&format!("value=\"{value}\"")));
    found.next().unwrap_or_else(|| panic!("no choice {value}: {page}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standard_port_is_no_other_resource() {
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_SERVER_PUBLIC_URL", "https://tasks.example.org")]).await;
    let ada = server.user("Ada").await;
    let app = App::register(&server, "App").await;
    for resource in ["https://tasks.example.org:443/mcp", "HTTPS://TASKS.example.org:443"] {
        let page = ada.get(&app.address(&[("resource", resource)])).await;
        assert_eq!(page.status, 200, "{resource}: {}", page.text);
    }
    for resource in ["https://tasks.example.org:8443/mcp", "http://tasks.example.org/mcp"] {
        let led = ada.get(&app.address(&[("resource", resource)])).await;
        assert_eq!(parameter(led.header("location"), "error"), "invalid_target", "{resource}");
    }
}

/// A retry may reach another instance, and one that was killed has rotated as a whole or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_reaches_any_instance_and_outlives_a_kill() {
    let one = Server::start(Kind::Postgres, &[ADDRESS]).await;
    let two = Server::start_on(Kind::Postgres, TempDir::new().unwrap(), one.url.clone(), &[ADDRESS]);
    let ada = one.user("Ada").await;
    let here = App::register(&one, "App").await;
    let there = App { client_id: here.client_id.clone(), http: two.anybody() };
    for _ in 0..10 {
        let first = here.connect(&ada, "read").await;
        let token = refresh_token(&first);
        let (a, b) = tokio::join!(here.refresh(token), there.refresh(token));
        assert_eq!(a.expect(200)["refresh_token"], b.expect(200)["refresh_token"]);
    }
    let first = here.connect(&ada, "read").await;
    let second = here.refresh(refresh_token(&first)).await.expect(200);
    let (_folder, _) = one.stop();
    let again = there.refresh(refresh_token(&first)).await.expect(200);
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    there.refresh(refresh_token(&second)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_during_a_refresh_locks_no_app_out() {
    let mut server = Server::start(Kind::Sqlite, &[ADDRESS]).await;
    let ada = server.user("Ada").await;
    let mut app = App::register(&server, "App").await;
    let mut token = refresh_token(&app.connect(&ada, "read").await).to_owned();
    for round in 0..4 {
        let body = [
            ("client_id", app.client_id.clone()),
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token.clone()),
        ];
        let request = app.http.request(Method::POST, "/oauth/token").form(&body);
        let sent = tokio::spawn(async move { request.send().await.is_ok() });
        tokio::time::sleep(Duration::from_millis(3 * round)).await;
        let (folder, url) = server.stop();
        let _ = sent.await;
        server = Server::start_on(Kind::Sqlite, folder, url, &[ADDRESS]);
        app.http = server.anybody();
        token = refresh_token(&app.refresh(&token).await.expect(200)).to_owned();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn loopback_redirects_match_with_any_port() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    for (registered, asked, is_taken) in [
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback", true),
        ("http://localhost:3000/callback", "http://localhost:49152/callback", true),
        ("http://[::1]/callback", "http://[::1]:49152/callback", true),
        ("http://127.0.0.1", "http://127.0.0.1:49152/", true),
        ("http://localhost/", "http://localhost:49152", true),
        ("http://localhost/callback", "http://127.0.0.1:49152/callback", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/callback/", false),
        ("http://127.0.0.1/callback", "http://127.0.0.1:49152/x/../callback", false),
        ("https://app.example/callback", "https://app.example:8443/callback", false),
        ("https://app.example", "https://app.example/", false),
    ] {
        let app = App::register_with(&server, "App", registered).await;
        let page = ada.get(&app.address(&[("redirect_uri", asked)])).await;
        if !is_taken {
            assert_eq!((page.status, page.header("location")), (400, ""), "{registered} {asked}");
            continue;
        }
        let location = app.answered(&ada, &app.address(&[("redirect_uri", asked)]), "allow").await;
        assert!(location.starts_with(&format!("{asked}?code=")), "{registered} {asked}: {location}");
        let code = parameter(&location, "code");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", asked),
            ("code_verifier", VERIFIER),
        ];
        app.token(&form).await.expect(200);
    }
}

/// Everybody can register an address: an error leads there only when it is this computer, or an app that the person knows.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_leads_to_no_address_that_a_stranger_has_registered() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    for registered in ["https://evil.example/callback", "com.example.app:/callback", "tel:110"] {
        let app = App::register_with(&server, "Stranger", registered).await;
        for changes in [("response_type", "token"), ("code_challenge", ""), ("resource", "https://evil.example/mcp")] {
            let page = ada.get(&app.address(&[("redirect_uri", registered), changes])).await;
            assert_eq!((page.status, page.header("location")), (400, ""), "{registered} {changes:?}: {}", page.text);
            assert!(!page.text.contains(registered), "{}", page.text);
        }
    }
    let app = App::register_with(&server, "App", "https://app.example/callback").await;
    let redirect = ("redirect_uri", "https://app.example/callback");
    // The person has answered: that leads there.
    let location = app.answered(&ada, &app.address(&[redirect]), "deny").await;
    assert!(location.starts_with("https://app.example/callback?error=access_denied"), "{location}");
    let wrong = app.address(&[redirect, ("response_type", "token")]);
    assert_eq!(ada.get(&wrong).await.status, 400);
    app.answered(&ada, &app.address(&[redirect]), "allow").await;
    let led = ada.get(&wrong).await;
    assert_eq!((led.status, parameter(led.header("location"), "error").as_str()), (303, "unsupported_response_type"));
}
