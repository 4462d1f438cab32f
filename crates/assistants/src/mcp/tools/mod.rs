//! The one table of tools. Everything that an assistant can do is here.

use std::sync::LazyLock;

use super::tool::ToolEntry;

pub mod asking;
mod chat;
mod reading;
mod statistics;
mod tasks;
mod teams;

pub use chat::SaveMessage;
pub use reading::{TaskOutput, TaskPage};
pub use statistics::{GetStatistics, StatisticsOutput};
pub use teams::ShareTask;

/// Every tool.
pub static TOOLS: LazyLock<Vec<ToolEntry>> = LazyLock::new(|| {
    vec![
        ToolEntry::of::<reading::ListTasks>(),
        ToolEntry::of::<reading::Search>(),
        ToolEntry::of::<reading::GetTask>(),
        ToolEntry::of::<tasks::CreateTask>(),
        ToolEntry::of::<tasks::UpdateTask>(),
        ToolEntry::of::<tasks::CompleteTask>(),
        ToolEntry::of::<tasks::ReopenTask>(),
        ToolEntry::of::<tasks::RestoreTask>(),
        ToolEntry::of::<tasks::DeleteTask>(),
        ToolEntry::of::<teams::ShareTask>(),
        ToolEntry::of::<teams::UnshareTask>(),
        ToolEntry::of::<teams::ListTeams>(),
        ToolEntry::of::<teams::ListTeamMembers>(),
        ToolEntry::of::<statistics::GetStatistics>(),
        ToolEntry::of::<chat::SaveMessage>(),
    ]
});

#[cfg(test)]
mod tests {
    use super::{super::tool::Effect, *};

    /// A new tool that writes needs a line here, and a question unless nobody can read or lose words by it.
    #[test]
    fn every_tool_that_writes_is_known_to_ask_or_not() {
        let asks = ["create_task", "update_task", "delete_task", "restore_task", "share_task", "unshare_task"];
        // A status is not words; Chat does not offer `save_message` to its model.
        let never_asks = ["complete_task", "reopen_task", "save_message"];
        let writing = TOOLS.iter().filter(|tool| tool.effect != Effect::Read).map(|tool| tool.listed.name.as_ref());
        let mut unknown = writing.filter(|name: &&str| !asks.contains(name) && !never_asks.contains(name));
        assert_eq!(unknown.next(), None);
    }
}
