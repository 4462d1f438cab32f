//! How many durable INSERTs a second SQLite does by itself, one to a transaction: what `make bench` compares writes with.
//!
//!     one_insert FILE SECONDS

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::{
    str::FromStr,
    time::{Duration, Instant},
};

use sqlx::{
    Connection, Executor, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (file, seconds) = (arguments.next().unwrap(), arguments.next().unwrap());
    let limit = Duration::from_secs(seconds.parse().unwrap());
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{file}"))
        .unwrap()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, title TEXT NOT NULL)").await.unwrap();
    let started = Instant::now();
    let mut done = 0_u32;
    while started.elapsed() < limit {
        sqlx::query("INSERT INTO item (title) VALUES ($1)").bind("Buy milk").execute(&mut connection).await.unwrap();
        done += 1;
    }
    println!("{:.0}", f64::from(done) / started.elapsed().as_secs_f64());
}
