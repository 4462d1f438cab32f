//! The routes that apps call: token, revocation, registration, devices, metadata. Their errors have the shape of OAuth
//! (RFC 6749, section 5.2), which every client library reads.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use oauth_as::{
    client::ClientId,
    error::{ErrorCode, ErrorResponse},
    grant::DEVICE_CODE_GRANT_URN,
    registration::{ClientMetadata, RegistrationFailure},
    scope::ScopeSet,
    server::TokenRequest,
};
use serde::Serialize;
use serde_json::Value;

use super::{DEVICE_AUTHORIZATION, REGISTER, REVOKE, TOKEN, clients, requests, resource, server};
use tallyboard_base::http::{Json, header_text, read_body};
use tallyboard_core::{app::AppState, apps::HASHED, auth::public_url};
use tallyboard_model::error::Error;

/// RFC 8414. Clients that know of the path of the resource ask there, too, and some write a slash at the end.
const METADATA_PATHS: [&str; 4] = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/oauth-authorization-server/mcp/",
];

/// The endpoints for apps, and the metadata. People's pages are in `page`.
pub fn routes() -> Router<AppState> {
    let router = Router::new()
        .route(TOKEN, post(token))
        .route(REVOKE, post(revoke))
        .route(REGISTER, post(register))
        .route(DEVICE_AUTHORIZATION, post(device_authorization));
    METADATA_PATHS.into_iter().fold(router, |router, path| router.route(path, get(metadata)))
}

async fn metadata(State(app): State<AppState>, headers: HeaderMap) -> Json<impl Serialize> {
    Json(server(&app, &headers, None).metadata())
}

/// An answer that nobody keeps.
fn answer(status: u16, body: &impl Serialize) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
    }
    response
}

fn failure(error: &ErrorResponse) -> Response {
    answer(error.http_status(), error)
}

fn invalid_request(why: &'static str) -> ErrorResponse {
    ErrorResponse::new(ErrorCode::InvalidRequest).with_description(why)
}

/// A form, with the client that sends it.
struct ClientForm {
    pairs: Vec<(String, String)>,
    client_id: ClientId,
    secret: Option<String>,
}

impl ClientForm {
    async fn read(request: Request<Body>) -> Result<Self, ErrorResponse> {
        let (parts, body) = request.into_parts();
        let kind = header_text(&parts.headers, header::CONTENT_TYPE).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(invalid_request("the body has to be application/x-www-form-urlencoded"));
        }
        let body = read_body(body).await.map_err(|_| invalid_request("the body is too large, or broke off"))?;
        let pairs: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
        let mut names: Vec<_> =
            pairs.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "resource").collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid_request("a parameter is given twice"));
        }
        // A hash isn't secret: a leaked one must not grant access.
        if pairs.iter().any(|(_, value)| value.starts_with(HASHED)) {
            return Err(ErrorResponse::new(ErrorCode::InvalidGrant));
        }
        let basic = basic_credentials(&parts.headers)?;
        let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let (client_id, secret) = match (basic, value("client_secret")) {
            (Some(_), Some(_)) => return Err(invalid_request("a client says its secret in one place only")),
            (Some((id, secret)), None) => (Some(id), Some(secret)),
            (None, secret) => (value("client_id"), secret),
        };
        let client_id = client_id.filter(|id| !id.is_empty()).ok_or_else(|| invalid_request("client_id is missing"))?;
        Ok(Self { pairs, client_id: ClientId::new(client_id), secret })
    }

    fn get(&self, name: &str) -> Option<String> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn needed(&self, name: &str) -> Result<String, ErrorResponse> {
        self.get(name).filter(|value| !value.is_empty()).ok_or_else(|| invalid_request("a parameter is missing"))
    }

    fn scope(&self, may_write: bool) -> Option<ScopeSet> {
        requests::narrow(self.get("scope").as_deref(), may_write)
    }

    /// The audiences that aren't ours, which the library refuses. Every token is for ours, named or not.
    fn other_resources(&self, issuer: &str) -> Vec<String> {
        let asked = self.pairs.iter().filter(|(name, _)| name == "resource").map(|(_, value)| value.as_str());
        let mut resources = requests::resources(asked, issuer);
        resources.retain(|indicator| *indicator != resource(issuer));
        resources
    }
}

/// The client of an `Authorization: Basic` header, whose parts are form-encoded.
fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, ErrorResponse> {
    let Some(value) = header_text(headers, header::AUTHORIZATION) else { return Ok(None) };
    let malformed =
        || ErrorResponse::new(ErrorCode::InvalidClient).with_description("the Authorization header is malformed");
    let encoded =
        value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).ok_or_else(malformed)?;
    let decoded = BASE64_STANDARD.decode(encoded.1.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(malformed)?;
    let (id, secret) = decoded.split_once(':').ok_or_else(malformed)?;
    let plain = |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
    Ok(Some((plain(id).unwrap_or_default(), plain(secret).unwrap_or_default())))
}

