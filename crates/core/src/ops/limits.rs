//! Rate limits: token buckets by user and by address, and wrong passwords by account and address.
//!
//! The buckets are in this process: N instances let through N times as much.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::HashMapStateStore,
};

use super::{look_ups::LookUps, wrong_passwords::WrongPasswords};
use tallyboard_base::{
    config::LimitsConfig,
    network::Network,
    request_log::{self, RateLimit},
};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::UserId,
    language::text,
};

/// How often full buckets are dropped.
const CLEANING_INTERVAL: Duration = Duration::from_secs(60);
/// How many mails with invitations go out in an hour for one network, and to one address: the inviter chooses both.
const MAILS_OF_NETWORK: NonZeroU32 = NonZeroU32::new(60).unwrap();
const MAILS_TO_ADDRESS: NonZeroU32 = NonZeroU32::new(5).unwrap();
/// How many documents of OAuth clients are fetched for one network, and from one host.
const DOCUMENTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// How many times as many sign-ins a larger network may try as one address.
const WIDER_SIGN_INS: NonZeroU32 = NonZeroU32::new(8).unwrap();
/// How many mails with a link that confirms it go to one address in an hour.
const ADDRESS_MAILS_PER_HOUR: NonZeroU32 = NonZeroU32::new(3).unwrap();
/// How many unsuccessful email lookups one person, and one network, may make in an hour.
const LOOK_UPS_OF_USER: u32 = 30;
const LOOK_UPS_OF_NETWORK: u32 = 60;

/// All limits; without any when they are switched off.
pub struct Limits(Option<Enabled>);

struct Enabled {
    sign_ins: Buckets<Network>,
    sign_ins_of_wider: Buckets<Network>,
    sign_ups: Buckets<Network>,
    users: Buckets<UserId>,
    anonymous: Buckets<Network>,
    /// The networks whose bucket of anonymous requests is empty, each until when.
    refused: Mutex<HashMap<Network, Instant>>,
    documents_of_network: Buckets<Network>,
    documents_of_host: Buckets<String>,
    mails: Buckets<UserId>,
    mails_of_network: Buckets<Network>,
    mails_to_address: Buckets<String>,
    password_mails: Buckets<UserId>,
    members: Buckets<UserId>,
    shares: Buckets<UserId>,
    address_mails: Buckets<String>,
    wrong_passwords: WrongPasswords<Network>,
    look_ups_of_user: LookUps<UserId>,
    look_ups_of_network: LookUps<Network>,
}

/// The address of the current request's client.
fn address_of_request() -> IpAddr {
    let address = request_log::current().and_then(|info| info.peer);
    address.unwrap_or(Ipv6Addr::UNSPECIFIED.into())
}

/// The network of the current request's client.
fn network_of_request() -> Network {
    Network::of(address_of_request())
}

/// One bucket for each key.
struct Buckets<K: Clone + Hash + Eq> {
    size: NonZeroU32,
    limiter: RateLimiter<K, HashMapStateStore<K>, DefaultClock>,
}

impl<K: Clone + Hash + Eq> Buckets<K> {
    fn per_minute(size: NonZeroU32) -> Self {
        Self { size, limiter: RateLimiter::hashmap(Quota::per_minute(size)) }
    }

    fn per_hour(size: NonZeroU32) -> Self {
        Self { size, limiter: RateLimiter::hashmap(Quota::per_hour(size)) }
    }

    fn take(&self, key: &K, what: &str) -> Result<()> {
        self.try_take(key).map_err(|wait| too_many(what, self.size.get(), wait))
    }

    /// Takes one from the bucket; the error is the wait until there is one.
    fn try_take(&self, key: &K) -> Result<(), Duration> {
        self.limiter.check_key(key).map_err(|refused| refused.wait_time_from(DefaultClock::default().now()))
    }

    fn forget_full(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// 429, with the headers that say when to come back.
fn too_many(what: &str, limit: u32, wait: Duration) -> Error {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    request_log::set_rate_limit(RateLimit { limit, retry_after: seconds });
    tracing::warn!(target: "security", limit, seconds, "refused: {what}");
    let unit = if seconds == 1 { "second" } else { "seconds" };
    Error::new(Code::RateLimited, what).detail(format!("Try again in {seconds} {unit}"))
}

/// The result of an attempt with a password or code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It was right: earlier wrong ones are forgotten.
    Right,
    /// It was wrong.
    Wrong,
    /// Neither: something else failed, or more is needed.
    Open,
}

impl PasswordVerdict {
    /// The verdict of work that fails with such an error when the password is wrong.
    pub fn of<T>(done: &Result<T>, is_wrong: impl Fn(&Error) -> bool) -> Self {
        match done {
            Ok(_) => Self::Right,
            Err(error) if is_wrong(error) => Self::Wrong,
            Err(_) => Self::Open,
        }
    }
}

/// How a user reaches another person who didn't ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactKind {
    /// By adding them to a team.
    Member,
    /// By sharing a task with them.
    Share,
}

