//! The rules of invitations.

use chrono::TimeDelta;

use super::{Invitation, InvitationUse, NewInvitation, store};
use crate::{
    auth::{AuthenticatedUser, addresses, secret},
    mail::{
        letter::{Letter, Reader, unlinked},
        outbox,
    },
    membership::service::lock_members,
    teams,
};
use tallyboard_db::{Database, Lock, Scope, Scopes, System, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result, none_if_inaccessible},
    id::{InvitationId, TeamId, UserId},
    input::Validator,
    language::{long_date, t, t_with},
    list::{List, ListQuery, PageRequest, all_pages},
    membership::stored_role,
    paths,
    permissions::{TeamAction, role_allows},
};

/// How many invitations of a team may be valid at a time.
const MAX_INVITATIONS: i64 = 50;
const DEFAULT_DAYS: u32 = 7;
const MAX_DAYS: u32 = 30;

/// Creates an invitation to a team. Answers the secret of its link, which is not stored; `None` when the link is mailed.
pub async fn create(scope: &mut Scope, team: TeamId, new: NewInvitation) -> Result<(Invitation, Option<String>)> {
    let mut validator = Validator::new();
    teams::service::refuse_owner(&mut validator, new.role);
    let days = new.expires_in_days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        validator.reject("expires_in_days", t_with("has to be from 1 to {most}", &[("most", &MAX_DAYS)]));
    }
    let email = new.email.map(|email| validator.new_email("email", &email));
    let single_use = new.single_use.unwrap_or(true);
    if email.is_some() && !single_use {
        validator.reject("single_use", "a mailed invitation is for one person");
    }
    validator.finish()?;
    lock_members(scope, team).await?;
    teams::service::allowed(scope, team, TeamAction::Add(new.role)).await?;
    let now = now();
    if store::count_valid(scope, team, now).await? >= MAX_INVITATIONS {
        return Err(Error::new(Code::Conflict, t_with("You already have {n} invitations", &[("n", &MAX_INVITATIONS)]))
            .detail("Revoke one you no longer need"));
    }
    let invitation = Invitation {
        id: InvitationId::new(),
        team_id: team,
        role: new.role,
        single_use,
        email,
        uses: 0,
        created_by: scope.user_id(),
        created_at: now,
        expires_at: now + TimeDelta::days(days.into()),
    };
    let secret = secret::new_secret();
    store::insert(scope, &invitation, &secret::hash(&secret)).await?;
    if invitation.email.is_some() {
        outbox::add_invitation(scope, invitation.id, now).await?;
    }
    scope.record("team.invitation_created", Target::Team(team)).in_team(team);
    let shown = invitation.email.is_none().then_some(secret);
    Ok((invitation, shown))
}

/// The invitations of a team that were not revoked, newest first; those that have expired are among them.
pub async fn list(scope: &mut Scope, team: TeamId, query: ListQuery) -> Result<List<Invitation>> {
    let page = PageRequest::parse(&query)?;
    teams::service::allowed(scope, team, TeamAction::Rename).await?;
    let found = store::list(scope, team, &page).await?;
    Ok(page.answer(found, |invitation| (invitation.created_at, invitation.id.0)))
}

/// The people who joined by an invitation, latest first.
pub async fn uses(scope: &mut Scope, team: TeamId, id: InvitationId, query: ListQuery) -> Result<List<InvitationUse>> {
    let page = PageRequest::parse(&query)?;
    teams::service::allowed(scope, team, TeamAction::Rename).await?;
    if !store::exists(scope, team, id).await? {
        return Err(Error::not_found("Invitation"));
    }
    let found = store::uses(scope, team, id, &page).await?;
    Ok(page.answer(found, |joined| (joined.created_at, joined.user_id.0)))
}

/// Every invitation of a team that was not revoked, each with all who have joined by it.
pub async fn all_with_uses(scope: &mut Scope, team: TeamId) -> Result<Vec<(Invitation, Vec<InvitationUse>)>> {
    let invitations = all_pages(scope, |scope, query| Box::pin(list(scope, team, query))).await?;
    let mut found = Vec::with_capacity(invitations.len());
    for invitation in invitations {
        let id = invitation.id;
        let joined = all_pages(scope, |scope, query| Box::pin(uses(scope, team, id, query))).await?;
        found.push((invitation, joined));
    }
    Ok(found)
}

