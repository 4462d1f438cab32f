//! What a file has in addition to tasks and conversations. Nothing the user has chosen here is replaced.

use chrono_tz::Tz;

use crate::{
    notifications,
    statistics::goals::{self, Goals},
    tasks::filters::{self, NewFilter},
};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::{Error, Result},
    notifications::{Channel, WantedNotification, topics::Channels},
};

/// The settings of a file.
#[derive(Clone, Debug, Default)]
pub struct FileSettings {
    pub goals: Option<Goals>,
    pub saved_lists: Vec<NewFilter>,
    pub notifications: Vec<WantedNotification>,
}

/// The settings of an import.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportedSettings {
    /// Whether the goals are set.
    pub goals: bool,
    /// How many lists are saved.
    pub saved_lists: usize,
    /// How many notification topics are on.
    pub notifications: usize,
}

impl FileSettings {
    /// The settings that this server can keep: without mails when it sends none.
    pub fn for_server(mut self, sends_mail: bool) -> Self {
        for wanted in &mut self.notifications {
            wanted.channels.retain(|channel| sends_mail || *channel != Channel::Mail);
        }
        self.notifications.retain(|wanted| !wanted.channels.is_empty());
        self
    }

    /// Sets what the user, who lives in `zone`, has not set; with `dry_run`, only says what.
    pub async fn import(self, scope: &mut Scope, zone: Tz, dry_run: bool) -> Result<ImportedSettings> {
        let mut imported = ImportedSettings::default();
        let goals = self.goals.map(|goals| goals::service::checked(goals).map_err(|error| inside(error, "goals")));
        if let Some(goals) = goals.transpose()?.filter(|goals| *goals != Goals::default())
            && goals::service::goals(scope).await? == Goals::default()
        {
            imported.goals = true;
            if !dry_run {
                goals::service::set(scope, goals).await?;
            }
        }
        imported.saved_lists = import_lists(scope, self.saved_lists, dry_run).await?;
        if !are_defaults(&self.notifications) && has_chosen_none(scope).await? {
            notifications::service::check_choices(&self.notifications)
                .map_err(|error| Error::invalid("notifications", error.fields.into_values().collect::<String>()))?;
            imported.notifications = self.notifications.len();
            if !dry_run {
                notifications::service::set_choices(scope, zone, &self.notifications).await?;
            }
        }
        Ok(imported)
    }
}

/// Saves the lists whose name the user does not have; returns how many.
async fn import_lists(scope: &mut Scope, lists: Vec<NewFilter>, dry_run: bool) -> Result<usize> {
    let mut names: Vec<_> = filters::service::by_name(scope).await?.into_iter().map(|filter| filter.name).collect();
    let mut count = 0;
    for (place, list) in lists.into_iter().enumerate() {
        let list = filters::service::checked(&list).map_err(|error| inside(error, &format!("saved_lists[{place}]")))?;
        if names.contains(&list.name) {
            continue;
        }
        names.push(list.name.clone());
        count += 1;
        if !dry_run {
            filters::service::save(scope, list).await?;
        }
    }
    Ok(count)
}

/// The error of a part of the file, with the place of the part before the names of its fields.
fn inside(mut error: Error, place: &str) -> Error {
    error.fields = error.fields.into_iter().map(|(field, why)| (format!("{place}.{field}"), why)).collect();
    error
}

/// Whether a file has the notification settings of a new account, or none.
fn are_defaults(wanted: &[WantedNotification]) -> bool {
    notifications::service::are_defaults(wanted.iter().map(|wanted| (wanted.topic, Channels::of(&wanted.channels))))
}

/// Whether the user has the notification settings of a new account, or none.
async fn has_chosen_none(scope: &mut Scope) -> Result<bool> {
    let choices = notifications::service::choices(scope).await?;
    let channels = choices.iter().map(|choice| (choice.topic, Channels::of(&choice.channels)));
    Ok(notifications::service::are_defaults(channels))
}
