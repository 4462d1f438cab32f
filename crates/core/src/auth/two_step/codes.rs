//! Whether a code is right, and how many wrong ones an account takes.
//!
//! The code comes after the right password, so repeated wrong codes mean that somebody knows the password. So the limit holds for the
//! account, wherever they come from, and in the database, for every instance. A new password lifts it: a guesser does not know
//! it. Sessions, passkeys and tokens that exist continue to work.

use chrono::{DateTime, TimeDelta, Utc};

use super::{WRONG_CODE, grouped, store, store::TwoStepRow, totp};
use crate::{
    auth::{Auth, secret},
    mail::outbox::{self, AccountChange, MailKind},
};
use tallyboard_base::request_log::{self, RateLimit};
use tallyboard_db::{Lock, Scope, System, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::UserId,
};

/// How many wrong codes an account takes within [`WINDOW`].
const WRONG_CODES: u32 = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How long codes are rejected then; doubles each time, until a correct one is entered.
const FIRST_REFUSAL: TimeDelta = TimeDelta::minutes(15);
const LONGEST_REFUSAL: TimeDelta = TimeDelta::days(1);
/// How many accepted codes are remembered: each works once, even after the clock was set back.
const REMEMBERED_STEPS: usize = 100;

/// The outcome of a code.
enum Checked {
    Right,
    Wrong,
    /// It was not looked at.
    Refused {
        until: DateTime<Utc>,
    },
}

impl Auth {
    /// Checks the code of a sign-in whose password was right; an account that needs none takes any.
    ///
    /// # Errors
    /// 401 with the field `code` when it is wrong; 429 when there were too many wrong ones, whether or not this one is right.
    pub(in crate::auth) async fn check_code(&self, user: UserId, code: &str) -> Result<()> {
        let scopes = self.system();
        let checked = scopes.write(|scope| {
            let code = code.to_owned();
            Box::pin(async move { check(scope, user, &code).await })
        });
        match checked.await? {
            Checked::Right => Ok(()),
            Checked::Wrong => {
                tracing::warn!(%user, "a wrong code was given to sign in");
                Err(Error::unauthorized("The code is wrong").field("code", WRONG_CODE))
            }
            Checked::Refused { until } => Err(refused(user, until)),
        }
    }
}

fn refused(user: UserId, until: DateTime<Utc>) -> Error {
    let seconds = (until - now()).num_seconds().max(0).unsigned_abs() + 1;
    request_log::set_rate_limit(RateLimit { limit: WRONG_CODES, retry_after: seconds });
    tracing::warn!(target: "security", %user, seconds, "refused: too many wrong codes for this account");
    Error::new(Code::RateLimited, "Too many wrong codes for this account")
        .detail("Try again later, or reset your password to continue now")
}

async fn check(scope: &mut Scope<System>, user: UserId, code: &str) -> Result<Checked> {
    // Concurrent attempts all have to count.
    scope.connection().lock(user.0, Lock::Exclusive).await?;
    let Some(row) = store::find(scope, user).await?.filter(TwoStepRow::is_confirmed) else { return Ok(Checked::Right) };
    let now = now();
    if let Some(until) = row.refused_until.filter(|until| *until > now) {
        return Ok(Checked::Refused { until });
    }
    if accept(scope, user, &row, code).await? {
        store::forget_wrong_codes(scope, user).await?;
        return Ok(Checked::Right);
    }
    let since = row.wrong_since.filter(|since| now - *since < WINDOW);
    let wrong = since.map_or(0, |_| row.wrong_codes) + 1;
    if wrong < i64::from(WRONG_CODES) {
        store::count_wrong_code(scope, user, wrong, since.unwrap_or(now)).await?;
        return Ok(Checked::Wrong);
    }
    let doubled = 1 << row.refusals.clamp(0, 10);
    let until = now + (FIRST_REFUSAL * doubled).min(LONGEST_REFUSAL);
    store::refuse_codes(scope, user, until).await?;
    scope.record_of(user, "auth.codes_refused", Target::User(user));
    outbox::add(scope, user, MailKind::Account(AccountChange::CodesRefused), now).await?;
    Ok(Checked::Wrong)
}

/// Whether a code is right; it is used up.
pub(super) async fn accept(scope: &mut Scope<System>, user: UserId, row: &TwoStepRow, code: &str) -> Result<bool> {
    if accept_app_code(scope, user, row, code).await? {
        return Ok(true);
    }
    // People type them with or without what separates the groups.
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let used = store::take_recovery_code(scope, user, &secret::hash(&grouped(&plain))).await?;
    if used {
        scope.record_of(user, "auth.recovery_code_used", Target::User(user));
    }
    Ok(used)
}

/// The same for codes of an app alone.
pub(super) async fn accept_app_code(
    scope: &mut Scope<System>,
    user: UserId,
    row: &TwoStepRow,
    code: &str,
) -> Result<bool> {
    // Some apps and keyboards group them, or write the digits of another script.
    let is_group = |character: &char| !character.is_whitespace() && !matches!(character, '-' | '–' | '.');
    let digits: String = code.chars().filter(is_group).map(ascii_digit).collect();
    let seconds = u64::try_from(now().timestamp()).unwrap_or_default();
    let Some(step) = totp(&row.secret, "account")?.check(&digits, seconds) else { return Ok(false) };
    let step = step.to_string();
    let used: Vec<&str> = row.used_steps.split(',').filter(|used| !used.is_empty()).collect();
    if used.contains(&step.as_str()) {
        return Ok(false);
    }
    let steps: Vec<&str> = std::iter::once(step.as_str()).chain(used).take(REMEMBERED_STEPS).collect();
    store::set_used_steps(scope, user, &row.used_steps, &steps.join(",")).await
}

/// A decimal digit of another script as the one of ASCII; everything else stays.
fn ascii_digit(character: char) -> char {
    /// The zeros of the scripts that phones write digits in (Unicode's category Nd).
    const ZEROS: [char; 12] = ['٠', '۰', '०', '০', '੦', '૦', '௦', '౦', '೦', '൦', '๐', '０'];
    let value =
        ZEROS.iter().find_map(|zero| u32::from(character).checked_sub(u32::from(*zero)).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(character)
}
