//! The rules of invitations that strangers receive.

use serde_json::json;

use super::{ReceivedInvitation, SentInvitation, SharingOutcome, store};
use crate::{
    auth::{AuthenticatedUser, people},
    shares, teams,
};
use tallyboard_base::config::Acceptance;
use tallyboard_db::{Database, Scope, Scopes, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::{ReceivedInvitationId, TaskId, TeamId, UserId},
    list::{List, ListQuery, PageRequest},
    membership::stored_role,
    permissions::Permission,
    shares::{NewShare, Share},
    teams::{Member, NewMember},
};

/// The user's pending invitations, newest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<ReceivedInvitation>> {
    let page = PageRequest::parse(&query)?;
    let found = store::list(scope, &page).await?;
    Ok(page.answer(found, |invitation| (invitation.created_at, invitation.id.0)))
}

/// The number of the user's pending invitations; at most 100.
pub async fn count(scope: &mut Scope) -> Result<u32> {
    store::count(scope).await
}

/// Adds a member, or asks a stranger first.
pub async fn add_member(
    scope: &mut Scope,
    acceptance: Acceptance,
    team: TeamId,
    new: NewMember,
) -> Result<SharingOutcome<Member>> {
    let (found, user) = teams::service::check_addable(scope, team, &new).await?;
    if !is_asked_first(scope, acceptance, user).await? {
        return teams::service::insert_member(scope, team, user, new.role).await.map(SharingOutcome::Done);
    }
    let sent =
        SentInvitation { team_id: Some(team), task_id: None, access: new.role.as_str().to_owned(), created_at: now() };
    send(scope, user, &found.name, &sent).await?;
    scope.record("team.member_invited", Target::Team(team)).in_team(team);
    Ok(SharingOutcome::Invited(sent))
}

/// Shares a task, or asks a stranger first.
pub async fn share(
    scope: &mut Scope,
    acceptance: Acceptance,
    task: TaskId,
    new: NewShare,
) -> Result<SharingOutcome<Share>> {
    let (found, user) = shares::service::check_shareable(scope, task, &new).await?;
    if !is_asked_first(scope, acceptance, user).await? {
        return shares::service::insert(scope, &found, user, new.permission).await.map(SharingOutcome::Done);
    }
    let sent = SentInvitation {
        team_id: None,
        task_id: Some(task),
        access: new.permission.as_str().to_owned(),
        created_at: now(),
    };
    send(scope, user, &found.task().title, &sent).await?;
    scope.record("task.share_offered", Target::Task(task)).in_team(found.task().team_id);
    Ok(SharingOutcome::Invited(sent))
}

async fn is_asked_first(scope: &mut Scope, acceptance: Acceptance, person: UserId) -> Result<bool> {
    Ok(acceptance == Acceptance::Strangers && people::visible_name(scope, person).await?.is_none())
}

async fn send(scope: &mut Scope, to: UserId, subject: &str, sent: &SentInvitation) -> Result<()> {
    let id = ReceivedInvitationId::new();
    if !store::insert(scope, id, to, subject, sent).await? {
        return Err(Error::new(Code::Conflict, "They've already been asked").detail("It takes effect once they accept"));
    }
    scope.emit("invitation_received", vec![to], json!({ "invitation_id": id }));
    Ok(())
}

/// Accepts an invitation: does what its sender asked for, if the sender still may.
///
/// # Errors
/// 404 when there is none, or when it isn't valid any more; it is gone then.
pub async fn accept(db: &Database, user: &AuthenticatedUser, id: ReceivedInvitationId) -> Result<ReceivedInvitation> {
    let mine = db.scope(user);
    let found = mine.read(|scope| Box::pin(find(scope, id))).await?;
    let me = user.id();
    let done = of_sender(db, &found)
        .write(|scope| {
            let invitation = found.clone();
            Box::pin(async move {
                if !store::delete(scope, id).await? {
                    return Err(not_found());
                }
                do_as_asked(scope, &invitation, me).await
            })
        })
        .await;
    match done {
        Err(error) if matches!(error.code, Code::Forbidden | Code::NotFound | Code::Conflict) => {
            mine.write(|scope| Box::pin(async move { store::delete(scope, id).await.map(drop) })).await?;
            // A conflict: they have it already.
            if error.code == Code::Conflict { Ok(found) } else { Err(no_longer_valid()) }
        }
        done => done.map(|()| found),
    }
}

/// Declines an invitation. The sender isn't told.
pub async fn decline(scope: &mut Scope, id: ReceivedInvitationId) -> Result<()> {
    find(scope, id).await?;
    store::delete(scope, id).await.map(drop)
}

async fn find(scope: &mut Scope, id: ReceivedInvitationId) -> Result<ReceivedInvitation> {
    store::find(scope, id).await?.ok_or_else(not_found)
}

async fn do_as_asked(scope: &mut Scope, invitation: &ReceivedInvitation, recipient: UserId) -> Result<()> {
    let (email, user_id) = (None, Some(recipient));
    match (invitation.team_id, invitation.task_id) {
        (Some(team), _) => {
            let new = NewMember { email, user_id, role: stored_role(&invitation.access)? };
            add_member(scope, Acceptance::Off, team, new).await.map(drop)
        }
        (None, Some(task)) => {
            let permission = Permission::parse(&invitation.access)
                .ok_or_else(|| Error::internal(format!("an invitation with {:?}", invitation.access)))?;
            share(scope, Acceptance::Off, task, NewShare { email, user_id, permission }).await.map(drop)
        }
        (None, None) => Err(Error::internal("an invitation to nothing")),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sender asked for this one change, and their rights are checked again"
)]
fn of_sender<'a>(db: &'a Database, invitation: &ReceivedInvitation) -> Scopes<'a, UserId> {
    db.scopes_of_verified_user(invitation.from_user_id, None)
}

fn not_found() -> Error {
    Error::not_found("Invitation")
}

fn no_longer_valid() -> Error {
    Error::new(Code::NotFound, "This invitation is no longer valid").detail("The sender can no longer share this")
}
