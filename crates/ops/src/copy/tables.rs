//! The tables that are copied, with the types of their columns.

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColumnType {
    /// An id.
    Id,
    /// A moment.
    Time,
    /// A whole number.
    Number,
    /// Anything else.
    Text,
}
use ColumnType::{Id, Number, Text, Time};

/// A table, and each of its columns with its type.
pub type Table = (&'static str, &'static [(&'static str, ColumnType)]);

/// The copied tables, in an order in which no row refers to a later one. A test compares it with both databases.
pub const TABLES: &[Table] = &[
    (
        "users",
        &[
            ("id", Id),
            ("email", Text),
            ("name", Text),
            ("password_hash", Text),
            ("time_zone", Text),
            ("created_at", Time),
            ("updated_at", Time),
            ("disabled_at", Time),
            ("language", Text),
            ("email_verified_at", Time),
            ("notifications_offered_at", Time),
        ],
    ),
    ("user_goals", &[("user_id", Id), ("daily", Number), ("weekly", Number), ("days_off", Number)]),
    ("saved_filters", &[("id", Id), ("user_id", Id), ("name", Text), ("query", Text), ("created_at", Time)]),
    (
        "two_step",
        &[
            ("user_id", Id),
            ("secret", Text),
            ("confirmed_at", Time),
            ("created_at", Time),
            ("used_steps", Text),
            ("wrong_codes", Number),
            ("wrong_since", Time),
            ("refusals", Number),
            ("refused_until", Time),
        ],
    ),
    ("recovery_codes", &[("user_id", Id), ("code_hash", Text)]),
    (
        "passkeys",
        &[
            ("id", Id),
            ("user_id", Id),
            ("credential_id", Text),
            ("name", Text),
            ("credential", Text),
            ("last_challenge_at", Time),
            ("created_at", Time),
            ("last_used_at", Time),
        ],
    ),
    ("blocks", &[("user_id", Id), ("blocked_user_id", Id), ("name", Text), ("created_at", Time)]),
    ("identities", &[("issuer", Text), ("subject", Text), ("user_id", Id), ("created_at", Time)]),
    (
        "notification_choices",
        &[
            ("user_id", Id),
            ("topic", Text),
            ("on_page", Number),
            ("in_browser", Number),
            ("by_mail", Number),
            ("next_at", Time),
        ],
    ),
    (
        "notifications",
        &[
            ("id", Id),
            ("user_id", Id),
            ("event", Text),
            ("subject", Text),
            ("task_id", Id),
            ("team_id", Id),
            ("actor_id", Id),
            ("actor_name", Text),
            ("via", Text),
            ("on_page", Number),
            ("in_browser", Number),
            ("mail_waits", Number),
            ("created_at", Time),
            ("read_at", Time),
        ],
    ),
    (
        "password_links",
        &[
            ("secret_hash", Text),
            ("user_id", Id),
            ("created_at", Time),
            ("expires_at", Time),
            ("email", Text),
            ("by_mail", Number),
        ],
    ),
    (
        "sessions",
        &[
            ("id", Id),
            ("user_id", Id),
            ("created_at", Time),
            ("last_seen_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
            ("user_agent", Text),
        ],
    ),
    (
        "teams",
        &[
            ("id", Id),
            ("name", Text),
            ("owner_id", Id),
            ("created_at", Time),
            ("updated_at", Time),
            ("members_edit", Text),
        ],
    ),
    ("team_members", &[("id", Id), ("team_id", Id), ("user_id", Id), ("role", Text), ("created_at", Time)]),
    (
        "team_invitations",
        &[
            ("id", Id),
            ("team_id", Id),
            ("created_by", Id),
            ("role", Text),
            ("secret_hash", Text),
            ("max_uses", Number),
            ("uses", Number),
            ("created_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
            ("email", Text),
        ],
    ),
    (
        "outbox",
        &[
            ("id", Id),
            ("user_id", Id),
            ("kind", Text),
            ("invitation_id", Id),
            ("attempts", Number),
            ("created_at", Time),
            ("next_attempt_at", Time),
            ("email", Text),
        ],
    ),
    ("team_invitation_uses", &[("invitation_id", Id), ("user_id", Id), ("created_at", Time)]),
    (
        "tasks",
        &[
            ("id", Id),
            ("user_id", Id),
            ("team_id", Id),
            ("title", Text),
            ("description", Text),
            ("status", Text),
            ("due_at", Time),
            ("completed_at", Time),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    ),
    (
        "task_shares",
        &[
            ("id", Id),
            ("task_id", Id),
            ("shared_with_user_id", Id),
            ("shared_by_user_id", Id),
            ("permission", Text),
            ("created_at", Time),
        ],
    ),
    (
        "trash",
        &[
            ("id", Id),
            ("user_id", Id),
            ("team_id", Id),
            ("content", Text),
            ("deleted_at", Time),
            ("deleted_by", Id),
            ("deleted_via", Text),
        ],
    ),
    (
        "received_invitations",
        &[
            ("id", Id),
            ("user_id", Id),
            ("from_user_id", Id),
            ("from_name", Text),
            ("subject", Text),
            ("team_id", Id),
            ("task_id", Id),
            ("access", Text),
            ("created_at", Time),
        ],
    ),
    ("conversations", &[("id", Id), ("user_id", Id), ("title", Text), ("created_at", Time), ("updated_at", Time)]),
    (
        "messages",
        &[
            ("id", Id),
            ("conversation_id", Id),
            ("user_id", Id),
            ("role", Text),
            ("content", Text),
            ("created_at", Time),
        ],
    ),
    (
        "answers",
        &[
            ("id", Id),
            ("conversation_id", Id),
            ("user_id", Id),
            ("question_id", Id),
            ("state", Text),
            ("content", Text),
            ("steps", Text),
            ("transcript", Text),
            ("pending", Text),
            ("expires_at", Time),
            ("input_tokens", Number),
            ("output_tokens", Number),
            ("created_at", Time),
            ("updated_at", Time),
        ],
    ),
    ("assistant_usage", &[("user_id", Id), ("quarter", Time), ("input_tokens", Number), ("output_tokens", Number)]),
    (
        "idempotency_keys",
        &[("user_id", Id), ("key", Text), ("request", Text), ("status", Number), ("body", Text), ("created_at", Time)],
    ),
    (
        "access_tokens",
        &[
            ("id", Id),
            ("user_id", Id),
            ("name", Text),
            ("secret_hash", Text),
            ("prefix", Text),
            ("scope", Text),
            ("created_at", Time),
            ("last_used_at", Time),
            ("expires_at", Time),
            ("revoked_at", Time),
            ("only_calendar", Number),
        ],
    ),
    ("resource_subscriptions", &[("user_id", Id), ("credential_id", Id), ("uri", Text), ("created_at", Time)]),
    (
        "connected_apps",
        &[
            ("id", Id),
            ("user_id", Id),
            ("client_id", Text),
            ("name", Text),
            ("host", Text),
            ("scope", Text),
            ("created_at", Time),
            ("last_used_at", Time),
            ("revoked_at", Time),
        ],
    ),
    (
        "oauth_records",
        &[
            ("kind", Text),
            ("key", Text),
            ("app_id", Id),
            ("client_id", Text),
            ("family", Text),
            ("user_code", Text),
            ("scope", Text),
            ("record", Text),
            ("created_at", Time),
            ("expires_at", Time),
        ],
    ),
    (
        "audit_log",
        &[
            ("id", Id),
            ("at", Time),
            ("user_id", Id),
            ("team_id", Id),
            ("action", Text),
            ("target_kind", Text),
            ("target_id", Id),
            ("fields", Text),
            ("token", Text),
            ("client", Text),
            ("app", Text),
            ("ip", Text),
            ("request_id", Id),
        ],
    ),
];

/// Tables that triggers or migrations fill.
#[cfg(test)]
const DERIVED: &[&str] = &[
    "_sqlx_migrations",
    "audit_retention",
    "counter_changes",
    "task_search",
    "task_search_rows",
    "team_counters",
    "user_counters",
    "user_days",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::own_connection;
    use tallyboard_db::{Database, Migration, OwnConnection};

    /// Every column of every table is copied or derived: a migration that adds one has to say which.
    #[tokio::test]
    async fn no_column_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let config =
            tallyboard_base::config::Config::from_parts("", "", [("DATABASE_URL".to_owned(), url)]).unwrap().database;
        let db = Database::connect(&config).await.unwrap();
        db.migrate(Migration::Up).await.unwrap();
        let OwnConnection::Sqlite(mut connection) = own_connection(&config).await.unwrap() else { unreachable!() };
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'task_search_%' AND t.sql NOT LIKE '%fts5%'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert!(columns.len() > 80, "{}", columns.len());
        for (table, column) in &columns {
            let copied = TABLES.iter().find(|(name, _)| name == table);
            let has = copied.is_some_and(|(_, columns)| columns.iter().any(|(name, _)| name == column));
            assert!(has || DERIVED.contains(&table.as_str()), "{table}.{column} is not copied");
        }
        for (table, copied) in TABLES {
            for (name, _) in *copied {
                assert!(columns.contains(&((*table).to_owned(), (*name).to_owned())), "there is no {table}.{name}");
            }
        }
    }
}
