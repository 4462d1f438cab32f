//! A load on a running server, loopback only, bounded in count and time; `scripts/bench.sh` and
//! `scripts/soak.sh` start the servers for it.
//!
//! `load echo URL URL`: a write at the first server, received by a socket of the second. `load fan URL N`: one
//! write received by N sockets. `load idle URL N PID`: N sockets that do nothing, what they cost. `load
//! poll URL N`: N dashboards that ask every 5 s. `load soak SECONDS N URL…`: sockets that come and go,
//! writes, and in the end everybody's numbers are the database's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all, stream::FuturesUnordered};
use rand::Rng;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{net::TcpStream, task::JoinHandle};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const PASSWORD: &str = "quiet-lantern-97-harbour";

#[derive(Clone)]
struct User {
    http: Client,
    id: String,
    token: String,
}

impl User {
    async fn new(http: &Client, base: &str, number: usize) -> Self {
        let email = format!("load-{}-{number}@example.org", std::process::id());
        let account = json!({ "name": "Load", "email": email, "password": PASSWORD });
        let made: Value =
            http.post(format!("{base}/api/auth/signup")).json(&account).send().await.unwrap().json().await.unwrap();
        let credentials = json!({ "email": email, "password": PASSWORD });
        let signed_in: Value =
            http.post(format!("{base}/api/auth/signin")).json(&credentials).send().await.unwrap().json().await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { http: http.clone(), id: text(&made["id"]), token: text(&signed_in["access_token"]) }
    }

    async fn post(&self, base: &str, path: &str, body: Value) -> Result<Value, String> {
        let request = self.http.post(format!("{base}{path}")).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(serde_json::from_str(&text).unwrap_or_default())
        } else {
            Err(format!("{status} {text}"))
        }
    }

    async fn get(&self, base: &str, path: &str) -> Result<Value, String> {
        let request = self.http.get(format!("{base}{path}")).bearer_auth(&self.token);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        answer.error_for_status().map_err(|error| error.to_string())?.json().await.map_err(|error| error.to_string())
    }

    async fn socket(&self, base: &str) -> Option<Socket> {
        let address = format!("{}/api/ws?token={}", base.replace("http", "ws"), self.token);
        let mut socket = connect_async(address).await.ok()?.0;
        next(&mut socket).await.filter(|event| event["event_type"] == "connection_ack").map(|_| socket)
    }
}

/// The next event; `None` when the socket is closed.
async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match socket.next().await? {
            Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

async fn until(socket: &mut Socket, event_type: &str, id: &str) -> Option<Instant> {
    loop {
        let event = next(socket).await?;
        if event["event_type"] == event_type && event["data"]["task_id"] == id {
            return Some(Instant::now());
        }
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e3;
    println!("{what}: {} times, p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms", times.len(), at(0.5), at(0.95), at(0.99));
}

async fn users(http: &Client, base: &str, count: usize) -> Vec<User> {
    let mut made = Vec::new();
    for first in (0..count).step_by(8) {
        made.extend(join_all((first..count.min(first + 8)).map(|number| User::new(http, base, number))).await);
    }
    made
}

async fn echo(http: &Client, here: &str, there: &str) {
    let user = User::new(http, here, 0).await;
    let mut socket = user.socket(there).await.unwrap();
    let (mut heard, mut written) = (Vec::new(), Vec::new());
    for _ in 0..1000 {
        let started = Instant::now();
        let task = user.post(here, "/api/tasks", json!({ "title": "Echo" })).await.unwrap();
        written.push(started.elapsed());
        let id = task["id"].as_str().unwrap().to_owned();
        heard.push(until(&mut socket, "task_created", &id).await.unwrap() - started);
    }
    report("a write answered", written);
    report("a write heard at a socket", heard);
}

/// A tenth as many users as sockets: each user has ten sockets.
async fn fan(http: &Client, base: &str, count: usize) {
    let users = users(http, base, count.div_ceil(10)).await;
    let owner = &users[0];
    let team =
        owner.post(base, "/api/teams", json!({ "name": "All" })).await.unwrap()["id"].as_str().unwrap().to_owned();
    for user in &users[1..] {
        owner.post(base, &format!("/api/teams/{team}/members"), json!({ "user_id": user.id })).await.unwrap();
    }
    let mut sockets = Vec::new();
    for number in 0..count {
        sockets.push(users[number / 10].socket(base).await.unwrap());
    }
    let (mut last, mut all) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        let (send, _) = tokio::sync::broadcast::channel::<String>(1);
        let listening: Vec<JoinHandle<(Socket, Instant)>> = sockets
            .drain(..)
            .map(|mut socket| {
                let mut told = send.subscribe();
                tokio::spawn(async move {
                    // The event may come before the write's answer says which it is.
                    let mut seen = BTreeMap::new();
                    loop {
                        let event = next(&mut socket).await.unwrap();
                        if event["event_type"] == "task_created" {
                            seen.insert(event["data"]["task_id"].as_str().unwrap().to_owned(), Instant::now());
                            let id = told.recv().await.unwrap();
                            return (socket, seen[&id]);
                        }
                    }
                })
            })
            .collect();
        let started = Instant::now();
        let task = owner.post(base, "/api/tasks", json!({ "title": "Fan", "team_id": team })).await.unwrap();
        send.send(task["id"].as_str().unwrap().to_owned()).unwrap();
        let mut times = Vec::new();
        for socket in listening {
            let (socket, heard) = socket.await.unwrap();
            sockets.push(socket);
            times.push(heard - started);
        }
        last.push(*times.iter().max().unwrap());
        all.extend(times);
    }
    report(&format!("one write heard at {count} sockets, each"), all);
    report("the last of them", last);
}

/// Resident memory in KiB, and processor time in ticks of 10 ms.
fn cost(pid: &str) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (
        rss.split_whitespace().next().unwrap().parse().unwrap(),
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap(),
    )
}

