//! Bringing tasks from tables (CSV): what their columns mean, and the form in the settings.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    import::{csv, import, titles},
    support::{Client, Server},
};

on_both_databases! {
    async fn tables_of_this_and_other_programs_are_read(server) {
        let ada = server.user_in("Ada", "Europe/Berlin").await;
        // Our own, with what the export put before a formula.
        let own = server.user("Grace").await;
        own.post("/api/tasks", json!({ "title": "=1+1", "description": "a, \"b\"" })).await.expect(201);
        let table = own.get("/api/export?format=csv").await.text;
        let report = csv(&ada, &table).await.expect(200);
        assert_eq!((&report["tasks"][0]["title"], &report["tasks"][0]["description"]), (&json!("=1+1"), &json!("a, \"b\"")));
        assert_eq!(csv(&ada, &table).await.expect(200)["already_there"], 1);
        // Todoist's backup: sections and comments aren't tasks, a rule stays as words.
        let todoist = "\u{feff}TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\r\n\
            section,Home,,,,,,,,\r\ntask,Buy milk,,4,1,Ada (1),,2026-12-24,en,Europe/Berlin\r\nnote,Oat,,,,Ada (1),,,,\r\n\
            task,Water the plants,,1,1,Ada (1),,every monday,en,Europe/Berlin\r\n,,,,,,,,,\r\n";
        let report = csv(&ada, todoist).await.expect(200);
        assert_eq!(titles(&report), ["Buy milk", "Water the plants"]);
        // A day ends when hers does.
        assert_eq!(report["tasks"][0]["due_at"], "2026-12-24T22:59:59Z");
        assert_eq!(report["tasks"][1]["description"], "Date: every monday");
        assert!(report["ignored_columns"].as_array().unwrap().contains(&json!("PRIORITY")), "{report}");
        // A plain table, as spreadsheets of half of Europe write it; the same line twice is two tasks.
        let plain = "Name;Due date;Done\nBread;2026-12-01;no\nBread;2026-12-01;no\n\"Two\nlines\";;x\n";
        let report = csv(&ada, plain).await.expect(200);
        assert_eq!(titles(&report), ["Bread", "Bread", "Two lines"]);
        assert_eq!(report["tasks"][2]["status"], "completed");
        assert_eq!(csv(&ada, plain).await.expect(200)["already_there"], 3);
        assert_eq!(ada.numbers().await[0], 6);
    }

    async fn files_of_other_programs_are_read_as_they_come(server) {
        let input = |name: &str| std::fs::read(format!("{}/tests/http/inputs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let read = async |name: &str| {
            let ada = server.user_in(&name.replace(['.', '-'], ""), "America/New_York").await;
            let kind = if name.ends_with(".zip") { "application/zip" } else { "text/csv" };
            let report = import(&ada, kind, "", input(name)).await.expect(200);
            assert_eq!(import(&ada, kind, "", input(name)).await.expect(200)["tasks"], json!([]), "{name} twice");
            report
        };
        let of = |report: &Value, place: usize, field: &str| report["tasks"][place][field].clone();
        let todoist = read("t01-todoist-2025.csv").await;
        assert_eq!(titles(&todoist), ["Repot the basil @garden", "Buy soil", "Water"]);
        assert_eq!(of(&todoist, 0, "due_at"), "2026-10-06T03:59:59Z");
        assert_eq!(of(&todoist, 2, "due_at"), "2026-12-02T04:59:59Z", "a rule beside a deadline");
        let older = read("t01-todoist-older.csv").await;
        assert_eq!((titles(&older).len(), &older["kept_as_words"]), (6, &json!(2)), "{older}");
        assert!((0..3).all(|place| of(&older, place, "due_at").is_string()), "{older}");
        let multiline = read("t04-cr-in-quotes.csv").await;
        assert_eq!(of(&multiline, 0, "description"), "first line\nsecond line");
        let completed = read("t05-completed-at.csv").await;
        assert_eq!([of(&completed, 0, "status"), of(&completed, 1, "status")], [json!("completed"), json!("pending")]);
        assert_eq!(of(&completed, 0, "completed_at"), "2026-01-03T04:59:59Z");
        let ticktick = read("t07-1-ticktick.csv").await;
        assert_eq!(titles(&ticktick), ["Water", "Old"]);
        assert_eq!([of(&ticktick, 0, "status"), of(&ticktick, 1, "status")], [json!("pending"), json!("completed")]);
        assert_eq!(of(&ticktick, 0, "description"), "line one\nline two");
        assert_eq!(of(&ticktick, 0, "due_at"), "2026-12-24T18:00:00Z");
        assert_eq!(titles(&read("t07-2-sep.csv").await), ["A"]);
        assert_eq!(titles(&read("t07-6-short-row.csv").await), ["A", "B"]);
        let german = read("t07-12-german.csv").await;
        assert_eq!((of(&german, 0, "status"), of(&german, 0, "due_at")), (json!("completed"), json!("2026-12-25T04:59:59Z")));
        let backup = read("t09a-todoist-backup.zip").await;
        assert_eq!(titles(&backup), ["Review", "Review"]);
        assert_eq!([of(&backup, 0, "description"), of(&backup, 1, "description")], [Value::Null, json!("Project: Work")]);
        assert_eq!(titles(&read("t09b-vikunja-namespaces.zip").await), ["x"]);
        // Two programs that count from 1.
        let ada = server.user("Ada").await;
        for name in ["t06b-first.csv", "t06b-second.csv"] {
            assert_eq!(import(&ada, "text/csv", "", input(name)).await.expect(200)["already_there"], 0, "{name}");
        }
        assert_eq!(ada.numbers().await[0], 4);
        // One long title refuses nothing.
        let long = format!("title,description\n{},more\nShort,\n", "x ".repeat(150));
        let report = csv(&ada, &long).await.expect(200);
        let (title, description) = (of(&report, 0, "title"), of(&report, 0, "description"));
        assert!(title.as_str().unwrap().chars().count() <= 200 && title.as_str().unwrap().ends_with('…'), "{title}");
        assert!(description.as_str().unwrap().starts_with('…') && description.as_str().unwrap().ends_with("more"), "{description}");
        for (file, line, why) in [
            ("title,due\nx,2026-02-30\n", "line 2: due_at", "isn't a valid date"),
            ("title,due\nx,5/6/2026\n", "line 2: due_at", "has to be a day like"),
            ("title,status\nx,purple\n", "line 2: status", "pending or completed"),
            ("sep=;\ntitle;due\nx;soon\n", "line 3: due_at", "has to be a day like"),
        ] {
            let error = csv(&ada, file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][line].as_str().is_some_and(|said| said.contains(why)), "{file}: {error}");
        }
    }

    async fn columns_can_be_mapped_by_the_user(server) {
        let ada = server.user_in("Ada", "Europe/Berlin").await;
        let with = |query: &'static str, file: &'static str| import(&ada, "text/csv", query, file);
        let table = "Aufgabe;Fertig;Bis;Farbe\nMilch;nein;24.12.2026;rot\nBrot;ja;24.12.2026 18:00;\n".replace("nein", "no").replace("ja", "yes");
        let table: &'static str = table.leak();
        with("", table).await.expect_error(422, "VALIDATION_ERROR");
        let report = with("?columns=title,status,due_at,-&day_order=dmy", table).await.expect(200);
        assert_eq!(titles(&report), ["Milch", "Brot"]);
        assert_eq!(report["ignored_columns"], json!(["Farbe"]));
        let found = |place: usize, field: &str| report["tasks"][place][field].clone();
        assert_eq!([found(0, "due_at"), found(1, "due_at")], [json!("2026-12-24T22:59:59Z"), json!("2026-12-24T17:00:00Z")]);
        assert_eq!(found(1, "status"), "completed");
        assert_eq!(with("?columns=title,status,due_at,-&day_order=dmy", table).await.expect(200)["already_there"], 2);
        let american = with("?day_order=mdy", "title,due\nTea,12/24/2026\n").await.expect(200);
        assert_eq!(american["tasks"][0]["due_at"], "2026-12-24T22:59:59Z");
        // The columns that are said count, whatever the first line says; "type" is Todoist's only in Todoist's backup.
        let swapped = with("?columns=description,title", "title,description\nA,B\n").await.expect(200);
        assert_eq!((&swapped["tasks"][0]["title"], &swapped["tasks"][0]["description"]), (&json!("B"), &json!("A")));
        assert_eq!(titles(&with("", "title,type\nFix it,bug\n").await.expect(200)), ["Fix it"]);
        let todoist = "TYPE,CONTENT,DATE\nsection,Home,\ntask,Sweep,24.12.2026\n";
        assert_eq!(titles(&with("?columns=-,title,due_at&day_order=dmy", todoist).await.expect(200)), ["Sweep"]);
        for (query, file, field) in [
            ("?columns=description", "a\nb\n", "columns"),
            ("?columns=title,title", "a,b\nc,d\n", "columns"),
            ("?columns=title,colour", "a,b\nc,d\n", "columns"),
            ("?columns=title", "a,b\nc,d\n", "columns"),
            ("?columns=title,-,-", "a,b\nc,d\n", "columns"),
            ("?columns=", "a\nb\n", "columns"),
            ("?day_order=dym", "title\nb\n", "day_order"),
            ("?day_order=dmy", "title,due\nb,12/24/2026\n", "line 2: due_at"),
            ("?day_order=dmy", "title,due\nb,24.12.2026 25:00\n", "line 2: due_at"),
            ("?day_order=dmy", "title,due\nb,31.02.2026\n", "line 2: due_at"),
        ] {
            let error = with(query, file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{query} {file}: {error}");
        }
        let json = r#"{"format":"tallyboard","version":1,"tasks":[]}"#;
        let error = import(&ada, "application/json", "?columns=title&day_order=dmy", json).await.expect_error(422, "VALIDATION_ERROR");
        assert!(error["fields"]["columns"].is_string() && error["fields"]["day_order"].is_string(), "{error}");
        assert_eq!(ada.numbers().await[0], 6);
    }

    async fn the_form_in_settings_shows_and_imports(server) {
        let (ada, cookie) = signed_in(&server).await;
        let upload = async |file: &'static str, name: &'static str, is_dry_run: bool, origin: &str| {
            let button = if is_dry_run { "--x\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n" } else { "" };
            let form = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{file}\r\n{button}--x--\r\n");
            let anybody = server.anybody();
            let request = anybody.request(Method::POST, "/settings/import").header("cookie", &cookie).header("origin", origin);
            anybody.send(request.header("content-type", "multipart/form-data; boundary=x").body(form)).await
        };
        assert!(ada.get("/settings").await.text.contains("multipart/form-data"));
        let planned = upload("title\n<b>Milk</b>\n", "tasks.csv", true, &server.base).await;
        assert!(planned.status == 200 && planned.text.contains("1 task would be imported"), "{}", planned.text);
        assert!(planned.text.contains("&lt;b&gt;Milk") && !planned.text.contains("<b>Milk"), "{}", planned.text);
        assert_eq!(ada.numbers().await[0], 0);
        // The page of the first look sends the file again, byte by byte.
        let again = async |fields: &[(&str, &str)]| {
            let part = |(name, value): &(&str, &str)| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            let form = fields.iter().map(part).collect::<String>() + "--x--\r\n";
            let anybody = server.anybody();
            let request = anybody.request(Method::POST, "/settings/import").header("cookie", &cookie).header("origin", &server.base);
            anybody.send(request.header("content-type", "multipart/form-data; boundary=x").body(form)).await
        };
        let content = between(&planned.text, "name=\"content\" value=\"", "\"");
        assert_eq!(content, "dGl0bGUKPGI+TWlsazwvYj4K", "{}", planned.text);
        for (fields, status, words) in [
            (vec![("content", "%"), ("name", "a.csv")], 400, "could not be read"),
            (vec![("content", ""), ("name", "a.csv")], 422, "Choose a file in Settings"),
            (vec![("content", content), ("name", "a.csv"), ("day_order", "dym")], 400, "could not be read"),
            (vec![("content", content), ("name", "a.csv"), ("columns", "-")], 422, "has to name the title"),
            (vec![("content", content), ("name", "a.csv"), ("columns", "title"), ("dry_run", "true")], 200, "1 task would be imported"),
        ] {
            let answer = again(&fields).await;
            assert!(answer.status == status && answer.text.contains(words), "{fields:?}: {} {}", answer.status, answer.text);
        }
        assert_eq!(ada.numbers().await[0], 0);
        let foreign = upload("title\nMilk\n", "tasks.csv", false, "https://evil.example").await;
        assert_eq!(foreign.status, 403);
        let done = upload("title\nMilk\n", "tasks.csv", false, &server.base).await;
        assert!(done.text.contains("1 task imported"), "{}", done.text);
        let broken = upload("title,due\nMilk,soon\n", "tasks.csv", false, &server.base).await;
        assert!(broken.status == 422 && broken.text.contains("line 2: due_at"), "{}", broken.text);
        let empty = upload("", "tasks.csv", false, &server.base).await;
        assert_eq!(empty.status, 422, "{}", empty.text);
        // Larger than a file may be, but not than the form with a file in base64.
        let large = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{}\r\n--x--\r\n", "x".repeat(9 * 1024 * 1024));
        let request = server.anybody().request(Method::POST, "/settings/import").header("cookie", &cookie).header("origin", &server.base);
        let request = request.header("content-type", "multipart/form-data; boundary=x").body(large);
        assert_eq!(server.anybody().send(request).await.status, 413);
        let json = upload(r#"{"format":"tallyboard","version":1,"tasks":[{"title":"Bread"}]}"#, "Export.JSON", false, &server.base).await;
        assert!(json.text.contains("1 task imported"), "{}", json.text);
        assert_eq!(ada.numbers().await[0], 2);
    }
}

/// What's between two texts.
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).and_then(|(_, rest)| rest.split_once(after)).map_or("", |(found, _)| found)
}

async fn signed_in(server: &Server) -> (Client, String) {
    let user = server.user("Ada").await;
    let cookie = crate::pages::cookie_of(server, &user).await;
    (user, cookie)
}
