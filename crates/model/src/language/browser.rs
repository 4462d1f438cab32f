//! Texts in the browser: the page says those of its islands again in its language, in `window.texts`; an English page
//! has none.

use std::cell::RefCell;

use wasm_bindgen::JsValue;

thread_local! {
    static TEXTS: JsValue = get(&js_sys::global(), "texts");
    static FOUND: RefCell<Vec<(&'static str, &'static str)>> = const { RefCell::new(Vec::new()) };
}

fn get(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A text of the code in the language of the page.
pub fn t(english: &'static str) -> &'static str {
    TEXTS.with(|texts| if texts.is_undefined() { english } else { found(texts, english) })
}

/// Each text is fetched from JavaScript once, and leaked: there are as many as the islands have.
fn found(texts: &JsValue, english: &'static str) -> &'static str {
    FOUND.with_borrow_mut(|found| {
        if let Some((_, text)) = found.iter().find(|(known, _)| *known == english) {
            return *text;
        }
        let text = get(texts, english).as_string().map_or(english, |text| Box::leak(text.into_boxed_str()));
        found.push((english, text));
        text
    })
}
