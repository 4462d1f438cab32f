//! Who may do what with a task: the contract's table, in one place.

use super::{Access, Task};
use crate::error::{Error, Result};

/// Everything that ties a person to a task. The store reads it, the rules are here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ties<'a> {
    /// They own it.
    pub owner: bool,
    /// Their role in its team.
    pub team_role: Option<&'a str>,
    /// What it is shared with them for.
    pub share: Option<&'a str>,
}

/// The strongest access that these ties give; `None` is a stranger's.
pub fn access(ties: Ties<'_>) -> Option<Access> {
    if ties.owner {
        return Some(Access::Owner);
    }
    match (ties.team_role, ties.share) {
        (Some("owner"), _) => Some(Access::TeamOwner),
        (Some("admin"), _) => Some(Access::TeamAdmin),
        (_, Some("edit")) => Some(Access::SharedEdit),
        (Some("member"), _) => Some(Access::TeamMember),
        (Some("viewer"), _) => Some(Access::TeamViewer),
        (_, Some("view")) => Some(Access::SharedView),
        _ => None,
    }
}

/// Whether a role may create tasks in its team.
pub fn may_create_in_team(role: &str) -> bool {
    matches!(role, "owner" | "admin" | "member")
}

/// A task that its holder may change: only [`Editable::check`] makes one, every write takes one.
pub struct Editable(Task);

/// A task that its holder may delete, share and move.
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
    /// Passes a task that may be deleted, shared and moved.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract's table: ties, access, read-only or change or manage.
    #[test]
    fn the_strongest_way_in_counts() {
        let owner = |owner, team_role, share| access(Ties { owner, team_role, share });
        for (found, expected, change, manage) in [
            (owner(true, Some("viewer"), Some("view")), Some(Access::Owner), true, true),
            (owner(false, Some("owner"), None), Some(Access::TeamOwner), true, true),
            (owner(false, Some("admin"), Some("view")), Some(Access::TeamAdmin), true, true),
            (owner(false, Some("member"), None), Some(Access::TeamMember), false, false),
            (owner(false, Some("member"), Some("edit")), Some(Access::SharedEdit), true, false),
            (owner(false, Some("viewer"), Some("view")), Some(Access::TeamViewer), false, false),
            (owner(false, None, Some("edit")), Some(Access::SharedEdit), true, false),
            (owner(false, None, Some("view")), Some(Access::SharedView), false, false),
            (owner(false, None, None), None, false, false),
        ] {
            assert_eq!(found, expected);
            assert_eq!(found.is_some_and(Access::may_change), change, "{expected:?}");
            assert_eq!(found.is_some_and(Access::may_manage), manage, "{expected:?}");
        }
    }
}
