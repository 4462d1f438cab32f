//! What the assistant in Chat asks the person before it does it: the one table, and the questions.
//!
//! A stranger's words can tell a model what to do, and some models obey. So words reach other people, and words that were
//! there are lost, only after the person has read them and said yes. An assistant over MCP has its own way of asking.

use tallyboard_model::{
    id::TeamId,
    language::{t, t_with},
    membership::ListedTeam,
    tasks::{Task, TaskPatch},
};

/// One thing that a call does to a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskEdit {
    /// Writes a title or a description where there was none.
    Write,
    /// Replaces or blanks a title or a description.
    Overwrite,
    /// Sets, changes or clears when it is due.
    Due,
    /// Completes or reopens it.
    Status,
    /// Moves it into a team or out of one.
    Move,
    /// Deletes it.
    Delete,
    /// Shares it with somebody.
    Share,
    /// Ends a share.
    Unshare,
}

/// The table: whether the person is asked before this is done to a task that others can read, or that they alone can.
pub fn asks_first(edit: TaskEdit, others_read_it: bool) -> bool {
    match edit {
        // The model chooses a due time freely, to the microsecond: enough for a few letters.
        TaskEdit::Write | TaskEdit::Due => others_read_it,
        // A status is one of two values and can be set back.
        TaskEdit::Status => false,
        TaskEdit::Overwrite | TaskEdit::Move | TaskEdit::Delete | TaskEdit::Share | TaskEdit::Unshare => true,
    }
}

/// The question, with all text that the call would write, reveal or lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The action as a phrase, without a question mark.
    pub words: String,
    /// Labels and texts to show below it.
    pub quotes: Vec<(&'static str, String)>,
    /// What `words` names: titles, people, teams.
    named: Vec<String>,
}

impl Question {
    /// A question about what `words` says; `named` are the values in it.
    pub fn new(words: String, named: &[&str]) -> Self {
        Self { words, quotes: Vec::new(), named: named.iter().map(|&name| name.to_owned()).collect() }
    }

    /// Shows the description of the task below, if it has one.
    pub fn with_description(mut self, description: Option<&str>) -> Self {
        self.quotes.extend(description.map(|text| (t("Description"), text.to_owned())));
        self
    }

    /// Every value that the person sees, in no language: a yes counts while these are the same.
    pub fn facts(&self) -> Vec<String> {
        self.named.iter().chain(self.quotes.iter().map(|(_, text)| text)).cloned().collect()
    }
}

/// The data needed to ask about a change of a task.
pub struct Change<'a> {
    /// The task before the change.
    pub task: &'a Task,
    /// The change, checked.
    pub patch: &'a TaskPatch,
    /// The user's teams.
    pub teams: &'a [ListedTeam],
    /// Whether somebody else can read the task before the change.
    pub others_read_it: bool,
    /// The due time before and after the change, as the user reads it.
    pub due: (String, String),
}

impl Change<'_> {
    /// The question that the change needs, if any.
    pub fn question(&self) -> Option<Question> {
        let edits = self.edits();
        let others_read_it = self.others_read_it || self.team_after().is_some();
        if !edits.iter().any(|edit| asks_first(*edit, others_read_it)) {
            return None;
        }
        let title = &self.task.title;
        let mut question = match self.moves() {
            Some(Some(team)) => {
                let name = name_of(self.teams, team);
                Question::new(
                    t_with(
                        "Move “{title}” into the team {name}, where all its members see it",
                        &[("title", title), ("name", &name)],
                    ),
                    &[title, name],
                )
            }
            Some(None) => Question::new(
                t_with("Take “{title}” out of its team, whose members lose it", &[("title", title)]),
                &[title],
            ),
            None if others_read_it => {
                Question::new(t_with("Change “{title}”, which other people can read", &[("title", title)]), &[title])
            }
            None => Question::new(t_with("Change “{title}”", &[("title", title)]), &[title]),
        };
        if let Some(new) = self.new_title() {
            question.quotes.extend([(t("Old title"), title.clone()), (t("New title"), new.to_owned())]);
        }
        match self.new_description() {
            Some(new) => {
                let old = self.task.description.clone();
                question.quotes.extend(old.map(|text| (t("Old description"), text)));
                let new = new.map_or_else(|| t("(empty)").to_owned(), str::to_owned);
                question.quotes.push((t("New description"), new));
            }
            // People who gain access later read the task's current text.
            None if matches!(self.moves(), Some(Some(_))) => {
                question = question.with_description(self.task.description.as_deref());
            }
            None => {}
        }
        if edits.contains(&TaskEdit::Due) {
            let (old, new) = self.due.clone();
            question.quotes.extend([(t("Old due date"), old), (t("New due date"), new)]);
        }
        Some(question)
    }

    /// What the change does: nothing for fields that stay as they are.
    fn edits(&self) -> Vec<TaskEdit> {
        let mut edits = Vec::new();
        if self.new_title().is_some() {
            edits.push(TaskEdit::Overwrite);
        }
        if self.new_description().is_some() {
            edits.push(if self.task.description.is_some() { TaskEdit::Overwrite } else { TaskEdit::Write });
        }
        if self.patch.due_at.is_some_and(|due| due != self.task.due_at) {
            edits.push(TaskEdit::Due);
        }
        if self.patch.status.is_some_and(|status| status != self.task.status) {
            edits.push(TaskEdit::Status);
        }
        if self.moves().is_some() {
            edits.push(TaskEdit::Move);
        }
        edits
    }

    fn new_title(&self) -> Option<&str> {
        self.patch.title.as_deref().filter(|title| *title != self.task.title)
    }

    fn new_description(&self) -> Option<Option<&str>> {
        let new = self.patch.description.as_ref().map(Option::as_deref);
        new.filter(|text| *text != self.task.description.as_deref())
    }

    /// Where the task is moved, unless it stays.
    fn moves(&self) -> Option<Option<TeamId>> {
        self.patch.team_id.filter(|team| *team != self.task.team_id)
    }

    fn team_after(&self) -> Option<TeamId> {
        self.patch.team_id.unwrap_or(self.task.team_id)
    }
}

/// The name of a team for a question.
pub fn name_of(teams: &[ListedTeam], id: TeamId) -> &str {
    teams.iter().find(|team| team.id == id).map_or(t("a team you're not in"), |team| &team.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_asks_about_text_that_others_read_and_text_that_is_lost() {
        use TaskEdit::{Delete, Due, Move, Overwrite, Share, Status, Unshare, Write};
        for edit in [Write, Due] {
            assert_eq!((asks_first(edit, true), asks_first(edit, false)), (true, false), "{edit:?}");
        }
        for edit in [Overwrite, Move, Delete, Share, Unshare] {
            assert!(asks_first(edit, true) && asks_first(edit, false), "{edit:?}");
        }
        assert!(!asks_first(Status, true) && !asks_first(Status, false));
    }
}
