//! Wrong passwords: who has given too many for an account has to wait, each time twice as long.
//!
//! An attempt belongs to an account and an address. The account's own user, at another address, is not kept waiting by
//! somebody who guesses: an address without a wrong password always has one attempt. Once an account has had too many
//! from anywhere, that one attempt is all a new address has, so that guessing from many addresses does not pay. Larger
//! networks have their own limits, because an IPv6 /48 contains 65,536 /64 networks.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use moka::{ops::compute::Op, sync::Cache};

/// For how long an attempt counts.
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// The first wait.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// The factor by which a larger network may fail more often.
const WIDER: u32 = 4;
/// How many accounts and addresses are remembered.
const MAX_ENTRIES: u64 = 100_000;

/// The attempts of an address at an account.
#[derive(Clone, Copy, Debug)]
struct Attempts {
    wrong: u32,
    /// When the next attempt is allowed.
    next: Instant,
}

/// The wrong passwords of the last 15 minutes.
pub struct WrongPasswords<A> {
    limit: u32,
    by_account: Cache<String, u32>,
    by_address: Cache<(String, A), Attempts>,
}

impl<A: Copy + Eq + Hash + Send + Sync + 'static> WrongPasswords<A> {
    /// Attempts before somebody has to wait.
    pub fn new(limit: u32) -> Self {
        let by_account = Cache::builder().time_to_live(WINDOW).max_capacity(MAX_ENTRIES).build();
        let by_address = Cache::builder().time_to_live(WINDOW).max_capacity(MAX_ENTRIES).build();
        Self { limit, by_account, by_address }
    }

    /// How many before somebody has to wait.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Counts an attempt as wrong, or returns how long it has to wait. `wider` are the larger networks of the address.
    pub fn begin(&self, account: &str, address: A, wider: &[A]) -> Result<(), Duration> {
        let of_account = self.by_account.get(account).unwrap_or_default() + 1;
        self.count(account, address, self.limit, of_account)?;
        for (place, network) in wider.iter().enumerate() {
            if let Err(wait) = self.count(account, *network, self.limit.saturating_mul(WIDER), 0) {
                self.take_back(account, address, 1);
                wider[..place].iter().for_each(|network| self.take_back(account, *network, 1));
                return Err(wait);
            }
        }
        self.add_to_account(account, 1);
        Ok(())
    }

    fn count(&self, account: &str, address: A, limit: u32, of_account: u32) -> Result<(), Duration> {
        let mut wait = None;
        self.by_address.entry((account.to_owned(), address)).and_compute_with(|entry| {
            let (wrong, next) = entry.map_or((0, None), |entry| (entry.value().wrong, Some(entry.value().next)));
            let now = Instant::now();
            wait = next.map(|next| next.saturating_duration_since(now)).filter(|wait| !wait.is_zero());
            if wait.is_some() {
                return Op::Nop;
            }
            let wrong = wrong + 1;
            Op::Put(Attempts { wrong, next: now + wait_after(wrong.max(of_account), limit) })
        });
        wait.map_or(Ok(()), Err)
    }

    /// The attempt was right: what this address got wrong before is forgotten.
    pub fn was_right(&self, account: &str, address: A, wider: &[A]) {
        if let Some(attempts) = self.by_address.remove(&(account.to_owned(), address)) {
            self.add_to_account(account, -i64::from(attempts.wrong));
            wider.iter().for_each(|network| self.take_back(account, *network, attempts.wrong));
        }
    }

    /// The attempt revealed nothing about the password.
    pub fn was_not_checked(&self, account: &str, address: A, wider: &[A]) {
        self.take_back(account, address, 1);
        wider.iter().for_each(|network| self.take_back(account, *network, 1));
        self.add_to_account(account, -1);
    }

    fn take_back(&self, account: &str, address: A, attempts: u32) {
        self.by_address.entry((account.to_owned(), address)).and_compute_with(|entry| match entry {
            Some(entry) if entry.value().wrong > attempts => {
                Op::Put(Attempts { wrong: entry.value().wrong - attempts, next: Instant::now() })
            }
            Some(_) => Op::Remove,
            None => Op::Nop,
        });
    }

    fn add_to_account(&self, account: &str, change: i64) {
        self.by_account.entry(account.to_owned()).and_compute_with(|entry| {
            let sum = entry.map_or(0, |entry| i64::from(*entry.value())) + change;
            match u32::try_from(sum) {
                Ok(sum) if sum > 0 => Op::Put(sum),
                _ => Op::Remove,
            }
        });
    }
}

