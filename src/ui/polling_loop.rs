//! The polling loop in the browser.

use std::time::Duration;

use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
    future::{Either, select},
};
use gloo_timers::{callback::Interval, future::TimeoutFuture};
use leptos::{
    leptos_dom::helpers::{document, window, window_event_listener_untyped},
    prelude::*,
    task::spawn_local,
};

use super::{
    browser,
    polling::{Connection, Polling},
};
use tallyboard_model::{
    error::{Code, Error},
    language::t,
};

/// A request that takes longer counts as failed.
const REQUEST_TIMEOUT_MS: u32 = 10_000;
/// The longest delay between two requests to a failing server.
const MAX_DELAY_MS: f64 = 300_000.0;

/// Why the loop wakes up before its delay is over.
#[derive(Clone, Copy, PartialEq)]
enum Wake {
    /// The page was shown, focused or came online: fetch, but not twice in one period.
    Resume,
    /// The page was hidden or went offline: only the state has changed.
    Pause,
    /// A fetch was requested.
    Refetch,
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

/// Calls `fetch` every `period`, each time after the last answer, for as long as the island lives.
/// `initial` is what the server put into the page; without it the first request is sent at once.
pub fn use_polling<T, F, Fut>(initial: Option<T>, period: Duration, fetch: F) -> Polling<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
    let polling = Polling::new(initial);
    browser::mark_alive();
    let (wake, wakes) = unbounded();
    for event in ["visibilitychange", "focus", "online", "offline"] {
        let wake = wake.clone();
        let listener = window_event_listener_untyped(event, move |_| {
            polling.connection.maybe_update(|connection| set(connection, connection_of(polling, false)));
            let _ = wake.unbounded_send(if is_hidden() || !is_online() { Wake::Pause } else { Wake::Resume });
        });
        on_cleanup(move || listener.remove());
    }
    Effect::watch(move || polling.refetch.get(), move |_, _, _| drop(wake.unbounded_send(Wake::Refetch)), false);
    let show_connection = move |_: &bool, _: Option<&bool>, _: Option<()>| {
        let failed = polling.error.with_untracked(Option::is_some);
        polling.connection.maybe_update(|connection| set(connection, connection_of(polling, failed)));
    };
    Effect::watch(move || polling.live.get(), show_connection, false);

    let answered_at = StoredValue::new(now_ms());
    let clock = Interval::new(1000, move || {
        let age = (now_ms() - answered_at.get_value()) / 1000.0;
        polling.age.maybe_update(|shown| set(shown, age.max(0.0) as u32));
    });
    StoredValue::new_local(clock);
    spawn_local(run(polling, period.as_millis() as f64, fetch, wakes, answered_at));
    polling
}

async fn run<T, F, Fut>(
    polling: Polling<T>,
    period: f64,
    fetch: F,
    mut wakes: UnboundedReceiver<Wake>,
    answered_at: StoredValue<f64>,
) where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Fn() -> Fut + 'static,
    Fut: Future<Output = Result<T, Error>> + 'static,
{
    let mut failures = 0;
    let mut was_outdated = false;
    let mut sent_at = if polling.data.with_untracked(Option::is_some) { now_ms() } else { f64::NEG_INFINITY };
    loop {
        if !was_outdated {
            wait_for_turn(sent_at, delay(period, failures), period, &mut wakes).await;
        }
        sent_at = now_ms();
        let answer = select(Box::pin(fetch()), TimeoutFuture::new(REQUEST_TIMEOUT_MS));
        // Events may come faster than answers: only every other request gives way to a newer one.
        let outdated = refetch_requested(&mut wakes, !was_outdated);
        let answer = match select(answer, Box::pin(outdated)).await {
            Either::Left((Either::Left((answer, _)), _)) => answer,
            Either::Left(_) => Err(Error::new(Code::Unavailable, t("The server is taking too long to respond"))),
            Either::Right(_) => {
                was_outdated = true;
                continue;
            }
        };
        was_outdated = false;
        failures = if answer.is_ok() { 0 } else { failures + 1 };
        let connection = connection_of(polling, answer.is_err());
        let disposed = match answer {
            Ok(answer) => {
                answered_at.set_value(now_ms());
                polling.age.maybe_update(|shown| set(shown, 0));
                polling.error.maybe_update(|error| set(error, None));
                polling.data.try_maybe_update(|data| (set(data, Some(answer)), ())).is_none()
            }
            Err(error) => polling.error.try_maybe_update(|shown| (set(shown, Some(error)), ())).is_none(),
        };
        if disposed {
            return;
        }
        polling.connection.maybe_update(|shown| set(shown, connection));
    }
}

/// Waits until a change has outdated the request that's under way.
async fn refetch_requested(wakes: &mut UnboundedReceiver<Wake>, may_outdate: bool) {
    if may_outdate {
        while let Some(wake) = wakes.next().await {
            if wake == Wake::Refetch {
                return;
            }
        }
    }
    futures::future::pending().await
}

/// Waits until the delay is over or the page is used again, and until the page is visible and online.
async fn wait_for_turn(sent_at: f64, delay: f64, period: f64, wakes: &mut UnboundedReceiver<Wake>) {
    let mut due = sent_at + delay;
    loop {
        let paused = is_hidden() || !is_online();
        let wake = if paused {
            wakes.next().await
        } else {
            let left = (due - now_ms()).max(0.0);
            if left == 0.0 {
                return;
            }
            let timer = TimeoutFuture::new(left as u32 + 1);
            match select(timer, wakes.next()).await {
                Either::Left(_) => continue,
                Either::Right((wake, _)) => wake,
            }
        };
        match wake {
            Some(Wake::Refetch) => {
                // One request serves all that were asked for while the last one was under way.
                while let Ok(Wake::Refetch) = wakes.try_recv() {}
                return;
            }
            Some(Wake::Resume) => due = due.min(sent_at + period),
            Some(Wake::Pause) => {}
            None => futures::future::pending().await,
        }
    }
}

/// The period, doubled with every failure in a row, with a jitter of 20 %: a thousand browsers must not
/// come back at the same moment.
fn delay(period: f64, failures: i32) -> f64 {
    if failures == 0 {
        return period;
    }
    let jitter = 0.8 + 0.4 * js_sys::Math::random();
    (period * 2f64.powi(failures)).min(MAX_DELAY_MS) * jitter
}

fn connection_of<T: Send + Sync>(polling: Polling<T>, failed: bool) -> Connection {
    match (is_online(), failed, polling.live.try_get_untracked()) {
        (false, ..) => Connection::Offline,
        (true, true, _) => Connection::Retrying,
        (true, false, Some(true)) => Connection::Live,
        (true, false, _) => Connection::Polling,
    }
}

/// Sets `target`; `false` when it was equal, so that nothing is rendered again.
fn set<T: PartialEq>(target: &mut T, value: T) -> bool {
    let changed = *target != value;
    *target = value;
    changed
}
