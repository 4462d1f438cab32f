//! Notifications of what others, and one's assistants, do.

use std::time::Duration;

use chrono::{Days, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    mail::{mailing, none_waits, past, send_waiting_now},
    notifications::choose,
    support::{Client, Kind, PASSWORD, Server, Socket, scalar, until},
};

const EVERYTHING: &[(&str, &[&str])] =
    &[("shared_with_me", &["page"]), ("added_to_team", &["page"]), ("task_changed", &["browser"])];

/// The texts of somebody's in-app notifications, newest first.
async fn notifications_of(who: &Client) -> Vec<String> {
    who.listed("/api/notifications", "text").await
}

async fn unread(who: &Client) -> Value {
    who.get("/api/notifications/unread").await.expect(200)
}

on_both_databases! {
    async fn a_new_account_is_notified_in_the_app_of_what_others_do(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let on_page = |topic: &str| json!({ "topic": topic, "channels": ["page"], "next_at": null });
        let choices = ["shared_with_me", "added_to_team", "task_changed"].map(on_page);
        assert_eq!(ada.get("/api/notifications/settings").await.expect(200)["choices"], json!(choices));
        assert_eq!(unread(&ada).await, json!({ "count": 0, "newest": null, "in_browser": false }));
        let task = grace.task("Buy milk").await;
        server.share(&task, &grace, &ada, "edit").await;
        server.team(&grace, &[(&ada, "member")]).await;
        let page = ada.get("/dashboard").await.text;
        assert!(page.contains("id=\"bell\"") && !page.contains("answer_notification_offer"), "{page}");
        assert_eq!(notifications_of(&ada).await, ["Grace added you to the team “Team”", "Grace shared “Buy milk” with you"]);
        let error = choose(&ada, &[("due_today", &["mail"])]).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"]["choices"], "cannot be used: this server sends no mail");
        assert!(!ada.get("/settings/notifications").await.text.contains("mail[]"));
    }

    async fn an_older_account_is_offered_the_notifications_once(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        // As accounts were made before there were any.
        server.sql("DELETE FROM notification_choices".to_owned()).await;
        server.sql("UPDATE users SET notifications_offered_at = NULL".to_owned()).await;
        choose(&eve, &[("task_changed", &["browser"])]).await.expect(200);
        server.sql("UPDATE users SET notifications_offered_at = NULL".to_owned()).await;
        let topics = async |who: &Client| who.get("/api/notifications/settings").await.expect(200)["choices"].clone();
        let is_offered = async |who: &Client| {
            let mut signed_in = who.clone();
            signed_in.sign_in(PASSWORD).await;
            let offers = async |page: &str| signed_in.get(page).await.text.contains("answer_notification_offer");
            assert_eq!(offers("/dashboard").await, offers("/notifications").await);
            assert!(!offers("/tasks").await);
            offers("/dashboard").await
        };
        let answer = async |who: &Client, is_accepted: &str| {
            let done = who.submit("answer_notification_offer", "/dashboard", &[("is_accepted", is_accepted)]).await;
            assert_eq!((done.status, done.header("location")), (303, "/dashboard"), "{}", done.text);
        };
        for who in [&ada, &grace, &eve] {
            assert!(is_offered(who).await);
        }
        answer(&ada, "true").await;
        answer(&eve, "true").await;
        answer(&grace, "false").await;
        for who in [&ada, &grace, &eve] {
            assert!(!is_offered(who).await);
        }
        assert_eq!(topics(&ada).await.as_array().unwrap().len(), 3);
        assert_eq!(topics(&grace).await, json!([]));
        // What was chosen before stays.
        let eves = topics(&eve).await;
        assert_eq!((eves.as_array().unwrap().len(), &eves[2]["channels"]), (3, &json!(["page", "browser"])));
    }

    async fn today_counts_what_its_page_lists(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let due = async |who: &Client| who.get("/api/ui/due_count").await.expect(200);
        let now = Utc::now();
        let task = |title: &str, due: chrono::DateTime<Utc>| json!({ "title": title, "due_at": due });
        ada.post("/api/tasks", task("Today", now)).await.expect(201);
        ada.post("/api/tasks", task("Late", now - Days::new(3))).await.expect(201);
        ada.post("/api/tasks", task("Later", now + Days::new(3))).await.expect(201);
        ada.task("Without a date").await;
        assert_eq!((due(&ada).await, due(&grace).await), (json!(2), json!(0)));
        for (title, permission) in [("Edit", "edit"), ("View", "view")] {
            let shared = grace.post("/api/tasks", task(title, now)).await.expect(201);
            server.share(shared["id"].as_str().unwrap(), &grace, &ada, permission).await;
        }
        let done = ada.post("/api/tasks", task("Done", now)).await.expect(201);
        assert_eq!((due(&ada).await, due(&grace).await), (json!(4), json!(2)));
        ada.touch(&format!("/api/tasks/{}/complete", done["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(due(&ada).await, json!(3));
        // The owner's rows say with how many people a task is shared, nobody else's do.
        let of_grace = grace.get("/tasks").await.text;
        assert_eq!(of_grace.matches("Shared with 1").count(), 2, "{of_grace}");
        assert!(!ada.get("/tasks?shared=with_me").await.text.contains("Shared with 1"));
    }

    async fn people_are_notified_of_what_others_do_to_their_tasks(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let settings = choose(&ada, EVERYTHING).await.expect(200);
        assert_eq!(settings["choices"][2], json!({ "topic": "task_changed", "channels": ["page", "browser"], "next_at": null }));
        choose(&grace, EVERYTHING).await.expect(200);
        choose(&eve, EVERYTHING).await.expect(200);
        let mut socket = Socket::of(&server, &ada).await;

        let graces = grace.task("Buy milk & eggs").await;
        server.share(&graces, &grace, &ada, "edit").await;
        let id = loop {
            let event = socket.event().await;
            if event["event_type"] == "notification_created" {
                break event["data"]["notification_id"].clone();
            }
        };
        let seen = unread(&ada).await;
        let newest = &seen["newest"];
        assert_eq!((&seen["count"], &seen["in_browser"], &newest["id"]), (&json!(1), &json!(false), &id));
        assert_eq!(newest["text"], "Grace shared “Buy milk & eggs” with you");
        assert_eq!((&newest["event"], &newest["task_id"]), (&json!("task_shared"), &json!(graces)));
        assert_eq!(newest["actor"], json!({ "user_id": grace.id, "name": "Grace", "via": null }));
        let page = ada.get(newest["path"].as_str().unwrap()).await.text;
        assert!(page.contains("Buy milk &amp; eggs"), "{page}");

        let team = server.team(&grace, &[(&ada, "member")]).await;
        let (mine, other) = (ada.team_task("Paint the fence", &team).await, ada.team_task("Sweep", &team).await);
        let path = format!("/api/tasks/{mine}");
        // Nobody is notified of their own actions, or when nothing changes.
        ada.patch(&path, json!({ "title": "Paint the door" })).await.expect(200);
        grace.patch(&path, json!({ "title": "Paint the door" })).await.expect(200);
        assert_eq!(unread(&ada).await["count"], 2);
        grace.patch(&path, json!({ "title": "Paint the gate" })).await.expect(200);
        let seen = unread(&ada).await;
        assert_eq!((&seen["in_browser"], &seen["newest"]["text"]), (&json!(true), &json!("Grace changed your task “Paint the gate”")));
        grace.touch(&format!("{path}/complete")).await.expect(200);
        grace.touch(&format!("{path}/complete")).await.expect(200);
        grace.touch(&format!("{path}/reopen")).await.expect(200);
        // An admin who takes somebody's task out of the team sees it no more.
        grace.patch(&format!("/api/tasks/{other}"), json!({ "team_id": null })).await.expect(200);
        grace.post("/api/tasks/bulk", json!({ "ids": [mine], "action": "delete" })).await.expect(200);
        // Changed by her token, in her name.
        let token = ada.personal(&["read", "write"]).await;
        token.patch(&format!("/api/tasks/{other}"), json!({ "status": "completed" })).await.expect(200);
        // The recipient of a share changes the task: its owner is notified.
        ada.patch(&format!("/api/tasks/{graces}"), json!({ "due_at": Utc::now() })).await.expect(200);
        assert_eq!(notifications_of(&grace).await, ["Ada changed your task “Buy milk & eggs”"]);
        let texts = notifications_of(&ada).await;
        assert!(texts[0].ends_with(" completed your task “Sweep”") && !texts[0].starts_with("Ada"), "{texts:?}");
        assert_eq!(texts[1..], [
            "Grace deleted your task “Paint the gate”",
            "Grace changed your task “Sweep”",
            "Grace reopened your task “Paint the gate”",
            "Grace completed your task “Paint the gate”",
            "Grace changed your task “Paint the gate”",
            "Grace added you to the team “Team”",
            "Grace shared “Buy milk & eggs” with you",
        ]);
        assert!(notifications_of(&eve).await.is_empty());

        // Marks as read up to one of them, and never by somebody else's ids.
        let list = ada.get("/api/notifications").await.expect(200);
        assert_eq!(list["items"][1]["path"], Value::Null);
        let fourth = list["items"][4]["id"].clone();
        let read = async |who: &Client, body: Value| who.post("/api/notifications/read", body).await;
        read(&eve, json!({ "up_to": fourth })).await.expect(204);
        assert_eq!(unread(&ada).await["count"], 8);
        read(&ada, json!({ "up_to": "019f0000-0000-7000-8000-000000000000" })).await.expect(204);
        assert_eq!(unread(&ada).await["count"], 8);
        read(&ada, json!({ "up_to": fourth })).await.expect(204);
        assert_eq!(unread(&ada).await["count"], 4);
        read(&ada, json!({})).await.expect(204);
        assert_eq!(unread(&ada).await["count"], 0);
        read(&ada, json!({ "up_to": 1 })).await.expect_error(422, "VALIDATION_ERROR");
        let first = ada.get("/api/notifications?limit=3").await.expect(200);
        let next = ada.get(&format!("/api/notifications?limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await.expect(200);
        for (found, place) in [(&first["items"][2], 2), (&next["items"][0], 3)] {
            assert_eq!(found["id"], list["items"][place]["id"]);
        }

        // Deleting an account removes its name from others' notifications.
        let deletion = grace.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": crate::support::PASSWORD }));
        grace.send(deletion).await.expect(204);
        assert_eq!(notifications_of(&ada).await.len(), 1);
    }

    async fn the_pages_say_what_is_new(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        assert!(ada.get("/notifications").await.text.contains("No notifications yet."));
        let submit = async |form: &[(&str, &str)], action: &str, from: &str| {
            let page = format!("{}{from}", server.base);
            let cookie = format!("session={}", ada.token.as_ref().unwrap());
            ada.form(action, Some(&cookie), &server.base, &page, form).await
        };
        let form = [("page[]", "shared_with_me"), ("browser[]", "shared_with_me"), ("page[]", "task_changed")];
        let saved = submit(&form, "set_notifications", "/settings/notifications").await;
        assert_eq!((saved.status, saved.header("location")), (303, "/settings/notifications?saved=done"), "{}", saved.text);
        assert_eq!(ada.get("/settings/notifications").await.text.matches(" checked").count(), 3);
        // The bell is there at once, on every page.
        for path in ["/dashboard", "/tasks", "/teams", "/settings"] {
            assert!(ada.get(path).await.text.contains("id=\"bell\""), "{path}");
        }
        let task = grace.task("<b>Milk</b>").await;
        server.share(&task, &grace, &ada, "view").await;
        let page = ada.get("/notifications").await.text;
        assert!(page.contains("Grace shared “&lt;b&gt;Milk&lt;/b&gt;” with you") && page.contains("Mark all as read"), "{page}");
        let id = unread(&ada).await["newest"]["id"].as_str().unwrap().to_owned();
        let read = submit(&[("up_to", &id)], "mark_notifications_read", "/notifications").await;
        assert_eq!((read.status, read.header("location")), (303, "/notifications"), "{}", read.text);
        assert!(!ada.get("/notifications").await.text.contains("Mark all as read"));
    }

    async fn due_tasks_are_announced_in_the_morning(server) {
        let (ada, idle) = (server.user("Ada").await, server.user("Idle").await);
        ada.post("/api/tasks", json!({ "title": "Now", "due_at": Utc::now() })).await.expect(201);
        ada.post("/api/tasks", json!({ "title": "Late", "due_at": Utc::now() - Days::new(3) })).await.expect(201);
        for who in [&ada, &idle] {
            choose(who, &[("due_today", &["page"]), ("weekly_review", &["page"])]).await.expect(200);
        }
        server.sql(format!("UPDATE notification_choices SET next_at = {}", past(&server))).await;
        until(Duration::from_secs(40), async || (notifications_of(&ada).await.len(), notifications_of(&idle).await.len()), |counts| *counts == (2, 1)).await;
        let mut texts = notifications_of(&ada).await;
        texts.sort();
        assert_eq!(texts, ["1 due today, 1 overdue", "Your review of last week is ready"]);
        assert_eq!(notifications_of(&idle).await, ["Your review of last week is ready"]);
        let next = ada.get("/api/notifications/settings").await.expect(200);
        assert!(next["choices"].as_array().unwrap().iter().all(|choice| choice["next_at"].as_str().unwrap() > &*Utc::now().to_rfc3339()), "{next}");
    }

    async fn notifications_are_kept_for_90_days(server) {
        let ada = server.user("Ada").await;
        let insert = |id: uuid::Uuid, days: u64| {
            let at = (Utc::now() - Days::new(days)).format("%Y-%m-%dT%H:%M:%S%.6f+00:00");
            format!(
                "INSERT INTO notifications (id, user_id, event, subject, on_page, in_browser, mail_waits, created_at)
                 VALUES ('{id}', '{}', 'tasks_due', 'After {days} days', 1, 0, 0, '{at}');",
                ada.id
            )
        };
        server.sql(insert(uuid::Uuid::now_v7(), 89)).await;
        server.sql(insert(uuid::Uuid::now_v7(), 91)).await;
        let kind = server.kind;
        // It is cleaned at the start, and then every hour.
        let (folder, url) = server.stop();
        let again = Server::start_on(kind, folder, url, &[]);
        let ada = ada.with_base(&again.base);
        until(Duration::from_secs(30), async || notifications_of(&ada).await, |texts| *texts == ["After 89 days"]).await;
    }
}

on_both_kinds! {
    async fn one_mail_batches_events_within_two_minutes(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        choose(&ada, &[("shared_with_me", &["mail"]), ("added_to_team", &["mail", "page"])]).await.expect(200);
        let (one, two) = (grace.task("Buy milk").await, grace.task("Buy <eggs>").await);
        server.share(&one, &grace, &ada, "view").await;
        server.team(&grace, &[(&ada, "member")]).await;
        server.share(&two, &grace, &ada, "view").await;
        // Mails alone are not on the page.
        assert_eq!(notifications_of(&ada).await, ["Grace added you to the team “Team”"]);
        assert!(smtp.mails_to(&ada.email).is_empty());
        send_waiting_now(&server, &grace.email).await;
        let mail = smtp.mail(&ada.email, 1).await;
        none_waits(&server).await;
        assert_eq!(mail.subject, "3 updates on Tallyboard");
        let lines = "- Grace shared “Buy milk” with you\n- Grace added you to the team “Team”\n- Grace shared “Buy <eggs>” with you\n";
        assert!(mail.text.contains(lines) && mail.html.contains("Buy &lt;eggs&gt;"), "{}", mail.text);
        assert!(mail.text.contains("http://tasks.test/settings/notifications"), "{}", mail.text);

        let three = grace.task("Buy tea").await;
        server.share(&three, &grace, &ada, "view").await;
        send_waiting_now(&server, &grace.email).await;
        let mail = smtp.mail(&ada.email, 2).await;
        none_waits(&server).await;
        assert_eq!(mail.subject, "Grace shared “Buy tea” with you");
        assert!(mail.text.contains("http://tasks.test/tasks?shared=with_me&q=Buy+tea"), "{}", mail.text);
        assert_eq!(smtp.mails_to(&ada.email).len(), 2);

        // Turning it off within the two minutes means no mail, then or later.
        let four = grace.task("Buy bread").await;
        server.share(&four, &grace, &ada, "view").await;
        choose(&ada, &[("shared_with_me", &["page"])]).await.expect(200);
        choose(&ada, &[("shared_with_me", &["mail"])]).await.expect(200);
        let five = grace.task("Buy jam").await;
        server.share(&five, &grace, &ada, "view").await;
        send_waiting_now(&server, &grace.email).await;
        assert_eq!(smtp.mail(&ada.email, 3).await.subject, "Grace shared “Buy jam” with you");
        none_waits(&server).await;
        assert_eq!(smtp.mails_to(&ada.email).len(), 3);
    }

    async fn without_a_mail_server_queued_mails_are_dropped_after_a_day(kind) {
        let server = Server::start(kind, &[]).await;
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        for (mail, created_at) in [(1, past(&server).to_owned()), (2, format!("'{}'", Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00")))] {
            server
                .sql(format!(
                    "INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at)
                     VALUES ('01a00000-0000-7000-8000-00000000000{mail}', '{}', 'notification', {created_at}, {created_at})",
                    ada.id
                ))
                .await;
        }
        let (folder, url) = server.stop();
        let server = Server::start_on(kind, folder, url, &[]);
        let waiting = async || scalar(&server.url, "SELECT COUNT(*) FROM outbox").await;
        until(Duration::from_secs(20), waiting, |count| *count == 1).await;
        grace.with_base(&server.base).get("/api/auth/me").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_a_newer_version_does_not_block_others() {
    let (smtp, server) = mailing(Kind::Postgres, &[]).await;
    let ada = server.user("Ada").await;
    server.sql("ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check".to_owned()).await;
    let id = uuid::Uuid::now_v7();
    server
        .sql(format!(
            "INSERT INTO outbox (id, user_id, kind, created_at, next_attempt_at)
             VALUES ('{id}', '{}', 'of_tomorrow', now(), '2026-01-01')",
            ada.id
        ))
        .await;
    crate::mail::forget(&server, &ada.email).await.expect(204);
    smtp.mail(&ada.email, 1).await;
}
