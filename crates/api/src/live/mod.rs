//! The handler of `GET /api/ws`.

mod socket;

use std::time::Duration;

use axum::{
    Router,
    extract::{
        FromRequestParts, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use socket::SocketError;
use tallyboard_base::http::parse_query;
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, Needs, authenticated, check_same_origin, current_user, has_credentials},
};
use tallyboard_model::error::{Code, Error, Result};

/// How long a client may take to sign in by its first message.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(10);
/// Messages up to this size are read, so that those over the contract's 4 KiB get an `error` event.
const MAX_READ_BYTES: usize = 64 * 1024;
/// The buffers of each socket; tungstenite's default is 128 KiB.
const BUFFER_BYTES: usize = 1024;

/// `/api/ws`
pub fn routes() -> Router<AppState> {
    Router::new().route("/api/ws", get(upgrade))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SocketQuery {
    token: Option<String>,
}

/// Signs in by the cookie (from our own pages only), by a header, by `?token=`, or by the first message.
async fn upgrade(State(app): State<AppState>, request: Request) -> Result<Response> {
    let (mut parts, _) = request.into_parts();
    let SocketQuery { token } = parse_query(parts.uri.query().unwrap_or_default())?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app)
        .await
        .map_err(|_| Error::new(Code::BadRequest, "This address only accepts WebSockets"))?;
    let signed_in = match token {
        Some(token) => Some(authenticated(&app, &token, &parts.headers, Needs::Read).await),
        None => match current_user(&app, &parts.method, &parts.headers, Needs::Read).await {
            // Browsers send the cookie with sockets that other sites' pages open.
            Ok(user) if !parts.headers.contains_key(header::AUTHORIZATION) => {
                check_same_origin(&app, &parts.headers)?;
                Some(Ok(user))
            }
            Err(_) if !has_credentials(&app, &parts.headers) => {
                app.limits.count_anonymous_request()?;
                None
            }
            result => Some(result),
        },
    };
    let signed_in = match signed_in {
        Some(Err(error)) if error.code == Code::RateLimited => return Err(error),
        signed_in => signed_in,
    };
    let upgrade = upgrade
        .max_message_size(MAX_READ_BYTES)
        .max_frame_size(MAX_READ_BYTES)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| serve(app, socket, signed_in)))
}

async fn serve(app: AppState, mut socket: WebSocket, signed_in: Option<Result<AuthenticatedUser>>) {
    let signed_in = match signed_in {
        Some(result) => result,
        None => tokio::time::timeout(SIGN_IN_TIMEOUT, first_message(&app, &mut socket))
            .await
            .unwrap_or_else(|_| Err(Error::unauthorized("No sign-in within 10 seconds"))),
    };
    match signed_in {
        Ok(user) => socket::run(&app, socket, user).await,
        Err(error) => socket::send_error(&mut socket, SocketError::Fatal(error)).await,
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum FirstMessage {
    Auth { token: String },
}

async fn first_message(app: &AppState, socket: &mut WebSocket) -> Result<AuthenticatedUser> {
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        let Ok(FirstMessage::Auth { token }) = serde_json::from_str(&text) else { break };
        return authenticated(app, &token, &HeaderMap::new(), Needs::Read).await;
    }
    Err(Error::unauthorized("The first message has to be {\"type\":\"auth\",\"token\":\"…\"}"))
}
