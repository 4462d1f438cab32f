//! The arguments of a call, read the way models and their hosts write them.
//!
//! Hosts add their own arguments (n8n: `sessionId`, `action`, `chatInput`, `toolCallId`) and models write numbers as text. What a
//! tool doesn't know is ignored, and the result names it; what can be meant in one way only is taken; anything else is an error that
//! says what to send instead, never in the words of a parser.

use chrono::DateTime;
use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use uuid::Uuid;

use tallyboard_base::http::parse_value;
use tallyboard_model::error::{Error, Result};

/// The most ignored arguments that a result names.
const MAX_NAMED: usize = 20;
/// The longest name of an ignored argument that a result repeats, in characters.
const MAX_NAME_LENGTH: usize = 60;

/// The arguments as `T`, of which `schema` is the schema.
pub fn read<T: DeserializeOwned>(schema: &JsonObject, given: JsonObject) -> Result<(T, Value)> {
    let mut wrong = Error::validation();
    let arguments = Value::Object(object("", schema, given, &mut wrong));
    if !wrong.fields.is_empty() {
        return Err(wrong);
    }
    // The schema says all of it but what only the types know.
    let parsed = parse_value(&arguments).map_err(|error| {
        let fields = error.fields.into_keys().map(|name| {
            let expected = property(schema, &name).map_or_else(|| "can't be read".to_owned(), mistake);
            (name, expected)
        });
        Error { fields: fields.collect(), ..Error::validation() }
    })?;
    Ok((parsed, arguments))
}

/// The arguments that the tool doesn't have, at most [`MAX_NAMED`] and one more.
pub fn ignored(schema: &JsonObject, given: &JsonObject) -> Vec<String> {
    let unknown = given.keys().filter(|name| property(schema, name).is_none()).take(MAX_NAMED + 1);
    unknown.map(|name| name.chars().filter(|letter| !letter.is_control()).take(MAX_NAME_LENGTH).collect()).collect()
}

/// Says which arguments were ignored because the tool doesn't have them.
pub fn note_on_ignored(schema: &JsonObject, ignored: &[String]) -> Option<String> {
    let known: Vec<_> = properties(schema).map(|(name, _)| name.as_str()).collect();
    let more = if ignored.len() > MAX_NAMED { " and others" } else { "" };
    (!ignored.is_empty()).then(|| {
        let named: Vec<_> = ignored.iter().take(MAX_NAMED).map(|name| format!("“{name}”")).collect();
        let ignored = named.join(", ");
        match known.as_slice() {
            [] => format!("Ignored: {ignored}{more}. This tool has no arguments."),
            known => format!("Ignored: {ignored}{more}. The arguments of this tool are {}.", known.join(", ")),
        }
    })
}

fn properties(schema: &JsonObject) -> impl Iterator<Item = (&String, &JsonObject)> {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.filter_map(|(name, schema)| Some((name, schema.as_object()?)))
}

fn property<'a>(schema: &'a JsonObject, name: &str) -> Option<&'a JsonObject> {
    schema.get("properties")?.get(name)?.as_object()
}

fn object(path: &str, schema: &JsonObject, mut given: JsonObject, wrong: &mut Error) -> JsonObject {
    let is_required = |name: &String| {
        let required = schema.get("required").and_then(Value::as_array);
        required.is_some_and(|required| required.iter().any(|other| other == name))
    };
    let mut read = Map::new();
    for (name, schema) in properties(schema) {
        let place = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match given.remove(name) {
            Some(Value::Null) if schema.contains_key("nullable") => {
                read.insert(name.clone(), Value::Null);
            }
            None | Some(Value::Null) => {
                if is_required(name) {
                    wrong.fields.insert(place, format!("is missing; it has to be {}", expectation(schema)));
                }
            }
            Some(given) => {
                read.insert(name.clone(), value(&place, schema, given, wrong));
            }
        }
    }
    read
}

fn value(place: &str, schema: &JsonObject, given: Value, wrong: &mut Error) -> Value {
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let read = match (kind, given) {
        ("integer" | "number", Value::String(text)) => {
            text.trim().parse().ok().and_then(|number: f64| number_of(schema, number))
        }
        ("integer" | "number", Value::Number(number)) => number.as_f64().and_then(|number| number_of(schema, number)),
        ("boolean", Value::String(text)) => text.trim().to_ascii_lowercase().parse().ok().map(Value::Bool),
        ("boolean", Value::Bool(is_true)) => Some(Value::Bool(is_true)),
        ("string", given) => text(schema, given),
        ("array", Value::String(text)) => match serde_json::from_str(&text) {
            Ok(Value::Array(items)) => Some(array(place, schema, items, wrong)),
            _ => None,
        },
        ("array", Value::Array(items)) => Some(array(place, schema, items, wrong)),
        ("object", Value::String(text)) => match serde_json::from_str(&text) {
            Ok(Value::Object(fields)) => Some(Value::Object(object(place, schema, fields, wrong))),
            _ => None,
        },
        ("object", Value::Object(fields)) => Some(Value::Object(object(place, schema, fields, wrong))),
        ("integer" | "number" | "boolean" | "array" | "object", _) => None,
        (_, given) => Some(given),
    };
    read.unwrap_or_else(|| {
        wrong.fields.insert(place.to_owned(), mistake(schema));
        Value::Null
    })
}

