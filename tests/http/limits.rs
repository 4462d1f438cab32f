//! Limits: rates, concurrency and slow clients.

use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Answer, Assistant, Client, Kind, PASSWORD, Server, Socket, until};

const ENABLED: (&str, &str) = ("TALLYBOARD_LIMITS_ENABLED", "true");
/// The tests' own address is a proxy, so that they can come from any.
const BEHIND_PROXY: (&str, &str) = ("TALLYBOARD_SERVER_TRUSTED_PROXIES", "127.0.0.1");
const ATTACKER: &str = "198.51.100.66";
const HOME: &str = "198.51.100.7";

async fn limited(variables: &[(&str, &str)]) -> Server {
    Server::start(Kind::Sqlite, &[&[ENABLED], variables].concat()).await
}

async fn post_from(client: &Client, address: &str, path: &str, body: Value) -> Answer {
    client.post_with(path, body, ("x-forwarded-for", address)).await
}

async fn sign_in(client: &Client, address: &str, email: &str, password: &str) -> Answer {
    post_from(client, address, "/api/auth/signin", json!({ "email": email, "password": password })).await
}

#[track_caller]
fn expect_limit(answer: Answer, limit: &str) {
    assert_eq!(answer.status, 429, "{}", answer.text);
    let number = |name: &str| answer.header(name).parse::<i64>().unwrap_or_else(|_| panic!("{name}"));
    assert_eq!((answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), (limit, "0"));
    let wait = number("retry-after");
    assert!((1..=900).contains(&wait), "{wait}");
    let reset = number("x-ratelimit-reset") - chrono::Utc::now().timestamp();
    assert!((wait - 5..=wait).contains(&reset), "{reset} of {wait}");
    let body = answer.expect_error(429, "RATE_LIMITED");
    assert!(body["detail"].as_str().unwrap().starts_with("Try again in "), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_a_password_has_to_wait_but_its_user_does_not() {
    let server = limited(&[BEHIND_PROXY, ("TALLYBOARD_LIMITS_SIGN_INS_PER_MINUTE", "100")]).await;
    let victim = server.user("Victim").await;
    let anybody = server.anybody();
    for email in [victim.email.as_str(), "nobody@example.org"] {
        let guesses = join_all((0..20).map(|_| sign_in(&anybody, ATTACKER, email, "wrong")));
        let statuses: Vec<_> = guesses.await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{email}: {statuses:?}");
        // The right password, too: otherwise the answer would reveal it.
        expect_limit(sign_in(&anybody, ATTACKER, email, PASSWORD).await, "5");
    }
    sign_in(&anybody, HOME, &victim.email.to_uppercase(), PASSWORD).await.expect(200);
    victim.get("/api/auth/me").await.expect(200);
    // Another address has one attempt, not five.
    sign_in(&anybody, "203.0.113.1", &victim.email, "wrong").await.expect_error(401, "UNAUTHORIZED");
    expect_limit(sign_in(&anybody, "203.0.113.1", &victim.email, PASSWORD).await, "5");
    // Somebody else at the attacker's address.
    let other = server.user("Other").await;
    sign_in(&anybody, ATTACKER, &other.email, PASSWORD).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_does_not_find_the_password_by_trying() {
    let server = limited(&[]).await;
    let user = server.user("Ada").await;
    let wrong = json!({ "current_password": "wrong", "new_password": "another-lantern-41-harbour" });
    for _ in 0..5 {
        user.post("/api/auth/password", wrong.clone()).await.expect_error(422, "VALIDATION_ERROR");
    }
    expect_limit(user.post("/api/auth/password", wrong).await, "5");
    let request = user.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": PASSWORD }));
    expect_limit(user.send(request).await, "5");
    user.get("/api/auth/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_signs_in_and_signs_up_ten_times_a_minute() {
    let server = limited(&[BEHIND_PROXY]).await;
    let anybody = server.anybody();
    let new = |number: u32| json!({ "name": "A", "email": format!("a{number}@example.org"), "password": PASSWORD });
    for number in 0..10 {
        post_from(&anybody, ATTACKER, "/api/auth/signup", new(number)).await.expect(201);
        sign_in(&anybody, ATTACKER, &format!("a{number}@example.org"), PASSWORD).await.expect(200);
    }
    expect_limit(post_from(&anybody, ATTACKER, "/api/auth/signup", new(10)).await, "10");
    expect_limit(sign_in(&anybody, ATTACKER, "a1@example.org", PASSWORD).await, "10");
    // What the client writes to the left of the proxy's word means nothing.
    expect_limit(sign_in(&anybody, &format!("{HOME}, {ATTACKER}"), "a1@example.org", PASSWORD).await, "10");
    sign_in(&anybody, &format!("{ATTACKER}, {HOME}"), "a1@example.org", PASSWORD).await.expect(200);
    let form = [("email", "a1@example.org"), ("password", PASSWORD)];
    let request = anybody.request(Method::POST, "/signin").form(&form).header("x-forwarded-for", ATTACKER);
    let request = request.header("accept", "text/html").header("origin", &server.base);
    let page = anybody.send(request).await;
    assert_eq!((page.status, page.header("x-ratelimit-limit")), (429, "10"));
    assert!(page.text.contains("Too many attempts to sign in") && page.text.contains("Try again in"), "{}", page.text);
    assert!(page.header("content-type").starts_with("text/html"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_addresses_of_one_network_are_summed() {
    let server = limited(&[BEHIND_PROXY, ("TALLYBOARD_LIMITS_SIGN_INS_PER_MINUTE", "2")]).await;
    let anybody = server.anybody();
    // Refused before anything is looked at, so that it takes no time.
    let from = async |address: String| {
        let nothing = json!({ "state": "", "credential": {} });
        post_from(&anybody, &address, "/api/auth/signin/passkey", nothing).await.status
    };
    for network in ["2001:db8:1", "2001:db8:2"] {
        let statuses = join_all((0..40).map(|subnet| from(format!("{network}:{subnet}::1")))).await;
        let tried = statuses.iter().filter(|status| **status != 429).count();
        assert!((16..40).contains(&tried), "{network}: {statuses:?}");
    }
    let statuses = join_all((0..40).map(|host| from(format!("192.0.2.{host}")))).await;
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn adding_to_teams_and_sharing_are_limited() {
    let few = [("TALLYBOARD_LIMITS_MEMBERS_PER_HOUR", "2"), ("TALLYBOARD_LIMITS_SHARES_PER_HOUR", "3")];
    let server = limited(&few).await;
    let (eve, ada) = (server.user("Eve").await, server.user("Ada").await);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let team = server.team(&eve, &[]).await;
        let task = eve.task("Spam").await;
        let member = json!({ "user_id": ada.id, "role": "member" });
        let share = json!({ "user_id": ada.id, "permission": "view" });
        statuses.push((
            eve.post(&format!("/api/teams/{team}/members"), member).await.status,
            eve.post(&format!("/api/tasks/{task}/shares"), share).await.status,
        ));
    }
    assert_eq!(statuses, [(201, 201), (201, 201), (429, 201), (429, 429)]);
    // Everybody has their own.
    let (team, task) = (server.team(&ada, &[(&eve, "member")]).await, ada.task("Mine").await);
    server.share(&task, &ada, &eve, "view").await;
    eve.get(&format!("/api/teams/{team}")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_of_an_untrusted_client_means_nothing() {
    let server = limited(&[("TALLYBOARD_LIMITS_SIGN_INS_PER_MINUTE", "3")]).await;
    let anybody = server.anybody();
    for number in 0..3 {
        sign_in(&anybody, &format!("192.0.2.{number}"), "a@example.org", "wrong").await.expect(401);
    }
    expect_limit(sign_in(&anybody, "192.0.2.9", "a@example.org", "wrong").await, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_one_limit_over_api_pages_sockets_and_mcp() {
    let variables = [("TALLYBOARD_LIMITS_REQUESTS_PER_MINUTE", "30")];
    let server = limited(&variables).await;
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let token = ada.personal(&["read"]).await;
    for _ in 0..9 {
        ada.get("/api/dashboard/statistics").await.expect(200);
        token.get("/api/tasks").await.expect(200);
        // A key is checked for its user, and then the request is: it counts once.
        ada.post_with("/api/tasks", json!({ "title": "x" }), ("idempotency-key", "same")).await.expect(201);
    }
    // With the creation of the token, 28.
    for _ in 0..2 {
        ada.get("/api/auth/me").await.expect(200);
    }
    expect_limit(ada.get("/api/auth/me").await, "30");
    expect_limit(token.get("/api/tasks").await, "30");
    assert_eq!(Assistant::of(&token).answer("tools/list", json!({})).await.status, 429);
    let query = format!("?token={}", ada.token.as_deref().unwrap());
    assert_eq!(Socket::open(&server, &query, &[]).await.err(), Some(429));
    let cookie = format!("session={}", ada.token.as_deref().unwrap());
    let page = server.anybody().send(server.anybody().request(Method::GET, "/tasks").header("cookie", cookie)).await;
    assert_eq!(page.status, 429);
    assert!(page.text.contains("<h1>Too many requests of this account</h1>"), "{}", page.text);
    grace.get("/api/auth/me").await.expect(200);
}

/// An office: many people, one address, each dashboard asks every 5 s. One minute of it at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_office_behind_one_address_does_not_hit_a_limit() {
    let server =
        limited(&[("TALLYBOARD_LIMITS_SIGN_UPS_PER_MINUTE", "100"), ("TALLYBOARD_LIMITS_SIGN_INS_PER_MINUTE", "100")])
            .await;
    let mut office = Vec::new();
    for number in 0..15 {
        office.push(server.user(&format!("Person {number}")).await);
    }
    join_all(office.iter().map(async |person| {
        for _ in 0..12 {
            person.get("/api/dashboard/activity").await.expect(200);
            person.get("/api/dashboard/statistics").await.expect(200);
        }
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_a_user_has_a_limit_and_so_has_a_wrong_token() {
    let server = limited(&[BEHIND_PROXY, ("TALLYBOARD_LIMITS_ANONYMOUS_REQUESTS_PER_MINUTE", "5")]).await;
    let anybody = server.anybody();
    let get = async |client: &Client, address: &str, path: &str| {
        client.send(client.request(Method::GET, path).header("x-forwarded-for", address)).await
    };
    for _ in 0..5 {
        get(&anybody, ATTACKER, "/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        get(&anybody.with_token("wrong"), HOME, "/api/tasks").await.expect_error(401, "UNAUTHORIZED");
    }
    expect_limit(get(&anybody, ATTACKER, "/api/openapi.json").await, "5");
    expect_limit(get(&anybody.with_token("wrong"), HOME, "/api/tasks").await, "5");
    let page = get(&anybody, ATTACKER, "/signin").await;
    assert_eq!(page.status, 429);
    assert!(page.header("content-type").starts_with("text/html"));
    // Monitoring always reaches the server.
    for _ in 0..10 {
        get(&anybody, ATTACKER, "/healthz").await.expect(200);
        get(&anybody, ATTACKER, "/readyz").await.expect(200);
    }
    let user = server.user("Ada").await;
    get(&user, ATTACKER, "/api/tasks").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_named_sites_call_the_api_with_a_token() {
    let friend = "https://app.example.org";
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_SERVER_CORS_ORIGINS", friend)]).await;
    let user = server.user("Ada").await;
    let preflight = async |origin: &str, path: &str| {
        let request = server.anybody().request(Method::OPTIONS, path);
        let request = request.header("origin", origin).header("access-control-request-method", "POST");
        server.anybody().send(request.header("access-control-request-headers", "authorization,content-type")).await
    };
    for path in ["/api/tasks", "/mcp"] {
        let answer = preflight(friend, path).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, friend), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "cookies stay out");
        assert_eq!(answer.header("access-control-allow-methods"), "GET,POST,PUT,PATCH,DELETE", "{path}");
        assert_eq!(preflight("https://evil.example", path).await.header("access-control-allow-origin"), "");
    }
    let request = user.request(Method::GET, "/api/tasks").header("origin", friend);
    assert_eq!(user.send(request).await.header("access-control-allow-origin"), friend);
    let cookie = format!("session={}", user.token.as_deref().unwrap());
    let request =
        server.anybody().request(Method::POST, "/api/tasks").header("cookie", cookie).header("origin", friend);
    server.anybody().send(request.json(&json!({ "title": "x" }))).await.expect_error(403, "FORBIDDEN");
    let closed = Server::start(Kind::Sqlite, &[]).await;
    let request = closed.anybody().request(Method::GET, "/api/openapi.json").header("origin", friend);
    assert_eq!(closed.anybody().send(request).await.header("access-control-allow-origin"), "");
}

/// A connection that sends bytes by hand.
async fn connection(server: &Server) -> TcpStream {
    TcpStream::connect(server.base.strip_prefix("http://").unwrap()).await.unwrap()
}

/// How long until the server closes the connection, and what it said before.
async fn until_closed(mut connection: TcpStream) -> (Duration, String) {
    let (started, mut said) = (Instant::now(), Vec::new());
    // A reset is an end, too.
    let _ = tokio::time::timeout(Duration::from_secs(90), connection.read_to_end(&mut said)).await.expect("still open");
    (started.elapsed(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_too_many_is_answered_at_once_and_a_slow_body_keeps_nobody_out() {
    let server = limited(&[("TALLYBOARD_LIMITS_REQUESTS_IN_FLIGHT", "1")]).await;
    let user = server.user("Ada").await;
    let token = user.token.clone().unwrap();
    let mut slow = connection(&server).await;
    let head = format!(
        "POST /api/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 21\r\nexpect: 100-continue\r\n\r\n"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: it waits.
    let mut asked = [0; 25];
    slow.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    slow.write_all(b"{").await.unwrap();
    for _ in 0..5 {
        user.get("/api/tasks").await.expect(200);
    }
    // SQLite's one writer is taken, so that a write takes its time.
    let mut writer = SqliteConnection::connect(&server.url).await.unwrap();
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    let writer_of_task = user.clone();
    let writing = tokio::spawn(async move {
        // Until it has the one place.
        loop {
            let answer = writer_of_task.post("/api/tasks", json!({ "title": "a" })).await;
            if answer.status == 201 {
                return answer;
            }
        }
    });
    let refused = async || user.get("/api/tasks").await;
    until(Duration::from_secs(2), refused, |answer| answer.status == 503).await;
    let answer = user.get("/api/tasks").await;
    assert!(!answer.header("retry-after").is_empty());
    answer.expect_error(503, "UNAVAILABLE");
    let page = server.anybody().get("/signin").await;
    assert!(
        page.status == 503 && !page.header("retry-after").is_empty() && page.text.starts_with("<!DOCTYPE"),
        "{}",
        page.text
    );
    server.anybody().get("/healthz").await.expect(200);
    writer.execute("ROLLBACK").await.unwrap();
    writing.await.unwrap().expect(201);
    user.get("/api/tasks").await.expect(200);
    // The slow body arrives after all, and is answered.
    slow.write_all(b"\"title\":\"at last\"  }").await.unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201");
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_requests_take_no_place() {
    let variables = [
        BEHIND_PROXY,
        ("TALLYBOARD_LIMITS_REQUESTS_IN_FLIGHT", "2"),
        ("TALLYBOARD_LIMITS_ANONYMOUS_REQUESTS_PER_MINUTE", "3"),
    ];
    let server = limited(&variables).await;
    let ada = server.user("Ada").await;
    for path in ["/api/tasks", "/signin", "/mcp", "/api/ws"] {
        for _ in 0..5 {
            let anybody = server.anybody();
            let status =
                anybody.send(anybody.request(Method::GET, path).header("x-forwarded-for", ATTACKER)).await.status;
            assert!([200, 400, 401, 429].contains(&status), "{path}: {status}");
        }
    }
    for _ in 0..10 {
        ada.get("/api/tasks").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_connections_are_cut_off_and_nobody_notices_them() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let user = server.user("Ada").await;
    let median = async || {
        let mut times = Vec::new();
        for _ in 0..40 {
            let started = Instant::now();
            user.get("/api/dashboard/statistics").await.expect(200);
            times.push(started.elapsed());
        }
        times.sort();
        times[times.len() / 2]
    };
    let idle = median().await;
    let mut slow = Vec::new();
    for _ in 0..1000 {
        let mut connection = connection(&server).await;
        connection.write_all(b"GET /api/dashboard HTTP/1.1\r\nx-slow: ").await.unwrap();
        slow.push(connection);
    }
    let held = median().await;
    // Other tests run on the same two cores: the second number may meet them and the first not.
    assert!(held < idle * 2 + Duration::from_millis(20), "{idle:?}, with 1000 slow connections {held:?}");
    let closed = join_all(slow.into_iter().map(until_closed)).await;
    let longest = closed.iter().map(|(time, _)| *time).max().unwrap();
    assert!(longest < Duration::from_secs(20), "{longest:?}");
    user.get("/api/dashboard/statistics").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_30_seconds_and_an_idle_connection_60() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let mut slow_body = connection(&server).await;
    let head =
        b"POST /api/auth/signin HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{";
    slow_body.write_all(head).await.unwrap();
    let mut idle = connection(&server).await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut socket = Socket::of(&server, &server.user("Ada").await).await;
    let ((body_time, said), (idle_time, _)) = tokio::join!(until_closed(slow_body), until_closed(idle));
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("Send it within 30 seconds"), "{said}");
    assert!((29..45).contains(&body_time.as_secs()), "{body_time:?}");
    assert!((59..75).contains(&idle_time.as_secs()), "{idle_time:?}");
    // A WebSocket is no idle connection.
    socket.send(r#"{"type":"ping"}"#).await;
    assert_eq!(socket.event().await["event_type"], "pong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_from_a_new_place_is_recorded_as_one() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let server = Server::start(kind, &[BEHIND_PROXY]).await;
        let ada = server.user("Ada").await;
        let anybody = server.anybody();
        for address in [HOME, HOME, "2001:db8:1:2::1", "2001:db8:1:2:ffff::2"] {
            sign_in(&anybody, address, &ada.email, PASSWORD).await.expect(200);
        }
        let cookie = format!("session={}", ada.token.as_deref().unwrap());
        let page = anybody.send(anybody.request(Method::GET, "/settings/activity").header("cookie", cookie)).await.text;
        assert_eq!(page.matches("You signed in from a new place").count(), 2, "{kind:?}: {page}");
        assert_eq!(page.matches("You signed in").count(), 5, "{kind:?}");
        assert!(page.contains("2001:db8:1:2::1"), "with its address");
    }
}
