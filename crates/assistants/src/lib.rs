//! Assistants: the chat's own, those that come by MCP, and OAuth, by which these get their rights.

pub mod assistant;
pub mod mcp;
pub mod oauth;
