//! What a new password ends, and the mails about what has changed in an account.

use serde_json::{Value, json};

use crate::{
    mail::{PUBLIC_URL, forget, mailing},
    passkeys::{self, device_of},
    support::{Answer, Assistant, Authenticator, Client, PASSWORD, Server, Socket, oauth, scalar},
    two_step,
};

const OTHER_PASSWORD: &str = "brass-kettle-41-meadow";

/// Everything by which somebody can get at an account.
struct Access {
    phone: Client,
    token: Client,
    app: oauth::App,
    app_tokens: Value,
    assistant: Assistant,
    device: Authenticator,
    calendar: String,
    sockets: [Socket; 2],
}

impl Access {
    async fn to(server: &Server, who: &Client) -> Self {
        let mut phone = who.clone();
        phone.sign_in(PASSWORD).await;
        let token = who.personal(&["read", "write"]).await;
        let app = oauth::App::register(server, "App").await;
        let app_tokens = app.connect(who, "read write").await;
        let assistant = Assistant::of(&oauth::holder(who, &app_tokens));
        let (device, _) = device_of(who).await;
        let made = who.submit("renew_calendar", "/settings", &[]).await;
        let calendar = made.text.split("/api/calendar?token=").nth(1).unwrap().split('<').next().unwrap().to_owned();
        server
            .sql(format!(
                "INSERT INTO identities (issuer, subject, user_id, created_at)
                 SELECT 'https://id.example', 'ada', id, created_at FROM users WHERE id = '{}'",
                who.id
            ))
            .await;
        let sockets = [Socket::of(server, &phone).await, Socket::of(server, &token).await];
        Self { phone, token, app, app_tokens, assistant, device, calendar, sockets }
    }

    /// Whether each still gets in, in the order of the fields.
    async fn works(&self, server: &Server) -> [bool; 5] {
        let calendar = server.anybody().get(&format!("/api/calendar?token={}", self.calendar)).await;
        [
            self.phone.get("/api/tasks").await.status == 200,
            self.token.get("/api/tasks").await.status == 200,
            self.assistant.answer("tools/list", json!({})).await.status == 200,
            passkeys::sign_in(server, &self.device).await.status == 200,
            calendar.status == 200,
        ]
    }

    async fn refresh(&self) -> Answer {
        self.app.refresh(self.app_tokens["refresh_token"].as_str().unwrap()).await
    }
}

async fn identities(server: &Server) -> i64 {
    scalar(&server.url, "SELECT COUNT(*) FROM identities").await
}

async fn change(who: &Client, end_all: Option<bool>) -> Answer {
    let mut body = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
    if let Some(end_all) = end_all {
        body["end_all"] = json!(end_all);
    }
    who.post("/api/auth/password", body).await
}

