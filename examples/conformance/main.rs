//! The server with the tools, resources and prompts that the MCP conformance suite calls, for `make mcp-test` alone.
//!
//! Routes, checks and transport are the product's own, and everything that is not a fixture goes to the product's MCP
//! server. It prints its address and a token. With `--sessions` the transport keeps sessions: the older revisions ask a
//! client back (sampling, elicitation) on the stream of a session, which the product does not do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fixtures;
mod input_required;

use std::{net::SocketAddr, path::PathBuf};

use rmcp::transport::streamable_http_server::{
    StreamableHttpService,
    session::{local::LocalSessionManager, never::NeverSessionManager},
};
use tallyboard::server;
use tallyboard_assistants::mcp::{McpServer, rest};
use tallyboard_base::config::Config;
use tallyboard_model::auth::{NewPersonalToken, NewUser, TokenScope};
use tokio::net::TcpListener;

const EMAIL: &str = "conformance@example.org";

#[tokio::main]
async fn main() {
    let has_sessions = std::env::args().any(|argument| argument == "--sessions");
    let config = Config::load(&PathBuf::from("Leptos.toml"), false).unwrap();
    server::start_log(&config.log).unwrap();
    let app = server::build(config).await.unwrap();
    let new = NewUser {
        name: "Conformance".to_owned(),
        email: EMAIL.to_owned(),
        password: "quiet-lantern-97-harbour".to_owned(),
        time_zone: None,
        language: None,
        invitation: None,
    };
    app.auth.sign_up(new).await.unwrap();
    let new = NewPersonalToken {
        name: "Conformance suite".to_owned(),
        scopes: TokenScope::Write.included(),
        expires_in_days: Some(1),
        never_expires: false,
        password: None,
    };
    let token = app.auth.create_token_as_operator(EMAIL, new).await.unwrap().token;

    let fixtures = fixtures::Fixtures::new(McpServer::new(app.clone()));
    let factory = move || Ok(fixtures.clone());
    let mcp = if has_sessions {
        let config = rest::config().with_legacy_session_mode(true);
        rest::routes_of(StreamableHttpService::new(factory, LocalSessionManager::default().into(), config))
    } else {
        rest::routes_of(StreamableHttpService::new(factory, NeverSessionManager::default().into(), rest::config()))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{} {token}", listener.local_addr().unwrap());
    tokio::spawn(app.hub.clone().run(app.db.clone(), app.auth.clone()));
    let service = server::router_with_mcp(app, mcp).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).await.unwrap();
}
