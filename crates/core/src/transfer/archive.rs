//! Reads zip files: Vikunja's export, and Todoist's backup, which has a table for each project.

use std::io::{Cursor, Read};

use zip::{ZipArchive, read::ZipFile};

use super::{
    items::{TASKS, check_count},
    read::{MAX_FILE_BYTES, ReadFile, fitted},
    table::{self, TableLayout},
    vikunja,
};
use tallyboard_model::{
    calendar::Calendar,
    error::{Error, Result},
    language::t_with,
};

/// How many tables a backup may have.
const MAX_TABLES: usize = 500;

/// Reads the zip file of another program.
pub fn zip(bytes: &[u8], calendar: &Calendar) -> Result<ReadFile> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| Error::invalid("file", "is not a whole zip file"))?;
    if let Ok(file) = archive.by_name(vikunja::DATA) {
        return vikunja::read(&unpack(file, vikunja::DATA, MAX_FILE_BYTES)?);
    }
    // A name that isn't text is no table's.
    let names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let tables = names.filter(|name| name.to_lowercase().ends_with(".csv"));
    let mut names: Vec<String> = tables.take(MAX_TABLES + 1).collect();
    if names.is_empty() || names.len() > MAX_TABLES {
        return Err(Error::invalid("file", "has neither Vikunja's data.json nor the tables of a backup"));
    }
    names.sort();
    let (mut all, mut left) = (ReadFile::default(), MAX_FILE_BYTES);
    for name in names {
        let file = archive.by_name(&name).map_err(|_| broken())?;
        let data = unpack(file, &name, left)?;
        left -= data.len();
        let table = table::csv(&data, &TableLayout::default(), calendar).map_err(|error| of_file(error, &name))?;
        add(&mut all, table, &name);
        check_count(TASKS, all.tasks.len())?;
    }
    Ok(all)
}

/// Adds a table, whose name tells its tasks from equal ones of other tables.
fn add(all: &mut ReadFile, table: ReadFile, name: &str) {
    // Todoist writes the number of a project behind its name: `Work [1002].csv`.
    let project = name.rsplit('/').next().unwrap_or_default().rsplit_once('.').map_or("", |(project, _)| project);
    let project = project.rsplit_once(" [").map_or(project, |(project, _)| project);
    let line = vikunja::project_line(project);
    for mut task in table.tasks {
        task.key = format!("{name}\0{}", task.key);
        task.place = format!("{name}: {}", task.place);
        let words: Vec<_> =
            task.description.take().into_iter().chain([line.clone()]).filter(|text| !text.is_empty()).collect();
        task.description = (!words.is_empty()).then(|| words.join("\n"));
        all.tasks.push(fitted(task));
    }
    all.kept_as_words += table.kept_as_words;
    for column in table.ignored_columns {
        if !all.ignored_columns.contains(&column) {
            all.ignored_columns.push(column);
        }
    }
}

/// The same error with the name of the file before its places.
fn of_file(error: Error, name: &str) -> Error {
    let fields = error.fields.into_iter().map(|(place, why)| (format!("{name}: {place}"), why)).collect();
    Error { fields, ..Error::validation() }
}

/// A file of an archive, if it has at most this many bytes: a small zip file may unpack to any size.
fn unpack(file: ZipFile<'_, Cursor<&[u8]>>, name: &str, most: usize) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut data).map_err(|_| broken())?;
    if data.len() > most {
        let most = MAX_FILE_BYTES / 1024 / 1024;
        return Err(Error::invalid(
            name,
            t_with("is larger than {most} MiB: export fewer projects at a time", &[("most", &most)]),
        ));
    }
    Ok(data)
}

fn broken() -> Error {
    Error::invalid("file", "cannot be unpacked")
}
