//! With `sharing.acceptance = "strangers"`: a stranger is asked before they are in a team or get a task.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use tallyboard_model::{
    error::{Code, Error, Result},
    id::{ReceivedInvitationId, TaskId, TeamId, UserId},
};

pub mod service;
mod store;
#[cfg(test)]
mod store_test;

/// A pending invitation: a team or a task from somebody the user doesn't know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReceivedInvitation {
    /// Its id.
    pub id: ReceivedInvitationId,
    /// The sender.
    pub from_user_id: UserId,
    /// The sender's name at that time.
    pub from_name: String,
    /// The team to join; null for a task.
    #[schema(required = true)]
    pub team_id: Option<TeamId>,
    /// The task that is shared; null for a team.
    #[schema(required = true)]
    pub task_id: Option<TaskId>,
    /// The team's name or the task's title at that time.
    pub subject: String,
    /// A role in the team or a permission for the task.
    #[schema(schema_with = access)]
    pub access: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

/// What the sender learns: nothing about the person, not even their name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SentInvitation {
    /// The team they join once they accept; null for a task.
    #[schema(required = true)]
    pub team_id: Option<TeamId>,
    /// The task they get once they accept; null for a team.
    #[schema(required = true)]
    pub task_id: Option<TaskId>,
    /// A role in the team or a permission for the task.
    #[schema(schema_with = access)]
    pub access: String,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
}

fn access() -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .enum_values(Some(["admin", "member", "viewer", "view", "edit"]))
        .build()
}

/// The outcome of adding or sharing with somebody.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum SharingOutcome<T> {
    /// It's done.
    Done(T),
    /// They're asked first.
    Invited(SentInvitation),
}

impl<T> SharingOutcome<T> {
    /// The outcome.
    ///
    /// # Errors
    /// 409 when the person is asked first, for callers who answer with nothing but what was done.
    pub fn done(self) -> Result<T> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Invited(_) => {
                Err(Error::new(Code::Conflict, "They've been asked, because you have nothing in common yet")
                    .detail("It takes effect once they accept"))
            }
        }
    }
}
