//! One socket: what goes out, what comes in, when it ends.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::hub::{Closing, Seat, frame};
use crate::{
    app::App,
    auth::AuthenticatedUser,
    error::{Code, Error},
};

const PING_EVERY: Duration = Duration::from_secs(30);
const SILENT_AT_MOST: Duration = Duration::from_secs(75);
/// The most that a message to us may weigh, in bytes.
const MESSAGE_AT_MOST: usize = 4 * 1024;
/// So many bad messages end a socket.
const BAD_AT_MOST: u32 = 3;
/// A socket that takes no more within this time is gone.
const SEND_WITHIN: Duration = Duration::from_secs(10);

/// A complaint to the other side.
pub enum Refusal {
    /// And that was it.
    Last(Error),
    /// It may go on.
    Warning(Error),
}

/// Serves a signed-in socket until either side ends it.
pub async fn run(app: &App, mut socket: WebSocket, user: AuthenticatedUser) {
    let mut seat = app.hub.join(&user);
    let ack = frame("connection_ack", json!({ "user_id": user.id() }));
    if send(&mut socket, Message::Text(ack)).await.is_none() {
        return;
    }
    if let Some(closing) = talk(app, &mut socket, &mut seat, &user).await {
        close(&mut socket, closing).await;
    }
}

/// Why the server ends it; `None` when the other side has.
async fn talk(app: &App, socket: &mut WebSocket, seat: &mut Seat, user: &AuthenticatedUser) -> Option<Closing> {
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ping.reset();
    let mut heard = Instant::now();
    let mut bad = 0;
    loop {
        let told = *seat.closing.borrow_and_update();
        if let Some(closing) = told {
            return Some(closing);
        }
        tokio::select! {
            changed = seat.closing.changed() => changed.ok()?,
            Some(frame) = seat.queue.recv() => send(socket, Message::Text(frame)).await?,
            () = seat.numbers.notified() => {
                if let Some(frame) = statistics(app, user).await {
                    send(socket, Message::Text(frame)).await?;
                }
            }
            message = socket.recv() => {
                heard = Instant::now();
                match message?.ok()? {
                    Message::Text(text) => {
                        let Some(error) = complaint(&text) else {
                            send(socket, Message::Text(frame("pong", json!({})))).await?;
                            continue;
                        };
                        bad += 1;
                        if bad >= BAD_AT_MOST {
                            refuse(socket, Refusal::Last(error)).await;
                            return None;
                        }
                        refuse(socket, Refusal::Warning(error)).await;
                    }
                    Message::Binary(_) => {
                        refuse(socket, Refusal::Last(Error::new(Code::BadRequest, "Only text is understood"))).await;
                        return None;
                    }
                    Message::Close(_) => return None,
                    Message::Ping(_) | Message::Pong(_) => {}
                }
            }
            _ = ping.tick() => send(socket, Message::Ping(Vec::new().into())).await?,
            () = sleep_until(heard + SILENT_AT_MOST) => return None,
        }
    }
}

/// The four numbers, as they are now.
async fn statistics(app: &App, user: &AuthenticatedUser) -> Option<Utf8Bytes> {
    let counted = app.counts.statistics(user).await.ok()?;
    let data = serde_json::to_value(counted).ok()?;
    Some(frame("statistics", data))
}

/// What is wrong with a message; a ping is all that there is to say.
fn complaint(text: &str) -> Option<Error> {
    if text.len() > MESSAGE_AT_MOST {
        return Some(Error::new(Code::PayloadTooLarge, "The message is too long").detail("At most 4 KiB"));
    }
    let message: Value = serde_json::from_str(text).unwrap_or_default();
    let ping = message.as_object().is_some_and(|fields| fields.len() == 1) && message["type"] == "ping";
    (!ping).then(|| Error::new(Code::BadRequest, "The message is not understood").detail("Send {\"type\":\"ping\"}"))
}

/// Says what was wrong.
pub async fn refuse(socket: &mut WebSocket, refusal: Refusal) {
    let (error, last) = match refusal {
        Refusal::Last(error) => (error, true),
        Refusal::Warning(error) => (error, false),
    };
    let data = serde_json::to_value(&error).unwrap_or_default();
    if send(socket, Message::Text(frame("error", data))).await.is_some() && last {
        close(socket, Closing::POLICY).await;
    }
}

async fn close(socket: &mut WebSocket, Closing(code, reason): Closing) {
    let close = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
    if send(socket, Message::Close(Some(close))).await.is_some() {
        // The other side answers a close with a close; what comes before it is read away.
        let goodbye = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Option<()> {
    tokio::time::timeout(SEND_WITHIN, socket.send(message)).await.ok()?.ok()
}
