//! How many tokens a user may use in 24 hours.

use chrono::{DateTime, Utc};

use tallyboard_base::request_log::{self, RateLimit};
use tallyboard_core::{
    app::AppState,
    auth::AuthenticatedUser,
    chat::answers::{self, TOKENS_COUNT_FOR},
};
use tallyboard_db::now;
use tallyboard_model::{
    error::{Code, Error, Result},
    language::{t_with, to_the_minute},
};

/// # Errors
/// 429 when the tokens of the last 24 hours are used up, with when there are new ones.
pub async fn check(app: &AppState, user: &AuthenticatedUser) -> Result<()> {
    let limit = app.config.assistant.daily_tokens_per_user;
    let used = app.db.scope(user).read(|scope| Box::pin(answers::tokens_of_last_day(scope))).await?;
    let Some(again) = when_below(limit, &used) else { return Ok(()) };
    let seconds = (again - now()).num_seconds().max(1);
    request_log::set_rate_limit(RateLimit {
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        retry_after: u64::try_from(seconds).unwrap_or(1),
    });
    let when = to_the_minute(again, user.time_zone());
    Err(Error::new(
        Code::RateLimited,
        t_with(
            "The assistant has used its {limit} tokens for 24 hours; it continues at {when}",
            &[("limit", &limit), ("when", &when)],
        ),
    )
    .detail("Commands that begin with / work without a model"))
}

/// When less than `limit` of the tokens still count; `None` if they already do, or there's no limit.
fn when_below(limit: i64, used: &[(DateTime<Utc>, i64)]) -> Option<DateTime<Utc>> {
    let mut left: i64 = used.iter().map(|(_, tokens)| tokens).sum();
    if limit == 0 || left < limit {
        return None;
    }
    let ends = used.iter().find(|(_, tokens)| {
        left -= tokens;
        left < limit
    });
    ends.map(|(quarter, _)| *quarter + TOKENS_COUNT_FOR)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_assistant_goes_on_when_enough_of_the_oldest_tokens_are_a_day_old() {
        let at = |hours| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        let used = [(at(1), 100), (at(5), 200), (at(9), 300)];
        for (limit, when) in
            [(0, None), (700, None), (601, None), (600, Some(25)), (501, Some(25)), (500, Some(29)), (1, Some(33))]
        {
            assert_eq!(when_below(limit, &used), when.map(at), "{limit}");
        }
    }
}
