//! The WebSocket of a browser tab: one for all islands of the page. It is opened for the first subscriber and
//! opened again whenever it closes.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
    future::{Either, select},
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::TimeoutFuture;
use leptos::{
    leptos_dom::helpers::{window, window_event_listener_untyped},
    prelude::StoredValue,
    task::spawn_local,
    web_sys::Event,
};

use super::{LocalChanges, page_events};
use crate::json::Json;
use tallyboard_model::{
    error::Error,
    live::{EventData, LiveEvent, LiveUpdate},
};

/// The silence after which the server is pinged, which is also the pong deadline.
const PING_AFTER_MS: u32 = 30_000;
const PONG_TIMEOUT_MS: u32 = 10_000;
/// How often the delay between two attempts doubles: 1, 2, 4, 8, 16, 32 s, each with jitter.
const MAX_DOUBLINGS: u32 = 5;
/// The close code of an ended session: another attempt fails until the user signs in again.
const POLICY_VIOLATION: u16 = 1008;

type Subscriber = Rc<dyn Fn(&LiveUpdate)>;

thread_local! {
    static SUBSCRIBERS: RefCell<Vec<(u32, Subscriber)>> = const { RefCell::new(Vec::new()) };
    /// How many subscriptions there have been.
    static SUBSCRIPTIONS: Cell<u32> = const { Cell::new(0) };
    static IS_CONNECTED: Cell<bool> = const { Cell::new(false) };
}

/// Receives updates until it's dropped.
#[must_use = "dropping it ends the subscription"]
pub struct Subscription {
    id: u32,
    /// The changes of the list that is refetched.
    local: Option<LocalChanges>,
}

impl Subscription {
    /// Keeps the subscription for as long as the island lives.
    pub fn for_island(self) {
        StoredValue::new(self);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Dropped after the borrow: a subscriber may own another subscription.
        let ended = SUBSCRIBERS.with_borrow_mut(|subscribers| {
            let index = subscribers.iter().position(|(id, _)| *id == self.id);
            index.map(|index| subscribers.remove(index))
        });
        drop(ended);
        if let Some(local) = self.local {
            local.dispose();
        }
    }
}

/// Calls `subscriber` with every update, for as long as the subscription lives.
pub fn subscribe(subscriber: impl Fn(&LiveUpdate) + 'static) -> Subscription {
    if IS_CONNECTED.get() {
        subscriber(&LiveUpdate::Connected);
    }
    let id = SUBSCRIPTIONS.get();
    SUBSCRIPTIONS.set(id + 1);
    SUBSCRIBERS.with_borrow_mut(|subscribers| subscribers.push((id, Rc::new(subscriber))));
    if id == 0 {
        spawn_local(run());
    }
    Subscription { id, local: None }
}

/// Fetches data again and shows it after every event that changes it, and whenever events may have been missed, until the
/// subscription is dropped.
/// All events during one request, or during a local change, cause one more request. An answer that a local change has
/// outdated is discarded and requested again.
pub fn refetch_on<T: 'static, F: Future<Output = Result<T, Error>>>(
    local: LocalChanges,
    is_changed_by: impl Fn(&LiveEvent) -> bool + 'static,
    fetch: impl Fn() -> F + 'static,
    show: impl Fn(Result<T, Error>) + 'static,
) -> Subscription {
    let (request, mut requests) = unbounded();
    let again = request.clone();
    local.on_discarded(move || drop(again.unbounded_send(())));
    let mut subscription = subscribe(move |update| {
        let refetch = match update {
            LiveUpdate::Refetch => true,
            LiveUpdate::Event(event) => is_changed_by(event),
            LiveUpdate::Connected | LiveUpdate::Disconnected => false,
        };
        if refetch {
            drop(request.unbounded_send(()));
        }
    });
    subscription.local = Some(local);
    // It ends with the subscription, which owns what sends requests.
    spawn_local(async move {
        while requests.next().await.is_some() {
            while requests.try_recv().is_ok() {}
            if local.postpone_refetch() {
                continue;
            }
            let version = local.version();
            let found = fetch().await;
            if local.accepts(version) {
                show(found);
            }
        }
    });
    subscription
}

/// Whether changes are pushed at the moment.
pub fn is_connected() -> bool {
    IS_CONNECTED.get()
}

/// Makes every list of the page fetch again.
pub fn refetch_everything() {
    publish(&LiveUpdate::Refetch);
}

