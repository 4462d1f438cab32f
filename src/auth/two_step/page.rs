//! `/settings/two-step`: turns two-step sign-in on and off.

use axum::{extract::State, response::Response};
use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::{
    auth::{PageUser, views::password_field},
    ui::{
        copy::copy_script,
        error_page::PageError,
        field::Field,
        forms::{Answer, Form, FormErrors, see_other},
        shell::{Page, render},
    },
};
use tallyboard_core::{
    app::AppState,
    auth::{
        AuthenticatedUser, attempts,
        two_step::{RecoveryCodes, TwoStepEnd, TwoStepSetup, TwoStepStatus},
    },
};
use tallyboard_model::{
    language::{t, t_count},
    paths,
};

/// `GET /settings/two-step`
pub async fn two_step(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let (status, setup) = app.auth.two_step_setup(&user).await?;
    let page = Page::of(&app, &user, "Two-step sign-in").under("Settings");
    let body = move || {
        let saved = errors.input("saved").map(|_| t("Your password is now enough to sign in."));
        view! {
            {heading()}
            {saved.map(|text| view! { <p class="success" role="status">{text}</p> })}
            {errors.headline()}
            <div class="settings">
                {match (&setup, status.enabled) {
                    (_, true) => end_card(&status, &errors).into_any(),
                    (Some(setup), false) => confirm_card(setup, &errors).into_any(),
                    (None, false) => begin_card(&errors).into_any(),
                }}
            </div>
        }
    };
    Ok(render(&app.assets, page, body))
}

/// `POST /settings/two-step`
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, form: Form) -> Answer {
    match form.name() {
        "begin_two_step" => {
            attempts::begin_two_step(&app, &user, form.text("password")).await?;
            Ok(see_other(paths::TWO_STEP))
        }
        "confirm_two_step" => {
            let codes = attempts::confirm_two_step(&app, &user, &form.text("code")).await?;
            Ok(recovery_codes(&app, &user, &codes))
        }
        "end_two_step" => {
            let end = TwoStepEnd { password: form.text("password"), code: form.text("code") };
            attempts::end_two_step(&app, &user, end).await?;
            Ok(see_other(paths::TWO_STEP_ENDED))
        }
        _ => Err(form.unknown()),
    }
}

/// The recovery codes are in this answer alone, so the browser is not sent on to another page.
fn recovery_codes(app: &AppState, user: &AuthenticatedUser, codes: &RecoveryCodes) -> Response {
    let codes = codes.recovery_codes.join("\n");
    let page = Page::of(app, user, "Two-step sign-in").under("Settings");
    let body = move || {
        view! {
            {heading()}
            <p class="success" role="status">{t("You'll need a code to sign in from now on.")}</p>
            <div class="settings">
                <section class="card">
                    <h2>{t("Your recovery codes")}</h2>
                    <p>{t("Store them somewhere safe: they won't be shown again. Each code signs you in once if you lose your app.")}</p>
                    <pre class="code token" data-copy=t("the codes") tabindex="0" aria-label=t("The recovery codes")>{codes}</pre>
                    <p><a href=paths::SETTINGS>{t("Done")}</a></p>
                </section>
            </div>
            {copy_script()}
        }
    };
    render(&app.assets, page, body)
}

fn heading() -> impl IntoView {
    view! {
        <p class="back"><a href=paths::SETTINGS>{t("Settings")}</a></p>
        <h1>{t("Two-step sign-in")}</h1>
    }
}

fn begin_card(errors: &FormErrors) -> impl IntoView + use<> {
    view! {
        <section class="card">
            <h2>{t("A code in addition to your password")}</h2>
            <p>{t("Your password alone no longer signs you in: an app on your phone shows a code that changes every 30 seconds. Any TOTP app works, and most password managers.")}</p>
            <form method="post">
                <input type="hidden" name="form" value="begin_two_step" />
                {password_field("password", "", errors)}
                <button class="button">{t("Set it up")}</button>
            </form>
        </section>
    }
}

fn confirm_card(setup: &TwoStepSetup, errors: &FormErrors) -> impl IntoView + use<> {
    let (picture, secret) = (qr_code(&setup.url), setup.secret.clone());
    view! {
        <section class="card">
            <h2>{t("Connect your app")}</h2>
            <p>{t("Scan this code with the app, or type in the secret below it. Then enter the code the app shows.")}</p>
            {picture.map(|svg| view! { <div class="qr-code" inner_html=svg></div> })}
            <pre class="code token" data-copy=t("the secret") tabindex="0" aria-label=t("The secret")>{secret}</pre>
            <form method="post">
                <input type="hidden" name="form" value="confirm_two_step" />
                <Field
                    name="code"
                    label=t("Code")
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    error=errors.field("code")
                />
                <button class="button">{t("Confirm")}</button>
            </form>
            {copy_script()}
        </section>
    }
}

fn end_card(status: &TwoStepStatus, errors: &FormErrors) -> impl IntoView + use<> {
    let left = t_count(status.recovery_codes_left, "{n} recovery code is left.", "{n} recovery codes are left.");
    view! {
        <section class="card">
            <h2>{t("Signing in needs a code")}</h2>
            <p>{left}{t(" For new codes, or another app, turn it off and set it up again.")}</p>
            <form method="post">
                <input type="hidden" name="form" value="end_two_step" />
                {password_field("password", "", errors)}
                <Field
                    name="code"
                    label=t("Code")
                    autocomplete="one-time-code"
                    error=errors.field("code")
                    hint=t("From your app, or a recovery code")
                />
                <button class="button destructive">{t("Turn off")}</button>
            </form>
        </section>
    }
}

/// A QR code as SVG; it has nothing to escape. `None` if the text is too long for one.
fn qr_code(text: &str) -> Option<String> {
    const MARGIN: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = code.size();
    let dark = (0..size).flat_map(|y| (0..size).map(move |x| (x, y))).filter(|(x, y)| code.get_module(*x, *y));
    let path: String = dark.map(|(x, y)| format!("M{},{}h1v1h-1z", x + MARGIN, y + MARGIN)).collect();
    let side = size + 2 * MARGIN;
    Some(format!(
        "<svg viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"QR code of the secret\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}
