//! A tool: a struct of arguments and a struct for its result, which document themselves.

use axum::http::StatusCode;
use futures::future::BoxFuture;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool as Listed, ToolAnnotations};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    arguments,
    schema::{schema_of_arguments, schema_of_result},
    tools::asking::Question,
};
use tallyboard_base::request_log;
use tallyboard_core::{
    app::AppState,
    auth::{AuthenticatedUser, Needs},
    ops::{audit, idempotency},
};
use tallyboard_model::error::{Code, Error, Result};

/// The effect of calling a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing changes.
    Read,
    /// Something is added; a second call adds another.
    Add,
    /// Something is set; a second call changes nothing more.
    Set,
    /// Something is overwritten or deleted; a second call changes nothing more.
    Overwrite,
}

/// A tool. The type itself is its arguments.
pub trait Tool: DeserializeOwned + ToSchema + Send + Sync + 'static {
    /// The result.
    type Output: Serialize + ToSchema;
    /// The name that assistants call it by.
    const NAME: &'static str;
    /// The name that people read.
    const TITLE: &'static str;
    /// When to use it, for an assistant.
    const DESCRIPTION: &'static str;
    /// Its effect.
    const EFFECT: Effect;

    /// The argument `request_id`, by which a repeated call is recognized.
    fn request_id(&self) -> Option<&str> {
        None
    }

    /// What the assistant in a conversation asks the user before the call, by the table in [`super::tools::asking`]; `None` if nothing.
    /// An assistant over MCP has its own way of asking.
    fn question(
        &self,
        _app: &AppState,
        _user: &AuthenticatedUser,
    ) -> impl Future<Output = Result<Option<Question>>> + Send {
        async { Ok(None) }
    }

    /// Calls the service function.
    fn call(self, app: &AppState, user: &AuthenticatedUser) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// With the schema of the arguments, and what was given for them.
type Call<T> = for<'a> fn(&'a AppState, &'a AuthenticatedUser, &'a JsonObject, JsonObject) -> BoxFuture<'a, Result<T>>;

/// A row of the table of tools.
pub struct ToolEntry {
    /// As clients see it.
    pub listed: Listed,
    /// Its effect.
    pub effect: Effect,
    call: Call<String>,
    question: Call<Option<Question>>,
}

impl ToolEntry {
    /// The row of a tool.
    pub fn of<T: Tool>() -> Self {
        let effect = T::EFFECT;
        let annotations = ToolAnnotations::with_title(T::TITLE)
            .read_only(effect == Effect::Read)
            .destructive(effect == Effect::Overwrite)
            .idempotent(effect != Effect::Add)
            .open_world(false);
        let listed = Listed::new(T::NAME, T::DESCRIPTION, schema_of_arguments::<T>())
            .with_title(T::TITLE)
            .with_raw_output_schema(schema_of_result::<T::Output>())
            .with_annotations(annotations);
        Self {
            listed,
            effect,
            call: |app, user, schema, given| Box::pin(run::<T>(app, user, schema, given)),
            question: |app, user, schema, given| {
                Box::pin(async move { arguments::read::<T>(schema, given)?.0.question(app, user).await })
            },
        }
    }

    /// What the user has to approve before the call; `None` if nothing.
    pub async fn question(
        &self,
        app: &AppState,
        user: &AuthenticatedUser,
        arguments: JsonObject,
    ) -> Result<Option<Question>> {
        let question = (self.question)(app, user, &self.listed.input_schema, arguments).await;
        self.record_if_refused(app, user, &question);
        question
    }

    /// The names of these arguments that the tool doesn't have, and ignores.
    pub fn ignored(&self, arguments: &JsonObject) -> Vec<String> {
        arguments::ignored(&self.listed.input_schema, arguments)
    }

    /// Says which arguments it has ignored, and which it has.
    pub fn note_on_ignored(&self, ignored: &[String]) -> Option<String> {
        arguments::note_on_ignored(&self.listed.input_schema, ignored)
    }

    /// The scope a credential needs for it.
    pub fn needs(&self) -> Needs {
        if self.effect == Effect::Read { Needs::Read } else { Needs::Write }
    }

    fn record_if_refused<T>(&self, app: &AppState, user: &AuthenticatedUser, answer: &Result<T>) {
        if answer.as_ref().is_err_and(|error| error.code == Code::Forbidden) {
            self.record_refusal(app, user);
        }
    }

