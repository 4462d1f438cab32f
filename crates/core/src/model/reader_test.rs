//! Recorded answers of endpoints, whole and cut at every byte.

#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::{
    ModelError,
    reader::{Ending, Finished, MAX_BYTES, Reader},
};

macro_rules! input {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/http/inputs/", $name))
    };
}

/// Text, calls with their arguments, how it ended, and the rest.
type Read = (String, Vec<(String, String)>, Result<Ending, ModelError>, Finished);

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Read {
    let (mut reader, mut text) = (Reader::default(), String::new());
    for piece in pieces {
        reader.push(piece);
        text.extend(reader.take_text());
    }
    reader.end();
    text.extend(reader.take_text());
    let over = reader.over().unwrap();
    let finished = reader.finish();
    let calls = finished.calls.iter().map(|call| (call.function.name.clone(), call.function.arguments.clone()));
    (text, calls.collect(), over.map(|()| finished.ending), finished)
}

fn chunk(delta: Value, finish: Option<&str>) -> String {
    format!("data: {}\n\n", json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] }))
}

/// A stream with what it says, the calls' arguments, and how it ends.
type Recorded = (String, &'static str, Vec<&'static str>, Result<Ending, ModelError>);

fn recorded() -> Vec<Recorded> {
    use Ending::{AtItsLimit, Filtered, Whole};
    let text = |text: &str| chunk(json!({ "content": text }), None);
    let end = |reason: &str| chunk(json!({}), Some(reason));
    let titles = || vec![r#"{"title":"one"}"#, r#"{"title":"two"}"#];
    let hello = [text("hel"), text("lo ✓ü"), end("stop"), "data: [DONE]\n\n".to_owned()].concat();
    let parts = json!([{ "type": "text", "text": "hel" }, { "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }, "lo"]);
    let message = |message: Value, reason: &str| json!({ "choices": [{ "message": message, "finish_reason": reason }], "usage": { "prompt_tokens": 1, "completion_tokens": null } });
    let call = json!({ "id": "a", "type": "function", "function": { "name": "search", "arguments": "{}" } });
    vec![
        (input!("t26-both0.sse").to_owned(), "", titles(), Ok(Whole)),
        (input!("t26-null.sse").to_owned(), "", titles(), Ok(Whole)),
        (input!("t28-args_obj.sse").to_owned(), "", vec![r#"{"title":"x"}"#], Ok(Whole)),
        (input!("t28-delta_null.sse").to_owned(), "hello", vec![], Ok(Whole)),
        (input!("t28-json-instead-of-stream.json").to_owned(), "hello as json", vec![], Ok(Whole)),
        (input!("t28-length.sse").to_owned(), "cut off", vec![], Ok(AtItsLimit)),
        (input!("t29-retry.sse").to_owned(), "hello", vec![], Ok(Whole)),
        (hello.clone(), "hello ✓ü", vec![], Ok(Whole)),
        (hello.replace('\n', "\r\n"), "hello ✓ü", vec![], Ok(Whole)),
        (hello.replace('\n', "\r"), "hello ✓ü", vec![], Ok(Whole)),
        (hello.replace("data: ", "data:").replace("\n\n", "\n"), "hello ✓ü", vec![], Ok(Whole)),
        (format!("\u{feff}: a comment\n\nevent: message\nid: 7\nfoo\n{hello}"), "hello ✓ü", vec![], Ok(Whole)),
        (hello.replace("data: [DONE]\n\n", ""), "hello ✓ü", vec![], Ok(Whole)),
        (chunk(json!({ "content": parts }), Some("stop")), "hello", vec![], Ok(Whole)),
        (format!("\u{feff} {}", message(json!({ "content": parts }), "stop")), "hello", vec![], Ok(Whole)),
        (
            message(json!({ "content": null, "tool_calls": [call] }), "tool_calls").to_string(),
            "",
            vec!["{}"],
            Ok(Whole),
        ),
        // The whole message again at the end.
        (
            hello.replace(
                "data: [DONE]",
                &format!("data: {}\n\ndata: [DONE]", message(json!({ "content": "hello ✓ü" }), "stop")),
            ),
            "hello ✓ü",
            vec![],
            Ok(Whole),
        ),
        (
            [chunk(json!({ "content": null, "refusal": "I can't." }), None), end("stop")].concat(),
            "I can't.",
            vec![],
            Ok(Whole),
        ),
        ([text("he"), end("content_filter")].concat(), "he", vec![], Ok(Filtered)),
        (
            [text("he"), "data: {\"error\":{\"message\":\"no\",\"code\":429}}\n\n".to_owned()].concat(),
            "he",
            vec![],
            Err(ModelError::Busy(None)),
        ),
        ("event: error\ndata: {\"message\":\"no\"}\n\n".to_owned(), "", vec![], Err(ModelError::Failed(200))),
        ("{\"error\":\"no\"}".to_owned(), "", vec![], Err(ModelError::Failed(200))),
        (text("he"), "he", vec![], Err(ModelError::CutOff)),
        (String::new(), "", vec![], Err(ModelError::CutOff)),
        ("data: nonsense\n\n".to_owned(), "", vec![], Err(ModelError::NotUnderstood)),
        ("<html>a page</html>".to_owned(), "", vec![], Err(ModelError::NotUnderstood)),
        ("{\"answer\":42}".to_owned(), "", vec![], Err(ModelError::NotUnderstood)),
        (hello + "data: nonsense\n\n", "hello ✓ü", vec![], Ok(Whole)),
    ]
}

#[test]
fn every_recorded_answer_is_read_wherever_it_is_cut() {
    for (stream, text, arguments, ending) in recorded() {
        let bytes = stream.as_bytes();
        let whole = read([bytes]);
        let (said, calls, ended, _) = &whole;
        let called: Vec<_> = calls.iter().map(|(_, arguments)| arguments.as_str()).collect();
        assert_eq!((said.as_str(), called, ended), (text, arguments, &ending), "{stream}");
        for at in 0..=bytes.len() {
            assert_eq!(read([&bytes[..at], &bytes[at..]]), whole, "{at}: {stream}");
        }
        assert_eq!(read(bytes.chunks(1)), whole, "{stream}");
    }
}

#[test]
fn reasoning_is_kept_beside_the_calls() {
    let signed = json!({ "id": "a", "function": { "name": "search", "arguments": "{}" }, "extra_content": { "google": { "thought_signature": "s" } } });
    let stream = [
        chunk(json!({ "reasoning_content": "I ", "content": null }), None),
        chunk(json!({ "reasoning_content": "see" }), None),
        chunk(json!({ "tool_calls": [signed] }), Some("tool_calls")),
    ];
    let (text, _, _, finished) = read([stream.concat().as_bytes()]);
    assert_eq!((text.as_str(), &finished.carried["reasoning_content"]), ("", &json!("I see")));
    assert_eq!(finished.calls[0].carried["extra_content"]["google"]["thought_signature"], "s");
    assert_eq!(finished.usage, None);
}

#[test]
fn more_than_anybody_reads_is_refused() {
    let long = "x".repeat(MAX_BYTES + 1);
    assert_eq!(read([format!("data: {long}").as_bytes()]).2, Err(ModelError::TooLarge));
    assert_eq!(read([" ".repeat(MAX_BYTES + 1).as_bytes()]).2, Err(ModelError::TooLarge));
}
