//! Forms that work without script. A form posts to the address of its page, and a field names it where the page has several. The
//! layer around the pages reads it (`server_fn.rs`); a refused form answers with its page, the errors and what was typed.

use std::{collections::BTreeMap, convert::Infallible};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::{ClassAttribute, ElementChild, GlobalAttributes, IntoView, view};
use serde::de::{
    DeserializeOwned,
    value::{Error as ValueError, StrDeserializer},
};

use super::error_page::PageError;
use tallyboard_base::{http::parse_query, local_path::local_path};
use tallyboard_model::{
    error::{Code, Error, Result, add_headers},
    list::ListQuery,
    paths,
};

/// The field that names a form: what it does, or the server function that does it.
pub const FORM: &str = "form";
/// The form of every page that adds a task.
pub const QUICK_ADD: &str = "quick_add";
/// The field by which a list's own box differs from that form.
pub const BOX: &str = "box";
/// The query parameter that names the item whose form is open.
pub const EDIT: &str = "edit";
/// The query parameter of a page that says what was just saved.
pub const SAVED: &str = "saved";
/// Fields that are valid once and never repeated, like passwords: a code, and what a passkey has signed.
const NOT_REPEATED: [&str; 3] = ["code", "credential", "state"];

/// The form that a browser has sent. Only the layer around the pages makes one, after it has checked where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a request.
    pub fn read(body: &[u8]) -> Self {
        Self(serde_urlencoded::from_bytes(body).unwrap_or_default())
    }

    /// Which form of its page it is; empty where the page has only one.
    pub fn name(&self) -> &str {
        self.get(FORM).unwrap_or_default()
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a field as it was typed; empty when it is missing.
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    /// The value of a field that may be missing.
    pub fn option(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// The values of all boxes with this name that are ticked.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the box with this name is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The value of a field, read as an id or a choice.
    ///
    /// # Errors
    /// It is missing or no such value.
    pub fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.get(name).ok_or_else(|| Error::invalid(name, "is missing"))?;
        T::deserialize(StrDeserializer::<ValueError>::new(value)).map_err(|_| wrong_field())
    }

    /// All fields as one value.
    ///
    /// # Errors
    /// A value is missing or wrong.
    pub fn parse_all<T: DeserializeOwned>(&self) -> Result<T> {
        let fields = self.0.iter().filter(|(name, _)| name != FORM);
        let text = serde_urlencoded::to_string(fields.collect::<Vec<_>>()).map_err(Error::internal)?;
        serde_urlencoded::from_str(&text).map_err(|_| wrong_field())
    }

    /// The answer to a form that its page does not have.
    pub fn unknown(&self) -> Refused {
        Refused(wrong_field())
    }
}

