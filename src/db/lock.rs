//! A lock beside a SQLite database: servers and commands share it, a restore has it alone.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

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
    pub fn share(database: &Path) -> io::Result<Option<Self>> {
        if database.as_os_str() == ":memory:" {
            return Ok(None);
        }
        let file = File::create(lock_path(database))?;
        file.try_lock_shared()
            .map_err(|_| io::Error::other("the database is being restored: start again afterwards"))?;
        Ok(Some(Self { _file: file }))
    }

    /// Has the database alone.
    ///
    /// # Errors
    /// Somebody uses it, or the file cannot be made.
    pub fn alone(database: &Path) -> io::Result<Self> {
        let file = File::create(lock_path(database))?;
        file.try_lock().map_err(|_| io::Error::other("a server or a command uses the database: stop it first"))?;
        Ok(Self { _file: file })
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}
