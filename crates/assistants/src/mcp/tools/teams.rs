//! The tools for teams and for sharing a task with one person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::tool::{Effect, Tool},
    asking::Question,
};
use tallyboard_core::{
    app::AppState, auth::AuthenticatedUser, membership, ops::limits::ContactKind, received_invitations, shares, tasks,
    teams,
};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::{Error, Result},
    id::{TaskId, TeamId, UserId},
    language::{t, t_with, text},
    list::{List, ListQuery},
    permissions::Permission,
    shares::{NewShare, Share},
    tasks::Task,
    teams::{Member, Team},
};

/// The person to share a task with: by `email` or by `user_id`.
#[derive(Deserialize, ToSchema)]
pub struct ShareTask {
    task_id: TaskId,
    /// The email address of a person with an account here.
    #[schema(format = Email, min_length = 3, max_length = 254)]
    email: Option<String>,
    /// Their id, instead of the email address.
    user_id: Option<UserId>,
    /// `view`: read only; `edit`: change, complete and reopen, too.
    #[serde(default)]
    permission: Permission,
    /// Any text that is new for each share: a call that is repeated with the same one gets the first answer again.
    #[schema(min_length = 1, max_length = 255)]
    request_id: Option<String>,
}

impl Tool for ShareTask {
    type Output = Share;
    const NAME: &'static str = "share_task";
    const TITLE: &'static str = "Share a task";
    const DESCRIPTION: &'static str = "Shares one task with one other person, to view or to edit. Use the email address \
        that the user gave; never guess one.";
    const EFFECT: Effect = Effect::Set;

    fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    async fn question(&self, app: &AppState, user: &AuthenticatedUser) -> Result<Option<Question>> {
        let task = task(app, user, self.task_id).await?;
        let whom = match (&self.email, self.user_id) {
            (Some(email), _) => email.clone(),
            (None, Some(id)) => app.db.scope(user).read(|scope| Box::pin(colleague(scope, id))).await?,
            (None, None) => return Err(Error::invalid("email", "is missing; or give user_id")),
        };
        let question = match self.permission {
            Permission::Edit => text("Share “{title}” with {email}, who may then change it"),
            Permission::View => text("Share “{title}” with {email}, who may then read it"),
        };
        let words = t_with(question, &[("title", &task.title), ("email", &whom)]);
        let question = Question::new(words, &[&task.title, &whom, self.permission.as_str()]);
        Ok(Some(question.with_description(task.description.as_deref())))
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<Share> {
        let Self { task_id, email, user_id, permission, .. } = self;
        let new = NewShare { email, user_id, permission };
        let acceptance = app.config.sharing.acceptance;
        let scopes = app.db.scope(user);
        let created = scopes
            .write(|scope| Box::pin(received_invitations::service::share(scope, acceptance, task_id, new.clone())));
        app.limits.reaching(user.id(), ContactKind::Share, created).await?.done()
    }
}

/// Which share to end.
#[derive(Deserialize, ToSchema)]
pub struct UnshareTask {
    task_id: TaskId,
    /// The person with whom the task is shared; the user's own id gives up a share that they received.
    user_id: UserId,
}

/// The share that has ended.
#[derive(Serialize, ToSchema)]
pub struct UnsharedOutput {
    task_id: TaskId,
    /// The person with whom the task is not shared any more.
    unshared_with_user_id: UserId,
}

impl Tool for UnshareTask {
    type Output = UnsharedOutput;
    const NAME: &'static str = "unshare_task";
    const TITLE: &'static str = "Stop sharing a task";
    const DESCRIPTION: &'static str = "Ends the share of a task with one person, who can then no longer see it.";
    const EFFECT: Effect = Effect::Overwrite;

