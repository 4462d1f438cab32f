//! Proof of permission: a check makes an `Editable` or a `Manageable`, and every write takes one.

use tallyboard_model::{
    error::{Error, Result},
    tasks::Task,
};

/// A task that the user may change.
pub struct Editable(Task);

/// A task that the user may delete and share.
pub struct Manageable(Task);

impl Editable {
    /// Checks that the user may change the task; 403 otherwise.
    pub fn check(task: Task) -> Result<Self> {
        if task.may_change() {
            return Ok(Self(task));
        }
        Err(Error::forbidden("You can view this task but not change it"))
    }

    /// The task itself.
    pub fn into_task(self) -> Task {
        self.0
    }
}

impl Manageable {
    /// Checks that the user may delete and share the task; 403 otherwise.
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
