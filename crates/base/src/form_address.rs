//! Forms without script: a server function that rejects one redirects the browser back to the page of the
//! form, with the error and the input in the address, so that nothing has to be typed twice. The error is
//! signed: a link that somebody else made cannot put words into our pages.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use crate::{http::parse_query, local_path::local_path};
use tallyboard_model::{
    error::{Error, Result},
    list::ListQuery,
    paths,
};

/// The query parameter with the error, and the one with its signature.
const ERROR: &str = "error";
const SIGNATURE: &str = "signature";
/// The query parameter that names the item whose form is open.
pub const EDIT: &str = "edit";
/// The prefix of a form's fields in an address, because a list's filters have the same names.
const INPUT: &str = "input.";
/// Longer input is not repeated in an address, in bytes.
const MAX_INPUT_BYTES: usize = 1200;

/// Fields that are valid once and never repeated, like passwords: a code, and what a passkey has signed.
const NOT_REPEATED: [&str; 3] = ["code", "credential", "state"];

/// Signs the error that an address carries, with the server's own key.
pub trait SignText {
    /// The signature of `text`, in characters that an address can hold.
    fn sign(&self, text: &str) -> String;
    /// Whether `signature` is that of `text`.
    fn verify(&self, text: &str, signature: &str) -> bool;
}

/// The signature covers the page too: an error of one form cannot be shown on another page.
fn signed_text(path: &str, error: &str) -> String {
    format!("form-error:{path}:{error}")
}

/// The address of the page that sent a form, with this error and the form's input.
pub fn rejected_form(signer: &impl SignText, referer: &str, error: &Error, input: Vec<(String, String)>) -> String {
    let page = own_page(referer);
    let (path, query) = page.split_once('?').unwrap_or((&page, ""));
    let mut parameters = read_pairs(query);
    parameters.retain(|name, _| !name.starts_with(INPUT));
    for (name, value) in input {
        let is_secret = name.contains("password") || NOT_REPEATED.contains(&name.as_str());
        if !is_secret && value.len() <= MAX_INPUT_BYTES {
            // Boxes of one name become one list.
            let input = parameters.entry(format!("{INPUT}{name}")).or_default();
            *input = if input.is_empty() { value } else { format!("{input},{value}") };
        }
    }
    let json = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(error).unwrap_or_default());
    parameters.insert(SIGNATURE.to_owned(), signer.sign(&signed_text(path, &json)));
    parameters.insert(ERROR.to_owned(), json);
    address(path, &parameters)
}

/// The address of the page that sent a form which was accepted: without an earlier error, its input, and the open form.
pub fn accepted_form(referer: &str) -> String {
    let page = own_page(referer);
    let (path, query) = page.split_once('?').unwrap_or((&page, ""));
    let mut parameters = read_pairs(query);
    parameters.retain(|name, _| !name.starts_with(INPUT) && ![ERROR, SIGNATURE, EDIT].contains(&name.as_str()));
    address(path, &parameters)
}

/// The path and query of a referer, whose host is ours: the layer around server functions checks the origin.
fn own_page(referer: &str) -> String {
    let path =
        referer.split_once("://").map_or(referer, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    local_path(path).unwrap_or_else(|| paths::HOME.to_owned())
}

fn read_pairs(query: &str) -> BTreeMap<String, String> {
    serde_urlencoded::from_str(query).unwrap_or_default()
}

fn address(path: &str, parameters: &BTreeMap<String, String>) -> String {
    let query = serde_urlencoded::to_string(parameters).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The list parameters in a page's address, without what a rejected form left there.
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

/// The error of a rejected form, and the input that its page's address carries. An error that we did not sign is ignored.
pub fn read_rejected_form(
    signer: &impl SignText,
    path: &str,
    query: Option<&str>,
) -> (Option<Error>, BTreeMap<String, String>) {
    let mut input = read_pairs(query.unwrap_or_default());
    let error = input.remove(ERROR).zip(input.remove(SIGNATURE)).and_then(|(json, signature)| {
        let ours = signer.verify(&signed_text(path, &json), &signature);
        let json = ours.then(|| BASE64_URL_SAFE_NO_PAD.decode(json).ok()).flatten()?;
        serde_json::from_slice(&json).ok()
    });
    (error, input)
}

/// The input of a field, else the page's own parameter of this name.
pub fn input_of<'a>(input: &'a BTreeMap<String, String>, name: &str) -> Option<&'a String> {
    input.get(&format!("{INPUT}{name}")).or_else(|| input.get(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TestKey;

    impl SignText for TestKey {
        fn sign(&self, text: &str) -> String {
            format!("signed{}", text.len())
        }

        fn verify(&self, text: &str, signature: &str) -> bool {
            self.sign(text) == signature
        }
    }

    fn read(address: &str) -> (Option<Error>, BTreeMap<String, String>) {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        read_rejected_form(&TestKey, path, Some(query))
    }

    fn input(address: &str, name: &str) -> String {
        input_of(&read(address).1, name).cloned().unwrap_or_default()
    }

    #[test]
    fn a_rejected_form_keeps_its_input_but_no_password() {
        let typed = [("name", "Ada"), ("password", "secret"), ("code", "123456"), ("credential", "{}")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()));
        let error = Error::invalid("name", "is taken");
        let referer = "http://host/signup?input.name=Old&kept=1";
        let address = rejected_form(&TestKey, referer, &error, typed.to_vec());
        assert!(
            address.starts_with("/signup?")
                && !["secret", "123456", "credential"].iter().any(|text| address.contains(text)),
            "{address}"
        );
        assert_eq!(read(&address).0, Some(error));
        assert_eq!((input(&address, "name").as_str(), input(&address, "kept").as_str()), ("Ada", "1"));
        assert_eq!(accepted_form(&format!("http://host{address}")), "/signup?kept=1");
    }

    #[test]
    fn a_field_with_the_name_of_a_filter_leaves_the_filter() {
        let status = [("status".to_owned(), "completed".to_owned())];
        let referer = "http://host/tasks?status=pending";
        let address = rejected_form(&TestKey, referer, &Error::forbidden("no"), status.to_vec());
        assert!(address.contains("?error=") && address.contains("&status=pending"), "{address}");
        assert_eq!(input(&address, "status"), "completed");
        assert_eq!(accepted_form(&format!("http://host{address}")), "/tasks?status=pending");
    }

    #[test]
    fn an_error_that_we_did_not_sign_is_not_shown() {
        let address = rejected_form(&TestKey, "http://host/signin", &Error::forbidden("no"), Vec::new());
        assert!(read(&address).0.is_some());
        assert!(read(&address.replace("signed", "forged")).0.is_none());
        assert!(read(&address.replace("/signin", "/elsewhere")).0.is_none());
        assert!(read("/signin?error=e30").0.is_none());
    }

    #[test]
    fn a_form_leads_back_to_this_site_only() {
        for referer in ["http://host//evil.example/x", "http://host/.//evil.example", "//evil.example", "http://host"] {
            assert_eq!(accepted_form(referer), "/", "{referer}");
        }
    }
}
