//! Which resources a live event changes, for assistants that listen.

use std::{fmt, str::FromStr};

use serde_json::Value;

use tallyboard_core::{app::AppState, auth::AuthenticatedUser, live::Subscription};
use tallyboard_model::id::{TaskId, TeamId};

/// The address of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceUri {
    /// `tallyboard://dashboard`
    Dashboard,
    /// `tallyboard://tasks/{id}`
    Task(TaskId),
    /// `tallyboard://teams/{id}/tasks{?cursor}`
    TeamTasks(TeamId, Option<String>),
}

impl FromStr for ResourceUri {
    type Err = ();

    fn from_str(uri: &str) -> Result<Self, ()> {
        let path = uri.strip_prefix("tallyboard://").ok_or(())?;
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let cursor = match query {
            None => None,
            Some(query) => Some(query.strip_prefix("cursor=").filter(|text| !text.is_empty()).ok_or(())?.to_owned()),
        };
        let parts: Vec<_> = path.split('/').collect();
        match (parts.as_slice(), cursor) {
            (["dashboard"], None) => Ok(Self::Dashboard),
            (["tasks", id], None) => id.parse().map(Self::Task).map_err(drop),
            (["teams", id, "tasks"], cursor) => Ok(Self::TeamTasks(id.parse().map_err(drop)?, cursor)),
            _ => Err(()),
        }
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dashboard => f.write_str("tallyboard://dashboard"),
            Self::Task(id) => write!(f, "tallyboard://tasks/{id}"),
            Self::TeamTasks(id, None) => write!(f, "tallyboard://teams/{id}/tasks"),
            Self::TeamTasks(id, Some(cursor)) => write!(f, "tallyboard://teams/{id}/tasks?cursor={cursor}"),
        }
    }
}

/// What an event changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The dashboard alone.
    Dashboard,
    /// A task, the dashboard and the tasks of any team: the task may have moved out of one.
    Task(TaskId),
    /// The same, and the list of resources.
    TaskList(TaskId),
    /// A team: its tasks, the dashboard, the list of resources.
    Team(TeamId),
    /// Events may have been missed.
    Everything,
}

impl Change {
    /// Whether a resource may have another content now.
    pub fn affects(self, uri: &ResourceUri) -> bool {
        match (self, uri) {
            (Self::Everything, _) | (_, ResourceUri::Dashboard) => true,
            (Self::Task(changed) | Self::TaskList(changed), ResourceUri::Task(task)) => changed == *task,
            (Self::Task(_) | Self::TaskList(_), ResourceUri::TeamTasks(..)) => true,
            // Who is in a team decides who may read its tasks.
            (Self::Team(_), ResourceUri::Task(_)) => true,
            (Self::Team(changed), ResourceUri::TeamTasks(team, _)) => changed == *team,
            (Self::Dashboard, _) => false,
        }
    }

    /// Whether resources may have been added to the list, or removed.
    pub fn affects_list(self) -> bool {
        matches!(self, Self::TaskList(_) | Self::Team(_) | Self::Everything)
    }

    /// The resources that a WebSocket frame changes, or `None`.
    fn of_frame(frame: &str) -> Option<Self> {
        let event: Value = serde_json::from_str(frame).ok()?;
        let id = |name: &str| event["data"][name].as_str().unwrap_or_default();
        match event["event_type"].as_str()? {
            "task_updated" | "task_completed" | "task_reopened" => id("task_id").parse().ok().map(Self::Task),
            "task_created" | "task_deleted" | "task_shared" | "task_unshared" => {
                id("task_id").parse().ok().map(Self::TaskList)
            }
            "team_changed" => id("team_id").parse().ok().map(Self::Team),
            "tasks_changed" | "refetch" => Some(Self::Everything),
            _ => None,
        }
    }
}

/// Hears what changes for one user; by the same events as the WebSocket, on every instance.
pub struct ChangeListener(Subscription);

impl ChangeListener {
    /// Listens from now on. It counts as one of the user's sockets.
    pub fn new(app: &AppState, user: &AuthenticatedUser) -> Self {
        Self(app.hub.subscribe(user))
    }

    /// The next change; `None` when the credential has ended, the server stops, or the client was too slow.
    pub async fn next(&mut self) -> Option<Change> {
        loop {
            if self.0.close.borrow_and_update().is_some() {
                return None;
            }
            tokio::select! {
                closed = self.0.close.changed() => closed.ok()?,
                frame = self.0.frames.recv() => {
                    if let Some(change) = Change::of_frame(&frame?) {
                        return Some(change);
                    }
                }
                () = self.0.statistics_changed.notified() => return Some(Change::Dashboard),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let id = TaskId::new();
        for uri in [
            "tallyboard://dashboard".to_owned(),
            format!("tallyboard://tasks/{id}"),
            format!("tallyboard://teams/{id}/tasks"),
            format!("tallyboard://teams/{id}/tasks?cursor=abc"),
        ] {
            assert_eq!(uri.parse::<ResourceUri>().unwrap().to_string(), uri);
        }
        for wrong in [
            "",
            "tallyboard://",
            "tallyboard://tasks",
            "tallyboard://tasks/1",
            "http://dashboard",
            "tallyboard://dashboard?x=1",
            "tallyboard://teams/x/tasks",
        ] {
            assert!(wrong.parse::<ResourceUri>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_event_changes_the_resources_that_show_it() {
        let (task, other, team) = (TaskId::new(), TaskId::new(), TeamId::new());
        let frame = format!(r#"{{"event_type":"task_completed","data":{{"task_id":"{task}"}}}}"#);
        let change = Change::of_frame(&frame).unwrap();
        assert!(change.affects(&ResourceUri::Task(task)) && !change.affects(&ResourceUri::Task(other)));
        assert!(change.affects(&ResourceUri::Dashboard) && change.affects(&ResourceUri::TeamTasks(team, None)));
        assert!(!change.affects_list());
        let created = Change::of_frame(&frame.replace("task_completed", "task_created")).unwrap();
        assert!(created.affects_list());
        assert_eq!(Change::of_frame(r#"{"event_type":"message_created","data":{}}"#), None);
        assert!(!Change::Dashboard.affects(&ResourceUri::Task(task)));
    }
}
