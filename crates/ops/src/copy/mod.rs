//! `tallyboard copy`: moves everything from one database to another, between SQLite and PostgreSQL in either direction.
//!
//! All or nothing: the copy is one transaction of the target. Data kept by triggers (counters, search) isn't copied; the
//! target's own triggers make it.

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream::BoxStream};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Postgres, QueryBuilder, Row as _, Sqlite, postgres::PgRow, query, sqlite::SqliteRow};
use uuid::Uuid;

use super::{
    backup::Failure,
    own_connection,
    progress::{Progress, Unit},
};
use tables::{
    ColumnType::{self, Id, Number, Text, Time},
    TABLES,
};
use tallyboard_base::config::DatabaseConfig;
use tallyboard_db::{Database, Migration, OwnConnection, newest_schema, pooler};

mod tables;

/// How many rows one statement inserts.
const BATCH: usize = 500;

/// A value, whichever database it is from. Every one may be missing.
enum Value {
    Id(Option<Uuid>),
    Time(Option<DateTime<Utc>>),
    Number(Option<i64>),
    Text(Option<String>),
}

type Row = Vec<Value>;

/// A table that was copied.
#[derive(Debug, Serialize)]
pub struct CopiedTable {
    /// Its name.
    pub name: &'static str,
    /// Its rows.
    pub rows: u64,
    /// The checksum of all its rows, the same in both databases, in hexadecimal digits.
    pub checksum: String,
}

/// Copies everything from one database to another, which has no accounts yet.
///
/// # Errors
/// The target is unchanged except for its tables: they are made first.
pub async fn copy(
    from: &DatabaseConfig,
    to: &DatabaseConfig,
    progress: &Progress,
) -> Result<Vec<CopiedTable>, Failure> {
    if from.url == to.url {
        return Err("both are the same database".into());
    }
    // Before anything is made in the target.
    pooler::refuse_pooler(to).await.map_err(|error| format!("the target: {error}"))?;
    let mut source = own_connection(from).await?;
    let schema = source.schema().await?;
    if schema != newest_schema() {
        let newest = newest_schema();
        return Err(
            format!("the source has schema {schema}, not {newest}: run `tallyboard migrate up` on it first").into()
        );
    }
    // Holds the lock of a SQLite file, so that no restore comes in between.
    let target_database = Database::connect(to).await?;
    target_database.migrate(Migration::Up).await?;
    let mut target = own_connection(to).await?;
    source.execute("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    target.execute("BEGIN IMMEDIATE", "BEGIN").await?;
    let users = target.number("SELECT COUNT(*) FROM users").await?;
    if users > 0 {
        return Err(format!("the target has {users} accounts already: copy into a new database").into());
    }
    let mut copied = Vec::new();
    for (name, columns) in TABLES {
        copied.push(copy_table(&mut source, &mut target, name, columns, progress).await?);
    }
    target.execute("COMMIT", "COMMIT").await?;
    target_database.close().await;
    progress.finish();
    Ok(copied)
}

async fn copy_table(
    source: &mut OwnConnection,
    target: &mut OwnConnection,
    name: &'static str,
    columns: &'static [(&'static str, ColumnType)],
    progress: &Progress,
) -> Result<CopiedTable, Failure> {
    let rows = source.number(&format!("SELECT COUNT(*) FROM {name}")).await?;
    progress.step(&format!("Copying {name}"), u64::try_from(rows).unwrap_or_default(), Unit::Rows);
    let mut read = Checksum::default();
    let mut batches = stream(source, name, columns).chunks(BATCH);
    while let Some(batch) = batches.next().await {
        let batch = batch.into_iter().collect::<Result<Vec<Row>, sqlx::Error>>()?;
        batch.iter().for_each(|row| read.add(row));
        progress.add(batch.len() as u64);
        insert(target, name, columns, batch).await?;
    }
    drop(batches);
    let mut written = Checksum::default();
    let mut rows = stream(target, name, columns);
    while let Some(row) = rows.next().await {
        written.add(&row?);
    }
    if read != written {
        return Err(format!("the table {name} is not the same after the copy: {read:?} became {written:?}").into());
    }
    Ok(CopiedTable { name, rows: read.rows, checksum: format!("{:032x}", read.sum) })
}

