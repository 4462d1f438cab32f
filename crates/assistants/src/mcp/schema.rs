//! JSON Schemas of the tools' arguments and results, from the same derive that documents the REST API.

use std::{collections::BTreeMap, sync::Arc};

use rmcp::model::JsonObject;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// How utoipa refers to another schema.
const REFERENCE: &str = "#/components/schemas/";

/// The schema of `T`, a struct. References are replaced by what they refer to: many assistants do not follow them.
pub fn schema_of<T: ToSchema>() -> Arc<JsonObject> {
    let mut others = Vec::new();
    T::schemas(&mut others);
    let others = others.into_iter().map(|(name, schema)| (name, to_value(&schema))).collect();
    match inline(to_value(&T::schema()), &others) {
        Value::Object(schema) => Arc::new(schema),
        _ => Arc::default(),
    }
}

fn to_value(schema: &impl serde::Serialize) -> Value {
    // Schemas are made of texts, numbers and lists: nothing that JSON cannot express.
    serde_json::to_value(schema).unwrap_or_default()
}

/// Says "this or null" by a list of types instead of `oneOf`, which many assistants do not understand.
fn nullable(mut fields: JsonObject) -> JsonObject {
    let null = json!({ "type": "null" });
    let Some(Value::Array(choices)) = fields.get("oneOf") else { return fields };
    let others: Vec<_> = choices.iter().filter(|choice| **choice != null).collect();
    let [Value::Object(other)] = others.as_slice() else { return fields };
    let (Some(Value::String(kind)), true) = (other.get("type"), choices.len() == 2) else { return fields };
    let mut merged = other.clone();
    merged.insert("type".to_owned(), json!([kind, "null"]));
    if let Some(Value::Array(values)) = merged.get_mut("enum") {
        values.push(Value::Null);
    }
    fields.remove("oneOf");
    merged.extend(fields);
    merged
}

fn inline(value: Value, others: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| inline(item, others)).collect(),
        Value::Object(mut fields) => {
            let target = fields.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix(REFERENCE));
            if let Some(Value::Object(target)) = target.and_then(|name| others.get(name)).cloned() {
                fields.remove("$ref");
                // What stands beside the reference (a description) is about this place.
                let beside = std::mem::replace(&mut fields, target);
                fields.extend(beside);
            }
            let fields = fields.into_iter().map(|(name, field)| (name, inline(field, others))).collect();
            Value::Object(nullable(fields))
        }
        other => other,
    }
}
