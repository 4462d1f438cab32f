//! A notification's text.

use tallyboard_model::{
    id::{TeamId, UserId},
    language::t_with,
    notifications::{NotificationActor, NotificationEvent},
    paths,
};

/// A notification's text for `reader`.
pub fn text(reader: UserId, event: NotificationEvent, actor: Option<&NotificationActor>, subject: &str) -> String {
    let who = match actor {
        None => return subject.to_owned(),
        Some(NotificationActor { user_id, via: Some(via), .. }) if *user_id == reader => via.clone(),
        Some(NotificationActor { name, via: Some(via), .. }) => {
            t_with("{name} through {via}", &[("name", &name), ("via", &via)])
        }
        Some(NotificationActor { name, via: None, .. }) => name.clone(),
    };
    match event {
        NotificationEvent::TaskShared => {
            t_with("{who} shared “{subject}” with you", &[("who", &who), ("subject", &subject)])
        }
        NotificationEvent::AddedToTeam => {
            t_with("{who} added you to the team “{subject}”", &[("who", &who), ("subject", &subject)])
        }
        NotificationEvent::TaskUpdated => {
            t_with("{who} changed your task “{subject}”", &[("who", &who), ("subject", &subject)])
        }
        NotificationEvent::TaskCompleted => {
            t_with("{who} completed your task “{subject}”", &[("who", &who), ("subject", &subject)])
        }
        NotificationEvent::TaskReopened => {
            t_with("{who} reopened your task “{subject}”", &[("who", &who), ("subject", &subject)])
        }
        NotificationEvent::TaskDeleted => {
            t_with("{who} deleted your task “{subject}”", &[("who", &who), ("subject", &subject)])
        }
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
    fn the_actor_is_named_as_the_reader_knows_them() {
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
