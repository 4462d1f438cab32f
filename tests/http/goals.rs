//! Goals, streaks, ranges of the dashboard, and the page of a week.

use chrono::{Datelike, Days, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Server};

/// Imports tasks completed this many days ago.
async fn completed(who: &Client, days_ago: &[u64]) {
    let time = |days: u64| Utc::now() - Days::new(days);
    let task = |(place, days): (usize, &u64)| {
        json!({ "title": format!("Task {place}, {days} days ago"), "status": "completed",
            "created_at": time(*days), "completed_at": time(*days) })
    };
    let tasks: Vec<_> = days_ago.iter().enumerate().map(task).collect();
    let file = json!({ "format": "tallyboard", "version": 1, "tasks": tasks }).to_string();
    let request = who.request(Method::POST, "/api/import").header("content-type", "application/json");
    who.send(request.body(file)).await.expect(200);
}

async fn set(who: &Client, goals: Value) -> Answer {
    who.send(who.request(Method::PUT, "/api/dashboard/goals").json(&goals)).await
}

async fn goals(who: &Client) -> Value {
    who.get("/api/dashboard/goals").await.expect(200)
}

async fn shown(who: &Client, days: u32) -> Value {
    who.get(&format!("/api/ui/dashboard?days={days}")).await.expect(200)
}

/// The HTML of a page.
async fn page(who: &Client, path: &str) -> String {
    let answer = who.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text
}

/// Another site cannot send it: the browser's form names its origin.
async fn submit(who: &Client, form: &[(&str, &str)]) -> Answer {
    who.submit("set_goals", "/review", form).await
}

