//! `tallyboard mcp`: for assistants that start a program and speak MCP over its standard input and output. Every
//! message is passed to a server's `/mcp` and its answers are passed back; nothing is understood beyond that.

use std::{path::PathBuf, sync::Arc};

use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    sync::{Mutex, mpsc},
    task::{AbortHandle, JoinSet},
};

use super::Failure;
use tallyboard_assistants::mcp::rest::STATELESS_REVISION;
use tallyboard_model::paths::MCP;

/// The longest message that is read.
const MAX_LINE_BYTES: usize = 1024 * 1024;
/// Where a request says its revision.
const REVISION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

/// Reads the token from the file, or from TALLYBOARD_TOKEN.
pub fn token(file: Option<PathBuf>) -> Result<String, Failure> {
    let text = match file {
        Some(path) => std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => std::env::var("TALLYBOARD_TOKEN")
            .map_err(|_| "set TALLYBOARD_TOKEN to a personal token, or name a file with --token-file")?,
    };
    Ok(text.trim().to_owned())
}

struct Bridge {
    client: Client,
    url: String,
    token: String,
    /// The revision that an `initialize` has agreed on; requests of newer revisions say theirs themselves.
    agreed_revision: Mutex<Option<String>>,
    answers: mpsc::Sender<String>,
}

/// Passes messages on until the standard input ends and every request is answered.
pub async fn run(url: &str, token: String) -> Result<(), Failure> {
    let url = if url.ends_with(MCP) { url.to_owned() } else { format!("{}{MCP}", url.trim_end_matches('/')) };
    let client = Client::builder().user_agent(concat!("tallyboard-mcp/", env!("CARGO_PKG_VERSION"))).build()?;
    let (answers, mut to_write) = mpsc::channel::<String>(64);
    let bridge = Arc::new(Bridge { client, url, token, agreed_revision: Mutex::default(), answers });
    let writing = tokio::spawn(async move {
        let mut stdout = tokio::io::stdout();
        while let Some(line) = to_write.recv().await {
            stdout.write_all(format!("{line}\n").as_bytes()).await?;
            stdout.flush().await?;
        }
        Ok::<_, std::io::Error>(())
    });

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut requests = JoinSet::new();
    let mut listening: Option<AbortHandle> = None;
    let mut running: Vec<(Value, AbortHandle)> = Vec::new();
    while let Some(line) = lines.next_line().await? {
        while requests.try_join_next().is_some() {}
        running.retain(|(_, request)| !request.is_finished());
        if line.trim().is_empty() {
            continue;
        }
        let message: Value = match serde_json::from_str(&line) {
            Ok(message) if line.len() <= MAX_LINE_BYTES => message,
            _ => {
                let error = json!({ "code": -32700, "message": "The line is not a JSON message of at most 1 MiB" });
                bridge.answer(json!({ "jsonrpc": "2.0", "id": null, "error": error })).await;
                continue;
            }
        };
        match message["method"].as_str() {
            // Ending the request is how a client of HTTP cancels it.
            Some("notifications/cancelled") => {
                let id = &message["params"]["requestId"];
                running.iter().filter(|(running, _)| running == id).for_each(|(_, request)| request.abort());
            }
            Some("notifications/initialized") if listening.is_none() => {
                let stream = bridge.clone();
                listening = Some(tokio::spawn(async move { stream.listen().await }).abort_handle());
            }
            _ => {}
        }
        let id = message["id"].clone();
        // The answer to `initialize` decides how the next messages are sent.
        if message["method"] == "initialize" {
            bridge.pass(message).await;
            continue;
        }
        let bridge = bridge.clone();
        let request = requests.spawn(async move { bridge.pass(message).await });
        running.push((id, request));
    }
    while requests.join_next().await.is_some() {}
    if let Some(listening) = listening {
        listening.abort();
    }
    drop(bridge);
    writing.await??;
    Ok(())
}

impl Bridge {
    async fn answer(&self, message: Value) {
        // Nobody reads any more: the process ends with its standard input.
        let _ = self.answers.send(message.to_string()).await;
    }

