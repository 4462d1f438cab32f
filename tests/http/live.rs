//! Live events over `GET /api/ws`.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::support::{Client, Kind, Received, Server, Socket, database_url, until};

/// Expects this event, but for those of notifications: `notification_delivery.rs` has them.
async fn expect(socket: &mut Socket, expected: &str, fields: Value) {
    let (event_type, data) = loop {
        let (event_type, data) = socket.next_event_but_statistics().await;
        if event_type != "notification_created" {
            break (event_type, data);
        }
    };
    assert_eq!(event_type, expected, "{data}");
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&data[name], value, "{expected}: {data}");
    }
}

/// Expects no pending event but that of the user's own next action.
async fn expect_nothing_before_ones_own(socket: &mut Socket, user: &Client) {
    let task = user.task("A mark").await;
    expect(socket, "task_created", json!({ "task_id": task })).await;
}

/// Until a statistics event says these four.
async fn expect_numbers(socket: &mut Socket, numbers: [u64; 4]) {
    loop {
        let event = socket.event().await;
        if event["event_type"] == "statistics" {
            let names = ["total_tasks", "pending_tasks", "completed_tasks", "shared_tasks"];
            if names.map(|name| event["data"][name].as_u64().unwrap()) == numbers {
                return;
            }
        }
    }
}

