//! The mails about an account: the link that confirms its address, and what has changed.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::mail::{
    letter::{Letter, Reader},
    outbox::AccountChange,
};
use tallyboard_model::{
    language::{t, t_with, text, to_the_minute},
    paths,
};

/// The mail with the link that confirms an address. It names nobody: the reader may not be the person who typed the address.
pub fn address_letter(reader: &Reader, token: &str) -> Letter {
    Letter::new(t("Confirm your email address for Tallyboard"))
        .text(t("Hello,"))
        .text(t("someone, most likely you, entered this address for an account on Tallyboard, a task board."))
        .link(t("Confirm the address"), reader.url(&paths::confirm_email(token)))
        .text(t("The link is valid for a day. Once it's confirmed, others can find the account by this address."))
        .note(t("If this wasn't you, ignore this email. The address stays unconfirmed."))
}

/// The mail about a change of an account.
pub fn change_letter(reader: &Reader, change: AccountChange, at: DateTime<Utc>, zone: Tz) -> Letter {
    let (subject, what) = words(change);
    let at = to_the_minute(at, zone);
    let letter = reader.greet(t(subject)).text(t_with(what, &[("at", &at)]));
    match change {
        // If the reader didn't make the change, they've lost the account, and only the operator can help.
        AccountChange::AddressChanged => letter.note(t(
            "If it wasn't you, contact your server's administrator right away. Earlier links sent to this address no longer work.",
        )),
        _ => letter.link(t("Account activity"), reader.url(paths::ACTIVITY)).text(t_with(
            "If it wasn't you, choose a new password: {url}. That signs out everything.",
            &[("url", &reader.url(paths::FORGOT_PASSWORD))],
        )),
    }
}

/// The subject, and what has happened `{at}` a time.
fn words(change: AccountChange) -> (&'static str, &'static str) {
    match change {
        AccountChange::PasswordChanged => {
            (text("Your password was changed"), text("the password of your account was changed on {at}."))
        }
        AccountChange::PasswordReset => (
            text("Your password was changed"),
            text(
                "a new password was chosen by a link on {at}. Every session, personal token, connected app and passkey has ended.",
            ),
        ),
        AccountChange::AddressChanged => (
            text("Your email address was changed"),
            text("your account has had another email address since {at}. This one gets no more mail about it."),
        ),
        AccountChange::PasskeyAdded => {
            (text("A passkey was added"), text("a passkey that signs in to your account was added on {at}."))
        }
        AccountChange::TokenCreated => (
            text("A personal token was created"),
            text("a personal token that reaches your tasks was created on {at}."),
        ),
        AccountChange::CalendarAddressMade => (
            text("A calendar link was created"),
            text("a secret calendar link that shows your due tasks was created on {at}."),
        ),
        AccountChange::AppConnected => {
            (text("An app was connected"), text("an app that acts for you was connected to your account on {at}."))
        }
        AccountChange::IdentityConnected => (
            text("Another sign-in method was connected"),
            text("another service's sign-in was connected to your account on {at}."),
        ),
        AccountChange::TwoStepEnabled => {
            (text("Two-step sign-in is on"), text("two-step sign-in was set up for your account on {at}."))
        }
        AccountChange::TwoStepEnded => {
            (text("Two-step sign-in is off"), text("two-step sign-in was turned off for your account on {at}."))
        }
        AccountChange::CodesRefused => (
            text("Someone is guessing your sign-in codes"),
            text(
                "someone entered your correct password and then ten wrong sign-in codes, most recently on {at}. Codes are rejected for a while.",
            ),
        ),
    }
}
