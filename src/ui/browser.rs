//! What only a browser can do: wait, watch whether anybody is looking, send a last word.

use std::time::Duration;

use futures::{
    FutureExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
    future::{Either, select},
};
use gloo_timers::{callback::Interval, future::TimeoutFuture};
use leptos::{
    leptos_dom::helpers::{document, window, window_event_listener_untyped},
    prelude::*,
    task::spawn_local,
};

use super::polling::{Connection, Polling};
use crate::error::{Code, Error};

/// A server that takes longer is taken for one that is away.
const ANSWER_TIMEOUT_MS: u32 = 10_000;
/// A failing server is asked at least this often.
const LONGEST_PAUSE_MS: f64 = 300_000.0;

/// Why the loop was woken before its time.
#[derive(Clone, Copy, PartialEq)]
enum Wake {
    /// Shown, focused or online again: ask, but not twice in one period.
    Back,
    /// Hidden or offline: only the state has changed.
    Gone,
    /// Somebody pressed Retry.
    Retry,
}

fn now_ms() -> f64 {
    js_sys::Date::now()
}

fn is_hidden() -> bool {
    document().visibility_state() == web_sys::VisibilityState::Hidden
}

fn is_online() -> bool {
    window().navigator().on_line()
}

/// Runs the polling loop of [`use_polling`](super::polling::use_polling).
pub fn poll<T, F, Fut>(polling: Polling<T>, period: Duration, fetch: F)
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
    let (wake, woken) = unbounded();
    for event in ["visibilitychange", "focus", "online", "offline"] {
        let wake = wake.clone();
        let listener = window_event_listener_untyped(event, move |_| {
            polling.connection.maybe_update(|connection| set(connection, state(polling, false)));
            let _ = wake.unbounded_send(if is_hidden() || !is_online() { Wake::Gone } else { Wake::Back });
        });
        on_cleanup(move || listener.remove());
    }
    Effect::watch(move || polling.retry.get(), move |_, _, _| drop(wake.unbounded_send(Wake::Retry)), false);
    let say = move |_: &bool, _: Option<&bool>, _: Option<()>| {
        let failed = polling.error.with_untracked(Option::is_some);
        polling.connection.maybe_update(|connection| set(connection, state(polling, failed)));
    };
    Effect::watch(move || polling.live.get(), say, false);

    let answered_at = StoredValue::new(now_ms());
    let clock = Interval::new(1000, move || {
        let age = (now_ms() - answered_at.get_value()) / 1000.0;
        polling.age.maybe_update(|shown| set(shown, age.max(0.0) as u32));
    });
    clock.forget();
    spawn_local(run(polling, period.as_millis() as f64, fetch, woken, answered_at));
}

async fn run<T, F, Fut>(
    polling: Polling<T>,
    period: f64,
    fetch: F,
    mut woken: UnboundedReceiver<Wake>,
    answered_at: StoredValue<f64>,
) where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
    let mut failures = 0;
    let mut asked_at = if polling.data.with_untracked(Option::is_some) { now_ms() } else { f64::NEG_INFINITY };
    loop {
        wait_for_turn(asked_at, pause(period, failures), period, &mut woken).await;
        asked_at = now_ms();
        let timeout = TimeoutFuture::new(ANSWER_TIMEOUT_MS);
        let answer = match select(Box::pin(fetch()), timeout).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(Error::new(Code::Unavailable, "The server takes too long to answer")),
        };
        failures = if answer.is_ok() { 0 } else { failures + 1 };
        let connection = state(polling, answer.is_err());
        let gone = match answer {
            Ok(fresh) => {
                answered_at.set_value(now_ms());
                polling.age.maybe_update(|shown| set(shown, 0));
                polling.error.maybe_update(|error| set(error, None));
                polling.data.try_maybe_update(|data| (set(data, Some(fresh)), ())).is_none()
            }
            Err(error) => polling.error.try_maybe_update(|shown| (set(shown, Some(error)), ())).is_none(),
        };
        if gone {
            return; // the island is no more
        }
        polling.connection.maybe_update(|shown| set(shown, connection));
    }
}

/// Until the pause is over or somebody is back, and somebody is looking and has a network.
async fn wait_for_turn(asked_at: f64, pause: f64, period: f64, woken: &mut UnboundedReceiver<Wake>) {
    let mut due = asked_at + pause;
    loop {
        let resting = is_hidden() || !is_online();
        let wake = if resting {
            woken.next().await
        } else {
            let left = (due - now_ms()).max(0.0);
            if left == 0.0 {
                return;
            }
            let timer = TimeoutFuture::new(left as u32 + 1);
            match select(timer, woken.next()).await {
                Either::Left(_) => continue,
                Either::Right((wake, _)) => wake,
            }
        };
        match wake {
            Some(Wake::Retry) => {
                // Asked for many times while one answer was under way: one more will do.
                while let Ok(Wake::Retry) = woken.try_recv() {}
                return;
            }
            Some(Wake::Back) => due = due.min(asked_at + period),
            Some(Wake::Gone) => {}
            None => futures::future::pending().await,
        }
    }
}

/// The period, doubled with every failure in a row, within 20 % either way so that a thousand
/// browsers do not come back as one.
fn pause(period: f64, failures: i32) -> f64 {
    if failures == 0 {
        return period;
    }
    let jitter = 0.8 + 0.4 * js_sys::Math::random();
    (period * 2f64.powi(failures)).min(LONGEST_PAUSE_MS) * jitter
}

fn state<T: Send + Sync>(polling: Polling<T>, failed: bool) -> Connection {
    match (is_online(), failed, polling.live.try_get_untracked()) {
        (false, ..) => Connection::Offline,
        (true, true, _) => Connection::Retrying,
        (true, false, Some(true)) => Connection::Live,
        (true, false, _) => Connection::Polling,
    }
}

/// Sets, and says whether that changed anything: what is equal re-renders nothing.
fn set<T: PartialEq>(target: &mut T, value: T) -> bool {
    let changed = *target != value;
    *target = value;
    changed
}

/// Says on the document that the island has come to life: for styles, and for tests to wait for.
pub fn mark_alive() {
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-alive", "true");
        }
    });
}

/// Does `work` after `delay`.
pub fn after(delay: Duration, work: impl FnOnce() + 'static) {
    spawn_local(TimeoutFuture::new(delay.as_millis() as u32).map(|()| work()));
}

/// Does `work` when the page is being left.
pub fn on_leave(work: impl Fn() + 'static) {
    let listener = window_event_listener_untyped("pagehide", move |_| work());
    on_cleanup(move || listener.remove());
}

/// Posts a form that the browser delivers even though the page is going away.
pub fn send_beacon(path: &str, fields: &[(&str, &str)]) -> bool {
    let Ok(form) = web_sys::UrlSearchParams::new() else { return false };
    for (name, value) in fields {
        form.append(name, value);
    }
    window().navigator().send_beacon_with_opt_url_search_params(path, Some(&form)).unwrap_or(false)
}

/// Whether the focus is in the element of this id: somebody is at work there.
pub fn has_focus(id: &str) -> bool {
    let element = document().get_element_by_id(id);
    let focused = document().active_element();
    element.zip(focused).is_some_and(|(element, focused)| element.contains(Some(&focused)))
}
