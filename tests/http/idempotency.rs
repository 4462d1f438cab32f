use reqwest::Method;
use serde_json::json;

use crate::support::scalar;

const KEY: &str = "idempotency-key";

on_both_databases! {
    async fn a_repeated_post_returns_the_first_answer_without_running_again(server) {
        let ada = server.user("Ada").await;
        let body = json!({ "title": "Once" });
        let first = ada.post_with("/api/tasks", body.clone(), (KEY, "k1")).await;
        let again = ada.post_with("/api/tasks", body.clone(), (KEY, "k1")).await;
        assert_eq!((first.status, &first.text), (again.status, &again.text));
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("content-type"), "application/json");
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
        // The same key with another request is an error; another user's key is a different key.
        let other = json!({ "title": "Other" });
        ada.post_with("/api/tasks", other.clone(), (KEY, "k1")).await.expect_error(422, "VALIDATION_ERROR");
        let grace = server.user("Grace").await;
        grace.post_with("/api/tasks", other, (KEY, "k1")).await.expect(201);
        assert_eq!((ada.numbers().await, grace.numbers().await), ([1, 1, 0, 0], [1, 1, 0, 0]));
        let long = "x".repeat(256);
        ada.post_with("/api/tasks", body, (KEY, &long)).await.expect_error(400, "BAD_REQUEST");
    }

    async fn a_refusal_is_repeated_too(server) {
        let ada = server.user("Ada").await;
        let bad = json!({ "title": "" });
        let first = ada.post_with("/api/tasks", bad.clone(), (KEY, "k")).await;
        let again = ada.post_with("/api/tasks", bad, (KEY, "k")).await;
        assert_eq!((first.status, first.text), (422, again.text));
    }

    async fn of_many_at_once_one_is_done(server) {
        let ada = server.user("Ada").await;
        let race = (0..6).map(|_| {
            let ada = ada.clone();
            tokio::spawn(async move { ada.post_with("/api/tasks", json!({ "title": "Raced" }), (KEY, "race")).await.status })
        });
        for racer in race.collect::<Vec<_>>() {
            let status = racer.await.unwrap();
            assert!(status == 201 || status == 409, "{status}");
        }
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
    }

    async fn after_a_day_the_key_is_free_again(server) {
        let ada = server.user("Ada").await;
        ada.post_with("/api/tasks", json!({ "title": "Day 1" }), (KEY, "daily")).await.expect(201);
        server.sql("UPDATE idempotency_keys SET created_at = '2026-01-01T00:00:00+00:00'".to_owned()).await;
        ada.post_with("/api/tasks", json!({ "title": "Day 2" }), (KEY, "daily")).await.expect(201);
        assert_eq!(ada.numbers().await, [2, 2, 0, 0]);
    }

    async fn nothing_is_stored_of_requests_with_secrets(server) {
        let ada = server.user("Ada").await;
        let rows = async || scalar(&server.url, "SELECT COUNT(*) FROM idempotency_keys").await;
        let wrong = json!({ "current_password": "wrong", "new_password": "another-lantern-41-harbour" });
        let goals = json!({ "daily": 3 });
        for (path, body) in [
            ("/api/auth/password", wrong), ("/api/auth/tokens", json!({ "name": "x", "scopes": ["read"] })),
            ("/api/auth/signup", json!({})), ("/api/tasks/filters", json!({ "name": "x", "query": "" })),
            ("/api/conversations", json!({})), ("/api/auth/two-step", goals),
        ] {
            let answers = [(); 2].map(|()| ada.post_with(path, body.clone(), (KEY, "secret")));
            for answer in futures::future::join_all(answers).await {
                assert_eq!(answer.header("idempotency-replayed"), "", "{path}");
            }
        }
        assert_eq!(rows().await, 0);
        ada.post_with("/api/teams", json!({ "name": "Choir" }), (KEY, "k")).await.expect(201);
        assert_eq!(rows().await, 1);
    }

    async fn a_quick_add_is_known_for_thirty_days(server) {
        let ada = server.user("Ada").await;
        let add = async || {
            let request = ada.request(Method::POST, "/api/ui/quick_add").header("origin", &server.base).header(KEY, "k");
            ada.send(request.form(&[("text", "Buy milk")])).await.expect(200)
        };
        for (days, tasks) in [(0, 1), (29, 1), (31, 2)] {
            let then = chrono::Utc::now() - chrono::TimeDelta::days(days);
            server.sql(format!("UPDATE idempotency_keys SET created_at = '{}'", then.to_rfc3339())).await;
            add().await;
            assert_eq!(ada.numbers().await[0], tasks, "after {days} days");
        }
    }
}
