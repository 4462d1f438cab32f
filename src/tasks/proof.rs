//! Tasks with proof of what their holder may do: only a check makes one, every write takes one.

use super::Task;
use crate::error::{Error, Result};

/// A task that its holder may change.
pub struct Editable(Task);

/// A task that its holder may delete and share.
pub struct Manageable(Task);

impl Editable {
    /// Passes a task that may be changed.
    pub fn check(task: Task) -> Result<Self> {
        if task.access.may_change() {
            return Ok(Self(task));
        }
        Err(Error::forbidden("You may read this task but not change it"))
    }

    /// The task itself.
    pub fn into_task(self) -> Task {
        self.0
    }
}

impl Manageable {
    /// Passes a task that may be deleted and shared.
    pub fn check(task: Task) -> Result<Self> {
        if task.access.may_manage() {
            return Ok(Self(task));
        }
        Err(Error::forbidden("Only the task's owner and its team's owner and admins may do this"))
    }

    /// The task itself.
    pub fn task(&self) -> &Task {
        &self.0
    }
}