fn array(place: &str, schema: &JsonObject, items: Vec<Value>, wrong: &mut Error) -> Value {
    let Some(schema) = schema.get("items").and_then(Value::as_object) else { return Value::Array(items) };
    let read = |(index, item)| value(&format!("{place}[{index}]"), schema, item, wrong);
    items.into_iter().enumerate().map(read).collect()
}

/// A number within the bounds of the schema.
fn number_of(schema: &JsonObject, number: f64) -> Option<Value> {
    let bound = |name| schema.get(name).and_then(Value::as_f64);
    let is_outside =
        bound("minimum").is_some_and(|least| number < least) || bound("maximum").is_some_and(|most| number > most);
    // Whole numbers up to 2^53 are exact.
    if is_outside || !number.is_finite() || number.abs() > 9_007_199_254_740_992.0 {
        return None;
    }
    if schema.get("type").is_some_and(|kind| kind == "integer") {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the bounds")]
        return (number.fract() == 0.0).then(|| Value::from(number as i64));
    }
    Number::from_f64(number).map(Value::Number)
}

fn text(schema: &JsonObject, given: Value) -> Option<Value> {
    let choices = schema.get("enum").and_then(Value::as_array);
    let format = format_of(schema);
    let text = match given {
        Value::String(text) => text,
        // A title that is a number.
        Value::Number(number) if choices.is_none() && format.is_empty() => number.to_string(),
        _ => return None,
    };
    let trimmed = text.trim();
    if let Some(choices) = choices {
        return choices
            .iter()
            .find(|choice| choice.as_str().is_some_and(|known| known.eq_ignore_ascii_case(trimmed)))
            .cloned();
    }
    let is_right = match format {
        "uuid" => Uuid::parse_str(trimmed).is_ok(),
        "date-time" => DateTime::parse_from_rfc3339(trimmed).is_ok(),
        _ => return Some(Value::String(text)),
    };
    is_right.then(|| Value::from(trimmed))
}

/// The requirement for a value, in words for a model.
fn expectation(schema: &JsonObject) -> String {
    let number = |name| schema.get(name).and_then(Value::as_i64);
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        let choices: Vec<_> = choices.iter().filter_map(Value::as_str).collect();
        return format!("one of {}", choices.join(", "));
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let words = match (kind, format_of(schema)) {
        ("integer", _) => match (number("minimum"), number("maximum")) {
            (Some(least), Some(most)) => return format!("a whole number from {least} to {most}"),
            (Some(least), None) => return format!("a whole number, at least {least}"),
            (None, Some(most)) => return format!("a whole number, at most {most}"),
            (None, None) => "a whole number",
        },
        ("number", _) => "a number",
        ("boolean", _) => "true or false",
        ("string", "uuid") => "an id from another tool's result",
        ("string", "date-time") => "a time with an offset, like 2026-12-24T17:00:00+01:00",
        ("array", _) => "a list",
        ("object", _) => "an object",
        _ => "text",
    };
    words.to_owned()
}

/// Why a value is wrong, for a model.
fn mistake(schema: &JsonObject) -> String {
    match format_of(schema) {
        "uuid" => "is not an id: ids are UUIDs; use one from another tool's result".to_owned(),
        _ => format!("has to be {}", expectation(schema)),
    }
}