fn stream<'c>(
    connection: &'c mut OwnConnection,
    table: &str,
    columns: &'static [(&'static str, ColumnType)],
) -> BoxStream<'c, Result<Row, sqlx::Error>> {
    let column = |(name, kind): &(&str, ColumnType)| match kind {
        Number => format!("CAST(\"{name}\" AS bigint) AS \"{name}\""),
        _ => format!("\"{name}\""),
    };
    let names: Vec<_> = columns.iter().map(column).collect();
    let sql = AssertSqlSafe(format!("SELECT {} FROM {table}", names.join(", ")));
    match connection {
        OwnConnection::Sqlite(connection) => {
            query(sql).fetch(connection).map(move |row| row.and_then(|row| from_sqlite(&row, columns))).boxed()
        }
        OwnConnection::Postgres(connection) => {
            query(sql).fetch(connection).map(move |row| row.and_then(|row| from_postgres(&row, columns))).boxed()
        }
    }
}

/// SQLite has ids and times as text.
fn from_sqlite(row: &SqliteRow, columns: &[(&str, ColumnType)]) -> Result<Row, sqlx::Error> {
    let value = |(name, kind): &(&str, ColumnType)| match kind {
        Number => row.try_get(*name).map(Value::Number),
        Text => row.try_get(*name).map(Value::Text),
        Time => row.try_get(*name).map(Value::Time),
        Id => {
            let text: Option<&str> = row.try_get(*name)?;
            let parsed = text.map(Uuid::parse_str).transpose();
            parsed.map(Value::Id).map_err(|error| sqlx::Error::Decode(error.into()))
        }
    };
    columns.iter().map(value).collect()
}

fn from_postgres(row: &PgRow, columns: &[(&str, ColumnType)]) -> Result<Row, sqlx::Error> {
    let value = |(name, kind): &(&str, ColumnType)| match kind {
        Number => row.try_get(*name).map(Value::Number),
        Text => row.try_get(*name).map(Value::Text),
        Time => row.try_get(*name).map(Value::Time),
        Id => row.try_get(*name).map(Value::Id),
    };
    columns.iter().map(value).collect()
}

async fn insert(
    target: &mut OwnConnection,
    table: &str,
    columns: &[(&str, ColumnType)],
    rows: Vec<Row>,
) -> Result<(), sqlx::Error> {
    let names: Vec<_> = columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let start = format!("INSERT INTO {table} ({}) ", names.join(", "));
    match target {
        OwnConnection::Sqlite(connection) => {
            let mut insert = QueryBuilder::<Sqlite>::new(start);
            insert.push_values(rows, |mut values, row| {
                for value in row {
                    match value {
                        Value::Id(value) => values.push_bind(value.map(|id| id.hyphenated().to_string())),
                        Value::Time(value) => values.push_bind(value),
                        Value::Number(value) => values.push_bind(value),
                        Value::Text(value) => values.push_bind(value),
                    };
                }
            });
            insert.build().execute(connection).await.map(drop)
        }
        OwnConnection::Postgres(connection) => {
            let mut insert = QueryBuilder::<Postgres>::new(start);
            insert.push_values(rows, |mut values, row| {
                for value in row {
                    match value {
                        Value::Id(value) => values.push_bind(value),
                        Value::Time(value) => values.push_bind(value),
                        Value::Number(value) => values.push_bind(value),
                        Value::Text(value) => values.push_bind(value),
                    };
                }
            });
            insert.build().execute(connection).await.map(drop)
        }
    }
}

/// A checksum of rows in any order: each database sorts differently.
#[derive(Debug, Default, PartialEq)]
struct Checksum {
    rows: u64,
    sum: u128,
}

impl Checksum {
    fn add(&mut self, row: &Row) {
        let mut hash = Sha256::new();
        for value in row {
            let text = match value {
                Value::Id(value) => value.map(|id| id.to_string()),
                Value::Time(value) => value.map(|time| time.timestamp_micros().to_string()),
                Value::Number(value) => value.map(|number| number.to_string()),
                Value::Text(value) => value.clone(),
            };
            // The length first, so that no two rows run together to the same bytes.
            match text {
                None => hash.update([0]),
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_le_bytes());
                    hash.update(text);
                }
            }
        }
        let digest = hash.finalize();
        let first: [u8; 16] = std::array::from_fn(|index| digest[index]);
        self.sum = self.sum.wrapping_add(u128::from_le_bytes(first));
        self.rows += 1;
    }
}
