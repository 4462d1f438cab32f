//! Writes what a user has, page by page: a million tasks take no more memory than a hundred.

use std::collections::HashMap;

use axum::body::Bytes;
use chrono_tz::Tz;
use serde::Serialize;
use tokio::sync::mpsc::Sender;
use utoipa::ToSchema;

use super::formats::{CALENDAR_HEAD, CALENDAR_TAIL, VERSION, calendar_entry, table_head, table_rows};
use crate::{
    app::AppState,
    auth::AuthenticatedUser,
    chat, notifications, shares,
    statistics::goals::{self, Goals},
    tasks::{
        filters::{self, SavedFilter},
        service,
    },
    teams,
};
use tallyboard_db::now;
use tallyboard_model::{
    calendar::Calendar,
    chat::{Conversation, Message},
    error::{Error, Result},
    id::{ConversationId, TaskId},
    list::{List, ListQuery, all_pages},
    notifications::Choice,
    shares::Share,
    tasks::{Sort, Task, TaskFilter, TaskStatus},
    teams::Team,
};

const PAGE: u32 = 100;

/// The JSON of an export.
#[derive(Serialize, ToSchema)]
pub struct Export {
    /// `tallyboard`.
    pub format: &'static str,
    /// 1.
    pub version: u32,
    /// When the export began. Changes made during it may or may not be in it.
    pub exported_at: chrono::DateTime<chrono::Utc>,
    /// The user's goals.
    pub goals: Goals,
    /// The lists of tasks that the user has saved, by name.
    pub saved_lists: Vec<SavedFilter>,
    /// The user's notification settings.
    pub notifications: Vec<Choice>,
    /// The teams of the user.
    pub teams: Vec<Team>,
    /// The tasks that the user owns, newest first.
    pub tasks: Vec<ExportedTask>,
    /// The deleted tasks that the user may restore, the latest first.
    pub trash: Vec<ExportedTask>,
    /// The conversations with their messages, newest first.
    pub conversations: Vec<ExportedConversation>,
}

/// A task with its shares.
#[derive(Serialize, ToSchema)]
pub struct ExportedTask {
    #[serde(flatten)]
    task: Task,
    /// The people it's shared with, in the order of sharing.
    shares: Vec<Share>,
}

/// A conversation with its messages.
#[derive(Serialize, ToSchema)]
pub struct ExportedConversation {
    #[serde(flatten)]
    conversation: Conversation,
    /// Newest first.
    messages: Vec<Message>,
}

/// Reads as a user and writes into the body of the answer.
pub struct Exporter {
    /// The server.
    pub app: AppState,
    /// The owner of the data.
    pub user: AuthenticatedUser,
    /// The other end is the body; it goes when the client has gone.
    pub body: Sender<Result<Bytes>>,
}

impl Exporter {
    async fn write(&self, bytes: impl Into<Bytes>) -> Result<()> {
        // When the client has gone, nobody reads the error: it ends the export.
        self.body.send(Ok(bytes.into())).await.map_err(|_| Error::unavailable())
    }

    async fn write_json(&self, value: &impl Serialize) -> Result<()> {
        self.write(serde_json::to_vec(value).map_err(Error::internal)?).await
    }

    /// The user's teams: read first, so that a database outage is reported before the answer begins.
    pub async fn teams(&self) -> Result<Vec<Team>> {
        let scopes = self.app.db.scope(&self.user);
        scopes
            .read(|scope| {
                Box::pin(all_pages(scope, |scope, query| {
                    Box::pin(async move { teams::service::list(scope, query).await })
                }))
            })
            .await
    }

    /// A page of the user's own tasks.
    async fn tasks(&self, filter: TaskFilter) -> Result<List<Task>> {
        let filter = TaskFilter { limit: Some(PAGE), ..filter };
        self.app.db.scope(&self.user).read(|scope| Box::pin(service::list(scope, Tz::UTC, filter.clone()))).await
    }

    async fn with_shares(&self, tasks: Vec<Task>) -> Result<Vec<ExportedTask>> {
        let ids: Vec<_> = tasks.iter().map(|task| task.id).collect();
        let scopes = self.app.db.scope(&self.user);
        let read = scopes.read(|scope| {
            let ids = ids.clone();
            Box::pin(async move { shares::service::list_of_owned_tasks(scope, &ids).await })
        });
        let mut by_task = HashMap::<TaskId, Vec<Share>>::new();
        for share in read.await? {
            by_task.entry(share.task_id).or_default().push(share);
        }
        let with_shares = |task: Task| ExportedTask { shares: by_task.remove(&task.id).unwrap_or_default(), task };
        Ok(tasks.into_iter().map(with_shares).collect())
    }