fn wrong_field() -> Error {
    Error::validation().detail("A form field is missing or invalid")
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let missing = || Refused(Error::validation().detail("A form field is missing"));
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// The answer to a form: a redirect, a page, or why it was refused.
pub type Answer = Result<Response, Refused>;

/// Why a form was refused; the layer around the pages answers with its page.
#[derive(Clone, Debug)]
pub struct Refused(Error);

impl Refused {
    /// Takes the error out of the answer to a form.
    pub fn take(response: &mut Response) -> Option<Error> {
        response.extensions_mut().remove::<Self>().map(|Self(error)| error)
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = PageError(self.0.clone()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// 303 to a page of ours.
pub fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// The address of a page after its form was accepted: without the open form, and what was saved before.
pub fn accepted_form(page: &Uri) -> String {
    let mut parameters = read_pairs(page.query());
    parameters.retain(|name, _| ![EDIT, SAVED].contains(&name.as_str()));
    let query = serde_urlencoded::to_string(parameters).unwrap_or_default();
    let address = if query.is_empty() { page.path().to_owned() } else { format!("{}?{query}", page.path()) };
    local_path(&address).unwrap_or_else(|| paths::HOME.to_owned())
}

fn read_pairs(query: Option<&str>) -> BTreeMap<String, String> {
    serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default()
}

/// The list parameters in a page's address.
pub fn list_query(query: Option<&str>) -> Result<ListQuery> {
    parse_query(&only(query.unwrap_or_default(), &["limit", "cursor"]))
}

/// A query's parameters of these names, without those that a form left empty.
pub fn only(query: &str, names: &[&str]) -> String {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let pairs: Vec<_> =
        pairs.into_iter().filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty()).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

#[derive(Clone)]
struct Refusal {
    error: Error,
    form: Form,
}

impl Refusal {
    /// Whether it's the form of every page, which shows its error itself.
    fn is_of_every_page(&self) -> bool {
        self.form.name() == QUICK_ADD && self.form.get(BOX).is_none()
    }
}

tokio::task_local! {
    /// The refused form that the page being rendered answers.
    static REFUSAL: Refusal;
}

/// Renders the page of a refused form, with the status of the error.
pub async fn refused_page(form: Form, error: Error, page: impl Future<Output = Response>) -> Response {
    let code = error.code;
    let mut response = REFUSAL.scope(Refusal { error: error.clone(), form }, page).await;
    match response.status() {
        StatusCode::OK => {
            *response.status_mut() = code.status();
            add_headers(code, response.headers_mut());
            response
        }
        // Only somebody who signs in sees the page.
        status if status.is_redirection() => response,
        // The page is gone.
        _ => PageError(error).into_response(),
    }
}

/// The errors and the input of a refused form, as its page shows them, and the parameters of the page.
#[derive(Clone, Default)]
pub struct FormErrors {
    refusal: Option<Refusal>,
    parameters: BTreeMap<String, String>,
}

impl FormErrors {
    /// Those of this form alone; the page has others with the same fields.
    pub fn of(&self, form: &str) -> Self {
        let refusal = self.refusal.clone().filter(|refusal| refusal.form.name() == form);
        Self { refusal, parameters: BTreeMap::new() }
    }

    /// Those of the form that adds a task on every page.
    pub fn of_quick_add() -> Self {
        let refusal = REFUSAL.try_with(Clone::clone).ok().filter(Refusal::is_of_every_page);
        Self { refusal, parameters: BTreeMap::new() }
    }

    /// The value that a refused form had in a field that identifies one row of a list.
    pub fn is_about(&self, field: &str, value: &str) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.form.get(field) == Some(value))
    }

    /// Whether a form was refused.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    /// The error with its fields, for a page whose fields show no errors themselves.
    pub fn message(&self) -> impl IntoView + use<> {
        alert(self.refusal.as_ref().map(|refusal| with_advice(&refusal.error, refusal.error.to_string())))
    }

    /// The error alone, for a page whose fields show their own.
    pub fn headline(&self) -> impl IntoView + use<> {
        alert(self.refusal.as_ref().map(|refusal| with_advice(&refusal.error, refusal.error.message.clone())))
    }

    /// What was typed into a field, else the page's own parameter of this name. No password and no code.
    pub fn input(&self, name: &str) -> Option<String> {
        let is_secret = name.contains("password") || NOT_REPEATED.contains(&name);
        let typed = self.refusal.as_ref().filter(|_| !is_secret).and_then(|refusal| refusal.form.option(name));
        typed.or_else(|| self.parameters.get(name).cloned())
    }

    /// Whether the box or the option with this value was chosen.
    pub fn is_chosen(&self, name: &str, value: &str) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.form.all(name).any(|chosen| chosen == value))
    }

    /// Why a field was rejected.
    pub fn field(&self, name: &str) -> Option<String> {
        self.refusal.as_ref()?.error.fields.get(name).cloned()
    }
}

impl<S: Sync> FromRequestParts<S> for FormErrors {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let refusal = REFUSAL.try_with(Clone::clone).ok();
        let mut parameters = read_pairs(parts.uri.query());
        if refusal.is_some() {
            parameters.remove(SAVED);
        }
        Ok(Self { refusal: refusal.filter(|refusal| !refusal.is_of_every_page()), parameters })
    }
}

/// Adds what to do, where neither the words nor a field say it: how long to wait, or what is missing.
fn with_advice(error: &Error, words: String) -> String {
    let needs_advice = error.fields.is_empty() && matches!(error.code, Code::RateLimited | Code::ValidationError);
    match &error.detail {
        Some(detail) if needs_advice => format!("{words}. {detail}"),
        _ => words,
    }
}

fn alert(message: Option<String>) -> impl IntoView + use<> {
    message.map(|message| view! { <p class="alert" role="alert">{message}</p> })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Form, FormErrors, Refusal, accepted_form};
    use tallyboard_model::error::Error;

    #[test]
    fn a_refused_form_keeps_its_input_but_no_password() {
        let form =
            Form::read(b"form=sign_up&name=Ada&password=secret&new_password=secret&code=123456&credential=%7B%7D");
        let refusal = Some(Refusal { error: Error::invalid("name", "is taken"), form });
        let parameters = [("kept".to_owned(), "1".to_owned())].into();
        let errors = FormErrors { refusal, parameters };
        assert_eq!(errors.input("name").as_deref(), Some("Ada"));
        assert_eq!(errors.input("kept").as_deref(), Some("1"));
        assert_eq!(errors.field("name").as_deref(), Some("is taken"));
        assert!(["password", "new_password", "code", "credential"].iter().all(|name| errors.input(name).is_none()));
        assert!(errors.of("sign_up").is_refused() && !errors.of("sign_in").is_refused());
    }

    #[test]
    fn an_accepted_form_leads_to_its_page() {
        for (page, leads) in [
            ("/tasks?status=pending&edit=1", "/tasks?status=pending"),
            ("/settings?saved=profile", "/settings"),
            ("/signup", "/signup"),
            ("//evil.example/x", "/"),
        ] {
            assert_eq!(accepted_form(&page.parse().unwrap()), leads);
        }
    }
}
