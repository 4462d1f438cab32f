//! One WebSocket: the frames that it sends, the messages that it receives, and when it is closed.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    live::hub::{CloseReason, Subscription, frame},
};
use tallyboard_model::error::{Code, Error};

const PING_INTERVAL: Duration = Duration::from_secs(30);
/// A socket that sends nothing for this long, not even a pong, is dropped.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(75);
/// The largest message from a client, in bytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;
/// The number of invalid messages after which the socket is closed.
const MAX_INVALID_MESSAGES: u32 = 3;
/// A client that accepts no frame for this long is considered gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// An `error` event for the client.
pub enum SocketError {
    /// The socket is closed after it.
    Fatal(Error),
    /// The socket stays open.
    Recoverable(Error),
}

/// Serves a signed-in socket until either side ends it.
pub async fn run(app: &AppState, mut socket: WebSocket, user: AuthenticatedUser) {
    let mut subscription = app.hub.subscribe(&user);
    let ack = frame("connection_ack", json!({ "user_id": user.id() }));
    if send(&mut socket, Message::Text(ack)).await.is_none() {
        return;
    }
    if let Some(reason) = run_socket(app, &mut socket, &mut subscription, &user).await {
        close(&mut socket, reason).await;
    }
}

/// Runs until either side ends the socket: the reason of the server, or `None` when the client has ended it.
async fn run_socket(
    app: &AppState,
    socket: &mut WebSocket,
    subscription: &mut Subscription,
    user: &AuthenticatedUser,
) -> Option<CloseReason> {
    let mut ping = interval(PING_INTERVAL);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();
    let mut last_message = Instant::now();
    let mut invalid = 0;
    loop {
        let close = *subscription.close.borrow_and_update();
        if let Some(reason) = close {
            return Some(reason);
        }
        tokio::select! {
            changed = subscription.close.changed() => changed.ok()?,
            Some(frame) = subscription.frames.recv() => send(socket, Message::Text(frame)).await?,
            () = subscription.statistics_changed.notified() => {
                if let Some(frame) = statistics(app, user).await {
                    send(socket, Message::Text(frame)).await?;
                }
            }
            message = socket.recv() => {
                last_message = Instant::now();
                match message?.ok()? {
                    Message::Text(text) => {
                        let Some(error) = error_of(&text) else {
                            send(socket, Message::Text(frame("pong", json!({})))).await?;
                            continue;
                        };
                        invalid += 1;
                        if invalid >= MAX_INVALID_MESSAGES {
                            send_error(socket, SocketError::Fatal(error)).await;
                            return None;
                        }
                        send_error(socket, SocketError::Recoverable(error)).await;
                    }
                    Message::Binary(_) => {
                        send_error(socket, SocketError::Fatal(Error::new(Code::BadRequest, "Only text messages are accepted"))).await;
                        return None;
                    }
                    Message::Close(_) => return None,
                    Message::Ping(_) | Message::Pong(_) => {}
                }
            }
            _ = ping.tick() => send(socket, Message::Ping(Vec::new().into())).await?,
            () = sleep_until(last_message + SILENCE_TIMEOUT) => return None,
        }
    }
}

/// The four statistics as they are now.
async fn statistics(app: &AppState, user: &AuthenticatedUser) -> Option<Utf8Bytes> {
    let counted = app.statistics.statistics(user).await.ok()?;
    let data = serde_json::to_value(counted).ok()?;
    Some(frame("statistics", data))
}

/// What is wrong with a message; only a ping is valid.
fn error_of(text: &str) -> Option<Error> {
    if text.len() > MAX_MESSAGE_BYTES {
        return Some(Error::new(Code::PayloadTooLarge, "The message is too long").detail("At most 4 KiB"));
    }
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    let ping = message.as_object().is_some_and(|fields| fields.len() == 1) && message["type"] == "ping";
    (!ping).then(|| Error::new(Code::BadRequest, "Unknown message").detail("Send {\"type\":\"ping\"}"))
}

/// Sends an error.
pub async fn send_error(socket: &mut WebSocket, refusal: SocketError) {
    let (error, is_fatal) = match refusal {
        SocketError::Fatal(error) => (error, true),
        SocketError::Recoverable(error) => (error, false),
    };
    let data = serde_json::to_value(&error).unwrap_or_default();
    if send(socket, Message::Text(frame("error", data))).await.is_some() && is_fatal {
        close(socket, CloseReason::POLICY_VIOLATION).await;
    }
}

async fn close(socket: &mut WebSocket, CloseReason(code, reason): CloseReason) {
    let close = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    if send(socket, Message::Close(Some(close))).await.is_some() {
        // The client answers a close frame with its own; earlier messages are read and ignored.
        let closed = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), closed).await;
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Option<()> {
    tokio::time::timeout(SEND_TIMEOUT, socket.send(message)).await.ok()?.ok()
}
