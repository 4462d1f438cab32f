//! The settings of the model that answers in conversations.

use serde::Deserialize;

use super::empty_is_none;

/// The least context length of a model, in tokens: the instructions and the tools, a question, a result and an answer.
pub const LEAST_CONTEXT_TOKENS: u32 = 8192;

/// The model that answers in conversations.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssistantConfig {
    /// The address of an endpoint that speaks the chat-completions protocol, without `/chat/completions`.
    pub base_url: String,
    /// This server's key for the endpoint.
    #[serde(deserialize_with = "empty_is_none")]
    pub api_key: Option<String>,
    /// The name of the model.
    pub model: String,
    /// How many times the model is called for one answer, with the results of the tools that it has called.
    pub max_rounds: u32,
    /// The most tokens that the model may write each time.
    pub max_output_tokens: u32,
    /// How many tokens the model can read and write at once. The prompt is cut to fit.
    pub context_tokens: u32,
    /// How long the model may stay silent.
    pub timeout_seconds: u64,
    /// How many tokens a user may use in 24 hours; 0 for no limit.
    pub daily_tokens_per_user: i64,
}

impl AssistantConfig {
    /// Whether there is a model.
    pub fn is_on(&self) -> bool {
        !self.base_url.is_empty()
    }

    /// The setting that cannot be used, and why.
    pub(super) fn check(&self) -> Result<(), (&'static str, &'static str)> {
        if self.is_on() && !self.base_url.starts_with("https://") && !self.base_url.starts_with("http://") {
            return Err(("assistant.base_url", "has to begin with https:// or http://"));
        }
        if self.is_on() && self.model.is_empty() {
            return Err(("assistant.model", "is needed with base_url"));
        }
        if !(1..=100).contains(&self.max_rounds) {
            return Err(("assistant.max_rounds", "has to be from 1 to 100"));
        }
        if !(1..=1_000_000).contains(&self.max_output_tokens) {
            return Err(("assistant.max_output_tokens", "has to be from 1 to 1000000"));
        }
        if self.context_tokens < LEAST_CONTEXT_TOKENS {
            return Err(("assistant.context_tokens", "has to be 8192 or more"));
        }
        if !(1..=3600).contains(&self.timeout_seconds) {
            return Err(("assistant.timeout_seconds", "has to be from 1 to 3600"));
        }
        if self.daily_tokens_per_user < 0 {
            return Err(("assistant.daily_tokens_per_user", "has to be 0 or more"));
        }
        Ok(())
    }
}
