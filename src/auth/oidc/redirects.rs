//! `/signin/identity`: sends the browser to the provider. `/signin/identity/callback`: where it comes back.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderName, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{auth::sign_in_code_then, ui::error_page::PageError};
use tallyboard_base::local_path::local_path_or_dashboard;
use tallyboard_core::{
    app::AppState,
    auth::{
        cookie,
        extract::user_agent,
        oidc::{
            IdentityProvider, Person,
            browser_state::{self, PendingConnection, PendingSignIn},
        },
        sign_in::SignIn,
    },
};
use tallyboard_db::now;
use tallyboard_model::{
    error::{Error, Result},
    language::t_with,
    paths,
};

/// The page to show after the sign-in.
#[derive(Deserialize)]
pub struct NextQuery {
    next: Option<String>,
}

fn provider(app: &AppState) -> Result<&IdentityProvider> {
    app.identity_provider.as_ref().ok_or_else(|| Error::not_found("Page"))
}

/// `GET /signin/identity`
pub async fn begin(
    State(app): State<AppState>,
    Query(NextQuery { next }): Query<NextQuery>,
) -> Result<Response, PageError> {
    let (url, secrets) = provider(&app)?.begin().await?;
    let state = PendingSignIn { secrets, next: local_path_or_dashboard(next) };
    Ok(redirect(url.as_str(), [browser_state::store(&app, &state)?]))
}

/// The parameters the browser brings from the provider. Others are ignored.
#[derive(Deserialize)]
pub struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    /// RFC 9207.
    iss: Option<String>,
}

/// `GET /signin/identity/callback`
pub async fn callback(
    State(app): State<AppState>,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Result<Response, PageError> {
    let provider = provider(&app)?;
    app.limits.count_sign_in()?;
    let begin_again = || {
        Error::unauthorized("This sign-in wasn't started here")
            .detail("Start over. The sign-in may have taken longer than ten minutes.")
    };
    let under_way: PendingSignIn = browser_state::read(&app, &headers).ok_or_else(begin_again)?;
    let is_foreign = query.iss.is_some_and(|iss| iss != provider.issuer());
    if query.state.as_deref() != Some(&under_way.secrets.state) || is_foreign {
        return Err(begin_again().into());
    }
    let Some(code) = query.code.filter(|_| query.error.is_none()) else {
        // Declining to sign in there leads back to the choice.
        return Ok(redirect(paths::SIGN_IN, [browser_state::clear(&app)]));
    };
    let person = provider.person(code, under_way.secrets).await?;
    let Some(sign_in) = app.auth.sign_in_with_identity(&person, user_agent(&headers)).await? else {
        return Ok(connect(&app, provider, person, under_way.next)?);
    };
    Ok(match sign_in {
        SignIn::Done(signed_in) => {
            let session = cookie::store(&app.config.server, &signed_in.access_token, now(), signed_in.expires_at);
            redirect(&under_way.next, [session, browser_state::clear(&app)])
        }
        SignIn::CodeNeeded(user) => {
            let page = sign_in_code_then(&app.auth.challenge(user)?, &under_way.next);
            redirect(&page, [browser_state::clear(&app)])
        }
    })
}

/// Leads somebody whose identity is not known to the page that connects it.
fn connect(app: &AppState, provider: &IdentityProvider, person: Person, next: String) -> Result<Response> {
    let Person { identity, email, name } = person;
    let Some(email) = email else {
        return Err(Error::forbidden(&t_with(
            "{name} has not verified your email address",
            &[("name", &provider.name())],
        ))
        .detail("Verify it there and begin again, or sign in with your password."));
    };
    let pending = PendingConnection { identity, email, name, next };
    Ok(redirect(paths::CONNECT_IDENTITY, [browser_state::store(app, &pending)?]))
}

fn redirect<const N: usize>(to: &str, cookies: [String; N]) -> Response {
    let cookies: [(HeaderName, String); N] = cookies.map(|cookie| (header::SET_COOKIE, cookie));
    (AppendHeaders(cookies), [(header::CACHE_CONTROL, "no-store")], Redirect::to(to)).into_response()
}
