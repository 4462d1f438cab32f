//! Lists of tasks saved under a name.

use serde_json::{Value, json};

use crate::support::{Answer, Client};

async fn save(who: &Client, name: &str, query: &str) -> Answer {
    who.post("/api/tasks/filters", json!({ "name": name, "query": query })).await
}

async fn names(who: &Client) -> Vec<String> {
    who.listed("/api/tasks/filters", "name").await
}

on_both_databases! {
    async fn a_list_is_saved_opened_replaced_and_deleted(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let late = save(&ada, "  Late  ", "due=overdue&status=pending&limit=3").await.expect(201);
        // As the page writes it, from its first page.
        assert_eq!((&late["name"], &late["query"]), (&json!("Late"), &json!("status=pending&due=overdue")));
        save(&ada, "Milk & honey", "q=milk+%26+honey&sort=title").await.expect(201);
        assert_eq!(names(&ada).await, ["Milk & honey", "Late"]);
        let replaced = save(&ada, "Late", "due=overdue").await.expect(201);
        assert_eq!((&replaced["id"], &replaced["query"]), (&late["id"], &json!("due=overdue")));
        assert_eq!(names(&ada).await.len(), 2);

        let page = ada.get("/tasks?due=overdue").await.text;
        assert!(page.contains("href=\"/tasks?due=overdue\" aria-current=\"page\">Late</a>"), "{page}");
        assert!(page.contains("href=\"/tasks?q=milk+%26+honey&amp;sort=title\">Milk &amp; honey</a>"), "{page}");
        assert!(page.contains("<h1>Late</h1>") && !page.contains("Save this list"), "it is saved");
        assert!(ada.get("/tasks?due=today").await.text.contains("Save this list"));
        assert!(!ada.get("/tasks").await.text.contains("Save this list"), "everything needs no name");
        assert!(ada.get("/tasks?q=milk+%26+honey&sort=title").await.text.contains("aria-current=\"page\">Milk &amp; honey</a>"));

        // Nobody else's: not listed, not shown, not deleted; a name is one person's own.
        assert_eq!(names(&eve).await, [""; 0]);
        assert!(!eve.get("/tasks?due=overdue").await.text.contains("Late"));
        let path = format!("/api/tasks/filters/{}", late["id"].as_str().unwrap());
        eve.delete(&path).await.expect_error(404, "NOT_FOUND");
        save(&eve, "Late", "due=today").await.expect(201);
        let reader = ada.personal(&["read"]).await;
        assert_eq!((names(&reader).await.len(), save(&reader, "x", "").await.status, reader.delete(&path).await.status), (2, 403, 403));
        ada.delete(&path).await.expect(204);
        ada.delete(&path).await.expect_error(404, "NOT_FOUND");
        assert_eq!((names(&ada).await, names(&eve).await), (vec!["Milk & honey".to_owned()], vec!["Late".to_owned()]));
    }

    async fn a_wrong_list_is_refused(server) {
        let ada = server.user("Ada").await;
        let long = format!("q={}", "%F0%9F%98%80".repeat(200));
        for (name, query, field) in [
            ("", "due=today", "name"), ("  ", "", "name"), (&"x".repeat(51), "", "name"), ("a\0b", "", "name"),
            ("x", "due=someday", "query"), ("x", "colour=red", "query"), ("x", "limit=x", "query"), ("x", &long, "query"),
            ("x", "team_id=x", "query"),
        ] {
            let error = save(&ada, name, query).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{name} {query}: {error}");
        }
        for body in [json!({}), json!({ "name": "x" }), json!({ "name": "x", "query": 1 }), Value::Null] {
            assert_eq!(ada.post("/api/tasks/filters", body).await.status, 422);
        }
        for number in 0..50 {
            save(&ada, &format!("List {number}"), "").await.expect(201);
        }
        save(&ada, "One more", "").await.expect_error(409, "CONFLICT");
        // One that is there already may change.
        save(&ada, "List 7", "due=today").await.expect(201);
        assert_eq!(names(&ada).await.len(), 50);
    }

    async fn the_forms_of_the_page_work_without_script(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let page = "/tasks?due=today";
        let saved = ada.submit("save_filter", page, &[("name", "Now"), ("query", "due=today")]).await;
        assert_eq!((saved.header("location"), names(&ada).await), (page, vec!["Now".to_owned()]));
        let refused = ada.submit("save_filter", page, &[("name", ""), ("query", "due=today")]).await;
        assert!(refused.status == 422 && refused.text.contains("role=\"alert\" class=\"alert\""), "{}", refused.text);
        let id = ada.get("/api/tasks/filters").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(eve.submit("delete_filter", page, &[("id", &id)]).await.status, 404);
        assert_eq!(ada.submit("delete_filter", page, &[("id", &id)]).await.header("location"), page);
        assert_eq!(names(&ada).await, [""; 0]);
    }
}