async fn idle(http: &Client, base: &str, count: usize, pid: &str) {
    let users = users(http, base, count.div_ceil(10)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (before, _) = cost(pid);
    let mut sockets = Vec::new();
    for number in 0..count {
        sockets.push(users[number / 10].socket(base).await.expect("a socket: is `ulimit -n` high enough?"));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (after, spent) = cost(pid);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let (_, spent_later) = cost(pid);
    println!(
        "{count} idle sockets: {:.1} KiB each, {:.2} % of one processor",
        (after - before) as f64 / count as f64,
        (spent_later - spent) as f64 / 20.0
    );
}

async fn poll(http: &Client, base: &str, count: usize) {
    let users = users(http, base, 50).await;
    let started = Instant::now();
    let mut dashboards = FuturesUnordered::new();
    for number in 0..count {
        let user = users[number % users.len()].clone();
        let base = base.to_owned();
        dashboards.push(tokio::spawn(async move {
            let (mut times, mut errors) = (Vec::new(), 0);
            tokio::time::sleep(Duration::from_secs_f64(5.0 * number as f64 / count as f64)).await;
            while started.elapsed() < Duration::from_secs(20) {
                let asked = Instant::now();
                match user.get(&base, "/api/dashboard/statistics").await {
                    Ok(_) => times.push(asked.elapsed()),
                    Err(_) => errors += 1,
                }
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
            (times, errors)
        }));
    }
    let (mut times, mut errors) = (Vec::new(), 0);
    while let Some(done) = dashboards.next().await {
        let (some, failed) = done.unwrap();
        times.extend(some);
        errors += failed;
    }
    println!(
        "{count} dashboards: {:.0} answers a second, {errors} errors",
        times.len() as f64 / started.elapsed().as_secs_f64()
    );
    report("an answer", times);
}

/// What a client knows from its socket alone, refetching as the contract says.
async fn keep_up(user: User, bases: Vec<String>, end: Instant) -> (User, u64, u32) {
    let (mut known, mut reconnects) = (0, 0);
    while Instant::now() < end {
        let base = &bases[rand::rng().random_range(0..bases.len())];
        let Some(mut socket) = user.socket(base).await else {
            tokio::time::sleep(Duration::from_millis(300)).await;
            continue;
        };
        reconnects += 1;
        if let Ok(numbers) = user.get(base, "/api/dashboard/statistics").await {
            known = numbers["total_tasks"].as_u64().unwrap();
        }
        let stay = Instant::now() + Duration::from_secs_f64(rand::rng().random_range(2.0..20.0));
        while let Ok(Some(event)) = tokio::time::timeout_at(stay.min(end).into(), next(&mut socket)).await {
            match event["event_type"].as_str() {
                Some("statistics") => known = event["data"]["total_tasks"].as_u64().unwrap(),
                Some("refetch") => {
                    if let Ok(numbers) = user.get(base, "/api/dashboard/statistics").await {
                        known = numbers["total_tasks"].as_u64().unwrap();
                    }
                }
                _ => {}
            }
        }
    }
    (user, known, reconnects)
}

async fn soak(http: &Client, seconds: u64, count: usize, bases: Vec<String>) {
    let users = users(http, &bases[0], count.div_ceil(5)).await;
    let end = Instant::now() + Duration::from_secs(seconds);
    // The writes end first, so that all events have time to arrive.
    let writes_end = end - Duration::from_secs(3);
    let clients: Vec<_> =
        (0..count).map(|number| tokio::spawn(keep_up(users[number / 5].clone(), bases.clone(), end))).collect();
    let writer = tokio::spawn(async move {
        let (mut written, mut failed) = (0, 0);
        while Instant::now() < writes_end {
            let (user, base) = {
                let mut rng = rand::rng();
                (users[rng.random_range(0..users.len())].clone(), bases[rng.random_range(0..bases.len())].clone())
            };
            match user.post(&base, "/api/tasks", json!({ "title": "Soak" })).await {
                Ok(_) => written += 1,
                Err(_) => failed += 1,
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (written, failed, bases)
    });
    let (written, failed, bases) = writer.await.unwrap();
    let (mut wrong, mut sockets) = (0, 0);
    for client in clients {
        let (user, known, reconnects) = client.await.unwrap();
        sockets += reconnects;
        let truth = user.get(&bases[0], "/api/dashboard/statistics").await.unwrap()["total_tasks"].as_u64().unwrap();
        wrong += u32::from(truth != known);
    }
    println!(
        "{count} clients, {sockets} sockets, {written} writes ({failed} failed while a server restarted): {wrong} clients wrong at the end"
    );
    assert_eq!(wrong, 0);
}

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let http = Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
    match words[..] {
        ["echo", here, there] => echo(&http, here, there).await,
        ["fan", base, count] => fan(&http, base, count.parse().unwrap()).await,
        ["idle", base, count, pid] => idle(&http, base, count.parse().unwrap(), pid).await,
        ["poll", base, count] => poll(&http, base, count.parse().unwrap()).await,
        ["soak", seconds, count, ref bases @ ..] => {
            let bases = bases.iter().map(|base| (*base).to_owned()).collect();
            soak(&http, seconds.parse().unwrap(), count.parse().unwrap(), bases).await;
        }
        _ => panic!("see the top of examples/load.rs"),
    }
}
