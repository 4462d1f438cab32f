//! `/settings/passkeys`: the user's passkeys, and a form to add one.

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    response::Response,
};
use leptos::prelude::*;

use super::views::{passkey_fields, passkey_script};
use crate::{
    auth::{
        PageUser,
        views::{last_used, password_again, revocable_row},
    },
    ui::{
        error_page::PageError,
        field::Field,
        forms::{Answer, Form, FormErrors, see_other},
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    auth::{
        passkeys::{NewPasskey, Passkey, credential_of_form},
        relying_party,
    },
};
use tallyboard_model::{
    error::Error,
    language::{short_date, t, t_with},
    paths,
};

/// `GET /settings/passkeys`
pub async fn passkeys(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let passkeys = app.auth.all_passkeys(&user).await?;
    let party = relying_party(&app, request.headers()).map(drop).map_err(Error::translated);
    let needs_password = user.needs_password_again();
    let page = Page::of(&app, &user, "Passkeys").under("Settings");
    let body = move || {
        let saved = errors.input("saved").map(|what| match what.as_str() {
            "added" => t("The passkey is added. It signs you in from now on."),
            _ => t("The passkey is removed. Delete it on the device, too."),
        });
        view! {
            <p class="back"><a href=paths::SETTINGS>{t("Settings")}</a></p>
            <h1>{t("Passkeys")}</h1>
            {saved.map(|text| view! { <p class="success" role="status">{text}</p> })}
            {errors.message()}
            <div class="settings">
                <section class="card">
                    <h2>{t("Your passkeys")}</h2>
                    <p>{t("Your phone, computer or password manager stores the passkey. Unlock it with your fingerprint, face or PIN to sign in. There's no password to type or steal, and no code to enter.")}</p>
                    <ul class="sessions">{passkeys.iter().map(passkey_row).collect_view()}</ul>
                    {passkeys.is_empty().then(|| view! { <p class="hint">{t("None yet.")}</p> })}
                </section>
                <section class="card">
                    <h2>{t("Add a passkey")}</h2>
                    {match &party {
                        Ok(()) => add_form(needs_password, &errors).into_any(),
                        Err(error) => view! { <p class="hint">{error.to_string()}</p> }.into_any(),
                    }}
                </section>
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /settings/passkeys`
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, headers: HeaderMap, form: Form) -> Answer {
    match form.name() {
        "add_passkey" => {
            let party = relying_party(&app, &headers)?;
            let credential = credential_of_form(&form.text("credential"))?;
            let new = NewPasskey { name: form.text("name"), state: form.text("state"), credential };
            app.auth.add_passkey(&user, &party, new).await?;
            Ok(see_other("/settings/passkeys?saved=added"))
        }
        "remove_passkey" => {
            app.auth.remove_passkey(&user, form.parse("id")?).await?;
            Ok(see_other("/settings/passkeys?saved=removed"))
        }
        _ => Err(form.unknown()),
    }
}

fn add_form(needs_password: bool, errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <p class="hint" id="no-passkeys">{t("Passkeys don't work in this browser: they need a current browser with JavaScript, and https.")}</p>
        <form
            method="post"
            data-passkey="create"
            data-options=paths::PASSKEY_OPTIONS
            hidden
        >
            <input type="hidden" name="form" value="add_passkey" />
            <Field
                name="name"
                label=t("Name")
                value=errors.input("name")
                error=errors.field("name")
                hint=t("Where you store it, such as my phone")
            />
            {needs_password.then(|| password_again("password", errors))}
            {passkey_fields()}
            <button class="button">{t("Add a passkey")}</button>
        </form>
        {passkey_script()}
    }
}

fn passkey_row(passkey: &Passkey) -> impl IntoView + use<> {
    let added = short_date(passkey.created_at.date_naive());
    let used = last_used(passkey.last_used_at);
    let note = t_with("added {added} · {used}", &[("added", &added), ("used", &used)]);
    let label = t_with("Remove {name}", &[("name", &passkey.name)]);
    let (id, name) = (passkey.id.to_string(), passkey.name.clone());
    revocable_row(name, note, "remove_passkey", id, t("Remove"), label)
}