on_both_databases! {
    async fn there_are_three_ways_to_sign_in_and_no_other(server) {
        let ada = server.user("Ada").await;
        let token = ada.token.clone().unwrap();
        let ack = |event: Value| assert_eq!(event["event_type"], "connection_ack");
        let own = server.base.clone();
        Socket::of(&server, &ada).await;
        ack(Socket::open(&server, "", &[("authorization", &format!("Bearer {token}"))]).await.unwrap().event().await);
        let cookie = format!("session={token}");
        ack(Socket::open(&server, "", &[("cookie", &cookie), ("origin", &own)]).await.unwrap().event().await);
        let mut late = Socket::open(&server, "", &[]).await.unwrap();
        late.send(&json!({ "type": "auth", "token": token }).to_string()).await;
        ack(late.event().await);
        // Browsers send the cookie with a socket of another site's page; its origin is rejected.
        assert_eq!(Socket::open(&server, "", &[("cookie", &cookie), ("origin", "https://evil.example")]).await.err(), Some(403));
        for (query, first) in [("?token=wrong", None), ("", Some(r#"{"type":"auth","token":"wrong"}"#)), ("", Some("hello")), ("", Some(r#"{"type":"ping"}"#))] {
            let mut socket = Socket::open(&server, query, &[]).await.unwrap();
            if let Some(first) = first {
                socket.send(first).await;
            }
            let error = socket.event().await;
            assert_eq!((&error["event_type"], &error["data"]["code"]), (&json!("error"), &json!("UNAUTHORIZED")));
            assert_eq!(socket.closed().await, 1008);
        }
        assert_eq!(Socket::open(&server, "?key=x", &[]).await.err(), Some(422));
        ada.get("/api/ws").await.expect_error(400, "BAD_REQUEST");
    }

    async fn everybody_concerned_hears_and_nobody_else(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "viewer")]).await;
        let (mut adas, mut graces, mut eves) =
            (Socket::of(&server, &ada).await, Socket::of(&server, &grace).await, Socket::of(&server, &eve).await);

        let mine = ada.task("Mine").await;
        let data = json!({ "task_id": mine, "user_id": ada.id, "team_id": null, "status": "pending" });
        expect(&mut adas, "task_created", data).await;
        let ours = ada.team_task("Ours", &team).await;
        for socket in [&mut adas, &mut graces] {
            expect(socket, "task_created", json!({ "task_id": ours, "team_id": team })).await;
        }
        let path = format!("/api/tasks/{ours}");
        ada.touch(&format!("{path}/complete")).await.expect(200);
        ada.touch(&format!("{path}/complete")).await.expect(200);
        ada.touch(&format!("{path}/reopen")).await.expect(200);
        ada.patch(&path, json!({ "title": "Renamed" })).await.expect(200);
        for socket in [&mut adas, &mut graces] {
            expect(socket, "task_completed", json!({ "task_id": ours, "status": "completed" })).await;
            expect(socket, "task_reopened", json!({ "task_id": ours, "status": "pending" })).await;
            expect(socket, "task_updated", json!({ "task_id": ours })).await;
        }
        expect_nothing_before_ones_own(&mut eves, &eve).await;

        server.share(&mine, &ada, &eve, "view").await;
        for socket in [&mut adas, &mut eves] {
            expect(socket, "task_shared", json!({ "task_id": mine, "permission": "view", "shared_by_user_id": ada.id })).await;
        }
        let share = format!("/api/tasks/{mine}/shares/{}", eve.id);
        ada.patch(&share, json!({ "permission": "edit" })).await.expect(200);
        eve.patch(&format!("/api/tasks/{mine}"), json!({ "title": "By Eve" })).await.expect(200);
        eve.delete(&share).await.expect(204);
        for socket in [&mut adas, &mut eves] {
            expect(socket, "task_shared", json!({ "permission": "edit" })).await;
            expect(socket, "task_updated", json!({ "task_id": mine })).await;
            expect(socket, "task_unshared", json!({ "task_id": mine })).await;
        }
        ada.delete(&format!("/api/tasks/{mine}")).await.expect(204);
        expect(&mut adas, "task_deleted", json!({ "task_id": mine })).await;
        expect_nothing_before_ones_own(&mut graces, &grace).await;
        expect_nothing_before_ones_own(&mut eves, &eve).await;

        let talk = ada.post("/api/conversations", json!({})).await.expect(201)["id"].clone();
        let said = ada.post(&format!("/api/conversations/{}/messages", talk.as_str().unwrap()), json!({ "content": "Secret" })).await.expect(201);
        let data = json!({ "conversation_id": talk, "message_id": said["id"], "role": "user" });
        expect(&mut adas, "message_created", data).await;
        // Ids and states, no text of a task.
        let text = format!("{said}");
        assert!(text.contains("Secret"));
    }

    async fn teams_tell_their_members_before_and_after(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let (mut adas, mut graces) = (Socket::of(&server, &ada).await, Socket::of(&server, &grace).await);
        let team = server.team(&ada, &[]).await;
        expect(&mut adas, "team_changed", json!({ "team_id": team })).await;
        let path = format!("/api/teams/{team}");
        ada.post(&format!("{path}/members"), json!({ "user_id": grace.id })).await.expect(201);
        ada.patch(&path, json!({ "name": "New" })).await.expect(200);
        ada.patch(&format!("{path}/members/{}", grace.id), json!({ "role": "admin" })).await.expect(200);
        ada.post(&format!("{path}/transfer"), json!({ "user_id": grace.id })).await.expect(200);
        ada.touch(&format!("{path}/leave")).await.expect(204);
        for socket in [&mut adas, &mut graces] {
            for _ in 0..5 {
                expect(socket, "team_changed", json!({ "team_id": team })).await;
            }
        }
        // Someone who has left gets no event of the next change.
        grace.team_task("After", &team).await;
        grace.delete(&path).await.expect(204);
        expect_nothing_before_ones_own(&mut adas, &ada).await;
        expect(&mut graces, "task_created", json!({ "team_id": team })).await;
        expect(&mut graces, "team_changed", json!({ "team_id": team })).await;
    }

    async fn numbers_come_to_everybody_whose_they_are(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let (mut adas, mut graces) = (Socket::of(&server, &ada).await, Socket::of(&server, &grace).await);
        let task = ada.task("One").await;
        expect_numbers(&mut adas, [1, 1, 0, 0]).await;
        ada.touch(&format!("/api/tasks/{task}/complete")).await.expect(200);
        expect_numbers(&mut adas, [1, 0, 1, 0]).await;
        server.share(&task, &ada, &grace, "view").await;
        expect_numbers(&mut graces, [0, 0, 0, 1]).await;
        ada.delete(&format!("/api/tasks/{task}")).await.expect(204);
        expect_numbers(&mut adas, [0, 0, 0, 0]).await;
        expect_numbers(&mut graces, [0, 0, 0, 0]).await;
    }

    async fn no_change_lacks_its_event_and_no_event_its_change(server) {
        let ada = server.user("Ada").await;
        let mut socket = Socket::of(&server, &ada).await;
        let mut work = Vec::new();
        for number in 0..60 {
            let ada = ada.clone();
            work.push(tokio::spawn(async move {
                // Every third write is rejected after its transaction has begun.
                let team = (number % 3 == 0).then_some("019f0000-0000-7000-8000-000000000000");
                let answer = ada.post("/api/tasks", json!({ "title": "Task", "team_id": team })).await;
                (answer.status == 201).then(|| answer.json()["id"].as_str().unwrap().to_owned())
            }));
        }
        let mut made = BTreeSet::new();
        for task in work {
            made.extend(task.await.unwrap());
        }
        assert_eq!(made.len(), 40);
        let mut heard = Vec::new();
        for _ in &made {
            let (event_type, data) = socket.next_event_but_statistics().await;
            assert_eq!(event_type, "task_created");
            heard.push(data["task_id"].as_str().unwrap().to_owned());
        }
        assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), made);
        expect_nothing_before_ones_own(&mut socket, &ada).await;
    }

    async fn pings_are_answered_and_nonsense_ends_a_socket(server) {
        let ada = server.user("Ada").await;
        let mut socket = Socket::of(&server, &ada).await;
        socket.send(r#"{"type":"ping"}"#).await;
        assert_eq!(socket.event().await["event_type"], "pong");
        for (message, code) in [("not JSON".to_owned(), "BAD_REQUEST"), (format!(r#"{{"type":"{}"}}"#, "x".repeat(4096)), "PAYLOAD_TOO_LARGE")] {
            socket.send(&message).await;
            let error = socket.event().await;
            assert_eq!((&error["event_type"], &error["data"]["code"]), (&json!("error"), &json!(code)));
        }
        socket.send(r#"{"type":"ping"}"#).await;
        assert_eq!(socket.event().await["event_type"], "pong");
        socket.send(r#"{"type":"subscribe"}"#).await;
        assert_eq!(socket.event().await["event_type"], "error");
        assert_eq!(socket.closed().await, 1008);
    }

    async fn an_eleventh_socket_closes_the_oldest(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let mut graces = Socket::of(&server, &grace).await;
        let mut sockets = Vec::new();
        for _ in 0..11 {
            sockets.push(Socket::of(&server, &ada).await);
        }
        assert_eq!(sockets.remove(0).closed().await, 4008);
        let task = ada.task("For all").await;
        for socket in &mut sockets {
            expect(socket, "task_created", json!({ "task_id": task })).await;
        }
        expect_nothing_before_ones_own(&mut graces, &grace).await;
    }

    async fn an_ended_sessions_sockets_close_within_five_seconds(server) {
        let ada = server.user("Ada").await;
        let mut kept = Socket::of(&server, &ada).await;
        let mut other = ada.clone();
        other.sign_in(crate::support::PASSWORD).await;
        let mut ended = Socket::of(&server, &other).await;
        other.touch("/api/auth/signout").await.expect(204);
        let started = Instant::now();
        assert_eq!(ended.closed().await, 1008);
        assert!(started.elapsed() < Duration::from_millis(5200), "{:?}", started.elapsed());
        expect_nothing_before_ones_own(&mut kept, &ada).await;
    }

    async fn a_server_that_stops_says_so(server) {
        let mut server = server;
        let ada = server.user("Ada").await;
        let mut socket = Socket::of(&server, &ada).await;
        let stop = std::process::Command::new("kill").args(["-TERM", &server.process_id().to_string()]).status();
        assert!(stop.unwrap().success());
        assert_eq!(socket.closed().await, 1012);
        assert!(server.wait().success());
    }

    async fn health_reports_whether_live_works(server) {
        until_live(&server).await;
    }
}

/// Until the server hears what others change.
async fn until_live(server: &Server) {
    let live = async || server.anybody().get("/health").await.expect(200)["live"].clone();
    until(Duration::from_secs(5), live, |live| *live == "working").await;
}

/// Two servers on one PostgreSQL.
async fn pair() -> (Server, Server) {
    let folder = TempDir::new().unwrap();
    let url = database_url(Kind::Postgres, &folder).await;
    let one = Server::start_on(Kind::Postgres, folder, url.clone(), &[]);
    let other = Server::start_on(Kind::Postgres, TempDir::new().unwrap(), url, &[]);
    for server in [&one, &other] {
        until_live(server).await;
    }
    (one, other)
}

/// The same person at the other server.
fn at(server: &Server, client: &Client) -> Client {
    let mut there = server.anybody();
    (there.token, there.id, there.email) = (client.token.clone(), client.id.clone(), client.email.clone());
    there
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_pushes_and_counts_the_others_changes() {
    let (one, other) = pair().await;
    let ada = one.user("Ada").await;
    let there = at(&other, &ada);
    let mut socket = Socket::of(&other, &there).await;
    let mut remembered = 0;
    for number in 1..=200 {
        // The other instance has counted and caches for 5 seconds.
        let before = there.get("/api/dashboard/statistics").await.expect(200);
        assert_eq!(before["total_tasks"], number - 1);
        remembered += u32::from(before["cached"] == true);
        // After the answer to a write, the next request to any instance counts it.
        let task = ada.task("Here").await;
        assert_eq!(there.numbers().await[0], number);
        expect(&mut socket, "task_created", json!({ "task_id": task })).await;
    }
    assert!(remembered > 100, "only {remembered} of 200 came from memory: this test would prove nothing");
    // A session that was ended at one instance is rejected at the other within 5 seconds.
    ada.touch("/api/auth/signout").await.expect(204);
    let status = async || there.get("/api/auth/me").await.status;
    until(Duration::from_secs(5), status, |status| *status == 401).await;
    assert_eq!(socket.closed().await, 1008);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_loses_its_listener_reconnects_and_catches_up() {
    let (one, other) = pair().await;
    let ada = one.user("Ada").await;
    let there = at(&other, &ada);
    let mut socket = Socket::of(&other, &there).await;
    assert_eq!(there.numbers().await[0], 0);
    let mut database = PgConnection::connect(&one.url).await.unwrap();
    let cut: i64 = sqlx::query_scalar(
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'tallyboard-listen'",
    )
    .fetch_one(&mut database)
    .await
    .unwrap();
    assert_eq!(cut, 2);
    let task = ada.task("While deaf").await;
    // Whether the notification arrived or not: the socket gets a refetch event, and then the numbers are right.
    loop {
        match socket.receive().await {
            Received::Event(event) if event["event_type"] == "refetch" => break,
            Received::Event(_) => {}
            Received::Closed(code) => panic!("closed with {code}"),
        }
    }
    assert_eq!(there.numbers().await[0], 1);
    until_live(&other).await;
    ada.delete(&format!("/api/tasks/{task}")).await.expect(204);
    loop {
        if socket.next_event_but_statistics().await.0 == "task_deleted" {
            break;
        }
    }
    assert_eq!(there.numbers().await[0], 0);
}

/// A socket that does not read is closed, and others aren't affected.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_socket_is_closed_and_others_are_unaffected() {
    let server = Server::start(Kind::Postgres, &[]).await;
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    until_live(&server).await;
    let (mut slow, mut quick) = (Socket::of(&server, &ada).await, Socket::of(&server, &grace).await);
    // As another instance would: 28 MB of events, far more than the kernel takes for a socket.
    let notice = json!({
        "from": uuid::Uuid::now_v7(),
        "changes": { "events": [{ "event_type": "task_updated", "to": [ada.id], "data": { "filler": "x".repeat(7000) } }] }
    });
    server
        .sql(format!(
            "SELECT pg_notify('tallyboard', '{notice}' || repeat(' ', n % 400)) FROM generate_series(1, 4000) n"
        ))
        .await;
    let task = grace.task("Quick").await;
    expect(&mut quick, "task_created", json!({ "task_id": task })).await;
    assert_eq!(slow.closed().await, 1013);
}

/// One of two is killed under load: listeners at the other miss nothing, listeners at it are
/// back within 5 s with the right numbers.
#[tokio::test(flavor = "multi_thread")]
async fn killing_an_instance_loses_nothing() {
    let (one, other) = pair().await;
    let ada = one.user("Ada").await;
    let there = at(&other, &ada);
    let (mut here, mut steady) = (Socket::of(&one, &ada).await, Socket::of(&other, &there).await);
    // Writers at both servers, until their server is killed.
    let write = |client: Client, count: usize| {
        tokio::spawn(async move {
            let mut made = BTreeSet::new();
            for _ in 0..count {
                let request = client.request(reqwest::Method::POST, "/api/tasks").json(&json!({ "title": "Load" }));
                let Ok(answer) = request.send().await else { break };
                let Ok(task) = answer.json::<Value>().await else { break };
                made.insert(task["id"].as_str().unwrap().to_owned());
            }
            made
        })
    };
    let (killed, kept) = (write(ada.clone(), 100_000), write(there.clone(), 300));
    until(Duration::from_secs(10), async || there.numbers().await[0], |total| *total > 100).await;
    let kill = std::process::Command::new("kill").args(["-KILL", &one.process_id().to_string()]).status();
    assert!(kill.unwrap().success());
    let killed_at = Instant::now();
    while let Received::Event(_) = here.receive().await {}
    let mut back = Socket::of(&other, &there).await;
    let numbers = there.numbers().await;
    assert!(killed_at.elapsed() < Duration::from_secs(5), "{:?}", killed_at.elapsed());
    assert!(numbers[0] > 100);

    let mut made = killed.await.unwrap();
    assert!(!made.is_empty());
    made.extend(kept.await.unwrap());
    let total = there.numbers().await[0];
    // A write whose answer was lost may have been done: there may be one more than was answered.
    assert!((made.len() as u64..=made.len() as u64 + 1).contains(&total), "{total} of {}", made.len());
    // The killed instance may have committed a change without notifying it: the others notice that it's gone, and refetch.
    let (mut missing, mut is_refetched) = (made, false);
    while !missing.is_empty() || !is_refetched {
        let (event_type, data) = steady.next_event_but_statistics().await;
        is_refetched |= event_type == "refetch";
        data["task_id"].as_str().map(|task| missing.remove(task));
    }
    there.task("One more").await;
    expect_numbers(&mut back, [total + 1, total + 1, 0, 0]).await;
}
