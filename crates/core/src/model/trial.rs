//! Tries the endpoint out, for `tallyboard doctor`.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use super::{ModelClient, ModelError, Refused, protocol::ChatMessage, reader::Finished};

/// How many words the trial sends to the model: most of the least context, less what it writes.
const WORDS: usize = 6_000;
/// The least count of a model that reads all of them. One with a context of 4,096 counts less.
const LEAST_READ: i64 = 4_500;
/// The least plausible count: the words alone are more.
const BELIEVED: i64 = 1_000;

/// The trial's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// The model answers and supports tools.
    Good,
    /// It answers, but takes no tools.
    WithoutTools,
    /// It has read only this many tokens of a long message, and says nothing of the rest.
    ReadsOnly(i64),
    /// It doesn't answer; why, and the endpoint's own words.
    Failed(ModelError, Option<String>),
    /// It has not answered within this time.
    TooSlow(Duration),
}

impl ModelClient {
    /// Asks the model for a word, with a tool and a message of about the least context length.
    pub async fn try_out(&self, deadline: Duration) -> Trial {
        match timeout(deadline, self.answer_to_a_long_message()).await {
            Err(_) => Trial::TooSlow(deadline),
            Ok(Err(Refused { error, words })) => Trial::Failed(error, words),
            Ok(Ok((false, _))) => Trial::WithoutTools,
            Ok(Ok((true, finished))) => match finished.usage.map_or(0, |usage| usage.prompt_tokens) {
                read @ BELIEVED..LEAST_READ => Trial::ReadsOnly(read),
                _ => Trial::Good,
            },
        }
    }

    async fn answer_to_a_long_message(&self) -> Result<(bool, Finished), Refused> {
        let parameters = json!({ "type": "object", "properties": {} });
        let function = json!({ "name": "ping", "description": "Does nothing.", "parameters": parameters });
        let content = format!("Answer with the word OK alone.{}", " word".repeat(WORDS));
        let question = ChatMessage::User { content };
        let mut reply = self.try_to_ask(&[question], &[json!({ "type": "function", "function": function })]).await?;
        loop {
            match reply.next().await {
                Ok(Some(_)) => {}
                Ok(None) => return Ok((reply.has_tools, reply.finish())),
                Err(error) => return Err(Refused { error, words: reply.words() }),
            }
        }
    }
}