    /// Everything, as JSON.
    pub async fn json(&self, teams: Vec<Team>) -> Result<()> {
        let scopes = self.app.db.scope(&self.user);
        let read = scopes.read(|scope| {
            Box::pin(async move {
                let goals = goals::service::goals(scope).await?;
                let notifications = notifications::service::choices(scope).await?;
                Ok((goals, filters::service::by_name(scope).await?, notifications))
            })
        });
        let (goals, saved_lists, notifications) = read.await?;
        let head = Export {
            format: "tallyboard",
            version: VERSION,
            exported_at: now(),
            goals,
            saved_lists,
            notifications,
            teams,
            tasks: Vec::new(),
            trash: Vec::new(),
            conversations: Vec::new(),
        };
        let head = serde_json::to_string(&head).map_err(Error::internal)?;
        // Everything after the teams is written page by page.
        let head = head.strip_suffix(r#"[],"trash":[],"conversations":[]}"#).unwrap_or(&head);
        self.write(head.to_owned()).await?;
        self.write("[").await?;
        self.all_tasks(TaskFilter::default()).await?;
        self.write(r#"],"trash":["#).await?;
        self.all_tasks(TaskFilter { trash: Some(true), ..TaskFilter::default() }).await?;
        self.write(r#"],"conversations":["#).await?;
        self.conversations().await?;
        self.write("]}").await
    }

    async fn all_tasks(&self, mut filter: TaskFilter) -> Result<()> {
        let mut joint = "";
        loop {
            let List { items, next_cursor } = self.tasks(filter.clone()).await?;
            for task in self.with_shares(items).await? {
                self.write(joint).await?;
                self.write_json(&task).await?;
                joint = ",\n";
            }
            if next_cursor.is_none() {
                return Ok(());
            }
            filter.cursor = next_cursor;
        }
    }

    async fn conversations(&self) -> Result<()> {
        let scopes = self.app.db.scope(&self.user);
        let mut query = ListQuery { limit: Some(PAGE), cursor: None };
        let mut joint = "";
        loop {
            let List { items, next_cursor } =
                scopes.read(|scope| Box::pin(chat::service::list(scope, query.clone()))).await?;
            for conversation in items {
                self.write(joint).await?;
                self.conversation(conversation).await?;
                joint = ",\n";
            }
            if next_cursor.is_none() {
                return Ok(());
            }
            query.cursor = next_cursor;
        }
    }

    async fn conversation(&self, conversation: Conversation) -> Result<()> {
        let id = conversation.id;
        let head = ExportedConversation { conversation, messages: Vec::new() };
        let head = serde_json::to_string(&head).map_err(Error::internal)?;
        self.write(head.strip_suffix("]}").unwrap_or(&head).to_owned()).await?;
        self.messages(id).await?;
        self.write("]}").await
    }

    async fn messages(&self, conversation: ConversationId) -> Result<()> {
        let scopes = self.app.db.scope(&self.user);
        let mut query = ListQuery { limit: Some(PAGE), cursor: None };
        let mut joint = "";
        loop {
            let read = scopes.read(|scope| Box::pin(chat::service::messages(scope, conversation, query.clone()))).await;
            let List { items, next_cursor } = match read {
                // It has been deleted in the meantime.
                Err(error) if error.code == tallyboard_model::error::Code::NotFound => return Ok(()),
                read => read?,
            };
            for message in &items {
                self.write(joint).await?;
                self.write_json(message).await?;
                joint = ",";
            }
            if next_cursor.is_none() {
                return Ok(());
            }
            query.cursor = next_cursor;
        }
    }

    /// The tasks as a table.
    pub async fn csv(&self) -> Result<()> {
        self.write(table_head()?).await?;
        let mut filter = TaskFilter::default();
        loop {
            let List { items, next_cursor } = self.tasks(filter.clone()).await?;
            self.write(table_rows(&items)?).await?;
            if next_cursor.is_none() {
                return Ok(());
            }
            filter.cursor = next_cursor;
        }
    }

    /// The days on which pending tasks are due, as a calendar.
    pub async fn calendar(&self) -> Result<()> {
        self.write(CALENDAR_HEAD).await?;
        let calendar = Calendar::at(now(), self.user.time_zone());
        let pending = Some(TaskStatus::Pending);
        let mut filter = TaskFilter { status: pending, sort: Some(Sort::Due), ..TaskFilter::default() };
        loop {
            let List { items, next_cursor } = self.tasks(filter.clone()).await?;
            for task in &items {
                // Tasks without a day are at the end.
                let Some(entry) = calendar_entry(task, &calendar) else { return self.write(CALENDAR_TAIL).await };
                self.write(entry).await?;
            }
            if next_cursor.is_none() {
                return self.write(CALENDAR_TAIL).await;
            }
            filter.cursor = next_cursor;
        }
    }
}
