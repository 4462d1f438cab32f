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

/// What else a transaction does that creates an account.
type WithNewUser = Arc<dyn for<'a> Fn(&'a mut Scope<System>, UserId) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// A time zone that a browser names; `None` when this server does not know it.
pub fn known_time_zone(name: Option<String>) -> Option<String> {
    name.filter(|name| name.parse::<chrono_tz::Tz>().is_ok())
}

impl Auth {
    /// Creates an account.
    pub async fn sign_up(&self, new: NewUser) -> Result<User> {
        if !self.allow_signup {
            return Err(Error::forbidden("New accounts are not allowed here").detail("Ask whoever runs this server"));
        }
        self.insert_account(new, "auth.signed_up", None).await
    }

    /// Creates the account of somebody who may have one, also where people may not sign up by themselves. `then` is part of
    /// the transaction: it uses an invitation, or connects an identity.
    pub(super) async fn sign_up_and<F>(&self, new: NewUser, then: F) -> Result<User>
    where
        F: for<'a> Fn(&'a mut Scope<System>, UserId) -> BoxFuture<'a, Result<()>> + Send + Sync + 'static,
    {
        self.insert_account(new, "auth.signed_up", Some(Arc::new(then))).await
    }

    /// Creates an account and records it as this action; `then` is part of the transaction.
    pub(super) async fn insert_account(
        &self,
        new: NewUser,
        action: &'static str,
        then: Option<WithNewUser>,
    ) -> Result<User> {
        let mut validator = Validator::new();
        let name = validator.line("name", &new.name, 1, 100);
        let email = validator.email("email", &new.email);
        let zone = new.time_zone.as_deref().filter(|zone| !zone.trim().is_empty()).unwrap_or("UTC");
        let time_zone = validator.time_zone("time_zone", zone);
        password::check_strength(&mut validator, "password", &new.password, &[&name, &email, "tallyboard"]);
        validator.finish()?;
        self.check_older_form(&email, None).await?;

        let row = UserRow {
            id: UserId::new(),
            email,
            name,
            password_hash: password::hash(new.password).await?,
            time_zone,
            language: new.language.unwrap_or_default().as_str().to_owned(),
            created_at: now(),
            disabled_at: None,
        };
        let row = Arc::new(row);
        self.system()
            .write(|scope| {
                let (row, then) = (row.clone(), then.clone());
                Box::pin(async move {
                    store::insert_user(scope, &row).await.map_err(email_taken)?;
                    scope.record_of(row.id, action, Target::User(row.id));
                    match then {
                        Some(then) => then(scope, row.id).await,
                        None => Ok(()),
                    }
                })
            })
            .await?;
        tracing::info!(user = %row.id, "account created");
        Ok(User::from(Arc::into_inner(row).ok_or_else(|| Error::internal("the new account is still in use"))?))
    }
}