on_both_databases! {
    async fn goals_are_set_and_progress_follows_every_change(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let none = json!({ "daily": null, "weekly": null, "days_off": [] });
        let start = json!({ "goals": none, "completed_today": 0, "completed_this_week": 0, "streak": 0,
            "best_streak": 0, "best_weekday": null });
        assert_eq!(goals(&ada).await, start);
        assert_eq!(shown(&ada, 30).await["goals"], "");
        let wanted = json!({ "daily": 2, "weekly": 10, "days_off": ["sunday", "saturday", "sunday"] });
        let answer = set(&ada, wanted).await.expect(200);
        assert_eq!(answer["goals"], json!({ "daily": 2, "weekly": 10, "days_off": ["saturday", "sunday"] }));
        for (done, html) in [(0, "<b>0 of 2</b>"), (1, "<b>1 of 2</b>"), (2, "<b>2 of 2</b>"), (3, "<b>3 of 2</b>")] {
            if done > 0 {
                let id = ada.task("Something").await;
                ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
            }
            let progress = goals(&ada).await;
            assert_eq!((&progress["completed_today"], &progress["completed_this_week"]), (&json!(done), &json!(done)));
            assert_eq!(progress["streak"], u32::from(done >= 2));
            let text = shown(&ada, 7).await["goals"].as_str().unwrap().to_owned();
            assert!(text.contains(html) && text.contains(&format!("<b>{done} of 10</b>")), "{text}");
        }
        let day = Utc::now().format("%A").to_string().to_lowercase();
        assert_eq!(goals(&ada).await["best_weekday"], day);
        assert_eq!(goals(&eve).await, start, "nobody else's");
        set(&ada, json!({})).await.expect(200);
        assert_eq!(goals(&ada).await["goals"], none);
        assert_eq!(shown(&ada, 30).await["goals"], "");
        let log = ada.get("/api/audit").await.expect(200);
        let change = &log["items"][0];
        assert_eq!((&change["action"], &change["fields"]), (&json!("auth.profile_changed"), &json!(["goals"])));
    }

    async fn wrong_goals_are_refused_and_change_nothing(server) {
        let ada = server.user("Ada").await;
        set(&ada, json!({ "daily": 3 })).await.expect(200);
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        for (body, field) in [
            (json!({ "daily": 0 }), "daily"), (json!({ "daily": 1001 }), "daily"), (json!({ "weekly": -1 }), "weekly"),
            (json!({ "weekly": "5" }), "weekly"), (json!({ "days_off": ["someday"] }), "days_off"),
            (json!({ "days_off": week }), "days_off"), (json!({ "monthly": 5 }), "monthly"),
        ] {
            let error = set(&ada, body.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"].as_object().unwrap().keys().any(|name| name.starts_with(field)), "{body}: {error}");
        }
        for wrong in ["0", "1001", "many", "2.5", "-1"] {
            let answer = submit(&ada, &[("daily", wrong)]).await;
            assert!(answer.status == 422 && answer.text.contains(&format!("value=\"{wrong}\"")), "{wrong}: {}", answer.text);
        }
        assert_eq!(goals(&ada).await["goals"]["daily"], 3);
        // A refused form comes back with the days that were chosen in it.
        let refused = submit(&ada, &[("daily", "many"), ("days_off[]", "friday"), ("days_off[]", "monday")]).await;
        let page = refused.text;
        let is_checked = |day: &str| page.contains(&format!("value=\"{day}\" checked"));
        assert_eq!(["monday", "friday", "saturday", "sunday"].map(is_checked), [true, true, false, false], "{page}");
        assert_eq!(set(&ada.personal(&["read"]).await, json!({})).await.status, 403);
        assert_eq!(set(&server.anybody(), json!({})).await.status, 401);
        // The form, as a browser without script sends it.
        let form = [("daily", "4"), ("weekly", ""), ("days_off[]", "saturday"), ("days_off[]", "sunday")];
        let answer = submit(&ada, &form).await;
        assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (303, "/review?saved=goals#goals"));
        let saved = json!({ "daily": 4, "weekly": null, "days_off": ["saturday", "sunday"] });
        assert_eq!(goals(&ada).await["goals"], saved);
    }

    async fn streaks_reach_back_as_far_as_they_lasted(server) {
        let ada = server.user("Ada").await;
        // Ten days up to yesterday, a gap, and twelve days before it.
        let days: Vec<u64> = (1..=10).chain(12..=23).collect();
        completed(&ada, &days).await;
        let progress = goals(&ada).await;
        assert_eq!((&progress["streak"], &progress["best_streak"]), (&json!(10), &json!(12)));
        // The day of the gap is a day off: one streak. Today has no completed task yet.
        let gap = (Utc::now().date_naive() - Days::new(11)).format("%A").to_string().to_lowercase();
        let progress = set(&ada, json!({ "daily": 1, "days_off": [gap] })).await.expect(200);
        assert_eq!((&progress["streak"], &progress["best_streak"]), (&json!(22), &json!(22)));
        for days in [7, 30, 365] {
            assert!(shown(&ada, days).await["goals"].as_str().unwrap().contains("Streak <b>22 days</b>"), "{days}");
        }
        // Longer than a year.
        let grace = server.user("Grace").await;
        completed(&grace, &(0..400).collect::<Vec<_>>()).await;
        let progress = set(&grace, json!({ "daily": 1 })).await.expect(200);
        assert_eq!((&progress["streak"], &progress["best_streak"]), (&json!(400), &json!(400)));
        assert!(shown(&grace, 7).await["goals"].as_str().unwrap().contains("Streak <b>400 days</b>"));
        // Two goals a day were never reached.
        assert_eq!(set(&grace, json!({ "daily": 2 })).await.expect(200)["streak"], 0);
    }

    async fn the_dashboard_has_four_ranges(server) {
        let ada = server.user("Ada").await;
        completed(&ada, &[0, 0, 6, 29, 89, 364, 365]).await;
        for (days, bars, sum) in [(7, 7, 3), (30, 30, 4), (90, 90, 5)] {
            let shown = shown(&ada, days).await["bars"].clone();
            let shown = shown.as_array().unwrap();
            assert_eq!(shown.len(), bars, "{days}");
            assert_eq!(shown.iter().map(|bar| bar["completed"].as_u64().unwrap()).sum::<u64>(), sum, "{days}");
            assert_eq!(shown[bars - 1]["completed"], 2);
        }
        // A bar is a week.
        let shown = shown(&ada, 365).await["bars"].clone();
        let weeks = shown.as_array().unwrap();
        assert!((53..=54).contains(&weeks.len()), "{}", weeks.len());
        assert_eq!(weeks.iter().map(|bar| bar["completed"].as_u64().unwrap()).sum::<u64>(), 6);
        let today = Utc::now().date_naive();
        let monday = today - Days::new(today.weekday().num_days_from_monday().into());
        assert_eq!(weeks.last().unwrap()["label"], monday.format("Week of %-d %b").to_string());
        ada.get("/api/ui/dashboard?days=8").await.expect_error(422, "VALIDATION_ERROR");
        assert!(page(&ada, "/dashboard?days=90").await.contains("The last 90 days"));
        assert_eq!(ada.get("/dashboard?days=8").await.status, 422);
        assert_eq!(ada.get("/?days=x").await.status, 422);
        // After a change every range is read again.
        let id = ada.task("Now").await;
        ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
        for days in [7, 30, 90, 365] {
            let answer = ada.get(&format!("/api/ui/dashboard?days={days}")).await.expect(200);
            assert_eq!(answer["completed_tasks"], 8, "{days}");
        }
    }

    async fn the_page_of_a_week_lists_what_its_user_completed(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        completed(&ada, &[0, 7, 7]).await;
        let mine = page(&ada, "/review").await;
        assert!(mine.contains("Task 0, 0 days ago") && !mine.contains("7 days ago"), "{mine}");
        assert!(mine.contains("1 fewer than last week"));
        let week = Utc::now().date_naive() - Days::new(7);
        let before = page(&ada, &format!("/review?week={week}")).await;
        assert!(before.contains("Task 1, 7 days ago") && before.contains("Task 2, 7 days ago"), "{before}");
        assert!(!page(&eve, "/review").await.contains("days ago"));
        let tomorrow = Utc::now().date_naive() + Days::new(1);
        for wrong in ["x", "2026-13-01", "1969-12-31", "-262143-01-01", "262142-01-01", &tomorrow.to_string()] {
            assert_eq!(ada.get(&format!("/review?week={wrong}")).await.status, 422, "{wrong}");
        }
        // The oldest week has a week before it in the numbers, and no link that fails.
        page(&ada, "/review?week=1970-01-12").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn today_is_the_users_own_day() {
    let server = Server::start(crate::support::Kind::Sqlite, &[]).await;
    let mut kim = server.anybody();
    kim.sign_up("Kim", "Pacific/Kiritimati").await;
    let id = kim.task("Now").await;
    kim.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
    let zone: chrono_tz::Tz = "Pacific/Kiritimati".parse().unwrap();
    let day = Utc::now().with_timezone(&zone).format("%A").to_string().to_lowercase();
    let progress = goals(&kim).await;
    assert_eq!((&progress["completed_today"], &progress["best_weekday"]), (&json!(1), &json!(day)));
}
