//! The pages where people approve or decline an app: the consent page, and the one for what a device shows.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use oauth_as::{
    authorization::AuthorizationError,
    device::{DeviceGrant, DeviceGrantState, normalize_user_code},
    scope::ScopeSet,
    server::UserApproval,
    store::Storage,
};
use serde::{Deserialize, Serialize};

use super::{
    check::{Checked, Choice, check, may_lead_unasked, pairs, unanswerable, value},
    views::{ConsentForm, RequestedAccess, consent, device_form, device_result},
};
use crate::{
    auth::PageUser,
    ui::{
        error_page::PageError,
        forms::{Answer, Form, FormErrors},
    },
};
use tallyboard_assistants::oauth::{
    AUTHORIZE, DEVICE, Record, RecordKind,
    clients::{self, KnownClient},
    records::Records,
    requests, server,
    stored::scope_name,
};
use tallyboard_core::{
    app::AppState,
    apps::{self, ConnectedApp, key_of},
    auth::{AuthenticatedUser, Needs, check_recent_password, current_user},
};
use tallyboard_db::now;
use tallyboard_model::{
    error::{Code, Error, Result},
    id::{RowId, UserId},
    language::{t, t_with},
};

/// The consent page, and the one for what a device shows.
pub fn routes() -> Router<AppState> {
    Router::new().route(AUTHORIZE, get(authorize).post(decide)).route(DEVICE, get(device).post(decide_device))
}

/// How long the question may stay open.
const QUESTION_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// The consent question, kept on the server so that the form can't change it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Question {
    user: UserId,
    session: String,
    asked: ConsentRequest,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum ConsentRequest {
    /// An app that waits for a code: its request.
    Code { query: String },
    /// A device that waits: what it shows.
    Device { user_code: String },
}

async fn keep(app: &AppState, user: &AuthenticatedUser, asked: ConsentRequest) -> Result<String> {
    let nonce = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
    let question = Question { user: user.id(), session: user.session()?.to_string(), asked };
    let record = Record::new(RecordKind::Consent, key_of(&nonce), &question, now() + QUESTION_LIFETIME)?;
    Records::new(app.db.clone()).put(record).await.map_err(Error::internal)?;
    Ok(nonce)
}

/// The question that a form answers, once; and the answer, `None` for no.
async fn answered(
    app: &AppState,
    headers: &HeaderMap,
    form: &Form,
) -> Result<(AuthenticatedUser, ConsentRequest, Option<Choice>)> {
    let user = current_user(app, &Method::POST, headers, Needs::SignIn).await?;
    let over = || Error::new(Code::Conflict, "This question has been closed").detail("Start over in the app");
    let key = key_of(form.get("nonce").unwrap_or_default());
    let records = Records::new(app.db.clone());
    let fresh: Option<Question> = records.find_fresh(RecordKind::Consent, &key).await.map_err(Error::internal)?;
    let is_mine = fresh.is_some_and(|question| {
        question.user == user.id() && user.session().is_ok_and(|session| session.to_string() == question.session)
    });
    if !is_mine {
        return Err(over());
    }
    let choice = match form.get("scope") {
        None | Some("read") => Choice::Read,
        Some("write") => Choice::Write,
        Some(_) => return Err(Error::invalid("scope", "has to be read or write")),
    };
    if form.get("decision") == Some("allow") {
        // Before the question is used up: it can be answered again.
        check_recent_password(app, &user, form.option("password"), "password").await?;
    }
    let taken: Option<Question> = records.take(RecordKind::Consent, &key).await.map_err(Error::internal)?;
    let answer = match form.get("decision") {
        Some("allow") => Some(choice),
        Some("deny") => None,
        _ => return Err(Error::invalid("decision", "has to be allow or deny")),
    };
    Ok((user, taken.ok_or_else(over)?.asked, answer))
}

/// Stores that the person has said yes.
async fn connect(app: &AppState, user: &AuthenticatedUser, client: KnownClient, scope: &ScopeSet) -> Result<RowId> {
    let connected = ConnectedApp {
        id: RowId::new(),
        user_id: user.id(),
        client_id: client.id,
        name: client.name,
        host: client.host,
        can_write: scope_name(scope) == "write",
        created_at: now(),
        last_used_at: None,
    };
    app.db
        .scope(user)
        .write(|scope| {
            let connected = connected.clone();
            Box::pin(async move { apps::service::connect(scope, &connected).await })
        })
        .await?;
    Ok(connected.id)
}

/// `GET /oauth/authorize`: who asks, for what, and two buttons.
pub async fn authorize(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let client_id = value(&pairs(&query), "client_id").unwrap_or_default().to_owned();
    let client = clients::find(&app, &headers, &client_id).await?;
    let Checked { request, is_open } = match check(&app, &headers, &query, &client, Choice::Read).await? {
        Ok(checked) => checked,
        Err(redirect) if may_lead_unasked(&app, &user, &client, &redirect.redirect_uri).await? => {
            return Ok(Redirect::to(&redirect.location()).into_response());
        }
        Err(redirect) => return Err(PageError(unanswerable(redirect.error))),
    };
    let nonce = keep(&app, &user, ConsentRequest::Code { query }).await?;
    let target = Target::of(&request.redirect_uri);
    let leads = t_with("You'll continue to {target} either way.", &[("target", &target.words)]);
    let asks = RequestedAccess::of(&request.scope, is_open, &client);
    let question = ConsentForm { nonce, device_code: None, asks, leads, errors };
    let mut response = consent(&app, &user, client, question);
    allow_form_to(&mut response, &target.source);
    Ok(response)
}

