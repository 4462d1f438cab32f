//! How long things are kept.

use serde::Deserialize;

/// Something that is deleted after a time: the audit log's rows, the trash.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionConfig {
    /// How long it's kept.
    pub keep_days: u32,
}

/// Backups that the server makes by itself, and what `tallyboard backup` does unless told otherwise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupConfig {
    /// How often; 0: never.
    pub every_hours: u32,
    /// Where; empty: `backups` in the data folder.
    pub(super) folder: String,
    /// How many stay.
    pub keep: u32,
    /// For how many days.
    pub keep_days: u32,
    /// A command that is run after a backup; empty: none.
    pub then: String,
}
