//! The MCP server: what AI assistants connect to (<https://modelcontextprotocol.io>).
//!
//! `/mcp` speaks the revisions 2026-07-28 (stateless), 2025-11-25 and 2025-06-18 through rmcp. No request needs
//! anything that an earlier one left in this process, so any instance can answer any request. Each tool is a thin
//! handler: it reads its arguments, calls one service function in the user's own scope, and answers what that returned.
//!
//! What people wrote (titles, names, messages) is data: it appears in fields of results, never in instructions,
//! descriptions or the list of tools.

mod arguments;
mod called;
mod changes;
mod prompts;
mod resources;
pub mod rest;
mod schema;
mod server;
mod subscriptions;
mod times;
pub mod tool;
pub mod tools;

pub use server::McpServer;
