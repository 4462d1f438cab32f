//! Notification settings, and when the scheduled notifications are due.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::store;
use tallyboard_db::{Scope, Target, now};
use tallyboard_model::{
    calendar::{Calendar, monday_of},
    error::Result,
    input::Validator,
    language::t_with,
    notifications::{Channel, Choice, Topic, WantedNotification, topics::Channels},
};

/// The user's notification settings.
pub async fn list(scope: &mut Scope) -> Result<Vec<Choice>> {
    store::choices(scope).await
}

/// Whether somebody has no settings but those of a new account.
pub fn are_defaults(topics: impl IntoIterator<Item = (Topic, Channels)>) -> bool {
    let mut found: Vec<_> = topics.into_iter().collect();
    found.sort_by_key(|(topic, _)| *topic);
    let in_app = Channels::of(&[Channel::Page]);
    found.is_empty() || found == Topic::ON_BY_DEFAULT.map(|topic| (topic, in_app))
}

/// Refuses a topic that comes twice.
pub fn check(wanted: &[WantedNotification]) -> Result<()> {
    let mut validator = Validator::new();
    for topic in Topic::ALL {
        if wanted.iter().filter(|choice| choice.topic == topic).count() > 1 {
            validator.reject("choices", t_with("has the topic {name} twice", &[("name", &topic.as_str())]));
        }
    }
    validator.finish()
}

/// Replaces the notification settings of the user in `zone`. Topics that stay on keep the time of their next notification.
pub async fn set(scope: &mut Scope, zone: Tz, wanted: &[WantedNotification]) -> Result<()> {
    check(wanted)?;
    let now = now();
    for topic in Topic::ALL {
        let channels = wanted.iter().find(|choice| choice.topic == topic).map_or(&[][..], |choice| &choice.channels);
        if !channels.contains(&Channel::Mail) {
            store::end_waiting_mails(scope, topic).await?;
        }
        if channels.is_empty() {
            store::remove_choice(scope, topic).await?;
        } else {
            store::set_choice(scope, topic, Channels::of(channels), next_at(topic, now, zone)).await?;
        }
    }
    // The offer is for people who have never chosen.
    store::set_offered(scope, now).await?;
    record_change(scope);
    Ok(())
}

/// Answers the offer to turn on what new accounts have, in the app; it isn't made again.
pub async fn answer_offer(scope: &mut Scope, is_accepted: bool) -> Result<()> {
    store::set_offered(scope, now()).await?;
    if is_accepted {
        for topic in Topic::ON_BY_DEFAULT {
            store::turn_on_page(scope, topic).await?;
        }
        record_change(scope);
    }
    Ok(())
}

fn record_change(scope: &mut Scope) {
    let me = scope.user_id();
    scope.record("auth.profile_changed", Target::User(me)).fields(&["notifications"]);
}

/// When the first notification of this topic after `now` is due for somebody who lives in `zone`; `None` if it isn't scheduled.
pub fn next_at(topic: Topic, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let calendar = Calendar::at(now, zone);
    let today = calendar.today_date();
    let (first, step, hour): (NaiveDate, _, _) = match topic {
        Topic::SharedWithMe | Topic::AddedToTeam | Topic::TaskChanged => return None,
        Topic::DueToday => (today, Days::new(1), 9),
        Topic::WeeklyReview => (monday_of(today), Days::new(7), 8),
    };
    let at = calendar.hour_of(first, hour);
    Some(if at > now { at } else { calendar.hour_of(first + step, hour) })
}
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn next(topic: Topic, now: &str, zone: &str) -> String {
        next_at(topic, now.parse().unwrap(), zone.parse().unwrap()).unwrap().to_rfc3339()
    }

    #[test]
    fn a_mail_comes_at_its_hour_of_the_users_own_day() {
        let berlin = "Europe/Berlin";
        assert_eq!(next(Topic::DueToday, "2026-11-26T07:59:59Z", berlin), "2026-11-26T08:00:00+00:00");
        assert_eq!(next(Topic::DueToday, "2026-11-26T08:00:00Z", berlin), "2026-11-27T08:00:00+00:00");
        // It is tomorrow there already.
        assert_eq!(next(Topic::DueToday, "2026-11-26T18:00:00Z", "Pacific/Auckland"), "2026-11-26T20:00:00+00:00");
        // Clocks go forward on 29 March.
        assert_eq!(next(Topic::DueToday, "2026-03-28T08:00:00Z", berlin), "2026-03-29T07:00:00+00:00");
        // A Thursday, a Monday before eight, and at eight.
        assert_eq!(next(Topic::WeeklyReview, "2026-11-26T12:00:00Z", "UTC"), "2026-11-30T08:00:00+00:00");
        assert_eq!(next(Topic::WeeklyReview, "2026-11-30T07:00:00Z", "UTC"), "2026-11-30T08:00:00+00:00");
        assert_eq!(next(Topic::WeeklyReview, "2026-11-30T08:00:00Z", "UTC"), "2026-12-07T08:00:00+00:00");
    }
}
