//! Values of JSON, and answers of the server.

use js_sys::{Array, Reflect, futures::JsFuture};
use leptos::{leptos_dom::helpers::window, web_sys::Response};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    error::{Code, Error},
    language::t,
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

    /// Whether it is an object or a list.
    pub fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// A text of an object.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).0.as_string()
    }

    /// A whole number of an object.
    pub fn number(&self, name: &str) -> u64 {
        self.get(name).0.as_f64().unwrap_or_default() as u64
    }

    /// The items of a list of an object.
    pub fn items(&self, name: &str) -> Vec<Self> {
        self.get(name).0.dyn_ref::<Array>().map(|array| array.iter().map(Self).collect()).unwrap_or_default()
    }
}

/// Fetches JSON of this site.
///
/// # Errors
/// What the server says, as 401 or as an internal error; or that the server cannot be reached or understood.
pub async fn fetch_json(path: String) -> Result<Json, Error> {
    let answer = JsFuture::from(window().fetch_with_str(&path)).await;
    let answer = answer.map_err(|_| Error::new(Code::Unavailable, t("The server cannot be reached")))?;
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
    let code = if response.status() == 401 { Code::Unauthorized } else { Code::InternalError };
    Err(json.text("error").map_or_else(unreadable, |message| Error::new(code, message)))
}
