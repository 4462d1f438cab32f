//! The suite's fixtures: its scenarios say what each has to answer.

// Logging, sampling and the older subscriptions are deprecated, and the suite still tests them.
#![allow(deprecated)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{RequestContext, SubscriptionContext, SubscriptionSink},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tallyboard_assistants::mcp::McpServer;

use super::input_required;

/// A red pixel.
const IMAGE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
/// An empty sound.
const SOUND: &str = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

/// The product's MCP server with the suite's fixtures before it.
#[derive(Clone)]
pub struct Fixtures {
    product: McpServer,
    listeners: Arc<Mutex<Vec<SubscriptionSink>>>,
}

pub fn from_json<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn result(content: Value, is_error: bool) -> CallToolResponse {
    let result = json!({ "resultType": "complete", "content": content, "isError": is_error });
    CallToolResponse::Complete(from_json(result))
}

pub fn text(text: &str) -> CallToolResponse {
    result(json!([{ "type": "text", "text": text }]), false)
}

/// What the tools answer that answer always the same.
fn fixed(name: &str) -> Option<CallToolResponse> {
    let image = json!({ "type": "image", "data": IMAGE, "mimeType": "image/png" });
    let resource = |uri: &str, kind: &str, text: &str| json!({ "type": "resource", "resource": { "uri": uri, "mimeType": kind, "text": text } });
    let content = match name {
        "test_simple_text" => json!([{ "type": "text", "text": "This is a simple text response for testing." }]),
        "test_image_content" => json!([image]),
        "test_audio_content" => json!([{ "type": "audio", "data": SOUND, "mimeType": "audio/wav" }]),
        "test_embedded_resource" => {
            json!([resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")])
        }
        "test_multiple_content_types" => json!([
            { "type": "text", "text": "Multiple content types test:" },
            image,
            resource("test://mixed-content-resource", "application/json", r#"{"test":"data","value":123}"#),
        ]),
        "test_error_handling" => {
            let words = "This tool intentionally returns an error for testing";
            return Some(result(json!([{ "type": "text", "text": words }]), true));
        }
        _ => return None,
    };
    Some(result(content, false))
}

const OTHER_TOOLS: [&str; 16] = [
    "test_simple_text",
    "test_image_content",
    "test_audio_content",
    "test_embedded_resource",
    "test_multiple_content_types",
    "test_error_handling",
    "test_tool_with_logging",
    "test_tool_with_progress",
    "test_sampling",
    "test_elicitation",
    "test_elicitation_sep1034_defaults",
    "test_elicitation_sep1330_enums",
    "test_trigger_tool_change",
    "test_trigger_prompt_change",
    "test_missing_capability",
    "test_logging_tool",
];

/// The schemas that the elicitation scenarios ask a client to fill in.
fn elicitation(name: &str) -> Value {
    let properties = match name {
        "test_elicitation_sep1034_defaults" => json!({
            "name": { "type": "string", "default": "John Doe" },
            "age": { "type": "integer", "default": 30 },
            "score": { "type": "number", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "default": true },
        }),
        "test_elicitation_sep1330_enums" => {
            let titled = |titles: [&str; 3]| {
                let numbered = titles.iter().zip(["value1", "value2", "value3"]);
                numbered.map(|(title, value)| json!({ "const": value, "title": title })).collect::<Vec<_>>()
            };
            let options = json!(["option1", "option2", "option3"]);
            json!({
                "untitledSingle": { "type": "string", "enum": options },
                "titledSingle": { "type": "string", "oneOf": titled(["First Option", "Second Option", "Third Option"]) },
                "legacyEnum": {
                    "type": "string",
                    "enum": ["opt1", "opt2", "opt3"],
                    "enumNames": ["Option One", "Option Two", "Option Three"],
                },
                "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
                "titledMulti": {
                    "type": "array",
                    "items": { "anyOf": titled(["First Choice", "Second Choice", "Third Choice"]) },
                },
            })
        }
        _ => json!({ "username": { "type": "string" }, "email": { "type": "string" } }),
    };
    let required = if name == "test_elicitation" { json!(["username", "email"]) } else { json!([]) };
    json!({ "type": "object", "properties": properties, "required": required })
}

impl Fixtures {
    pub fn new(product: McpServer) -> Self {
        Self { product, listeners: Arc::default() }
    }

    fn tools() -> Vec<Tool> {
        let names = OTHER_TOOLS.iter().chain(&input_required::TOOLS);
        let schema = Arc::new(from_json::<JsonObject>(json!({ "type": "object", "properties": {} })));
        names.map(|name| Tool::new(*name, "A fixture of the conformance suite", schema.clone())).collect()
    }

    async fn trigger(&self, is_tools: bool) {
        let listeners = self.listeners.lock().unwrap().clone();
        for listener in listeners {
            // Clients that haven't subscribed, or have left, aren't notified.
            let _ = match is_tools {
                true => listener.notify_tool_list_changed().await,
                false => listener.notify_prompt_list_changed().await,
            };
        }
    }

    async fn ask_client(&self, context: &RequestContext<RoleServer>, request: ServerRequest) -> CallToolResponse {
        match context.peer.send_request(request).await {
            Ok(answer) => text(&format!("The client answered: {}", serde_json::to_string(&answer).unwrap())),
            Err(error) => result(json!([{ "type": "text", "text": error.to_string() }]), true),
        }
    }
}

async fn log(context: &RequestContext<RoleServer>, level: LoggingLevel, words: &str) {
    let message = LoggingMessageNotificationParam::new(level, json!(words)).with_logger("conformance");
    let _ = context.peer.notify_logging_message(message).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let mut info = self.product.get_info();
        let all = ServerCapabilities::builder()
            .enable_logging()
            .enable_completions()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_resources_list_changed()
            .enable_tools()
            .enable_tool_list_changed();
        info.capabilities = all.build();
        info
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut listed = self.product.list_tools(request, context).await?;
        listed.tools.extend(Self::tools());
        Ok(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = request.name.to_string();
        if let Some(answer) = fixed(&name) {
            return Ok(answer);
        }
        if name.starts_with("test_input_required_result") || name == "test_streaming_elicitation" {
            return input_required::call(&request, &context.meta);
        }
        let arguments = request.arguments.clone().unwrap_or_default();
        let argument = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or("Hello").to_owned();
        Ok(match name.as_str() {
            "test_tool_with_logging" => {
                for words in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
                    log(&context, LoggingLevel::Info, words).await;
                }
                text("Logging test completed")
            }
            "test_logging_tool" => {
                if let Some(level) = context.meta.log_level() {
                    log(&context, level, "A requested log line").await;
                }
                text("Logging tool completed")
            }
            "test_tool_with_progress" => {
                for progress in [0.0, 50.0, 100.0] {
                    if let Some(token) = context.meta.get_progress_token() {
                        let progress = ProgressNotificationParam::new(token, progress).with_total(100.0);
                        let _ = context.peer.notify_progress(progress).await;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                text("Progress test completed")
            }
            "test_sampling" => {
                let asked = CreateMessageRequestParams::new(vec![SamplingMessage::user_text(argument("prompt"))], 100);
                self.ask_client(&context, ServerRequest::CreateMessageRequest(CreateMessageRequest::new(asked))).await
            }
            "test_elicitation" | "test_elicitation_sep1034_defaults" | "test_elicitation_sep1330_enums" => {
                let asked = ElicitRequestParams::FormElicitationParams {
                    meta: None,
                    message: argument("message"),
                    requested_schema: from_json(elicitation(&name)),
                };
                self.ask_client(&context, ServerRequest::ElicitRequest(ElicitRequest::new(asked))).await
            }
            "test_trigger_tool_change" | "test_trigger_prompt_change" => {
                self.trigger(name == "test_trigger_tool_change").await;
                text("Triggered")
            }
            "test_missing_capability" => {
                let capabilities = context.meta.client_capabilities().unwrap_or_default();
                if capabilities.sampling.is_none() {
                    let required = ClientCapabilities::builder().enable_sampling().build();
                    return Err(ErrorData::missing_required_client_capability(required));
                }
                text("The client can sample")
            }
            _ => return self.product.call_tool(request, context).await,
        })
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let mut accepted = self.product.accepted_subscription_filter(requested)?;
        accepted.tools_list_changed = requested.tools_list_changed;
        accepted.prompts_list_changed = requested.prompts_list_changed;
        accepted.resource_subscriptions.clone_from(&requested.resource_subscriptions);
        Some(accepted)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.listeners.lock().unwrap().push(context.sink().clone());
        self.product.listen(context).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let mut listed = self.product.list_resources(request, context).await?;
        listed.resources.push(Resource::new("test://static-text", "Static text").with_mime_type("text/plain"));
        listed.resources.push(Resource::new("test://static-binary", "Static image").with_mime_type("image/png"));
        Ok(listed)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let mut listed = self.product.list_resource_templates(request, context).await?;
        listed.resource_templates.push(ResourceTemplate::new("test://template/{id}/data", "Template"));
        Ok(listed)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri.as_str();
        let id = uri.strip_prefix("test://template/").and_then(|rest| rest.strip_suffix("/data"));
        let content = match (uri, id) {
            ("test://static-text", _) => {
                ResourceContents::text("This is the content of the static text resource.", uri)
            }
            ("test://static-binary", _) => ResourceContents::blob(IMAGE, uri).with_mime_type("image/png"),
            (_, Some(id)) => {
                let data = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
                ResourceContents::text(data.to_string(), uri).with_mime_type("application/json")
            }
            _ => return self.product.read_resource(request, context).await,
        };
        let result = ReadResourceResult::new(vec![content]).with_ttl_ms(60_000).with_cache_scope(CacheScope::Public);
        Ok(result.into())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        // The suite's own resource never changes.
        if request.uri.starts_with("test://") { Ok(()) } else { self.product.subscribe(request, context).await }
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if request.uri.starts_with("test://") { Ok(()) } else { self.product.unsubscribe(request, context).await }
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let mut listed = self.product.list_prompts(request, context).await?;
        let arguments =
            vec![PromptArgument::new("arg1").with_required(true), PromptArgument::new("arg2").with_required(true)];
        for (name, arguments) in [
            ("test_simple_prompt", None),
            ("test_prompt_with_arguments", Some(arguments)),
            ("test_prompt_with_embedded_resource", None),
            ("test_prompt_with_image", None),
            ("test_input_required_result_prompt", None),
        ] {
            listed.prompts.push(Prompt::new(name, Some("A fixture of the conformance suite"), arguments));
        }
        Ok(listed)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.clone().unwrap_or_default();
        let argument = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let words = |text: &str| json!({ "role": "user", "content": { "type": "text", "text": text } });
        let messages = match request.name.as_str() {
            "test_simple_prompt" => json!([words("This is a simple prompt for testing.")]),
            "test_prompt_with_arguments" => {
                json!([words(&format!(
                    "Prompt with arguments: arg1='{}', arg2='{}'",
                    argument("arg1"),
                    argument("arg2")
                ))])
            }
            "test_prompt_with_embedded_resource" => {
                let uri = Some(argument("resourceUri")).filter(|uri| !uri.is_empty());
                let uri = uri.unwrap_or_else(|| "test://example-resource".to_owned());
                let resource =
                    json!({ "uri": uri, "mimeType": "text/plain", "text": "Embedded resource content for testing." });
                let block = json!({ "role": "user", "content": { "type": "resource", "resource": resource } });
                json!([block, words("Please process the embedded resource above.")])
            }
            "test_prompt_with_image" => {
                let image = json!({ "type": "image", "data": IMAGE, "mimeType": "image/png" });
                json!([{ "role": "user", "content": image }, words("Please analyze the image above.")])
            }
            "test_input_required_result_prompt" => return Ok(input_required::prompt(&request)),
            _ => return self.product.get_prompt(request, context).await,
        };
        Ok(from_json::<GetPromptResult>(json!({ "resultType": "complete", "messages": messages })).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        self.product.complete(request, context).await
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }
}
