//! The page of a day: what is overdue, what is due today and in the next seven days, and what has no day. Each part is
//! the island of the task list with its own query.

use axum::{extract::State, response::Response};
use chrono_tz::Tz;
use leptos::prelude::*;

use super::{
    listed::{self, ListedTask},
    page::link_to,
    page_query::page_query,
    selection::{SelectSwitch, SelectionBar},
    views::{TaskRows, common_parts, task_list},
};
use crate::{
    auth::PageUser,
    scripts::{self, inline_script},
    ui::{
        error_page::PageError,
        forms::{FormErrors, QUICK_ADD},
        quick_add::AddBox,
        shell::{Page, render},
    },
};
use tallyboard_core::{app::AppState, membership::service::my_teams};
use tallyboard_db::Scope;
use tallyboard_model::{
    error::Result,
    language::{t, t_with, text},
    list::List,
    membership::ListedTeam,
    tasks::{AccessFilter, Due, Sort, TaskFilter, TaskStatus},
};

/// A part of the page.
struct Part {
    heading: &'static str,
    due: Due,
    /// Where one click moves its tasks to.
    move_to: &'static str,
    /// Where a task moves that is dragged here.
    drop: Option<&'static str>,
    empty: &'static str,
    /// How many it shows; its heading leads to all of them.
    limit: u32,
}

const PARTS: [Part; 4] = [
    Part {
        heading: text("Overdue"),
        due: Due::Overdue,
        move_to: listed::TODAY,
        drop: None,
        empty: text("Nothing is overdue."),
        limit: 10,
    },
    Part {
        heading: text("Today"),
        due: Due::Today,
        move_to: listed::TOMORROW,
        drop: Some(listed::TODAY),
        empty: text("Nothing due today"),
        limit: 100,
    },
    Part {
        heading: text("Next 7 days"),
        due: Due::Week,
        move_to: listed::TODAY,
        drop: Some(listed::TOMORROW),
        empty: text("Nothing in the next seven days."),
        limit: 50,
    },
    Part {
        heading: text("Without a date"),
        due: Due::None,
        move_to: listed::TODAY,
        drop: Some(listed::NO_DAY),
        empty: text("Every task has a date."),
        limit: 10,
    },
];

impl Part {
    fn filter(&self) -> TaskFilter {
        TaskFilter {
            access: Some(AccessFilter::Change),
            due: Some(self.due),
            status: Some(TaskStatus::Pending),
            sort: Some(if self.due == Due::None { Sort::Newest } else { Sort::Due }),
            limit: Some(self.limit),
            ..TaskFilter::default()
        }
    }
}

/// The tasks of each part, and the teams of the user.
async fn read(scope: &mut Scope, zone: Tz) -> Result<(Vec<List<ListedTask>>, Vec<ListedTeam>)> {
    let teams = my_teams(scope).await?;
    let mut lists = Vec::with_capacity(PARTS.len());
    for part in &PARTS {
        lists.push(listed::page(scope, zone, &teams, part.filter()).await?);
    }
    Ok((lists, teams))
}

/// `/today`
pub async fn today(
    State(app): State<AppState>,
    PageUser(user): PageUser,
    errors: FormErrors,
) -> Result<Response, PageError> {
    let zone = user.time_zone();
    let (lists, teams) = app.db.scope(&user).read(|scope| Box::pin(read(scope, zone))).await?;
    let page = Page::of(&app, &user, "Today").with_islands();
    let typed = errors.of(QUICK_ADD).input("text").unwrap_or_default();
    let seconds_left_today = listed::seconds_left_today(zone);
    let body = move || {
        let parts = PARTS.iter().zip(lists);
        let parts = parts.map(|(part, found)| part_view(part, found, &teams, &typed)).collect_view();
        view! {
            <div class="page-head">
                <h1>{t("Today")}</h1>
                <SelectSwitch />
            </div>
            {errors.message()}
            {parts}
            <SelectionBar teams=teams.clone() />
            {common_parts(&teams, seconds_left_today)}
            {inline_script(&scripts::DRAG)}
        }
    };
    Ok(render(&app.assets, page, body))
}

fn part_view(part: &'static Part, found: List<ListedTask>, teams: &[ListedTeam], typed: &str) -> impl IntoView + use<> {
    let filter = part.filter();
    let query = page_query(&filter);
    let all = link_to(&TaskFilter { limit: None, ..filter });
    let add =
        (part.due == Due::Today).then(|| AddBox { typed: typed.to_owned(), team: None, day: Some(listed::TODAY) });
    let rows = TaskRows {
        tasks: found.items,
        teams: teams.to_vec(),
        query,
        move_to: Some(part.move_to),
        editing: None,
        errors: FormErrors::default(),
        days: None,
    };
    view! {
        <section class="day" class:overdue=part.due == Due::Overdue aria-label=t(part.heading) data-day=part.drop>
            <h2>
                {t(part.heading)} <a href=all aria-label=t_with("{heading}: all", &[("heading", &t(part.heading))])>{t("All")}</a>
            </h2>
            {task_list(&rows, add, t(part.empty))}
        </section>
    }
}