/// Whether an error tells that an email address has an account, or that it has none.
fn tells_of_account(error: &Error) -> bool {
    matches!(error.code, Code::NotFound | Code::Conflict)
        && ["email", "user_id"].iter().any(|field| error.fields.contains_key(*field))
}

impl Enabled {
    /// Takes an anonymous request of the network; the error is how long until there is one.
    fn take_anonymous(&self) -> Result<(), Duration> {
        let network = network_of_request();
        self.anonymous.try_take(&network).inspect_err(|wait| {
            let until = Instant::now() + *wait;
            self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert(network, until);
        })
    }
}

impl Limits {
    /// The limits of the settings.
    pub fn new(config: &LimitsConfig) -> Self {
        let enabled = config.enabled.then(|| Enabled {
            sign_ins: Buckets::per_minute(config.sign_ins_per_minute),
            sign_ins_of_wider: Buckets::per_minute(config.sign_ins_per_minute.saturating_mul(WIDER_SIGN_INS)),
            sign_ups: Buckets::per_minute(config.sign_ups_per_minute),
            users: Buckets::per_minute(config.requests_per_minute),
            anonymous: Buckets::per_minute(config.anonymous_requests_per_minute),
            refused: Mutex::default(),
            documents_of_network: Buckets::per_minute(DOCUMENTS_PER_MINUTE),
            documents_of_host: Buckets::per_minute(DOCUMENTS_PER_MINUTE),
            mails: Buckets::per_hour(config.mails_per_hour),
            mails_of_network: Buckets::per_hour(MAILS_OF_NETWORK.max(config.mails_per_hour)),
            mails_to_address: Buckets::per_hour(MAILS_TO_ADDRESS),
            password_mails: Buckets::per_hour(config.password_mails_per_hour),
            members: Buckets::per_hour(config.members_per_hour),
            shares: Buckets::per_hour(config.shares_per_hour),
            address_mails: Buckets::per_hour(ADDRESS_MAILS_PER_HOUR),
            wrong_passwords: WrongPasswords::new(config.wrong_passwords.get()),
            look_ups_of_user: LookUps::new(LOOK_UPS_OF_USER),
            look_ups_of_network: LookUps::new(LOOK_UPS_OF_NETWORK),
        });
        Self(enabled)
    }

    /// Counts an attempt to sign in, for its address and the networks around it.
    pub fn count_sign_in(&self) -> Result<()> {
        const WHAT: &str = text("Too many attempts to sign in from this address");
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.sign_ins.take(&network_of_request(), WHAT)?;
        Network::wider(address_of_request()).iter().try_for_each(|network| limits.sign_ins_of_wider.take(network, WHAT))
    }

