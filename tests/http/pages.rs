use reqwest::Method;

use crate::support::{Answer, Client, Server};

async fn page(client: &Client, cookie: &str, path: &str) -> Answer {
    client.send(client.request(Method::GET, path).header("cookie", cookie).header("accept", "text/html")).await
}

/// Signs in with the page's own form; the cookie.
pub async fn cookie_of(server: &Server, client: &Client) -> String {
    let referer = format!("{}/signin", server.base);
    let form = [("email", client.email.as_str()), ("password", "quiet-lantern-97-harbour"), ("next", "/tasks")];
    let answer = server.anybody().form("sign_in", None, &server.base, &referer, &form).await;
    assert_eq!((answer.status, answer.header("location")), (303, "/tasks"), "{}", answer.text);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Lax; Max-Age=8"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

on_both_databases! {
    async fn pages_send_to_the_sign_in_and_back(server) {
        let anybody = server.anybody();
        for (path, next) in [("/", "%2F"), ("/dashboard", "%2Fdashboard"), ("/tasks?status=pending", "%2Ftasks%3Fstatus%3Dpending"),
            ("/settings", "%2Fsettings")] {
            let answer = anybody.get(path).await;
            assert_eq!((answer.status, answer.header("location")), (303, format!("/signin?next={next}").as_str()));
        }
        assert_eq!(anybody.get("/nothing").await.status, 404);
        assert!(anybody.get("/signin").await.text.contains("Sign in"));
    }

    async fn the_dashboard_comes_with_its_numbers_in_it(server) {
        let ada = server.user("Ada").await;
        for title in ["One", "Two", "Three"] {
            ada.task(title).await;
        }
        let cookie = cookie_of(&server, &ada).await;
        let dashboard = page(&ada, &cookie, "/dashboard").await;
        assert_eq!(dashboard.status, 200);
        assert_eq!(dashboard.header("content-type"), "text/html; charset=utf-8");
        assert!(dashboard.text.contains("Total tasks") && dashboard.text.contains(">3<"), "{}", dashboard.text);
        let policy = dashboard.header("content-security-policy");
        assert!(policy.contains("script-src 'self' 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(dashboard.text.contains(&format!("nonce=\"{nonce}\"")));
        let again = page(&ada, &cookie, "/dashboard").await;
        assert!(!again.text.contains(nonce), "a nonce is used once");
    }

    async fn forms_work_without_script(server) {
        let anybody = server.anybody();
        let referer = format!("{}/signup", server.base);
        let form = [("name", "Ada"), ("email", "ada@example.org"), ("password", "quiet-lantern-97-harbour"), ("time_zone", "")];
        let answer = anybody.form("sign_up", None, &server.base, &referer, &form).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/dashboard"), "{}", answer.text);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let tasks = format!("{}/tasks", server.base);
        let answer = anybody.form("create_task", Some(&cookie), &server.base, &tasks, &[("title", "Milk"), ("due_on", "2026-12-31")]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/tasks"), "{}", answer.text);
        let list = page(&anybody, &cookie, "/tasks").await.text;
        assert!(list.contains("Milk") && list.contains("2026-12-31"));
        let id = list.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        for (name, form) in [
            ("change_task", vec![("id", id.as_str()), ("status", "completed")]),
            ("update_task", vec![("id", id.as_str()), ("title", "Oat milk"), ("description", "two"), ("due_on", "")]),
        ] {
            let answer = anybody.form(name, Some(&cookie), &server.base, &tasks, &form).await;
            assert_eq!((answer.status, answer.header("location")), (303, "/tasks"), "{}", answer.text);
        }
        let list = page(&anybody, &cookie, "/tasks?status=completed").await.text;
        assert!(list.contains("Oat milk") && list.contains("two") && !list.contains("2026-12-31"));
        let today = format!("{}/today", server.base);
        for (name, form) in [
            ("change_task", vec![("id", id.as_str()), ("status", "pending"), ("due_on", "tomorrow")]),
            ("create_task", vec![("title", "Bread"), ("due_on", "today")]),
        ] {
            let answer = anybody.form(name, Some(&cookie), &server.base, &today, &form).await;
            assert_eq!((answer.status, answer.header("location")), (303, "/today"), "{}", answer.text);
        }
        let day = page(&anybody, &cookie, "/today").await.text;
        let place = |words: &str| day.find(words).unwrap_or_else(|| panic!("{words} is not in {day}"));
        let order = ["Nothing is overdue", "aria-label=\"Today\"", "Bread", "Due today", "aria-label=\"Next 7 days\"", "Oat milk", "Due tomorrow"];
        assert!(order.map(place).is_sorted(), "{day}");
        let answer = anybody.form("change_task", Some(&cookie), &server.base, &today, &[("id", &id), ("due_on", "someday")]).await;
        assert!(answer.status == 422 && answer.text.contains("due_on: has to be a date"), "{}", answer.text);
        let sorted = page(&anybody, &cookie, "/tasks?sort=title&status=pending").await.text;
        assert!(sorted.find("Bread").unwrap() < sorted.find("Oat milk").unwrap(), "{sorted}");
        assert!(sorted.contains("href=\"/tasks?status=completed\""), "{sorted}");
        let settings = format!("{}/settings", server.base);
        let form = [("name", "Countess"), ("email", "ada@example.org"), ("time_zone", "Europe/London")];
        let answer = anybody.form("update_me", Some(&cookie), &server.base, &settings, &form).await;
        assert_eq!(answer.header("location"), "/settings?saved=profile", "{}", answer.text);
        assert!(page(&anybody, &cookie, "/settings").await.text.contains("Countess"));
        let answer = anybody.form("delete_task", Some(&cookie), &server.base, &tasks, &[("id", &id)]).await;
        assert_eq!(answer.status, 303);
        assert!(page(&anybody, &cookie, "/tasks?status=all").await.text.contains("No tasks yet"));
        let answer = anybody.form("sign_out", Some(&cookie), &server.base, "/signout", &[]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/signin"));
        assert!(answer.header("set-cookie").contains("Max-Age=0"));
        assert_eq!(page(&anybody, &cookie, "/dashboard").await.status, 303);
    }

    async fn editing_the_words_keeps_the_hour_that_the_api_set(server) {
        let ada = server.user("Ada").await;
        let new = serde_json::json!({ "title": "Call", "due_at": "2026-12-31T10:00:00Z" });
        let id = ada.post("/api/tasks", new).await.expect(201)["id"].as_str().unwrap().to_owned();
        let edit = async |due_on: &str| {
            let form = [("id", id.as_str()), ("title", "Call back"), ("due_on", due_on)];
            ada.send(ada.request(Method::POST, "/api/ui/update_task").header("origin", &server.base).form(&form)).await.expect(200);
            ada.get(&format!("/api/tasks/{id}")).await.expect(200)["due_at"].clone()
        };
        assert_eq!(edit("2026-12-31").await, "2026-12-31T10:00:00Z");
        assert_eq!(edit("2027-01-01").await, "2027-01-01T23:59:59Z");
        assert_eq!(edit("").await, serde_json::Value::Null);
    }

    async fn a_refused_form_comes_back_with_the_reason_and_what_was_typed(server) {
        let anybody = server.anybody();
        let form = [("name", "Ada <b>"), ("email", "nobody"), ("password", "secret-but-short"), ("time_zone", "")];
        let answer = anybody.form("sign_up", None, &server.base, "/signup?__err=old&name=Old", &form).await;
        assert_eq!((answer.status, answer.header("location")), (422, ""));
        let back = answer.text;
        assert!(!back.contains("secret"), "{back}");
        assert!(back.contains("has to look like an address") && back.contains("value=\"nobody\""), "{back}");
        assert!(back.contains("Ada &lt;b&gt;") && !back.contains("Old"), "{back}");
    }

    async fn server_functions_answer_with_the_contracts_errors_and_only_to_our_own_pages(server) {
        let ada = server.user("Ada").await;
        let dashboard = ada.get("/api/ui/dashboard").await.expect(200);
        assert_eq!(dashboard["total_tasks"], 0);
        server.anybody().get("/api/ui/dashboard").await.expect_error(401, "UNAUTHORIZED");
        let post = |origin: &str| ada.send(
            ada.request(Method::POST, "/api/ui/create_task").header("origin", origin).form(&[("title", "")]));
        post("https://evil.example").await.expect_error(403, "FORBIDDEN");
        let error = post(&server.base).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"]["title"], "may not be empty");
        let id = server.user("Grace").await.task("Hers").await;
        let foreign = ada.request(Method::POST, "/api/ui/delete_task").header("origin", &server.base).form(&[("id", id)]);
        ada.send(foreign).await.expect_error(403, "FORBIDDEN");
    }

    async fn after_signing_in_one_stays_on_this_site(server) {
        let ada = server.user("Ada").await;
        let sign_in = async |next: &str| {
            let form = [("email", ada.email.as_str()), ("password", "quiet-lantern-97-harbour"), ("next", next)];
            server.anybody().form("sign_in", None, &server.base, &format!("{}/signin", server.base), &form).await
        };
        for next in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example",
            "/\r\n/evil.example", "/.//evil.example", "\\\\evil.example", "javascript:alert(1)", ""] {
            let answer = sign_in(next).await;
            assert_eq!((answer.status, answer.header("location")), (303, "/dashboard"), "{next:?}");
        }
        // A browser drops line breaks; a header must not have them.
        for (next, location) in [("/tasks\r\nSet-Cookie: a=b", "/tasksSet-Cookie:%20a=b"), ("/tasks?q=ü", "/tasks?q=%C3%BC")] {
            let answer = sign_in(next).await;
            assert_eq!((answer.status, answer.header("location")), (303, location), "{next:?}");
        }
    }

    async fn a_link_cannot_put_words_into_our_pages(server) {
        use base64::{Engine, prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD}};
        let words = "Your account is locked, call 555-0100";
        let json = serde_json::json!({ "error": words, "code": "UNAUTHORIZED", "fields": { "email": words } }).to_string();
        let (padded, plain) = (BASE64_URL_SAFE.encode(&json), BASE64_URL_SAFE_NO_PAD.encode(&json));
        let anybody = server.anybody();
        for page in ["/signin", "/signup"] {
            for query in [format!("__path=%2Fapi%2Fui%2Fsign_in&__err={padded}"), format!("error={plain}"),
                format!("error={plain}&signature=AAAA"), format!("error={words}&signature=&message={words}")] {
                let text = anybody.get(&format!("{page}?{query}")).await.text;
                assert!(text.contains("<form") && !text.contains("locked") && !text.contains("role=\"alert\""), "{text}");
            }
        }
    }

    async fn a_title_is_text(server) {
        let ada = server.user("Ada").await;
        let cookie = cookie_of(&server, &ada).await;
        let anybody = server.anybody();
        for path in ["/dashboard", "/today", "/tasks", "/teams", "/chat", "/settings", "/settings/assistants", "/activity", "/nothing"] {
            let text = page(&anybody, &cookie, path).await.text;
            let title = text.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).unwrap_or_else(|| panic!("{path}: {text}"));
            assert!(title.ends_with(" · Tallyboard") && !title.contains(['<', '>']), "{path}: {title}");
        }
        let signin = anybody.get("/signin").await.text;
        assert!(signin.contains("<title>Sign in · Tallyboard</title>"), "{signin}");
    }

    async fn every_html_answer_has_a_content_security_policy(server) {
        let ada = server.user("Ada").await;
        let cookie = cookie_of(&server, &ada).await;
        let foreign = server.user("Grace").await;
        let team = server.team(&foreign, &[]).await;
        let team = format!("/teams/{team}");
        for (path, status) in [("/dashboard", 200), ("/tasks", 200), ("/settings", 200), ("/nothing", 404),
            ("/teams/019f0000-0000-7000-8000-000000000000", 404), (&team, 403), ("/tasks?limit=0", 422), ("/teams/x", 400), ("/api/docs/", 200)] {
            let answer = page(&ada, &cookie, path).await;
            let is_html = answer.header("content-type").starts_with("text/html");
            let policy = answer.header("content-security-policy");
            assert_eq!(answer.status, status, "{path}");
            assert!(!is_html || policy.starts_with("default-src 'none'"), "{path}: {policy}");
        }
    }
}