fn format_of(schema: &JsonObject) -> &str {
    schema.get("format").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    fn schema() -> JsonObject {
        let schema = json!({
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "title": { "type": "string" },
                "limit": { "type": "integer", "minimum": 1, "maximum": 100 },
                "factor": { "type": "number" },
                "all": { "type": "boolean" },
                "status": { "type": "string", "enum": ["pending", "completed"] },
                "seen": { "type": "string", "format": "date-time" },
                "due": { "type": "string", "nullable": true },
                "items": { "type": "array", "items": { "type": "object", "properties": { "n": { "type": "integer" } } } },
            },
        });
        schema.as_object().unwrap().clone()
    }

    fn read(mut given: Value) -> Result<Value> {
        let given = given.as_object_mut().unwrap();
        given.entry("id").or_insert_with(|| json!("019f0000-0000-7000-8000-000000000000"));
        super::read::<Value>(&schema(), given.clone()).map(|(read, _)| read)
    }

    #[test]
    fn unambiguous_arguments_are_accepted() {
        for (name, given, taken) in [
            ("limit", json!("20"), json!(20)),
            ("limit", json!(" 20 "), json!(20)),
            ("limit", json!(20.0), json!(20)),
            ("factor", json!("0.5"), json!(0.5)),
            ("all", json!("true"), json!(true)),
            ("all", json!("False"), json!(false)),
            ("all", json!(true), json!(true)),
            ("title", json!(2026), json!("2026")),
            ("title", json!(" kept as it is "), json!(" kept as it is ")),
            ("status", json!("Pending"), json!("pending")),
            ("seen", json!("2026-12-24T17:00:00Z "), json!("2026-12-24T17:00:00Z")),
            ("due", json!(null), json!(null)),
            ("items", json!([{ "n": "1" }]), json!([{ "n": 1 }])),
            ("items", json!("[{\"n\": 1, \"x\": 2}]"), json!([{ "n": 1 }])),
        ] {
            assert_eq!(read(json!({ name: given })).unwrap()[name], taken, "{name} {given}");
        }
        // An optional value that is null counts as absent, unless null means something.
        assert!(read(json!({ "limit": null, "title": null })).unwrap().as_object().unwrap().len() == 1);
        assert!(read(json!({ "sessionId": "x", "toolCallId": 1 })).unwrap().as_object().unwrap().len() == 1);
    }

    #[test]
    fn errors_are_helpful() {
        for (name, given, words) in [
            ("limit", json!("many"), "whole number from 1 to 100"),
            ("limit", json!(101), "whole number from 1 to 100"),
            ("limit", json!(-1), "whole number from 1 to 100"),
            ("limit", json!(1.5), "whole number from 1 to 100"),
            ("limit", json!("NaN"), "whole number from 1 to 100"),
            ("limit", json!([20]), "whole number from 1 to 100"),
            ("factor", json!("inf"), "a number"),
            ("all", json!("yes"), "true or false"),
            ("all", json!(1), "true or false"),
            ("status", json!("open"), "one of pending, completed"),
            ("status", json!(1), "one of pending, completed"),
            ("title", json!({ "a": 1 }), "has to be text"),
            ("id", json!("the first one"), "not an id"),
            ("id", json!(1), "not an id"),
            ("seen", json!("yesterday"), "a time with an offset"),
            ("items", json!("a"), "a list"),
            ("items[0]", json!(1), "an object"),
        ] {
            let key = name.split('[').next().unwrap();
            let given = if key == name { given } else { json!([given]) };
            let error = read(json!({ key: given })).unwrap_err();
            assert!(error.fields[name].contains(words), "{name}: {error}");
        }
        let error = super::read::<Value>(&schema(), Map::new()).unwrap_err();
        assert!(error.fields["id"].starts_with("is missing; it has to be an id"), "{error}");
    }

    #[test]
    fn an_error_that_only_the_type_finds_is_in_our_words_too() {
        #[derive(Debug, Deserialize)]
        struct Short {
            #[expect(dead_code, reason = "read only")]
            limit: i8,
        }
        let mut schema = schema();
        schema["properties"]["limit"] = json!({ "type": "integer" });
        let given = json!({ "id": "019f0000-0000-7000-8000-000000000000", "limit": 1000 });
        let error = super::read::<Short>(&schema, given.as_object().unwrap().clone()).unwrap_err();
        assert_eq!(error.fields["limit"], "has to be a whole number");
    }

    #[test]
    fn ignored_arguments_are_named() {
        let note = |given: Value| note_on_ignored(&schema(), &ignored(&schema(), given.as_object().unwrap()));
        assert_eq!(note(json!({ "title": "x" })), None);
        let named = note(json!({ "title": "x", "sessionId": "y", "a\nb": 1 })).unwrap();
        assert!(
            named.starts_with("Ignored: “ab”, “sessionId”. The arguments of this tool are ") && named.contains("title"),
            "{named}"
        );
        let many: Map<_, _> = (0..1000).map(|n| (format!("x{n}{}", "y".repeat(100)), json!(1))).collect();
        let named = note(Value::Object(many)).unwrap();
        assert!(named.len() < 2000 && named.contains("and others"), "{named}");
        assert!(note_on_ignored(&Map::new(), &["x".to_owned()]).unwrap().contains("no arguments"));
    }
}