on_both_kinds! {
    async fn a_reset_ends_everything_that_signs_in_but_two_step(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let ada = server.user("Ada").await;
        two_step::set_up(&ada).await;
        let mut access = Access::to_with_code(&server, &ada).await;
        assert_eq!(access.works(&server).await, [true; 5]);
        let eve = server.user("Eve").await;
        let eves = eve.personal(&["read"]).await;
        // An older link doesn't work after the reset.
        forget(&server, &ada.email).await.expect(204);
        let link = loop {
            let found = smtp.mails_to(&ada.email).into_iter().find(|mail| mail.subject == "Choose a new password for Tallyboard");
            match found {
                Some(mail) => break mail.link("http://tasks.test/reset-password?token="),
                None => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        };
        let page = server.anybody().get(&format!("/reset-password?token={link}")).await.text;
        assert!(page.contains("connected apps, passkeys") && page.contains("Two-step sign-in stays on"), "{page}");
        let form = [("token", link.as_str()), ("new_password", OTHER_PASSWORD)];
        let done = server.anybody().form("reset_password", None, PUBLIC_URL, &format!("{PUBLIC_URL}/reset-password"), &form).await;
        assert_eq!((done.status, done.header("location")), (303, "/signin?reset=done"), "{}", done.text);
        assert!(done.headers.contains_key("clear-site-data"), "{:?}", done.headers);

        assert_eq!(access.works(&server).await, [false; 5]);
        ada.get("/api/tasks").await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(access.refresh().await.expect(400)["error"], "invalid_grant");
        assert_eq!(identities(&server).await, 0);
        for socket in &mut access.sockets {
            assert_eq!(socket.closed().await, 1008);
        }
        eves.get("/api/tasks").await.expect(200);
        let sign_in = json!({ "email": ada.email, "password": OTHER_PASSWORD });
        let needed = server.anybody().post("/api/auth/signin", sign_in).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(needed["error"], "A sign-in code is also required", "two-step sign-in stays on");
        let recorded = format!("SELECT COUNT(*) FROM audit_log WHERE user_id = '{}' AND action = 'auth.access_ended' AND fields = 'sessions,tokens,apps,passkeys,identities'", ada.id);
        assert_eq!(scalar(&server.url, &recorded).await, 1);
    }

    async fn a_change_ends_other_sessions_and_on_request_everything_else(kind) {
        let (_smtp, server) = mailing(kind, &[]).await;
        let ada = server.user("Ada").await;
        let mut access = Access::to(&server, &ada).await;
        change(&ada, None).await.expect(204);
        assert_eq!(access.works(&server).await, [false, true, true, true, true]);
        assert_eq!(identities(&server).await, 1);
        assert_eq!(access.sockets[0].closed().await, 1008);

        let page = ada.get("/settings").await.text;
        assert!(page.contains("name=\"end_all\" value=\"true\" checked"), "{page}");
        let form = [("current_password", OTHER_PASSWORD), ("new_password", PASSWORD), ("end_all", "true")];
        let done = ada.submit("change_password", "/settings", &form).await;
        assert_eq!((done.status, done.header("location")), (303, "/settings?saved=everything"), "{}", done.text);
        assert!(ada.get("/settings?saved=everything").await.text.contains("All other sessions, personal tokens, connected apps"));
        assert_eq!(access.works(&server).await, [false; 5]);
        assert_eq!(access.refresh().await.expect(400)["error"], "invalid_grant");
        assert_eq!(identities(&server).await, 0);
        assert_eq!(access.sockets[1].closed().await, 1008);
        ada.get("/api/tasks").await.expect(200);
        let actions = ada.listed("/api/audit", "action").await;
        assert!(actions.contains(&"auth.access_ended".to_owned()), "{actions:?}");
        assert!(ada.get("/settings/activity").await.text.contains("You signed out everything else"));
        // A link from before the change is over, too.
        let wrong = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD, "end_all": 1 });
        ada.post("/api/auth/password", wrong).await.expect_error(422, "VALIDATION_ERROR");
    }

    async fn a_new_password_ends_the_links_to_choose_one(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let ada = server.user("Ada").await;
        forget(&server, &ada.email).await.expect(204);
        let link = smtp.mail(&ada.email, 1).await.link("http://tasks.test/reset-password?token=");
        let page = format!("/reset-password?token={link}");
        assert_eq!(server.anybody().get(&page).await.status, 200);
        change(&ada, None).await.expect(204);
        assert_eq!(server.anybody().get(&page).await.status, 404);
    }

    async fn an_accounts_owner_is_mailed_its_changes(kind) {
        let (smtp, server) = mailing(kind, &[]).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let access = Access::to(&server, &ada).await;
        two_step::set_up(&ada).await;
        change(&ada, Some(false)).await.expect(204);
        drop(access);
        let mut subjects: Vec<_> = {
            let found = async || smtp.mails_to(&ada.email).len();
            crate::support::until(std::time::Duration::from_secs(40), found, |count| *count >= 6).await;
            smtp.mails_to(&ada.email).into_iter().map(|mail| mail.subject).collect()
        };
        subjects.sort();
        assert_eq!(subjects, [
            "A calendar link was created",
            "A passkey was added",
            "A personal token was created",
            "An app was connected",
            "Two-step sign-in is on",
            "Your password was changed",
        ]);
        let mail = smtp.mails_to(&ada.email).pop().unwrap();
        assert!(mail.text.contains("http://tasks.test/forgot-password") && mail.text.contains("http://tasks.test/settings/activity"), "{}", mail.text);
        assert!(smtp.mails_to(&eve.email).is_empty());
    }
}

impl Access {
    /// The same for somebody whose account needs a code: the second session is one that was begun before.
    async fn to_with_code(server: &Server, who: &Client) -> Self {
        let row = format!("UPDATE two_step SET confirmed_at = NULL WHERE user_id = '{}'", who.id);
        server.sql(row).await;
        let access = Self::to(server, who).await;
        let row = format!("UPDATE two_step SET confirmed_at = created_at WHERE user_id = '{}'", who.id);
        server.sql(row).await;
        access
    }
}
