//! The events of tasks.

use serde_json::json;

use tallyboard_db::Scope;
use tallyboard_model::{id::UserId, tasks::Task};

/// Publishes an event to everyone who can see the task: ids and status, none of its text.
pub(super) fn publish(scope: &mut Scope, event_type: &str, task: &Task, mut audience: Vec<UserId>) {
    audience.sort_unstable();
    audience.dedup();
    let Task { id, user_id, team_id, status, .. } = task;
    let data = json!({ "task_id": id, "user_id": user_id, "team_id": team_id, "status": status });
    scope.emit(event_type, audience, data);
}