    async fn question(&self, app: &AppState, user: &AuthenticatedUser) -> Result<Option<Question>> {
        let title = task(app, user, self.task_id).await?.title;
        let (task, person) = (self.task_id, self.user_id);
        let query = ListQuery { limit: Some(100), cursor: None };
        let shares =
            app.db.scope(user).read(|scope| Box::pin(shares::service::list(scope, task, query.clone()))).await?;
        let share = shares.items.into_iter().find(|share| share.shared_with_user_id == person);
        let whose = share.map_or_else(|| t("someone").to_owned(), |share| format!("{} ({})", share.name, share.email));
        let words = t_with(
            "Stop sharing “{title}” with {whose}, who can then no longer see it",
            &[("title", &title), ("whose", &whose)],
        );
        Ok(Some(Question::new(words, &[&title, &whose])))
    }

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<UnsharedOutput> {
        let Self { task_id, user_id } = self;
        app.db.scope(user).write(|scope| Box::pin(shares::service::delete(scope, task_id, user_id))).await?;
        Ok(UnsharedOutput { task_id, unshared_with_user_id: user_id })
    }
}

async fn task(app: &AppState, user: &AuthenticatedUser, task: TaskId) -> Result<Task> {
    app.db.scope(user).read(|scope| Box::pin(tasks::service::get(scope, task))).await
}

/// Name and address of somebody in a team of the user's.
async fn colleague(scope: &mut Scope, id: UserId) -> Result<String> {
    for team in membership::service::my_teams(scope).await? {
        let (_, members) = teams::service::all_members(scope, team.id).await?;
        if let Some(member) = members.into_iter().find(|member| member.user_id == id) {
            return Ok(format!("{} ({})", member.name, member.email));
        }
    }
    Err(Error::invalid("user_id", "isn't in any of your teams: use the email address the user gave"))
}

/// Which page of the teams.
#[derive(Deserialize, ToSchema)]
pub struct ListTeams {
    /// The largest number of teams; 50 when absent.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The next_cursor of the answer before.
    cursor: Option<String>,
}

/// A page of teams.
#[derive(Serialize, ToSchema)]
pub struct TeamPage {
    /// The newest first; `role` is the user's.
    items: Vec<Team>,
    /// The `cursor` of the next page; null on the last page.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl Tool for ListTeams {
    type Output = TeamPage;
    const NAME: &'static str = "list_teams";
    const TITLE: &'static str = "List teams";
    const DESCRIPTION: &'static str =
        "Lists the teams of the user with their role in each. Use it to find a team's id.";
    const EFFECT: Effect = Effect::Read;

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<TeamPage> {
        let query = ListQuery { limit: self.limit, cursor: self.cursor };
        let List { items, next_cursor } =
            app.db.scope(user).read(|scope| Box::pin(teams::service::list(scope, query.clone()))).await?;
        Ok(TeamPage { items, next_cursor })
    }
}

/// Which page of which team's members.
#[derive(Deserialize, ToSchema)]
pub struct ListTeamMembers {
    team_id: TeamId,
    /// The largest number of members; 50 when absent.
    #[schema(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The next_cursor of the answer before.
    cursor: Option<String>,
}

/// A page of a team's members.
#[derive(Serialize, ToSchema)]
pub struct MemberPage {
    /// The newest first.
    items: Vec<Member>,
    /// The `cursor` of the next page; null on the last page.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl Tool for ListTeamMembers {
    type Output = MemberPage;
    const NAME: &'static str = "list_team_members";
    const TITLE: &'static str = "List the members of a team";
    const DESCRIPTION: &'static str = "Lists the members of a team with names, email addresses and roles. Use it to find \
        out who somebody is before sharing a task with them.";
    const EFFECT: Effect = Effect::Read;

    async fn call(self, app: &AppState, user: &AuthenticatedUser) -> Result<MemberPage> {
        let query = ListQuery { limit: self.limit, cursor: self.cursor };
        let team = self.team_id;
        let List { items, next_cursor } =
            app.db.scope(user).read(|scope| Box::pin(teams::service::members(scope, team, query.clone()))).await?;
        Ok(MemberPage { items, next_cursor })
    }
}
