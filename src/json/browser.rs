//! Values of JSON, and answers of the server.

use std::collections::BTreeMap;

use js_sys::{Array, Object, Promise, Reflect, futures::JsFuture};
use leptos::leptos_dom::helpers::window;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, FormData, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use tallyboard_model::{
    error::{Code, Error},
    language::t,
    paths::SERVER_FUNCTIONS,
};

/// A value of JSON. What is missing, or of another type, is empty.
pub struct Json(JsValue);

impl Json {
    /// Reads a text.
    pub fn parse(text: &str) -> Option<Self> {
        js_sys::JSON::parse(text).ok().map(Self)
    }

    /// A value of an object.
    pub fn get(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or(JsValue::NULL))
    }

    /// The value, for a script of the page.
    pub fn as_value(&self) -> &JsValue {
        &self.0
    }

    /// Whether it is an object or a list.
    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// The value as a string, or `None` if it isn't one.
    pub fn as_text(&self) -> Option<String> {
        self.0.as_string()
    }

    /// A text of an object.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).0.as_string()
    }

    /// A whole number of an object.
    pub fn number(&self, name: &str) -> u64 {
        self.get(name).0.as_f64().unwrap_or_default() as u64
    }

    /// The texts of an object, by their names.
    fn texts(&self) -> BTreeMap<String, String> {
        let names = self.0.dyn_ref::<Object>().map(|object| Object::keys(object).to_vec()).unwrap_or_default();
        let names = names.into_iter().filter_map(|name| name.as_string());
        names.filter_map(|name| self.text(&name).map(|text| (name, text))).collect()
    }

    /// The items of a list of an object.
    pub fn items(&self, name: &str) -> Vec<Self> {
        self.get(name).0.dyn_ref::<Array>().map(|array| array.iter().map(Self).collect()).unwrap_or_default()
    }
}

/// Fetches JSON of this site.
///
/// # Errors
/// What the server says, as 401, 404 (also for 403) or an internal error; or that the server cannot be reached or understood.
pub async fn fetch_json(path: String) -> Result<Json, Error> {
    read_answer(window().fetch_with_str(&path)).await
}

/// Sends a form to the server function that it names, as it is now.
///
/// # Errors
/// As for [`fetch_json`].
pub fn post_form(form: &HtmlFormElement) -> impl Future<Output = Result<Json, Error>> + use<> {
    let request = RequestInit::new();
    request.set_method("POST");
    // The browser delivers it even if the user leaves the page.
    let _ = Reflect::set(&request, &"keepalive".into(), &JsValue::TRUE);
    if let Some(fields) = fields(form) {
        request.set_body(&fields);
    }
    read_answer(window().fetch_with_str_and_init(&address(form), &request))
}

/// Where the script sends a form. Without script it goes to its page's address, which calls the same function.
fn address(form: &HtmlFormElement) -> String {
    format!("{SERVER_FUNCTIONS}{}", function_of(form).unwrap_or_default())
}

/// The name of the server function that a form, or its button, names.
pub fn function_of(form: &Element) -> Option<String> {
    form.query_selector("[name=form]").ok()??.get_attribute("value")
}

/// The fields as a browser sends those of a form without files.
fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let fields = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
}

async fn read_answer(answer: Promise) -> Result<Json, Error> {
    let answer = JsFuture::from(answer).await;
    let answer = answer.map_err(|_| Error::new(Code::Unavailable, t("The server is unreachable")))?;
    let response: Response = answer.unchecked_into();
    let body = match response.json() {
        Ok(body) => JsFuture::from(body).await,
        Err(error) => Err(error),
    };
    let unreadable = || Error::new(Code::InternalError, t("The server's answer could not be read"));
    let json = Json(body.map_err(|_| unreadable())?);
    if response.ok() {
        return Ok(json);
    }
    let code = match response.status() {
        401 => return Err(Error::new(Code::Unauthorized, t("You're signed out."))),
        403 | 404 => Code::NotFound,
        _ => Code::InternalError,
    };
    let Some(message) = json.text("error") else { return Err(unreadable()) };
    Err(Error { fields: json.get("fields").texts(), ..Error::new(code, message) })
}