    /// Runs the tool: its result as JSON.
    pub async fn run(&self, app: &AppState, user: &AuthenticatedUser, arguments: JsonObject) -> Result<String> {
        let (needs, schema) = (self.needs(), self.listed.input_schema.clone());
        let answer = match user.check(needs) {
            Ok(()) if needs == Needs::Read => (self.call)(app, user, &schema, arguments).await,
            Ok(()) => {
                // In its own task: a write must not end in the middle because the client has disconnected.
                let (call, app, user) = (self.call, app.clone(), user.clone());
                let writing = request_log::spawn(async move { call(&app, &user, &schema, arguments).await });
                writing.await.unwrap_or_else(|error| Err(Error::internal(error)))
            }
            Err(error) => Err(error),
        };
        self.record_if_refused(app, user, &answer);
        answer
    }

    /// Notes that the user's credential was not enough.
    pub fn record_refusal(&self, app: &AppState, user: &AuthenticatedUser) {
        tracing::warn!(target: "security", tool = %self.listed.name, "refused");
        audit::record_refusal(&app.db, user.id(), "/mcp");
    }

    /// Calls the tool. Every error is a result that says what to do next, so that the assistant can read it.
    pub async fn call(&self, app: &AppState, user: &AuthenticatedUser, arguments: JsonObject) -> CallToolResult {
        let ignored = self.ignored(&arguments);
        let note = self.note_on_ignored(&ignored).map(ContentBlock::text);
        let answer = self.run(app, user, arguments).await;
        let parsed = |text: String| Ok((serde_json::from_str::<Value>(&text).map_err(Error::internal)?, text));
        let mut result = match answer.and_then(parsed) {
            Ok((mut structured, text)) => {
                if let (false, Some(structured)) = (ignored.is_empty(), structured.as_object_mut()) {
                    structured.insert("ignored".to_owned(), ignored.into());
                }
                let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
                result.structured_content = Some(structured);
                result
            }
            Err(error) => error_result(error),
        };
        // After the result, which clients find in the first block.
        result.content.extend(note);
        result
    }
}

/// An error as the result of a call.
pub fn error_result(error: Error) -> CallToolResult {
    let text = serde_json::to_string(&with_next_step(error)).unwrap_or_default();
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// The result as JSON.
async fn run<T: Tool>(
    app: &AppState,
    user: &AuthenticatedUser,
    schema: &JsonObject,
    given: JsonObject,
) -> Result<String> {
    let (tool, arguments): (T, _) = arguments::read(schema, given)?;
    let Some(key) = tool.request_id().map(str::to_owned) else { return answer(tool, app, user).await };
    if !(1..=255).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid("request_id", "has to be 1 to 255 visible ASCII characters"));
    }
    let fingerprint = idempotency::fingerprint(&format!("mcp/{}", T::NAME), arguments.to_string().as_bytes());
    if let Some((status, text)) = idempotency::claim(app, user, &key, &fingerprint).await? {
        return if status.is_success() { Ok(text) } else { Err(serde_json::from_str(&text).map_err(Error::internal)?) };
    }
    let answer = answer(tool, app, user).await;
    let (status, text) = match &answer {
        Ok(text) => (StatusCode::OK, text.clone()),
        Err(error) => (error.code.status(), serde_json::to_string(error).unwrap_or_default()),
    };
    idempotency::settle(app, user, &key, status, &text).await;
    answer
}

async fn answer<T: Tool>(tool: T, app: &AppState, user: &AuthenticatedUser) -> Result<String> {
    serde_json::to_string(&tool.call(app, user).await?).map_err(Error::internal)
}

/// Errors that do not say it already say what the assistant can do next.
pub fn with_next_step(mut error: Error) -> Error {
    let next = match error.code {
        Code::ValidationError => "Correct the fields that are named and call the tool again",
        Code::Forbidden => "The user isn't allowed to do this; tell them, and don't try another way",
        Code::NotFound => {
            "Use ids from list_tasks, search, list_teams or list_team_members; this one may have been deleted"
        }
        Code::Conflict => "Read the current state first; it may already be done",
        _ => "Tell the user if it happens again",
    };
    error.detail.get_or_insert_with(|| next.to_owned());
    error
}

/// Tools by name.
pub fn find<'a>(tools: &'a [ToolEntry], name: &str) -> Option<&'a ToolEntry> {
    tools.iter().find(|tool| tool.listed.name == name)
}

/// All tools as clients see them.
pub fn listed(tools: &[ToolEntry]) -> Vec<Listed> {
    tools.iter().map(|tool| tool.listed.clone()).collect()
}
