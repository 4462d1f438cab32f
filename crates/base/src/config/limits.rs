//! The rate limits per user and address.

use std::num::NonZeroU32;

use serde::Deserialize;

/// The rates of one user or one address.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Whether there are limits at all.
    pub enabled: bool,
    /// Attempts to sign in, by address.
    pub sign_ins_per_minute: NonZeroU32,
    /// New accounts, by address.
    pub sign_ups_per_minute: NonZeroU32,
    /// Wrong passwords for an account within 15 minutes, before the next attempt has to wait.
    pub wrong_passwords: NonZeroU32,
    /// Requests of a signed-in user.
    pub requests_per_minute: NonZeroU32,
    /// Requests without a user, by address.
    pub anonymous_requests_per_minute: NonZeroU32,
    /// Mails that a user may have sent to others in an hour.
    pub mails_per_hour: NonZeroU32,
    /// Mails with a link to choose a password, for an account in an hour.
    pub password_mails_per_hour: NonZeroU32,
    /// People whom a user adds to teams in an hour.
    pub members_per_hour: NonZeroU32,
    /// Tasks that a user shares in an hour, with one person each.
    pub shares_per_hour: NonZeroU32,
    /// Requests that are answered at the same time; 0: as many as the processor suggests.
    requests_in_flight: usize,
}

/// How many requests each core may answer at the same time. docs/PERFORMANCE.md has the measurement.
const REQUESTS_IN_FLIGHT_PER_CORE: usize = 64;

impl LimitsConfig {
    /// How many requests may be answered at the same time.
    pub fn requests_in_flight(&self) -> usize {
        match (self.enabled, self.requests_in_flight) {
            (false, _) => usize::MAX,
            (true, 0) => {
                REQUESTS_IN_FLIGHT_PER_CORE * std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
            }
            (true, most) => most,
        }
    }
}
