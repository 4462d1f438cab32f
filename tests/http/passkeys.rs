//! Passkeys. The browser tests use Chromium's own device; the device here lies where a test wants it to.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    mail::PUBLIC_URL,
    recent_password::{LONG_AGO, signed_in_long_ago},
    support::{Answer, Authenticator, Client, Kind, PASSWORD, Server},
    two_step,
};

const OPTIONS: &str = "/api/auth/passkeys/options";
const PASSKEYS: &str = "/api/auth/passkeys";
const SIGN_IN: &str = "/api/auth/signin/passkey";

/// A server at the address that passkeys are for.
async fn server(kind: Kind) -> Server {
    Server::start(kind, &[("TALLYBOARD_SERVER_PUBLIC_URL", PUBLIC_URL)]).await
}

/// A server's answer to a request for options.
async fn begin(who: &Client) -> Value {
    who.post(OPTIONS, json!({})).await.expect(200)
}

async fn add_to(who: &Client, begun: &Value, credential: Value) -> Answer {
    who.post(PASSKEYS, json!({ "name": " Phone ", "state": begun["state"], "credential": credential })).await
}

/// A device with a passkey of somebody.
pub async fn device_of(who: &Client) -> (Authenticator, Value) {
    let mut device = Authenticator::new(PUBLIC_URL);
    let begun = begin(who).await;
    let added = add_to(who, &begun, device.create(&begun["options"])).await.expect(201);
    (device, added)
}

async fn challenge(server: &Server) -> Value {
    server.anybody().get(SIGN_IN).await.expect(200)
}

async fn send(server: &Server, challenge: &Value, credential: Value) -> Answer {
    server.anybody().post(SIGN_IN, json!({ "state": challenge["state"], "credential": credential })).await
}

pub async fn sign_in(server: &Server, device: &Authenticator) -> Answer {
    let challenge = challenge(server).await;
    send(server, &challenge, device.sign(&challenge["options"])).await
}

