//! `tallyboard backup`, `restore` and `copy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Failure;
use tallyboard_base::config::Config;
use tallyboard_ops::{
    backup::{self, Backup, Manifest, Restored, Retention, schedule},
    copy,
    progress::Progress,
};

#[derive(Args)]
pub struct BackupOptions {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The folder [default: backup.folder of the settings]
    #[arg(long, value_name = "DIR", global = true)]
    to: Option<PathBuf>,
    /// How many backups stay in the folder [default: backup.keep of the settings]
    #[arg(long, value_name = "N")]
    keep: Option<std::num::NonZeroU32>,
    /// JSON instead of words, one object a line; progress goes to standard error
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum BackupCommand {
    /// Check a backup without restoring it
    Verify { file: PathBuf },
    /// List the backups in the folder, newest first
    List,
}

/// Makes, checks or lists backups.
pub async fn backup(config: &Config, options: BackupOptions) -> Result<(), Failure> {
    let BackupOptions { command, to, keep, json } = options;
    let folder = to.unwrap_or_else(|| config.backup_folder());
    let progress = Progress::new(json);
    match command {
        None => {
            let default = Retention::of(&config.backup);
            let keep = Retention { newest: keep.map_or(default.newest, |keep| keep.get() as usize), ..default };
            let made = backup::create(config, &folder, keep, &progress).await?;
            schedule::run_hook(&config.backup.then, &made).await?;
            print(json, &made, line)?;
        }
        Some(BackupCommand::Verify { file }) => {
            let manifest = backup::verify(&file, &progress)
                .await
                .map_err(|error| format!("{} is not a good backup: {error}", file.display()))?;
            print(json, &manifest, |manifest| format!("{} is good: {}", file.display(), contents(manifest)))?;
        }
        Some(BackupCommand::List) => {
            for backup in backup::list(&folder)? {
                print(json, &backup, line)?;
            }
        }
    }
    Ok(())
}

/// Restores a backup.
pub async fn restore(config: &Config, file: PathBuf, json: bool) -> Result<(), Failure> {
    let progress = Progress::new(json);
    let restored = backup::restore(config, &config.backup_folder(), &file, &progress)
        .await
        .map_err(|error| format!("{error}. Nothing was changed"))?;
    print(json, &restored, |Restored { safety_backup, manifest }| {
        let before = match safety_backup {
            Some(path) => format!("\nWhat was there before is in {}", path.display()),
            None => String::new(),
        };
        format!("Restored: {}{before}", contents(manifest))
    })
}

/// Copies everything from one database to another.
pub async fn copy(config: &Config, from: String, to: String, json: bool) -> Result<(), Failure> {
    let progress = Progress::new(json);
    let copied = copy::copy(&config.database.with_url(from), &config.database.with_url(to), &progress)
        .await
        .map_err(|error| format!("{error}. Nothing was copied"))?;
    for table in copied {
        print(json, &table, |table| format!("{:<24} {:>10} rows  {}", table.name, table.rows, table.checksum))?;
    }
    Ok(())
}

fn print<T: serde::Serialize>(json: bool, value: &T, text: impl Fn(&T) -> String) -> Result<(), Failure> {
    println!("{}", if json { serde_json::to_string(value)? } else { text(value) });
    Ok(())
}

fn line(backup: &Backup) -> String {
    let megabytes = backup.size as f64 / 1e6;
    format!("{}  {megabytes:.1} MB  {}", backup.path.display(), contents(&backup.manifest))
}

fn contents(manifest: &Manifest) -> String {
    let rows = |table: &str| manifest.tables.get(table).copied().unwrap_or_default();
    format!(
        "{} of {} UTC, {} users, {} tasks, schema {}",
        manifest.engine.name(),
        manifest.created_at.format("%Y-%m-%d %H:%M:%S"),
        rows("users"),
        rows("tasks"),
        manifest.schema
    )
}
