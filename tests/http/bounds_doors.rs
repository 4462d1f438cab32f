//! Everything else that parses input: what a request costs grows with its length and no faster.

use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::{
    bounds::{MAX_MEMORY, Process, UPLOAD, repeated},
    support::{Client, Kind, Server, Socket},
};

/// Just within what a body may have.
const BODY: usize = 64 * 1024 - 256;
/// How often each body is sent: the processor's time is counted in hundredths of a second.
const TIMES: usize = 6;

/// JSON that was made to cost more than it is long.
fn costly_json() -> Vec<(&'static str, String)> {
    let nested = "[".repeat(BODY / 2) + &"]".repeat(BODY / 2);
    let depth = BODY / 6 - 10;
    let objects = r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
    let escaped = "\\u0041".repeat(BODY / 6 - 30);
    vec![
        ("nested arrays", nested.clone()),
        ("arrays that never end", "[".repeat(BODY)),
        ("nested objects", objects),
        ("a nested field", format!(r#"{{"title":"x","description":{}}}"#, &nested[100..nested.len() - 100])),
        ("a batch", format!("[{}]", repeated("{}", BODY - 10))),
        ("a batch of calls", format!("[{}]", repeated(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, BODY - 10))),
        ("a huge number", format!(r#"{{"title":"x","limit":{}}}"#, "9".repeat(BODY - 50))),
        ("a huge fraction", format!(r#"{{"title":"x","limit":0.{}e-9999}}"#, "9".repeat(BODY - 50))),
        ("many fields", format!("{{{}}}", (0..5000).map(|n| format!(r#""f{n}":1"#)).collect::<Vec<_>>().join(","))),
        ("one field many times", format!("{{{}}}", repeated(r#""title":"x""#, BODY - 10))),
        ("many ids", format!(r#"{{"action":"complete","ids":[{}]}}"#, repeated(r#""x""#, BODY - 100))),
        ("many escapes", format!(r#"{{"title":"{escaped}","name":"{escaped}"}}"#).chars().take(BODY).collect()),
        (
            "many marks on one letter",
            json!({ "title": "e\u{301}".to_owned() + &"\u{301}\u{327}".repeat(BODY / 5) }).to_string(),
        ),
        (
            "a call with nested arguments",
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"create_task","arguments":{}}}}}"#,
                &nested[200..nested.len() - 200]
            ),
        ),
        (
            "a call with many arguments",
            format!(
                r#"{{"jsonrpc":"2.0","id":{},"method":"tools/call","params":{{"name":"search","arguments":{{"query":"x","ids":[{}]}}}}}}"#,
                "9".repeat(1000),
                repeated("1", BODY - 2000)
            ),
        ),
        (
            "many redirect addresses",
            format!(r#"{{"client_name":"x","redirect_uris":[{}]}}"#, repeated(r#""http://127.0.0.1/a""#, BODY - 100)),
        ),
    ]
}

/// Forms of the same kind.
fn costly_forms() -> Vec<(&'static str, String)> {
    vec![
        ("many empty fields", "&".repeat(BODY)),
        ("many fields", "a=&".repeat(BODY / 3)),
        ("one field many times", "text=x&".repeat(BODY / 7)),
        ("many escapes", format!("text={}", "%41".repeat(BODY / 3 - 5))),
        (
            "a grant with many resources",
            format!("grant_type=authorization_code&{}", "resource=x&".repeat(BODY / 11 - 5)),
        ),
        ("nested names", format!("a{}=1", "[b]".repeat(BODY / 3 - 5))),
    ]
}

struct Watched<'s> {
    server: &'s Server,
    process: Process,
    idle: u64,
    usual: Duration,
}

impl<'s> Watched<'s> {
    async fn new(server: &'s Server, ada: &Client) -> Self {
        let process = Process(server.process_id());
        let (idle, before) = (process.memory("VmRSS:"), process.cpu());
        for _ in 0..TIMES {
            // Harmless, and refused for its length alone.
            ada.post("/api/tasks", json!({ "title": "x", "description": "x".repeat(BODY - 100) })).await.expect(422);
        }
        // Signing in, and what a first request costs, are small beside it.
        let usual = (process.cpu() - before).max(Duration::from_millis(100));
        Self { server, process, idle, usual }
    }

    /// Sends a request some times; the server stays within its bounds, and healthy.
    async fn send(&self, what: &str, request: impl Fn() -> RequestBuilder) {
        self.process.reset_peak();
        let before = self.process.cpu();
        let mut statuses = Vec::new();
        for _ in 0..TIMES {
            let answer = request().timeout(Duration::from_secs(60)).send().await;
            // A server may close the connection while a body is sent that it won't read.
            let Ok(answer) = answer else { continue };
            let status = answer.status().as_u16();
            let length = answer.bytes().await.map_or(0, |body| body.len());
            assert!(status < 500 && length < 1024 * 1024, "{what}: {status}, {length} bytes");
            statuses.push(status);
        }
        let (cpu, peak) = (self.process.cpu() - before, self.process.memory("VmHWM:"));
        assert!(cpu < self.usual * 10, "{what}: {cpu:?}, harmless ones take {:?}; {statuses:?}", self.usual);
        assert!(peak < self.idle + MAX_MEMORY, "{what}: {peak} MiB, {} without work", self.idle);
        let asked = Instant::now();
        self.server.anybody().get("/healthz").await.expect(200);
        assert!(asked.elapsed() < Duration::from_secs(5), "{what}: /healthz took {:?}", asked.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_json_costs_much_more_than_a_harmless_one_of_its_size() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let task = ada.task("One").await;
    let watched = Watched::new(&server, &ada).await;
    let doors = [
        (Method::POST, "/api/tasks".to_owned()),
        (Method::PATCH, format!("/api/tasks/{task}")),
        (Method::POST, "/api/tasks/bulk".to_owned()),
        (Method::POST, "/api/auth/signin".to_owned()),
        (Method::PUT, "/api/dashboard/goals".to_owned()),
        (Method::POST, "/mcp".to_owned()),
        (Method::POST, "/oauth/register".to_owned()),
    ];
    for (what, body) in costly_json() {
        assert!(body.len() <= BODY + 256, "{what}: {}", body.len());
        for (method, path) in &doors {
            let request = || {
                let request = ada.request(method.clone(), path).header("content-type", "application/json");
                request.header("accept", "application/json, text/event-stream").body(body.clone())
            };
            watched.send(&format!("{what} to {path}"), request).await;
        }
    }
    for (method, path) in &doors {
        let large = || {
            let request = ada.request(method.clone(), path).header("content-type", "application/json");
            request.body(format!("[{}]", repeated("{}", UPLOAD)))
        };
        watched.send(&format!("8 MiB to {path}"), large).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_costs_much_more_than_its_length() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let watched = Watched::new(&server, &ada).await;
    for (what, body) in costly_forms() {
        for path in [
            "/oauth/token",
            "/oauth/device_authorization",
            "/oauth/revoke",
            "/api/ui/quick_add",
            "/signin",
            "/oauth/device",
        ] {
            let request = || {
                let request = ada.request(Method::POST, path).header("origin", &server.base);
                request.header("content-type", "application/x-www-form-urlencoded").body(body.clone())
            };
            watched.send(&format!("{what} to {path}"), request).await;
        }
        let query: String = body.chars().take(30_000).collect();
        for path in ["/api/tasks", "/oauth/authorize", "/tasks"] {
            watched
                .send(&format!("{what} in the address of {path}"), || {
                    ada.request(Method::GET, &format!("{path}?{query}"))
                })
                .await;
        }
    }
    // The form of the import may have 11 MiB.
    for name in ["a", "columns", "name", "file"] {
        let part = format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n\r\n");
        let form = part.repeat(10 * 1024 * 1024 / part.len()) + "--x--\r\n";
        let before = watched.process.cpu();
        watched.process.reset_peak();
        let request = ada.request(Method::POST, "/settings/import").header("origin", &server.base);
        let request = request.header("content-type", "multipart/form-data; boundary=x").body(form);
        let answer = ada.send(request.timeout(Duration::from_secs(120))).await;
        let (cpu, peak) = (watched.process.cpu() - before, watched.process.memory("VmHWM:"));
        assert!([400, 422].contains(&answer.status), "{name}: {}", answer.status);
        assert!(cpu < Duration::from_secs(20), "{name}: {cpu:?}");
        assert!(peak < watched.idle + MAX_MEMORY, "{name}: {peak} MiB, {} without work", watched.idle);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_frame_of_a_socket_costs_much_more_than_its_length() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let watched = Watched::new(&server, &ada).await;
    let large = format!("[{}]", repeated("{}", UPLOAD));
    for (what, frame) in costly_json().into_iter().chain([("8 MiB", large)]) {
        watched.process.reset_peak();
        let before = watched.process.cpu();
        for _ in 0..TIMES {
            let mut socket = Socket::of(&server, &ada).await;
            for frame in [&frame[..], &frame[..frame.floor_char_boundary(4000)]].repeat(3) {
                // The server closes the socket after a few.
                if !socket.try_send(frame).await {
                    break;
                }
            }
        }
        let (cpu, peak) = (watched.process.cpu() - before, watched.process.memory("VmHWM:"));
        assert!(cpu < watched.usual * 10, "{what}: {cpu:?}, harmless ones take {:?}", watched.usual);
        assert!(peak < watched.idle + MAX_MEMORY, "{what}: {peak} MiB, {} without work", watched.idle);
    }
    let mut socket = Socket::of(&server, &ada).await;
    ada.task("Still here").await;
    assert_eq!(socket.next_event_but_statistics().await.0, "task_created");
}
