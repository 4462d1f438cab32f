//! A person in a list of people: the members of a team, the people a task is shared with.

use crate::id::UserId;

/// One person of such a list. What the reader may do with them was decided on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPerson {
    /// Their id.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub email: String,
    /// Their role or permission: `member`, `edit`.
    pub grant: String,
    /// The roles or permissions that the reader may give them, including the present one; empty for none.
    pub choices: Vec<String>,
    /// Whether the reader may remove them.
    pub may_remove: bool,
}
