//! Finding another person to invite or to share with: by an exact address or an id, never by search.

use crate::{
    db::Scope,
    error::{Error, Result},
    id::UserId,
    input::Checks,
};

use super::store;

/// Whom a request means: exactly one of the two.
#[derive(Clone, Debug)]
pub enum Whom {
    /// By address, in lower case.
    Email(String),
    /// By id.
    Id(UserId),
}

impl Whom {
    /// From a request's two fields.
    pub fn asked(checks: &mut Checks, email: Option<&str>, user_id: Option<UserId>) -> Self {
        match (email, user_id) {
            (None, Some(id)) => Self::Id(id),
            (Some(email), None) => Self::Email(checks.email("email", email)),
            (Some(_), Some(_)) => {
                checks.refuse("user_id", "can't be combined with email");
                Self::Email(String::new())
            }
            (None, None) => {
                checks.refuse("email", "is missing; or give user_id");
                Self::Email(String::new())
            }
        }
    }
}

/// The account that is meant.
pub async fn find(scope: &mut Scope, whom: &Whom) -> Result<UserId> {
    let found = match whom {
        Whom::Email(email) => store::find_person(scope, email).await?,
        Whom::Id(id) => store::person_exists(scope, *id).await?.then_some(*id),
    };
    let field = if matches!(whom, Whom::Email(_)) { "email" } else { "user_id" };
    found.ok_or_else(|| {
        Error::not_found("Person")
            .field(field, "nobody here has it")
            .detail("They need an account on this server first")
    })
}
