//! How many tokens a user may use in a day, by their own calendar.

use tallyboard_core::{app::AppState, auth::AuthenticatedUser, chat::answers};
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    error::{Code, Error, Result},
    language::{t_with, to_the_minute},
};

/// How many tokens the user has used today, and how many they may; `None`: as many as they like.
pub async fn today(app: &AppState, user: &AuthenticatedUser) -> Result<(i64, Option<i64>)> {
    let start = Calendar::at(now(), user.time_zone()).today().start;
    let used = app.db.scope(user).read(|scope| Box::pin(answers::tokens_since(scope, start))).await?;
    let limit = app.config.assistant.daily_tokens_per_user;
    Ok((used, (limit > 0).then_some(limit)))
}

/// # Errors
/// 429 when the day's tokens are used up, with when there are new ones.
pub async fn check(app: &AppState, user: &AuthenticatedUser) -> Result<()> {
    let (used, Some(limit)) = today(app, user).await? else { return Ok(()) };
    if used < limit {
        return Ok(());
    }
    let tomorrow = Calendar::at(now(), user.time_zone()).today().end;
    let seconds = (tomorrow - now()).num_seconds().max(1);
    tallyboard_base::request_log::set_rate_limit(tallyboard_base::request_log::RateLimit {
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        retry_after: u64::try_from(seconds).unwrap_or(1),
    });
    let when = to_the_minute(tomorrow, user.time_zone());
    Err(Error::new(
        Code::RateLimited,
        t_with(
            "Today's {limit} tokens for the assistant are used up; it goes on at {when}",
            &[("limit", &limit), ("when", &when)],
        ),
    )
    .detail("Commands that begin with / work without a model"))
}
