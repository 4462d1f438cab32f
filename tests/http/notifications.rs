//! Scheduled notifications: settings, times and texts.

use chrono::{Days, Utc};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::{
    mail::{forget, mailing, none_waits, past, settings},
    support::{Answer, Client, Kind, Server},
};

/// Sets somebody's notification settings: topics with their channels.
pub async fn choose(who: &Client, choices: &[(&str, &[&str])]) -> Answer {
    let choices: Vec<_> =
        choices.iter().map(|(topic, channels)| json!({ "topic": topic, "channels": channels })).collect();
    who.send(who.request(Method::PUT, "/api/notifications/settings").json(&json!({ "choices": choices }))).await
}

/// Sets about what somebody wants mails.
pub async fn choose_mails(who: &Client, topics: &[&str]) -> Answer {
    choose(who, &topics.iter().map(|topic| (*topic, &["mail"][..])).collect::<Vec<_>>()).await
}

on_both_kinds! {
    async fn regular_mails_come_once_and_only_to_their_reader(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user_in("Eve", "Asia/Tokyo").await);
        let team = server.team(&grace, &[(&ada, "admin")]).await;
        let now = Utc::now();
        let task = |title: &str, due: chrono::DateTime<Utc>| json!({ "title": title, "due_at": due });
        ada.post("/api/tasks", task("Buy <milk>", now)).await.expect(201);
        ada.post("/api/tasks", task("Pay rent", now - Days::new(3))).await.expect(201);
        ada.post("/api/tasks", task("Later", now + Days::new(3))).await.expect(201);
        let mut of_team = task("Water plants", now);
        of_team["team_id"] = json!(team);
        grace.post("/api/tasks", of_team).await.expect(201);
        eve.post("/api/tasks", task("Eve's secret", now)).await.expect(201);
        let done = ada.task("Done last week").await;
        ada.patch(&format!("/api/tasks/{done}"), json!({ "status": "completed" })).await.expect(200);

        let settings = choose_mails(&ada, &["weekly_review", "due_today"]).await.expect(200);
        assert_eq!(settings["sends_mail"], true);
        let topics: Vec<_> = settings["choices"].as_array().unwrap().iter().map(|choice| choice["topic"].clone()).collect();
        assert_eq!(topics, [json!("due_today"), json!("weekly_review")]);
        // What is wanted already keeps its time.
        assert_eq!(choose_mails(&ada, &["weekly_review", "due_today"]).await.expect(200), settings);
        choose_mails(&eve, &["due_today"]).await.expect(200);
        let nothing_due = server.user("Idle").await;
        choose_mails(&nothing_due, &["due_today"]).await.expect(200);
        server.sql(format!("UPDATE notification_choices SET next_at = {} WHERE user_id <> '{}'", past(&server), eve.id)).await;
        forget(&server, &grace.email).await.expect(204);
        smtp.mail(&grace.email, 1).await;
        smtp.mail(&ada.email, 2).await;
        none_waits(&server).await;
        let mails = smtp.mails_to(&ada.email);
        let of = |part: &str| mails.iter().find(|mail| mail.subject.contains(part)).unwrap_or_else(|| panic!("{part}: {mails:?}"));
        let due = of("due today");
        assert_eq!(due.subject, "2 due today, 1 overdue");
        for part in ["Due today\n- Buy <milk>\n", "- Water plants\n", "Overdue\n- Pay rent, since ", "http://tasks.test/today", "/settings/notifications"] {
            assert!(due.text.contains(part), "{part}: {}", due.text);
        }
        assert!(due.html.contains("Buy &lt;milk&gt;") && !due.text.contains("Later") && !due.text.contains("secret"), "{}", due.text);
        let review = of("Week of");
        assert!(review.text.contains("You completed 0 tasks, the same as last week") && review.text.contains("Monday: 0"), "{}", review.text);
        assert!(review.text.contains("http://tasks.test/review?week="), "{}", review.text);
        assert!(smtp.mails_to(&eve.email).is_empty() && smtp.mails_to(&nothing_due.email).is_empty());
        // The next ones are to come.
        let next = ada.get("/api/notifications/settings").await.expect(200);
        for choice in next["choices"].as_array().unwrap() {
            let at: chrono::DateTime<Utc> = choice["next_at"].as_str().unwrap().parse().unwrap();
            assert!(at > now, "{next}");
        }
        // People who turned it off get nothing.
        assert_eq!(choose_mails(&ada, &[]).await.expect(200)["choices"], json!([]));
        assert_eq!(eve.get("/api/notifications/settings").await.expect(200)["choices"].as_array().unwrap().len(), 1);
        let error = choose_mails(&ada, &["nonsense"]).await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["choices[0].topic"].is_string(), "{error}");
        let error = choose_mails(&ada, &["due_today", "due_today"]).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"]["choices"], "has the topic due_today twice");
    }

    async fn regular_mails_are_chosen_on_a_page(kind) {
        let (_smtp, server) = mailing(kind, &[]).await;
        let ada = server.user_in("Ada", "Europe/Berlin").await;
        let submit = async |form: &[(&str, &str)]| {
            ada.submit("set_notifications", "/settings/notifications", form).await
        };
        let done = submit(&[("mail[]", "due_today")]).await;
        assert_eq!((done.status, done.header("location")), (303, "/settings/notifications?saved=done"), "{}", done.text);
        let page = ada.get("/settings/notifications?saved=done").await.text;
        assert!(page.contains("Your settings are saved.") && page.contains("09:00"), "{page}");
        assert_eq!(page.matches(" checked").count(), 1, "{page}");
        assert_eq!(submit(&[]).await.status, 303);
        assert_eq!(ada.get("/settings/notifications").await.text.matches(" checked").count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_instances_one_sends_each_mail() {
    let (smtp, first) = mailing(Kind::Postgres, &[]).await;
    let address = format!("smtp://127.0.0.1:{}", smtp.port);
    let second = Server::start_on(Kind::Postgres, TempDir::new().unwrap(), first.url.clone(), &settings(&address, &[]));
    let names: Vec<_> = (0..10).map(|number| format!("User {number}")).collect();
    for name in &names {
        let user = first.user(name).await;
        user.post("/api/tasks", json!({ "title": "Now", "due_at": Utc::now() })).await.expect(201);
        choose_mails(&user, &["due_today"]).await.expect(200);
    }
    first.sql(format!("UPDATE notification_choices SET next_at = {}", past(&first))).await;
    let ada = first.user("Ada").await;
    tokio::join!(forget(&first, &ada.email), forget(&second, &ada.email));
    smtp.mail(&ada.email, 2).await;
    none_waits(&first).await;
    for name in &names {
        smtp.mail(&format!("{}@example.org", name.to_lowercase().replace(' ', ".")), 1).await;
    }
}
