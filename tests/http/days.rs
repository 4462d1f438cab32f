//! Lists by day and in other orders, and changes of many tasks at once.

use serde_json::{Value, json};

use crate::support::{Client, Socket};

/// Creates a task that is due this many hours from the beginning of today, in UTC.
async fn due(who: &Client, title: &str, hours: Option<i64>) -> String {
    let today = chrono::Utc::now().date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let due_at = hours.map(|hours| today + chrono::TimeDelta::hours(hours));
    let task = who.post("/api/tasks", json!({ "title": title, "due_at": due_at })).await.expect(201);
    task["id"].as_str().unwrap().to_owned()
}

async fn titles(who: &Client, query: &str) -> Vec<String> {
    who.listed(&format!("/api/tasks?{query}"), "title").await
}

async fn change(who: &Client, ids: &[&str], action: &str, with: Value) -> crate::support::Answer {
    let mut body = json!({ "ids": ids, "action": action });
    body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    who.post("/api/tasks/bulk", body).await
}

on_both_databases! {
    async fn each_task_is_in_the_list_of_its_day(server) {
        let ada = server.user("Ada").await;
        let days = [
            ("long ago", Some(-500)), ("yesterday", Some(-1)), ("this morning", Some(0)), ("tonight", Some(23)),
            ("tomorrow", Some(24)), ("in a week", Some(24 * 8 - 1)), ("later", Some(24 * 8)), ("at no time", None),
        ];
        for (title, hours) in days {
            due(&ada, title, hours).await;
        }
        for (name, expected) in [
            ("overdue", vec!["long ago", "yesterday"]), ("today", vec!["this morning", "tonight"]),
            ("week", vec!["tomorrow", "in a week"]), ("none", vec!["at no time"]),
        ] {
            for status in ["", "&status=pending"] {
                assert_eq!(titles(&ada, &format!("due={name}&sort=due{status}")).await, expected, "{name}{status}");
                let newest: Vec<_> = expected.iter().rev().copied().collect();
                assert_eq!(titles(&ada, &format!("due={name}{status}")).await, newest, "{name}{status}");
            }
            assert_eq!(titles(&ada, &format!("due={name}&status=completed")).await, [""; 0], "{name}");
        }
        assert_eq!(titles(&ada, "sort=due").await, days.map(|(title, _)| title));
        // A completed task is not overdue; it stays in the list of its day.
        for title in ["yesterday", "tonight"] {
            let found = ada.get(&format!("/api/tasks?q={title}")).await.expect(200);
            ada.touch(&format!("/api/tasks/{}/complete", found["items"][0]["id"].as_str().unwrap())).await.expect(200);
        }
        assert_eq!(titles(&ada, "due=overdue").await, ["long ago"]);
        assert_eq!(titles(&ada, "due=overdue&status=completed").await, [""; 0]);
        assert_eq!(titles(&ada, "due=today&sort=due").await, ["this morning", "tonight"]);
        assert_eq!(titles(&ada, "due=today&sort=due&status=completed").await, ["tonight"]);
        assert_eq!(titles(&ada, "sort=due&q=t&due=today").await, ["this morning", "tonight"]);
    }

    async fn a_day_is_one_of_the_users_own_calendar(server) {
        // Kiritimati is 14 hours ahead, so its days begin at 10:00 UTC.
        let ada = server.user("Ada").await;
        ada.patch("/api/auth/me", json!({ "time_zone": "Pacific/Kiritimati" })).await.expect(200);
        let zone: chrono_tz::Tz = "Pacific/Kiritimati".parse().unwrap();
        let today = chrono::Utc::now().with_timezone(&zone).date_naive();
        let at = |day: chrono::NaiveDate, time: (u32, u32)| {
            day.and_hms_opt(time.0, time.1, 0).unwrap().and_local_timezone(zone).unwrap().to_utc()
        };
        for (title, due_at) in [
            ("before", at(today.pred_opt().unwrap(), (23, 59))), ("first", at(today, (0, 0))),
            ("last", at(today, (23, 59))), ("after", at(today.succ_opt().unwrap(), (0, 0))),
        ] {
            ada.post("/api/tasks", json!({ "title": title, "due_at": due_at })).await.expect(201);
        }
        // The token's user is cached for a few seconds with the old zone; a change forgets it.
        assert_eq!(titles(&ada, "due=today&sort=due").await, ["first", "last"]);
        assert_eq!(titles(&ada, "due=overdue").await, ["before"]);
        assert_eq!(titles(&ada, "due=week").await, ["after"]);
    }

    async fn every_order_has_pages_without_gaps_and_doubles(server) {
        let ada = server.user("Ada").await;
        let grace = server.user("Grace").await;
        let team = server.team(&grace, &[(&ada, "admin")]).await;
        let names = ["beta", "Alpha", "alpha", "Öl", "zeta 2", "BETA", "a", "Zeta 1", "it's 100%", "\u{1F600} smile"];
        for (number, title) in names.iter().enumerate() {
            let id = due(&ada, title, [None, Some(5), Some(30)][number % 3]).await;
            if number % 2 == 0 {
                ada.touch(&format!("/api/tasks/{id}/complete")).await.expect(200);
            }
            let id = due(&grace, title, [None, Some(5), Some(30)][number % 3]).await;
            grace.patch(&format!("/api/tasks/{id}"), json!({ "team_id": team })).await.expect(200);
        }
        let shared = due(&grace, "shared", Some(4)).await;
        server.share(&shared, &grace, &ada, "edit").await;
        let by_title = ["a", "Alpha", "alpha", "beta", "BETA", "it's 100%", "Zeta 1", "zeta 2", "Öl", "\u{1F600} smile"];
        assert_eq!(titles(&ada, "sort=title").await, by_title);
        assert_eq!(titles(&ada, &format!("sort=title&team_id={team}")).await, by_title);
        assert_eq!(titles(&ada, "sort=title&q=eta").await, ["beta", "BETA", "Zeta 1", "zeta 2"]);
        assert_eq!(titles(&ada, "sort=title&q=et").await, ["beta", "BETA", "Zeta 1", "zeta 2"]);
        for query in ["sort=due", "sort=due&status=pending", "due=none&sort=title", "due=today", "sort=newest"] {
            for list in ["".to_owned(), format!("&team_id={team}"), "&access=change".to_owned()] {
                let whole = ada.get(&format!("/api/tasks?{query}{list}")).await.expect(200);
                let ids: Vec<_> = whole["items"].as_array().unwrap().iter().map(|task| task["id"].clone()).collect();
                assert!(!ids.is_empty(), "{query}{list}");
                assert_eq!(ada.listed(&format!("/api/tasks?{query}{list}"), "id").await, ids, "{query}{list}");
            }
        }
        assert_eq!(titles(&ada, "shared=with_me&sort=title&due=today").await, ["shared"]);
        assert_eq!(titles(&ada, "access=change").await.len(), 21);
        // A cursor belongs to its order.
        let cursor = ada.get("/api/tasks?sort=title&limit=1").await.expect(200)["next_cursor"].clone();
        let cursor = cursor.as_str().unwrap();
        for sort in ["due", "newest"] {
            let answer = ada.get(&format!("/api/tasks?sort={sort}&cursor={cursor}")).await;
            assert!(answer.expect_error(422, "VALIDATION_ERROR")["fields"]["cursor"].is_string());
        }
        for (query, field) in [
            ("due=tomorrow", "due"), ("sort=size", "sort"), ("access=read", "access"), ("access=change&shared=with_me", "access"),
        ] {
            let error = ada.get(&format!("/api/tasks?{query}")).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{query}: {error}");
        }
    }

    async fn only_changeable_tasks_are_listed(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let managed = server.team(&grace, &[(&ada, "admin")]).await;
        let joined = server.team(&grace, &[(&ada, "member")]).await;
        grace.patch(&format!("/api/teams/{joined}"), json!({ "members_edit": "own" })).await.expect(200);
        let open = server.team(&grace, &[(&ada, "member"), (&eve, "viewer")]).await;
        grace.team_task("in a team whose members edit", &open).await;
        grace.team_task("in a managed team", &managed).await;
        grace.team_task("in a joined team", &joined).await;
        ada.team_task("own, in a joined team", &joined).await;
        let edit = grace.task("to edit").await;
        let view = grace.task("to view").await;
        server.share(&edit, &grace, &ada, "edit").await;
        server.share(&view, &grace, &ada, "view").await;
        ada.task("own").await;
        let mut found = titles(&ada, "access=change&due=none").await;
        found.sort();
        assert_eq!(found, ["in a managed team", "in a team whose members edit", "own", "own, in a joined team", "to edit"]);
        assert_eq!(titles(&eve, "access=change").await, [""; 0]);
        assert_eq!(titles(&ada, "access=change&q=own").await.len(), 2);
    }

    async fn many_tasks_change_together_or_not_at_all(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (a, b, c) = (ada.task("a").await, ada.task("b").await, ada.task("c").await);
        let foreign = eve.task("Eve's secret").await;
        let answer = change(&ada, &[&b, &a, &b], "complete", json!({})).await.expect(200);
        let order: Vec<_> = answer["items"].as_array().unwrap().iter().map(|task| task["title"].clone()).collect();
        assert_eq!(order, ["b", "a"]);
        assert!(answer["items"].as_array().unwrap().iter().all(|task| task["status"] == "completed"));
        assert_eq!(ada.numbers().await, [3, 1, 2, 0]);
        for action in ["complete", "reopen", "delete"] {
            let refused = change(&ada, &[&c, &a, &foreign], action, json!({})).await.expect_error(403, "FORBIDDEN");
            assert!(refused["detail"].as_str().unwrap().contains(&foreign), "{refused}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
        }
        let gone = "0190a000-0000-7000-8000-000000000000";
        let refused = change(&ada, &[&c, gone], "delete", json!({})).await.expect_error(404, "NOT_FOUND");
        assert!(refused["detail"].as_str().unwrap().contains(gone), "{refused}");
        assert_eq!(ada.numbers().await, [3, 1, 2, 0]);
        assert_eq!(eve.numbers().await, [1, 1, 0, 0]);
        change(&ada, &[&a, &c], "reopen", json!({})).await.expect(200);
        assert_eq!(ada.numbers().await, [3, 2, 1, 0]);
        let team = server.team(&ada, &[]).await;
        let moved = change(&ada, &[&a, &b], "move", json!({ "due_at": "2026-12-24T12:00:00Z", "team_id": team })).await;
        for task in moved.expect(200)["items"].as_array().unwrap() {
            assert_eq!((&task["due_at"], &task["team_id"]), (&json!("2026-12-24T12:00:00Z"), &json!(team)));
        }
        let back = change(&ada, &[&a], "move", json!({ "due_at": null, "team_id": null })).await.expect(200);
        assert_eq!((&back["items"][0]["due_at"], &back["items"][0]["team_id"]), (&Value::Null, &Value::Null));
        let deleted = change(&ada, &[&a, &b], "delete", json!({})).await.expect(200);
        assert_eq!(deleted["items"][1]["title"], "b");
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
        let strangers_team = server.team(&eve, &[]).await;
        change(&ada, &[&c], "move", json!({ "team_id": strangers_team })).await.expect_error(403, "FORBIDDEN");
    }

    async fn a_wrong_change_of_many_names_its_field(server) {
        let ada = server.user("Ada").await;
        let task = ada.task("a").await;
        let many = vec![task.as_str(); 101];
        for (ids, action, with, field) in [
            (&[][..], "complete", json!({}), "ids"), (&many[..], "complete", json!({}), "ids"),
            (&[task.as_str()][..], "move", json!({}), "action"), (&[task.as_str()][..], "burn", json!({}), "action"),
            (&[task.as_str()][..], "complete", json!({ "due_at": null }), "due_at"),
            (&[task.as_str()][..], "delete", json!({ "team_id": null }), "team_id"),
            (&[task.as_str()][..], "delete", json!({ "titles": 1 }), "titles"),
        ] {
            let error = change(&ada, ids, action, with.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{action} {with}: {error}");
        }
        assert_eq!(ada.numbers().await, [1, 1, 0, 0]);
    }

    async fn the_form_without_script_changes_many(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let team = server.team(&ada, &[]).await;
        let (a, b, c) = (ada.task("a").await, ada.task("b").await, ada.task("c").await);
        let foreign = eve.task("Eve's secret").await;
        // The form's field for a team does not replace the page's own.
        let page = format!("/tasks?sort=due&team_id={team}");
        let submit = async |ids: &[&str], with: &[(&str, &str)]| {
            let mut form: Vec<_> = ids.iter().map(|id| ("ids[]", *id)).collect();
            // The fields for moving are sent with every button.
            form.extend([("due_on", ""), ("team_id", "")].iter().filter(|(name, _)| !with.iter().any(|(other, _)| other == name)));
            form.extend(with);
            ada.submit("change_tasks", &page, &form).await
        };
        let done = async |ids: &[&str], with: &[(&str, &str)]| submit(ids, with).await.header("location").to_owned();
        assert_eq!(done(&[&a, &b], &[("action", "complete")]).await, page);
        assert_eq!(ada.numbers().await, [3, 1, 2, 0]);
        assert_eq!(done(&[&a], &[("action", "reopen"), ("due_on", "2026-12-24")]).await, page);
        assert_eq!(done(&[&a, &b], &[("action", "move"), ("due_on", "2026-12-24"), ("team_id", &team)]).await, page);
        assert_eq!(titles(&ada, &format!("team_id={team}&sort=title")).await, ["a", "b"]);
        let moved = ada.get(&format!("/api/tasks/{a}")).await.expect(200);
        assert_eq!((&moved["due_at"], &moved["status"]), (&json!("2026-12-24T23:59:59Z"), &json!("pending")));
        assert_eq!(done(&[&b], &[("action", "move"), ("team_id", "none")]).await, page);
        assert_eq!(titles(&ada, &format!("team_id={team}")).await, ["a"]);
        for (ids, with) in [
            (&[][..], &[("action", "delete")][..]), (&[&a], &[("action", "move")]), (&[&a, &foreign], &[("action", "delete")]),
            (&[&a], &[("action", "move"), ("due_on", "soon")]), (&[&a], &[("action", "move"), ("team_id", "x")]),
        ] {
            let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
            let refused = submit(&ids, with).await;
            assert!([403, 404, 422].contains(&refused.status), "{with:?}: {}", refused.status);
            assert!(refused.text.contains("role=\"alert\" class=\"alert\""), "{with:?}");
        }
        assert_eq!(done(&[&a, &c], &[("action", "delete")]).await, page);
        assert_eq!((ada.numbers().await[0], eve.numbers().await[0]), (1, 1));
    }

    async fn a_bulk_change_is_one_event_for_each_audience(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let (a, b) = (ada.task("a").await, ada.task("b").await);
        server.share(&b, &ada, &grace, "view").await;
        let (mut adas, mut graces) = (Socket::of(&server, &ada).await, Socket::of(&server, &grace).await);
        let mut both = [a.clone(), b.clone()];
        both.sort();
        change(&ada, &[&a, &b], "complete", json!({})).await.expect(200);
        // Nothing changes the second time, and nobody is notified.
        change(&ada, &[&a, &b], "complete", json!({})).await.expect(200);
        change(&ada, &[&a, &b], "delete", json!({})).await.expect(200);
        for action in ["complete", "delete"] {
            let (kind, data) = adas.next_event_but_statistics().await;
            assert_eq!((kind.as_str(), &data["action"], &data["task_ids"]), ("tasks_changed", &json!(action), &json!(both)));
            let (kind, data) = graces.next_event_but_statistics().await;
            assert_eq!((kind.as_str(), &data["action"], &data["task_ids"]), ("tasks_changed", &json!(action), &json!([b])));
        }
    }
}
