//! The rules of blocked people.

use super::{Block, store};
use crate::{auth::people, shares, teams};
use tallyboard_db::{Scope, Target, now};
use tallyboard_model::{
    error::{Code, Error, Result},
    id::UserId,
    language::t_with,
    list::{List, ListQuery, PageRequest, all_pages},
};

/// How many people somebody may block.
const MAX_BLOCKS: i64 = 1000;

/// The people the user has blocked, latest first.
pub async fn list(scope: &mut Scope, query: ListQuery) -> Result<List<Block>> {
    let page = PageRequest::parse(&query)?;
    let blocks = store::list(scope, &page).await?;
    Ok(page.answer(blocks, |block| (block.created_at, block.user_id.0)))
}

/// Everybody the user has blocked.
pub async fn all(scope: &mut Scope) -> Result<Vec<Block>> {
    all_pages(scope, |scope, query| Box::pin(list(scope, query))).await
}

/// Blocks a person: from now on they find nobody at the user's address. What they share already, and teams in common, stay.
///
/// # Errors
/// 409 when they are blocked already, or when the user has blocked 1,000 people.
pub async fn create(scope: &mut Scope, person: UserId) -> Result<Block> {
    if person == scope.user_id() {
        return Err(Error::new(Code::Conflict, "That is your own account"));
    }
    if !people::exists(scope, person).await? {
        return Err(Error::not_found("Person").field("user_id", "no account uses it"));
    }
    if store::count(scope).await? >= MAX_BLOCKS {
        return Err(Error::new(Code::Conflict, t_with("You have blocked {n} people already", &[("n", &MAX_BLOCKS)]))
            .detail("Unblock someone first"));
    }
    let block = Block { user_id: person, name: people::visible_name(scope, person).await?, created_at: now() };
    if !store::insert(scope, &block).await? {
        return Err(Error::new(Code::Conflict, "You have blocked them already"));
    }
    let me = scope.user_id();
    scope.record("auth.person_blocked", Target::User(me));
    Ok(block)
}

/// Blocks a person, gives up what they share with the user, and leaves the teams they own.
pub async fn leave_and_block(scope: &mut Scope, person: UserId) -> Result<Block> {
    // Before the user leaves: their name is visible only as long as there is something in common.
    let block = create(scope, person).await?;
    let me = scope.user_id();
    for team in store::teams_owned_by(scope, person).await? {
        teams::service::leave(scope, team).await?;
    }
    for task in store::tasks_shared_by(scope, person).await? {
        shares::service::delete(scope, task, me).await?;
    }
    Ok(block)
}

/// Unblocks a person.
pub async fn delete(scope: &mut Scope, person: UserId) -> Result<()> {
    if !store::delete(scope, person).await? {
        return Err(Error::not_found("Block"));
    }
    let me = scope.user_id();
    scope.record("auth.person_unblocked", Target::User(me));
    Ok(())
}
