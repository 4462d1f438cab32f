use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use super::{Answer, Client};

/// The newest revision: every request says everything about itself.
pub const STATELESS: &str = "2026-07-28";

/// An assistant that speaks one revision of MCP.
pub struct Assistant {
    pub client: Client,
    pub revision: &'static str,
}

impl Assistant {
    /// Speaks the newest revision with this user's token.
    pub fn of(client: &Client) -> Self {
        Self { client: client.clone(), revision: STATELESS }
    }

    pub fn speaking(client: &Client, revision: &'static str) -> Self {
        Self { client: client.clone(), revision }
    }

    /// A request of the protocol with the headers of its revision.
    pub fn request(&self, method: &str, mut params: Value) -> RequestBuilder {
        let mut request = self
            .client
            .request(Method::POST, "/mcp")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", self.revision);
        if self.revision == STATELESS {
            request = request.header("mcp-method", method);
            if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
                request = request.header("mcp-name", name);
            }
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": STATELESS,
                "io.modelcontextprotocol/clientInfo": { "name": "Test assistant", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        request.json(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
    }

    pub async fn answer(&self, method: &str, params: Value) -> Answer {
        self.client.send(self.request(method, params)).await
    }

    /// The result of a request; fails on an error.
    pub async fn result(&self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params).await;
        let body = answer.json();
        assert!(body["result"].is_object(), "{method}: {} {body}", answer.status);
        body["result"].clone()
    }

    /// What a tool answers; the error in the contract's shape when it answers one.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Value, Value> {
        let result = self.result("tools/call", json!({ "name": tool, "arguments": arguments })).await;
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        if result["isError"] == true {
            assert!(text["error"].is_string() && text["code"].is_string(), "{text}");
            assert!(text["detail"].is_string(), "the error does not say what to do next: {text}");
            return Err(text);
        }
        let mut structured = result["structuredContent"].clone();
        structured.as_object_mut().unwrap().remove("ignored");
        assert_eq!(structured, text, "{result}");
        Ok(text)
    }

    /// The code of the error that a tool answers, or `ok`.
    pub async fn outcome(&self, tool: &str, arguments: Value) -> String {
        match self.call(tool, arguments).await {
            Ok(_) => "ok".to_owned(),
            Err(error) => error["code"].as_str().unwrap().to_owned(),
        }
    }

    /// Listens for changes of these resources, the newest revision's way.
    pub async fn listen(&self, uris: &[&str]) -> Events {
        let filter = json!({ "resourceSubscriptions": uris, "resourcesListChanged": true });
        let mut events = Events::new(self.request("subscriptions/listen", json!({ "notifications": filter }))).await;
        assert_eq!(events.next().await.unwrap()["method"], "notifications/subscriptions/acknowledged");
        events
    }

    /// Listens the older revisions' way: to what was subscribed to.
    pub async fn older_stream(&self) -> Events {
        let request = self.client.request(Method::GET, "/mcp").header("accept", "text/event-stream");
        Events::new(request.header("mcp-protocol-version", self.revision)).await
    }
}

/// A stream of server-sent events.
pub struct Events {
    response: Response,
    buffer: String,
}

impl Events {
    async fn new(request: RequestBuilder) -> Self {
        let response = request.timeout(Duration::from_secs(60)).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, buffer: String::new() }
    }

    /// The next message; `None` when the server has ended the stream.
    pub async fn next(&mut self) -> Option<Value> {
        let read = async {
            loop {
                while let Some((line, rest)) = self.buffer.split_once('\n') {
                    let data = line.strip_prefix("data:").map(|data| data.trim().to_owned());
                    self.buffer = rest.to_owned();
                    if let Some(data) = data.filter(|data| !data.is_empty()) {
                        return serde_json::from_str(&data).ok();
                    }
                }
                let chunk = self.response.chunk().await.ok()??;
                self.buffer += &String::from_utf8_lossy(&chunk);
            }
        };
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("nothing came")
    }

    /// Reads until a change of this resource arrives.
    pub async fn until_changed(&mut self, uri: &str) {
        loop {
            let message = self.next().await.expect("the stream has ended");
            if message["method"] == "notifications/resources/updated" && message["params"]["uri"] == uri {
                return;
            }
        }
    }

    /// Reads until the server ends the stream.
    pub async fn ended(&mut self) {
        while self.next().await.is_some() {}
    }
}