/// `POST /oauth/authorize`: the person's answer.
pub async fn decide(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    let (user, asked, answer) = answered(&app, &headers, &form).await?;
    let ConsentRequest::Code { query } = asked else {
        return Err(Error::invalid("nonce", "belongs to a device").into());
    };
    let pairs = pairs(&query);
    let client_id = value(&pairs, "client_id").unwrap_or_default();
    let client = clients::find(&app, &headers, client_id).await?;
    let validated = match check(&app, &headers, &query, &client, answer.unwrap_or(Choice::Read)).await? {
        Ok(checked) => checked.request,
        Err(redirect) => return Ok(Redirect::to(&redirect.location()).into_response()),
    };
    if answer.is_none() {
        return Ok(Redirect::to(&validated.denied().location()).into_response());
    }
    let id = connect(&app, &user, client, &validated.scope).await?;
    let server = server(&app, &headers, value(&pairs, "redirect_uri"));
    let approval = UserApproval::granted(&validated, id.to_string());
    let location = match Box::pin(server.issue_authorization_code(approval)).await {
        Ok(issued) => issued.location(&validated.redirect_uri),
        Err(AuthorizationError::Redirect(redirect)) => redirect.location(),
        Err(AuthorizationError::Direct(error)) => return Err(Error::internal(error).into()),
    };
    Ok(Redirect::to(&location).into_response())
}

/// `GET /oauth/device`: what a device shows is typed here.
pub async fn device(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
    request: Request,
) -> Result<Response, PageError> {
    let headers = request.headers().clone();
    let typed = value(&pairs(request.uri().query().unwrap_or_default()), "user_code").unwrap_or_default().to_owned();
    if typed.trim().is_empty() {
        return Ok(device_form(&app, &user, None));
    }
    let Some(grant) = waiting(&app, &typed).await? else {
        let why = t("No device is waiting with this code. Codes expire after ten minutes.");
        return Ok(device_form(&app, &user, Some(why)));
    };
    let client = clients::find(&app, &headers, grant.client_id.as_str()).await?;
    let nonce = keep(&app, &user, ConsentRequest::Device { user_code: typed }).await?;
    let leads =
        t("Only approve if the device in front of you shows this code and you started this yourself.").to_owned();
    let asks = RequestedAccess::of(&grant.scope, grant.scope.is_empty(), &client);
    let question = ConsentForm { nonce, device_code: Some(grant.user_code), asks, leads, errors };
    Ok(consent(&app, &user, client, question))
}

/// `POST /oauth/device`: the person's answer.
pub async fn decide_device(State(app): State<AppState>, headers: HeaderMap, form: Form) -> Answer {
    let (user, asked, answer) = answered(&app, &headers, &form).await?;
    let ConsentRequest::Device { user_code } = asked else {
        return Err(Error::invalid("nonce", "belongs to an app").into());
    };
    let over = || Error::new(Code::Conflict, "The device is no longer waiting").detail("Start over on the device");
    let server = server(&app, &headers, None);
    let Some(choice) = answer else {
        Box::pin(server.deny_device(&user_code)).await.map_err(|_| over())?;
        return Ok(device_result(&app, &user, t("The device didn't get access.")));
    };
    let mut grant = waiting(&app, &user_code).await?.ok_or_else(over)?;
    let client = clients::find(&app, &headers, grant.client_id.as_str()).await?;
    if grant.scope.is_empty() {
        let scope = requests::scopes(choice == Choice::Write && client.may_write);
        grant = with_scope(&app, &user_code, &scope).await?.ok_or_else(over)?;
    }
    let id = connect(&app, &user, client, &grant.scope).await?;
    Box::pin(server.approve_device(&user_code, id.to_string())).await.map_err(|_| over())?;
    Ok(device_result(&app, &user, t("The device is connected. You can go back to it.")))
}

async fn waiting(app: &AppState, user_code: &str) -> Result<Option<DeviceGrant>> {
    let records = Records::new(app.db.clone());
    let found =
        records.find_device_grant_by_user_code(&normalize_user_code(user_code)).await.map_err(Error::internal)?;
    Ok(found
        .filter(|grant| grant.state == DeviceGrantState::Pending && grant.expires_at > std::time::SystemTime::now()))
}

/// Gives a waiting device the scope that its person has chosen. The device may poll at the same moment, which changes its record.
async fn with_scope(app: &AppState, user_code: &str, scope: &ScopeSet) -> Result<Option<DeviceGrant>> {
    let records = Records::new(app.db.clone());
    for _ in 0..5 {
        let Some(mut grant) = waiting(app, user_code).await? else { return Ok(None) };
        grant.scope = scope.clone();
        let stored = records.compare_and_swap_device_grant(&DeviceGrantState::Pending, grant.clone()).await;
        if stored.map_err(Error::internal)? {
            return Ok(Some(grant));
        }
    }
    Err(Error::concurrent_change())
}

/// Where an answer leads: for people, and for the policy that lets a form lead there.
struct Target {
    words: String,
    source: String,
}

impl Target {
    fn of(redirect_uri: &str) -> Self {
        let Ok(url) = url::Url::parse(redirect_uri) else {
            return Self { words: t("the app").to_owned(), source: "'none'".to_owned() };
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        match url.scheme() {
            "https" => Self { words: host.clone(), source: format!("https://{host}{port}") },
            "http" => {
                Self { words: t("a program on this computer").to_owned(), source: format!("http://{host}{port}") }
            }
            scheme => Self {
                words: t_with("the program that opens {scheme}: links", &[("scheme", &scheme)]),
                source: format!("{scheme}:"),
            },
        }
    }
}

/// Browsers hold the policy against where the answer to a form leads, too.
fn allow_form_to(response: &mut Response, source: &str) {
    let policy = response.headers().get(header::CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let widened = policy.map(|policy| policy.replace("form-action 'self'", &format!("form-action 'self' {source}")));
    if let Some(policy) = widened.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}
