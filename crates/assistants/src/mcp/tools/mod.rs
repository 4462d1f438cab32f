//! The one table of tools. Everything that an assistant can do is here.

use std::sync::LazyLock;

use super::tool::ToolEntry;

mod chat;
mod statistics;
mod tasks;
mod teams;

pub use chat::SaveMessage;
pub use statistics::{GetStatistics, StatisticsOutput};
pub use tasks::{TaskOutput, TaskPage};
pub use teams::ShareTask;

/// Every tool.
pub static TOOLS: LazyLock<Vec<ToolEntry>> = LazyLock::new(|| {
    vec![
        ToolEntry::of::<tasks::ListTasks>(),
        ToolEntry::of::<tasks::Search>(),
        ToolEntry::of::<tasks::GetTask>(),
        ToolEntry::of::<tasks::CreateTask>(),
        ToolEntry::of::<tasks::UpdateTask>(),
        ToolEntry::of::<tasks::CompleteTask>(),
        ToolEntry::of::<tasks::ReopenTask>(),
        ToolEntry::of::<tasks::DeleteTask>(),
        ToolEntry::of::<teams::ShareTask>(),
        ToolEntry::of::<teams::UnshareTask>(),
        ToolEntry::of::<teams::ListTeams>(),
        ToolEntry::of::<teams::ListTeamMembers>(),
        ToolEntry::of::<statistics::GetStatistics>(),
        ToolEntry::of::<chat::SaveMessage>(),
    ]
});