fn publish(update: &LiveUpdate) {
    // A copy: a subscriber may end a subscription.
    let subscribers = SUBSCRIBERS.with_borrow(Clone::clone);
    subscribers.iter().for_each(|(_, subscriber)| subscriber(update));
}

/// Connects again and again.
async fn run() {
    let (wake, mut wakes) = unbounded();
    // A script of the page that has changed tasks says so.
    window_event_listener_untyped(page_events::TASKS_CHANGED, |_| refetch_everything());
    window_event_listener_untyped("online", move |_| drop(wake.unbounded_send(())));
    let mut failures = 0;
    let mut was_connected_before = false;
    loop {
        let (was_connected, close_code) = run_socket(was_connected_before).await;
        if IS_CONNECTED.replace(false) {
            publish(&LiveUpdate::Disconnected);
        }
        was_connected_before |= was_connected;
        failures = if was_connected { 0 } else { failures };
        let doublings = if close_code == Some(POLICY_VIOLATION) { MAX_DOUBLINGS } else { failures };
        wait_before_reconnect(doublings, &mut wakes).await;
        failures += 1;
    }
}

async fn wait_before_reconnect(doublings: u32, wakes: &mut UnboundedReceiver<()>) {
    let jitter = 0.8 + 0.4 * js_sys::Math::random();
    let delay = 1000.0 * 2f64.powi(doublings.min(MAX_DOUBLINGS) as i32) * jitter;
    select(TimeoutFuture::new(delay as u32), wakes.next()).await;
    // Offline, another attempt would only add an error to the console.
    while !window().navigator().on_line() {
        wakes.next().await;
    }
}

/// Runs one socket until it closes. Returns whether it was ever connected, and its close code.
async fn run_socket(was_connected_before: bool) -> (bool, Option<u16>) {
    let Some(mut socket) = open() else { return (false, None) };
    let mut is_connected = false;
    let mut is_pinged = false;
    loop {
        let timeout = TimeoutFuture::new(if is_pinged { PONG_TIMEOUT_MS } else { PING_AFTER_MS });
        let message = match select(socket.next(), timeout).await {
            Either::Left((Some(Ok(Message::Text(text))), _)) => text,
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => continue,
            Either::Left((Some(Err(WebSocketError::ConnectionClose(close))), _)) => {
                return (is_connected, Some(close.code));
            }
            Either::Left((Some(Err(_)) | None, _)) => return (is_connected, None),
            Either::Right(_) if is_pinged => return (is_connected, None),
            Either::Right(_) => {
                is_pinged = true;
                let ping = Message::Text(r#"{"type":"ping"}"#.to_owned());
                if socket.send(ping).now_or_never().is_some_and(|sent| sent.is_err()) {
                    return (is_connected, None);
                }
                continue;
            }
        };
        is_pinged = false;
        let Some(event) = read_event(&message) else { continue };
        match event.event_type.as_str() {
            "connection_ack" => {
                is_connected = true;
                IS_CONNECTED.set(true);
                dispatch(page_events::NOTIFICATION);
                publish(&LiveUpdate::Connected);
                // Events of the time without a socket were missed.
                if was_connected_before {
                    publish(&LiveUpdate::Refetch);
                }
            }
            "refetch" => {
                dispatch(page_events::TASK_EVENT);
                publish(&LiveUpdate::Refetch);
            }
            "pong" => {}
            "notification_created" | "invitation_received" => dispatch(page_events::NOTIFICATION),
            event_type => {
                if event_type.starts_with("task") {
                    dispatch(page_events::TASK_EVENT);
                }
                publish(&LiveUpdate::Event(event));
            }
        }
    }
}

fn read_event(message: &str) -> Option<LiveEvent> {
    let event = Json::parse(message)?;
    let data = event.get("data");
    Some(LiveEvent {
        event_type: event.text("event_type")?,
        data: EventData {
            task_id: data.text("task_id"),
            team_id: data.text("team_id"),
            conversation_id: data.text("conversation_id"),
            message_id: data.text("message_id"),
            text: data.text("text").unwrap_or_default(),
            offset: data.number("offset") as usize,
            total_tasks: data.number("total_tasks"),
            pending_tasks: data.number("pending_tasks"),
            completed_tasks: data.number("completed_tasks"),
            shared_tasks: data.number("shared_tasks"),
        },
    })
}

/// Tells the header's scripts to ask what is new.
fn dispatch(event: &str) {
    drop(Event::new(event).map(|event| window().dispatch_event(&event)));
}

fn open() -> Option<WebSocket> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    WebSocket::open(&format!("{scheme}://{}/api/ws", location.host().ok()?)).ok()
}
