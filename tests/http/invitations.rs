//! Links by which people join a team.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Kind, PASSWORD, Server, Socket, until};

/// Creates an invitation: its id and the secret of its link.
async fn invite(by: &Client, team: &str, new: Value) -> (String, String) {
    let created = by.post(&format!("/api/teams/{team}/invitations"), new).await.expect(201);
    let token = created["token"].as_str().unwrap().to_owned();
    assert!(created["url"].as_str().unwrap().ends_with(&format!("/invite?token={token}")), "{created}");
    (created["id"].as_str().unwrap().to_owned(), token)
}

async fn accept(client: &Client, token: &str) -> Answer {
    client.post("/api/invitations/accept", json!({ "token": token })).await
}

fn sign_up(name: &str, token: &str) -> Value {
    let email = format!("{}@example.org", name.to_lowercase());
    json!({ "name": name, "email": email, "password": PASSWORD, "invitation": token })
}

on_both_databases! {
    async fn an_invitation_for_one_brings_one_into_the_team(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[]).await;
        let (id, token) = invite(&ada, &team, json!({ "role": "viewer" })).await;
        // The link reveals nothing but the team's name.
        let shown = server.anybody().get(&format!("/api/invitations?token={token}")).await.expect(200);
        assert_eq!(shown, json!({ "team_name": "Team" }));
        grace.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        let page = server.anybody().get(&format!("/invite?token={token}")).await;
        assert!(page.status == 200 && page.text.contains("Team") && page.text.contains("name=\"password\""), "{}", page.text);
        assert!(!page.text.contains(&team) && !page.text.contains("Ada"), "{}", page.text);

        let mut socket = Socket::of(&server, &ada).await;
        let both = tokio::join!(accept(&grace, &token), accept(&eve, &token));
        let mut statuses = [both.0.status, both.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404], "one of two at once gets in");
        let (inside, outside) = if both.0.status == 200 { (&grace, &eve) } else { (&eve, &grace) };
        assert_eq!(socket.next_event_but_statistics().await.0, "team_changed");
        assert_eq!(inside.get(&format!("/api/teams/{team}")).await.expect(200)["role"], "viewer");
        outside.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        accept(outside, &token).await.expect_error(404, "NOT_FOUND");
        let listed = ada.get(&format!("/api/teams/{team}/invitations")).await.expect(200);
        assert_eq!((&listed["items"][0]["uses"], &listed["items"][0]["single_use"]), (&json!(1), &json!(true)));
        assert!(!listed.to_string().contains(&token), "{listed}");
        let uses = ada.get(&format!("/api/teams/{team}/invitations/{id}/uses")).await.expect(200);
        assert_eq!(uses["items"][0]["user_id"], inside.id);
        assert!(uses["items"][0]["name"].is_string(), "{uses}");
        let actions = ada.listed("/api/audit", "action").await;
        assert!(actions.contains(&"team.joined".to_owned()) && actions.contains(&"team.invitation_created".to_owned()), "{actions:?}");
    }

    async fn an_invitation_for_many_works_until_revoked_but_not_for_removed_members(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[]).await;
        let (id, token) = invite(&ada, &team, json!({ "single_use": false, "expires_in_days": 30 })).await;
        for _ in 0..2 {
            // The same answer when one is in already, and it is counted once.
            assert_eq!(accept(&grace, &token).await.expect(200)["role"], "member");
        }
        assert_eq!(accept(&ada, &token).await.expect(200)["role"], "owner");
        let listed = ada.get(&format!("/api/teams/{team}/invitations")).await.expect(200);
        assert_eq!(listed["items"][0]["uses"], 1);
        ada.delete(&format!("/api/teams/{team}/members/{}", grace.id)).await.expect(204);
        accept(&grace, &token).await.expect_error(409, "CONFLICT");
        grace.get(&format!("/api/teams/{team}")).await.expect_error(403, "FORBIDDEN");
        let uses = ada.get(&format!("/api/teams/{team}/invitations/{id}/uses")).await.expect(200);
        assert_eq!((&uses["items"][0]["user_id"], &uses["items"][0]["name"]), (&json!(grace.id), &Value::Null));

        ada.delete(&format!("/api/teams/{team}/invitations/{id}")).await.expect(204);
        ada.delete(&format!("/api/teams/{team}/invitations/{id}")).await.expect_error(404, "NOT_FOUND");
        accept(&eve, &token).await.expect_error(404, "NOT_FOUND");
        assert_eq!(server.anybody().get(&format!("/invite?token={token}")).await.status, 404);
        assert_eq!(ada.get(&format!("/api/teams/{team}/invitations")).await.expect(200)["items"], json!([]));
    }

    async fn an_invitation_ends_when_it_expires_or_its_creator_loses_the_right(server) {
        let (ada, grace, eve) = (server.user("Ada").await, server.user("Grace").await, server.user("Eve").await);
        let team = server.team(&ada, &[(&grace, "admin")]).await;
        let (_, of_admin) = invite(&grace, &team, json!({ "single_use": false })).await;
        let (_, to_admins) = invite(&ada, &team, json!({ "role": "admin" })).await;
        let role = |role: &str| json!({ "role": role });
        ada.patch(&format!("/api/teams/{team}/members/{}", grace.id), role("member")).await.expect(200);
        accept(&eve, &of_admin).await.expect_error(404, "NOT_FOUND");
        ada.patch(&format!("/api/teams/{team}/members/{}", grace.id), role("admin")).await.expect(200);
        assert_eq!(server.anybody().get(&format!("/api/invitations?token={of_admin}")).await.status, 200);
        ada.delete(&format!("/api/teams/{team}/members/{}", grace.id)).await.expect(204);
        accept(&eve, &of_admin).await.expect_error(404, "NOT_FOUND");
        let past = if server.kind == Kind::Sqlite { "'2026-01-01T00:00:00.000000+00:00'" } else { "'2026-01-01'" };
        assert_eq!(server.anybody().get(&format!("/api/invitations?token={to_admins}")).await.status, 200);
        server.sql(format!("UPDATE team_invitations SET expires_at = {past}")).await;
        accept(&eve, &to_admins).await.expect_error(404, "NOT_FOUND");
        // Expired ones stay listed until they are revoked, and the page says so.
        assert_eq!(ada.listed(&format!("/api/teams/{team}/invitations"), "id").await.len(), 2);
        assert!(ada.get(&format!("/teams/{team}")).await.text.contains("expired 2026-01-01"));
    }

    async fn only_people_who_may_change_members_may_invite(server) {
        let [ada, grace, mia, vic, eve] = ["Ada", "Grace", "Mia", "Vic", "Eve"].map(|name| server.user(name));
        let (ada, grace, mia, vic, eve) = tokio::join!(ada, grace, mia, vic, eve);
        let team = server.team(&ada, &[(&grace, "admin"), (&mia, "member"), (&vic, "viewer")]).await;
        let path = format!("/api/teams/{team}/invitations");
        let (id, _) = invite(&ada, &team, json!({})).await;
        for outsider in [&mia, &vic, &eve] {
            outsider.post(&path, json!({})).await.expect_error(403, "FORBIDDEN");
            outsider.get(&path).await.expect_error(403, "FORBIDDEN");
            outsider.get(&format!("{path}/{id}/uses")).await.expect_error(403, "FORBIDDEN");
            outsider.delete(&format!("{path}/{id}")).await.expect_error(403, "FORBIDDEN");
        }
        assert!(!mia.get(&format!("/teams/{team}")).await.text.contains("Invite by a link"));
        grace.post(&path, json!({ "role": "admin" })).await.expect_error(403, "FORBIDDEN");
        grace.post(&path, json!({ "role": "viewer" })).await.expect(201);
        // An admin of another team reaches nothing through their own.
        let other = server.team(&eve, &[]).await;
        eve.get(&format!("/api/teams/{other}/invitations/{id}/uses")).await.expect_error(404, "NOT_FOUND");
        eve.delete(&format!("/api/teams/{other}/invitations/{id}")).await.expect_error(404, "NOT_FOUND");
        grace.delete(&format!("{path}/{id}")).await.expect(204);
        for (body, field) in [
            (json!({ "role": "owner" }), "role"),
            (json!({ "role": "boss" }), "role"),
            (json!({ "expires_in_days": 0 }), "expires_in_days"),
            (json!({ "expires_in_days": 31 }), "expires_in_days"),
            (json!({ "single_use": "yes" }), "single_use"),
            (json!({ "colour": 1 }), "colour"),
        ] {
            let error = ada.post(&path, body).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{field}: {error}");
        }
        ada.post("/api/teams/019f0000-0000-7000-8000-000000000000/invitations", json!({})).await.expect_error(404, "NOT_FOUND");
        // The answer is a secret, which is not stored for a repeat.
        let [first, second] = [(); 2].map(|()| ada.post_with(&path, json!({}), ("idempotency-key", "k")));
        assert_ne!(first.await.expect(201)["token"], second.await.expect(201)["token"]);
        let more = futures::future::join_all((0..50).map(|_| ada.post(&path, json!({})))).await;
        let refused = more.iter().filter(|answer| answer.status == 409).count();
        assert_eq!(refused, 3, "fifty at a time: one of Grace's and two of Ada's were there");
    }

    async fn a_new_account_joins_by_its_form_and_by_the_api(server) {
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        let (_, token) = invite(&ada, &team, json!({})).await;
        let page = format!("{}/invite?token={token}", server.base);
        let form = [("name", "Grace"), ("email", "grace@example.org"), ("password", "12345678"), ("invitation", token.as_str())];
        let weak = server.anybody().form("sign_up", None, &server.base, &page, &form).await;
        assert!(weak.text.contains("field-error") && weak.text.contains("grace@example.org"), "{}", weak.text);
        let form = [("name", "Grace"), ("email", "grace@example.org"), ("password", PASSWORD), ("invitation", token.as_str())];
        let done = server.anybody().form("sign_up", None, &server.base, &page, &form).await;
        assert_eq!((done.status, done.header("location")), (303, "/teams"), "{}", done.text);
        let names = ada.listed(&format!("/api/teams/{team}/members"), "name").await;
        assert!(names.contains(&"Grace".to_owned()), "{names:?}");
        // Nobody learns whether an address has an account without a valid invitation.
        let used = sign_up("Ada", &token);
        server.anybody().post("/api/auth/signup", used).await.expect_error(404, "NOT_FOUND");
    }

    async fn somebody_with_an_account_joins_on_the_page(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&ada, &[]).await;
        let form = [("role", "member"), ("single_use", "true"), ("expires_in_days", "7")];
        let created = ada.submit("create_invitation", &format!("/teams/{team}"), &form).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let token = created.text.split("/invite?token=").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(!ada.get(&format!("/teams/{team}")).await.text.contains(&token));
        let page = grace.get(&format!("/invite?token={token}")).await;
        assert!(page.text.contains("You are signed in as ") && page.text.contains("Grace") && !page.text.contains("name=\"password\""), "{}", page.text);
        let joined = grace.submit("accept_invitation", &format!("/invite?token={token}"), &[("invitation", &token)]).await;
        assert_eq!((joined.status, joined.header("location")), (303, format!("/teams/{team}").as_str()), "{}", joined.text);
        assert!(ada.get(&format!("/teams/{team}")).await.text.contains("joined: Grace"));
        // Another site's page cannot make the browser of an admin create a link.
        let cookie = crate::pages::cookie_of(&server, &ada).await;
        for (origin, status) in [("https://evil.example", 403), (server.base.as_str(), 200)] {
            let page = format!("/teams/{team}");
            assert_eq!(server.anybody().form("create_invitation", Some(&cookie), origin, &page, &form).await.status, status, "{origin}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_may_sign_up_an_invitation_lets_exactly_one_in() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let server = Server::start(kind, &[]).await;
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        let (_, token) = invite(&ada, &team, json!({})).await;
        let (folder, url) = server.stop();
        let variables = [("TALLYBOARD_AUTH_ALLOW_SIGNUP", "false")];
        let server = Server::start_on(kind, folder, url, &variables);
        let anybody = server.anybody();
        anybody.post("/api/auth/signup", sign_up("Nobody", "")).await.expect_error(404, "NOT_FOUND");
        anybody.post("/api/auth/signup", sign_up("Nobody", &token[1..])).await.expect_error(404, "NOT_FOUND");
        let uninvited = json!({ "name": "Nobody", "email": "nobody@example.org", "password": PASSWORD });
        anybody.post("/api/auth/signup", uninvited).await.expect_error(403, "FORBIDDEN");
        // A refused account does not use the invitation up.
        let taken = json!({ "name": "x", "email": ada.email, "password": PASSWORD, "invitation": token });
        anybody.post("/api/auth/signup", taken).await.expect_error(409, "CONFLICT");
        let people = ["One", "Two", "Three"];
        let answers = people.map(|name| anybody.post("/api/auth/signup", sign_up(name, &token)));
        let statuses: Vec<_> = futures::future::join_all(answers).await.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 2, "{statuses:?}");
        let mut ada = ada.with_base(&server.base);
        ada.sign_in(PASSWORD).await;
        let count = async || ada.listed(&format!("/api/teams/{team}/members"), "name").await.len();
        until(Duration::from_secs(1), count, |count| *count == 2).await;
        // The others have no account: nothing was created without the team.
        let mut without = 0;
        for name in people {
            let credentials = json!({ "email": format!("{}@example.org", name.to_lowercase()), "password": PASSWORD });
            without += u32::from(anybody.post("/api/auth/signin", credentials).await.status == 401);
        }
        assert_eq!(without, 2);
    }
}
