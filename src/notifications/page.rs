//! `/settings/notifications`: which mails the user wants regularly.

use axum::{
    extract::{Request, State},
    response::Response,
};
use leptos::prelude::*;

use super::{NotificationSettings, Topic, rest};
use crate::{
    app::AppState,
    auth::PageUser,
    calendar::to_the_minute,
    paths,
    ui::{
        error_page::PageError,
        forms::FormErrors,
        shell::{Page, render},
    },
};

/// `GET /settings/notifications`
pub async fn notifications(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let settings = rest::read(&app, &user).await?;
    let zone = user.time_zone();
    let page = Page { title: "Notifications", user_name: Some(user.name().to_owned()), islands: false };
    let body = move || {
        let NotificationSettings { by_mail, sends_mail } = settings.clone();
        let choice = |topic: Topic| {
            let (label, when) = words(topic);
            let wanted = by_mail.iter().find(|mail| mail.topic == topic);
            let next = wanted.map(|mail| format!(" The next one: {}.", to_the_minute(mail.next_at, zone)));
            let note = format!("{}-note", topic.as_str());
            view! {
                <label>
                    <input
                        type="checkbox"
                        name="by_mail[]"
                        value=topic.as_str()
                        checked=wanted.is_some()
                        aria-describedby=note.clone()
                    />
                    {label}
                </label>
                <p class="hint" id=note>{when}{next}</p>
            }
        };
        view! {
            <p class="back"><a href=paths::SETTINGS>"Settings"</a></p>
            <h1>"Notifications"</h1>
            {errors.input("saved").map(|_| view! { <p class="success" role="status">"Your choice is saved."</p> })}
            {errors.message()}
            <div class="settings">
                <section class="card">
                    <h2>"By mail"</h2>
                    {if sends_mail {
                        view! {
                            <form method="post" action="/api/ui/set_notifications">
                                <fieldset class="choices">
                                    <legend>"Mail me"</legend>
                                    {Topic::ALL.map(choice).into_iter().collect_view()}
                                </fieldset>
                                <button class="button">"Save"</button>
                            </form>
                        }
                        .into_any()
                    } else {
                        view! { <p>"This server sends no mail. Whoever runs it can set that up."</p> }.into_any()
                    }}
                </section>
            </div>
        }
    };
    Ok(render(&app.assets, request, page, body).await)
}

/// What a mail is about, and when it comes.
fn words(topic: Topic) -> (&'static str, &'static str) {
    match topic {
        Topic::DueToday => {
            ("What is due today", "At nine in the morning, on days on which something is due or overdue.")
        }
        Topic::WeeklyReview => ("Weekly review", "On Mondays at eight: what you completed in the week before."),
    }
}
