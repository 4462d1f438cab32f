//! Demo data: enough of everything that no number on the dashboard is zero.

use chrono::{DateTime, TimeDelta, Utc};
use rand::{Rng, SeedableRng, rngs::StdRng};
use sqlx::{query, query_scalar};

use super::system;
use tallyboard_core::auth::Auth;
use tallyboard_db::{Database, Scope, System, now, on_both};
use tallyboard_model::{
    auth::NewUser,
    error::{Code, Error, Result},
    id::{ConversationId, RowId, TaskId, TeamId, UserId},
};

/// The demo user's email; her colleague's is `grace@example.com`, with the same password.
pub const EMAIL: &str = "ada@example.com";
/// The demo password.
pub const PASSWORD: &str = "tally-my-tasks-2026";
const COLLEAGUE: &str = "grace@example.com";

const DAYS: i64 = 60;
const TASKS: usize = 240;
const VERBS: [&str; 12] =
    ["Review", "Draft", "Send", "Plan", "Fix", "Order", "Update", "Call about", "Book", "Test", "Clean up", "Publish"];
const THINGS: [&str; 16] = [
    "the quarterly report",
    "the garden fence",
    "invoices for October",
    "train tickets",
    "the onboarding guide",
    "the kitchen tap",
    "slides for Monday",
    "the backup plan",
    "a birthday present",
    "the release notes",
    "the insurance form",
    "the reading list",
    "the office plants",
    "the heating contract",
    "photos of the trip",
    "the landing page",
];

/// Fills an empty database; one that has users only with `force`.
pub async fn seed(db: &Database, auth: &Auth, force: bool) -> Result<()> {
    let users: i64 = system(db).read(|scope| {
            Box::pin(async move {
                Ok(on_both!(scope.connection(), conn => query_scalar("SELECT COUNT(*) FROM users").fetch_one(conn).await)?)
            })
        })
        .await?;
    if users > 0 && !force {
        return Err(Error::new(Code::Conflict, format!("The database has {users} users already"))
            .detail("`tallyboard seed --force` adds the demo data anyway"));
    }
    let ada = auth.create_demo_account(account("Ada Lovelace", EMAIL)).await?.id;
    let grace = auth.create_demo_account(account("Grace Hopper", COLLEAGUE)).await?.id;
    system(db).write(|scope| Box::pin(fill(scope, ada, grace))).await
}

fn account(name: &str, email: &str) -> NewUser {
    let (name, email, password) = (name.to_owned(), email.to_owned(), PASSWORD.to_owned());
    NewUser { name, email, password, time_zone: None, language: None, invitation: None }
}

async fn fill(scope: &mut Scope<System>, ada: UserId, grace: UserId) -> Result<()> {
    // The same seed every time: screenshots and tests can rely on it.
    let mut rng = StdRng::seed_from_u64(2026);
    let team = insert_team(scope, ada, grace).await?;
    for index in 0..TASKS {
        let age = TimeDelta::minutes(rng.random_range(0..DAYS * 24 * 60));
        // A handful today, so that today's numbers are not zero either.
        let age = if index < 6 { TimeDelta::minutes(5 * index as i64 + 1) } else { age };
        let done = if index < 6 { index % 2 == 0 } else { rng.random_bool(0.6) };
        let took = TimeDelta::minutes(rng.random_range(1..=(age.num_minutes().max(2) / 2)));
        let title =
            format!("{} {}", VERBS[rng.random_range(0..VERBS.len())], THINGS[rng.random_range(0..THINGS.len())]);
        let in_team = rng.random_bool(0.15).then_some(team);
        insert_task(scope, ada, in_team, &title, now() - age, done.then_some(took)).await?;
    }
    for index in 0..24_i64 {
        let title = format!("{} {}", VERBS[index as usize % VERBS.len()], THINGS[index as usize % THINGS.len()]);
        let created = now() - TimeDelta::hours(7 * index + 1);
        let done = (index % 3 == 0).then(|| TimeDelta::hours(1));
        let task = insert_task(scope, grace, (index % 4 == 0).then_some(team), &title, created, done).await?;
        if index % 2 == 0 {
            insert_share(scope, task, grace, ada, if index % 4 == 0 { "edit" } else { "view" }, created).await?;
        }
    }
    insert_conversation(scope, ada).await
}

async fn insert_team(scope: &mut Scope<System>, ada: UserId, grace: UserId) -> Result<TeamId> {
    let (team, time) = (TeamId::new(), now() - TimeDelta::days(DAYS));
    on_both!(scope.connection(), conn => query(
        "INSERT INTO teams (id, name, owner_id, members_edit, created_at, updated_at) VALUES ($1, $2, $3, 'all', $4, $4)")
        .bind(team).bind("Household").bind(ada).bind(time).execute(conn).await.map(drop))?;
    for (user, role) in [(ada, "owner"), (grace, "member")] {
        on_both!(scope.connection(), conn => query(
            "INSERT INTO team_members (id, team_id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(RowId::new()).bind(team).bind(user).bind(role).bind(time).execute(conn).await.map(drop))?;
    }
    Ok(team)
}

async fn insert_task(
    scope: &mut Scope<System>,
    owner: UserId,
    team: Option<TeamId>,
    title: &str,
    created: DateTime<Utc>,
    took: Option<TimeDelta>,
) -> Result<TaskId> {
    let id = TaskId::at(created);
    let completed = took.map(|took| (created + took).min(now()));
    let due = (created + TimeDelta::days(7)).date_naive().and_hms_opt(23, 59, 59).map(|end| end.and_utc());
    on_both!(scope.connection(), conn => query(
        "INSERT INTO tasks (id, user_id, team_id, title, status, due_at, completed_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(id).bind(owner).bind(team).bind(title).bind(if completed.is_some() { "completed" } else { "pending" })
        .bind(due).bind(completed).bind(created).bind(completed.unwrap_or(created))
        .execute(conn).await.map(drop))?;
    Ok(id)
}

async fn insert_share(
    scope: &mut Scope<System>,
    task: TaskId,
    by: UserId,
    with: UserId,
    permission: &str,
    time: DateTime<Utc>,
) -> Result<()> {
    on_both!(scope.connection(), conn => query(
        "INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, permission, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(RowId::new()).bind(task).bind(with).bind(by).bind(permission).bind(time)
        .execute(conn).await.map(drop))?;
    Ok(())
}

async fn insert_conversation(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    let (conversation, time) = (ConversationId::new(), now() - TimeDelta::hours(3));
    on_both!(scope.connection(), conn => query(
        "INSERT INTO conversations (id, user_id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(conversation).bind(user).bind("What is due this week?").bind(time).execute(conn).await.map(drop))?;
    let lines = [("user", "What is due this week?"), ("assistant", "Three tasks: the report, the tickets, the fence.")];
    for (offset, (role, content)) in lines.into_iter().enumerate() {
        on_both!(scope.connection(), conn => query(
            "INSERT INTO messages (id, conversation_id, user_id, role, content, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(RowId::new()).bind(conversation).bind(user).bind(role).bind(content)
            .bind(time + TimeDelta::seconds(offset as i64)).execute(conn).await.map(drop))?;
    }
    Ok(())
}
