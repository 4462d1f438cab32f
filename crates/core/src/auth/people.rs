//! Finds another person to add to a team or to share with: by exact email address or id, never by search.

use tallyboard_db::Scope;
use tallyboard_model::{
    error::{Error, Result},
    id::UserId,
    input::Validator,
};

use super::store;

/// How a request names a person: exactly one of the two.
#[derive(Clone, Debug)]
pub enum PersonRef {
    /// By email address, in lower case.
    Email(String),
    /// By id.
    Id(UserId),
}

impl PersonRef {
    /// From the fields `email` and `user_id`, of which exactly one must be there.
    pub fn from_fields(validator: &mut Validator, email: Option<&str>, user_id: Option<UserId>) -> Self {
        match (email, user_id) {
            (None, Some(id)) => Self::Id(id),
            (Some(email), None) => Self::Email(validator.email("email", email)),
            (Some(_), Some(_)) => {
                validator.reject("user_id", "can't be combined with email");
                Self::Email(String::new())
            }
            (None, None) => {
                validator.reject("email", "is missing; or give user_id");
                Self::Email(String::new())
            }
        }
    }
}

/// The id of that person; 404 when there is no such account, and when they have blocked the user.
pub async fn find(scope: &mut Scope, person: &PersonRef) -> Result<UserId> {
    let mut found = match person {
        PersonRef::Email(email) => store::find_person(scope, email).await?,
        PersonRef::Id(id) => store::person_exists(scope, *id).await?.then_some(*id),
    };
    if let Some(id) = found
        && store::is_blocked_by(scope, id).await?
    {
        found = None;
    }
    let field = if matches!(person, PersonRef::Email(_)) { "email" } else { "user_id" };
    found.ok_or_else(|| {
        Error::not_found("Person")
            .field(field, "no account uses it")
            .detail("They need an account on this server first")
    })
}

/// Whether an account has this id.
pub async fn exists(scope: &mut Scope, id: UserId) -> Result<bool> {
    store::person_exists(scope, id).await
}

/// The name of a person with whom the user has a team or a share in common.
pub async fn visible_name(scope: &mut Scope, id: UserId) -> Result<Option<String>> {
    store::acquaintance_name(scope, id).await
}
