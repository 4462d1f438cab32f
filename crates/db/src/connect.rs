//! The two databases behind one type, and how their pools are set up.

use std::{
    path::PathBuf,
    str::FromStr,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Executor, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Changes, DatabaseLock,
    last_use::LastUse,
    listen_connection::ListenConnection,
    notifier::Notifier,
    pooler,
    role::{self, AppRole},
    sqlite_pool::SqliteConnections,
    sqlite_writer::SqliteWriter,
};
use tallyboard_base::config::DatabaseConfig;

/// How long SQLite waits for another process's lock.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many rows a SQLite connection reads ahead: a list of 100, the 366 days of a trend.
const ROW_BUFFER: usize = 512;
/// A connection that was idle for longer is pinged before it is used.
const PING_AFTER_IDLE: Duration = Duration::from_secs(30);
/// Older versions can corrupt a WAL that two connections write to.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

type CommitListener = Box<dyn Fn(Changes) + Send + Sync>;

/// A database and the pools that lead to it. Cheap to clone.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    pools: Pools,
    instance: uuid::Uuid,
    listen_connection: ListenConnection,
    on_commit: OnceLock<CommitListener>,
    keeps_awake: bool,
    last_use: LastUse,
}

/// The connection pools, private to `db`.
pub(super) enum Pools {
    /// One writer, because SQLite has one at a time, and read-only readers.
    Sqlite {
        /// The connection that writes.
        writer: SqliteWriter,
        /// The connections that read.
        reader: SqliteConnections,
        /// The file.
        path: PathBuf,
        /// Keeps a restore away.
        _lock: Option<DatabaseLock>,
    },
    /// PostgreSQL 15 or later.
    Postgres {
        /// The connections that serve requests, perhaps through a transaction pooler.
        pool: PgPool,
        /// Straight to the server: migrations, LISTEN and backups.
        direct: Box<PgConnectOptions>,
        /// The role that users' transactions run as. Migrating may change it.
        app_role: RwLock<Arc<AppRole>>,
        /// Tells the other instances what is committed.
        notifier: Arc<Notifier>,
    },
}

impl Database {
    /// Opens the database that `config.url` names; a SQLite file is made when it is missing.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, sqlx::Error> {
        let pools = if config.is_sqlite() { connect_sqlite(config).await? } else { connect_postgres(config).await? };
        Ok(Self(Arc::new(Inner {
            pools,
            instance: uuid::Uuid::now_v7(),
            listen_connection: ListenConnection::default(),
            on_commit: OnceLock::new(),
            keeps_awake: config.keep_awake || config.is_sqlite(),
            last_use: LastUse::default(),
        })))
    }

    /// Sets the listener that is called with the changes of every commit, before the write is answered.
    pub fn on_commit(&self, listener: impl Fn(Changes) + Send + Sync + 'static) {
        let _ = self.0.on_commit.set(Box::new(listener));
    }

    pub(super) fn pools(&self) -> &Pools {
        &self.0.pools
    }

    pub(super) fn listen_connection(&self) -> &ListenConnection {
        &self.0.listen_connection
    }

    pub(super) fn keeps_awake(&self) -> bool {
        self.0.keeps_awake
    }

    pub(super) fn last_use(&self) -> &LastUse {
        &self.0.last_use
    }

    /// The role that users' transactions run as; `None` on SQLite.
    pub fn app_role(&self) -> Option<Arc<AppRole>> {
        let Pools::Postgres { app_role, .. } = &self.0.pools else { return None };
        Some(app_role.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    pub(super) fn set_app_role(&self, role: AppRole) {
        if let Pools::Postgres { app_role, .. } = &self.0.pools {
            *app_role.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(role);
        }
    }

    pub(super) fn publish_commit(&self, changes: Changes) {
        if let Some(listener) = self.0.on_commit.get()
            && !changes.is_empty()
        {
            listener(changes);
        }
    }

    /// Identifies this process among those that share the database.
    pub fn instance(&self) -> uuid::Uuid {
        self.0.instance
    }

    /// How many connections are open, and how many of them are idle.
    pub fn connections(&self) -> (u32, u32) {
        match &self.0.pools {
            Pools::Sqlite { writer, reader, .. } => {
                let (writer, reader) = (writer.connections(), reader.connections());
                (writer.0 + reader.0, writer.1 + reader.1)
            }
            Pools::Postgres { pool, .. } => (pool.size(), u32::try_from(pool.num_idle()).unwrap_or(u32::MAX)),
        }
    }

    /// Closes every connection, in order.
    pub async fn close(&self) {
        match &self.0.pools {
            Pools::Sqlite { writer, reader, .. } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres { pool, .. } => pool.close().await,
        }
    }
}

async fn connect_sqlite(config: &DatabaseConfig) -> Result<Pools, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(&config.url)?
        // First, because every later pragma may meet a lock.
        .busy_timeout(BUSY_TIMEOUT)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Measured: NORMAL lost up to 455 acknowledged commits in power-loss runs, FULL none.
        .synchronous(SqliteSynchronous::Full)
        .pragma("mmap_size", "0")
        // The connection's thread waits once a row when more rows than this have not been fetched.
        .row_buffer_size(ROW_BUFFER)
        .disable_statement_logging();
    let path = options.get_filename().to_path_buf();
    let lock = DatabaseLock::shared(&path).map_err(sqlx::Error::Io)?;

    // The writer is opened first: it creates the file and its WAL, which read-only connections cannot.
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(config.acquire_timeout())
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // What a savepoint may have to undo goes to memory: in a temporary file it was 31 of 40 system calls of a create.
        .connect_with(options.clone().pragma("temp_store", "memory"))
        .await?;
    check_sqlite_version(&writer).await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(config.max_readers)
        .acquire_timeout(config.acquire_timeout())
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options.read_only(true).pragma("query_only", "1"))
        .await?;
    let connections = |pool| SqliteConnections::new(pool, config.acquire_timeout());
    let writer = SqliteWriter::new(connections(writer), config.acquire_timeout());
    Ok(Pools::Sqlite { writer, reader: connections(reader), path, _lock: lock })
}

async fn check_sqlite_version(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(pool).await?;
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(sqlx::Error::Configuration(
            format!("SQLite {version} is too old, 3.51.3 or later is needed").into(),
        ));
    }
    Ok(())
}

async fn connect_postgres(config: &DatabaseConfig) -> Result<Pools, sqlx::Error> {
    let options = pooler::options(&config.url)?;
    let direct = match &config.direct_url {
        Some(url) => pooler::options(url)?.application_name("tallyboard-direct"),
        None => options.clone(),
    };
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(config.acquire_timeout())
        .idle_timeout(Duration::from_secs(240))
        // A ping before every use is a round trip a query; after a long rest it pays.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > PING_AFTER_IDLE {
                    connection.execute("SELECT 1").await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await?;
    pooler::check_prepared_statements(&pool).await?;
    let mut connection = pool.acquire().await?;
    let role = match role::current(&mut connection).await? {
        Some(role) => role,
        // There are no tables yet; migrating makes the role.
        None => AppRole::Own(role::role_name(&role::DatabaseInfo::of(&mut connection).await?.database)),
    };
    Ok(Pools::Postgres {
        notifier: Notifier::new(pool.clone()),
        pool,
        direct: Box::new(direct),
        app_role: RwLock::new(Arc::new(role)),
    })
}
