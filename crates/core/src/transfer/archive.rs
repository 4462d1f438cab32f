//! Reads zip files: Vikunja's export, and Todoist's backup, which has a table for each project.

use std::io::{Cursor, Read};

use zip::{ZipArchive, read::ZipFile};

use super::{
    items::{TASKS, check_count},
    json_file,
    read::{MAX_FILE_BYTES, ReadFile, fitted, project_line, with_line},
    table::{self, TableLayout, project_of},
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
        ZipArchive::new(Cursor::new(bytes)).map_err(|_| Error::invalid("file", "isn't a complete zip file"))?;
    if let Ok(file) = archive.by_name(vikunja::DATA) {
        return vikunja::read(&unpack(file, vikunja::DATA, MAX_FILE_BYTES)?);
    }
    // No table has a name that isn't text.
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    if names.iter().any(|name| name == "xl/workbook.xml") {
        return Err(Error::invalid("file", "is an Excel workbook: save it as CSV"));
    }
    // Google's Takeout.
    if let Some(name) = names.iter().find(|name| name.rsplit('/').next() == Some("Tasks.json")) {
        let file = archive.by_name(name).map_err(|_| broken())?;
        return json_file::read(&unpack(file, name, MAX_FILE_BYTES)?, calendar);
    }
    let tables = names.into_iter().filter(|name| name.to_lowercase().ends_with(".csv"));
    let mut names: Vec<String> = tables.take(MAX_TABLES + 1).collect();
    if names.is_empty() || names.len() > MAX_TABLES {
        return Err(Error::invalid("file", "has neither Vikunja's data.json nor the tables of a backup"));
    }
    names.sort();
    let projects: Vec<String> = names.iter().map(|name| project_of(name).to_owned()).collect();
    let (mut all, mut left) = (ReadFile::default(), MAX_FILE_BYTES);
    for name in names {
        let file = archive.by_name(&name).map_err(|_| broken())?;
        let data = unpack(file, &name, left)?;
        left -= data.len();
        // Two projects of the same name have different numbers.
        let is_only = projects.iter().filter(|project| **project == project_of(&name)).count() == 1;
        let file_name = if is_only { name.clone() } else { format!("{name}.") };
        let layout = TableLayout { file_name, is_one_of_several: true, ..TableLayout::default() };
        let table = table::csv(&data, &layout, calendar).map_err(|error| of_file(error, &name))?;
        add(&mut all, table, &name);
        check_count(TASKS, all.tasks.len())?;
    }
    Ok(all)
}

/// Adds a table of an archive.
fn add(all: &mut ReadFile, table: ReadFile, name: &str) {
    let line = project_line(project_of(name));
    for mut task in table.tasks {
        task.place = format!("{name}: {}", task.place);
        task.description = with_line(task.description, &line);
        all.tasks.push(fitted(task));
    }
    all.deleted += table.deleted;
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