    /// Counts a new account, for its address.
    pub fn count_sign_up(&self) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.sign_ups.take(&network_of_request(), "Too many new accounts from this address")
    }

    /// Counts a document that describes an OAuth client, before it's fetched from this host.
    pub fn count_client_document(&self, host: &str) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.documents_of_network.take(&network_of_request(), "Too many unknown apps from this address")?;
        limits.documents_of_host.take(&host.to_owned(), "Too many unknown apps of this host")
    }

    /// Counts a mail that a user has sent to an address, for the user, their network and the address.
    pub fn count_mail(&self, user: UserId, address: &str) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.mails.take(&user, text("Too many emails from this account"))?;
        limits.mails_of_network.take(&network_of_request(), text("Too many emails from this address"))?;
        limits.mails_to_address.take(&address.trim().to_lowercase(), "Too many mails to this address")
    }

    /// Counts a mail with a link to choose a password, for its account.
    pub fn count_password_mail(&self, user: UserId) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.password_mails.take(&user, "Too many links to choose a password for this account")
    }

    /// Counts a mail with a link that confirms this address.
    pub fn count_address_mail(&self, email: &str) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        limits.address_mails.take(&email.to_owned(), "Too many mails to this address")
    }

    /// Runs `work`, in which a user adds a person to a team or shares a task with them.
    pub async fn reaching<T>(
        &self,
        user: UserId,
        reach: ContactKind,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if let Some(limits) = &self.0 {
            match reach {
                ContactKind::Member => {
                    limits.members.take(&user, text("Too many people added to teams by this account"))?
                }
                ContactKind::Share => limits.shares.take(&user, text("Too many tasks shared by this account"))?,
            }
        }
        self.with_look_up(Some(user), work).await
    }

    /// Runs `work`, which looks up an email address, for a signed-in user or for `None`. After too many look-ups that find nobody,
    /// or find the address taken, every further one is refused for a while.
    pub async fn with_look_up<T>(&self, user: Option<UserId>, work: impl Future<Output = Result<T>>) -> Result<T> {
        const WHAT: &str = text("Too many email addresses tried");
        let Some(limits) = &self.0 else { return work.await };
        let network = network_of_request();
        let (of_user, of_network) = (&limits.look_ups_of_user, &limits.look_ups_of_network);
        if let Some(user) = user {
            of_user.check(user).map_err(|wait| too_many(WHAT, of_user.limit(), wait))?;
        }
        of_network.check(network).map_err(|wait| too_many(WHAT, of_network.limit(), wait))?;
        let done = work.await;
        if done.as_ref().is_err_and(tells_of_account) {
            user.into_iter().for_each(|user| of_user.count(user));
            of_network.count(network);
        }
        done
    }

    /// Counts the request for its user, once.
    pub fn count_request_of(&self, user: UserId) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        if !request_log::count_once() {
            return Ok(());
        }
        limits.users.take(&user, "Too many requests of this account")
    }

    /// Counts the request for its address: nobody is signed in.
    pub fn count_anonymous_request(&self) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        if !request_log::count_once() {
            return Ok(());
        }
        limits
            .take_anonymous()
            .map_err(|wait| too_many("Too many requests from this address", limits.anonymous.size.get(), wait))
    }

    /// Counts a request that was answered without a look at its credentials, as an anonymous one.
    pub fn count_unproven_request(&self) {
        let Some(limits) = &self.0 else { return };
        if request_log::count_once() {
            // The next one is refused, see `is_network_refused`.
            let _ = limits.take_anonymous();
        }
    }

    /// Whether the request's network has no anonymous requests left. Credentials are then verified first: made-up ones would bypass
    /// the limit.
    pub fn is_network_refused(&self) -> bool {
        let Some(limits) = &self.0 else { return false };
        let refused = limits.refused.lock().unwrap_or_else(PoisonError::into_inner);
        // The network is looked up only where there is one.
        !refused.is_empty() && refused.get(&network_of_request()).is_some_and(|until| *until > Instant::now())
    }

    /// Runs `work`, which checks the password of an account. Every attempt counts as a wrong password until it has
    /// proved right, so that many at the same moment are many; `verdict` says what the answer of `work` tells.
    pub async fn with_password<T>(
        &self,
        account: &str,
        verdict: impl Fn(&Result<T>) -> PasswordVerdict,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let Some(limits) = &self.0 else { return work.await };
        let (network, wider) = (network_of_request(), Network::wider(address_of_request()));
        let passwords = &limits.wrong_passwords;
        passwords
            .begin(account, network, &wider)
            .map_err(|wait| too_many("Too many wrong passwords for this account", passwords.limit(), wait))?;
        let done = work.await;
        match verdict(&done) {
            PasswordVerdict::Right => passwords.was_right(account, network, &wider),
            PasswordVerdict::Wrong => {}
            PasswordVerdict::Open => passwords.was_not_checked(account, network, &wider),
        }
        done
    }

    /// Forgets buckets that are full again, until the future is dropped.
    pub async fn clean_forever(&self) {
        let Some(limits) = &self.0 else { return };
        loop {
            tokio::time::sleep(CLEANING_INTERVAL).await;
            for buckets in [&limits.users, &limits.mails, &limits.password_mails, &limits.members, &limits.shares] {
                buckets.forget_full();
            }
            let Enabled { sign_ins, sign_ins_of_wider, sign_ups, anonymous, .. } = limits;
            let Enabled { documents_of_network, mails_of_network, .. } = limits;
            let of_networks =
                [sign_ins, sign_ins_of_wider, sign_ups, anonymous, documents_of_network, mails_of_network];
            of_networks.into_iter().for_each(Buckets::forget_full);
            for buckets in [&limits.documents_of_host, &limits.mails_to_address, &limits.address_mails] {
                buckets.forget_full();
            }
            let now = Instant::now();
            limits.refused.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until > now);
        }
    }
}
