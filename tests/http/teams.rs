use serde_json::{Value, json};

use crate::support::{Answer, Client};

/// Rows of a table like the contract's: a request, then the status for each role.
const ROUTES: &str = "
| request                              | owner | admin | member | viewer | outsider |
| GET team                             | 200   | 200   | 200    | 200    | 403      |
| GET members                          | 200   | 200   | 200    | 200    | 403      |
| GET tasks of the team                | 200   | 200   | 200    | 200    | 403      |
| POST task in the team                | 201   | 201   | 201    | 403    | 403      |
| PATCH team name                      | 200   | 200   | 403    | 403    | 403      |
| POST member spare viewer             | 201   | 201   | 403    | 403    | 403      |
| POST member spare member             | 201   | 201   | 403    | 403    | 403      |
| POST member spare admin              | 201   | 403   | 403    | 403    | 403      |
| POST member spare owner              | 422   | 422   | 422    | 422    | 422      |
| POST member second viewer            | 409   | 409   | 403    | 403    | 403      |
| PATCH member second viewer           | 200   | 200   | 403    | 403    | 403      |
| PATCH member second admin            | 200   | 403   | 403    | 403    | 403      |
| PATCH member second owner            | 422   | 422   | 422    | 422    | 422      |
| PATCH member deputy member           | 200   | 403   | 403    | 403    | 403      |
| PATCH member boss member             | 409   | 403   | 403    | 403    | 403      |
| PATCH member spare member            | 404   | 404   | 404    | 404    | 403      |
| DELETE member second                 | 204   | 204   | 403    | 403    | 403      |
| DELETE member deputy                 | 204   | 403   | 403    | 403    | 403      |
| DELETE member boss                   | 409   | 403   | 403    | 403    | 403      |
| DELETE member myself                 | 409   | 204   | 204    | 204    | 403      |
| POST transfer second                 | 200   | 403   | 403    | 403    | 403      |
| POST transfer spare                  | 404   | 403   | 403    | 403    | 403      |
| POST leave                           | 409   | 204   | 204    | 204    | 403      |
| DELETE team                          | 204   | 403   | 403    | 403    | 403      |";

