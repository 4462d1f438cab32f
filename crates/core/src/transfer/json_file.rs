//! Reads the JSON of an export.

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::IgnoredAny};
use utoipa::ToSchema;

use super::{
    formats::VERSION,
    items::{CONVERSATIONS, IgnoredObjects, Items, MESSAGES, OTHERS, TASKS, counted},
    other_json,
    read::{Keys, ReadFile},
    settings::FileSettings,
};
use crate::{
    chat::imported::{ImportedConversation, ImportedMessage},
    statistics::goals::Goals,
    tasks::{filters::NewFilter, imported::ImportedTask},
};
use tallyboard_base::http::parse_json;
use tallyboard_model::{
    calendar::Calendar,
    chat::MessageRole,
    error::{Error, Result},
    id::{ConversationId, TaskId, TeamId},
    notifications::{Channel, Topic, WantedNotification},
    tasks::TaskStatus,
};

/// The JSON of an export.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportFile {
    /// `tallyboard`.
    #[schema(pattern = "^tallyboard$")]
    format: String,
    /// 1.
    #[schema(minimum = 1, maximum = 1)]
    version: u32,
    #[serde(rename = "exported_at")]
    _exported_at: Option<DateTime<Utc>>,
    /// They come when the user has none.
    goals: Option<Goals>,
    /// Those come whose name is new to the user.
    #[serde(default)]
    #[schema(value_type = Vec<FileSavedList>)]
    saved_lists: Items<FileSavedList, OTHERS>,
    /// They come when the user has chosen none, without mails where the server sends none.
    #[serde(default)]
    #[schema(value_type = Vec<FileNotification>)]
    notifications: Items<FileNotification, OTHERS>,
    /// Not imported: a task stays in its team when you are in it, and may add tasks to it.
    #[serde(rename = "teams", default)]
    #[schema(value_type = Vec<Object>)]
    _teams: IgnoredObjects,
    /// As the API answers them.
    #[schema(value_type = Vec<FileTask>)]
    tasks: Items<FileTask, TASKS>,
    /// Not imported: what was deleted stays deleted.
    #[serde(rename = "trash", default)]
    #[schema(value_type = Vec<Object>)]
    _trash: IgnoredObjects,
    /// One that the user has already stays as it is.
    #[serde(default)]
    #[schema(value_type = Vec<FileConversation>)]
    conversations: Items<FileConversation, CONVERSATIONS>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileTask {
    id: Option<TaskId>,
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
    )]
    title: String,
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[serde(default)]
    status: TaskStatus,
    due_at: Option<DateTime<Utc>>,
    completed_at: Option<DateTime<Utc>>,
    created_at: Option<DateTime<Utc>>,
    team_id: Option<TeamId>,
    #[serde(rename = "user_id")]
    _user_id: Option<String>,
    #[serde(rename = "updated_at")]
    _updated_at: Option<String>,
    #[serde(rename = "access")]
    _access: Option<String>,
    /// Null: a task of the trash is left out.
    deleted_at: Option<DateTime<Utc>>,
    #[serde(rename = "deleted_by")]
    #[schema(value_type = Option<Object>)]
    _deleted_by: Option<IgnoredAny>,
    /// Not imported: nobody sees a task before its owner shares it.
    #[serde(rename = "shares", default)]
    #[schema(value_type = Vec<Object>)]
    _shares: IgnoredObjects,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileSavedList {
    #[schema(
        min_length = 1,
        max_length = 50,
        pattern = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x1f\x7f-\x9f\u2028-\u202e]*$"
    )]
    name: String,
    #[schema(max_length = 2000, example = "status=pending&due=week")]
    query: String,
    #[serde(rename = "id")]
    _id: Option<String>,
    #[serde(rename = "created_at")]
    _created_at: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileNotification {
    topic: Topic,
    #[schema(max_items = 3, value_type = Vec<Channel>)]
    channels: Items<Channel, OTHERS>,
    #[serde(rename = "next_at")]
    _next_at: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileConversation {
    id: Option<ConversationId>,
    #[schema(max_length = 200)]
    title: Option<String>,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    #[serde(rename = "user_id")]
    _user_id: Option<String>,
    #[serde(default)]
    #[schema(value_type = Vec<FileMessage>)]
    messages: Items<FileMessage, MESSAGES>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FileMessage {
    role: MessageRole,
    #[schema(
        min_length = 1,
        max_length = 10000,
        pattern = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*[^\s\x00-\x1f\x7f-\xa0\xad\u2000-\u206f][^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]*$"
    )]
    content: String,
    created_at: Option<DateTime<Utc>>,
    #[serde(rename = "id")]
    _id: Option<String>,
    #[serde(rename = "conversation_id")]
    _conversation_id: Option<String>,
    #[serde(rename = "user_id")]
    _user_id: Option<String>,
}

/// Reads the JSON of an export, or of another program that's known.
pub fn read(bytes: &[u8], calendar: &Calendar) -> Result<ReadFile> {
    let file: ExportFile = match counted(|| parse_json(bytes)) {
        Ok(file) => file,
        Err(error) => return other_json::read(bytes, error, calendar),
    };
    if file.format != "tallyboard" {
        return Err(Error::invalid("format", "has to be tallyboard"));
    }
    if file.version != VERSION {
        return Err(Error::invalid("version", format!("this server reads version {VERSION}")));
    }
    let mut keys = Keys::default();
    let (kept, trashed): (Vec<_>, Vec<_>) =
        file.tasks.0.into_iter().enumerate().partition(|(_, task)| task.deleted_at.is_none());
    let tasks = kept.into_iter().map(|(place, task)| {
        let FileTask { id, title, description, status, due_at, completed_at, created_at, team_id, .. } = task;
        let place = format!("tasks[{place}]");
        let found = ImportedTask {
            place,
            id,
            title,
            description,
            status,
            due_at,
            completed_at,
            created_at,
            team_id,
            ..Default::default()
        };
        keys.add(found, id.map(|id| id.to_string()), "")
    });
    let tasks = tasks.collect();
    let conversations = file.conversations.0.into_iter().enumerate().map(conversation).collect();
    let lists = file.saved_lists.0.into_iter().map(|FileSavedList { name, query, .. }| NewFilter { name, query });
    let notifications = file
        .notifications
        .0
        .into_iter()
        .map(|FileNotification { topic, channels, .. }| WantedNotification { topic, channels: channels.0 });
    let settings =
        FileSettings { goals: file.goals, saved_lists: lists.collect(), notifications: notifications.collect() };
    Ok(ReadFile { tasks, conversations, settings, deleted: trashed.len(), ..ReadFile::default() })
}

fn conversation((place, found): (usize, FileConversation)) -> ImportedConversation {
    let FileConversation { id, title, created_at, updated_at, messages, .. } = found;
    let place = format!("conversations[{place}]");
    let key = id.map_or_else(
        || format!("{place}\0{}\0{created_at:?}", title.as_deref().unwrap_or_default()),
        |id| format!("id\0{id}"),
    );
    let message = |FileMessage { role, content, created_at, .. }| ImportedMessage { role, content, created_at };
    let messages = messages.0.into_iter().map(message).collect();
    ImportedConversation { place, key, id, title, created_at, updated_at, messages }
}
