//! The rules of notifications.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{RegularMail, Topic, store};
use crate::{
    calendar::{Calendar, monday_of},
    db::{Scope, System, Target, now},
    error::Result,
    mail::outbox::{self, MailKind},
};

/// How many mails are put into the outbox in one transaction.
const AT_ONCE: i64 = 100;

/// The regular mails that the user wants.
pub async fn wanted(scope: &mut Scope) -> Result<Vec<RegularMail>> {
    store::wanted(scope).await
}

/// Replaces the regular mails that the user wants, who lives in `zone`. A mail that was wanted before keeps its time.
pub async fn set(scope: &mut Scope, zone: Tz, topics: &[Topic]) -> Result<()> {
    let now = now();
    for topic in Topic::ALL {
        if topics.contains(&topic) {
            store::add(scope, topic, topic.next_at(now, zone)).await?;
        } else {
            store::remove(scope, topic).await?;
        }
    }
    let me = scope.user_id();
    scope.record("auth.profile_changed", Target::User(me)).fields(&["notifications"]);
    Ok(())
}

/// Puts the regular mails that are due into the outbox, each once however many instances do this at a time. Answers
/// whether there may be more.
pub async fn queue_due(scope: &mut Scope<System>) -> Result<bool> {
    let now = now();
    let due = store::due(scope, now, AT_ONCE).await?;
    let has_more = due.len() as i64 == AT_ONCE;
    for mail in due {
        let zone = mail.time_zone.parse().unwrap_or(Tz::UTC);
        store::set_next(scope, mail.user_id, mail.topic, mail.topic.next_at(now, zone)).await?;
        // A server that was off for days sends one mail, not one for each day.
        outbox::add(scope, mail.user_id, mail.topic.mail(), now).await?;
    }
    Ok(has_more)
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 2] = [Self::DueToday, Self::WeeklyReview];

    /// Its name in the API and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DueToday => "due_today",
            Self::WeeklyReview => "weekly_review",
        }
    }

    fn mail(self) -> MailKind {
        match self {
            Self::DueToday => MailKind::DueToday,
            Self::WeeklyReview => MailKind::WeeklyReview,
        }
    }

    /// When the first mail after `now` is due for somebody who lives in `zone`.
    fn next_at(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let calendar = Calendar::at(now, zone);
        let today = calendar.today_date();
        let (first, step, hour): (NaiveDate, _, _) = match self {
            Self::DueToday => (today, Days::new(1), 9),
            Self::WeeklyReview => (monday_of(today), Days::new(7), 8),
        };
        let at = calendar.hour_of(first, hour);
        if at > now { at } else { calendar.hour_of(first + step, hour) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn next(topic: Topic, now: &str, zone: &str) -> String {
        topic.next_at(now.parse().unwrap(), zone.parse().unwrap()).to_rfc3339()
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