    fn with_token(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.token).header(header::ACCEPT, "application/json, text/event-stream")
    }

    /// Sends one message and writes what is answered. A failure is answered as an error of the protocol.
    async fn pass(&self, message: Value) {
        let id = message.get("id").filter(|id| !id.is_null()).cloned();
        let is_request = id.is_some() && message.get("method").is_some();
        let failure = match self.send(&message).await {
            Ok(response) => self.write_answers(response, &message).await.err(),
            Err(error) => Some(error),
        };
        match failure {
            Some(error) if is_request => {
                let error = json!({ "code": -32000, "message": error });
                self.answer(json!({ "jsonrpc": "2.0", "id": id, "error": error })).await;
            }
            Some(error) => eprintln!("tallyboard: {error}"),
            None => {}
        }
    }

    async fn send(&self, message: &Value) -> Result<Response, String> {
        let mut request = self.with_token(self.client.post(&self.url)).json(message);
        let params = &message["params"];
        let revision = params["_meta"][REVISION_KEY].as_str().map(str::to_owned);
        let revision = match revision {
            Some(revision) => Some(revision),
            None => self.agreed_revision.lock().await.clone(),
        };
        if let (Some(revision), false) = (&revision, message["method"] == "initialize") {
            request = request.header("MCP-Protocol-Version", revision);
            // Since that revision proxies can route by headers, which have to agree with the message.
            if revision.as_str() >= STATELESS_REVISION {
                if let Some(method) = message["method"].as_str() {
                    request = request.header("Mcp-Method", method);
                }
                if let Some(name) = params["name"].as_str().or(params["uri"].as_str()) {
                    request = request.header("Mcp-Name", name);
                }
            }
        }
        request.send().await.map_err(|error| format!("{} cannot be reached: {}", self.url, error.without_url()))
    }

    async fn write_answers(&self, response: Response, message: &Value) -> Result<(), String> {
        let status = response.status();
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("text/event-stream") {
            return self.write_events(response).await;
        }
        let body = response.text().await.map_err(|error| error.without_url().to_string())?;
        if body.is_empty() {
            return if status.is_success() { Ok(()) } else { Err(format!("the server answered {status}")) };
        }
        let answer: Value = serde_json::from_str(&body).map_err(|_| format!("the server answered {status}: {body}"))?;
        if answer.get("jsonrpc").is_none() {
            // An error before the protocol: a wrong token, for example.
            let words = [&answer["error"], &answer["detail"]].map(|words| words.as_str().unwrap_or_default());
            return Err(format!("the server answered {status}: {}", words.join(". ")));
        }
        if message["method"] == "initialize" {
            let agreed = answer["result"]["protocolVersion"].as_str().map(str::to_owned);
            *self.agreed_revision.lock().await = agreed;
        }
        self.answer(answer).await;
        Ok(())
    }

    /// Writes the messages of a stream of server-sent events until it ends.
    async fn write_events(&self, mut response: Response) -> Result<(), String> {
        let mut buffer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| error.without_url().to_string())? {
            buffer.extend_from_slice(&chunk);
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                // The server sends each message in one `data` line.
                if let Some(data) = line.strip_prefix("data:").map(str::trim).filter(|data| !data.is_empty()) {
                    let _ = self.answers.send(data.to_owned()).await;
                }
            }
        }
        Ok(())
    }

    /// Keeps open the older revisions' stream, on which the server announces changes.
    async fn listen(&self) {
        loop {
            let mut request = self.with_token(self.client.get(&self.url));
            if let Some(revision) = self.agreed_revision.lock().await.as_deref() {
                request = request.header("MCP-Protocol-Version", revision);
            }
            match request.send().await {
                Ok(response) if response.status().is_success() => {
                    let _ = self.write_events(response).await;
                }
                // The server has no such stream, or the token has ended: requests say so.
                Ok(_) => return,
                Err(_) => {}
            }
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        }
    }
}