/// How long to wait after this many wrong ones.
fn wait_after(wrong: u32, limit: u32) -> Duration {
    match wrong.checked_sub(limit) {
        None => Duration::ZERO,
        Some(beyond) => FIRST_WAIT.saturating_mul(1 << beyond.min(5)).min(WINDOW),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ATTACKER: u8 = 1;
    const VICTIM: u8 = 2;

    #[test]
    fn an_address_waits_after_too_many_and_nobody_else_does() {
        let passwords = WrongPasswords::new(5);
        for _ in 0..5 {
            assert_eq!(passwords.begin("ada", ATTACKER, &[]), Ok(()));
        }
        let wait = passwords.begin("ada", ATTACKER, &[]).unwrap_err();
        assert!(wait > Duration::from_secs(29) && wait <= FIRST_WAIT, "{wait:?}");
        assert_eq!(passwords.begin("grace", ATTACKER, &[]), Ok(()), "another account");
        assert_eq!(passwords.begin("ada", VICTIM, &[]), Ok(()), "another address");
        passwords.was_right("ada", VICTIM, &[]);
        assert_eq!(passwords.begin("ada", VICTIM, &[]), Ok(()));
        passwords.was_right("ada", VICTIM, &[]);
        assert!(passwords.begin("ada", ATTACKER, &[]).is_err());
    }

    #[test]
    fn many_addresses_have_one_attempt_each_once_an_account_has_had_too_many() {
        let passwords = WrongPasswords::new(5);
        for address in 0..100 {
            assert_eq!(passwords.begin("ada", address, &[]), Ok(()));
            assert_eq!(passwords.begin("ada", address, &[]).is_ok(), address < 2, "{address}");
        }
    }

    #[test]
    fn the_addresses_of_a_larger_network_are_summed() {
        const WIDE: u8 = 200;
        let passwords = WrongPasswords::new(5);
        let tried = (0..100).filter(|address| passwords.begin("ada", *address, &[WIDE]).is_ok()).count();
        assert_eq!(tried, 20);
        assert_eq!(passwords.begin("ada", VICTIM + 100, &[WIDE + 1]), Ok(()), "another network");
        assert_eq!(passwords.begin("grace", ATTACKER, &[WIDE]), Ok(()), "another account");
        // Correct attempts don't count for any network.
        for address in 0..100 {
            assert_eq!(passwords.begin("alan", address, &[WIDE]), Ok(()));
            passwords.was_right("alan", address, &[WIDE]);
            assert_eq!(passwords.begin("alan", address, &[WIDE]), Ok(()));
            passwords.was_not_checked("alan", address, &[WIDE]);
        }
    }

    #[test]
    fn the_wait_doubles_up_to_the_window() {
        let seconds = |wrong| wait_after(wrong, 5).as_secs();
        assert_eq!([4, 5, 6, 7, 8, 9, 10, 200].map(seconds), [0, 30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn a_right_password_and_a_failed_check_leave_nothing_behind() {
        let passwords = WrongPasswords::new(2);
        for _ in 0..20 {
            assert_eq!(passwords.begin("ada", VICTIM, &[]), Ok(()));
            passwords.was_not_checked("ada", VICTIM, &[]);
            assert_eq!(passwords.begin("ada", VICTIM, &[]), Ok(()));
            passwords.was_right("ada", VICTIM, &[]);
        }
        assert!(passwords.by_account.get("ada").is_none());
    }
}
