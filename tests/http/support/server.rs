use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use super::Client;

/// Which database a server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The key that the tests' servers sign with, so that tests can forge.
pub const SIGNING_KEY: &str = "a key for tests, long enough to be one";

/// A running server with a fresh database; both go when it is dropped.
pub struct Server {
    pub kind: Kind,
    pub base: String,
    pub url: String,
    pub folder: TempDir,
    process: Child,
}

/// The program under test, in a folder without settings, with nothing of ours in its environment.
pub fn binary(folder: &TempDir) -> Command {
    command(Path::new(env!("CARGO_BIN_EXE_tallyboard")), folder)
}

fn command(program: &Path, folder: &TempDir) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder.path()).env_remove("DATABASE_URL").env("TALLYBOARD_LOG_LEVEL", "error");
    // Every test is one address with many accounts; tests/http/limits.rs turns the limits on.
    command.env("TALLYBOARD_LIMITS_ENABLED", "false");
    command
}

/// An empty database of this kind.
pub async fn database_url(kind: Kind, folder: &TempDir) -> String {
    match kind {
        Kind::Sqlite => format!("sqlite://{}", folder.path().join("test.db").display()),
        Kind::Postgres => postgres_database("template0").await,
    }
}

async fn postgres_database(template: &str) -> String {
    static CREATING: Mutex<()> = Mutex::const_new(());
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let admin = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL: run the tests with `make test-rust`");
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    // PostgreSQL copies a template for one database at a time.
    let _one_at_a_time = CREATING.lock().await;
    let mut connection = PgConnection::connect(&admin).await.unwrap();
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"))).await.unwrap();
    connection.close().await.unwrap();
    let (server, _) = admin.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// Migrated once, copied for every test.
async fn migrated_postgres() -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let folder = TempDir::new().unwrap();
            let url = postgres_database("template0").await;
            let done = binary(&folder).args(["migrate", "up"]).env("DATABASE_URL", &url).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            url.rsplit_once('/').unwrap().1.to_owned()
        })
        .await;
    postgres_database(template).await
}

/// Runs SQL on a database, as the tables' owner.
pub async fn sql(url: &str, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        connection.execute("PRAGMA busy_timeout = 5000").await.unwrap();
        connection.execute(statements).await.unwrap();
        connection.close().await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        connection.execute("SET app.system = 'on'").await.unwrap();
        connection.execute(statements).await.unwrap();
    }
}

/// The role that users' transactions run as in a PostgreSQL database; `None` before its first migration.
pub async fn app_role(url: &str) -> Option<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = "SELECT roles[1]::text FROM pg_policies WHERE tablename = 'users' AND policyname = 'own'";
    let role = sqlx::query_scalar(sql).fetch_optional(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    role
}

/// A number that a database answers.
pub async fn scalar(url: &str, query: &str) -> i64 {
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        return sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.unwrap();
    }
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute("SET app.system = 'on'").await.unwrap();
    let number = sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    number
}

impl Server {
    /// Starts a server on a free port, with these environment variables.
    pub async fn start(kind: Kind, variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let url = match kind {
            Kind::Sqlite => database_url(kind, &folder).await,
            Kind::Postgres => migrated_postgres().await,
        };
        Self::start_on(kind, folder, url, variables)
    }

    /// Starts a server on an existing database.
    pub fn start_on(kind: Kind, folder: TempDir, url: String, variables: &[(&str, &str)]) -> Self {
        Self::start_with_log(folder, kind, url, variables, Stdio::inherit())
    }

    /// Starts this program instead of the one that cargo built.
    pub async fn start_program(program: &Path, kind: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        let url = database_url(kind, &folder).await;
        Self::spawn(command(program, &folder), folder, kind, url, &[], Stdio::inherit())
    }

    /// Starts this file with variables, on SQLite.
    pub async fn start_program_with(program: &Path, variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let url = database_url(Kind::Sqlite, &folder).await;
        Self::spawn(command(program, &folder), folder, Kind::Sqlite, url, variables, Stdio::inherit())
    }

    /// Starts a server that logs to `log`.
    pub fn start_with_log(folder: TempDir, kind: Kind, url: String, variables: &[(&str, &str)], log: Stdio) -> Self {
        Self::spawn(binary(&folder), folder, kind, url, variables, log)
    }

    fn spawn(
        mut program: Command,
        folder: TempDir,
        kind: Kind,
        url: String,
        variables: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let mut process = program
            .env("DATABASE_URL", &url)
            .env("TALLYBOARD_SERVER_ADDRESS", "127.0.0.1:0")
            .env("TALLYBOARD_AUTH_SIGNING_KEY", SIGNING_KEY)
            .env("TALLYBOARD_DATABASE_MAX_CONNECTIONS", "4")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = line.split_whitespace().last().expect("the server says where it is").to_owned();
        Self { kind, base, url, folder, process }
    }

    /// From now on the addresses of new accounts count as confirmed, as if everybody had followed the link in their mail.
    pub async fn confirm_new_addresses(&self) {
        let statements = match self.kind {
            Kind::Sqlite => {
                "CREATE TRIGGER confirmed AFTER INSERT ON users BEGIN
                     UPDATE users SET email_verified_at = NEW.created_at WHERE id = NEW.id; END"
            }
            Kind::Postgres => {
                "CREATE FUNCTION test_confirmed() RETURNS trigger LANGUAGE plpgsql
                     AS $$ BEGIN NEW.email_verified_at = NEW.created_at; RETURN NEW; END $$;
                 CREATE TRIGGER confirmed BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION test_confirmed()"
            }
        };
        self.sql(statements.to_owned()).await;
    }

    /// A client without a token.
    pub fn anybody(&self) -> Client {
        Client::new(&self.base)
    }

    /// A client of a new account.
    pub async fn user(&self, name: &str) -> Client {
        self.user_in(name, "UTC").await
    }

    /// A client of a new account with a time zone.
    pub async fn user_in(&self, name: &str, time_zone: &str) -> Client {
        let mut client = self.anybody();
        client.sign_up(name, time_zone).await;
        client
    }

    /// Runs SQL past the server, as the tables' owner: what the API cannot do, or what another instance does.
    pub async fn sql(&self, statements: String) {
        sql(&self.url, &statements).await;
    }

    /// Stops the server and leaves its database: the folder and the URL.
    pub fn stop(mut self) -> (TempDir, String) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let folder = std::mem::replace(&mut self.folder, TempDir::new().unwrap());
        (folder, self.url.clone())
    }

    /// Creates a team with these members; its id.
    pub async fn team(&self, owner: &Client, others: &[(&Client, &str)]) -> String {
        let team = owner.post("/api/teams", json!({ "name": "Team" })).await.expect(201);
        let id = team["id"].as_str().unwrap().to_owned();
        for (member, role) in others {
            let new = json!({ "user_id": member.id, "role": role });
            owner.post(&format!("/api/teams/{id}/members"), new).await.expect(201);
        }
        id
    }

    /// Shares a task.
    pub async fn share(&self, task: &str, by: &Client, with: &Client, permission: &str) {
        let new = json!({ "email": with.email, "permission": permission });
        by.post(&format!("/api/tasks/{task}/shares"), new).await.expect(201);
    }

    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn wait(&mut self) -> std::process::ExitStatus {
        self.process.wait().unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
