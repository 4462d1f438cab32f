//! Forms without script that the server refuses: each is answered with its page, the errors and what was typed.

use serde_json::json;

use crate::support::{Answer, Client, Server};

/// The id of nothing.
const NOTHING: &str = "01890000-0000-7000-8000-000000000000";

/// A form that its page refuses.
struct Refused {
    page: String,
    form: &'static str,
    fields: Vec<(&'static str, String)>,
    /// The field whose value the page shows again.
    shown: Option<&'static str>,
}

fn refused(page: &str, form: &'static str, fields: &[(&'static str, &str)], shown: Option<&'static str>) -> Refused {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Refused { page: page.to_owned(), form, fields, shown }
}

/// Forms of a signed-in user, with input that's too long or names something that doesn't exist.
async fn forms_of(server: &Server, ada: &Client) -> Vec<Refused> {
    let long = |characters: usize| "Typed<b>".repeat(characters / 8 + 1);
    let (task, team) = (ada.task("Milk").await, server.team(ada, &[]).await);
    let talk = ada.post("/api/conversations", json!({ "title": "Talk" })).await.expect(201);
    let talk = talk["id"].as_str().unwrap();
    let (team_page, shares, edit) =
        (format!("/teams/{team}"), format!("/tasks/{task}/shares"), format!("/tasks?edit={task}"));
    let opened = format!("/tasks/{task}");
    let (chat, team, task) = (format!("/chat/{talk}"), team.as_str(), task.as_str());
    let wrong_day = ("due_on", "someday");
    vec![
        refused(
            "/settings",
            "update_me",
            &[("name", "Typed"), ("email", "no<b>body"), ("time_zone", "Nowhere")],
            Some("email"),
        ),
        refused("/settings", "change_password", &[("current_password", "Typed-1"), ("new_password", "Typed-2")], None),
        refused("/settings", "delete_me", &[("password", "Typed-1")], None),
        refused("/settings", "revoke_session", &[("id", NOTHING)], None),
        refused("/settings", "revoke_token", &[("id", "x")], None),
        refused("/settings", "revoke_app", &[("id", NOTHING)], None),
        refused("/settings", "no_such_form", &[], None),
        refused("/settings/two-step", "begin_two_step", &[("password", "Typed-1")], None),
        refused("/settings/two-step", "confirm_two_step", &[("code", "918273")], None),
        refused("/settings/two-step", "end_two_step", &[("password", "Typed-1"), ("code", "918273")], None),
        refused("/settings/passkeys", "add_passkey", &[("name", "Typed"), ("state", "x"), ("credential", "{}")], None),
        refused("/settings/passkeys", "remove_passkey", &[("id", NOTHING)], None),
        refused(
            "/settings/assistants",
            "create_token",
            &[("token_name", "Typed<b>"), ("access", "read"), ("expires", "soon")],
            Some("token_name"),
        ),
        refused("/settings/blocked", "block_person", &[("person", &ada.id)], None),
        refused("/settings/blocked", "unblock_person", &[("id", NOTHING)], None),
        refused("/notifications", "mark_notifications_read", &[("up_to", "x")], None),
        refused("/invitations", "accept_received_invitation", &[("id", NOTHING)], None),
        refused("/invitations", "decline_received_invitation", &[("id", NOTHING)], None),
        refused("/review", "set_goals", &[("daily", "many<b>"), ("weekly", "5")], Some("daily")),
        refused("/teams", "create_team", &[("name", &long(100))], Some("name")),
        refused(&team_page, "update_team", &[("name", &long(100)), ("members_edit", "own")], Some("name")),
        refused(&team_page, "transfer_team", &[("user_id", NOTHING)], None),
        refused(&team_page, "leave_team", &[], None),
        refused(&team_page, "create_invitation", &[("role", "member"), ("expires_in_days", "9999")], None),
        refused(&team_page, "revoke_invitation", &[("id", NOTHING)], None),
        refused(
            &team_page,
            "add_member",
            &[("team_id", team), ("email", "no<b>body"), ("role", "member")],
            Some("email"),
        ),
        refused(&team_page, "change_member", &[("team_id", team), ("user_id", NOTHING), ("role", "member")], None),
        refused(&team_page, "remove_member", &[("team_id", team), ("user_id", NOTHING)], None),
        refused("/tasks", "quick_add", &[("box", "list"), ("text", "Typed<b>"), wrong_day], Some("text")),
        refused("/today", "quick_add", &[("box", "list"), ("text", &long(400))], Some("text")),
        refused(&edit, "update_task", &[("id", task), ("title", "Typed<b>"), wrong_day], Some("title")),
        refused("/tasks", "change_task", &[("id", task), wrong_day], None),
        refused("/tasks", "change_tasks", &[("action", "delete")], None),
        refused("/tasks", "delete_task", &[("id", NOTHING)], None),
        refused(&opened, "update_task", &[("id", task), ("title", "Typed<b>"), wrong_day], Some("title")),
        refused(&opened, "change_task", &[("id", task), wrong_day], None),
        refused(&opened, "delete_task", &[("id", NOTHING)], None),
        refused("/trash", "restore_tasks", &[("ids[]", NOTHING)], None),
        refused("/trash", "erase_task", &[("id", NOTHING)], None),
        refused("/tasks", "give_up_share", &[("task_id", NOTHING)], None),
        refused(
            "/tasks?status=completed",
            "save_filter",
            &[("name", &long(50)), ("query", "status=completed")],
            Some("name"),
        ),
        refused("/tasks", "delete_filter", &[("id", NOTHING)], None),
        refused("/dashboard", "quick_add", &[("text", &long(400))], Some("text")),
        refused("/settings/activity", "quick_add", &[("text", &long(400))], Some("text")),
        refused(
            &shares,
            "share_task",
            &[("task_id", task), ("email", "no<b>body"), ("permission", "view")],
            Some("email"),
        ),
        refused(&shares, "change_share", &[("task_id", task), ("user_id", NOTHING), ("permission", "view")], None),
        refused(&shares, "end_share", &[("task_id", task), ("user_id", NOTHING)], None),
        refused("/chat", "create_conversation", &[("title", &long(200))], None),
        refused("/chat", "rename_conversation", &[("id", talk), ("title", &long(200))], Some("title")),
        refused("/chat", "delete_conversation", &[("id", NOTHING)], None),
        refused(&chat, "ask", &[("id", talk), ("instead", NOTHING), ("content", "Typed<b>")], Some("content")),
        refused(&chat, "stop_answer", &[("id", NOTHING)], None),
        refused(&chat, "confirm_answer", &[("answer", NOTHING), ("yes", "true")], None),
        refused(&chat, "retry_answer", &[("answer", NOTHING)], None),
    ]
}

