//! What a request calls, read before the protocol's library reads it: so that a client learns by HTTP which scope it lacks, and
//! arguments that aren't an object are the tool's error and not the protocol's.

use axum::body::Bytes;
use serde_json::{Map, Value};

use super::{
    tool::{self, ToolEntry},
    tools::TOOLS,
};
use crate::oauth::clients;
use tallyboard_core::{
    app::AppState,
    apps,
    auth::{AuthenticatedUser, CredentialId},
};
use tallyboard_model::error::{Error, Result};

/// The method of calls.
const METHOD: &str = "tools/call";

/// A call whose arguments aren't an object gets an error as its result.
#[derive(Clone, Copy, Debug)]
pub struct NoObject;

impl NoObject {
    /// The error.
    pub fn error() -> Error {
        Error::validation().detail(
            "The arguments have to be one JSON object, like {\"query\": \"fence\"}; call the tool again with one",
        )
    }
}

/// A request's body.
pub struct Body {
    /// The body, whose arguments are an object or absent.
    pub bytes: Bytes,
    /// The tool that is called.
    pub tool: Option<&'static ToolEntry>,
    /// Whether the call has arguments that aren't an object.
    pub no_object: Option<NoObject>,
}

impl Body {
    /// Reads a body. What isn't a call stays as it is.
    pub fn read(bytes: Bytes) -> Self {
        let as_it_is = |bytes| Self { bytes, tool: None, no_object: None };
        if !bytes.windows(METHOD.len()).any(|part| part == METHOD.as_bytes()) {
            return as_it_is(bytes);
        }
        let Ok(mut message) = serde_json::from_slice::<Value>(&bytes) else { return as_it_is(bytes) };
        if message["method"] != METHOD {
            return as_it_is(bytes);
        }
        let tool = message["params"]["name"].as_str().and_then(|name| tool::find(&TOOLS, name));
        let Some(given) = message.pointer_mut("/params/arguments") else { return Self { tool, ..as_it_is(bytes) } };
        let (arguments, no_object) = match std::mem::take(given) {
            Value::Object(_) => return Self { tool, ..as_it_is(bytes) },
            // Some clients send these for "no arguments", and some the object as text.
            Value::Null => (Map::new(), None),
            Value::Array(items) if items.is_empty() => (Map::new(), None),
            Value::String(text) if text.trim().is_empty() => (Map::new(), None),
            Value::String(text) => serde_json::from_str(&text).map_or((Map::new(), Some(NoObject)), |map| (map, None)),
            _ => (Map::new(), Some(NoObject)),
        };
        *given = Value::Object(arguments);
        Self { bytes: message.to_string().into(), tool, no_object }
    }

    /// Refuses a call that lacks the scope `write` when its app can ask the person for it. Any other credential gets an error as
    /// the tool's result: nobody could widen it.
    pub async fn check_scope(&self, app: &AppState, user: &AuthenticatedUser) -> Result<()> {
        let Some(tool) = self.tool else { return Ok(()) };
        let Err(error) = user.check(tool.needs()) else { return Ok(()) };
        let CredentialId::App(id) = user.credential() else { return Ok(()) };
        let connected = app.db.scope(user).read(|scope| Box::pin(apps::service::list(scope))).await?;
        let Some(connected) = connected.into_iter().find(|connected| connected.id == id) else { return Ok(()) };
        if !clients::may_write(app, &connected.client_id).await {
            return Ok(());
        }
        tool.record_refusal(app, user);
        Err(error)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_an_object_or_an_error() {
        let read = |arguments: Value| {
            let message = json!({ "method": METHOD, "params": { "name": "search", "arguments": arguments } });
            let body = Body::read(message.to_string().into());
            assert!(body.tool.is_some_and(|tool| tool.listed.name == "search"));
            let read: Value = serde_json::from_slice(&body.bytes).unwrap();
            (read["params"]["arguments"].clone(), body.no_object.is_none())
        };
        let query = json!({ "query": "x" });
        for (given, expected) in [
            (query.clone(), (query.clone(), true)),
            (json!(query.to_string()), (query, true)),
            (json!(null), (json!({}), true)),
            (json!([]), (json!({}), true)),
            (json!(""), (json!({}), true)),
            (json!("{"), (json!({}), false)),
            (json!([1]), (json!({}), false)),
            (json!(5), (json!({}), false)),
        ] {
            assert_eq!(read(given.clone()), expected, "{given}");
        }
        for other in ["", "{", "\"tools/call\"", "[]", "{\"method\":\"tools/list\",\"x\":\"tools/call\"}"] {
            let body = Body::read(Bytes::from(other));
            assert!(body.bytes == other && body.tool.is_none() && body.no_object.is_none(), "{other}");
        }
    }
}
