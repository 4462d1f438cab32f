use std::time::Duration;

use chrono::{Days, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::support::until;

on_both_databases! {
    async fn the_numbers_are_right_in_every_answer(server) {
        let ada = server.user("Ada").await;
        let grace = server.user("Grace").await;
        let empty = ada.get("/api/dashboard/activity").await.expect(200);
        insta::assert_json_snapshot!("no_activity", empty);
        let first = ada.task("One").await;
        ada.task("Two").await;
        ada.task("Three").await;
        ada.touch(&format!("/api/tasks/{first}/complete")).await.expect(200);
        let graces = grace.task("Hers").await;
        server.share(&graces, &grace, &ada, "view").await;
        let more = grace.task("Hers too").await;
        server.share(&more, &grace, &ada, "edit").await;
        ada.touch(&format!("/api/tasks/{first}/reopen")).await.expect(200);
        ada.touch(&format!("/api/tasks/{first}/complete")).await.expect(200);
        assert_eq!(ada.numbers().await, [3, 2, 1, 2]);
        assert_eq!(grace.numbers().await, [2, 2, 0, 0]);
        let get = async |path: &str| ada.get(&format!("/api/dashboard/{path}")).await.expect(200);
        assert_eq!(get("breakdown").await, json!({ "pending": 2, "completed": 1, "total": 3 }));
        assert_eq!(get("shared").await, json!({ "total_shared": 2, "view_only": 1, "can_edit": 1 }));
        assert_eq!(get("activity").await, json!({
            "tasks_created_today": 3, "tasks_completed_today": 1, "tasks_created_this_week": 3,
            "tasks_completed_this_week": 1, "completion_rate": 33.3
        }));
        let team = server.team(&ada, &[(&grace, "member")]).await;
        grace.post("/api/tasks", json!({ "title": "Ours", "team_id": team })).await.expect(201);
        assert_eq!(get("teams").await["teams"], json!([
            { "team_id": team, "name": "Team", "pending": 1, "completed": 0, "total": 1 }]));
        // The four statistics do not include the team's tasks.
        assert_eq!(ada.numbers().await, [3, 2, 1, 2]);
        let stranger = server.user("Stranger").await;
        assert_eq!(stranger.get("/api/dashboard/teams").await.expect(200), json!({ "teams": [] }));
    }

    async fn a_read_after_a_write_is_never_stale(server) {
        let ada = server.user("Ada").await;
        let mut expected = [0, 0, 0, 0];
        for round in 0..20 {
            assert_eq!(ada.numbers().await, expected);
            let id = ada.task(&format!("Round {round}")).await;
            (expected[0], expected[1]) = (expected[0] + 1, expected[1] + 1);
            assert_eq!(ada.numbers().await, expected);
            if round % 2 == 0 {
                ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
                (expected[1], expected[2]) = (expected[1] - 1, expected[2] + 1);
            } else if round % 5 == 0 {
                ada.delete(&format!("/api/tasks/{id}")).await.expect(204);
                (expected[0], expected[1]) = (expected[0] - 1, expected[1] - 1);
            }
        }
    }

    async fn under_concurrent_reads_a_write_is_still_seen_at_once(server) {
        let ada = server.user("Ada").await;
        let reader = { let ada = ada.clone(); tokio::spawn(async move { loop { ada.numbers().await; } }) };
        for round in 1..=30 {
            ada.task("Another").await;
            assert_eq!(ada.numbers().await, [round, round, 0, 0]);
        }
        reader.abort();
    }

    async fn cached_and_computed_at_are_right_and_the_cache_lives_five_seconds(server) {
        let ada = server.user("Ada").await;
        let read = async || ada.get("/api/dashboard/statistics").await.expect(200);
        let first = read().await;
        assert_eq!(first["cached"], false);
        let second = read().await;
        assert_eq!((&second["cached"], &second["computed_at"]), (&json!(true), &first["computed_at"]));
        ada.task("One").await;
        let third = read().await;
        assert_eq!((&third["cached"], third["computed_at"] == first["computed_at"]), (&json!(false), false));
        // A change past the server shows when the cache entry expires, and no later.
        let began = std::time::Instant::now();
        server.sql("DELETE FROM tasks".to_owned()).await;
        let limit = Duration::from_secs(6);
        until(limit, async || read().await, |numbers: &Value| numbers["total_tasks"] == 0).await;
        assert!(began.elapsed() < Duration::from_millis(5500), "{:?}", began.elapsed());
    }

    async fn concurrent_questions_are_counted_once(server) {
        let ada = server.user("Ada").await;
        let asked = (0..12).map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move { ada.get("/api/dashboard/statistics").await.expect(200)["computed_at"].clone() })
        });
        let mut times = Vec::new();
        for answer in asked.collect::<Vec<_>>() {
            times.push(answer.await.unwrap());
        }
        times.dedup();
        assert_eq!(times.len(), 1, "{times:?}");
    }

    async fn a_day_and_a_week_are_those_of_the_users_time_zone(server) {
        // UTC+14 and UTC-11 never have the same date.
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let user = server.user_in(zone.split('/').nth(1).unwrap(), zone).await;
            let tz: Tz = zone.parse().unwrap();
            let today = Utc::now().with_timezone(&tz).date_naive();
            let midnight = today.and_hms_opt(0, 0, 0).unwrap().and_local_timezone(tz).unwrap().to_utc();
            let at = async |title: &str, instant: chrono::DateTime<Utc>| {
                let id = user.task(title).await;
                server.sql(format!("UPDATE tasks SET created_at = '{}' WHERE id = '{id}'", instant.to_rfc3339())).await;
            };
            at("First second of today", midnight).await;
            at("Last second of yesterday", midnight - chrono::TimeDelta::seconds(1)).await;
            // Invalidates what was cached before the SQL.
            user.task("Now").await;
            let activity = user.get("/api/dashboard/activity").await.expect(200);
            assert_eq!(activity["tasks_created_today"], 2, "{zone}");
            let monday = chrono::Datelike::weekday(&today) == chrono::Weekday::Mon;
            assert_eq!(activity["tasks_created_this_week"], if monday { 2 } else { 3 }, "{zone}");
            let trend = user.get("/api/dashboard/trend?days=2").await.expect(200);
            let yesterday = today.checked_sub_days(Days::new(1)).unwrap();
            assert_eq!(trend["days"], json!([
                { "date": yesterday.to_string(), "created": 1, "completed": 0 },
                { "date": today.to_string(), "created": 2, "completed": 0 }]));
        }
    }

    async fn a_new_time_zone_counts_at_once(server) {
        let user = server.user_in("Ada", "Pacific/Kiritimati").await;
        let date = async || user.get("/api/dashboard/trend?days=1").await.expect(200)["days"][0]["date"].clone();
        let before = date().await;
        user.patch("/api/auth/me", json!({ "time_zone": "Pacific/Pago_Pago" })).await.expect(200);
        assert_ne!(date().await, before);
    }

    async fn a_trend_has_every_day_and_refuses_others(server) {
        let ada = server.user("Ada").await;
        let days = async |query: &str| {
            let trend = ada.get(&format!("/api/dashboard/trend{query}")).await.expect(200);
            trend["days"].as_array().unwrap().len()
        };
        assert_eq!((days("").await, days("?days=1").await, days("?days=365").await), (30, 1, 365));
        for bad in ["?days=0", "?days=366", "?days=-1", "?days=many"] {
            let error = ada.get(&format!("/api/dashboard/trend{bad}")).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"]["days"].is_string(), "{error}");
        }
    }

    async fn every_number_of_the_demo_data_is_above_zero(server) {
        let url = server.url.clone();
        let seed = || crate::support::binary(&server.folder).arg("seed").env("DATABASE_URL", &url).output().unwrap();
        assert!(seed().status.success());
        let again = seed();
        assert!(!again.status.success());
        assert!(String::from_utf8_lossy(&again.stderr).contains("has 2 users already"));
        let mut ada = server.anybody();
        ada.email = "ada@example.com".to_owned();
        ada.sign_in("tally-my-tasks-2026").await;
        for path in ["statistics", "activity", "breakdown", "shared"] {
            let numbers = ada.get(&format!("/api/dashboard/{path}")).await.expect(200);
            for (name, number) in numbers.as_object().unwrap() {
                assert!(number.as_f64().is_none_or(|number| number > 0.0), "{path}: {name} is {number}");
            }
        }
        assert_eq!(ada.get("/api/dashboard/teams").await.expect(200)["teams"][0]["name"], "Household");
    }
}
