//! The forms of `/settings`.

use axum::{extract::State, http::HeaderMap};

use super::{PageUser, browser_session::forget_everything, calendar_page};
use crate::ui::forms::{Answer, Form, see_other};
use tallyboard_core::{app::AppState, auth::attempts};
use tallyboard_model::{
    auth::{PasswordChange, UserPatch},
    paths,
};

/// `POST /settings`
pub async fn submit(State(app): State<AppState>, PageUser(user): PageUser, headers: HeaderMap, form: Form) -> Answer {
    let saved = match form.name() {
        "update_me" => {
            let patch = UserPatch {
                name: form.option("name"),
                email: form.option("email"),
                time_zone: form.option("time_zone"),
                language: form.get("language").map(|_| form.parse("language")).transpose()?,
                password: form.option("profile_password"),
            };
            attempts::update_me(&app, &user, patch, "profile_password").await?;
            "/settings?saved=profile"
        }
        "change_password" => {
            let (current_password, new_password) = (form.text("current_password"), form.text("new_password"));
            let end_all = form.is_ticked("end_all");
            attempts::change_password(&app, &user, PasswordChange { current_password, new_password, end_all }).await?;
            if end_all { "/settings?saved=everything" } else { "/settings?saved=password" }
        }
        "disconnect_identity" => {
            let password = form.option("identity_password");
            attempts::disconnect_identities(&app, &user, password, "identity_password").await?;
            "/settings?saved=identity"
        }
        "revoke_session" => {
            app.auth.revoke_session(&user, form.parse("id")?).await?;
            "/settings?saved=session"
        }
        "revoke_token" => {
            app.auth.revoke_token(&user, form.parse("id")?).await?;
            "/settings?saved=token#tokens"
        }
        "revoke_app" => {
            app.auth.revoke_app(&user, form.parse("id")?).await?;
            "/settings?saved=app#apps"
        }
        // Every page has this one, until the address is confirmed.
        "send_confirmation" => {
            attempts::mail_own_address_link(&app, &user).await?;
            paths::CONFIRMATION_SENT
        }
        "renew_calendar" => return Ok(calendar_page::renew(&app, &user, &headers, &form).await?),
        "delete_me" => {
            attempts::delete_me(&app, &user, form.text("password")).await?;
            return Ok(forget_everything(&app, paths::SIGN_UP));
        }
        _ => return Err(form.unknown()),
    };
    Ok(see_other(saved))
}
