use std::time::Instant;

use reqwest::Method;
use serde_json::json;

use crate::support::Client;

const PASSWORD: &str = "quiet-lantern-97-harbour";
const OTHER_PASSWORD: &str = "violet-anchor-31-meadow";

on_both_databases! {
    async fn an_account_is_made_and_signed_in_to(server) {
        let anybody = server.anybody();
        let account = json!({ "name": " Ada ", "email": "Ada@Example.ORG", "password": PASSWORD, "time_zone": "Europe/Berlin" });
        let user = anybody.post("/api/auth/signup", account).await.expect(201);
        insta::assert_json_snapshot!("sign_up", user, { ".id" => "[id]", ".created_at" => "[time]" });
        let credentials = json!({ "email": " ADA@example.org", "password": PASSWORD });
        let signed_in = anybody.post("/api/auth/signin", credentials).await.expect(200);
        assert_eq!(signed_in["token_type"], "Bearer");
        assert_eq!(signed_in["user"], user);
        let ada = anybody.with_token(signed_in["access_token"].as_str().unwrap());
        assert_eq!(ada.get("/api/auth/me").await.expect(200), user);
    }

    async fn an_email_is_one_without_regard_to_case(server) {
        server.user("Ada").await;
        let twin = json!({ "name": "Twin", "email": "ADA@EXAMPLE.org", "password": PASSWORD });
        let error = server.anybody().post("/api/auth/signup", twin).await.expect_error(409, "CONFLICT");
        insta::assert_json_snapshot!("email_taken", error);
    }

    async fn every_wrong_field_is_named_and_nothing_is_made(server) {
        let anybody = server.anybody();
        let wrong = json!({ "name": " ", "email": "nobody", "password": "short", "time_zone": "Mars/Olympus" });
        let error = anybody.post("/api/auth/signup", wrong).await.expect_error(422, "VALIDATION_ERROR");
        insta::assert_json_snapshot!("sign_up_refused", error);
        for weak in ["password", "aaaaaaaaaaaa", "12345678", "tallyboard1"] {
            let account = json!({ "name": "Ada", "email": "ada@example.org", "password": weak });
            let error = anybody.post("/api/auth/signup", account).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"]["password"].is_string(), "{weak}: {error}");
        }
        anybody.post("/api/auth/signin", json!({ "email": "ada@example.org", "password": "password" })).await.expect(401);
    }

    async fn an_address_that_no_mail_reaches_is_refused_at_entry(server) {
        let ada = server.user("Ada").await;
        for (email, why) in [
            ("jürgen@example.org", "before the @"),
            ("\"a b\"@example.org", "has to look like an address"),
            ("ada@münchen.de", "xn--"),
        ] {
            let account = json!({ "name": "A", "email": email, "password": PASSWORD });
            for answer in [server.anybody().post("/api/auth/signup", account).await, ada.patch("/api/auth/me", json!({ "email": email })).await] {
                let error = answer.expect_error(422, "VALIDATION_ERROR");
                assert!(error["fields"]["email"].as_str().unwrap().contains(why), "{error}");
            }
        }
        ada.patch("/api/auth/me", json!({ "email": "ada.l+board@xn--mnchen-3ya.de" })).await.expect(200);
    }

    async fn a_browser_clears_its_storage_when_the_account_or_session_ends(server) {
        let mut ada = server.user("Ada").await;
        let phone = ada.clone();
        ada.sign_in(PASSWORD).await;
        let page = async |who: &Client, path: &str| {
            let cookie = format!("session={}", who.token.as_ref().unwrap());
            server.anybody().send(server.anybody().request(Method::GET, path).header("cookie", cookie)).await
        };
        let forgets = |answer: &crate::support::Answer| answer.headers.contains_key("clear-site-data");
        let seen = page(&phone, "/today").await;
        assert!(seen.status == 200 && !forgets(&seen), "{:?}", seen.headers);
        let change = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
        ada.post("/api/auth/password", change).await.expect(204);
        for path in ["/today", "/signin"] {
            let ended = page(&phone, path).await;
            assert_eq!(ended.header("clear-site-data"), "\"cache\", \"storage\"", "{path}");
            assert!(ended.header("set-cookie").contains("Max-Age=0"), "{:?}", ended.headers);
        }
        // One that has expired, or isn't ours, leaves what waits to be sent for the next sign-in.
        let foreign = server.anybody().with_token("a.b.c");
        for path in ["/today", "/signin"] {
            assert!(!forgets(&page(&foreign, path).await) && !forgets(&server.anybody().get(path).await), "{path}");
        }
        let deleted = ada.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": OTHER_PASSWORD }));
        let deleted = ada.send(deleted).await;
        assert!(deleted.status == 204 && forgets(&deleted), "{:?}", deleted.headers);
        let grace = server.user("Grace").await;
        let cookie = format!("session={}", grace.token.as_ref().unwrap());
        let form = [("password", PASSWORD)];
        let page = format!("{}/settings", server.base);
        let deleted = server.anybody().form("delete_me", Some(&cookie), &server.base, &page, &form).await;
        assert!(deleted.status == 303 && forgets(&deleted), "{} {:?}", deleted.status, deleted.headers);
    }

    async fn a_wrong_password_and_an_unknown_email_are_one_answer_in_the_same_time(server) {
        server.user("Ada").await;
        let try_in = async |email: &str| {
            let started = Instant::now();
            let answer = server.anybody().post("/api/auth/signin", json!({ "email": email, "password": "wrong" })).await;
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            (answer.expect_error(401, "UNAUTHORIZED"), started.elapsed())
        };
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for _ in 0..7 {
            let (wrong, took) = try_in("ada@example.org").await;
            known.push(took);
            let (nobody, took) = try_in("nobody@example.org").await;
            unknown.push(took);
            assert_eq!(wrong, nobody);
        }
        // The fastest of each counts: the others are noise of a busy machine. Without the hash it is 10 times as fast.
        let (known, unknown) = (known.into_iter().min().unwrap(), unknown.into_iter().min().unwrap());
        assert!(unknown > known / 3 && known > unknown / 3, "{known:?} for a wrong password, {unknown:?} for an unknown email");
    }

    async fn signing_out_ends_the_session_at_once(server) {
        let ada = server.user("Ada").await;
        let mut elsewhere = ada.clone();
        elsewhere.sign_in(PASSWORD).await;
        ada.touch("/api/auth/signout").await.expect(204);
        ada.get("/api/auth/me").await.expect_error(401, "UNAUTHORIZED");
        ada.get("/api/dashboard/statistics").await.expect_error(401, "UNAUTHORIZED");
        elsewhere.get("/api/auth/me").await.expect(200);
    }

    async fn a_session_revoked_elsewhere_is_refused_within_five_seconds(server) {
        let ada = server.user("Ada").await;
        ada.get("/api/auth/me").await.expect(200);
        server.sql("UPDATE sessions SET revoked_at = '2026-01-01T00:00:00+00:00'".to_owned()).await;
        let limit = std::time::Duration::from_secs(5);
        crate::support::until(limit, async || ada.get("/api/auth/me").await.status, |status| *status == 401).await;
    }

    async fn a_password_changes_only_with_the_old_one_and_ends_other_sessions(server) {
        let mut ada = server.user("Ada").await;
        let old = ada.clone();
        ada.sign_in(PASSWORD).await;
        let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
        let error = ada.post("/api/auth/password", change("wrong", OTHER_PASSWORD)).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"]["current_password"], "is not your password");
        ada.post("/api/auth/password", change(PASSWORD, "12345678")).await.expect_error(422, "VALIDATION_ERROR");
        old.get("/api/auth/me").await.expect(200);
        ada.post("/api/auth/password", change(PASSWORD, OTHER_PASSWORD)).await.expect(204);
        old.get("/api/auth/me").await.expect_error(401, "UNAUTHORIZED");
        ada.get("/api/auth/me").await.expect(200);
        let credentials = json!({ "email": ada.email, "password": PASSWORD });
        ada.post("/api/auth/signin", credentials).await.expect_error(401, "UNAUTHORIZED");
        ada.sign_in(OTHER_PASSWORD).await;
    }

    async fn sessions_are_listed_and_ended_by_their_owner_only(server) {
        let ada = server.user("Ada").await;
        let mut phone = ada.clone();
        phone.sign_in(PASSWORD).await;
        let grace = server.user("Grace").await;
        let sessions = ada.get("/api/auth/sessions").await.expect(200);
        let items = sessions["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        assert_eq!(items.iter().filter(|session| session["current"] == true).count(), 1);
        let phones = items.iter().find(|session| session["current"] == false).unwrap()["id"].as_str().unwrap();
        grace.delete(&format!("/api/auth/sessions/{phones}")).await.expect_error(404, "NOT_FOUND");
        phone.get("/api/auth/me").await.expect(200);
        assert_eq!(grace.get("/api/auth/sessions").await.expect(200)["items"].as_array().unwrap().len(), 1);
        ada.delete(&format!("/api/auth/sessions/{phones}")).await.expect(204);
        phone.get("/api/auth/me").await.expect_error(401, "UNAUTHORIZED");
        ada.delete("/api/auth/sessions/nonsense").await.expect_error(400, "BAD_REQUEST");
    }

    async fn a_profile_changes_for_its_owner_only(server) {
        let ada = server.user("Ada").await;
        let grace = server.user("Grace").await;
        let changed = ada.patch("/api/auth/me", json!({ "name": "Countess", "time_zone": "Asia/Tokyo" })).await.expect(200);
        assert_eq!((&changed["name"], &changed["time_zone"]), (&json!("Countess"), &json!("Asia/Tokyo")));
        assert_eq!(grace.get("/api/auth/me").await.expect(200)["name"], "Grace");
        ada.patch("/api/auth/me", json!({ "email": "Grace@example.org" })).await.expect_error(409, "CONFLICT");
        ada.patch("/api/auth/me", json!({ "name": "" })).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(ada.get("/api/auth/me").await.expect(200), changed);
    }

    async fn deleting_an_account_deletes_its_data_and_transfers_its_teams(server) {
        let ada = server.user("Ada").await;
        let grace = server.user("Grace").await;
        let alan = server.user("Alan").await;
        let team = server.team(&ada, &[(&alan, "member"), (&grace, "admin")]).await;
        let lonely = server.team(&ada, &[(&alan, "viewer")]).await;
        let task = ada.task("Mine").await;
        server.share(&task, &ada, &grace, "view").await;
        assert_eq!(grace.numbers().await, [0, 0, 0, 1]);
        let delete = async |client: &Client, password: &str| {
            client.send(client.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": password }))).await
        };
        delete(&ada, "wrong").await.expect_error(422, "VALIDATION_ERROR");
        delete(&ada, PASSWORD).await.expect(204);
        ada.get("/api/auth/me").await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(grace.numbers().await, [0, 0, 0, 0]);
        grace.get(&format!("/api/tasks/{task}")).await.expect_error(404, "NOT_FOUND");
        // An admin comes before a member; a viewer does not become owner.
        let teams = grace.get("/api/dashboard/teams").await.expect(200);
        assert_eq!(teams["teams"].as_array().unwrap().len(), 1);
        let in_team = json!({ "title": "Still here", "team_id": team });
        alan.post("/api/tasks", in_team).await.expect(201);
        let in_lonely = json!({ "title": "Gone", "team_id": lonely });
        alan.post("/api/tasks", in_lonely).await.expect_error(404, "NOT_FOUND");
        let task = alan.get(&format!("/api/tasks?team_id={team}")).await.expect(200)["items"][0]["id"].clone();
        let seen = grace.get(&format!("/api/tasks/{}", task.as_str().unwrap())).await.expect(200);
        assert_eq!(seen["access"], "team_owner");
    }
}
