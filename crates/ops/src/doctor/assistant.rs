//! Whether the model behind Chat answers, and what it lacks.

use std::time::Duration;

use super::Finding;
use tallyboard_base::config::{Config, LEAST_CONTEXT_TOKENS};
use tallyboard_core::model::{ModelClient, Trial};

/// How long the endpoint may take: somebody is waiting for doctor.
const DEADLINE: Duration = Duration::from_secs(30);

pub async fn check(config: &Config) -> Finding {
    let check = "assistant";
    let client = match ModelClient::new(&config.assistant) {
        Ok(Some(client)) => client,
        Ok(None) => return Finding::ok(check, "commands only: no assistant.base_url is set"),
        Err(error) => return Finding::error(check, error.to_string(), "Check the certificates of this machine"),
    };
    let model = &config.assistant.model;
    match client.try_out(DEADLINE).await {
        Trial::Good => Finding::ok(check, format!("{model} answers and supports tools")),
        Trial::WithoutTools => Finding::warning(
            check,
            format!("{model} answers but doesn't support tools: it can talk about tasks, but not find or change any"),
            "Set assistant.model to one that can call tools; the log has the endpoint's message",
        ),
        Trial::ReadsOnly(tokens) => Finding::warning(
            check,
            format!("{model} read {tokens} tokens of a message that has more: it loses the beginning of its prompt"),
            format!(
                "Give it a context of assistant.context_tokens ({LEAST_CONTEXT_TOKENS} at least); Ollama: \
                 OLLAMA_CONTEXT_LENGTH={}",
                config.assistant.context_tokens
            ),
        ),
        Trial::TooSlow(time) => Finding::warning(
            check,
            format!("{model} did not answer within {} seconds", time.as_secs()),
            "Check assistant.base_url, and raise assistant.timeout_seconds for a slow machine",
        ),
        Trial::Failed(error, words) => {
            let said = words.filter(|words| !words.is_empty()).map(|words| format!(" It says: “{words}”"));
            let advice = "Check assistant.base_url, assistant.model and assistant.api_key; commands keep working";
            Finding::error(check, format!("{error}{}", said.unwrap_or_default()), advice)
        }
    }
}