/// The people of the table: one of each role who asks, and others to do things with.
struct Cast {
    asking: Vec<(&'static str, Client)>,
    second: Client,
    deputy: Client,
    spare: Client,
}

async fn ask(cast: &Cast, team: &str, who: &Client, words: &str) -> Answer {
    let path = format!("/api/teams/{team}");
    let person = |name: &str| match name {
        "second" => cast.second.id.clone(),
        "deputy" => cast.deputy.id.clone(),
        "spare" => cast.spare.id.clone(),
        "boss" => cast.asking[0].1.id.clone(),
        _ => who.id.clone(),
    };
    match words.split(' ').collect::<Vec<_>>()[..] {
        ["GET", "team"] => who.get(&path).await,
        ["GET", "members"] => who.get(&format!("{path}/members")).await,
        ["GET", "tasks", ..] => who.get(&format!("/api/tasks?team_id={team}")).await,
        ["POST", "task", ..] => who.post("/api/tasks", json!({ "title": "New", "team_id": team })).await,
        ["PATCH", "team", ..] => who.patch(&path, json!({ "name": "Renamed" })).await,
        ["POST", "member", name, role] => {
            who.post(&format!("{path}/members"), json!({ "user_id": person(name), "role": role })).await
        }
        ["PATCH", "member", name, role] => {
            who.patch(&format!("{path}/members/{}", person(name)), json!({ "role": role })).await
        }
        ["DELETE", "member", name] => who.delete(&format!("{path}/members/{}", person(name))).await,
        ["POST", "transfer", name] => who.post(&format!("{path}/transfer"), json!({ "user_id": person(name) })).await,
        ["POST", "leave"] => who.touch(&format!("{path}/leave")).await,
        ["DELETE", "team"] => who.delete(&path).await,
        _ => panic!("{words}"),
    }
}

/// The roles in a team, as one of its members reads them.
async fn roles(reader: &Client, team: &str) -> Vec<(String, String)> {
    let members = reader.get(&format!("/api/teams/{team}/members?limit=100")).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    members["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| (text(&member["user_id"]), text(&member["role"])))
        .collect()
}

on_both_databases! {
    async fn a_team_is_made_read_renamed_and_deleted(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = ada.post("/api/teams", json!({ "name": "  Household " })).await.expect(201);
        insta::assert_json_snapshot!("team", team, {
            ".id" => "[id]", ".owner_id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]"
        });
        let path = format!("/api/teams/{}", team["id"].as_str().unwrap());
        assert_eq!(ada.get(&path).await.expect(200), team);
        let member = ada.post(&format!("{path}/members"), json!({ "email": "GRACE@example.org" })).await.expect(201);
        insta::assert_json_snapshot!("member", member, { ".team_id" => "[id]", ".user_id" => "[id]", ".created_at" => "[time]" });
        let seen = grace.get(&path).await.expect(200);
        assert_eq!((&seen["name"], &seen["role"], &seen["owner_id"]), (&json!("Household"), &json!("member"), &json!(ada.id)));
        let renamed = ada.patch(&path, json!({ "name": "Home" })).await.expect(200);
        assert_eq!(renamed["name"], "Home");
        assert!(renamed["updated_at"].as_str() > team["updated_at"].as_str());
        assert_eq!(grace.listed("/api/teams", "name").await, ["Home"]);
        assert_eq!(ada.patch(&path, json!({})).await.expect(200)["name"], "Home");
        ada.delete(&path).await.expect(204);
        ada.get(&path).await.expect_error(404, "NOT_FOUND");
        grace.get(&path).await.expect_error(404, "NOT_FOUND");
        assert!(grace.listed("/api/teams", "name").await.is_empty());
    }

    async fn bad_input_is_refused_by_name(server) {
        let ada = server.user("Ada").await;
        let team = server.team(&ada, &[]).await;
        let members = format!("/api/teams/{team}/members");
        for (path, body, field) in [
            ("/api/teams", json!({}), "name"),
            ("/api/teams", json!({ "name": " " }), "name"),
            ("/api/teams", json!({ "name": "x".repeat(101) }), "name"),
            ("/api/teams", json!({ "name": "ok", "owner_id": ada.id }), "owner_id"),
            (members.as_str(), json!({}), "email"),
            (&members, json!({ "email": "nobody" }), "email"),
            (&members, json!({ "email": "a@example.org", "user_id": ada.id }), "user_id"),
            (&members, json!({ "user_id": "x" }), "user_id"),
            (&members, json!({ "email": "a@example.org", "role": "chief" }), "role"),
        ] {
            let error = ada.post(path, body.clone()).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{body}: {error}");
        }
        let error = ada.post(&members, json!({ "email": "nobody@example.org" })).await.expect_error(404, "NOT_FOUND");
        insta::assert_json_snapshot!("nobody_with_that_email", error);
        ada.post(&format!("/api/teams/{team}/transfer"), json!({ "user_id": ada.id })).await.expect_error(409, "CONFLICT");
        ada.get("/api/teams/x").await.expect_error(400, "BAD_REQUEST");
        ada.patch(&format!("{members}/x"), json!({ "role": "member" })).await.expect_error(400, "BAD_REQUEST");
        ada.get("/api/teams?limit=0").await.expect_error(422, "VALIDATION_ERROR");
        assert_eq!(roles(&ada, &team).await.len(), 1);
    }

    async fn every_role_may_do_what_the_contract_says_and_no_more(server) {
        let mut asking = Vec::new();
        for role in ["owner", "admin", "member", "viewer", "outsider"] {
            asking.push((role, server.user(role).await));
        }
        let (second, deputy, spare) = (server.user("second").await, server.user("deputy").await, server.user("spare").await);
        let cast = Cast { asking, second, deputy, spare };
        let [(_, owner), (_, admin), (_, member), (_, viewer), (_, outsider)] = &cast.asking[..] else { panic!() };
        for row in ROUTES.lines().filter(|line| line.starts_with('|')).skip(1) {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            for ((role, who), cell) in cast.asking.iter().zip(&cells[1..]) {
                let others = [(admin, "admin"), (member, "member"), (viewer, "viewer"), (&cast.second, "member"), (&cast.deputy, "admin")];
                let team = server.team(owner, &others).await;
                let before = roles(owner, &team).await;
                let answer = ask(&cast, &team, who, cells[0]).await;
                assert_eq!(answer.status.to_string(), *cell, "{} as {role}: {}", cells[0], answer.text);
                if answer.status >= 400 {
                    assert_eq!(roles(owner, &team).await, before, "{} as {role}", cells[0]);
                    assert_eq!(owner.get(&format!("/api/teams/{team}")).await.expect(200)["name"], "Team");
                }
            }
        }
        assert!(outsider.listed("/api/teams", "id").await.is_empty());
    }

    async fn lists_page_without_gaps_or_doubles(server) {
        let ada = server.user("Ada").await;
        let mut ids = Vec::new();
        for name in ["One", "Two", "Three", "Four", "Five"] {
            let team = ada.post("/api/teams", json!({ "name": name })).await.expect(201);
            ids.push(team["id"].as_str().unwrap().to_owned());
        }
        assert_eq!(ada.listed("/api/teams", "name").await, ["Five", "Four", "Three", "Two", "One"]);
        let mut people = vec![ada.id.clone()];
        for name in ["Ben", "Cleo", "Dan"] {
            let person = server.user(name).await;
            ada.post(&format!("/api/teams/{}/members", ids[0]), json!({ "user_id": person.id })).await.expect(201);
            people.insert(0, person.id);
        }
        assert_eq!(ada.listed(&format!("/api/teams/{}/members", ids[0]), "user_id").await, people);
    }

    async fn a_team_is_transferred_and_back(server) {
        let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
        let team = server.team(&ada, &[(&grace, "viewer")]).await;
        let path = format!("/api/teams/{team}");
        let passed = ada.post(&format!("{path}/transfer"), json!({ "user_id": grace.id })).await.expect(200);
        assert_eq!((&passed["owner_id"], &passed["role"]), (&json!(grace.id), &json!("admin")));
        assert_eq!(grace.get(&path).await.expect(200)["role"], "owner");
        ada.delete(&path).await.expect_error(403, "FORBIDDEN");
        ada.touch(&format!("{path}/leave")).await.expect(204);
        ada.get(&path).await.expect_error(403, "FORBIDDEN");
        grace.delete(&path).await.expect(204);
    }

    async fn there_is_exactly_one_owner_whatever_comes_at_once(server) {
        let ada = server.user("Ada").await;
        let mut others = Vec::new();
        for name in ["Ben", "Cleo", "Dan", "Eve"] {
            others.push(server.user(name).await);
        }
        let team = server.team(&ada, &others.iter().map(|person| (person, "admin")).collect::<Vec<_>>()).await;
        let path = format!("/api/teams/{team}");
        let mut race = Vec::new();
        for person in &others {
            let (ada, person, path) = (ada.clone(), person.clone(), path.clone());
            race.push(tokio::spawn(async move {
                let passed = ada.post(&format!("{path}/transfer"), json!({ "user_id": person.id })).await.status;
                // The new owner transfers the team again and tries to leave.
                person.post(&format!("{path}/transfer"), json!({ "user_id": ada.id })).await;
                let left = person.touch(&format!("{path}/leave")).await.status;
                (passed, left)
            }));
        }
        for racer in race {
            let (passed, left) = racer.await.unwrap();
            assert!([200, 403, 404].contains(&passed), "{passed}");
            assert!([204, 409].contains(&left), "{left}");
        }
        let owner = ada.get(&path).await.expect(200)["owner_id"].clone();
        let owners: Vec<_> = roles(&ada, &team).await.into_iter().filter(|(_, role)| role == "owner").collect();
        assert_eq!(owners.len(), 1, "{owners:?}");
        assert_eq!(json!(owners[0].0), owner);
    }
}
