#![allow(clippy::unwrap_used, clippy::panic)]

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use sqlx::{AssertSqlSafe, Executor};

use super::counters::{self, Differences};
use tallyboard_db::{Connection, Database, Migration, Scope, System, isolation_test, now};
use tallyboard_model::{
    error::Result,
    id::{RowId, TaskId, TeamId, UserId},
};

/// Random changes of everything that the dashboard counts.
struct Changes {
    random: StdRng,
    users: Vec<UserId>,
    teams: Vec<TeamId>,
    tasks: Vec<TaskId>,
}

impl Changes {
    fn time(&mut self) -> String {
        (now() - chrono::TimeDelta::minutes(self.random.random_range(0..400 * 24 * 60))).to_rfc3339()
    }

    fn user(&mut self) -> UserId {
        *self.users.choose(&mut self.random).unwrap()
    }

    fn new_user(&mut self) -> String {
        let id = UserId::new();
        self.users.push(id);
        let time = self.time();
        format!(
            "INSERT INTO users (id, email, name, password_hash, created_at, updated_at) VALUES ('{id}', '{id}@example.org', 'U', 'x', '{time}', '{time}')"
        )
    }

    fn new_team(&mut self) -> String {
        let (id, owner, time) = (TeamId::new(), self.user(), self.time());
        self.teams.push(id);
        format!(
            "INSERT INTO teams (id, name, owner_id, created_at, updated_at) VALUES ('{id}', 'T', '{owner}', '{time}', '{time}')"
        )
    }

    /// A team's id as SQL, or NULL. A deleted user's teams are gone, so that the id may name none.
    fn team(&mut self) -> String {
        let team = self.teams.choose(&mut self.random).filter(|_| self.random.random_bool(0.7));
        team.map_or("NULL".to_owned(), |team| format!("(SELECT id FROM teams WHERE id = '{team}')"))
    }

    fn new_task(&mut self) -> String {
        let (id, owner, team, created) = (TaskId::new(), self.user(), self.team(), self.time());
        self.tasks.push(id);
        let completed = if self.random.random_bool(0.3) { format!("'{}'", self.time()) } else { "NULL".to_owned() };
        let status = if completed == "NULL" { "pending" } else { "completed" };
        format!(
            "INSERT INTO tasks (id, user_id, team_id, title, status, completed_at, created_at, updated_at)
             VALUES ('{id}', '{owner}', {team}, 'Title', '{status}', {completed}, '{created}', '{created}')"
        )
    }

    fn next(&mut self) -> String {
        let kind = self.random.random_range(0..1000);
        if self.tasks.is_empty() || kind < 400 {
            return self.new_task();
        }
        let task = *self.tasks.choose(&mut self.random).unwrap();
        let (user, team, time) = (self.user(), self.team(), self.time());
        let permission = if self.random.random_bool(0.5) { "view" } else { "edit" };
        match kind {
            ..550 => format!("UPDATE tasks SET status = 'completed', completed_at = '{time}' WHERE id = '{task}'"),
            550..620 => format!("UPDATE tasks SET status = 'pending', completed_at = NULL WHERE id = '{task}'"),
            620..680 => format!("UPDATE tasks SET team_id = {team} WHERE id = '{task}'"),
            680..700 => format!("UPDATE tasks SET user_id = '{user}' WHERE team_id = {team} AND id < '{task}'"),
            700..820 => format!(
                "INSERT INTO task_shares (id, task_id, shared_with_user_id, shared_by_user_id, permission, created_at)
                 SELECT '{}', id, '{user}', user_id, '{permission}', '{time}' FROM tasks
                 WHERE id = '{task}' AND user_id <> '{user}' ON CONFLICT DO NOTHING",
                RowId::new()
            ),
            820..850 => format!("UPDATE task_shares SET permission = '{permission}' WHERE task_id = '{task}'"),
            850..890 => format!("DELETE FROM task_shares WHERE shared_with_user_id = '{user}' AND task_id = '{task}'"),
            890..990 => format!("DELETE FROM tasks WHERE id = '{task}'"),
            990..994 => self.new_team(),
            994..996 => format!("DELETE FROM teams WHERE id = {team}"),
            996..998 if self.users.len() > 3 => {
                self.users.retain(|other| *other != user);
                format!("DELETE FROM users WHERE id = '{user}'")
            }
            _ => self.new_user(),
        }
    }
}

async fn execute(scope: &mut Scope<System>, sql: String) -> Result<()> {
    let sql = AssertSqlSafe(sql);
    match scope.connection() {
        Connection::Sqlite(conn) => conn.execute(sql).await.map(drop)?,
        Connection::Postgres(conn) => conn.execute(sql).await.map(drop)?,
    }
    Ok(())
}

/// 10,000 random changes, a hundred in each transaction; every tenth transaction is rolled back.
async fn numbers_stay_right(db: Database) {
    db.migrate(Migration::Up).await.unwrap();
    let mut changes = Changes { random: StdRng::seed_from_u64(5), users: vec![], teams: vec![], tasks: vec![] };
    let mut first: Vec<_> = (0..5).map(|_| changes.new_user()).collect();
    first.push(changes.new_team());
    let first = first.join(";");
    #[expect(clippy::disallowed_methods, reason = "the test changes everybody's rows")]
    let scopes = db.system_scopes();
    scopes.write(|scope| Box::pin(execute(scope, first.clone()))).await.unwrap();
    for round in 0..100 {
        let before = (changes.users.clone(), changes.teams.clone(), changes.tasks.clone());
        let statements: Vec<_> = (0..100).map(|_| changes.next()).collect();
        let statements = statements.join(";\n");
        let is_rolled_back = round % 10 == 9;
        let done = scopes
            .write(|scope| {
                let statements = statements.clone();
                Box::pin(async move {
                    execute(scope, statements).await?;
                    if is_rolled_back { Err(tallyboard_model::error::Error::not_found("Nothing")) } else { Ok(()) }
                })
            })
            .await;
        if is_rolled_back {
            (changes.users, changes.teams, changes.tasks) = before;
        } else {
            done.unwrap_or_else(|error| panic!("round {round}: {error:?}"));
        }
        if round % 5 == 0 {
            let found = scopes.read(|scope| Box::pin(counters::differences(scope))).await.unwrap();
            assert_eq!(found, Differences::default(), "round {round}");
        }
    }
    let counted = scopes.read(|scope| Box::pin(counters::differences(scope))).await.unwrap();
    assert_eq!(counted, Differences::default());

    // The comparison finds what is wrong, and rebuilding mends it.
    let wrong = "UPDATE user_counters SET pending = pending + 1; DELETE FROM team_counters; DELETE FROM user_days";
    scopes.write(|scope| Box::pin(execute(scope, wrong.to_owned()))).await.unwrap();
    let found = scopes.read(|scope| Box::pin(counters::differences(scope))).await.unwrap();
    assert!(found.users > 0 && found.teams > 0 && found.quarters > 0, "{found:?}");
    scopes.write(|scope| Box::pin(counters::rebuild(scope))).await.unwrap();
    let found = scopes.read(|scope| Box::pin(counters::differences(scope))).await.unwrap();
    assert_eq!(found, Differences::default());
}

#[tokio::test]
async fn on_sqlite_the_numbers_stay_right_through_10_000_changes() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    numbers_stay_right(isolation_test::database(&url).await).await;
}

#[tokio::test]
async fn on_postgres_the_numbers_stay_right_through_10_000_changes() {
    numbers_stay_right(isolation_test::database(&isolation_test::postgres_url().await).await).await;
}
