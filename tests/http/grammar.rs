//! The boxes of the pages: a plain form sends the line, and the server reads it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// The box of a page, without script.
struct PlainForm<'c> {
    who: &'c Client,
    page: String,
}

impl PlainForm<'_> {
    async fn send(&self, form: &[(&str, &str)]) -> Answer {
        self.who.submit("quick_add", &self.page, &[&[("box", "list")], form].concat()).await
    }

    async fn add(&self, form: &[(&str, &str)]) {
        let answer = self.send(form).await;
        assert_eq!((answer.status, answer.header("location")), (303, self.page.as_str()), "{form:?}: {}", answer.text);
    }
}

/// The newest of the user's own tasks.
async fn newest(who: &Client) -> Value {
    who.get("/api/tasks?limit=1").await.expect(200)["items"][0].clone()
}

fn in_utc(day: NaiveDate, time: &str) -> Value {
    json!(format!("{day}T{time}Z"))
}

on_both_databases! {
    async fn a_plain_form_reads_the_line_like_quick_add(server) {
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        ada.patch(&format!("/api/teams/{team}"), json!({ "name": "Household" })).await.expect(200);
        let today = Utc::now().date_naive();
        let tasks = PlainForm { who: &ada, page: "/tasks".to_owned() };
        for (line, picked, title, due, team_id) in [
            ("Pay rent tomorrow", "", "Pay rent", in_utc(today + Days::new(1), "23:59:59"), Value::Null),
            ("Pay rent in 3 days at 6 pm @house", "", "Pay rent", in_utc(today + Days::new(3), "18:00:00"), json!(team)),
            ("Pay rent 24/12/2198", "2199-01-31", "Pay rent", json!("2199-01-31T23:59:59Z"), Value::Null),
            ("Pay rent", "2199-01-31", "Pay rent", json!("2199-01-31T23:59:59Z"), Value::Null),
            ("Rent 5/6/2199", "", "Rent", json!("2199-06-05T23:59:59Z"), Value::Null),
            ("\"Pay tomorrow\"", "", "Pay tomorrow", Value::Null, Value::Null),
            ("Pay tomorrow\u{2060}", "", "Pay tomorrow", Value::Null, Value::Null),
        ] {
            tasks.add(&[("text", line), ("due_on", picked)]).await;
            let task = newest(&ada).await;
            assert_eq!((&task["title"], &task["due_at"], &task["team_id"]), (&json!(title), &due, &team_id), "{line}");
        }
        let list = ada.get("/tasks").await.text;
        for part in ["name=\"box\" value=\"list\"", "name=\"text\"", "name=\"due_on\" type=\"date\"", "tomorrow", "in 3 days, 18:00"] {
            assert!(list.contains(part), "{part}: {list}");
        }
        // What can't be added comes back, with the reason.
        let answer = tasks.send(&[("text", "Pay 31 feb")]).await;
        let back = answer.text;
        assert!(back.contains("“31 feb” isn't a valid date") && back.contains("value=\"Pay 31 feb\""), "{back}");
        for (field, value) in [("due_on", "someday"), ("default_due_on", "x"), ("team_id", "x")] {
            let request = ada.request(Method::POST, "/api/ui/quick_add").header("origin", &server.base);
            let error = ada.send(request.form(&[("text", "x"), (field, value)])).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{error}");
        }
    }

    async fn a_page_says_what_a_line_leaves_out(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (team, other) = (server.team(&ada, &[]).await, server.team(&ada, &[]).await);
        ada.patch(&format!("/api/teams/{other}"), json!({ "name": "Choir" })).await.expect(200);
        let today = Utc::now().date_naive();
        let day = PlainForm { who: &ada, page: "/today".to_owned() };
        assert!(ada.get("/today").await.text.contains("name=\"default_due_on\" value=\"today\""));
        for (line, due) in [("Bread", today), ("Bread tomorrow", today + Days::new(1))] {
            day.add(&[("text", line), ("default_due_on", "today"), ("due_on", "")]).await;
            let task = newest(&ada).await;
            assert_eq!((&task["title"], &task["due_at"]), (&json!("Bread"), &in_utc(due, "23:59:59")));
        }
        let of_team = PlainForm { who: &ada, page: format!("/tasks?team_id={team}") };
        assert!(ada.get(&of_team.page).await.text.contains(&format!("name=\"team_id\" value=\"{team}\"")));
        for (line, expected) in [("Bread", &team), ("Bread @choir", &other)] {
            of_team.add(&[("text", line), ("team_id", &team)]).await;
            assert_eq!(newest(&ada).await["team_id"], json!(expected), "{line}");
        }
        // A team of others.
        let request = eve.request(Method::POST, "/api/ui/quick_add").header("origin", &server.base);
        eve.send(request.form(&[("text", "x"), ("team_id", &team)])).await.expect_error(403, "FORBIDDEN");
        assert_eq!(eve.numbers().await[0], 0);
    }

    async fn the_users_region_orders_slashes(server) {
        let (ada, joe) = (server.user_in("Ada", "Europe/London").await, server.user_in("Joe", "America/New_York").await);
        for (who, date) in [(&ada, "2199-06-05"), (&joe, "2199-05-06")] {
            let request = who.request(Method::POST, "/api/ui/quick_add").header("origin", &server.base);
            who.send(request.form(&[("text", "Pay rent on 5/6/2199")])).await.expect(200);
            let due: DateTime<Utc> = newest(who).await["due_at"].as_str().unwrap().parse().unwrap();
            let zone: chrono_tz::Tz = if date == "2199-06-05" { chrono_tz::Europe::London } else { chrono_tz::America::New_York };
            assert_eq!(due.with_timezone(&zone).date_naive().to_string(), date);
        }
    }

    async fn programs_write_titles_as_they_are(server) {
        let ada = server.user("Ada").await;
        let task = ada.post("/api/tasks", json!({ "title": "Pay rent tomorrow @x" })).await.expect(201);
        assert_eq!((&task["title"], &task["due_at"]), (&json!("Pay rent tomorrow @x"), &Value::Null));
        let request = ada.request(Method::POST, "/api/ui/create_task").header("origin", &server.base);
        ada.send(request.form(&[("title", "Again tomorrow")])).await.expect(200);
        assert_eq!(newest(&ada).await["title"], "Again tomorrow");
    }
}