/// Forms of a signed-out visitor.
fn forms_of_nobody() -> Vec<Refused> {
    let account = [("email", "no<b>body"), ("password", "Typed-1"), ("name", "Typed"), ("time_zone", "")];
    vec![
        refused("/signin", "sign_in", &account[..2], Some("email")),
        refused("/signin", "sign_in_with_passkey", &[("state", "x"), ("credential", "{}")], None),
        refused("/signin/code", "sign_in_with_code", &[("challenge", "x"), ("code", "918273")], None),
        refused("/signup", "sign_up", &account, Some("email")),
    ]
}

fn check(Refused { page, form, fields, shown }: &Refused, answer: &Answer) {
    let Answer { status, text, .. } = answer;
    let what = format!("{form} on {page}: {status} {text}");
    assert!((400..500).contains(status) && answer.header("content-type").starts_with("text/html"), "{what}");
    assert_eq!(answer.header("location"), "", "{what}");
    let has_error = ["role=\"alert\" class=\"alert\"", "field-error"].iter().any(|error| text.contains(error));
    assert!(has_error && text.contains("<h1"), "{what}");
    assert!(!text.contains("Typed-") && !text.contains("918273"), "a password or a code: {what}");
    let typed = shown.map(|name| fields.iter().find(|(field, _)| *field == name).unwrap().1.replace('<', "&lt;"));
    let has = |typed: &String| text.contains(typed) || text.contains(&typed.replace('>', "&gt;"));
    assert!(typed.iter().all(has), "what was typed is gone: {what}");
}

/// Which forms a page has.
fn names(page: &str) -> Vec<&str> {
    let fields = page.split("name=\"form\" value=\"").skip(1);
    fields.filter_map(|rest| rest.split('"').next()).collect()
}

on_both_databases! {
    async fn a_refused_form_is_answered_with_its_page(server) {
        let ada = server.user("Ada").await;
        let forms = forms_of(&server, &ada).await;
        // Refused elsewhere, because it needs more: mail, a provider, or somebody who signed in long ago.
        let elsewhere = ["set_notifications", "renew_calendar", "delete_team", "delete_opened_task"];
        for refused in &forms {
            let page = ada.get(&refused.page).await;
            assert_eq!(page.status, 200, "{}", refused.page);
            for name in names(&page.text) {
                assert!(elsewhere.contains(&name) || forms.iter().any(|form| form.form == name), "{name} is not in the table");
            }
            let fields: Vec<_> = refused.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            check(refused, &ada.submit(refused.form, &refused.page, &fields).await);
        }
        let nobody = server.anybody();
        for refused in forms_of_nobody() {
            let fields: Vec<_> = refused.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            check(&refused, &nobody.submit(refused.form, &refused.page, &fields).await);
        }
    }

    async fn a_form_of_another_site_changes_nothing(server) {
        let ada = server.user("Ada").await;
        let cookie = crate::pages::cookie_of(&server, &ada).await;
        let forms = [
            ("create_team", "/teams", ("name", "Theirs")), ("create_task", "/tasks", ("title", "Theirs")),
            ("quick_add", "/dashboard", ("text", "Theirs")), ("sign_out", "/signout", ("", "")), ("update_me", "/settings", ("name", "Theirs")),
        ];
        for (form, page, field) in forms {
            for origin in ["https://evil.example", "null"] {
                let answer = server.anybody().form(form, Some(&cookie), origin, page, &[field]).await;
                assert_eq!(answer.status, 403, "{form} from {origin}: {}", answer.text);
            }
            // A form that says it were no form.
            let request = server.anybody().request(reqwest::Method::POST, page).header("cookie", &cookie);
            let request = request.header("origin", "https://evil.example").header("content-type", "text/plain");
            let answer = server.anybody().send(request.body(format!("form={form}&{}={}", field.0, field.1))).await;
            assert!((400..500).contains(&answer.status), "{form}: {}", answer.status);
        }
        assert_eq!(ada.get("/api/teams").await.expect(200)["items"], json!([]));
        assert_eq!(ada.numbers().await[0], 0);
        assert_eq!(ada.get("/api/auth/me").await.expect(200)["name"], "Ada");
    }

    async fn a_form_of_a_page_that_is_gone_says_why(server) {
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let team = server.team(&ada, &[]).await;
        let answer = eve.submit("update_team", &format!("/teams/{team}"), &[("name", "Typed")]).await;
        assert!([403, 404].contains(&answer.status) && answer.header("content-type").starts_with("text/html"), "{}", answer.text);
        assert!(!answer.text.contains("Typed"), "{}", answer.text);
        // A signed-out person signs in first.
        let answer = server.anybody().submit("create_team", "/teams", &[("name", "Typed")]).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/signin?next=%2Fteams"), "{}", answer.text);
    }
}
