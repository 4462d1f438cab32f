//! The assistant that answers in conversations: commands, and a model when one is set up.
//!
//! `commands` reads what begins with `/`, `task_line` a new task in one line; `command_answers` does it. `model` asks an endpoint that speaks the
//! chat-completions protocol, `writer` does what the model calls: with the tools of the MCP server, in the user's own scope.
//! `chat::answers` stores answers.

mod calls;
mod command_answers;
mod commands;
mod history;
pub mod markdown;
pub mod quick_add;
pub mod rest;
pub mod service;
mod task_line;
mod usage;
mod writer;
