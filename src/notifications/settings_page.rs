//! `/settings/notifications`: notification settings.

use axum::{extract::State, response::Response};
use chrono_tz::Tz;
use leptos::prelude::*;

use crate::{
    auth::PageUser,
    scripts::{self, inline_script},
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, see_other},
        shell::{Page, render},
    },
};
use tallyboard_api::notifications::{read_settings, set};
use tallyboard_core::app::AppState;
use tallyboard_model::{
    language::{t, t_with, to_the_minute},
    notifications::{Channel, Choice, NotificationSettings, Topic, WantedNotification},
    paths,
};

/// `GET /settings/notifications`
pub async fn notification_settings(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let NotificationSettings { choices, sends_mail } = read_settings(&app, &user).await?;
    let zone = user.time_zone();
    let body = move || {
        let channels: Vec<_> =
            Channel::ALL.into_iter().filter(|channel| sends_mail || *channel != Channel::Mail).collect();
        let heads = channels.iter().map(|channel| view! { <th scope="col">{head(*channel)}</th> }).collect_view();
        let rows =
            Topic::ALL.map(|topic| row(topic, choices.iter().find(|choice| choice.topic == topic), &channels, zone));
        view! {
            <p class="back"><a href=paths::SETTINGS>{t("Settings")}</a></p>
            <h1>{t("Notifications")}</h1>
            {errors.input("saved").map(|_| view! { <p class="success" role="status">{t("Your settings are saved.")}</p> })}
            {errors.message()}
            <div class="settings">
                <section class="card">
                    <h2>{t("Notification settings")}</h2>
                    <form method="post">
                        <input type="hidden" name="form" value="set_notifications" />
                        <table class="choice-table">
                            <thead><tr><th scope="col">{t("When")}</th>{heads}</tr></thead>
                            <tbody>{rows.into_iter().collect_view()}</tbody>
                        </table>
                        <p class="hint" id="browser-note" aria-live="polite">
                            {t("Desktop notifications appear while Tallyboard is open in a tab you aren't looking at.")}
                        </p>
                        {(!sends_mail).then(|| view! {
                            <p class="hint">{t("This server doesn't send email. An administrator can set that up.")}</p>
                        })}
                        <button class="button">{t("Save")}</button>
                    </form>
                    <p><a href=paths::NOTIFICATIONS>{t("All notifications")}</a></p>
                    {inline_script(&scripts::ASK_BROWSER)}
                </section>
            </div>
        }
    };
    Ok(render(&app.assets, Page::of(&app, &user, "Notifications").under("Settings"), body))
}

/// `POST /settings/notifications`: replaces the notification settings.
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    let is_wanted = |topic: Topic, channel: &Channel| form.all(field(*channel)).any(|value| value == topic.as_str());
    let choice = |topic| {
        let channels = Channel::ALL.into_iter().filter(|channel| is_wanted(topic, channel)).collect();
        WantedNotification { topic, channels }
    };
    set(&app, &user, Topic::ALL.map(choice).into()).await?;
    Ok(see_other(paths::NOTIFICATION_SETTINGS_SAVED))
}

fn row(topic: Topic, choice: Option<&Choice>, channels: &[Channel], zone: Tz) -> impl IntoView + use<> {
    let (label, when) = words(topic);
    let next = choice
        .and_then(|choice| choice.next_at)
        .map(|at| t_with(" The next: {at}.", &[("at", &to_the_minute(at, zone))]));
    let cells: Vec<_> = channels
        .iter()
        .map(|channel| {
            let name = field(*channel);
            let is_chosen = choice.is_some_and(|choice| choice.channels.contains(channel));
            view! {
                <td>
                    <label>
                        <input type="checkbox" name=name value=topic.as_str() checked=is_chosen />
                        <span class="visually-hidden">{format!("{label}: {}", head(*channel))}</span>
                    </label>
                </td>
            }
        })
        .collect();
    view! {
        <tr>
            <th scope="row">{label}<span class="hint">{when}{next}</span></th>
            {cells}
        </tr>
    }
}

fn head(channel: Channel) -> &'static str {
    match channel {
        Channel::Page => t("In Tallyboard"),
        Channel::Browser => t("Desktop notification"),
        Channel::Mail => t("By mail"),
    }
}

fn field(channel: Channel) -> &'static str {
    match channel {
        Channel::Page => "page[]",
        Channel::Browser => "browser[]",
        Channel::Mail => "mail[]",
    }
}

/// What a topic is about, and when it comes.
fn words(topic: Topic) -> (&'static str, &'static str) {
    match topic {
        Topic::SharedWithMe => (t("A task is shared with you"), ""),
        Topic::AddedToTeam => (t("You are added to a team"), ""),
        Topic::TaskChanged => (t("One of your tasks changes"), t("By someone else, or by one of your assistants.")),
        Topic::DueToday => (t("What is due today"), t("At 9 in the morning, on days with something due or overdue.")),
        Topic::WeeklyReview => (t("Weekly review"), t("On Mondays at 8: what you completed last week.")),
    }
}
