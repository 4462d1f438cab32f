//! New accounts: of people who sign up, with an invitation or without one, and those that the operator creates.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    Auth, password,
    service::email_taken,
    store::{self, UserRow},
};
use tallyboard_db::{Scope, System, Target, now};
use tallyboard_model::{
    auth::{NewUser, User},
    error::{Error, Result},
    id::UserId,
    input::Validator,
};

/// Additional work in the transaction that creates an account.
type WithNewUser = Arc<dyn for<'a> Fn(&'a mut Scope<System>, UserId) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// A time zone that a browser names; `None` when this server does not know it.
pub fn known_time_zone(name: Option<String>) -> Option<String> {
    name.filter(|name| name.parse::<chrono_tz::Tz>().is_ok())
}

/// An account that is to be made.
pub struct NewAccount {
    new: NewUser,
    /// The action in the audit log.
    action: &'static str,
    /// Whether the address is known to be the person's own.
    is_confirmed: bool,
}

impl NewAccount {
    /// The account of somebody who signs up.
    pub fn signed_up(new: NewUser) -> Self {
        Self { new, action: "auth.signed_up", is_confirmed: false }
    }

    /// An account whose address somebody has verified: a provider of sign-ins, or the operator.
    pub fn confirmed(new: NewUser, action: &'static str) -> Self {
        Self { new, action, is_confirmed: true }
    }
}

impl Auth {
    /// Creates an account.
    pub async fn sign_up(&self, new: NewUser) -> Result<User> {
        if !self.allow_signup {
            return Err(
                Error::forbidden("New accounts are not allowed here").detail("Ask an administrator of this server")
            );
        }
        self.insert_account(NewAccount::signed_up(new), None).await
    }

    /// Creates the account of somebody who may have one, even where sign-up is closed. `then` is part of
    /// the transaction: it uses an invitation, or connects an identity.
    pub(super) async fn sign_up_and<F>(&self, account: NewAccount, then: F) -> Result<User>
    where
        F: for<'a> Fn(&'a mut Scope<System>, UserId) -> BoxFuture<'a, Result<()>> + Send + Sync + 'static,
    {
        self.insert_account(account, Some(Arc::new(then))).await
    }

    /// Creates an account; `then` is part of the transaction.
    pub(super) async fn insert_account(&self, account: NewAccount, then: Option<WithNewUser>) -> Result<User> {
        let NewAccount { new, action, is_confirmed } = account;
        let mut validator = Validator::new();
        let name = validator.line("name", &new.name, 1, 100);
        let email = validator.new_email("email", &new.email);
        let zone = new.time_zone.as_deref().filter(|zone| !zone.trim().is_empty()).unwrap_or("UTC");
        let time_zone = validator.time_zone("time_zone", zone);
        password::check_strength(&mut validator, "password", &new.password, &[&name, &email, "tallyboard"]);
        validator.finish()?;

        let now = now();
        let row = UserRow {
            id: UserId::new(),
            email,
            name,
            password_hash: password::hash(new.password).await?,
            time_zone,
            language: new.language.unwrap_or_default().as_str().to_owned(),
            created_at: now,
            disabled_at: None,
            email_verified_at: if is_confirmed { Some(now) } else { self.confirmed_without_mail(now) },
        };
        let row = Arc::new(row);
        let scopes = self.system();
        let created = scopes.write(|scope| {
            let (row, then) = (row.clone(), then.clone());
            Box::pin(async move {
                store::insert_user(scope, &row).await.map_err(email_taken)?;
                scope.record_of(row.id, action, Target::User(row.id));
                if let Some(then) = then {
                    then(scope, row.id).await?;
                }
                // As the invitation may have changed it.
                store::find_by_id(scope, row.id).await?.ok_or_else(|| Error::internal("a new account is gone"))
            })
        });
        let created = created.await?;
        tracing::info!(user = %created.id, "account created");
        Ok(created.into())
    }
}
