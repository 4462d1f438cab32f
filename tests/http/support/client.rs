use std::time::{Duration, Instant};

use reqwest::{
    Method, RequestBuilder,
    header::{HeaderMap, HeaderName},
    redirect,
};
use serde_json::{Value, json};

/// Good enough for zxcvbn.
pub const PASSWORD: &str = "quiet-lantern-97-harbour";

/// A client of the API, with a token or without.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    pub token: Option<String>,
    pub id: String,
    pub email: String,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body; fails when the status is another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The body; fails when it is not an error of this kind in the contract's shape.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Value {
        assert_eq!(self.header("content-type"), "application/json", "{}", self.text);
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        assert!(body["error"].is_string(), "{body}");
        let known = ["error", "detail", "code", "fields"];
        assert!(body.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{body}");
        body
    }
}

impl Client {
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(Duration::from_secs(20))
            .build()
            .unwrap();
        Self { base: base.to_owned(), http, token: None, id: String::new(), email: String::new() }
    }

    /// Signs up and signs in.
    pub async fn sign_up(&mut self, name: &str, time_zone: &str) {
        self.email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let account = json!({ "name": name, "email": self.email, "password": PASSWORD, "time_zone": time_zone });
        self.id = self.post("/api/auth/signup", account).await.expect(201)["id"].as_str().unwrap().to_owned();
        self.sign_in(PASSWORD).await;
    }

    pub async fn sign_in(&mut self, password: &str) {
        let signed_in =
            self.post("/api/auth/signin", json!({ "email": self.email, "password": password })).await.expect(200);
        self.token = Some(signed_in["access_token"].as_str().unwrap().to_owned());
    }

    /// Creates a personal token with these scopes: the same user, signed in by it.
    pub async fn personal(&self, scopes: &[&str]) -> Self {
        let new = json!({ "name": "Test", "scopes": scopes });
        let created = self.post("/api/auth/tokens", new).await.expect(201);
        self.with_token(created["token"].as_str().unwrap())
    }

    /// The same user at another server with the same accounts.
    pub fn with_base(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same user by another address, whose certificate nobody has signed.
    pub fn trusting_any_certificate(&self, base: &str) -> Self {
        let http = reqwest::Client::builder().danger_accept_invalid_certs(true).build().unwrap();
        Self { http, ..self.with_base(base) }
    }

    /// The same client with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, text: answer.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    /// A POST without a body.
    pub async fn touch(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    pub async fn post_with(&self, path: &str, body: Value, header: (&'static str, &str)) -> Answer {
        let name = HeaderName::from_static(header.0);
        self.send(self.request(Method::POST, path).json(&body).header(name, header.1)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// Creates a task; its id.
    pub async fn task(&self, title: &str) -> String {
        self.post("/api/tasks", json!({ "title": title })).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Creates a task in a team; its id.
    pub async fn team_task(&self, title: &str, team: &str) -> String {
        let task = self.post("/api/tasks", json!({ "title": title, "team_id": team })).await.expect(201);
        task["id"].as_str().unwrap().to_owned()
    }

    /// One field of every item of a list, over all its pages.
    pub async fn listed(&self, path: &str, field: &str) -> Vec<String> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        let joint = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.get(&format!("{path}{joint}limit=2{cursor}")).await.expect(200);
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2, "{page}");
            found.extend(items.iter().map(|item| item[field].as_str().unwrap_or_default().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return found,
            }
        }
    }

    /// The four statistics: total, pending, completed, shared.
    pub async fn numbers(&self) -> [u64; 4] {
        let numbers = self.get("/api/dashboard/statistics").await.expect(200);
        ["total_tasks", "pending_tasks", "completed_tasks", "shared_tasks"].map(|name| numbers[name].as_u64().unwrap())
    }

    /// Posts the form of this name to its page, as a browser without script does; `page` is an address of ours.
    pub async fn form(
        &self,
        name: &str,
        cookie: Option<&str>,
        origin: &str,
        page: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let path = page.split_once("://").map_or(page, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
        let fields = [&[("form", name)], fields].concat();
        let request = self.http.post(format!("{}{path}", self.base)).header("accept", "text/html");
        let mut request = request.header("origin", origin).form(&fields);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        self.send(request).await
    }

    /// The same with the client's own token.
    pub async fn submit(&self, name: &str, page: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = [&[("form", name)], fields].concat();
        let request = self.request(Method::POST, page).header("sec-fetch-site", "same-origin");
        self.send(request.header("accept", "text/html").form(&fields)).await
    }
}

/// The fastest of `times` answers to each of these requests, which return this many items. The requests take turns: other
/// tests run on the same cores, now more and now fewer.
pub async fn best_times<const N: usize>(times: u32, requests: [(&Client, &str, usize); N]) -> [Duration; N] {
    let mut best = [Duration::MAX; N];
    for _ in 0..times {
        for ((client, path, items), best) in requests.iter().zip(&mut best) {
            let started = Instant::now();
            let page = client.get(path).await.expect(200);
            *best = started.elapsed().min(*best);
            assert_eq!(page["items"].as_array().unwrap().len(), *items, "{path}");
        }
    }
    best
}

/// Repeats a request until the answer is right; fails after `limit`.
pub async fn until<T: std::fmt::Debug>(
    limit: Duration,
    mut ask: impl AsyncFnMut() -> T,
    right: impl Fn(&T) -> bool,
) -> Duration {
    let started = Instant::now();
    loop {
        let answer = ask().await;
        if right(&answer) {
            return started.elapsed();
        }
        assert!(started.elapsed() < limit, "still {answer:?} after {limit:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
