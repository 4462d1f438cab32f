//! The door to live events: `GET /api/ws`.

use std::time::Duration;

use axum::{
    Router,
    extract::{
        FromRequestParts, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::header,
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::socket::{self, Refusal};
use crate::{
    app::App,
    auth::{AuthenticatedUser, check_same_origin, current_user, has_credentials},
    error::{Code, Error, Result},
    http::parse_query,
};

/// How long a socket may take to sign in by its first message.
const SIGN_IN_WITHIN: Duration = Duration::from_secs(10);
/// Messages of more than the contract's 4 KiB are read to be complained of, up to this.
const MESSAGE_AT_MOST: usize = 64 * 1024;
/// What every open socket holds to read into; tungstenite's own choice is 128 KiB.
const READ_BUFFER: usize = 1024;

/// `/api/ws`
pub fn routes() -> Router<App> {
    Router::new().route("/api/ws", get(upgrade))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SocketQuery {
    token: Option<String>,
}

/// Signed in by the cookie (from our own pages), by a header, by `?token=`, or by a first message.
async fn upgrade(State(app): State<App>, request: Request) -> Result<Response> {
    let (mut parts, _) = request.into_parts();
    let SocketQuery { token } = parse_query(parts.uri.query().unwrap_or_default())?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &app)
        .await
        .map_err(|_| Error::new(Code::BadRequest, "This address takes WebSockets only"))?;
    let signed_in = match token {
        Some(token) => Some(app.auth.authenticate(&token).await),
        None => match current_user(&app, &parts.method, &parts.headers).await {
            // Browsers send the cookie along from any site's page.
            Ok(user) if !parts.headers.contains_key(header::AUTHORIZATION) => {
                check_same_origin(&app, &parts.headers)?;
                Some(Ok(user))
            }
            Err(_) if !has_credentials(&app, &parts.headers) => None,
            known => Some(known),
        },
    };
    let upgrade = upgrade
        .max_message_size(MESSAGE_AT_MOST)
        .max_frame_size(MESSAGE_AT_MOST)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(READ_BUFFER);
    Ok(upgrade.on_upgrade(move |socket| serve(app, socket, signed_in)))
}

async fn serve(app: App, mut socket: WebSocket, signed_in: Option<Result<AuthenticatedUser>>) {
    let signed_in = match signed_in {
        Some(known) => known,
        None => tokio::time::timeout(SIGN_IN_WITHIN, first_message(&app, &mut socket))
            .await
            .unwrap_or_else(|_| Err(Error::unauthorized("Nobody signed in within 10 seconds"))),
    };
    match signed_in {
        Ok(user) => socket::run(&app, socket, user).await,
        Err(error) => socket::refuse(&mut socket, Refusal::Last(error)).await,
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum First {
    Auth { token: String },
}

async fn first_message(app: &App, socket: &mut WebSocket) -> Result<AuthenticatedUser> {
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        let Ok(First::Auth { token }) = serde_json::from_str(&text) else { break };
        return app.auth.authenticate(&token).await;
    }
    Err(Error::unauthorized("The first message has to be {\"type\":\"auth\",\"token\":\"…\"}"))
}
