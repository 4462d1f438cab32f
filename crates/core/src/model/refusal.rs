//! What an endpoint says when it refuses a request, and what could be left out of it.

use serde_json::Value;

use super::ModelError;

/// The longest words of an endpoint that are kept, in characters.
const MAX_LENGTH: usize = 500;

/// A refusal, in the endpoint's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    /// The words that people read.
    words: String,
    /// Everything it said, in lower case: fields that it names, codes.
    all: String,
    /// The field that it says is wrong.
    field: String,
}

/// The part of a request to drop or shorten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The conversation is longer than the model's context.
    Context,
    /// The field with the longest answer.
    Limit,
    /// `stream_options`
    StreamOptions,
    /// Reasoning and signatures that were sent back.
    Carried,
    /// `tools`
    Tools,
}

/// How endpoints say that a conversation is too long.
const TOO_LONG: [&str; 9] = [
    "context_length",
    "context length",
    "context size",
    "context_size",
    "context window",
    "maximum context",
    "prompt is too long",
    "input is too long",
    "too many tokens",
];

impl Refusal {
    /// The refusal that this body of a response is.
    pub fn read(status: u16, body: &str) -> Self {
        match serde_json::from_str::<Value>(body) {
            Ok(json) => Self::of(status, &json),
            Err(_) => Self::of(status, &Value::from(body)),
        }
    }

    /// An error inside of an answer, whose status was good.
    pub fn in_the_middle(error: &Value) -> Self {
        let code = ["code", "status"].iter().find_map(|key| error[*key].as_u64());
        let status = code.and_then(|code| u16::try_from(code).ok()).filter(|code| (400..600).contains(code));
        Self::of(status.unwrap_or(200), error)
    }

    fn of(status: u16, json: &Value) -> Self {
        let json = json.get(0).unwrap_or(json);
        let error = json.get("error").unwrap_or(json);
        let candidates = [&error["message"], error, &json["message"], &json["detail"]];
        let words = candidates.iter().find_map(|words| words.as_str()).map_or_else(|| json.to_string(), str::to_owned);
        // FastAPI names the place of the field.
        let place = json["detail"][0]["loc"].as_array().and_then(|loc| loc.last()?.as_str());
        let field = error["param"].as_str().or(place).unwrap_or_default().to_owned();
        Self { status, words, all: json.to_string().to_lowercase(), field }
    }

    /// The status of the response, or of the error inside of a good one.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The part of the request to drop, if that's the reason; `limit`: the name of its field with the longest answer.
    pub fn cause(&self, limit: &str) -> Option<Cause> {
        if !matches!(self.status, 400 | 404 | 413 | 422 | 501) {
            return None;
        }
        let causes = [
            (Cause::Limit, limit),
            (Cause::StreamOptions, "stream_options"),
            (Cause::Carried, "reasoning"),
            (Cause::Carried, "extra_content"),
            (Cause::Tools, "tool"),
            (Cause::Tools, "function call"),
        ];
        let named = causes.iter().find(|(_, name)| self.field.starts_with(name));
        let is_too_long = self.status == 413 || TOO_LONG.iter().any(|words| self.all.contains(words));
        let mentioned = || causes.iter().find(|(_, name)| self.all.contains(name)).map(|(cause, _)| *cause);
        named.map(|(cause, _)| *cause).or(is_too_long.then_some(Cause::Context)).or_else(mentioned)
    }

    /// The error that a user reads; `retry_after` in seconds.
    pub fn error(&self, retry_after: Option<u64>) -> ModelError {
        match self.status {
            401 | 403 => ModelError::WrongKey,
            404 => ModelError::UnknownModel,
            429 => ModelError::Busy(retry_after),
            _ if self.cause("max_tokens") == Some(Cause::Context) => ModelError::ContextTooShort,
            status if status == 200 || status >= 500 => ModelError::Failed(status),
            status => ModelError::Rejected(status),
        }
    }

    /// The endpoint's own words for the log and for doctor, without anything that looks like a key.
    pub fn masked(&self, key: Option<&str>) -> String {
        let words = match key.filter(|key| !key.is_empty()) {
            Some(key) => self.words.replace(key, "***"),
            None => self.words.clone(),
        };
        let mask = |word: &str| {
            let is_secret = |part: &str| {
                let part = part.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
                let is_random = part.len() >= 20
                    && part.chars().all(|letter| letter.is_ascii_alphanumeric())
                    && part.chars().any(|letter| letter.is_ascii_digit());
                let begins = ["sk-", "key-", "gsk_", "hf_", "xai-", "AIza"].iter().any(|begin| part.starts_with(begin));
                begins || is_random
            };
            let parts: Vec<_> = word.split_inclusive([':', '=', '"', '\'', ',']).collect();
            parts.into_iter().map(|part| if is_secret(part) { "***" } else { part }).collect::<String>()
        };
        let words: Vec<_> = words.split_whitespace().map(mask).collect();
        words.join(" ").chars().filter(|letter| !letter.is_control()).take(MAX_LENGTH).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_of_an_error_is_read() {
        let too_long = r#"{"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (3000 in the messages, 2000 in the completion).","code":"context_length_exceeded"}}"#;
        for (status, body, cause) in [
            (
                400,
                r#"{"error":{"message":"use max_completion_tokens, not max_tokens","param":"max_tokens"}}"#,
                Some(Cause::Limit),
            ),
            (
                422,
                r#"{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]}"#,
                Some(Cause::StreamOptions),
            ),
            (400, r#"{"error":"registry.ollama.ai/library/gemma3 does not support tools"}"#, Some(Cause::Tools)),
            (
                404,
                r#"{"error":{"message":"No endpoints found that support tool use.","code":404}}"#,
                Some(Cause::Tools),
            ),
            (
                400,
                r#"[{"error":{"code":400,"message":"Invalid value at 'tools[0]'","status":"INVALID_ARGUMENT"}}]"#,
                Some(Cause::Tools),
            ),
            (400, too_long, Some(Cause::Context)),
            (
                400,
                r#"{"error":{"type":"exceed_context_size_error","message":"the request exceeds the available context size"}}"#,
                Some(Cause::Context),
            ),
            (413, "<html>too large</html>", Some(Cause::Context)),
            (400, "max_tokens is too large", Some(Cause::Limit)),
            (400, r#"{"error":{"message":"no"}}"#, None),
            (500, r#"{"error":{"message":"tools"}}"#, None),
            (400, "", None),
        ] {
            assert_eq!(Refusal::read(status, body).cause("max_tokens"), cause, "{body}");
        }
        assert_eq!(Refusal::read(400, too_long).error(None), ModelError::ContextTooShort);
        assert_eq!(Refusal::read(404, "no").error(None), ModelError::UnknownModel);
    }

    #[test]
    fn keys_are_masked_and_lines_stay_one() {
        let body = "{\"error\":{\"message\":\"Incorrect API key: sk-proj-abc12345678 \\n(Bearer my.own-key) at max_completion_tokens, of gpt-4o-mini-2024-07-18, request 4f2a9c1b7d3e8f604f2a\"}}";
        let words = Refusal::read(401, body).masked(Some("my.own-key"));
        assert_eq!(
            words,
            "Incorrect API key: *** (Bearer ***) at max_completion_tokens, of gpt-4o-mini-2024-07-18, request ***"
        );
        assert_eq!(Refusal::read(400, &"x".repeat(9_000)).masked(None).len(), MAX_LENGTH);
    }
}
