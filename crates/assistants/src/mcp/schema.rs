//! JSON Schemas of the tools' arguments and results, from the same derive that documents the REST API.

use std::{collections::BTreeMap, sync::Arc};

use rmcp::model::JsonObject;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// How utoipa refers to another schema.
const REFERENCE: &str = "#/components/schemas/";

/// Which side of a call a schema describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Arguments,
    Result,
}

/// The schema of a tool's arguments.
pub fn schema_of_arguments<T: ToSchema>() -> Arc<JsonObject> {
    schema_of::<T>(Side::Arguments)
}

/// The schema of a tool's result.
pub fn schema_of_result<T: ToSchema>() -> Arc<JsonObject> {
    schema_of::<T>(Side::Result)
}

/// The schema of `T`, a struct. References are inlined, because many assistants don't follow them.
fn schema_of<T: ToSchema>(side: Side) -> Arc<JsonObject> {
    let mut others = Vec::new();
    T::schemas(&mut others);
    let others = others.into_iter().map(|(name, schema)| (name, to_value(&schema))).collect();
    match inline(to_value(&T::schema()), &others, side) {
        Value::Object(schema) => Arc::new(schema),
        _ => Arc::default(),
    }
}

fn to_value(schema: &impl serde::Serialize) -> Value {
    // Schemas are made of texts, numbers and lists: nothing that JSON cannot express.
    serde_json::to_value(schema).unwrap_or_default()
}

/// The schema in `fields` without null, when it says "this or null".
fn without_null(fields: &JsonObject) -> Option<JsonObject> {
    let mut fields = fields.clone();
    if let Some(Value::Array(kinds)) = fields.get("type") {
        let [kind] = kinds.iter().filter(|kind| **kind != "null").collect::<Vec<_>>()[..] else { return None };
        let kind = kind.clone();
        fields.insert("type".to_owned(), kind);
    } else {
        let Some(Value::Array(choices)) = fields.remove("oneOf") else { return None };
        let null = json!({ "type": "null" });
        let [Value::Object(other)] = choices.iter().filter(|choice| **choice != null).collect::<Vec<_>>()[..] else {
            return None;
        };
        if choices.len() != 2 {
            return None;
        }
        let mut other = other.clone();
        other.extend(fields);
        fields = other;
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    Some(fields)
}

/// Says "this or null" without a list of types, which Gemini and APIs like it refuse: for an argument by OpenAPI's `nullable`, which
/// they know and others skip; for a result by a choice, which clients that check results by JSON Schema understand.
fn nullable(fields: JsonObject, side: Side) -> JsonObject {
    let Some(mut inner) = without_null(&fields) else { return fields };
    if side == Side::Arguments {
        inner.insert("nullable".to_owned(), Value::Bool(true));
        return inner;
    }
    let mut outer: JsonObject = inner.remove_entry("description").into_iter().collect();
    outer.insert("anyOf".to_owned(), json!([inner, { "type": "null" }]));
    outer
}

fn inline(value: Value, others: &BTreeMap<String, Value>, side: Side) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| inline(item, others, side)).collect(),
        Value::Object(mut fields) => {
            let target = fields.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix(REFERENCE));
            if let Some(Value::Object(target)) = target.and_then(|name| others.get(name)).cloned() {
                fields.remove("$ref");
                // Siblings of the reference (a description) are about this place.
                let beside = std::mem::replace(&mut fields, target);
                fields.extend(beside);
            }
            let fields = fields.into_iter().map(|(name, field)| (name, inline(field, others, side))).collect();
            Value::Object(nullable(fields, side))
        }
        other => other,
    }
}
