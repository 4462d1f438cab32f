//! The measure for `make bench`: axum answering one JSON object, and nothing else.
//! Usage: `bare ADDRESS`.

use axum::{Json, Router, routing::get, serve::ListenerExt};
use serde_json::{Value, json};

async fn statistics() -> Json<Value> {
    Json(json!({
        "total_tasks": 240, "pending_tasks": 95, "completed_tasks": 145, "shared_tasks": 12,
        "computed_at": "2026-11-21T02:00:00.123456Z", "cached": true
    }))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3999".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, Router::new().route("/", get(statistics))).await
}