/// A build that runs beside the server replaces the file of hashes; the server's own files are still there.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_names_its_own_builds_files() {
    let folder =
        tempfile::TempDir::new_in(std::path::Path::new(env!("CARGO_BIN_EXE_tallyboard")).parent().unwrap()).unwrap();
    let (program, hashes) = (folder.path().join("tallyboard"), folder.path().join("hash.txt"));
    std::fs::hard_link(env!("CARGO_BIN_EXE_tallyboard"), &program).unwrap();
    std::fs::write(&hashes, "js: Old1\nwasm: Old2\ncss: Old3\n").unwrap();
    let server = Server::start_program(&program, crate::support::Kind::Sqlite).await;
    let ada = server.user("Ada").await;
    let cookie = cookie_of(&server, &ada).await;
    let names = ["tallyboard.Old1.js", "tallyboard.Old2.wasm", "tallyboard.Old3.css"];
    for build in ["before", "after"] {
        let text = page(&ada, &cookie, "/dashboard").await.text;
        assert!(names.iter().all(|name| text.contains(name)), "{build} the next build: {text}");
        std::fs::write(&hashes, "js: New1\nwasm: New2\ncss: New3\n").unwrap();
    }
}

/// `cargo leptos watch` writes its own site's hashes beside the server.
#[tokio::test(flavor = "multi_thread")]
async fn the_hashes_in_the_site_come_before_those_beside_the_server() {
    let folder =
        tempfile::TempDir::new_in(std::path::Path::new(env!("CARGO_BIN_EXE_tallyboard")).parent().unwrap()).unwrap();
    let (program, site) = (folder.path().join("tallyboard"), folder.path().join("target/site"));
    std::fs::hard_link(env!("CARGO_BIN_EXE_tallyboard"), &program).unwrap();
    std::fs::write(folder.path().join("hash.txt"), "js: Other1\nwasm: Other2\ncss: Other3\n").unwrap();
    std::fs::create_dir_all(&site).unwrap();
    std::fs::write(site.join("hash.txt"), "js: Own1\nwasm: Own2\ncss: Own3\n").unwrap();
    let server = Server::start_program_with(&program, &[("TALLYBOARD_SERVER_SITE_ROOT", site.to_str().unwrap())]).await;
    let text = server.anybody().get("/signup").await.text;
    assert!(text.contains("tallyboard.Own3.css") && !text.contains("Other"), "{text}");
    assert_eq!(server.anybody().get("/hash.txt").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_https_the_cookie_is_bound_to_host_and_scheme() {
    let public = "https://tasks.example";
    let server = Server::start(crate::support::Kind::Sqlite, &[("TALLYBOARD_SERVER_PUBLIC_URL", public)]).await;
    let ada = server.user("Ada").await;
    let form = [("email", ada.email.as_str()), ("password", "quiet-lantern-97-harbour")];
    let answer = server.anybody().form("sign_in", None, public, &format!("{public}/signin"), &form).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-session=") && cookie.contains("Path=/") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    let answer = server.anybody().form("sign_in", None, &server.base, "/signin", &form).await;
    assert_eq!(answer.status, 403, "the origin is the public one");
}
