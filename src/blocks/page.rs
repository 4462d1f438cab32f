//! `/settings/blocked`: the people the user has blocked, and the form that blocks one.

use axum::{extract::State, response::Response};
use leptos::prelude::*;

use crate::{
    auth::{PageUser, revocable_row},
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors, see_other},
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, people},
    blocks::{Block, service},
};
use tallyboard_model::{
    error::Result,
    id::UserId,
    language::{short_date, t, t_with},
    paths,
};

/// `GET /settings/blocked`; with `?person={id}` also the form to block that person.
pub async fn blocked(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let person: Option<UserId> = errors.input("person").and_then(|id| id.parse().ok());
    let scopes = app.db.scope(&user);
    let read = scopes.read(|scope| {
        Box::pin(async move {
            let blocks = service::all(scope).await?;
            let candidate = match person {
                Some(id) => people::visible_name(scope, id).await?.map(|name| (id, name)),
                None => None,
            };
            Ok((blocks, candidate))
        })
    });
    let (blocks, candidate) = read.await?;
    let candidate = candidate.filter(|(id, _)| blocks.iter().all(|block| block.user_id != *id));
    let page = Page::of(&app, &user, "Blocked people").under("Settings");
    let body = move || {
        view! {
            <p class="back"><a href=paths::SETTINGS>{t("Settings")}</a></p>
            <h1>{t("Blocked people")}</h1>
            {errors.message()}
            <div class="settings">
                {candidate.as_ref().map(|(id, name)| block_form(*id, name))}
                <section class="card">
                    <h2>{t("Blocked by you")}</h2>
                    <p>{t("They can't add you to a team or share a task with you: to them, you have no account. They won't be notified.")}</p>
                    <ul class="sessions">{blocks.iter().map(block_row).collect_view()}</ul>
                    {blocks.is_empty().then(|| view! { <p class="hint">{t("You haven't blocked anyone. To block someone, open the menu of a task they shared with you, or their team's page.")}</p> })}
                </section>
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /settings/blocked`
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    match form.name() {
        "block_person" => Ok(block(&app, &user, &form).await?),
        "unblock_person" => {
            let id = form.parse("id")?;
            app.db.scope(&user).write(|scope| Box::pin(service::delete(scope, id))).await?;
            Ok(see_other(paths::BLOCKS))
        }
        _ => Err(form.unknown()),
    }
}

/// Blocks a person; with a ticked box, also gives up what they share and leaves the teams they own.
pub async fn block(app: &AppState, user: &AuthenticatedUser, form: &Form) -> Result<Response> {
    let (person, leaves) = (form.parse("person")?, form.is_ticked("leave"));
    let scopes = app.db.scope(user);
    let blocked = scopes.write(|scope| {
        Box::pin(async move {
            if leaves { service::leave_and_block(scope, person).await } else { service::create(scope, person).await }
        })
    });
    blocked.await?;
    Ok(see_other(paths::BLOCKS))
}

fn block_form(id: UserId, name: &str) -> impl IntoView + use<> {
    view! {
        <section class="card danger">
            <h2>{t_with("Block {name}?", &[("name", &name)])}</h2>
            <form method="post">
                <input type="hidden" name="form" value="block_person" />
                <input type="hidden" name="person" value=id.to_string() />
                <div class="choices">
                    <label><input type="checkbox" name="leave" value="true" checked aria-describedby="leave-note" />" "{t("Also leave their teams and give up what they share with me")}</label>
                </div>
                <p class="hint" id="leave-note">{t_with("Your own tasks in a team that {name} owns stay there and pass to {name}.", &[("name", &name)])}</p>
                <button class="button destructive">{t("Block")}</button>
            </form>
        </section>
    }
}

fn block_row(block: &Block) -> impl IntoView + use<> {
    let since = short_date(block.created_at.date_naive());
    let note = t_with("since {day}", &[("day", &since)]);
    let name = block.name.clone().unwrap_or_else(|| t("Someone").to_owned());
    let label = t_with("Unblock {name}", &[("name", &name)]);
    revocable_row(name, note, "unblock_person", block.user_id.to_string(), t("Unblock"), label)
}
