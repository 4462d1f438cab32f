use serde_json::{Value, json};

on_both_databases! {
    async fn a_conversation_is_begun_read_renamed_and_deleted(server) {
        let ada = server.user("Ada").await;
        let made = ada.post("/api/conversations", json!({ "title": "  Plans " })).await.expect(201);
        insta::assert_json_snapshot!("conversation", made, {
            ".id" => "[id]", ".user_id" => "[id]", ".created_at" => "[time]", ".updated_at" => "[time]"
        });
        let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());
        assert_eq!(ada.get(&path).await.expect(200), made);
        assert_eq!(ada.patch(&path, json!({ "title": "New plans" })).await.expect(200)["title"], "New plans");
        assert_eq!(ada.patch(&path, json!({})).await.expect(200)["title"], "New plans");
        assert_eq!(ada.patch(&path, json!({ "title": null })).await.expect(200)["title"], Value::Null);
        assert_eq!(ada.post("/api/conversations", json!({})).await.expect(201)["title"], Value::Null);
        ada.delete(&path).await.expect(204);
        ada.get(&path).await.expect_error(404, "NOT_FOUND");
        ada.get(&format!("{path}/messages")).await.expect_error(404, "NOT_FOUND");
    }

    async fn messages_of_both_sides_are_kept_in_order(server) {
        let ada = server.user("Ada").await;
        let made = ada.post("/api/conversations", json!({ "title": "Plans" })).await.expect(201);
        let path = format!("/api/conversations/{}", made["id"].as_str().unwrap());
        let messages = format!("{path}/messages");
        let said = ada.post(&messages, json!({ "content": " What is due? " })).await.expect(201);
        insta::assert_json_snapshot!("message", said, {
            ".id" => "[id]", ".conversation_id" => "[id]", ".user_id" => "[id]", ".created_at" => "[time]"
        });
        let answer = ada.post(&messages, json!({ "role": "assistant", "content": "Nothing." })).await.expect(201);
        assert_eq!(answer["role"], "assistant");
        ada.post(&messages, json!({ "role": "user", "content": "ü".repeat(10_000) })).await.expect(201);
        assert_eq!(ada.listed(&messages, "role").await, ["user", "assistant", "user"]);
        assert_eq!(ada.listed(&messages, "content").await[1..], ["Nothing.", "What is due?"]);
        assert!(ada.get(&path).await.expect(200)["updated_at"].as_str() > made["updated_at"].as_str());
        for title in ["Second", "Third"] {
            ada.post("/api/conversations", json!({ "title": title })).await.expect(201);
        }
        assert_eq!(ada.listed("/api/conversations", "title").await, ["Third", "Second", "Plans"]);
    }

    async fn bad_input_is_refused_by_name(server) {
        let ada = server.user("Ada").await;
        let made = ada.post("/api/conversations", json!({})).await.expect(201);
        let messages = format!("/api/conversations/{}/messages", made["id"].as_str().unwrap());
        for (path, body, field) in [
            ("/api/conversations", json!({ "title": "x".repeat(201) }), "title"),
            ("/api/conversations", json!({ "name": "x" }), "name"),
            (messages.as_str(), json!({}), "content"),
            (&messages, json!({ "content": "  " }), "content"),
            (&messages, json!({ "content": "x".repeat(10_001) }), "content"),
            (&messages, json!({ "content": "x", "role": "system" }), "role"),
        ] {
            let error = ada.post(path, body).await.expect_error(422, "VALIDATION_ERROR");
            assert!(error["fields"][field].is_string(), "{error}");
        }
        ada.get("/api/conversations/x").await.expect_error(400, "BAD_REQUEST");
        ada.get(&format!("{messages}?cursor=x")).await.expect_error(422, "VALIDATION_ERROR");
        assert!(ada.listed(&messages, "id").await.is_empty());
    }
}
