//! A lock beside a SQLite database: servers and commands share it, a restore has it alone.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

/// The suffix to the database's name.
const SUFFIX: &str = ".lock";

/// The lock is released when this is dropped, and when the process ends in whatever way.
#[derive(Debug)]
pub struct DatabaseLock {
    _file: File,
}

impl DatabaseLock {
    /// Shares the database with others that use it.
    ///
    /// # Errors
    /// It is being restored, or the file cannot be made.
    pub fn shared(database: &Path) -> io::Result<Option<Self>> {
        if database.as_os_str() == ":memory:" {
            return Ok(None);
        }
        let file = File::create(beside(database, SUFFIX))?;
        file.try_lock_shared()
            .map_err(|_| io::Error::other("the database is being restored: start again afterwards"))?;
        Ok(Some(Self { _file: file }))
    }

    /// Has the database alone.
    ///
    /// # Errors
    /// Somebody uses it, or the file cannot be made.
    pub fn exclusive(database: &Path) -> io::Result<Self> {
        let file = File::create(beside(database, SUFFIX))?;
        file.try_lock().map_err(|_| io::Error::other("a server or a command uses the database: stop it first"))?;
        Ok(Self { _file: file })
    }
}

/// The file beside a SQLite database whose name ends with this.
pub fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}
