//! A notification in words.

use super::{NotificationActor, NotificationEvent};
use crate::{
    id::{TeamId, UserId},
    paths,
};

/// What happened, as the person `reader` reads it.
pub fn text(reader: UserId, event: NotificationEvent, actor: Option<&NotificationActor>, subject: &str) -> String {
    let who = match actor {
        None => return subject.to_owned(),
        Some(NotificationActor { user_id, via: Some(via), .. }) if *user_id == reader => via.clone(),
        Some(NotificationActor { name, via: Some(via), .. }) => format!("{name} through {via}"),
        Some(NotificationActor { name, via: None, .. }) => name.clone(),
    };
    match event {
        NotificationEvent::TaskShared => format!("{who} shared “{subject}” with you"),
        NotificationEvent::AddedToTeam => format!("{who} added you to the team “{subject}”"),
        NotificationEvent::TaskUpdated => format!("{who} changed your task “{subject}”"),
        NotificationEvent::TaskCompleted => format!("{who} completed your task “{subject}”"),
        NotificationEvent::TaskReopened => format!("{who} reopened your task “{subject}”"),
        NotificationEvent::TaskDeleted => format!("{who} deleted your task “{subject}”"),
        NotificationEvent::TasksDue | NotificationEvent::WeekEnded => subject.to_owned(),
    }
}

/// The page where one sees what happened.
pub fn path(event: NotificationEvent, team: Option<TeamId>, subject: &str) -> Option<String> {
    match event {
        NotificationEvent::TaskShared => Some(tasks_with(paths::SHARED_TASKS, "&", subject)),
        NotificationEvent::AddedToTeam => team.map(paths::team_tasks),
        NotificationEvent::TaskUpdated | NotificationEvent::TaskCompleted | NotificationEvent::TaskReopened => {
            Some(tasks_with(paths::TASKS, "?", subject))
        }
        NotificationEvent::TaskDeleted => None,
        NotificationEvent::TasksDue => Some(paths::TODAY.to_owned()),
        NotificationEvent::WeekEnded => Some(paths::REVIEW.to_owned()),
    }
}

/// The list of tasks that have these words.
fn tasks_with(list: &str, joint: &str, words: &str) -> String {
    let query = serde_urlencoded::to_string([("q", words)]).unwrap_or_default();
    format!("{list}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_did_it_is_named_as_the_reader_knows_them() {
        let (ada, grace) = (UserId::new(), UserId::new());
        let by = |user_id, via: Option<&str>| NotificationActor {
            user_id,
            name: "Grace".to_owned(),
            via: via.map(str::to_owned),
        };
        let completed = |actor: &NotificationActor| text(ada, NotificationEvent::TaskCompleted, Some(actor), "Milk");
        assert_eq!(completed(&by(grace, None)), "Grace completed your task “Milk”");
        assert_eq!(completed(&by(grace, Some("Claude"))), "Grace through Claude completed your task “Milk”");
        assert_eq!(completed(&by(ada, Some("Claude"))), "Claude completed your task “Milk”");
        assert_eq!(text(ada, NotificationEvent::TasksDue, None, "2 due today"), "2 due today");
    }
}
