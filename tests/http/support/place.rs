//! A database without a server, for commands.

use std::{
    process::{Command, Output},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    client::{Client, until},
    server::{Kind, Server, binary, database_url, scalar},
};

/// A database without a server, and a folder to run commands in.
pub struct Place {
    pub folder: TempDir,
    pub url: String,
}

impl Place {
    pub async fn new(kind: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        let url = database_url(kind, &folder).await;
        Self { folder, url }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary(&self.folder);
        command.args(arguments).env("DATABASE_URL", &self.url).env("TALLYBOARD_LOG_LEVEL", "off");
        command.env("TALLYBOARD_BACKUP_KEEP", "1000");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command prints; fails when it fails.
    #[track_caller]
    pub fn expect(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::String(line.to_owned()))).collect()
    }

    /// Why a command fails.
    #[track_caller]
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// Makes a backup; its path.
    #[track_caller]
    pub fn backup(&self) -> String {
        let path = self.expect(&["backup", "--json"])[0]["path"].as_str().unwrap().to_owned();
        self.folder.path().join(path).display().to_string()
    }

    /// Rows and checksum of every table: by a copy into another database.
    pub async fn contents(&self) -> Vec<Value> {
        let other = Self::new(Kind::Sqlite).await;
        self.expect(&["copy", "--from", &self.url, "--to", &other.url, "--json"])
    }

    pub fn backups(&self) -> Vec<Value> {
        self.expect(&["backup", "list", "--json"])
    }

    pub fn serve(self, kind: Kind) -> Server {
        Server::start_on(kind, self.folder, self.url, &[])
    }

    /// Takes the place of a server, which is stopped.
    pub async fn of(server: Server) -> Self {
        let (folder, url) = server.stop();
        let place = Self { folder, url };
        // PostgreSQL notices a little later that a client is gone.
        let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()";
        if place.url.starts_with("postgres") {
            until(Duration::from_secs(10), async || scalar(&place.url, count).await, |open| *open == 1).await;
        }
        place
    }
}

/// A server with a little of everything.
pub async fn filled(kind: Kind) -> (Server, Client) {
    let server = Server::start(kind, &[]).await;
    let (ada, grace) = (server.user("Ada").await, server.user("Grace").await);
    let team = server.team(&ada, &[(&grace, "member")]).await;
    let task = ada.task("Ünïcode, 'quotes' and \"more\"").await;
    ada.team_task("Of the team", &team).await;
    server.share(&task, &ada, &grace, "edit").await;
    ada.touch(&format!("/api/tasks/{task}/complete")).await.expect(200);
    ada.post_with("/api/tasks", json!({ "title": "Once" }), ("idempotency-key", "key")).await.expect(201);
    ada.personal(&["read", "write"]).await.task("By an assistant").await;
    let conversation = ada.post("/api/conversations", json!({ "title": "Talk" })).await.expect(201);
    let path = format!("/api/conversations/{}/messages", conversation["id"].as_str().unwrap());
    ada.post(&path, json!({ "role": "user", "content": "Hello" })).await.expect(201);
    (server, ada)
}
