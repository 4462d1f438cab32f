//! Where imported tasks come from: what tells them apart, which programs and encodings are read, and what a file is that isn't.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    import::{csv, import, titles, zipped},
    support::Client,
};

/// Sends a table whose file has this name.
async fn named(who: &Client, name: &str, file: &str) -> Value {
    let request = who.request(Method::POST, "/api/import").query(&[("file_name", name)]);
    who.send(request.header("content-type", "text/csv").body(file.to_owned())).await.expect(200)
}

async fn json_file(who: &Client, file: &Value) -> Value {
    import(who, "application/json", "", file.to_string()).await.expect(200)
}

/// The titles with their states and days.
fn tasks(report: &Value) -> Vec<(&str, &str, &str)> {
    let text =
        |task: &'_ Value, field: &str| task[field].as_str().map(str::to_owned).unwrap_or_default().leak() as &str;
    let tasks = report["tasks"].as_array().unwrap().iter();
    tasks.map(|task| (text(task, "title"), text(task, "status"), text(task, "due_at"))).collect()
}

on_both_databases! {
    async fn equal_titles_of_two_projects_are_two_tasks(server) {
        let ada = server.user("Ada").await;
        let table = "TYPE,CONTENT\ntask,Review\nsection,Later\ntask,Review\n";
        // By its name a table is a project's, however often it was downloaded or exported.
        for (name, count) in [
            ("Work.csv", 2), ("Work.csv", 0), ("Work (1).csv", 0), ("work [1002].csv", 0), ("Home.csv", 2), ("Home.csv", 0),
        ] {
            let report = named(&ada, name, table).await;
            assert_eq!((titles(&report).len(), &report["already_there"]), (count, &json!(2 - count)), "{name}");
        }
        // The backup has both projects, and a third.
        let backup = zipped(&[("Work [1002].csv", table), ("Home [1003].csv", table), ("Club [1004].csv", table)]);
        assert_eq!(titles(&import(&ada, "application/zip", "", backup).await.expect(200)).len(), 2);
        // Two projects of one name have their own numbers.
        let twins = zipped(&[("Twin [1].csv", table), ("Twin [2].csv", table)]);
        assert_eq!(titles(&import(&ada, "application/zip", "", twins.clone()).await.expect(200)).len(), 4);
        assert_eq!(import(&ada, "application/zip", "", twins).await.expect(200)["already_there"], 4);
        // Other tables say it in a column.
        let lists = |list: &str| format!("title,list name\nCall,{list}\n");
        for (list, count) in [("Work", 1), ("Home", 1), ("Work", 0)] {
            assert_eq!(titles(&csv(&ada, &lists(list)).await.expect(200)).len(), count, "{list}");
        }
        // Without a project, the file's name doesn't tell tasks apart: the same table is imported once.
        assert_eq!(titles(&named(&ada, "a.csv", "title\nTidy\n").await), ["Tidy"]);
        assert_eq!(named(&ada, "b.csv", "title\nTidy\n").await["already_there_titles"], json!(["Tidy"]));
        // Two servers of Vikunja count from 1, both.
        for created in ["2026-01-02T03:04:05Z", "2026-02-02T03:04:05Z"] {
            let data = json!([{ "title": "Inbox", "tasks": [{ "id": 1, "title": "Start", "created": created }] }]).to_string();
            let report = import(&ada, "application/zip", "", zipped(&[("data.json", &data)])).await.expect(200);
            assert_eq!(titles(&report), ["Start"]);
        }
    }

    async fn the_outcome_names_existing_tasks(server) {
        let ada = server.user("Ada").await;
        let table: String = (0..30).map(|number| format!("Task {number}\n")).collect();
        let table = format!("title\n{table}");
        assert_eq!(csv(&ada, &table).await.expect(200)["already_there_titles"], json!([]));
        let again = csv(&ada, &table).await.expect(200);
        let known: Vec<_> = (0..20).map(|number| format!("Task {number}")).collect();
        assert_eq!((&again["already_there"], &again["already_there_titles"]), (&json!(30), &json!(known)));
        let form = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{table}\r\n--x--\r\n");
        let request = ada.request(Method::POST, "/settings/import").header("content-type", "multipart/form-data; boundary=x");
        let page = ada.send(request.body(form)).await.text;
        assert!(page.contains("30 already here, skipped: “Task 0”, “Task 1”"), "{page}");
        assert!(page.contains("“Task 19”, and 10 more"), "{page}");
    }

    async fn tables_are_read_in_the_encodings_of_excel(server) {
        let ada = server.user("Ada").await;
        let table = "Titel;Fällig am\r\nÄpfel – 5 €;24.12.2026\r\n";
        let utf_16 = |bytes: fn(u16) -> [u8; 2]| format!("\u{feff}{table}").encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        let windows = table.chars().map(|c| match c { '–' => 0x96, '€' => 0x80, c => u8::try_from(u32::from(c)).unwrap() });
        for (number, file) in [utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes), windows.collect(), table.into()].into_iter().enumerate() {
            let report = import(&ada, "text/csv", "", file).await.expect(200);
            let expected: &[(&str, &str, &str)] = if number == 0 { &[("Äpfel – 5 €", "pending", "2026-12-24T23:59:59Z")] } else { &[] };
            assert_eq!(tasks(&report), expected, "{number}");
        }
        for (file, why) in [
            (b"\xff\xfet\0i\0t\0l\0e\0\n\0x\0\0".to_vec(), "damaged UTF-16"),
            (b"title\nGood \xc3\xa4\n\xff\n".to_vec(), "isn't UTF-8 or Windows-1252"),
        ] {
            let error = import(&ada, "text/csv", "", file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    async fn tasks_deleted_elsewhere_are_left_out(server) {
        let ada = server.user("Ada").await;
        for table in [
            "title,deleted_at\nGone,2026-01-02T03:04:05Z\nHere 1,\nHere 2,0001-01-01T00:00:00Z\n",
            "title,is_deleted\nGone,true\nHere 3,false\n",
            "title,trash\nGone,1\nHere 4,0\n",
            "title,status\nGone,deleted\nHere 5,open\n",
        ] {
            let report = csv(&ada, table).await.expect(200);
            assert_eq!(report["deleted"], 1, "{report}");
            assert!(titles(&report).iter().all(|title| title.starts_with("Here")), "{report}");
        }
        let task = |title: &str, field: &str, value: Value| json!({ "title": title, field: value });
        let data = json!([
            { "title": "Home", "tasks": [
                task("Gone", "deleted_at", json!("2026-01-02T03:04:05Z")), task("Gone", "is_deleted", json!(1)),
                task("Here 6", "deleted_at", json!("0001-01-01T00:00:00Z")), task("Here 7", "deleted_at", Value::Null),
            ] },
            { "title": "Old", "is_deleted": true, "tasks": [{ "title": "Gone" }] },
        ]);
        let report = import(&ada, "application/zip", "", zipped(&[("data.json", &data.to_string())])).await.expect(200);
        assert_eq!((titles(&report), &report["deleted"]), (vec!["Here 6", "Here 7"], &json!(3)));
        assert_eq!(ada.numbers().await[0], 7);
    }

    async fn files_of_trello_google_asana_and_outlook_are_read(server) {
        let ada = server.user_in("Ada", "Europe/Berlin").await;
        let trello = json!({ "id": "b", "name": "House", "actions": [{ "id": "a" }], "lists": [
            { "id": "1", "name": "To do", "closed": false }, { "id": "2", "name": "Done", "closed": false } ], "cards": [
            { "id": "c1", "name": "Paint", "desc": "blue", "due": "2026-12-24T17:00:00.000Z", "dueComplete": false, "closed": false, "idList": "1" },
            { "id": "c2", "name": "Sweep", "desc": "", "due": null, "closed": false, "idList": "2" },
            { "id": "c3", "name": "Put away", "closed": true, "idList": "1" },
            { "id": "c4", "name": "Model", "isTemplate": true, "idList": "1" } ] });
        let report = json_file(&ada, &trello).await;
        let done = "completed";
        assert_eq!(tasks(&report), [("Paint", "pending", "2026-12-24T17:00:00Z"), ("Sweep", done, ""), ("Put away", done, "")]);
        assert_eq!(report["tasks"][0]["description"], "blue\nProject: House / To do");
        assert_eq!(json_file(&ada, &trello).await["already_there"], 3);

        let google = json!({ "kind": "tasks#taskLists", "items": [{ "kind": "tasks#tasks", "title": "Mine", "items": [
            { "id": "g1", "title": "Bake", "notes": "rye", "status": "needsAction", "due": "2026-12-24T00:00:00.000Z", "created": "2026-01-02T03:04:05Z" },
            { "id": "g2", "title": "Eat", "status": "completed", "completed": "2026-02-03T04:05:06.000Z" },
            { "id": "g3", "title": "Gone", "status": "needsAction", "deleted": true }, { "id": "g4", "title": "" } ] }, { "title": "Empty" }] });
        let report = json_file(&ada, &google).await;
        assert_eq!(tasks(&report), [("Bake", "pending", "2026-12-24T22:59:59Z"), ("Eat", done, "")]);
        assert_eq!((&report["deleted"], &report["tasks"][1]["completed_at"]), (&json!(1), &json!("2026-02-03T04:05:06Z")));
        let takeout = zipped(&[("Takeout/Tasks/Tasks.json", &google.to_string()), ("Takeout/archive_browser.html", "<html>")]);
        assert_eq!(import(&ada, "application/zip", "", takeout).await.expect(200)["already_there"], 2);

        let asana = json!({ "data": [
            { "gid": "1", "name": "Ship", "notes": "soon", "completed": false, "due_on": "2026-12-24", "projects": [{ "gid": "9", "name": "Launch" }] },
            { "gid": "2", "name": "Plan", "completed": true, "completed_at": "2026-02-03T04:05:06.000Z" } ] });
        let report = json_file(&ada, &asana).await;
        assert_eq!(tasks(&report), [("Ship", "pending", "2026-12-24T22:59:59Z"), ("Plan", done, "")]);
        let asana = "Task ID,Created At,Completed At,Last Modified,Name,Section/Column,Assignee,Assignee Email,Start Date,Due Date,Tags,Notes,Projects,Parent task\r\n\
            12,2026-01-02,,2026-01-02,Write,Doing,Ada,a@example.org,,2026-12-24,,draft,Launch,\r\n13,2026-01-02,2026-01-03,2026-01-03,Read,Done,,,,,,,Launch,\r\n";
        assert_eq!(tasks(&csv(&ada, asana).await.expect(200)), [("Write", "pending", "2026-12-24T22:59:59Z"), ("Read", done, "")]);
        let outlook = "\"Subject\",\"Start Date\",\"Due Date\",\"Reminder On/Off\",\"Date Completed\",\"% Complete\",\"Notes\",\"Priority\",\"Status\"\r\n\
            \"Phone\",\"0/0/00\",\"12/24/2026\",\"False\",\"0/0/00\",\"0.5\",\"note\",\"Normal\",\"In Progress\"\r\n\
            \"Mail\",\"0/0/00\",\"0/0/00\",\"False\",\"2/13/2026\",\"1\",\"\",\"Normal\",\"Complete\"\r\n\
            \"Wait\",\"0/0/00\",\"0/0/00\",\"False\",\"0/0/00\",\"0\",\"\",\"Normal\",\"Waiting on someone else\"\r\n";
        let report = csv(&ada, outlook).await.expect(200);
        assert_eq!(tasks(&report), [("Phone", "pending", "2026-12-24T22:59:59Z"), ("Mail", done, ""), ("Wait", "pending", "")]);
        let cards = "Card ID,Card Name,Card Description,Due Date,List Name,Board Name,Archived,Due Complete\nx1,Fold,neat,2026-12-24,Doing,House,false,true\n";
        assert_eq!(tasks(&csv(&ada, cards).await.expect(200)), [("Fold", done, "2026-12-24T22:59:59Z")]);
    }

    async fn unsupported_files_are_named_with_a_fix(server) {
        let ada = server.user("Ada").await;
        let workbook = zipped(&[("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>")]);
        for (kind, file, why) in [
            ("text/csv", b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n".to_vec(), "is a calendar (.ics)"),
            ("text/csv", workbook.clone(), "save a spreadsheet as CSV"),
            ("application/zip", workbook, "is an Excel workbook"),
            ("text/csv", json!({ "cards": [] }).to_string().into(), "is JSON"),
            ("text/csv", b"<!DOCTYPE html><p>Sign in</p>".to_vec(), "is a web page"),
            ("application/json", json!({ "@odata.context": "x", "value": [] }).to_string().into(), "Trello, Google Tasks and Asana"),
            ("application/json", json!({ "cards": 1, "lists": [] }).to_string().into(), "cards"),
        ] {
            let error = import(&ada, kind, "", file).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"].to_string().contains(why), "{why}: {error}");
        }
        assert_eq!(ada.numbers().await[0], 0);
    }
}
