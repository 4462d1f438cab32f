//! A request costs memory and time in proportion to its length, as measured from outside the server.

use std::{
    fs,
    io::{Cursor, Write},
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;

use crate::{
    import::import,
    support::{Client, Kind, Server},
};

pub const UPLOAD: usize = 8 * 1024 * 1024;
/// Above what the server takes without work, in MiB.
pub const MAX_MEMORY: u64 = 150;

/// The server's process, as the system sees it.
pub struct Process(pub u32);

impl Process {
    /// A line of `/proc/…/status`, in MiB.
    pub fn memory(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Resets the peak memory.
    pub fn reset_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.0), "5").unwrap();
    }

    /// Time on all cores, of 10 ms ticks.
    pub fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap();
        let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }
}

pub fn repeated(item: &str, length: usize) -> String {
    let items = vec![item; length / (item.len() + 1)];
    items.join(",")
}

fn zipped(data: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("data.json", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(data.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

fn export_of(rest: &str) -> String {
    format!(r#"{{"format":"tallyboard","version":1,{rest}}}"#)
}

fn vikunja(description: &str, tasks: usize) -> Vec<u8> {
    let task = json!({ "title": "x", "description": description }).to_string();
    zipped(&format!(r#"[{{"title":"x","tasks":[{}]}}]"#, vec![task.as_str(); tasks].join(",")))
}

/// Files made to cost more than their length suggests: a description, the type, and the content.
fn costly_files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const KIND_JSON: &str = "application/json";
    const KIND_CSV: &str = "text/csv";
    const KIND_ZIP: &str = "application/zip";
    let attributes: String = (0..2000).map(|number| format!(" a{number}")).collect();
    vec![
        ("many short headings", KIND_CSV, ["title", &repeated("x", 320 * 1024)].join(",").into()),
        ("only headings", KIND_CSV, repeated("name", UPLOAD - 64).into()),
        ("one long heading", KIND_CSV, format!("title,{}\nx,y\n", "x".repeat(UPLOAD - 64)).into()),
        ("many rows", KIND_CSV, format!("title\n{}", "x\n".repeat(UPLOAD / 2 - 64)).into()),
        ("many separators", KIND_CSV, format!("title{}", ",".repeat(UPLOAD - 64)).into()),
        ("many small projects", KIND_ZIP, zipped(&format!("[{}]", repeated("{}", UPLOAD - 64)))),
        ("many small tasks", KIND_ZIP, zipped(&format!(r#"[{{"tasks":[{}]}}]"#, repeated("{}", UPLOAD - 64)))),
        ("a large file in a small one", KIND_ZIP, zipped(&format!("[{}]", repeated("{}", 60 * 1024 * 1024)))),
        ("nested tags", KIND_ZIP, vikunja(&"<div>".repeat(40_000), 1)),
        ("nested tags in many tasks", KIND_ZIP, vikunja(&"<div>".repeat(1600), 1000)),
        ("attributes in many tasks", KIND_ZIP, vikunja(&format!("<p{attributes}>x"), 700)),
        (
            "many small conversations",
            KIND_JSON,
            export_of(&format!(r#""tasks":[],"conversations":[{}]"#, repeated("{}", UPLOAD - 100))).into(),
        ),
        (
            "many small messages",
            KIND_JSON,
            export_of(&format!(
                r#""tasks":[],"conversations":[{{"messages":[{}]}}]"#,
                repeated(r#"{"role":"user","content":"x"}"#, UPLOAD - 100)
            ))
            .into(),
        ),
        (
            "many small tasks of an export",
            KIND_JSON,
            export_of(&format!(r#""tasks":[{}]"#, repeated(r#"{"title":"x"}"#, UPLOAD - 100))).into(),
        ),
        (
            "many small teams",
            KIND_JSON,
            export_of(&format!(r#""tasks":[],"teams":[{}]"#, repeated(r#"{"a":[]}"#, UPLOAD - 100))).into(),
        ),
        (
            "many shares",
            KIND_JSON,
            export_of(&format!(r#""tasks":[{{"title":"x","shares":[{}]}}]"#, repeated("{}", UPLOAD - 100))).into(),
        ),
        (
            "many saved lists",
            KIND_JSON,
            export_of(&format!(
                r#""tasks":[],"saved_lists":[{}]"#,
                repeated(r#"{"name":"","query":""}"#, UPLOAD - 100)
            ))
            .into(),
        ),
        ("nested arrays", KIND_JSON, "[".repeat(UPLOAD - 64).into()),
        (
            "nested objects",
            KIND_JSON,
            export_of(&format!(r#""tasks":[],"teams":[{}"#, r#"{"a":"#.repeat(1_000_000))).into(),
        ),
    ]
}

async fn harmless(ada: &Client) {
    let description = "x".repeat(780);
    let tasks: Vec<_> =
        (0..9_500).map(|number| json!({ "title": format!("{number}"), "description": description })).collect();
    let file = json!({ "format": "tallyboard", "version": 1, "tasks": tasks }).to_string();
    assert!((UPLOAD - UPLOAD / 10..UPLOAD).contains(&file.len()), "{}", file.len());
    import(ada, "application/json", "?dry_run=true", file).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_import_costs_much_more_than_a_harmless_one_of_its_size() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    let process = Process(server.process_id());
    let idle = process.memory("VmRSS:");
    let before = process.cpu();
    harmless(&ada).await;
    let usual = process.cpu() - before;
    for (what, kind, file) in costly_files() {
        process.reset_peak();
        let before = process.cpu();
        let request = ada.request(Method::POST, "/api/import?dry_run=true").header("content-type", kind).body(file);
        // Other tests use the cores too, so this measures processor time.
        let answering = ada.send(request.timeout(Duration::from_secs(120)));
        let healthy = async {
            let (mut slowest, anybody) = (Duration::ZERO, server.anybody());
            loop {
                let asked = Instant::now();
                anybody.get("/healthz").await.expect(200);
                slowest = slowest.max(asked.elapsed());
                if slowest > Duration::from_secs(5) {
                    break slowest;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let answer = tokio::select! {
            answer = answering => answer,
            slowest = healthy => panic!("{what}: /healthz took {slowest:?}"),
        };
        let (cpu, peak) = (process.cpu() - before, process.memory("VmHWM:"));
        assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text);
        assert!(answer.text.len() < UPLOAD, "{what}: an answer of {} bytes", answer.text.len());
        assert!(cpu < usual * 10, "{what}: {cpu:?}; a harmless file takes {usual:?}");
        assert!(peak < idle + MAX_MEMORY, "{what}: {peak} MiB, {idle} without work");
    }
    assert_eq!(ada.numbers().await, [0, 0, 0, 0]);
}

/// The page shows the columns of a table and the file's content again.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_import_is_not_much_larger_than_its_file() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let ada = server.user("Ada").await;
    for table in [
        ["name", &repeated("x", 320 * 1024)].join(","),
        repeated("y", 99 * 2) + "\n" + &repeated(&"z".repeat(4000), 99 * 4000),
    ] {
        let length = table.len();
        let part =
            |head: &str, content: &str| format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n{content}\r\n");
        let form = part(r#"name="file"; filename="a.csv""#, &table) + &part(r#"name="dry_run""#, "1") + "--x--\r\n";
        let request = ada.request(Method::POST, "/settings/import");
        let answer = ada.send(request.header("content-type", "multipart/form-data; boundary=x").body(form)).await;
        assert!([200, 422].contains(&answer.status), "{}", answer.status);
        assert!(answer.text.len() < length * 2 + 200_000, "{} bytes for {length}", answer.text.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_few_imports_at_once_and_others_are_not_held_up() {
    let server = Server::start(Kind::Sqlite, &[]).await;
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let file = "title\n".to_owned() + &"One more\n".repeat(9_000);
    let all = futures::future::join_all((0..12).map(|_| import(&ada, "text/csv", "?dry_run=true", file.clone())));
    let (all, other) = tokio::join!(all, import(&grace, "text/csv", "", "title\nMine\n"));
    other.expect(200);
    let statuses: Vec<_> = all.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [200, 429].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&200), "{statuses:?}");
    // The places are free again.
    import(&ada, "text/csv", "?dry_run=true", "title\nOne\n").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_choose_metric_labels() {
    let token = "a-token-for-prometheus";
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_METRICS_TOKEN", token)]).await;
    let ada = server.user("Ada").await;
    let anybody = server.anybody();
    let metrics = async || anybody.with_token(token).get("/metrics").await.text;
    let ask = async |name: &str, number: u32| {
        let method = Method::from_bytes(format!("{name}{number}").as_bytes()).unwrap();
        anybody.send(anybody.request(method, "/api/tasks")).await;
        for path in ["/api/ui/", "/api/ui/x/", "/api/", "/", "/tasks/"] {
            anybody.get(&format!("{path}{name}{number}")).await;
            ada.post(&format!("{path}{name}{number}"), json!({})).await;
        }
    };
    ask("first", 0).await;
    let before = metrics().await.lines().count();
    for number in 0..40 {
        ask("next", number).await;
    }
    let text = metrics().await;
    // Another status or two may come, but nothing that grows with the requests.
    assert!(text.lines().count() < before + 80, "{before} lines before, {} now", text.lines().count());
    assert!(!text.contains("next"), "{text}");
    assert!(text.contains(r#"route="/api/tasks""#), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fake_token_does_not_bypass_the_limit_of_anonymous_requests() {
    let limits = [("TALLYBOARD_LIMITS_ENABLED", "true"), ("TALLYBOARD_LIMITS_ANONYMOUS_REQUESTS_PER_MINUTE", "20")];
    let server = Server::start(Kind::Sqlite, &limits).await;
    let ada = server.user("Ada").await;
    let anybody = server.anybody();
    let made_up = [
        anybody.with_token("x"),
        anybody.with_token("tallyboard_00000000000000000000000000000000"),
        anybody.with_token(&(ada.token.clone().unwrap() + "x")),
    ];
    for path in ["/signin", "/api/openapi.json", "/api/auth/me"] {
        for client in &made_up {
            let mut statuses = Vec::new();
            for _ in 0..40 {
                statuses.push(client.get(path).await.status);
            }
            // One comes back every three seconds.
            let answered = statuses[20..].iter().filter(|status| **status != 429).count();
            assert!(answered < 5, "{path}: {statuses:?}");
        }
    }
    // Signed-in users at the same address aren't held up.
    for _ in 0..5 {
        ada.get("/api/auth/me").await.expect(200);
        assert_eq!(ada.get("/api/openapi.json").await.status, 200);
    }
    assert_eq!(anybody.get("/healthz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_ask_the_database_a_few_times_a_second() {
    let token = "a-token-for-prometheus";
    let server = Server::start(Kind::Sqlite, &[("TALLYBOARD_METRICS_TOKEN", token)]).await;
    let anybody = server.anybody();
    let transactions = async || {
        let text = anybody.with_token(token).get("/metrics").await.text;
        let counts =
            text.lines().filter(|line| line.starts_with("tallyboard_database_transaction_duration_seconds_count"));
        counts.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum::<f64>()
    };
    anybody.get("/readyz").await.expect(200);
    let (before, began) = (transactions().await, Instant::now());
    for path in ["/health", "/readyz", "/api/dashboard/health"].repeat(200) {
        anybody.get(path).await.expect(200);
    }
    let asked = transactions().await - before;
    // Two checks, twice a second each; the server's own work is in it, too.
    let most = 20.0 + 8.0 * began.elapsed().as_secs_f64();
    assert!(asked < most, "600 requests were {asked} transactions");
}