on_both_kinds! {
    async fn a_passkey_signs_in_and_no_challenge_twice(kind) {
        let server = server(kind).await;
        let ada = server.user("Ada").await;
        assert_eq!(ada.get(PASSKEYS).await.expect(200), json!({ "items": [], "next_cursor": null }));
        let begun = begin(&ada).await;
        let options = &begun["options"];
        assert_eq!((&options["user"]["name"], &options["rp"]["id"]), (&json!(ada.email), &json!("tasks.test")));
        let (device, added) = device_of(&ada).await;
        assert_eq!((&added["name"], &added["last_used_at"]), (&json!("Phone"), &Value::Null));
        assert_eq!(ada.get(PASSKEYS).await.expect(200)["items"], json!([added]));

        let first = challenge(&server).await;
        let second = challenge(&server).await;
        let answer = device.sign(&second["options"]);
        let (one, other) = tokio::join!(send(&server, &second, answer.clone()), send(&server, &second, answer.clone()));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 401], "of two at once one gets in: {} {}", one.text, other.text);
        let signed_in = if one.status == 200 { one.json() } else { other.json() };
        let session = ada.with_token(signed_in["access_token"].as_str().unwrap());
        assert_eq!(session.get("/api/auth/me").await.expect(200)["email"], ada.email);
        let again = send(&server, &second, answer).await.expect_error(401, "UNAUTHORIZED");
        assert_eq!(again["error"], "The passkey was not accepted");
        // One that was made before the last that was accepted is over, too.
        send(&server, &first, device.sign(&first["options"])).await.expect_error(401, "UNAUTHORIZED");
        sign_in(&server, &device).await.expect(200);
        assert!(ada.get(PASSKEYS).await.expect(200)["items"][0]["last_used_at"].is_string());
        let page = ada.get("/settings/passkeys").await;
        assert!(page.status == 200 && page.text.contains("Phone") && !page.text.contains("not used yet"), "{}", page.text);

        ada.delete(&format!("{PASSKEYS}/{}", added["id"].as_str().unwrap())).await.expect(204);
        sign_in(&server, &device).await.expect_error(401, "UNAUTHORIZED");
        session.get("/api/auth/me").await.expect(200);
        let actions = ada.listed("/api/audit", "action").await;
        for action in ["auth.passkey_added", "auth.passkey_removed"] {
            assert!(actions.contains(&action.to_owned()), "{actions:?}");
        }
    }

    async fn a_passkey_that_may_be_copied_since_signs_in_and_one_that_may_not_any_more_does_not(kind) {
        let server = server(kind).await;
        let ada = server.user("Ada").await;
        const BOUND: u8 = 0b0101;
        const MAY_BE_COPIED: u8 = 0b1101;
        const COPIED: u8 = 0b1_1101;
        for (first, later) in [(BOUND, COPIED), (BOUND, MAY_BE_COPIED), (MAY_BE_COPIED, COPIED), (COPIED, MAY_BE_COPIED)] {
            let mut device = Authenticator::new(PUBLIC_URL);
            device.flags = first;
            let begun = begin(&ada).await;
            add_to(&ada, &begun, device.create(&begun["options"])).await.expect(201);
            sign_in(&server, &device).await.expect(200);
            device.flags = later;
            sign_in(&server, &device).await.expect(200);
            sign_in(&server, &device).await.expect(200);
            let mut lie = device.clone();
            lie.key = 1;
            sign_in(&server, &lie).await.expect_error(401, "UNAUTHORIZED");
            device.flags = BOUND;
            sign_in(&server, &device).await.expect_error(401, "UNAUTHORIZED");
        }
    }

    async fn nobody_reaches_the_passkey_of_another(kind) {
        let server = server(kind).await;
        let (ada, eve) = (server.user("Ada").await, server.user("Eve").await);
        let (mut device, added) = device_of(&ada).await;
        let (eves, _) = device_of(&eve).await;
        assert_eq!(eve.get(PASSKEYS).await.expect(200)["items"].as_array().unwrap().len(), 1);
        let adas = format!("{PASSKEYS}/{}", added["id"].as_str().unwrap());
        eve.delete(&adas).await.expect_error(404, "NOT_FOUND");
        // A registration begun for Ada adds nothing to Eve's account.
        let begun = begin(&ada).await;
        let credential = Authenticator::new(PUBLIC_URL).create(&begun["options"]);
        let refused = add_to(&eve, &begun, credential.clone()).await.expect_error(422, "VALIDATION_ERROR");
        assert!(refused["fields"]["state"].is_string(), "{refused}");
        add_to(&ada, &begun, credential.clone()).await.expect(201);
        add_to(&ada, &begun, credential).await.expect_error(409, "CONFLICT");
        // Eve cannot have Ada's passkey as her own, and Ada's device cannot say that it is Eve's.
        let begun = begin(&eve).await;
        add_to(&eve, &begun, device.clone().create(&begun["options"])).await.expect_error(409, "CONFLICT");
        let own = std::mem::replace(&mut device.user_handle, eves.user_handle.clone());
        sign_in(&server, &device).await.expect_error(401, "UNAUTHORIZED");
        device.user_handle = own;
        let signed_in = sign_in(&server, &device).await.expect(200);
        assert_eq!(signed_in["user"]["email"], ada.email);
        // A token is no person at a device.
        let token = json!({ "name": "Script", "scopes": ["write"] });
        let script = ada.with_token(ada.post("/api/auth/tokens", token).await.expect(201)["token"].as_str().unwrap());
        script.get(PASSKEYS).await.expect_error(403, "FORBIDDEN");
        script.post(OPTIONS, json!({})).await.expect_error(403, "FORBIDDEN");
        script.delete(&adas).await.expect_error(403, "FORBIDDEN");
        server.anybody().get(PASSKEYS).await.expect_error(401, "UNAUTHORIZED");
    }

    async fn forged_tokens_are_refused(kind) {
        let server = server(kind).await;
        let ada = server.user("Ada").await;
        let (device, _) = device_of(&ada).await;
        let lie = |change: fn(&mut Authenticator)| {
            let mut device = device.clone();
            change(&mut device);
            device
        };
        let liars = [
            ("another site", lie(|device| device.origin = "https://evil.example".to_owned())),
            ("another port", lie(|device| device.origin = format!("{PUBLIC_URL}:8443"))),
            ("another host's passkey", lie(|device| device.host = Some("evil.example".to_owned()))),
            ("the person was not verified", lie(|device| device.flags &= !0b100)),
            ("nobody was there", lie(|device| device.flags &= !0b1)),
            ("another key", lie(|device| device.key = 1)),
            ("no account", lie(|device| device.user_handle = None)),
            ("a passkey that is not known", {
                let mut other = Authenticator::new(PUBLIC_URL);
                other.user_handle.clone_from(&device.user_handle);
                other
            }),
        ];
        for (what, device) in &liars {
            let refused = sign_in(&server, device).await;
            assert_eq!(refused.status, 401, "{what}: {}", refused.text);
        }
        for (what, liar) in &liars[..4] {
            let begun = begin(&ada).await;
            let mut liar = liar.clone();
            let refused = add_to(&ada, &begun, liar.create(&begun["options"])).await;
            assert_eq!(refused.status, 422, "{what}: {}", refused.text);
        }
        // A signature of one challenge with the state of another, and states that this server has not made for it.
        let (one, other) = (challenge(&server).await, challenge(&server).await);
        send(&server, &one, device.sign(&other["options"])).await.expect_error(401, "UNAUTHORIZED");
        let mut forged = one["state"].as_str().unwrap().to_owned();
        forged.replace_range(5..6, if &forged[5..6] == "A" { "B" } else { "A" });
        for state in [json!(forged), begin(&ada).await["state"].clone(), json!(""), json!("a.b")] {
            let challenge = json!({ "state": state, "options": one["options"] });
            send(&server, &challenge, device.sign(&one["options"])).await.expect_error(401, "UNAUTHORIZED");
        }
        for credential in [json!({}), json!([]), json!("x"), Value::Null, json!({ "id": "x", "rawId": "%" })] {
            let refused = send(&server, &one, credential.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(refused["fields"]["credential"].is_string(), "{refused}");
            let begun = begin(&ada).await;
            add_to(&ada, &begun, credential).await.expect_error(422, "VALIDATION_ERROR");
        }
        let nameless = json!({ "name": " ", "state": "x", "credential": {} });
        ada.post(PASSKEYS, nameless).await.expect_error(422, "VALIDATION_ERROR");
        sign_in(&server, &device).await.expect(200);
    }

    async fn a_passkey_replaces_password_and_code_but_opens_no_disabled_account(kind) {
        let server = server(kind).await;
        let ada = server.user("Ada").await;
        two_step::set_up(&ada).await;
        let (device, _) = device_of(&ada).await;
        sign_in(&server, &device).await.expect(200);
        server.sql(format!("UPDATE users SET disabled_at = created_at WHERE id = '{}'", ada.id)).await;
        sign_in(&server, &device).await.expect_error(403, "FORBIDDEN");
        server.sql(format!("UPDATE users SET disabled_at = NULL WHERE id = '{}'", ada.id)).await;
        sign_in(&server, &device).await.expect(200);
        let me = ada.request(Method::DELETE, "/api/auth/me").json(&json!({ "password": PASSWORD }));
        ada.send(me).await.expect(204);
        sign_in(&server, &device).await.expect_error(401, "UNAUTHORIZED");
    }

    async fn adding_one_needs_a_recent_password_and_there_are_twenty_at_most(kind) {
        let server = server(kind).await;
        let ada = signed_in_long_ago(&server, "Ada").await;
        let error = ada.post(OPTIONS, json!({})).await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(error["fields"], json!({ "password": LONG_AGO }));
        ada.post(OPTIONS, json!({ "password": "wrong-wrong" })).await.expect_error(422, "VALIDATION_ERROR");
        let begun = ada.post(OPTIONS, json!({ "password": PASSWORD })).await.expect(200);
        for number in 0..20 {
            let credential = Authenticator::new(PUBLIC_URL).create(&begun["options"]);
            let added = add_to(&ada, &begun, credential).await;
            assert_eq!(added.status, 201, "{number}: {}", added.text);
        }
        let credential = Authenticator::new(PUBLIC_URL).create(&begun["options"]);
        add_to(&ada, &begun, credential).await.expect_error(409, "CONFLICT");
        ada.post(OPTIONS, json!({ "password": PASSWORD })).await.expect_error(409, "CONFLICT");
        assert_eq!(ada.listed(PASSKEYS, "name").await.len(), 20);
    }

    async fn there_are_none_at_an_ip_address(kind) {
        let server = Server::start(kind, &[]).await;
        let ada = server.user("Ada").await;
        let refused = server.anybody().get(SIGN_IN).await.expect_error(409, "CONFLICT");
        assert_eq!(refused["error"], "Passkeys don't work at an IP address");
        ada.post(OPTIONS, json!({})).await.expect_error(409, "CONFLICT");
        let page = server.anybody().get("/signin").await.text;
        assert!(page.contains("Password") && !page.contains("passkey"), "{page}");
        assert!(ada.get("/settings/passkeys").await.text.contains("Passkeys don't work at an IP address"));
        // The same server by its name.
        let by_name = server.anybody().request(Method::GET, SIGN_IN).header("host", "localhost:3000");
        let begun = server.anybody().send(by_name).await.expect(200);
        assert_eq!(begun["options"]["rpId"], "localhost");
    }
}
