//! The one socket of a tab: opened for the first island that listens, opened again whenever it
//! closes, for as long as the page lives.

use std::cell::{Cell, RefCell};

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
    future::{Either, select},
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{
    leptos_dom::helpers::{window, window_event_listener_untyped},
    task::spawn_local,
};

use super::{Happened, Heard};
use crate::error::Error;

/// So long the server may be silent before it is asked whether it is there, and so long it may take
/// to say so.
const PING_AFTER_MS: u32 = 30_000;
const PONG_WITHIN_MS: u32 = 10_000;
/// The longest of the pauses between tries: 1, 2, 4, 8, 16, 32 s, each with jitter.
const PAUSE_DOUBLINGS: u32 = 5;
/// The close code of a session that is over: another try is of no use until somebody signs in.
const POLICY: u16 = 1008;

type Listener = Box<dyn Fn(&Heard)>;

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
    static LIVE: Cell<bool> = const { Cell::new(false) };
}

/// Calls `listener` with everything that is heard, for as long as the page lives.
pub fn listen(listener: impl Fn(&Heard) + 'static) {
    if LIVE.get() {
        listener(&Heard::Live);
    }
    let first = LISTENERS.with_borrow_mut(|listeners| {
        listeners.push(Box::new(listener));
        listeners.len() == 1
    });
    if first {
        spawn_local(run());
    }
}

/// Asks `fetch` anew, and shows its answer, whenever something happens that `concerns` it or may have
/// been missed; once for all that happens while an answer is under way.
pub fn follow<T: 'static, F: Future<Output = Result<T, Error>>>(
    concerns: impl Fn(&Happened) -> bool + 'static,
    fetch: impl Fn() -> F + 'static,
    show: impl Fn(Result<T, Error>) + 'static,
) {
    let (ask, mut asked) = unbounded();
    listen(move |heard| {
        let asks = match heard {
            Heard::Refetch => true,
            Heard::Event(happened) => concerns(happened),
            Heard::Live | Heard::Down => false,
        };
        if asks {
            drop(ask.unbounded_send(()));
        }
    });
    spawn_local(async move {
        while asked.next().await.is_some() {
            while asked.try_recv().is_ok() {}
            show(fetch().await);
        }
    });
}

fn tell(heard: &Heard) {
    LISTENERS.with_borrow(|listeners| listeners.iter().for_each(|listener| listener(heard)));
}

async fn run() {
    let (wake, mut woken) = unbounded();
    // The network is back: no reason to wait.
    window_event_listener_untyped("online", move |_| drop(wake.unbounded_send(())));
    let mut failures = 0;
    let mut before = false;
    loop {
        let (was_live, code) = talk(before).await;
        if LIVE.replace(false) {
            tell(&Heard::Down);
        }
        before |= was_live;
        failures = if was_live { 0 } else { failures };
        rest(if code == Some(POLICY) { PAUSE_DOUBLINGS } else { failures }, &mut woken).await;
        failures += 1;
    }
}

async fn rest(failures: u32, woken: &mut UnboundedReceiver<()>) {
    let jitter = 0.8 + 0.4 * js_sys::Math::random();
    let pause = 1000.0 * 2f64.powi(failures.min(PAUSE_DOUBLINGS) as i32) * jitter;
    select(TimeoutFuture::new(pause as u32), woken.next()).await;
    // Without a network another try would only fill the console.
    while !window().navigator().on_line() {
        woken.next().await;
    }
}

/// One socket's life: whether it was ever live, and the code with which it closed.
async fn talk(before: bool) -> (bool, Option<u16>) {
    let Some(mut socket) = open() else { return (false, None) };
    let mut live = false;
    let mut asked = false;
    loop {
        let patience = TimeoutFuture::new(if asked { PONG_WITHIN_MS } else { PING_AFTER_MS });
        let message = match select(socket.next(), patience).await {
            Either::Left((Some(Ok(Message::Text(text))), _)) => text,
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => continue,
            Either::Left((Some(Err(WebSocketError::ConnectionClose(close))), _)) => return (live, Some(close.code)),
            Either::Left((Some(Err(_)) | None, _)) => return (live, None),
            Either::Right(_) if asked => return (live, None),
            Either::Right(_) => {
                asked = true;
                let ping = Message::Text(r#"{"type":"ping"}"#.to_owned());
                if socket.send(ping).now_or_never().is_some_and(|sent| sent.is_err()) {
                    return (live, None);
                }
                continue;
            }
        };
        asked = false;
        let Ok(happened) = serde_json::from_str::<Happened>(&message) else { continue };
        match happened.event_type.as_str() {
            "connection_ack" => {
                live = true;
                LIVE.set(true);
                tell(&Heard::Live);
                // What happened while there was no socket was missed.
                if before {
                    tell(&Heard::Refetch);
                }
            }
            "refetch" => tell(&Heard::Refetch),
            "pong" => {}
            _ => tell(&Heard::Event(happened)),
        }
    }
}

fn open() -> Option<WebSocket> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    WebSocket::open(&format!("{scheme}://{}/api/ws", location.host().ok()?)).ok()
}