async fn token(State(app): State<AppState>, request: Request) -> Response {
    // One with a client's credentials has not been counted yet.
    if let Err(error) = app.limits.count_anonymous_request() {
        return error.into_response();
    }
    let headers = request.headers().clone();
    let issued = async {
        let form = ClientForm::read(request).await?;
        let (client_id, client_secret) = (form.client_id.clone(), form.secret.clone());
        let grant = match form.needed("grant_type")?.as_str() {
            "authorization_code" => TokenRequest::AuthorizationCode {
                client_id,
                client_secret,
                code: form.needed("code")?,
                redirect_uri: form.get("redirect_uri"),
                code_verifier: form.get("code_verifier"),
            },
            "refresh_token" => TokenRequest::RefreshToken {
                client_id,
                client_secret,
                refresh_token: form.needed("refresh_token")?,
                // Narrower than what was granted, or the library refuses it.
                scope: form.scope(true),
            },
            DEVICE_CODE_GRANT_URN => {
                TokenRequest::DeviceCode { client_id, client_secret, device_code: form.needed("device_code")? }
            }
            _ => return Err(ErrorResponse::new(ErrorCode::UnsupportedGrantType)),
        };
        let server = server(&app, &headers, form.get("redirect_uri").as_deref());
        server.token_with_resources(grant, &form.other_resources(&public_url(&app, &headers))).await
    };
    match Box::pin(issued).await {
        Ok(tokens) => answer(200, &tokens),
        Err(error) => failure(&error),
    }
}

async fn revoke(State(app): State<AppState>, request: Request) -> Response {
    if let Err(error) = app.limits.count_anonymous_request() {
        return error.into_response();
    }
    let headers = request.headers().clone();
    let revoked = async {
        let form = ClientForm::read(request).await?;
        let token = form.needed("token")?;
        let hint = form.get("token_type_hint").and_then(|hint| hint.parse().ok());
        server(&app, &headers, None).revoke(&form.client_id, form.secret.as_deref(), &token, hint).await?;
        app.auth.forget_app_tokens();
        Ok(())
    };
    match Box::pin(revoked).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => failure(&error),
    }
}

async fn device_authorization(State(app): State<AppState>, request: Request) -> Response {
    if let Err(error) = app.limits.count_anonymous_request() {
        return error.into_response();
    }
    let headers = request.headers().clone();
    let asked = async {
        let form = ClientForm::read(request).await?;
        let client = clients::find(&app, &headers, form.client_id.as_str())
            .await
            .map_err(|_| ErrorResponse::new(ErrorCode::InvalidClient))?;
        if !form.other_resources(&public_url(&app, &headers)).is_empty() {
            return Err(ErrorResponse::new(ErrorCode::InvalidTarget)
                .with_description("this server does not issue tokens for that resource"));
        }
        // No scope yet: the person chooses one when they type the code.
        let scope = form.scope(client.may_write).unwrap_or_else(ScopeSet::empty);
        let server = server(&app, &headers, None);
        server.device_authorization(&form.client_id, form.secret.as_deref(), Some(&scope)).await
    };
    match Box::pin(asked).await {
        Ok(device) => answer(200, &device),
        Err(error) => failure(&error),
    }
}

/// RFC 7591. What nobody connects is forgotten after a day.
async fn register(State(app): State<AppState>, request: Request) -> Response {
    if let Err(error) = app.limits.count_sign_up() {
        return error.into_response();
    }
    let headers = request.headers().clone();
    let invalid =
        |why: &str| answer(400, &serde_json::json!({ "error": "invalid_client_metadata", "error_description": why }));
    let Ok(body) = read_body(request.into_body()).await else { return invalid("the body is too large, or broke off") };
    let metadata = serde_json::from_slice(&body).ok().and_then(|mut metadata| {
        requests::narrow_metadata(&mut metadata);
        serde_json::from_value::<ClientMetadata>(Value::Object(metadata)).ok()
    });
    let Some(metadata) = metadata else { return invalid("the body has to be a JSON object with client metadata") };
    if let Some(why) = wrong_redirect(&metadata) {
        let error = serde_json::json!({ "error": "invalid_redirect_uri", "error_description": why });
        return answer(400, &error);
    }
    match Box::pin(server(&app, &headers, None).register_dynamic_client(&metadata, None)).await {
        Ok(client) => answer(201, &client),
        Err(RegistrationFailure::Invalid(error)) => answer(400, &error),
        Err(RegistrationFailure::Storage(error)) => Error::internal(error).into_response(),
        Err(other) => answer(other.http_status(), &serde_json::json!({ "error": "access_denied" })),
    }
}

/// Codes go to https, to this computer, or to a program's own scheme; never to a script.
fn wrong_redirect(metadata: &ClientMetadata) -> Option<&'static str> {
    let is_wrong = |text: &String| {
        let Ok(url) = url::Url::parse(text) else { return true };
        match url.scheme() {
            "https" => false,
            "http" => !matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")),
            // RFC 8252, section 7.1: a name of the program's own, in reverse, or at least none of the web's.
            scheme => ["javascript", "data", "file", "blob", "vbscript", "about", "ws", "wss", "ftp"].contains(&scheme),
        }
    };
    metadata
        .redirect_uris
        .iter()
        .any(is_wrong)
        .then_some("a redirect_uri has to be https, http on this computer, or a scheme of the program's own")
}
