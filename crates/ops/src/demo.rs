//! Demo data: a household, a project and two people, with enough of everything that no number on the dashboard is zero.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use sqlx::{query, query_scalar};

use self::tasks::{ADAS, DemoTask, GRACES, Place, When};
use super::system;
use tallyboard_core::auth::Auth;
use tallyboard_db::{Database, Scope, System, now, on_both};
use tallyboard_model::{
    auth::NewUser,
    calendar::Calendar,
    error::{Code, Error, Result},
    id::{ConversationId, FilterId, RowId, TaskId, TeamId, UserId},
};

mod tasks;

/// The demo user's email; her colleague's is `grace@example.com`, with the same password.
pub const EMAIL: &str = "ada@example.com";
/// The demo password.
pub const PASSWORD: &str = "tally-my-tasks-2026";
const COLLEAGUE: &str = "grace@example.com";
/// When the teams were created, in days before today.
const TEAM_AGE: i64 = 60;

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

/// The teams of the demo.
struct Teams {
    household: TeamId,
    website: TeamId,
}

impl Teams {
    fn of(&self, place: Place) -> Option<TeamId> {
        match place {
            Place::Private => None,
            Place::Household => Some(self.household),
            Place::Website => Some(self.website),
        }
    }
}

async fn fill(scope: &mut Scope<System>, ada: UserId, grace: UserId) -> Result<()> {
    let household = insert_team(scope, "Household", ada, grace).await?;
    let website = insert_team(scope, "Website relaunch", ada, grace).await?;
    let teams = Teams { household, website };
    for (index, task) in ADAS.iter().enumerate() {
        insert_task(scope, ada, &teams, task, index as i64).await?;
    }
    for (index, (task, shared)) in GRACES.iter().enumerate() {
        let (id, created) = insert_task(scope, grace, &teams, task, index as i64).await?;
        if let Some(permission) = shared {
            insert_share(scope, id, grace, ada, permission, created + TimeDelta::minutes(1)).await?;
        }
    }
    insert_goal_and_lists(scope, ada).await?;
    insert_conversation(scope, ada).await
}

async fn insert_team(scope: &mut Scope<System>, name: &str, ada: UserId, grace: UserId) -> Result<TeamId> {
    let (team, time) = (TeamId::new(), now() - TimeDelta::days(TEAM_AGE));
    on_both!(scope.connection(), conn => query(
        "INSERT INTO teams (id, name, owner_id, members_edit, created_at, updated_at) VALUES ($1, $2, $3, 'all', $4, $4)")
        .bind(team).bind(name).bind(ada).bind(time).execute(conn).await.map(drop))?;
    for (user, role) in [(ada, "owner"), (grace, "member")] {
        on_both!(scope.connection(), conn => query(
            "INSERT INTO team_members (id, team_id, user_id, role, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(RowId::new()).bind(team).bind(user).bind(role).bind(time).execute(conn).await.map(drop))?;
    }
    Ok(team)
}

/// Inserts a task; its id, and when it was created. `index` spreads the tasks over the hours of their days.
async fn insert_task(
    scope: &mut Scope<System>,
    owner: UserId,
    teams: &Teams,
    &(place, title, description, when): &DemoTask,
    index: i64,
) -> Result<(TaskId, DateTime<Utc>)> {
    let now = now();
    let calendar = Calendar::at(now, Tz::UTC);
    let (due, completed) = match when {
        When::Due(days) => (Some(calendar.end_of(calendar.today_date() + TimeDelta::days(days))), None),
        When::Someday => (None, None),
        When::Done(0) => (None, Some(now - TimeDelta::minutes(5 + index % 5))),
        When::Done(days) => (None, Some(workdays_before(now, days) - TimeDelta::minutes(37 * (index % 5)))),
    };
    // Something is new today, and nothing was written down after it was due or done.
    let is_new = matches!(when, When::Due(0));
    let age = if is_new { TimeDelta::minutes(20 + index) } else { TimeDelta::hours(30 + 7 * (index % 24)) };
    let before = completed.into_iter().chain(due).chain([now]).min().unwrap_or(now);
    let created = before - age;
    let id = TaskId::at(created);
    let team = teams.of(place);
    let description = Some(description).filter(|text| !text.is_empty());
    on_both!(scope.connection(), conn => query(
        "INSERT INTO tasks (id, user_id, team_id, title, description, status, due_at, completed_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(id).bind(owner).bind(team).bind(title).bind(description)
        .bind(if completed.is_some() { "completed" } else { "pending" })
        .bind(due).bind(completed).bind(created).bind(completed.unwrap_or(created))
        .execute(conn).await.map(drop))?;
    Ok((id, created))
}

/// The same time that many workdays earlier.
fn workdays_before(time: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let is_workday = |time: &DateTime<Utc>| !matches!(time.weekday(), Weekday::Sat | Weekday::Sun);
    let earlier = (1..).map(|days| time - TimeDelta::days(days)).filter(is_workday);
    earlier.take(days.try_into().unwrap_or_default()).last().unwrap_or(time)
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

async fn insert_goal_and_lists(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    on_both!(scope.connection(), conn => query("INSERT INTO user_goals (user_id, daily, weekly, days_off) VALUES ($1, 3, NULL, $2)")
        .bind(user).bind(SATURDAY | SUNDAY).execute(conn).await.map(drop))?;
    for (name, query_of_list) in
        [("This week", "status=pending&due=week"), ("Without a date", "status=pending&due=none")]
    {
        on_both!(scope.connection(), conn => query(
            "INSERT INTO saved_filters (id, user_id, name, query, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(FilterId::new()).bind(user).bind(name).bind(query_of_list).bind(now()).execute(conn).await.map(drop))?;
    }
    Ok(())
}

const SATURDAY: i64 = 1 << 5;
const SUNDAY: i64 = 1 << 6;

async fn insert_conversation(scope: &mut Scope<System>, user: UserId) -> Result<()> {
    let (conversation, time) = (ConversationId::new(), now() - TimeDelta::hours(3));
    on_both!(scope.connection(), conn => query(
        "INSERT INTO conversations (id, user_id, title, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)")
        .bind(conversation).bind(user).bind("A few commands").bind(time).execute(conn).await.map(drop))?;
    // What the commands did: both tasks are there.
    let lines = [
        ("user", "/add Buy stamps today @Household"),
        ("assistant", "Added “Buy stamps” to Household, due today."),
        ("user", "/done Fix the kitchen tap"),
        ("assistant", "Completed “Fix the kitchen tap”."),
        ("user", "/share Plan the farewell for Noor"),
        ("assistant", "Only its owner can share a task. “Plan the farewell for Noor” is Grace Hopper's."),
    ];
    for (offset, (role, content)) in lines.into_iter().enumerate() {
        on_both!(scope.connection(), conn => query(
            "INSERT INTO messages (id, conversation_id, user_id, role, content, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(RowId::new()).bind(conversation).bind(user).bind(role).bind(content)
            .bind(time + TimeDelta::seconds(offset as i64)).execute(conn).await.map(drop))?;
    }
    Ok(())
}