/// Revokes an invitation: its link stops working. People who have joined stay.
pub async fn revoke(scope: &mut Scope, team: TeamId, id: InvitationId) -> Result<()> {
    lock_members(scope, team).await?;
    teams::service::allowed(scope, team, TeamAction::Rename).await?;
    if !store::revoke(scope, team, id, now()).await? {
        return Err(Error::not_found("Invitation"));
    }
    scope.record("team.invitation_revoked", Target::Team(team)).in_team(team);
    Ok(())
}

/// The mail with the link of an invitation, and to which address it goes; `None` when nobody can join by the invitation any
/// more. The link is made here, so that no secret waits in the database; earlier links of the invitation end.
pub async fn letter(scope: &mut Scope<System>, id: InvitationId, inviter: &Reader) -> Result<Option<(String, Letter)>> {
    let secret = secret::new_secret();
    let secret_hash = secret::hash(&secret);
    let Some((email, expires_at)) = store::set_secret(scope, id, &secret_hash).await? else { return Ok(None) };
    let Some(invitation) = none_if_inaccessible(find(scope, &secret_hash).await)? else { return Ok(None) };
    let (team, name) = (unlinked(&invitation.team_name), unlinked(&inviter.name));
    let letter = Letter::new(t_with("{name} invites you to “{team}”", &[("name", &name), ("team", &team)]))
        .text(t("Hello,"))
        .text(t_with(
            "{name} invites you to the team “{team}” on Tallyboard, a task board.",
            &[("name", &name), ("team", &team)],
        ))
        .link(t("Join the team"), inviter.url(&paths::invite(&secret)))
        .text(t_with("The link is for one person, until {day}.", &[("day", &long_date(expires_at.date_naive()))]))
        .note(t("If you don't know this person, ignore this email. We won't write about it again."));
    Ok(Some((email, letter)))
}

/// The name of an invitation's team, for anyone with its link.
pub async fn team_name(db: &Database, secret: &str) -> Result<String> {
    let scopes = system(db);
    let found = scopes.read(|scope| {
        let secret_hash = secret::hash(secret);
        Box::pin(async move { find(scope, &secret_hash).await })
    });
    Ok(found.await?.team_name)
}

/// Lets the user join the team of an invitation; answers the team. A current member keeps their role.
pub async fn accept(db: &Database, user: &AuthenticatedUser, secret: &str) -> Result<TeamId> {
    let user = user.id();
    let scopes = system(db);
    let accepted = scopes.write(|scope| {
        let secret_hash = secret::hash(secret);
        Box::pin(async move { join(scope, user, &secret_hash).await })
    });
    accepted.await
}

/// Puts somebody into the team of an invitation, in the transaction that may also create their account.
pub async fn join(scope: &mut Scope<System>, user: UserId, secret_hash: &str) -> Result<TeamId> {
    let team = find(scope, secret_hash).await?.team_id;
    scope.connection().lock(team.0, Lock::Exclusive).await?;
    // Again, now that nobody else can join, be removed, or revoke the invitation.
    let invitation = find(scope, secret_hash).await?;
    if teams::service::is_member(scope, team, user).await? {
        return Ok(team);
    }
    if store::has_used(scope, invitation.id, user).await? {
        return Err(Error::new(Code::Conflict, "You've already joined with this invitation")
            .detail("Ask a team admin for a new one"));
    }
    store::insert_use(scope, invitation.id, user, now()).await?;
    // Having the link proves access to the mailbox it was sent to.
    if let Some(email) = &invitation.email {
        addresses::confirm(scope, user, email).await?;
    }
    teams::service::join(scope, team, user, stored_role(&invitation.role)?).await?;
    Ok(team)
}

async fn find(scope: &mut Scope<System>, secret_hash: &str) -> Result<store::FoundRow> {
    let found = store::find(scope, secret_hash, now()).await?.ok_or_else(not_valid)?;
    // Its creator may have lost the right to add members since.
    let (creator, role) = (stored_role(&found.creator_role)?, stored_role(&found.role)?);
    if role_allows(Some(creator), TeamAction::Add(role)) { Ok(found) } else { Err(not_valid()) }
}

#[expect(clippy::disallowed_methods, reason = "who has a link is not in the team yet, and may not be signed in")]
fn system(db: &Database) -> Scopes<'_, System> {
    db.system_scopes()
}

fn not_valid() -> Error {
    Error::new(Code::NotFound, "This invitation is no longer valid")
        .detail("It was used, revoked, or has expired. Ask an admin of the team for a new one")
}
